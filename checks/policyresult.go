package checks

import (
	"fmt"
	"strings"
)

// nothingBlocks puts in front that a policy enforces nothing, though it is not
// set to observe: to call that met would be to grant what nobody asked for.
func nothingBlocks(results []Result) []Result {
	const why = "Every section only observes, so nothing can be met. Set mode: observe for the whole file, or let a section enforce."
	whom := []string{policyChangers}
	if len(results) > 0 && results[0].ID == IDPolicy {
		r := &results[0]
		r.State, r.Summary, r.Can = Unmet, r.Summary+" "+why, sorted(append(r.Can, whom...))
		return results
	}
	return append([]Result{{ID: IDPolicy, Name: policyName, State: Unmet, Summary: why, Can: whom}}, results...)
}

// policyName is what the result is called that is about the policy itself.
const policyName = "Policy"

func invalidPolicy(policy Policy) Result {
	r := Result{ID: IDPolicy, Name: policyName, State: Unmet, Can: []string{policyChangers}}
	for _, q := range policy.Problems {
		r.Notes = append(r.Notes, q.String())
		if q.Warning {
			continue
		}
		if r.Summary == "" {
			r.Summary = "The policy on the base branch cannot be used, so nothing passes: " + q.String()
		}
	}
	if onlyWeaker(policy) {
		r.Notes = append(r.Notes, "A pull request that mends this is judged by the floor and by all that the policy asks for.")
	}
	for _, s := range policy.Sources {
		if s.Broken != "" {
			r.Unknown = true
		}
	}
	return r
}

// proposedPolicy shows whether the policy text that a pull request brings is
// valid. It is judged by the old rules all the same, but a text that would
// block every pull request after it is not let through.
func proposedPolicy(policy Policy, pull *Pull) (Result, bool) {
	p := pull.Proposed
	if p == nil {
		return Result{}, false
	}
	r := Result{ID: IDPolicy, Name: "New policy", State: Met}
	mistakes, which, reach := 0, "", ""
	if p.Path == FloorPath {
		reach = " of the organisation"
	}
	for _, q := range p.Problems {
		if !q.Warning {
			if mistakes++; mistakes == 1 {
				which = q.String()
			}
		}
		r.Notes = append(r.Notes, q.String())
		level := "failure"
		if q.Warning {
			level = "warning"
		}
		if q.Line > 0 && q.File == p.Path {
			r.Annotations = append(r.Annotations, Annotation{
				Path: q.File, Start: q.Line, End: q.Line, Level: level,
				Title: "Policy", Message: strings.TrimSpace(q.Message + " " + q.Suggest),
			})
		}
	}
	switch {
	case mistakes > 0:
		r.State = Unmet
		r.Summary = fmt.Sprintf("The new policy has %s, and merged would block every pull request%s: %s", count(mistakes, "mistake"), reach, which)
		r.Can = []string{theAuthor}
	case p.Removed:
		r.Summary = "This pull request removes the policy" + reach + ". It is judged by the policy on the base branch."
	default:
		r.Summary = "The new policy" + reach + " is valid. This pull request is still judged by the policy on the base branch."
	}
	if policy.Invalid() {
		r.Notes = append(r.Notes, "The policy on the base branch is weaker than the organisation's floor, so that no other pull request passes. This one is judged by both.")
	}
	r.Notes = append(r.Notes, p.WhatIf.notes()...)
	return r, true
}
