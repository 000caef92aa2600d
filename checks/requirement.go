package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// tally is one rule and the people whose approval counts for it.
type tally struct {
	rule    *SignOff
	role    Role
	scope   scope
	result  Result
	done    bool // the result is final: exempt, or not to be judged
	why     string
	counted []weighed // by account
	spent   []bool    // counted[i] is counted for another rule instead
	remarks []remark
}

// weighed is an approval that counts, and how.
type weighed struct {
	approval
	atHead  bool
	carried bool
}

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

// signOffs judges every rule of the section, in the order of the policy.
func (h *hearing) signOffs() []Result {
	tallies := make([]tally, len(h.rules.SignOffs))
	apart := false
	for i := range tallies {
		t := &tallies[i]
		t.rule = &h.rules.SignOffs[i]
		t.scope.id = 1 + i
		h.count(t)
		apart = apart || !t.done && t.distinct()
	}
	if apart {
		seat(tallies)
	}
	out := make([]Result, len(tallies))
	for i := range tallies {
		h.finish(&tallies[i])
		out[i] = tallies[i].result
	}
	return out
}

func (t *tally) distinct() bool { return t.rule.Distinct || t.role.Distinct }

// count finds out whether a rule applies and whose approvals it has.
func (h *hearing) count(t *tally) {
	s := t.rule
	t.result = Result{ID: "review/" + slug(s.title()), Name: s.title()}
	applies, why := h.applies(s.When, s.Unless)
	if !applies {
		t.result.State, t.result.Summary, t.done = Exempt, "Does not apply: "+why+".", true
		return
	}
	t.why = why
	if s.Role == "" {
		t.done = true
		t.result.State, t.result.Summary = Unmet, "The rule names no role."
		if s.CodeOwners {
			h.addOwners(t)
		}
		return
	}
	var known bool
	t.role, known = h.rules.role(s.Role)
	fault := "there is no role " + string(s.Role)
	if known {
		fault = h.fault(&t.role)
	}
	if fault == "" && !s.Self {
		fault = h.cutFault()
	}
	if fault != "" {
		t.done = true
		t.result.State, t.result.Unknown, t.result.Summary = Unmet, true, "Cannot be met: "+fault+"."
		return
	}
	if s.When != nil && len(s.When.Files) > 0 {
		t.scope.globs = shapes(s.When.Files)
	} else {
		t.scope.id = 0
	}
	for i := range h.voices {
		h.hear(t, &h.voices[i])
	}
	t.spent = make([]bool, len(t.counted))
}

// cutFault says that not everybody who contributed is known, which is no
// ground for believing that somebody did not.
func (h *hearing) cutFault() string {
	if !h.cut {
		return ""
	}
	return "GitHub lists only " + strconv.Itoa(len(h.pull.Commits)) + " of " + strconv.Itoa(h.pull.CommitCount) +
		" commits, so who wrote the others is not known"
}

// hear weighs what one person said for a rule.
func (h *hearing) hear(t *tally, v *voice) {
	form, said, voided := v.approvals(&t.role)
	if form == nil && said == nil {
		h.hearMisses(t, v, voided)
		return
	}
	if why := h.barred(t, v); why != "" {
		t.refuse(v, form, said, mendable, why)
		return
	}
	if acc := h.admits(&t.role, v.key, v.login); !acc.ok {
		weight := lacking
		if acc.outside && said == nil {
			weight = beside
		}
		t.refuse(v, form, said, weight, acc.why)
		return
	}
	h.accept(t, v, form, said)
}

// barred says why nothing that somebody says counts for a rule, whoever may
// sign it; "" when it may.
func (h *hearing) barred(t *tally, v *voice) string {
	if v.blocks() {
		return v.login + " asks for changes, and signs nothing until approving in a review"
	}
	if !t.rule.Self {
		if c := h.contribution(v.key); c != nil {
			return v.login + " " + c.how()
		}
	}
	return ""
}

// refuse notes why an approval does not count.
func (t *tally) refuse(v *voice, form, said *utterance, weight int, why string) {
	a := approval{said, v}
	if said == nil {
		a.utterance = form
	}
	t.remarks = append(t.remarks, remark{weight: weight, text: a.name() + " does not count: " + why})
}

