package handlers

import (
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// event is a delivery that is being understood.
type event struct {
	*payload
	// app is our own App's id; bot is its bot's login, "" while it is unknown.
	app int64
	bot string
	api string // where GitHub's REST interface is
	log *zerolog.Logger
	d   *store.Delivery
	// skew is by how much GitHub's clock is ahead of ours, by which d was received.
	skew time.Duration
}

// own says whether it was ourselves who caused the event.
func (e *event) own() bool { return e.bot != "" && strings.EqualFold(e.Sender.Login, e.bot) }

func (e *event) touch(t store.Touch) {
	if !slices.Contains(e.d.Touches, t) {
		e.d.Touches = append(e.d.Touches, t)
	}
}

// pull touches one pull request. Where a body is too odd to say which, it is
// every one of the repository.
func (e *event) pull(number int, delay time.Duration) {
	switch {
	case e.d.Repo.ID == 0:
	case number > 0:
		e.touch(store.Touch{Number: number, Delay: delay})
	default:
		e.repo()
	}
}

// head touches the pull requests with a head commit, which is how those from
// forks are found.
func (e *event) head(sha string, delay time.Duration) {
	if e.d.Repo.ID == 0 {
		return
	}
	if !isCommit(sha) {
		e.repo()
		return
	}
	e.touch(store.Touch{Head: sha, Delay: delay})
}

func (e *event) repo() {
	if e.d.Repo.ID != 0 {
		e.touch(store.Touch{Repo: true, Delay: burst})
	}
}

// owner touches every pull request of the organisation or user that the event
// is about.
func (e *event) owner() {
	if login := e.ownerLogin(); login != "" {
		e.touch(store.Touch{Owner: login, Delay: burst})
	}
}

func (e *event) ownerLogin() string {
	if e.d.Repo.Owner != "" {
		return e.d.Repo.Owner
	}
	return e.Organization.Login
}

func (e *event) installation() {
	if e.d.Installation != 0 {
		e.touch(store.Touch{Installation: true, Delay: burst})
	}
}

// team touches the pull requests whose verdict asked for a team or its parent,
// whose members its own count as.
func (e *event) team() {
	for _, slug := range []string{e.Team.Slug, e.Team.Parent.Slug} {
		if org := e.ownerLogin(); slug != "" && org != "" {
			e.touch(store.Touch{Team: org + "/" + slug, Delay: burst})
		}
	}
}

func pullRequest(e *event) {
	number := max(e.Number, e.PullRequest.Number)
	switch e.Action {
	case "assigned", "unassigned", "milestoned", "demilestoned", "locked", "unlocked", "auto_merge_enabled", "auto_merge_disabled",
		"enqueued", "dequeued": // merge_group tells of what follows
		return // no verdict depends on these
	case "labeled", "unlabeled":
		if e.own() {
			return
		}
		e.labelChanged(number)
	case "opened", "reopened", "synchronize", "closed":
		e.headMoved(number)
		// Those that share this head share its check-runs, which show the
		// stricter verdict.
		e.head(e.PullRequest.Head.SHA, soon)
	}
	e.pullChanged(number)
	e.pull(number, soon)
}

func pullReview(e *event) {
	e.reviewSaid()
	e.pull(e.PullRequest.Number, soon)
}

func aboutPull(e *event) { e.pull(e.PullRequest.Number, soon) }

// issueComment heeds comments on pull requests, and on the tracking issues of releases.
func issueComment(e *event) {
	if e.Issue.PullRequest == nil {
		e.issueSaid()
		return
	}
	if e.own() {
		return
	}
	e.commentSaid()
	e.pull(e.Issue.Number, soon)
}

// repoLabel heeds that a label is called otherwise or is no more: the pull
// requests that had it may not be told one by one.
func repoLabel(e *event) {
	if (e.Action == "deleted" || e.Changes.Name != nil) && !e.own() {
		e.repo()
	}
}

// machine touches what the run of a machine is about: the pull requests that it
// lists, known or not, and whoever has the head. For a fork's the list is empty.
// Runs upon a head that is none any more decide nothing.
func (e *event) machine(r run) {
	for _, p := range r.PullRequests {
		ours := p.Base.Repo.ID == 0 || p.Base.Repo.ID == e.d.Repo.ID
		now := p.Head.SHA == "" || p.Head.SHA == r.HeadSHA
		if ours && now && p.Number > 0 {
			e.pull(p.Number, burst)
		}
	}
	e.head(r.HeadSHA, burst)
	e.releaseAt(r.HeadSHA, burst)
}

func checkRun(e *event)   { e.suite(e.CheckRun, e.CheckRun.ID) }
func checkSuite(e *event) { e.suite(e.CheckSuite, 0) }

// workflowRun touches besides, when a run for a push to a branch is over, the
// pull requests that have missed a report of that branch.
func workflowRun(e *event) {
	r := e.WorkflowRun
	e.machine(r)
	e.runEnded(r)
	if e.Action == "completed" && r.Event == "push" && r.HeadBranch != "" && e.d.Repo.ID != 0 && r.HeadRepo.ID == e.d.Repo.ID {
		e.touch(store.Touch{LacksBase: r.HeadBranch, Delay: burst})
	}
}

// suite heeds a check-run or a suite of them. Our own come back as echoes and
// touch nothing, unless somebody has pressed a button on one; run is the
// check-run's id, 0 for all of the suite.
func (e *event) suite(r run, id int64) {
	if r.App.ID != e.app {
		e.machine(r)
		return
	}
	if e.Action != "rerequested" && e.Action != "requested_action" {
		return
	}
	if id != 0 && e.buttonPressed(r) {
		return
	}
	e.rerunAsked(r, id)
	for _, p := range r.PullRequests {
		if p.Number > 0 && (p.Base.Repo.ID == 0 || p.Base.Repo.ID == e.d.Repo.ID) {
			e.pull(p.Number, soon)
		}
	}
	e.head(r.HeadSHA, soon)
	if e.d.Repo.ID != 0 && isCommit(r.HeadSHA) {
		e.touch(store.Touch{Kind: checks.KindGroup, At: r.HeadSHA, Delay: soon})
		e.releaseAt(r.HeadSHA, soon)
	}
}

func commitStatus(e *event) {
	e.head(e.SHA, burst)
	e.releaseAt(e.SHA, burst)
}

func repository(e *event) {
	switch e.Action {
	case "archived", "deleted":
		e.reposRemoved([]repo{e.Repository}) // nothing can be written to it
	case "unarchived":
		e.reposAdded([]repo{e.Repository})
		e.repo()
	case "renamed", "transferred", "privatized", "publicized":
		e.repo()
	case "edited":
		// The floor is read from the default branch.
		if e.Changes.DefaultBranch != nil && isFloorRepo(e.d.Repo) {
			e.owner()
		}
	}
}

// ruleset heeds the rules of a branch, of one repository or of all.
func ruleset(e *event) {
	if e.d.Repo.ID != 0 {
		e.repo()
		e.touch(store.Touch{Branches: true, Delay: burst})
		return
	}
	e.owner()
}

func collaborator(e *event) { e.repo() }

// teamMember heeds who is in a team. Whoever leaves one may lose the permission
// by which an approval counted, also where no policy names the team; what the
// team could reach is not said.
func teamMember(e *event) {
	if e.Team.Deleted {
		return // the team's own event has said so
	}
	e.team()
	if e.Action == "removed" {
		e.owner()
	}
}

func organization(e *event) {
	switch e.Action {
	case "renamed":
		e.installation()
	case "member_added", "member_removed":
		e.owner()
	}
}

// teamChange heeds what a team is called and may do. Which repositories a team
// could reach is not said when it is deleted, nor what it was called in a
// mention when it is renamed.
func teamChange(e *event) {
	if e.Action == "deleted" || e.Changes.Name != nil {
		e.owner()
		return
	}
	e.team()
	e.repo()
}

func installation(e *event) {
	switch e.Action {
	case "deleted", "suspend":
		if e.d.Installation != 0 {
			e.d.Facts = append(e.d.Facts, store.ReposRemoved{All: true})
		}
	default: // created, unsuspend, new_permissions_accepted
		e.reposAdded(e.Repositories)
		if e.d.Action == "unsuspend" && e.d.Installation > 0 {
			e.d.Facts = append(e.d.Facts, store.ReposAdded{All: true}) // it lists none
		}
		e.installation()
	}
}

func installationRepos(e *event) {
	e.reposAdded(e.RepositoriesAdded)
	e.reposRemoved(e.RepositoriesRemoved)
}

func isFloorRepo(r checks.Repo) bool { return strings.EqualFold(r.Name, ".github") }

// isCommit says whether s is a commit's name in full, SHA-1 or SHA-256, and not
// the one of zeros by which GitHub says that there is none.
func isCommit(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == "" && strings.Trim(s, "0") != ""
}
