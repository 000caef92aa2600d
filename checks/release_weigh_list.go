package checks

import (
	"cmp"
	"slices"
	"strconv"
)

// numbered names pull requests in order.
func numbered(numbers []int) string {
	slices.Sort(numbers)
	var names []string
	for _, n := range slices.Compact(numbers) {
		names = append(names, pullName(n))
	}
	return list(names, 3)
}

// missing is how many commits of the range are not listed.
func (w *weighing) missing() int {
	switch n := w.base.Total - len(w.commits); {
	case n > 0:
		return n
	case w.base.Cut, len(w.commits) > 0 && w.base.Head != "" && !w.inRange(w.base.Head):
		return 1 // at least
	}
	return 0
}

// list is everything that the range brings, in order.
func (w *weighing) list() []Brought {
	out := make([]Brought, 0, len(w.pulls)+len(w.alone)+1)
	for number, p := range w.pulls {
		if len(p.commits) > 0 {
			out = append(out, w.weigh(number, p))
		}
	}
	slices.SortFunc(out, func(a, b Brought) int { return cmp.Compare(a.Number, b.Number) })
	out = append(out, w.alone...) // by SHA, as the commits are
	if n := w.missing(); n > 0 {
		why := "GitHub lists only " + thousands(len(w.commits)) + " of " + thousands(max(w.base.Total, len(w.commits)+n)) + " commits; how the others came is not known."
		out = append(out, Brought{Title: "Commits that are not listed", State: EvidenceUnknown, Why: why})
	}
	return out
}

// weigh is a pull request with what is on record of it.
func (w *weighing) weigh(number int, p *weighedPull) Brought {
	record := w.records[number]
	b := Brought{
		Number: number, Title: p.Title, Author: p.Author.Login, Commits: p.commits, State: record.State, Seq: record.Seq, Why: record.Why,
	}
	if p.Base != w.branch {
		b.Base = p.Base
	}
	switch b.State {
	case EvidenceMet, EvidenceOverridden, EvidenceBypassed:
	default:
		b.State = EvidenceUnknown
	}
	if p.cut != "" && b.State == EvidenceMet {
		b.State, b.Why = EvidenceUnknown, "GitHub lists only some of the pull requests that its commit "+short(p.cut)+" is in."
	}
	if b.Why == "" {
		b.Why = usualReasons[b.State]
	}
	return b
}

// usualReasons are said where the record gives no reason of its own.
var usualReasons = map[EvidenceState]string{
	EvidenceUnknown:    "Nothing is on record of it: it was merged before handrail watched, or while it could not.",
	EvidenceOverridden: "It was merged with an override.",
	EvidenceBypassed:   "It was merged while its requirements were not met.",
}

// pullName is a pull request as people call it: #12.
func pullName(number int) string { return "#" + strconv.Itoa(number) }
