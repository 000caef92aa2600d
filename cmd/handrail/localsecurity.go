package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// securityReview is the result that only people on GitHub can meet.
const securityReview = "security/review"

// judgeSecurity judges what the scan finds. What only GitHub knows is left out:
// its alerts, and who has given a review.
func (c *localCheck) judgeSecurity(ctx context.Context, policy checks.Policy) (checks.Verdict, error) {
	given := sectionOf[*checks.SecurityRules](policy)
	switch {
	case len(policy.Sections) == 0:
		fmt.Fprintf(c.say, "There is no %s, neither on %s nor here: secrets and hidden characters are looked for.\n", checks.PolicyPath, c.base)
	case given == nil:
		fmt.Fprintln(c.say, "The policy has no section \"security\": secrets and hidden characters are looked for all the same.")
	}
	rules := localRules(given)
	if rules.SARIF == nil && len(c.findingReports) > 0 {
		rules.SARIF = &checks.SARIFRules{SelfDeclared: checks.SelfDeclaredAccept}
	}
	findings, err := c.findings(ctx, rules)
	if err != nil {
		return checks.Verdict{}, err
	}
	pull := c.asPull()
	c.scans = map[string]checks.Scan{}
	for _, scanning := range rules.Need().Scans {
		s, written, err := c.scan(ctx, c.tell, c.scanner, scanning.Patterns)
		if err != nil {
			return checks.Verdict{}, err
		}
		s.SARIF, pull.Redacted = findings, written
		s.Scanned = max(s.Scanned, len(pull.Commits)) // what is not committed yet is to be one
		c.scans[scanning.Key()], c.written = s, written
	}
	pull.Scans = c.scans
	need := rules.Need()
	assume(&pull, need.Teams, need.Users)
	v := checks.Judge(checks.Policy{Roles: policy.Roles, Sections: []checks.Section{{Name: "security", Checks: []checks.Check{rules}}}}, pull)
	for i := range v.Results {
		onGitHub(&v.Results[i], rules.Role)
	}
	return v, nil
}

// localRules are a policy's rules as far as they can be judged here. Without any
// they are what nobody would want to push: secrets, and characters that hide
// something.
func localRules(given *checks.SecurityRules) *checks.SecurityRules {
	if given == nil {
		rules := checks.NewSecurity()
		rules.Watch.Defaults = false
		rules.Suppressions, rules.Opaque = checks.RespondOff, checks.RespondOff
		rules.Alerts.Kinds = []checks.AlertKind{}
		rules.UseRoles(map[checks.RoleName]checks.Role{rules.Role: {Name: rules.Role}})
		return rules
	}
	rules := *given
	rules.Alerts.Kinds, rules.Alerts.Require = []checks.AlertKind{}, nil
	if rules.SARIF != nil {
		sarif := *rules.SARIF
		// Here the reports are those that are named, not what workflows leave.
		sarif.Reports, sarif.SelfDeclared = nil, checks.SelfDeclaredAccept
		rules.SARIF = &sarif
	}
	return &rules
}

// onGitHub says of a review that is needed where it can be had; the rest can be
// mended here.
func onGitHub(r *checks.Result, role checks.RoleName) {
	for i, who := range r.Can {
		if who == "@"+you {
			r.Can[i] = you
		}
	}
	for i, note := range r.Notes {
		if strings.HasPrefix(note, "If it is no danger after all") && strings.Contains(note, "/suppress ") {
			r.Notes[i] = "If it is no danger after all, it can be let pass on GitHub, by the id that is shown there: here it has another one each time."
		}
	}
	if r.ID == securityReview && !r.State.Passes() {
		r.Can = []string{fmt.Sprintf("the role %s, on GitHub", role)}
	}
	for i := range r.Parts {
		onGitHub(&r.Parts[i], role)
	}
}
