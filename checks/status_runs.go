package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// checkState is what one required check comes to.
type checkState int

const (
	checkMissing checkState = iota // never reported on this head
	checkPending
	checkFailed // failed, or ended without a word that passes
	checkPassed
)

// finding is what became of one required check. label is its name and, where
// one is asked for, its App; text goes on after it: "has failed".
type finding struct {
	label    string
	state    checkState
	text     string
	evidence []Evidence
}

// findings judges everything that is required, in the order of names.
func (s *Status) findings(pull *Pull) []finding {
	out := make([]finding, 0, len(s.Require)+len(pull.BranchRequires))
	for _, c := range s.Require {
		label := Plain(c.Name)
		if c.App != "" {
			label += " (" + Plain(string(c.App)) + ")"
		}
		out = append(out, judgeRuns(label, pull, func(r *Run) bool {
			return r.Name == c.Name && c.App.posted(r)
		}, func(r *Run) []Conclusion { return c.Allow }))
	}
	if s.BranchRules {
		out = append(out, s.branch(pull)...)
	}
	slices.SortStableFunc(out, func(a, b finding) int {
		return cmp.Or(strings.Compare(a.label, b.label), cmp.Compare(a.state, b.state), strings.Compare(a.text, b.text))
	})
	return out
}

// branch judges what the branch's rules require and the policy does not name.
func (s *Status) branch(pull *Pull) []finding {
	var out []finding
	done := map[Required]bool{}
	required := slices.Clone(pull.BranchRequires)
	slices.SortFunc(required, func(a, b Required) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.AppID, b.AppID))
	})
	for _, q := range required {
		ours := ownName(q.Name) && (q.AppID == 0 || q.AppID == pull.AppID)
		if done[q] || ours || q.AppID == 0 && s.names(q.Name) {
			continue
		}
		done[q] = true
		out = append(out, judgeRuns(Plain(q.Name), pull, func(r *Run) bool {
			return r.Name == q.Name && pinned(q.AppID, r)
		}, s.allowed))
	}
	return out
}

// names says whether the policy requires the name of any App, so that the
// branch's asking for the same adds nothing.
func (s *Status) names(name string) bool {
	return slices.ContainsFunc(s.Require, func(c RequiredCheck) bool { return c.Name == name && c.App == "" })
}

// allowed is what the policy lets pass of a run that the branch's rules ask for.
func (s *Status) allowed(r *Run) []Conclusion {
	var out []Conclusion
	for _, c := range s.Require {
		if c.Name == r.Name && c.App.posted(r) {
			out = append(out, c.Allow...)
		}
	}
	return out
}

// pinned says whether a run can be the one that a branch rule asks of an App.
// Of a commit status GitHub tells only the account, not the App's id: any App's
// is taken and a person's never; GitHub's own gate compares the id.
func pinned(app int64, r *Run) bool {
	if r.Context && app != 0 {
		return strings.HasSuffix(r.Creator, "[bot]")
	}
	return app == 0 || r.AppID == app
}

// judgeRuns judges one requirement by the newest run of each App and, where
// there is one, the commit status: all of them must pass. What handrail posted
// itself is evidence of nothing.
func judgeRuns(label string, pull *Pull, match func(*Run) bool, allow func(*Run) []Conclusion) finding {
	var latest []*Run // the newest of each that posts
	for i := range pull.Runs {
		r := &pull.Runs[i]
		if own(r, pull) || !match(r) {
			continue
		}
		k := slices.IndexFunc(latest, func(o *Run) bool { return o.Context == r.Context && o.AppID == r.AppID })
		switch {
		case k < 0:
			latest = append(latest, r)
		case newer(r, latest[k]):
			latest[k] = r
		}
	}
	f := finding{label: label, state: checkMissing, text: "has not been reported"}
	first := true
	for _, r := range latest {
		state, text := judgeRun(r, allow(r))
		f.evidence = append(f.evidence, runEvidence(r, pull))
		worse := severity(state) < severity(f.state) || state == f.state && text < f.text
		if first || worse {
			f.state, f.text, first = state, text, false
		}
	}
	slices.SortFunc(f.evidence, func(a, b Evidence) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Login, b.Login), strings.Compare(a.ID, b.ID), strings.Compare(a.Text, b.Text))
	})
	return f
}

// severity orders states, worst first: what has failed outweighs what runs.
func severity(s checkState) int {
	return [...]int{checkFailed: 0, checkMissing: 1, checkPending: 2, checkPassed: 3}[s]
}

// newer says whether a counts rather than b: the one started later, then the
// one with the higher number. A run that waits to be started is the newest.
func newer(a, b *Run) bool {
	waits := func(r *Run) int {
		if r.Started.IsZero() && r.Status != "completed" {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(waits(a), waits(b)),
		a.Started.Compare(b.Started),
		cmp.Compare(a.DatabaseID, b.DatabaseID),
		strings.Compare(a.ID, b.ID),
		strings.Compare(b.Status+b.Conclusion, a.Status+a.Conclusion),
	) > 0
}

// endings says how a run ended that did not pass, as the end of a sentence.
var endings = map[string]string{
	"failure":         "has failed",
	"startup_failure": "could not be started",
	"cancelled":       "was cancelled, so it has shown nothing",
	"timed_out":       "timed out",
	"action_required": "wants somebody to act on it",
	"stale":           "was given up by GitHub before it finished",
	"neutral":         "ended neutral, which does not pass here",
	"skipped":         "was skipped, which does not pass here",
}

func judgeRun(r *Run, allow []Conclusion) (checkState, string) {
	switch {
	case r.Status != "completed":
		return checkPending, "has not finished"
	case r.Conclusion == "success" || slices.Contains(allow, Conclusion(r.Conclusion)) && slices.Contains(allowable, r.Conclusion):
		return checkPassed, ""
	}
	if text, ok := endings[r.Conclusion]; ok {
		return checkFailed, text
	}
	return checkFailed, "ended with " + strconv.Quote(Plain(r.Conclusion)) + ", which does not pass"
}

func runEvidence(r *Run, pull *Pull) Evidence {
	e := Evidence{Kind: "check-run", ID: strconv.FormatInt(r.DatabaseID, 10), Login: r.App, Commit: pull.Head.SHA}
	if r.Context {
		e.Kind, e.ID, e.Login = "status", r.ID, r.Creator
	}
	word := r.Conclusion
	if word == "" {
		word = r.Status
	}
	e.Text = r.Name + ": " + word
	return e
}
