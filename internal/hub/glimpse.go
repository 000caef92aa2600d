package hub

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const opGlimpse = "glimpse"

type glimpseAnswer struct {
	rate
	Repository *struct {
		ID          string       `json:"id"`
		DatabaseID  int64        `json:"databaseId"`
		IsArchived  bool         `json:"isArchived"`
		Label       *labelAnswer `json:"label"`
		Security    *labelAnswer `json:"security"`
		PullRequest *struct {
			ID         string                  `json:"id"`
			Number     int                     `json:"number"`
			State      string                  `json:"state"`
			HeadRefOID string                  `json:"headRefOid"`
			Labels     connection[labelAnswer] `json:"labels"`
			Commits    connection[struct {
				Commit *struct {
					OID    string `json:"oid"`
					Suites struct {
						Nodes []struct {
							Runs struct {
								Nodes []glimpsedRun `json:"nodes"`
							} `json:"checkRuns"`
						} `json:"nodes"`
					} `json:"checkSuites"`
				} `json:"commit"`
			}] `json:"commits"`
		} `json:"pullRequest"`
	} `json:"repository"`
}

type glimpsedRun struct {
	ID         string     `json:"id"`
	DatabaseID int64      `json:"databaseId"`
	Name       string     `json:"name"`
	Status     string     `json:"status"`
	Conclusion *string    `json:"conclusion"`
	ExternalID *string    `json:"externalId"`
	StartedAt  *time.Time `json:"startedAt"`
}

// run is the check-run, which is the App's.
func (r glimpsedRun) run(app int64) checks.Run {
	return checks.Run{
		ID: r.ID, DatabaseID: r.DatabaseID, Name: r.Name, AppID: app, Status: strings.ToLower(r.Status),
		Conclusion: strings.ToLower(text(r.Conclusion)), ExternalID: text(r.ExternalID), Started: value(r.StartedAt),
	}
}

// Glimpse reads just enough of a pull request to say on it that it could not be
// judged: where it is, its labels, and our newest "Merge Requirements". It asks
// for so little that it may succeed where [Hub.Read] does not.
func (h *Hub) Glimpse(ctx context.Context, s checks.Subject) (checks.Pull, error) {
	c, err := h.client(s.Installation)
	if err != nil {
		return checks.Pull{}, err
	}
	var a glimpseAnswer
	vars := map[string]any{
		"owner": s.Owner, "name": s.Repo, "number": s.Number,
		"label": checks.LabelMet, "security": checks.LabelSecurity, "merge": checks.RunMerge, "app": h.cfg.AppID,
	}
	at, fails, err := h.ask(ctx, c, question{op: opGlimpse, text: h.text.glimpse, vars: vars}, &a)
	if err != nil {
		return checks.Pull{}, err
	}
	if err := accept(opGlimpse, fails, func([]string, failure) bool { return false }); err != nil {
		return checks.Pull{}, err
	}
	if a.Repository == nil || a.Repository.PullRequest == nil || s.RepoID != 0 && a.Repository.DatabaseID != s.RepoID {
		return checks.Pull{}, &Error{Op: opGlimpse, Status: http.StatusOK, What: "GitHub gave no such pull request", gone: true}
	}
	h.remember(a.Repository.DatabaseID, func(ids *repoIDs) {
		ids.node = a.Repository.ID
		ids.know(checks.LabelMet, a.Repository.Label)
		ids.know(checks.LabelSecurity, a.Repository.Security)
	})
	return a.pull(s, at, h.cfg.AppID), nil
}

func (a glimpseAnswer) pull(s checks.Subject, at time.Time, app int64) checks.Pull {
	p := a.Repository.PullRequest
	out := checks.Pull{
		At: at, Number: p.Number, ID: p.ID, Open: p.State == "OPEN", AppID: app,
		Repo: checks.Repo{ID: a.Repository.DatabaseID, Owner: s.Owner, Name: s.Repo, Archived: a.Repository.IsArchived},
		Head: checks.Ref{SHA: p.HeadRefOID},
	}
	for _, l := range p.Labels.Nodes {
		out.Labels = append(out.Labels, l.Name)
	}
	for _, n := range p.Commits.Nodes {
		if n.Commit == nil || n.Commit.OID != p.HeadRefOID {
			continue
		}
		for _, suite := range n.Commit.Suites.Nodes {
			for _, r := range suite.Runs.Nodes {
				out.Runs = append(out.Runs, r.run(app))
			}
		}
	}
	return out
}
