package checks

import (
	"fmt"
	"strings"
	"time"
)

// repairLimit is how often an hour the label is put right on one pull request
// before it is left and reported, as a finding instead of a war (product.md,
// "Names").
const repairLimit = 3

// labelState is how the label is and how it ought to be.
type labelState struct {
	has, want bool
	// foreign says that it was not handrail who set or removed it.
	foreign bool
	// settled is when it may be put right again; zero if it may be now.
	settled time.Time
}

func labelOf(v Verdict, pull *Pull) labelState {
	l := labelState{want: v.State.Passes() && !v.Observe}
	for _, name := range pull.Labels {
		l.has = l.has || strings.EqualFold(name, LabelMet)
	}
	l.foreign = l.has != pull.Memory.Labelled
	if !l.foreign {
		return l
	}
	n := 0
	for _, t := range pull.Memory.LabelRepairs {
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
	return l
}

// planLabel says what is to be done about the label, if anything.
func planLabel(v Verdict, pull *Pull) (a Action, due bool) {
	l := labelOf(v, pull)
	switch {
	case l.has == l.want, !l.settled.IsZero():
		return Action{}, false
	case l.want:
		return Action{Kind: AddLabel, Label: LabelMet, Repair: l.foreign}, true
	case v.Observe && l.foreign:
		return Action{}, false // where handrail only observes, the label is not its own
	}
	return Action{Kind: RemoveLabel, Label: LabelMet, Repair: l.foreign}, true
}

// labelLeft reports a label that others set or remove again and again, and that
// is therefore left as it is for a while. It blocks nothing; the table does.
func labelLeft(v Verdict, pull *Pull) (Result, bool) {
	l := labelOf(v, pull)
	if l.has == l.want || l.settled.IsZero() || v.Observe {
		return Result{}, false
	}
	is, ought := "is missing", "set"
	if l.has {
		is, ought = "is there", "removed"
	}
	return Result{
		ID: IDLabel, Name: "Label", State: Unmet, Observed: true, Until: l.settled,
		Summary: fmt.Sprintf("The label %q %s and ought to be %s: somebody keeps changing it. It was put right %d times within the hour and is left until %s UTC; this table is what holds.",
			LabelMet, is, ought, repairLimit, l.settled.UTC().Format("15:04")),
		Can: []string{"whoever changes the label"},
	}, true
}
