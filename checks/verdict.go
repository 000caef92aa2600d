package checks

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Verdict is what all checks of a policy came to for one pull request at one
// moment. Its zero value is not met.
type Verdict struct {
	// State is the worst result. Own leaves out what other pull requests with
	// the same head commit add, which is what those look at in turn.
	State State `json:"state"`
	Own   State `json:"own"`
	// Observe: nothing of it is written to GitHub.
	Observe bool `json:"observe,omitzero"`
	// Invalid: the policy itself is wrong, so nothing passes; what there is of the
	// organisation's floor was judged.
	Invalid bool `json:"invalid,omitzero"`
	// SummaryOnly: the policy wants no runs for sections.
	SummaryOnly bool      `json:"summary_only,omitzero"`
	Number      int       `json:"number"`
	Head        string    `json:"head"`
	At          time.Time `json:"at"`
	// Until is the next moment (GitHub's clock) at which the verdict changes
	// without an event; zero if there is none.
	Until time.Time `json:"until,omitzero"`
	// Results, one for each section, before them what concerns the whole.
	Results []Result `json:"results"`
	// Notes are sentences that concern no single result: how what is missing could
	// be let pass, and commands that do nothing.
	Notes []string `json:"notes,omitzero"`
	// Heard is what people ask of handrail itself. It follows from the snapshot and
	// is no part of the verdict.
	Heard Heard `json:"-"`
}

// Ids of the results that no section of the policy makes.
const (
	IDPolicy = "policy"
	IDDraft  = "draft"
	IDShared = "shared-head"
	IDLabel  = "label"
	// IDReviewLabel is about the label "Security Review Required".
	IDReviewLabel = "security-label"
)

// Judge judges a pull request by a policy. It is total: whatever it is given,
// it answers, and what it cannot know does not pass.
func Judge(policy Policy, pull Pull) Verdict {
	v := Verdict{
		Observe: policy.Observe, SummaryOnly: policy.Summary,
		Number: pull.Number, Head: pull.Head.SHA, At: pull.At,
	}
	all := pull.Comments
	pull = withoutOurs(pull)
	orders := ordersIn(&pull)
	x := overrides(&policy, &pull, orders)
	if policy.Invalid() && !mended(policy, &pull) {
		v.Invalid = true
		v.Results = append([]Result{invalidPolicy(policy)}, judgeFloor(policy, &pull)...)
	} else {
		v.Results = judgeSections(policy, &pull)
		x.applyAll(v.Results)
	}
	v.Own = worst(v.Results)
	if r, shared := sharedHead(&pull); shared {
		v.Results = append(v.Results, r)
	}
	v.State = worst(v.Results)
	v.Results = append(v.Results, labelsLeft(&v, &pull)...)
	for i := range v.Results {
		v.finish(&v.Results[i], &pull)
	}
	if !v.Observe && !v.Invalid {
		v.Notes = x.notes(v.State.Passes())
	}
	if !v.State.Passes() {
		v.Notes = append(v.Notes, missedCommands(&pull, orders)...)
	}
	v.hear(&policy, &pull, all, orders)
	return v
}

func judgeSections(policy Policy, pull *Pull) []Result {
	out := make([]Result, 0, len(policy.Sections)+1)
	if r, ok := proposedPolicy(policy, pull); ok {
		out = append(out, r)
	}
	if pull.Draft {
		out = append(out, Result{
			ID: IDDraft, Name: "Draft", State: Waiting,
			Summary: "The pull request is a draft. It can be met once it is marked ready for review.",
			Can:     []string{theAuthor},
		})
	}
	blocking := policy.Observe || len(policy.Sections) == 0
	for _, s := range policy.Sections {
		out = append(out, judgeSection(s, pull))
		blocking = blocking || !s.Observe
	}
	if !blocking {
		out = nothingBlocks(out)
	}
	return out
}

func judgeSection(s Section, pull *Pull) Result {
	parts := make([]Result, len(s.Checks))
	for i, c := range s.Checks {
		parts[i] = c.Eval(*pull)
	}
	var r Result
	if len(parts) == 1 && parts[0].ID == s.Name {
		r = parts[0]
	} else {
		r = Combine(s.Name, title(s.Name), parts)
	}
	r.Observed = s.Observe
	return r
}

// worst is the state of all that blocks. No results is not a pass.
func worst(results []Result) State {
	s, any := Exempt, false
	for _, r := range results {
		if !r.Observed {
			s, any = worse(s, r.State), true
		}
	}
	if !any {
		return Unmet
	}
	return s
}

// finish fills in since when a result has its state, takes over the earliest
// moment at which one changes, and calls the author by name.
func (v *Verdict) finish(r *Result, pull *Pull) {
	r.Since = pull.At
	if m, ok := pull.Memory.Since[r.ID]; ok && m.State == r.State && !m.At.IsZero() {
		r.Since = m.At
	}
	if r.Until.After(pull.At) && (v.Until.IsZero() || r.Until.Before(v.Until)) {
		v.Until = r.Until
	}
	r.Can = nameAuthor(r.Can, pull.Author)
	for i := range r.Parts {
		v.finish(&r.Parts[i], pull)
	}
	r.Controls = controlsOf(r)
}

// nameAuthor puts the author's login for "the author", where that is a person.
func nameAuthor(can []string, author Actor) []string {
	i := slices.Index(can, theAuthor)
	key := account(author)
	if i < 0 || gone(key) || isApp(key) {
		return can
	}
	out := slices.DeleteFunc(slices.Clone(can), func(s string) bool { return s == "@"+key })
	out[slices.Index(out, theAuthor)] = "@" + key
	return out
}

// sharedHead holds a pull request to the stricter verdict when another open one
// has the same head commit, since check-runs belong to the commit.
func sharedHead(pull *Pull) (Result, bool) {
	r := Result{ID: IDShared, Name: "Shared commit", State: Exempt}
	var names, blocked []string
	for _, s := range pull.Siblings {
		if s.Observed {
			continue
		}
		names = append(names, fmt.Sprintf("#%d", s.Number))
		state := s.State
		if !s.Judged {
			state = Waiting
		}
		r.State = worse(r.State, state)
		if !state.Passes() {
			blocked = append(blocked, fmt.Sprintf("#%d is %s", s.Number, state))
		}
	}
	if len(names) == 0 {
		return Result{}, false
	}
	sortStrings(names)
	sortStrings(blocked)
	who := fmt.Sprintf("#%d and %s have the same head commit and so share its check-runs", pull.Number, strings.Join(names, ", "))
	if len(blocked) == 0 {
		r.Summary = who + "; all of them are met."
		return r, true
	}
	r.Summary = who + "; the stricter verdict holds: " + strings.Join(blocked, ", ") + ". A commit of its own for one of them ends this."
	r.Can = []string{theAuthor, "whoever works on " + strings.Join(names, ", ")}
	return r, true
}

// String is the problem in one line: place, what is wrong, what was meant.
func (q Problem) String() string {
	var b strings.Builder
	if q.File != "" {
		b.WriteString(q.File)
		if q.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", q.Line, max(q.Column, 1))
		}
		b.WriteString(": ")
	}
	if q.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(q.Message)
	if q.Suggest != "" {
		b.WriteString(" ")
		b.WriteString(q.Suggest)
	}
	return b.String()
}
