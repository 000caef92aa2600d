package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pardonLimit is for how long something that was found may be let pass
// (security.md, "The review"); pardonUsual, for how long a command does that
// names no time.
const (
	pardonLimit = 180 * day
	pardonUsual = 30 * day
)

// suppressCommand lets a finding pass: "/suppress ID [DAYSd] REASON".
const suppressCommand = "/suppress"

// hiddenRule is the rule of hidden characters, for suppressions.
const hiddenRule = "hidden-characters"

// pardon lets something pass: one finding by its id, or a rule in some files.
type pardon struct {
	id, rule string
	files    []shapedGlob
	reason   string
	by, key  string // "" is the policy; key is who says so, as [account] has it
	until    time.Time
	why      string    // why it does not hold, as the end of a sentence; "" if it does
	starts   time.Time // when it will hold, where that is why; else zero
	evidence Evidence
	met      bool // it is about something that was found
}

// exhibit is something that was found, as suppressions name it.
type exhibit struct{ id, rule, path string }

// covers says whether a suppression is about something. Of a text, which is no
// file, only its id tells.
func (p *pardon) covers(e exhibit) bool {
	if p.id != "" {
		return strings.EqualFold(p.id, e.id)
	}
	return p.rule == e.rule && e.path != "" && anyGlob(p.files, e.path)
}

// pardoned says whether everything that stands for one finding is let pass, and
// notes by whom. what is how a note calls it.
func (x *scrutiny) pardoned(what string, all ...exhibit) bool {
	var by []*pardon
	for _, e := range all {
		if p := x.pardonOf(what, e); p != nil {
			by = append(by, p)
		}
	}
	if len(by) == 0 || len(by) < len(all) {
		return false
	}
	for _, p := range by {
		x.used[begun(what)+" is let pass until "+p.until.UTC().Format("2006-01-02 15:04")+" UTC"+p.whose()+": "+phrase(p.reason)+"."] = true
		if !slices.Contains(x.proof, p.evidence) {
			x.proof = append(x.proof, p.evidence)
		}
		x.changes(p.until)
	}
	return true
}

// changes notes when a suppression begins or ceases to hold.
func (x *scrutiny) changes(at time.Time) {
	if !at.IsZero() && (x.until.IsZero() || at.Before(x.until)) {
		x.until = at
	}
}

// pardonOf is the suppression of one thing that holds longest, nil if none does:
// then those that there are, are noted.
func (x *scrutiny) pardonOf(what string, e exhibit) *pardon {
	best := (*pardon)(nil)
	var ended []string
	for i := range x.pardons {
		p := &x.pardons[i]
		if !p.covers(e) {
			continue
		}
		switch p.met = true; {
		case p.why != "":
			x.changes(p.starts)
			ended = append(ended, "The suppression of "+what+p.whose()+" does not hold: "+p.why+".")
		case best == nil || p.outlasts(best):
			best = p
		}
	}
	if best == nil {
		x.ended = append(x.ended, ended...)
	}
	return best
}

// outlasts says whether a suppression is rather to be used than another.
func (p *pardon) outlasts(o *pardon) bool {
	return cmp.Or(p.until.Compare(o.until), strings.Compare(o.by, p.by), strings.Compare(o.reason, p.reason), strings.Compare(o.evidence.ID, p.evidence.ID)) > 0
}

func (p *pardon) whose() string {
	if p.by == "" {
		return " by the policy"
	}
	return " by " + Plain(p.by)
}

// hearPardons gathers the suppressions of the policy and of those who may give
// a security review.
func (x *scrutiny) hearPardons() {
	for i := range x.rules.Suppress {
		s := &x.rules.Suppress[i]
		p := pardon{id: s.Finding, rule: s.Rule, files: shapes(s.Files), reason: s.Reason, until: s.Until.Time()}
		p.evidence = Evidence{Kind: "policy", ID: s.Finding + s.Rule, Text: "let pass: " + Plain(s.Reason)}
		if p.until.Sub(x.pull.At) > pardonLimit {
			p.starts = p.until.Add(-pardonLimit)
			p.why = "its end, " + p.until.UTC().Format(time.DateOnly) + ", is more than 180 days ahead"
		}
		x.pardon(p)
	}
	for i := range x.pull.Comments {
		c := &x.pull.Comments[i]
		spoken(c.Body, func(line string) bool {
			if verb, rest, _ := strings.Cut(line, " "); strings.EqualFold(verb, suppressCommand) {
				x.hearPardon(c, strings.TrimSpace(rest))
			}
			return true
		})
	}
	slices.SortFunc(x.pardons, func(a, b pardon) int {
		return cmp.Or(strings.Compare(a.id, b.id), strings.Compare(a.rule, b.rule), a.until.Compare(b.until), strings.Compare(a.evidence.ID, b.evidence.ID), strings.Compare(a.reason, b.reason))
	})
}

