package hub

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const opRelease = "release"

// Release reads a release whole, as it is now, and the policy texts that it is judged
// by: the repository's on its default branch, and the organisation's floor. issue is
// the number of its tracking issue, 0 for none yet. It takes one request, a second one
// where GitHub has a release of the tag, and more where lists are long.
//
// What only our own record knows is left empty, as are the evidence and what
// [Hub.CompleteRelease] fills in. A tag that is not there is Gone; then nothing is
// known of the rest.
func (h *Hub) Release(ctx context.Context, s checks.Subject, issue int) (checks.Release, []checks.Source, error) {
	c, err := h.client(s.Installation)
	if err != nil {
		return checks.Release{}, nil, err
	}
	r := releaseReading{h: h, c: c, s: s, issue: issue, ids: h.recall(s.RepoID)}
	if err := r.first(ctx); err != nil {
		return checks.Release{}, nil, err
	}
	if err := r.rest(ctx); err != nil {
		return checks.Release{}, nil, err
	}
	r.keep()
	out, err := r.release(ctx)
	if err != nil {
		return checks.Release{}, nil, err
	}
	sources, err := r.sources(ctx)
	return out, sources, err
}

// releaseReading is one read of a release.
type releaseReading struct {
	h     *Hub
	c     *client
	s     checks.Subject
	issue int
	ids   repoIDs

	at     time.Time
	answer releaseAnswer
	fails  []failure
	// commentsCut says that the issue has more comments than were read.
	commentsCut bool
}

// first makes the one request, and refuses every answer that is not whole.
func (r *releaseReading) first(ctx context.Context) error {
	vars := map[string]any{
		"owner": r.s.Owner, "name": r.s.Repo, "ref": "refs/tags/" + r.s.Name, "tag": r.s.Name, "label": checks.LabelRelease,
		"collaborators": !r.ids.hidden, "issue": r.issue, "hasIssue": r.issue > 0,
	}
	var err error
	r.at, r.fails, err = r.h.ask(ctx, r.c, question{op: opRelease, text: r.h.text.release, vars: vars}, &r.answer)
	if err != nil {
		return err
	}
	if err := accept(opRelease, r.fails, tolerateRelease); err != nil {
		return err
	}
	repo := r.answer.Repository
	if repo == nil || r.s.RepoID != 0 && repo.DatabaseID != r.s.RepoID {
		return anotherRepository(opRelease)
	}
	if d := repo.Default; d != nil && (d.Target == nil || d.Target.OID == "") {
		return releaseFault("GitHub did not say where the default branch is")
	}
	return nil
}

// tolerateRelease knows the failures that are answers: a floor, a policy or an issue
// that is not there, a list of people that is not shown to Apps like ours.
func tolerateRelease(path []string, f failure) bool {
	switch at := strings.Join(path, "."); {
	case at == "floor":
		return f.Type == notFound || f.Type == forbidden
	case path[len(path)-1] == "policy", at == "repository.issue":
		return f.Type == notFound
	case at == "repository.collaborators":
		return f.Type == forbidden
	}
	return false
}

func releaseFault(what string) *Error {
	return &Error{Op: opRelease, Status: http.StatusOK, What: what}
}

// keep remembers what writing will need.
func (r *releaseReading) keep() {
	repo := r.answer.Repository
	r.h.remember(repo.DatabaseID, func(ids *repoIDs) {
		ids.node = repo.ID
		ids.hidden = repo.Collaborators == nil
		ids.crowded = repo.Collaborators != nil && !repo.Collaborators.whole()
		ids.know(checks.LabelRelease, repo.Label)
	})
}

// release makes the snapshot of what was read, and reads GitHub's release of the tag.
func (r *releaseReading) release(ctx context.Context) (checks.Release, error) {
	repo := r.answer.Repository
	out := checks.Release{
		At: r.at, AppID: r.h.cfg.AppID,
		Repo: checks.Repo{ID: repo.DatabaseID, Owner: repo.Owner.Login, Name: repo.Name, Private: repo.IsPrivate, Archived: repo.IsArchived},
	}
	if repo.Default != nil {
		out.Repo.DefaultBranch = repo.Default.Name
		out.BranchRequires = required(&repo.Default.baseAnswer)
	}
	var err error
	if out.Tag, err = repo.Ref.tag(opRelease, r.s.Name); err != nil {
		return out, err
	}
	if out.Page, err = r.page(ctx); err != nil {
		return out, err
	}
	if list := r.contexts(); list != nil {
		for _, n := range list.Nodes {
			out.Runs = append(out.Runs, n.run())
		}
	}
	out.Issue = r.tracking()
	out.People = r.people(out)
	return out, nil
}

// contexts is the list of the checks on the tag's commit, nil where it has none.
func (r *releaseReading) contexts() *connection[contextAnswer] {
	ref := r.answer.Repository.Ref
	if ref == nil {
		return nil
	}
	commit := ref.Target.commit()
	if commit == nil || commit.Rollup == nil {
		return nil
	}
	return commit.Rollup.Contexts
}

// people is everybody in the list of collaborators; where that has everybody, those
// who have to do with the release and are not on it have what outsiders have.
func (r *releaseReading) people(out checks.Release) map[string]checks.Person {
	list := r.answer.Repository.Collaborators
	if list == nil {
		return nil
	}
	all := map[string]checks.Person{}
	for _, e := range list.Edges {
		if e != nil && e.Node != nil {
			all[strings.ToLower(e.Node.Login)] = checks.Person{Login: e.Node.Login, Permission: strings.ToLower(e.Permission)}
		}
	}
	if !list.whole() {
		return all
	}
	logins := []string{out.Tag.Named.Login, out.Page.Author.Login}
	for _, c := range out.Issue.Comments {
		logins = append(logins, c.Author.Login)
	}
	for _, l := range logins {
		key := strings.ToLower(l)
		if _, known := all[key]; !known && account(key) {
			all[key] = checks.Person{Login: l, Permission: outsider(out.Repo.Private)}
		}
	}
	return all
}

// sources are the policy texts.
func (r *releaseReading) sources(ctx context.Context) ([]checks.Source, error) {
	repo := r.answer.Repository
	from := reading{h: r.h, c: r.c, s: r.s, at: r.at, fails: r.fails}
	from.answer.Repository = &repositoryAnswer{Name: repo.Name, Owner: repo.Owner}
	from.answer.Floor = r.answer.Floor
	own := checks.Source{Repo: repo.Owner.Login + "/" + repo.Name, Path: checks.PolicyPath, Absent: true}
	if repo.Default != nil {
		own.Commit = repo.Default.Target.OID
		if err := from.source(ctx, &own, repo.Default.Target.Policy); err != nil {
			return nil, err
		}
	}
	floor, err := from.floor(ctx)
	return []checks.Source{own, floor}, err
}
