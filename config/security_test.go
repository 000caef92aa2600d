package config_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

const infosec = "version: 1\nroles: {security: {team: acme/infosec}}\n"

// securityOf reads a policy of one section.
func securityOf(t *testing.T, section string) *checks.SecurityRules {
	t.Helper()
	p := config.Policy([]checks.Source{repoFile(infosec + section)}, config.Defaults{})
	if p.Invalid() {
		t.Fatalf("%v", p.Problems)
	}
	for _, s := range p.Sections {
		if s.Name == "security" {
			return s.Checks[0].(*checks.SecurityRules)
		}
	}
	t.Fatalf("there is no section security in %q", section)
	return nil
}

var ignoreRoles = cmp.Options{
	cmpopts.IgnoreUnexported(checks.SecurityRules{}), cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b checks.Date) bool { return a.Time().Equal(b.Time()) }),
}

func TestEveryKeyOfSecurityIsRead(t *testing.T) {
	want := &checks.SecurityRules{
		Role: "reviewer", Count: 2,
		Watch: checks.Watch{
			Files: []checks.Glob{"auth/**"}, Keywords: []string{"password"}, Functions: []string{"exec"}, Classes: []string{"X509*"},
			Exclude: []checks.Glob{"**/testdata/**"}, Defaults: true,
		},
		Secrets: checks.RespondReview, WeakSecrets: checks.RespondBlock, HiddenCharacters: checks.RespondOff, Suppressions: checks.RespondBlock, Opaque: checks.RespondOff,
		SARIF: &checks.SARIFRules{
			Artifacts: []checks.Glob{"*.sarif"}, Reports: []checks.ReportRule{{Workflow: "scan.yml", Artifacts: []checks.Glob{"x"}}},
			Block: checks.SeverityCritical, Review: checks.SeverityLow, SelfDeclared: checks.SelfDeclaredRefuse, Wait: checks.Duration(2 * time.Hour), Tools: []string{"gosec"},
		},
		Alerts: checks.AlertRules{
			Block: checks.SeverityOff, Review: checks.SeverityHigh, Kinds: []checks.AlertKind{checks.CodeScanning, checks.SecretScanning}, Require: []checks.AlertKind{checks.DependencyReview},
		},
		Suppress: []checks.Suppression{
			{Finding: "s-0123", Reason: "made up", Until: checks.Date(time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC))},
			{Rule: "G101", Files: []checks.Glob{"docs/**"}, Reason: "made up", Until: checks.Date(time.Date(2026, 6, 30, 10, 0, 0, 0, time.UTC))},
		},
	}
	got := securityOf(t, `security:
  role: reviewer
  count: 2
  watch: {files: ["auth/**"], keywords: [password], functions: [exec], classes: ["X509*"], exclude: ["**/testdata/**"], defaults: true}
  secrets: review
  weak_secrets: block
  hidden_characters: off
  suppressions: block
  opaque: "off"
  sarif: {artifacts: ["*.sarif"], reports: [{workflow: scan.yml, artifacts: [x]}], block: critical, review: low, self_declared: refuse, wait: 2h, tools: [gosec]}
  alerts: {block: off, review: high, kinds: [code_scanning, secret_scanning], require: [dependencies]}
  suppress:
    - {finding: s-0123, reason: made up, until: 2026-06-30T00:00:00Z}
    - {rule: G101, files: ["docs/**"], reason: made up, until: "2026-06-30T12:00:00+02:00"}
`)
	if d := cmp.Diff(want, got, ignoreRoles); d != "" {
		t.Error(d)
	}
	// A key that this test does not set is one that it does not try.
	for i := range reflect.ValueOf(*got).NumField() {
		if f := reflect.TypeOf(*got).Field(i); f.IsExported() && reflect.ValueOf(*got).Field(i).IsZero() {
			t.Errorf("%s was not set", f.Name)
		}
	}
}

func TestSecurityHasItsDefaultsWhateverIsLeftOut(t *testing.T) {
	want := checks.NewSecurity()
	if want.Role != "security" || want.Count != 1 || !want.Watch.Defaults || want.Secrets != checks.RespondBlock || want.WeakSecrets != checks.RespondReview || want.SARIF != nil {
		t.Errorf("the defaults are %+v", want)
	}
	for _, section := range []string{"security:\n", "security: {}\n", "security: {watch: {}}\n", "security: {secrets: block}\n"} {
		if d := cmp.Diff(want, securityOf(t, section), ignoreRoles); d != "" {
			t.Errorf("%q: %s", section, d)
		}
	}
	need := securityOf(t, "security: {sarif: {}}\n").Need()
	if !need.Files || len(need.Teams) != 1 || len(need.Scans) != 1 || need.Scans[0].SARIF == nil || !need.Scans[0].SARIF.Base || len(need.Scans[0].Alerts) != 3 {
		t.Errorf("%+v is asked for", need)
	}
	if rule := need.Scans[0].SARIF.Rule(".github/workflows/any.yml"); len(rule.Artifacts) != 1 || rule.Artifacts[0] != "*sarif*" {
		t.Errorf("the artifacts are %v", rule.Artifacts)
	}
}

