package checks

import (
	"slices"
	"strconv"
	"strings"
)

// ownersBook is CODEOWNERS of the base branch, read once.
func (h *hearing) ownersBook() []ownerLine {
	if !h.booked {
		h.book, h.booked = parseOwners(h.pull.Owners.Text), true
	}
	return h.book
}

// owned judges what CODEOWNERS asks for: of every file when the policy says so,
// else of the policy and of CODEOWNERS itself, whose owners according to the
// base branch are needed in any case.
func (h *hearing) owned() (Result, bool) {
	rule := SignOff{}
	if h.rules.CodeOwners {
		return h.ownersResult("review/code-owners", "Code owners", &rule, nil), true
	}
	touched := h.pull.Proposed != nil || !h.headWhole()
	for i := range h.pull.Files {
		f := &h.pull.Files[i]
		touched = touched || h.governs(f.Path) || movedFrom(f) != "" && h.governs(f.Previous)
	}
	if !touched || !h.pull.Owners.Cut && !h.governedOwned() {
		return Result{}, false
	}
	r := h.ownersResult("review/policy-owners", "Owners of the policy", &rule, h.governs)
	return r, r.State != Exempt
}

// governs says whether a path is one by which pull requests are judged.
func (h *hearing) governs(path string) bool {
	return path == PolicyPath || slices.Contains(OwnersPaths, path) || path == FloorPath && h.pull.Repo.Name == ".github"
}

// addOwners adds to a rule's result what codeowners asks for.
func (h *hearing) addOwners(t *tally) {
	s, r := t.rule, &t.result
	var only func(string) bool
	if s.When != nil && len(s.When.Files) > 0 {
		globs := shapes(s.When.Files)
		only = func(path string) bool { return anyGlob(globs, path) }
	}
	o := h.ownersResult(r.ID, r.Name, s, only)
	if s.Role == "" {
		*r = o
		return
	}
	passed := r.State.Passes()
	switch {
	case o.State == Exempt:
	case passed && !o.State.Passes():
		r.Summary, r.Can = o.Summary, o.Can
	case !passed && !o.State.Passes():
		r.Summary += " " + o.Summary
		r.Can = sorted(append(r.Can, o.Can...))
	}
	if o.State != Exempt {
		r.State = worse(r.State, o.State)
	}
	r.Unknown = r.Unknown || o.Unknown && !o.State.Passes()
	r.Notes = append(r.Notes, o.Notes...)
	r.Evidence = join(r.Evidence, o.Evidence)
}

// join adds the evidence that is not there yet.
func join(to, evidence []Evidence) []Evidence {
	if to == nil {
		return evidence
	}
	for _, e := range evidence {
		if !slices.Contains(to, e) {
			to = append(to, e)
		}
	}
	return to
}

// ownersResult asks, for every changed path that only lets through (nil is
// every path), for the approval of one of its owners.
func (h *hearing) ownersResult(id, name string, s *SignOff, only func(string) bool) Result {
	r := Result{ID: id, Name: name}
	var bad fault
	switch {
	case h.pull.Owners.Cut:
		bad = fault{"GitHub gave only a part of CODEOWNERS; make it smaller", ownersChangers}
	case h.pull.Owners.Text == "":
		r.State, r.Summary = Exempt, "Does not apply: the base branch has no CODEOWNERS."
		return r
	case !h.headWhole():
		bad = cutFilesFault
	case !s.Self:
		bad = h.cutFault()
	}
	if bad.why != "" {
		bad.fill(&r)
		return r
	}
	book := h.ownersBook()
	hits := h.hits(book, only)
	counted := make([]weighed, 0, len(h.voices))
	r.State = Exempt
	var open []string
	for i := range book {
		if hits[i] > 0 && len(book[i].owners) > 0 {
			o := h.ownedLine(book, i, s, hits[i], only, counted)
			if !o.State.Passes() {
				open = append(open, o.Summary)
			}
			r.State = worse(r.State, o.State)
			r.Unknown = r.Unknown || o.Unknown
			r.Can = append(r.Can, o.Can...)
			r.Notes = append(r.Notes, o.Notes...)
			r.Evidence = join(r.Evidence, o.Evidence)
		}
		if book[i].bad != "" {
			r.Notes = append(r.Notes, "CODEOWNERS line "+strconv.Itoa(book[i].number)+" is ignored, as GitHub does: "+Plain(book[i].bad)+".")
		}
	}
	r.Can, r.Notes = sorted(r.Can), sorted(r.Notes)
	switch {
	case r.State == Exempt:
		r.Summary = "Does not apply: no changed file has an owner."
	case len(open) > 0:
		r.Summary = sentences(open, 3)
	default:
		r.Summary = "Every changed file that has an owner is approved by one: " + list(approvers(r.Evidence), 5) + "."
	}
	return r
}

