package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

const overrideRoles = "version: 1\nroles: {release-management: {team: acme/rm}, security: {team: acme/infosec}, on-call: {users: [olga]}}\n"

func TestWhoMayOverrideIsReadWithItsDefaults(t *testing.T) {
	p := config.Policy([]checks.Source{repoFile(overrideRoles + "override: {role: release-management}\n")}, config.Defaults{})
	o := p.Override
	if p.Invalid() || o == nil || p.FloorOverride != nil {
		t.Fatalf("%+v, %v", o, p.Problems)
	}
	if o.Role != "release-management" || time.Duration(o.Valid) != 24*time.Hour || len(o.Requirements) != 1 || o.Requirements[0] != "**" || o.Self ||
		o.Second.Role != "" || len(o.Second.For) != 2 || o.Second.For[0] != "security/secrets" || o.BreakGlass.Role != "" || time.Duration(o.BreakGlass.FollowUp) != 7*24*time.Hour {
		t.Errorf("the defaults are %+v", o)
	}
	if teams := p.Need().Teams; len(teams) != 1 || teams[0] != "acme/rm" {
		t.Errorf("it asks about %v", teams)
	}
	p = config.Policy([]checks.Source{repoFile(overrideRoles + `override:
  role: release-management
  valid: 2h
  requirements: [review/**]
  self: true
  second: {role: security}
  break_glass: {role: on-call, valid: 30m, self: true, follow_up: 3d, follow_up_role: security}
`)}, config.Defaults{})
	if o = p.Override; p.Invalid() || time.Duration(o.Valid) != 2*time.Hour || !o.Self || o.Second.Role != "security" || len(o.Second.For) != 2 ||
		time.Duration(o.BreakGlass.Valid) != 30*time.Minute || !o.BreakGlass.Self || o.BreakGlass.FollowUpRole != "security" {
		t.Errorf("%+v, %v", o, p.Problems)
	}
	if teams := strings.Join(p.Need().Teams, " "); teams != "acme/rm acme/infosec" {
		t.Errorf("it asks about %v", teams)
	}
	if p := config.Policy([]checks.Source{repoFile("version: 1\n")}, config.Defaults{}); p.Override != nil {
		t.Error("without the section somebody may override")
	}
}

func TestMistakesOfOverridesAreSaid(t *testing.T) {
	for section, want := range map[string]string{
		"override: {role: rm}\n":                                               `4:18: There is no role "rm".`,
		"override: {valid: 2h}\n":                                              "It names no role, so nobody can override anything: name one, or leave the section out.",
		"override: {role: on-call, valid: forever}\n":                          "is no length of time",
		"override: {role: on-call, break_glas: {}}\n":                          `Unknown key "break_glas".`,
		"override: yes\n":                                                      `"override" must be a mapping`,
		"override: {role: on-call, requirements: []}\n":                        "warning: It names no requirement, so nothing can be overridden.",
		"override: {role: on-call, second: {role: security, for: []}}\n":       "warning: It names no requirement, so the second person is never asked for.",
		"override: {role: on-call, break_glass: {follow_up_role: security}}\n": "warning: It names no role, so nobody can break the glass.",
	} {
		var said []string
		for _, q := range config.Check(checks.PolicyPath, overrideRoles+"review: {sign_offs: [{role: release-management}, {role: security}, {role: on-call}]}\n"+section) {
			said = append(said, q.String())
		}
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("%s%s", section, strings.Join(said, "\n"))
		}
	}
}

// TestWhatTheFloorAsksForIsJudgedBesideWhatTheRepositoryMayOverride also where both
// leave the review to the default, which else would be asked for once.
func TestWhatTheFloorAsksForIsJudgedBesideWhatTheRepositoryMayOverride(t *testing.T) {
	floor := checks.Source{Repo: "acme/.github", Path: checks.FloorPath, Text: overrideRoles + "override: {role: security}\n", Floor: true}
	p := config.Policy([]checks.Source{repoFile(overrideRoles + "override: {role: release-management}\n"), floor}, config.Defaults{})
	if p.Invalid() || p.Override.Role != "release-management" || p.FloorOverride.Role != "security" {
		t.Fatalf("%+v, %+v, %v", p.Override, p.FloorOverride, p.Problems)
	}
	for _, s := range p.Sections {
		if len(s.Checks) != 2 {
			t.Errorf("%s has %d checks", s.Name, len(s.Checks))
		}
	}
	p = config.Policy([]checks.Source{repoFile("version: 1\n"), floor}, config.Defaults{})
	for _, s := range p.Sections {
		if len(s.Checks) != 1 {
			t.Errorf("where the repository overrides nothing %s has %d checks", s.Name, len(s.Checks))
		}
	}
}
