package checks

import (
	"slices"
	"testing"
)

// As long as a new head is not scanned nobody knows whether the review is needed:
// the label stays as it is, whosever section asks.
func TestTheReviewLabelStaysWhileNothingIsKnownWhoeversSectionItIs(t *testing.T) {
	for name, wrap := range map[string]func(*SecurityRules) []Check{
		"repository":          func(r *SecurityRules) []Check { return []Check{r} },
		"floor":               func(r *SecurityRules) []Check { return []Check{Floor{Check: r}} },
		"both":                func(r *SecurityRules) []Check { return []Check{Beside{Check: r}, Floor{Check: r}} },
		"observed beside it":  func(r *SecurityRules) []Check { return []Check{Beside{Check: r, Observe: true}, Floor{Check: r}} },
		"only one is a floor": func(r *SecurityRules) []Check { return []Check{Beside{Check: r}, Floor{Check: r, Observe: true}} },
	} {
		s := newScanned(t)
		p := s.pull()
		p.Scans = nil
		p.Labels = append(p.Labels, LabelSecurity)
		p.Memory.Security.Given = true
		v := Judge(Policy{Sections: []Section{{Name: "security", Checks: wrap(s.rules)}}}, p)
		if v.State.Passes() {
			t.Errorf("%s: an unscanned change passes", name)
		}
		if plan := Plan(v, p); slices.ContainsFunc(plan, func(a Action) bool { return a.Kind == RemoveLabel && a.Label == LabelSecurity }) {
			t.Errorf("%s: the label is taken away: %+v", name, plan)
		}
	}
}
