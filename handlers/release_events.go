package handlers

import (
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// longestTag is the longest name of a tag that is heeded, in bytes; GitHub takes 255.
const longestTag = 255

// release touches the release of a tag. Whether its tags are releases is for the store
// to say.
func (e *event) release(tag string, delay time.Duration) {
	if e.d.Repo.ID != 0 && isTag(tag) {
		e.touch(store.Touch{Kind: checks.KindRelease, Name: tag, Delay: delay})
	}
}

// releaseAt touches the releases at a commit, as far as they are known.
func (e *event) releaseAt(sha string, delay time.Duration) {
	if e.d.Repo.ID != 0 && isCommit(sha) {
		e.touch(store.Touch{Kind: checks.KindRelease, At: sha, Delay: delay})
	}
}

func isTag(name string) bool {
	return name != "" && len(name) <= longestTag && !strings.ContainsAny(name, "\x00\n\r")
}

// tagMade heeds that a tag was made or deleted; where it is, its push tells.
func tagMade(e *event) {
	if e.RefType == "tag" {
		e.release(e.Ref, soon)
	}
}

// tagPushed tells who put a tag where it is, which nobody can be asked later.
func (e *event) tagPushed(tag string, f store.RefMoved) {
	if !isTag(tag) {
		return
	}
	switch {
	case f.After != "":
		put := store.TagPut{Name: tag, OID: f.After, By: f.By, At: e.d.ReceivedAt}
		if isCommit(e.HeadCommit.ID) {
			put.Commit = e.HeadCommit.ID
		}
		e.tell(put)
	default:
		e.tell(store.TagDeleted{Name: tag, OID: f.Before, By: f.By, At: e.d.ReceivedAt.Add(e.skew)})
	}
	e.release(tag, soon)
}

// releasePage heeds GitHub's own release of a tag, and of the one that it was of
// before. That handrail has published it comes back as an echo, which is heeded, too:
// publishing may be all that was left to do.
func releasePage(e *event) {
	e.release(e.Release.Tag, soon)
	if was := e.Changes.Tag; was != nil {
		e.release(was.From, soon)
	}
}

// buttonPressed tells of a button of a release; pressed says whether it was one. Who
// may press it is decided when it is heard.
func (e *event) buttonPressed(r run) (pressed bool) {
	id := e.RequestedAction.Identifier
	if e.Action != "requested_action" || r.ID <= 0 || !isReleaseButton(id) {
		return false
	}
	if e.d.Repo.ID != 0 && isCommit(r.HeadSHA) && e.Sender.Login != "" {
		e.tell(store.ButtonPressed{Run: r.ID, Name: r.Name, Head: r.HeadSHA, Identifier: id, By: e.Sender.actor(), At: e.d.ReceivedAt.Add(e.skew)})
		e.releaseAt(r.HeadSHA, soon)
	}
	return true
}

// isReleaseButton says whether an identifier is one that handrail gives to a button of a
// release: what it does, and the first digits of the candidate that it was shown for.
func isReleaseButton(identifier string) bool {
	what, candidate, ok := strings.Cut(identifier, ":")
	return ok && (what == "sign" || what == "reject" || what == "promote") &&
		len(candidate) == checks.ShortCandidate && strings.Trim(candidate, "0123456789abcdef") == ""
}

// issueSaid heeds what is said or done on an issue that may be a release's tracking
// issue, which is for the store to say.
func (e *event) issueSaid() {
	if e.d.Repo.ID != 0 && e.Issue.Number > 0 && !e.own() {
		e.tell(store.IssueSpoken{Issue: e.Issue.Number})
	}
}

// issueChanged heeds what others do to a tracking issue.
func issueChanged(e *event) {
	heeded := []string{"edited", "closed", "reopened", "deleted", "transferred", "labeled", "unlabeled"}
	if e.Issue.PullRequest == nil && slices.Contains(heeded, e.Action) {
		e.issueSaid()
	}
}

// deploymentStatus tells how a deployment went, of whichever commit: another one than
// a release's in an environment that is guarded is to be found.
func deploymentStatus(e *event) {
	s, of := e.DeploymentStatus, e.Deployment
	f := store.Deployed{ID: of.ID, Environment: s.Environment, State: s.State, Commit: of.SHA, At: e.clock(s.UpdatedAt)}
	if f.Environment == "" {
		f.Environment = of.Environment
	}
	if e.d.Repo.ID == 0 || f.ID <= 0 || f.Environment == "" || f.State == "" || !isCommit(f.Commit) {
		return
	}
	e.tell(f)
	e.releaseAt(f.Commit, soon)
}
