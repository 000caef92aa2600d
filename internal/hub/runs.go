package hub

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opRuns = "runs"
	// runPages are how many pages of a hundred runs on one commit are read, and
	// branchPages how many of those on a branch.
	runPages, branchPages = 3, 2
)

// runAnswer is a workflow run as REST tells it (docs, "Workflow runs"); of what
// may be null the zero value means the same.
type runAnswer struct {
	ID         int64     `json:"id"`
	Attempt    int       `json:"run_attempt"`
	Number     int       `json:"run_number"`
	Path       string    `json:"path"`
	Name       string    `json:"name"`
	Event      string    `json:"event"`
	SHA        string    `json:"head_sha"`
	Branch     string    `json:"head_branch"`
	Status     string    `json:"status"`
	Conclusion string    `json:"conclusion"`
	URL        string    `json:"html_url"`
	Created    time.Time `json:"created_at"`
	Updated    time.Time `json:"updated_at"`
	Repo       struct {
		ID   int64  `json:"id"`
		Name string `json:"full_name"`
	} `json:"repository"`
	HeadRepo struct {
		ID int64 `json:"id"`
	} `json:"head_repository"`
	Uses []struct {
		Path string `json:"path"`
	} `json:"referenced_workflows"`
	Actor restActor `json:"actor"`
}

// WorkflowRuns are the workflow runs on a commit, the newest attempt of each.
// cut says that there are more than the 300 that are listed.
func (h *Hub) WorkflowRuns(ctx context.Context, s checks.Subject, sha string) (runs []checks.WorkflowRun, cut bool, err error) {
	if !isCommit(sha) {
		return nil, false, &Error{Op: opRuns, What: "asked for the runs of what is no commit"}
	}
	got, cut, err := h.listRuns(ctx, s, url.Values{"head_sha": {sha}}, runPages)
	if err != nil {
		return nil, false, err
	}
	for _, r := range got {
		if r.SHA != sha {
			return nil, false, &Error{Op: opRuns, Status: http.StatusOK, What: "GitHub gave a run of another commit"}
		}
		runs = append(runs, r.run(s))
	}
	return runs, cut, nil
}

// BranchRuns are the runs for pushes to a branch of this repository that were
// created not after before, newest first, at most 200. Runs for a fork's branch
// of the same name are left out.
func (h *Hub) BranchRuns(ctx context.Context, s checks.Subject, branch string, before time.Time) ([]checks.WorkflowRun, error) {
	q := url.Values{"event": {"push"}, "branch": {branch}, "created": {"<=" + before.UTC().Format(time.RFC3339)}}
	got, _, err := h.listRuns(ctx, s, q, branchPages)
	if err != nil {
		return nil, err
	}
	var runs []checks.WorkflowRun
	for _, r := range got {
		if r.Event == "push" && r.Branch == branch && r.HeadRepo.ID == r.Repo.ID && !r.Created.After(before) {
			runs = append(runs, r.run(s))
		}
	}
	slices.SortStableFunc(runs, func(a, b checks.WorkflowRun) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID))
	})
	return runs, nil
}

// WorkflowRun is one run, in its newest attempt. That there is none is a
// [Fault].
func (h *Hub) WorkflowRun(ctx context.Context, s checks.Subject, id int64) (checks.WorkflowRun, error) {
	c, err := h.client(s.Installation)
	if err != nil {
		return checks.WorkflowRun{}, err
	}
	var r runAnswer
	_, err = h.get(ctx, c, resource{s, opRuns, fmt.Sprintf("actions/runs/%d", id)}, nil, into(&r))
	if err == nil {
		err = r.check(s)
	}
	if err == nil && r.ID != id {
		err = &Error{Op: opRuns, Status: http.StatusOK, What: "GitHub gave another run"}
	}
	if err != nil {
		return checks.WorkflowRun{}, faultIfMissing(opRuns, err, fmt.Sprintf("GitHub has no workflow run %d in this repository", id))
	}
	return r.run(s), nil
}

// listRuns reads pages of runs, each run once: a new one moves the others on to
// the next page.
func (h *Hub) listRuns(ctx context.Context, s checks.Subject, q url.Values, pages int) (list []runAnswer, cut bool, err error) {
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, false, err
	}
	q.Set("per_page", "100")
	seen := map[int64]bool{}
	for page := 1; page != 0; {
		if page > pages {
			return list, true, nil
		}
		q.Set("page", strconv.Itoa(page))
		var a struct {
			Runs []runAnswer `json:"workflow_runs"`
		}
		next, err := h.get(ctx, c, resource{s, opRuns, "actions/runs"}, q, into(&a))
		if err != nil {
			return nil, false, err
		}
		if a.Runs == nil {
			return nil, false, &Error{Op: opRuns, Status: http.StatusOK, What: "GitHub gave no list of workflow runs"}
		}
		for _, r := range a.Runs {
			if err := r.check(s); err != nil {
				return nil, false, err
			}
			if !seen[r.ID] {
				seen[r.ID] = true
				list = append(list, r)
			}
		}
		page = next
	}
	return list, false, nil
}

// check refuses a run that is of another repository, or not told in full.
func (r *runAnswer) check(s checks.Subject) error {
	switch {
	case r.ID == 0 || r.SHA == "" || r.Path == "" || r.Status == "" || r.Repo.ID == 0:
		return &Error{Op: opRuns, Status: http.StatusOK, What: "GitHub left out what a workflow run is"}
	case s.RepoID != 0 && r.Repo.ID != s.RepoID:
		return &Error{Op: opRuns, Status: http.StatusOK, What: "GitHub gave a workflow run of another repository"}
	}
	return nil
}

func (r *runAnswer) run(s checks.Subject) checks.WorkflowRun {
	out := checks.WorkflowRun{
		ID: r.ID, Attempt: r.Attempt, Number: r.Number, Path: workflowFile(r.Path), Name: r.Name, Event: r.Event,
		SHA: r.SHA, Branch: r.Branch, HeadRepo: r.HeadRepo.ID, Status: r.Status, Conclusion: r.Conclusion,
		URL: r.URL, Created: r.Created, Updated: r.Updated,
	}
	home := strings.ToLower(cmp.Or(r.Repo.Name, s.Owner+"/"+s.Repo)) + "/"
	for _, u := range r.Uses {
		if len(u.Path) > len(home) && strings.ToLower(u.Path[:len(home)]) == home {
			out.Uses = append(out.Uses, workflowFile(u.Path[len(home):]))
		}
	}
	return out
}

// workflowFile is a workflow's path without the "@ref" that GitHub may put
// behind it. A path that ends like a file is one: "@" may stand in file names,
// and "ci.yml@x.yml" must not pass for ci.yml.
func workflowFile(path string) string {
	for _, end := range []string{".yml", ".yaml"} {
		if strings.HasSuffix(path, end) {
			return path
		}
	}
	for _, end := range []string{".yml@", ".yaml@"} {
		if i := strings.LastIndex(path, end); i >= 0 {
			return path[:i+len(end)-1]
		}
	}
	return path
}
