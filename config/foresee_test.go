package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

const proposal = `version: 1
roles:
  qa: {team: "@Acme/QA"}
  lead: {users: [Carol, mallory, "bot[bot]"], permission: maintain}
  gone: {team: acme/gone}
  none: {team: acme/none}
review:
  sign_offs:
    - {name: Two of QA, role: qa, count: 2}
    - {name: Three leads, role: lead, count: 3}
    - {name: Gone, role: gone, count: 2}
    - {name: None, role: none}
status:
  require: [build, {name: biuld}, lint]
compliance:
  paths:
    - {name: Deploy, files: [deploy/**], roles: [qa, reviewer], count: 5}
`

func TestWhatOnlyGitHubKnowsOfAProposedPolicyIsWarnedOf(t *testing.T) {
	found, wants := config.Foresee(checks.PolicyPath, proposal, checks.Pull{}, nil)
	if d := cmp.Diff(checks.Wants{Teams: []string{"acme/qa", "acme/gone", "acme/none"}, Users: []string{"carol", "mallory"}}, wants); d != "" || len(found) > 0 {
		t.Fatalf("before GitHub was asked: %v, wants %s", found, d)
	}
	pull := checks.Pull{
		Teams: map[string]checks.Team{
			"acme/qa":   {Name: "acme/qa", Found: true, Members: []string{"Quinn"}},
			"acme/gone": {Name: "acme/gone"}, "acme/none": {Name: "acme/none", Found: true},
		},
		People: map[string]checks.Person{"carol": {Login: "carol", Permission: "admin"}, "mallory": {Login: "mallory", Permission: "write"}},
	}
	found, wants = config.Foresee(checks.PolicyPath, proposal, pull, []string{"build", "lint"})
	if !wants.None() {
		t.Errorf("it still wants %+v", wants)
	}
	var said []string
	for _, q := range found {
		if !q.Warning || q.Suggest == "" && !strings.Contains(q.Message, "No check") {
			t.Errorf("%+v is no warning, or does not say what to do", q)
		}
		said = append(said, strings.TrimPrefix(q.String(), ".github/handrail.yml:"))
	}
	want := []string{
		`4:25: warning: "mallory" has less than maintain access to this repository, so cannot sign as "lead". Is the name misspelt? Otherwise give them access.`,
		`5:16: warning: The team "acme/gone" is not there, or this App cannot see its members, so that nobody can sign by it. Is it misspelt? The App needs the permission to read members.`,
		`6:16: warning: The team "acme/none" has no members, so that nobody can sign by it. Add somebody to it.`,
		`9:42: warning: 2 approvals can never be given: only 1 may sign as "qa". Ask for fewer, or let more people hold the role.`,
		`10:46: warning: 3 approvals can never be given: only 2 may sign as "lead". Ask for fewer, or let more people hold the role.`,
		`14:27: warning: No check or commit status "biuld" has been seen in this repository. Did you mean "build"?`,
		`17:72: warning: 5 approvals can never be given: only 1 may sign as "qa". Ask for fewer, or let more people hold the role.`,
	}
	if d := cmp.Diff(want, said); d != "" {
		t.Error(d)
	}
	if found, _ := config.Foresee(checks.PolicyPath, proposal, pull, nil); len(found) != 6 {
		t.Errorf("where no check was ever seen, it says %v", found)
	}
}

func TestAPolicyOfManyTeamsAsksForFew(t *testing.T) {
	text := "version: 1\nroles:\n"
	for i := range 200 {
		text += "  r" + strings.Repeat("x", i%40) + string(rune('a'+i/40)) + ": {team: acme/t" + strings.Repeat("x", i%40) + string(rune('a'+i/40)) + ", users: [u" + strings.Repeat("x", i%40) + string(rune('a'+i/40)) + "]}\n"
	}
	if _, w := config.Foresee("x", text, checks.Pull{}, nil); len(w.Teams) != 30 || len(w.Users) != 50 {
		t.Errorf("it asks for %d teams and %d users", len(w.Teams), len(w.Users))
	}
	if found, w := config.Foresee("x", text+"nonsense: 1\n", checks.Pull{}, []string{"build"}); len(found) > 0 || !w.None() {
		t.Errorf("of a text with mistakes it says %v and asks for %+v", found, w)
	}
}