func TestMistakesInSecurityAreNamedWithPlaceAndWhatWasMeant(t *testing.T) {
	text := infosec + `security:
  role: securty
  count: 0
  watch: {exclude: ["**"], keywords: ["", "*"], defaults: yes}
  secrets: blok
  weak_secrets: warn
  sarif: {block: medium, review: high, reports: [{workflow: ci.txt}, {}], tools: [" "]}
  alerts: {block: hihg, review: none, kinds: [code-scanning]}
  suppress:
    - s-0123
    - {finding: s-0123}
    - {finding: s-0, reason: x, until: 2026-06-30}
    - {rule: G101, reason: x, until: soon}
    - {rule: G101, files: ["**/*"], reason: " ", until: 2026-06-30T00:00:00Z}
    - {reason: x, until: 2026-06-30T00:00:00Z}
    - {finding: s-0123, rule: G101, reason: x, until: 2026-06-30T00:00:00Z}
    - {rule: G101, reason: x, until: 2026-06-30T00:00:00Z}
`
	want := []string{
		`4:9: There is no role "securty". Did you mean "security"?`,
		`5:10: A security review needs at least one person.`,
		`6:21: "**" leaves out every file, so that nothing is watched.`,
		`6:39: "" would match every name: write a part of one.`,
		`6:43: "*" would match every name: write a part of one.`,
		`6:59: "defaults" must be true or false, not "yes". Did you mean "true"?`,
		`7:12: "blok" is none of block, review, off. Did you mean "block"?`,
		`8:17: "warn" is none of block, review, off.`,
		`9:18: From medium on findings block, so that none is left for which review, from high on, asks.`,
		`9:61: "ci.txt" is no workflow: write its file, for example .github/workflows/ci.yml.`,
		`9:70: A producer of reports needs its workflow, for example .github/workflows/ci.yml.`,
		`9:83: A tool needs a name.`,
		`10:19: "hihg" is none of critical, high, medium, low, none, off. Did you mean "high"?`,
		`10:33: warning: None is the rating 0.0, which every finding reaches. Write off if no finding is meant.`,
		`10:47: "code-scanning" is none of code_scanning, dependencies, secret_scanning. Did you mean "code_scanning"?`,
		`12:7: "suppress" must be a mapping, not "s-0123". Write it as {finding: s-0123}.`,
		`13:7: A suppression needs a reason.`,
		`13:7: A suppression needs until, a date such as 2026-06-30T00:00:00Z, at most 180 days ahead.`,
		`14:40: "2026-06-30" lacks its time and zone: write 2026-06-30T00:00:00Z.`,
		`15:38: "soon" is no date: write one such as 2026-06-30T00:00:00Z.`,
		`16:7: A suppression needs a reason.`,
		`16:28: "**/*" lets the rule pass everywhere: name the files.`,
		`17:7: A suppression names a finding by its id, or a rule and the files in which it is let pass.`,
		`18:7: A suppression names either one finding or a rule with files, not both.`,
		`19:7: The rule "G101" needs files in which it is let pass.`,
	}
	var got []string
	for _, q := range config.Check("handrail.yml", text) {
		got = append(got, strings.TrimPrefix(q.String(), "handrail.yml:"))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTheSecurityRoleMustBeThere(t *testing.T) {
	for text, want := range map[string]string{
		"security:\n": "2:10: There is no role security, whose holders give security reviews: define it under roles, for example security: {team: acme/infosec}, or name another one here.",
		"roles: {security: {users: [sue]}}\nsecurity: {count: 2}\n": "3:19: 2 reviews can never be given: the role security has only 1 user.",
		"security: {role: reviewer}\n":                              "",
	} {
		got := ""
		for _, q := range config.Check("handrail.yml", "version: 1\n"+text) {
			got += strings.TrimPrefix(q.String(), "handrail.yml:")
		}
		if got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestTheLabelsOfHandrailAreNoConditions(t *testing.T) {
	for _, label := range []string{checks.LabelMet, checks.LabelSecurity} {
		if q := config.Check("handrail.yml", "version: 1\ncompliance: {labels: {require: ["+label+"]}}\n"); len(q) != 1 || !strings.Contains(q[0].Message, "so it can be no condition") {
			t.Errorf("%s: %v", label, q)
		}
	}
}
