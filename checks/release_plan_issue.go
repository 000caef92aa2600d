package checks

import (
	"strconv"
	"strings"
	"time"
)

// bearing is what an action does to what people may rely on.
type bearing int

const (
	nothing bearing = iota
	takesAway
	onlySays
	grants
)

// planIssue is what is to be done about the tracking issue. One is made once it is known
// what the release brings, and not for one that is over.
func (w *releaseView) planIssue() (Action, bearing) {
	i := &w.r.Issue
	if i.Denied {
		return Action{}, nothing
	}
	want := w.issue()
	if i.Number == 0 {
		if !w.rules.Issue || !want.Open || !w.begun() {
			return Action{}, nothing
		}
		return Action{Kind: CreateIssue, Issue: &want}, onlySays
	}
	has, labels := releaseLabelled(i.Labels), len(want.Labels) > 0
	if i.Title == want.Title && i.Shown == want.Digest && i.Open == want.Open && has == labels {
		return Action{}, nothing
	}
	key, ok := w.repair(want.Digest)
	if !ok {
		return Action{}, nothing
	}
	a := Action{Kind: UpdateIssue, Issue: &want, Remind: []string{key}}
	switch {
	case has && !labels:
		return a, takesAway
	case labels && !has:
		return a, grants
	}
	return a, onlySays
}

// begun says whether there is something to talk about.
func (w *releaseView) begun() bool {
	switch w.v.Phase {
	case PhaseCandidate, PhaseSigning, PhaseApproved, PhasePromoting, PhaseRejected:
		return !w.r.Tag.Gone && w.r.Tag.Commit != ""
	case PhaseReleased, PhaseDeployed:
		return w.owed()
	}
	return false
}

// repair says whether the issue may be given a text, and by which mark that is
// remembered. The same text is written three times an hour at most: when it is not there
// then, somebody keeps changing it, which is left for a while instead of a war.
func (w *releaseView) repair(digest string) (key string, ok bool) {
	prefix := "issue " + digest + " "
	all, recent := 0, 0
	for key, at := range w.r.Memory.Reminded {
		if strings.HasPrefix(key, prefix) {
			all++
			if w.r.At.Sub(at) < time.Hour {
				recent++
			}
		}
	}
	return prefix + strconv.Itoa(all+1), recent < repairLimit
}