// accept counts somebody who may sign, unless the approval has ended.
func (h *hearing) accept(t *tally, v *voice, form, said *utterance) {
	if t.rule.resets() && h.rerequested(v) {
		t.refuse(v, form, said, mendable, v.login+"'s review was requested again, and a new one is needed")
		t.remarks[len(t.remarks)-1].ask = v.key
		return
	}
	var best weighed
	for _, u := range [...]*utterance{form, said} {
		if u == nil {
			continue
		}
		holds, carried := h.holding(u, t.rule, &t.scope)
		atHead := u.commit == h.pull.Head.SHA && u.commit != ""
		if holds && (best.utterance == nil || atHead && !best.atHead) {
			best = weighed{approval{u, v}, atHead, carried}
		}
	}
	if best.utterance == nil {
		latest := said
		if said == nil || form != nil && form.after(said.moment) {
			latest = form
		}
		t.remarks = append(t.remarks, remark{weight: mendable, text: h.staleText(approval{latest, v}, t.rule, &t.scope), ask: v.key})
		return
	}
	if t.counted == nil {
		t.counted = make([]weighed, 0, len(h.voices))
	}
	t.counted = append(t.counted, best)
}

// baseThen is the base branch when an approval was given; "" when unknown.
func (h *hearing) baseThen(a *utterance) string {
	if a.base == "" && !h.pull.BaseChangedAt.After(a.at) {
		return h.pull.Base.Name
	}
	return a.base
}

// holding says whether an approval still holds, and whether it does so only
// because the files it is about are the same.
func (h *hearing) holding(a *utterance, s *SignOff, sc *scope) (ok, carried bool) {
	if s.Stale == StaleNever {
		return true, false
	}
	base := h.baseThen(a)
	atHead := a.commit == h.pull.Head.SHA
	switch {
	case a.commit == "" || base == "":
		return false, false
	case atHead && base == h.pull.Base.Name:
		return true, false
	case s.Stale == StaleHead && !atHead:
		return false, false
	}
	like, _ := h.likeHead(a.commit, base, sc)
	return like == alike, like == alike
}

// staleText says why an approval is stale and whom to ask again.
func (h *hearing) staleText(a approval, s *SignOff, sc *scope) string {
	ask := "; ask " + a.who.login + " again"
	base := h.baseThen(a.utterance)
	if a.commit == "" {
		return a.name() + " is stale: it is not known which commit it was given for" + ask
	}
	text := a.name() + " of " + short(a.commit) + " is stale: "
	switch {
	case base == "":
		return text + "the base branch was changed since" + ask
	case base != h.pull.Base.Name:
		text += "the base branch was changed from " + Plain(base) + " to " + Plain(h.pull.Base.Name) + "; "
	}
	files := h.since(a.commit, base, sc)
	switch {
	case s.Stale == StaleHead && a.commit != h.pull.Head.SHA:
		text += "the head is now " + short(h.pull.Head.SHA)
	case len(files) > 0:
		text += list(files, 3)
	default:
		text += "what it has seen cannot be compared with the head"
	}
	if later := h.headsSince(a.commit); len(later) > 0 && a.commit != h.pull.Head.SHA {
		text += " (pushed since: " + list(later, 3) + ")"
	}
	return text + ask
}

// headsSince are the heads after a commit, oldest first.
func (h *hearing) headsSince(commit string) []string {
	heads := h.pull.Memory.Heads
	last := -1
	for i := range heads {
		if heads[i].SHA == commit {
			last = i
		}
	}
	var out []string
	if last >= 0 {
		for _, x := range heads[last+1:] {
			out = append(out, short(x.SHA))
		}
	}
	if head := short(h.pull.Head.SHA); len(out) == 0 || out[len(out)-1] != head {
		out = append(out, head)
	}
	return out
}