func (x *scrutiny) pardon(p pardon) {
	if p.why == "" && !p.until.After(x.pull.At) {
		p.why = "it ended on " + p.until.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	x.pardons = append(x.pardons, p)
}

// hearPardon reads one command.
func (x *scrutiny) hearPardon(c *Comment, rest string) {
	id, reason, _ := strings.Cut(rest, " ")
	p := pardon{id: id, by: c.Author.Login, key: account(c.Author), until: c.Created.Add(pardonUsual)}
	if word, after, _ := strings.Cut(strings.TrimSpace(reason), " "); isDays(word) {
		days, err := strconv.Atoi(word[:len(word)-1])
		if err != nil || time.Duration(days) > pardonLimit/day {
			p.why = "at most 180d can be asked for"
		}
		p.until, reason = c.Created.Add(time.Duration(min(days, 999))*day), after
	}
	p.reason = strings.TrimSpace(reason)
	p.evidence = Evidence{Kind: "comment", ID: evidenceID(c.ID), Login: c.Author.Login, Text: "let pass: " + Plain(id) + " until " + p.until.UTC().Format(time.DateOnly)}
	if why, explain := x.mayPardon(c, &p); why != "" {
		if !explain {
			return
		}
		p.why = why
	}
	x.pardon(p)
}

// isDays says whether a word is a number of days: 14d.
func isDays(word string) bool {
	digits, ok := strings.CutSuffix(word, "d")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// mayPardon says why a command does not count; "" when it does. explain says
// whether there is somebody to tell it to.
func (x *scrutiny) mayPardon(c *Comment, p *pardon) (why string, explain bool) {
	key := account(c.Author)
	if gone(key) {
		return "the account is deleted", false
	}
	if work := x.h.contribution(key, c.Author.ID); work != nil {
		return c.Author.Login + " " + work.how(), true
	}
	if f := x.roleFault(); f.why != "" {
		return f.why, true
	}
	switch acc := x.h.admits(&x.role, key, c.Author.Login); {
	case acc.ok:
	case acc.outside:
		return x.role.excludes(key, c.Author.Login), true
	default:
		return acc.why, true
	}
	switch {
	case !c.Edited.IsZero() || x.pull.Memory.Seen["comment/"+evidenceID(c.ID)].Edited:
		return "the text was edited: write it anew", true
	case p.why != "":
		return p.why, true
	case p.reason == "":
		return "it gives no reason: write " + suppressCommand + " " + Plain(p.id) + " and why", true
	}
	return "", true
}

// astray notes the commands that name nothing that was found. It is worth saying
// only to those who may give them, and while something blocks.
func (x *scrutiny) astray() {
	for i := range x.pardons {
		p := &x.pardons[i]
		if p.met || p.by == "" || !x.h.admits(&x.role, p.key, p.by).ok {
			continue
		}
		x.ended = append(x.ended, Plain(p.by)+"'s \""+strings.TrimSpace(suppressCommand+" "+quoted(p.id))+
			"\" names nothing that is found now: write "+suppressCommand+", the id that is shown with what was found, and why.")
	}
}

// roleFault is what makes it impossible to tell who holds the role, or who did
// not work on the change.
func (x *scrutiny) roleFault() fault {
	if _, known := x.h.rules.role(x.rules.Role); !known {
		return fault{"there is no role " + Plain(string(x.rules.Role)), policyChangers}
	}
	if f := x.h.fault(&x.role); f.why != "" {
		return f
	}
	return x.h.cutFault()
}

// pardonHint says how something can be let pass that is no danger after all.
func (x *scrutiny) pardonHint(id string) string {
	who := "somebody " + x.role.within()
	if x.role.Team == "" && len(x.role.Users) == 0 {
		who = x.role.holder()
	}
	return "If it is no danger after all, " + who + " who did not work on this change can let it pass for 30 days by a comment with the line \"" +
		suppressCommand + " " + Plain(id) + " REASON\"; \"14d\" before the reason makes it 14 days, and 180 are the most."
}
