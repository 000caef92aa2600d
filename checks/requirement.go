package checks

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
	aside   bool // approvals were heard that it is not about
}

// weighed is an approval that counts, and how.
type weighed struct {
	approval
	atHead  bool
	carried bool
}

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
	t.result = Result{ID: slug("review/", s.title()), Name: s.title()}
	applies, why := h.applies(s.When, s.Unless)
	if !applies {
		t.result.State, t.result.Summary, t.done = Exempt, "Does not apply: "+why+".", true
		return
	}
	t.why = why
	if s.Role == "" {
		t.done = true
		t.result.State, t.result.Summary, t.result.Can = Unmet, "The rule names no role.", []string{policyChangers}
		if s.CodeOwners {
			h.addOwners(t)
		}
		return
	}
	if s.When != nil && len(s.When.Files) > 0 {
		t.scope.globs = shapes(s.When.Files)
	} else {
		t.scope.id = 0
	}
	h.weigh(t)
}

// weigh hears everybody for a rule that applies, unless it cannot be judged.
func (h *hearing) weigh(t *tally) {
	s := t.rule
	var known bool
	t.role, known = h.rules.role(s.Role)
	var bad fault
	if known {
		bad = h.fault(&t.role)
	} else {
		bad = fault{"there is no role " + string(s.Role), policyChangers}
	}
	if bad.why == "" && !s.Self {
		bad = h.cutFault()
	}
	if bad.why != "" {
		t.done = true
		bad.fill(&t.result)
		return
	}
	for i := range h.voices {
		h.hear(t, &h.voices[i])
	}
	t.spent = make([]bool, len(t.counted))
}

// hear weighs what one person said for a rule.
func (h *hearing) hear(t *tally, v *voice) {
	form, said, voided := v.approvals(&t.role)
	if form == nil && said == nil {
		t.aside = t.aside || v.form.kind != ""
		h.hearMisses(t, v, voided)
		return
	}
	if why, weight := h.barred(t, v); why != "" {
		t.refuse(v, form, said, weight, why)
		return
	}
	switch acc := h.admits(&t.role, v.key, v.login); {
	case acc.ok:
		h.accept(t, v, form, said)
	case !acc.outside:
		t.refuse(v, form, said, lacking, acc.why)
	case said != nil:
		t.refuse(v, form, said, lacking, t.role.excludes(v.key, v.login))
	default:
		t.aside = true
	}
}

// hearAside notes the approvals in the review form that a rule is not about,
// which is worth saying only where it is not met.
func (h *hearing) hearAside(t *tally) {
	for i := range h.voices {
		v := &h.voices[i]
		form, said, voided := v.approvals(&t.role)
		switch {
		case v.form.kind == "" || said != nil || voided != "" || v.blocks() || !t.rule.Self && h.contribution(v.key, v.id) != nil:
		case form != nil && h.admits(&t.role, v.key, v.login).outside:
			t.refuse(v, form, nil, beside, t.role.excludes(v.key, v.login))
		case form == nil && len(v.edited)+len(v.misses) == 0 && h.admits(&t.role, v.key, v.login).ok:
			text := v.login + "'s approval in the review form does not sign this: write " + t.role.words() + " alone on a line"
			t.remarks = append(t.remarks, remark{weight: mendable, text: text})
		}
	}
}

// barred says why nothing that somebody says counts for a rule, whoever may
// sign it; "" when it may.
func (h *hearing) barred(t *tally, v *voice) (why string, weight int) {
	if v.blocks() {
		return v.login + " asks for changes, and signs nothing until approving in a review", mendable
	}
	if !t.rule.Self {
		if c := h.contribution(v.key, v.id); c != nil {
			return v.login + " " + c.how(), involved
		}
	}
	return "", 0
}

// accept counts somebody who may sign, unless the approval has ended.
func (h *hearing) accept(t *tally, v *voice, form, said *utterance) {
	if t.rule.resets() && h.rerequested(v) {
		t.refuse(v, form, said, again, v.login+"'s review was requested again, and a new one is needed")
		t.remarks[len(t.remarks)-1].who = v.key
		return
	}
	var best weighed
	early := false
	for _, u := range [...]*utterance{form, said} {
		if u == nil {
			continue
		}
		if h.asked.by != "" && !u.at.After(h.asked.at) {
			early = true // in the same second it cannot be told which came first
			continue
		}
		holds, carried := h.holding(u, t.rule, &t.scope)
		atHead := u.commit == h.pull.Head.SHA && u.commit != ""
		if holds && (best.utterance == nil || atHead && !best.atHead) {
			best = weighed{approval{u, v}, atHead, carried}
		}
	}
	if best.utterance == nil && early {
		text := v.login + "'s sign-off does not count: it was given before " + h.asked.text()
		t.remarks = append(t.remarks, remark{again, text, v.key, true})
		return
	}
	if best.utterance == nil {
		latest := said
		if said == nil || form != nil && form.after(said.moment) {
			latest = form
		}
		t.remarks = append(t.remarks, remark{again, h.staleText(approval{latest, v}, t.rule, &t.scope), v.key, true})
		return
	}
	if t.counted == nil {
		t.counted = make([]weighed, 0, len(h.voices))
	}
	t.counted = append(t.counted, best)
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
		fresh = fresh || w.atHead && !t.spent[i]
		if t.spent[i] {
			t.remarks = append(t.remarks, remark{weight: mendable, text: w.name() + " does not count: " + w.who.login + " is counted for another rule, and may not be for both"})
			continue
		}
		by = append(by, w.who.login)
		r.Evidence = append(r.Evidence, h.evidence(w))
	}
	if t.aside && len(by) < s.count() {
		h.hearAside(t)
	}
	switch {
	case len(by) < s.count():
		r.Notes = h.carriedOver(t)
		h.missing(t, by)
	case len(h.unknown) > 0 && s.Unattributed != UnattributedAllow && !fresh:
		r.State, r.Summary, r.Notes = Waiting, h.unattributedText(t.role.holder()), h.carriedOver(t)
		left, _ := h.left(&t.role, s.Self)
		for i := range t.counted {
			left = append(left, t.counted[i].who.key)
		}
		r.Can = t.can(left)
	default:
		r.State = Met
		r.Summary, r.Notes = h.approvedBy(t, by)
	}
	if t.why != "" {
		r.Notes = append(r.Notes, "The rule applies, since "+t.why+".")
	}
	r.Notes = append(r.Notes, remarkTexts(t.remarks, r.State == Met)...)
	if s.CodeOwners {
		h.addOwners(t)
	}
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