// hearMisses notes what somebody said that looks like a signature for a rule
// and is none.
func (h *hearing) hearMisses(t *tally, v *voice, voided string) {
	if voided != "" {
		t.remarks = append(t.remarks, remark{weight: mendable, text: v.login + "'s approval does not count: " + v.login + " " + voided})
	}
	for _, line := range v.edited {
		if t.role.signedBy(line) {
			t.remarks = append(t.remarks, remark{weight: mendable,
				text: v.login + "'s \"" + Plain(line) + "\" does not count, since the text was edited: write it anew"})
			break
		}
	}
	for _, m := range v.misses {
		if m.role == t.role.Name && h.admits(&t.role, v.key, v.login).ok {
			t.remarks = append(t.remarks, remark{weight: mendable, text: v.login + "'s line \"" + Plain(m.line) +
				"\" signs nothing, since it goes on: write \"" + m.phrase + "\" or \"" + approveCommand + " " + string(t.role.Name) + "\" alone on a line"})
			break
		}
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

// finish makes the result of a rule from what was counted.
func (h *hearing) finish(t *tally) {
	if t.done {
		return
	}
	s, r := t.rule, &t.result
	by := make([]string, 0, len(t.counted))
	r.Evidence = make([]Evidence, 0, len(t.counted))
	fresh := false
	for i := range t.counted {
		w := &t.counted[i]
		fresh = fresh || w.atHead
		if t.spent[i] {
			t.remarks = append(t.remarks, remark{weight: mendable, text: w.name() + " does not count: " + w.who.login + " is counted for another rule, and may not be for both"})
			continue
		}
		by = append(by, w.who.login)
		r.Evidence = append(r.Evidence, h.evidence(w))
	}
	r.Notes = h.carriedOver(t)
	need := s.count()
	switch {
	case len(by) < need:
		h.missing(t, by)
	case len(h.unknown) > 0 && s.Unattributed != UnattributedAllow && !fresh:
		r.State = Waiting
		r.Summary = h.unattributedText(t.role.holders())
		r.Can = h.can(t, nil)
	default:
		r.State, r.Summary = Met, "Approved by "+list(by, 5)+"."
	}
	if t.why != "" {
		r.Notes = append(r.Notes, "The rule applies, since "+t.why+".")
	}
	r.Notes = append(r.Notes, remarkTexts(t.remarks, r.State == Met)...)
	if s.CodeOwners {
		h.addOwners(t)
	}
}

func (h *hearing) unattributedText(who string) string {
	u := h.unknown[0]
	return "Commit " + short(u.sha) + " by " + u.who + " belongs to no GitHub account, so an approval of the head " +
		short(h.pull.Head.SHA) + " itself by " + who + " is needed."
}

// carriedOver says which approvals hold only because what they have seen is
// still the same.
func (h *hearing) carriedOver(t *tally) []string {
	var out []string
	for i := range t.counted {
		first := &t.counted[i]
		if !first.carried || slices.ContainsFunc(t.counted[:i], func(w weighed) bool { return w.carried && w.commit == first.commit }) {
			continue
		}
		var who []string
		for _, w := range t.counted[i:] {
			if w.carried && w.commit == first.commit {
				who = append(who, w.who.login)
			}
		}
		text := first.name() + " is"
		if len(who) > 1 {
			text = "The approvals of " + list(who, 5) + " are"
		}
		out = append(out, text+" carried over from "+short(first.commit)+": your "+filesAre(h.filesIn(&t.scope))+" identical.")
	}
	return out
}

// filesIn is how many files at the head are in a scope.
func (h *hearing) filesIn(s *scope) int {
	switch {
	case s.book != nil:
		return s.files
	case s.globs == nil:
		return len(h.pull.Files)
	}
	n := 0
	for i := range h.pull.Files {
		if s.covers(&h.pull.Files[i]) {
			n++
		}
	}
	return n
}

func filesAre(n int) string {
	if n == 1 {
		return "1 file is"
	}
	return strconv.Itoa(n) + " files are"
}

func (h *hearing) evidence(w *weighed) Evidence {
	e := Evidence{Kind: w.kind, ID: w.ref, Login: w.who.login, Commit: w.commit}
	if e.ID == "" {
		e.ID = evidenceID(w.id)
	}
	if p := rank(h.pull.People[w.who.key].Permission); p >= 0 {
		e.Text = permissionTexts[p]
	}
	return e
}

// permissionTexts go with the permissions, by rank: what is recorded of an
// approver.
var permissionTexts = [...]string{"permission none", "permission read", "permission triage", "permission write", "permission maintain", "permission admin"}

// missing fills in a rule that lacks approvals.
func (h *hearing) missing(t *tally, by []string) {
	r, need := &t.result, t.rule.count()
	r.State = Waiting
	left, open := h.left(&t.role, t.rule.Self)
	for i := range t.counted {
		left = append(left, t.counted[i].who.key)
	}
	left = sorted(left)
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
