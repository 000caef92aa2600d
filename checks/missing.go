package checks

import (
	"slices"
	"strconv"
	"strings"
)

// cutFault says that not everybody who contributed is known, which is no
// ground for believing that somebody did not.
func (h *hearing) cutFault() string {
	if !h.cut {
		return ""
	}
	return "GitHub lists only " + strconv.Itoa(len(h.pull.Commits)) + " of " + strconv.Itoa(h.pull.CommitCount) +
		" commits, so who wrote the others is not known"
}

func (h *hearing) unattributedText(who string) string {
	u := h.unknown[0]
	return "Commit " + short(u.sha) + " by " + u.who + " belongs to no GitHub account, so an approval of the head " +
		short(h.pull.Head.SHA) + " itself by " + who + " is needed."
}

// missing fills in a rule that lacks approvals.
func (h *hearing) missing(t *tally, by []string) {
	r, need := &t.result, t.rule.count()
	r.State = Waiting
	left, open := h.left(&t.role, t.rule.Self)
	if !open {
		for i := range t.counted {
			left = append(left, t.counted[i].who.key)
		}
		left = sorted(left)
	}
	if !open && len(left) < need {
		r.State = Unmet
		add := "add somebody to the role " + string(t.role.Name)
		if t.role.Team != "" {
			add = "add somebody to " + strings.TrimPrefix(t.role.Team, "@")
		}
		if len(left) == 0 {
			r.Summary = "Nobody is left who may sign: all of " + t.role.holders() + " worked on this change or have too little access; " + add + "."
		} else {
			r.Summary = "Only " + list(left, 3) + " may sign where " + strconv.Itoa(need) + " are needed; " + add + "."
		}
		r.Can = []string{"whoever may change " + strings.TrimPrefix(add, "add somebody to ")}
		return
	}
	r.Summary = strconv.Itoa(len(by)) + " of " + count(need, "approval") + " from " + t.role.holders()
	if first := lightest(t.remarks); first != "" {
		r.Summary += "; " + first
	}
	r.Summary += "."
	r.Can = h.can(t, left)
}

// canLimit is up to how many people are named instead of their team.
const canLimit = 5

// can is who can act on a rule now: first those who only need to look again.
func (h *hearing) can(t *tally, left []string) []string {
	var out []string
	for _, m := range t.remarks {
		if m.ask != "" {
			out = append(out, "@"+m.ask)
		}
	}
	for _, key := range left {
		if !slices.ContainsFunc(t.counted, func(w weighed) bool { return w.who.key == key }) {
			out = append(out, "@"+key)
		}
	}
	out = sorted(out)
	if len(left) > 0 && len(out) <= canLimit {
		return out
	}
	if t.role.Team == "" && len(t.role.Users) == 0 {
		again := out[:min(len(out), canLimit)]
		return append(again, "anyone with "+string(t.role.needs())+" access")
	}
	if t.role.Team != "" {
		return []string{"@" + strings.TrimPrefix(t.role.Team, "@")}
	}
	return out
}
