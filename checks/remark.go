package checks

import (
	"cmp"
	"slices"
	"strings"
)

// remark is why something does not count; the light ones are shown first.
type remark struct {
	weight int
	text   string
	ask    string // whom to ask again
}

// The weights: what its author can mend, what others must, what is beside it.
const (
	mendable = iota
	lacking
	beside
)

// refuse notes why an approval does not count.
func (t *tally) refuse(v *voice, form, said *utterance, weight int, why string) {
	a := approval{said, v}
	if said == nil {
		a.utterance = form
	}
	t.remarks = append(t.remarks, remark{weight: weight, text: a.name() + " does not count: " + why})
}

// hearMisses notes what somebody said that looks like a signature for a rule
// and is none.
func (h *hearing) hearMisses(t *tally, v *voice, voided string) {
	text := ""
	if voided != "" {
		text = v.login + "'s approval does not count: " + v.login + " " + voided
	}
	for _, line := range v.edited {
		if text == "" && t.role.signedBy(line) {
			text = v.login + "'s \"" + Plain(line) + "\" does not count, since the text was edited: write it anew"
		}
	}
	for _, m := range v.misses {
		if text == "" && m.role == t.role.Name {
			text = v.login + "'s line \"" + Plain(m.line) + "\" signs nothing, since it goes on: write \"" + m.phrase +
				"\" or \"" + approveCommand + " " + string(t.role.Name) + "\" alone on a line"
		}
	}
	// What strangers write is not explained to everybody.
	if text != "" && h.admits(&t.role, v.key, v.login).ok {
		t.remarks = append(t.remarks, remark{weight: mendable, text: text})
	}
}

// signedBy says whether a line signs the role.
func (r *Role) signedBy(line string) bool {
	if verb, name, ok := command(line); ok {
		return verb == approveCommand && strings.EqualFold(name, string(r.Name))
	}
	for _, p := range r.Say {
		if p.Says(line) {
			return true
		}
	}
	return false
}

func lightest(remarks []remark) string {
	best := -1
	for i, m := range remarks {
		if m.weight < beside && (best < 0 || m.weight < remarks[best].weight || m.weight == remarks[best].weight && m.text < remarks[best].text) {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return remarks[best].text
}

// remarkTexts are the remarks as sentences; a rule that is met leaves out those
// who are beside it.
func remarkTexts(remarks []remark, met bool) []string {
	slices.SortFunc(remarks, func(a, b remark) int {
		return cmp.Or(cmp.Compare(a.weight, b.weight), strings.Compare(a.text, b.text))
	})
	var out []string
	for _, m := range remarks {
		if met && m.weight == beside {
			continue
		}
		if len(out) == remarkLimit {
			return append(out, "More remarks are left out.")
		}
		out = append(out, m.text+".")
	}
	return out
}