// approvers are the people whose approvals are the evidence.
func approvers(evidence []Evidence) []string {
	out := make([]string, 0, len(evidence))
	for _, e := range evidence {
		if e.Kind == "review" || e.Kind == "comment" {
			out = append(out, e.Login)
		}
	}
	return sorted(out)
}

// sentences puts the first few of several findings one after another.
func sentences(findings []string, limit int) string {
	if more := len(findings) - limit; more > 0 {
		return strings.Join(findings[:limit], ". ") + ". So it is with " + strconv.Itoa(more) + " more lines of CODEOWNERS."
	}
	return strings.Join(findings, ". ") + "."
}

// governedOwned says whether the policy or CODEOWNERS itself has an owner.
func (h *hearing) governedOwned() bool {
	book := h.ownersBook()
	for _, p := range append([]string{PolicyPath, FloorPath}, OwnersPaths...) {
		if i := decides(book, p); i >= 0 && len(book[i].owners) > 0 {
			return true
		}
	}
	return false
}

// hits counts the changed files that each line decides about.
func (h *hearing) hits(book []ownerLine, only func(string) bool) []int {
	hits := make([]int, len(book))
	add := func(path string) int {
		if only != nil && !only(path) {
			return -1
		}
		i := decides(book, path)
		if i >= 0 {
			hits[i]++
		}
		return i
	}
	for i := range h.pull.Files {
		f := &h.pull.Files[i]
		now := add(f.Path)
		if old := movedFrom(f); old != "" && old != f.Path && (only == nil || only(old)) {
			if j := decides(book, old); j >= 0 && j != now {
				hits[j]++
			}
		}
	}
	return hits
}

// ownedLine judges the files that one line of CODEOWNERS decides about. counted
// is room for its work.
func (h *hearing) ownedLine(book []ownerLine, line int, s *SignOff, files int, only func(string) bool, counted []weighed) Result {
	l := &book[line]
	role, _ := h.rules.role(reviewerRole)
	if s.Role != "" {
		role, _ = h.rules.role(s.Role)
	} else {
		role.GitHubReview = true
	}
	t := tally{rule: s, role: role, scope: scope{id: 1000 + line, book: book, line: line, files: files}, counted: counted[:0]}
	for i := range h.voices {
		h.hearOwner(&t, l, &h.voices[i])
	}
	var r Result
	fresh := len(h.unknown) == 0 || s.Unattributed == UnattributedAllow
	r.Evidence = make([]Evidence, len(t.counted))
	for i := range t.counted {
		w := &t.counted[i]
		fresh = fresh || w.atHead
		r.Evidence[i] = h.evidence(w)
	}
	r.Notes = h.carriedOver(&t)
	switch {
	case len(t.counted) > 0 && fresh:
		r.State = Met
	case len(t.counted) > 0:
		r.State, r.Summary = Waiting, strings.TrimSuffix(h.unattributedText(l.who()), ".")
		_, r.Can, _ = h.ownersLeft(l, s.Self)
	default:
		h.ownerMissing(&r, &t, l, files, only)
	}
	r.Notes = append(r.Notes, remarkTexts(t.remarks, r.State == Met)...)
	return r
}

// hearOwner weighs what somebody said as an owner.
func (h *hearing) hearOwner(t *tally, l *ownerLine, v *voice) {
	form, said, voided := v.approvals(&t.role)
	if form == nil && said == nil && voided == "" || !h.owns(l, v.key) {
		return
	}
	if form == nil && said == nil {
		h.hearMisses(t, v, voided)
		return
	}
	if why, weight := h.barred(t, v); why != "" {
		t.refuse(v, form, said, weight, why)
		return
	}
	if acc := h.may(v.key, v.login, "write"); !acc.ok {
		t.refuse(v, form, said, lacking, acc.why)
		return
	}
	h.accept(t, v, form, said)
}

// owns says whether somebody is among the owners of a line.
func (h *hearing) owns(l *ownerLine, key string) bool {
	found := false
	for _, o := range l.owners {
		switch o.kind {
		case userOwner:
			found = found || strings.EqualFold(o.name(), key)
		case teamOwner:
			t, _ := h.team(o.name())
			found = found || t.Found && member(t, key)
		}
	}
	return found
}
