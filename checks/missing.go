package checks

import (
	"slices"
	"strconv"
	"strings"
)

// Who can act, where it is nobody that could be named.
const (
	theAuthor      = "the author" // [Judge] names them
	policyChangers = "whoever may change the policy"
	ownersChangers = "whoever may change CODEOWNERS"
	operators      = "whoever runs handrail"
)

// fault is what makes it impossible to judge a rule, as the end of a sentence,
// and who can mend that; the zero value is none.
type fault struct{ why, can string }

// fill makes a result of a fault.
func (f fault) fill(r *Result) {
	r.State, r.Unknown, r.Summary, r.Can = Unmet, true, "Cannot be met: "+f.why+".", []string{f.can}
}

// cutFault says that not everybody who contributed is known, which is no
// ground for believing that somebody did not.
func (h *hearing) cutFault() fault {
	if !h.cut {
		return fault{}
	}
	if h.pull.CommitCount <= len(h.pull.Commits) {
		return fault{"the list of commits lacks the head " + short(h.pull.Head.SHA) + ", so who wrote it is not known", operators}
	}
	return fault{"GitHub lists only " + strconv.Itoa(len(h.pull.Commits)) + " of " + strconv.Itoa(h.pull.CommitCount) +
		" commits, so who wrote the others is not known; squash them, or split the pull request", theAuthor}
}

// cutFilesFault says that not every changed file is known.
var cutFilesFault = fault{cutList + "; split the pull request into smaller ones", theAuthor}

func (h *hearing) unattributedText(who string) string {
	u := h.unknown[0]
	return "Commit " + short(u.sha) + " by " + u.who + " belongs to no GitHub account, so an approval of the head " +
		short(h.pull.Head.SHA) + " itself by " + who + " is needed."
}

// missing fills in a rule that lacks approvals.
func (h *hearing) missing(t *tally, by []string) {
	r, need := &t.result, t.rule.count()
	left, open := h.left(&t.role, t.rule.Self)
	if !open {
		for i := range t.counted {
			left = append(left, t.counted[i].who.key)
		}
		if left = sorted(left); len(left) < need {
			t.tooFew(left)
			return
		}
	}
	r.State = Waiting
	r.Summary = t.lack(len(by)) + reason(t.remarks) + "."
	r.Can = t.can(slices.DeleteFunc(left, func(key string) bool {
		return slices.ContainsFunc(t.counted, func(w weighed) bool { return w.who.key == key })
	}))
}

// lack says which approvals are needed when there are n.
func (t *tally) lack(n int) string {
	need := t.rule.count()
	text := strconv.Itoa(n) + " of " + count(need, "approval") + " from " + t.role.holders()
	switch {
	case n == 0 && need == 1:
		text = "Needs an approval from " + t.role.holder()
	case n == 0:
		text = "Needs " + count(need, "approval") + " from " + t.role.holders()
	}
	if !t.role.signsByReview() {
		text += ": a comment with the line " + t.role.words()
	}
	return text
}

// tooFew fills in a rule that too few people may sign.
func (t *tally) tooFew(left []string) {
	r := &t.result
	add, who := "add somebody to the role "+string(t.role.Name), policyChangers
	if t.role.Team != "" {
		name := strings.TrimPrefix(t.role.Team, "@")
		add, who = "add somebody to "+name, "whoever may add somebody to "+name
	}
	r.State, r.Can = Unmet, []string{who}
	switch {
	case len(left) > 0:
		r.Summary = "Only " + list(left, 3) + " may sign where " + strconv.Itoa(t.rule.count()) + " are needed; " + add + "."
	case t.role.Team == "" && len(t.role.Users) == 1:
		r.Summary = "Nobody is left who may sign: " + t.role.Users[0] + " worked on this change or has too little access; " + add + "."
	default:
		r.Summary = "Nobody is left who may sign: all of " + t.role.holders() + " worked on this change or have too little access; " + add + "."
	}
}

// canLimit is up to how many people are named instead of their team.
const canLimit = 5

// can is who can act on a rule now: those of keys, and those who only need to
// look again.
func (t *tally) can(keys []string) []string {
	out := make([]string, 0, len(keys)+1)
	for _, key := range keys {
		out = append(out, "@"+key)
	}
	for _, m := range t.remarks {
		if m.who != "" {
			out = append(out, "@"+m.who)
		}
	}
	out = sorted(out)
	switch {
	case t.role.Team == "" && len(t.role.Users) == 0:
		return append(out[:min(len(out), canLimit)], "anyone with "+string(t.role.needs())+" access")
	case len(out) == 0:
		return []string{"anybody else who can sign the other rule"}
	case len(out) <= canLimit || t.role.Team == "":
		return out
	}
	out = []string{"@" + strings.TrimPrefix(t.role.Team, "@")}
	for _, u := range t.role.Users {
		out = append(out, "@"+strings.ToLower(u))
	}
	return out
}
