package checks

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// repairLimit is how often an hour a label is put right on one pull request
// before it is left and reported, as a finding instead of a war (product.md,
// "Names").
const repairLimit = 3

// labelState is how one of our labels is and how it ought to be.
type labelState struct {
	name      string
	has, want bool
	// foreign says that it was not handrail who set or removed it.
	foreign bool
	// lax says that the label is not handrail's own here: only what it set itself
	// is taken away.
	lax bool
	// settled is when it may be put right again; zero if it may be now.
	settled time.Time
}

// metLabel is the label that says that all is met.
func metLabel(v *Verdict, pull *Pull) labelState {
	l := labelState{name: LabelMet, want: v.State.Passes() && !v.Observe, lax: v.Observe}
	l.look(pull, LabelMemory{Given: pull.Memory.Labelled, Repairs: pull.Memory.LabelRepairs})
	return l
}

// reviewLabel is the label that says that a security review is needed and not
// given. As long as that is not known it stays as it is.
func reviewLabel(v *Verdict, pull *Pull) labelState {
	open, known := openReview(v)
	l := labelState{name: LabelSecurity, want: open}
	l.look(pull, pull.Memory.Security)
	switch {
	case known:
	case v.Invalid && !v.Observe, judgesSecurity(v):
		l.want = l.has
	default:
		l.lax = true
	}
	return l
}

// judgesSecurity says whether a section security blocks.
func judgesSecurity(v *Verdict) bool {
	return !v.Observe && slices.ContainsFunc(v.Results, func(r Result) bool { return r.ID == "security" && !r.Observed })
}

// look compares the label with what handrail remembers of it.
func (l *labelState) look(pull *Pull, memory LabelMemory) {
	for _, name := range pull.Labels {
		l.has = l.has || strings.EqualFold(name, l.name)
	}
	l.foreign = l.has != memory.Given
	if !l.foreign {
		return
	}
	n := 0
	for _, t := range memory.Repairs {
		if pull.At.Sub(t) < time.Hour {
			n++
			if end := t.Add(time.Hour); l.settled.IsZero() || end.Before(l.settled) {
				l.settled = end
			}
		}
	}
	if n < repairLimit {
		l.settled = time.Time{}
	}
}

// plan says what is to be done about the label, if anything.
func (l *labelState) plan() (a Action, due bool) {
	switch {
	case l.has == l.want, !l.settled.IsZero():
		return Action{}, false
	case l.want:
		return Action{Kind: AddLabel, Label: l.name, Repair: l.foreign}, true
	case l.lax && l.foreign:
		return Action{}, false
	}
	return Action{Kind: RemoveLabel, Label: l.name, Repair: l.foreign}, true
}

// labelsLeft report the labels that others set or remove again and again, and
// that are therefore left as they are for a while. That blocks nothing; the
// table does.
func labelsLeft(v *Verdict, pull *Pull) []Result {
	var out []Result
	met, review := metLabel(v, pull), reviewLabel(v, pull)
	if r, left := met.left(IDLabel); left {
		out = append(out, r)
	}
	if r, left := review.left(IDReviewLabel); left {
		out = append(out, r)
	}
	return out
}

func (l *labelState) left(id string) (Result, bool) {
	if l.has == l.want || l.settled.IsZero() || l.lax {
		return Result{}, false
	}
	is, ought := "is missing", "set"
	if l.has {
		is, ought = "is there", "removed"
	}
	return Result{
		ID: id, Name: "Label", State: Unmet, Observed: true, Until: l.settled,
		Summary: fmt.Sprintf("The label %q %s and ought to be %s: somebody keeps changing it. It was put right %d times within the hour and is left until %s UTC; this table is what holds.",
			l.name, is, ought, repairLimit, l.settled.UTC().Format("15:04")),
		Can: []string{"whoever changes the label"},
	}, true
}
