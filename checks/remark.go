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
	who    string // who can make it count by looking again
	stale  bool   // and has to be asked to
}

// The weights, by how near it is to counting: a new look is enough, its author
// can mend it, others must, it can never count here, it is beside the rule.
const (
	again = iota
	mendable
	lacking
	involved
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
	if voided == "" && len(v.edited)+len(v.misses) == 0 || !h.admits(&t.role, v.key, v.login).ok {
		return // what strangers write is not explained to everybody
	}
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
	if text != "" {
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

// words are the lines that sign the role, expressions left out.
func (r *Role) words() string {
	for _, p := range r.Say {
		if p.re == nil {
			return "\"" + p.text + "\" or \"" + approveCommand + " " + string(r.Name) + "\""
		}
	}
	return "\"" + approveCommand + " " + string(r.Name) + "\""
}

// reason is the remark that says best why a rule is not met, with whom to ask,
// as a sentence goes on; "" when there is none.
func reason(remarks []remark) string {
	var best *remark
	var ask []string
	for i := range remarks {
		m := &remarks[i]
		if m.stale {
			ask = append(ask, m.who)
		}
		if m.weight < beside && (best == nil || compareRemarks(*m, *best) < 0) {
			best = m
		}
	}
	switch {
	case best == nil:
		return ""
	case best.stale:
		return "; " + best.text + "; ask " + list(sorted(ask), canLimit) + " again"
	}
	return "; " + best.text
}

func compareRemarks(a, b remark) int {
	return cmp.Or(cmp.Compare(a.weight, b.weight), strings.Compare(a.text, b.text))
}

// remarkTexts are the remarks as sentences. A rule that is met leaves out what
// could not have counted anyway.
func remarkTexts(remarks []remark, met bool) []string {
	if len(remarks) == 0 {
		return nil
	}
	slices.SortFunc(remarks, compareRemarks)
	out := make([]string, 0, len(remarks))
	for _, m := range remarks {
		if met && m.weight > mendable {
			continue
		}
		if len(out) == remarkLimit {
			return append(out, "More remarks are left out.")
		}
		text := m.text
		if m.stale && !met {
			text += "; ask " + m.who + " again"
		}
		out = append(out, first(text)+".")
	}
	return out
}
