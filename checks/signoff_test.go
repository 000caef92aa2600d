package checks

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRulesThatCannotBeMeantAreRefusedAtTheirPlace(t *testing.T) {
	roles := demoRoles()
	roles["lead"] = Role{Users: []string{"bob"}}
	for name, c := range map[string]struct {
		rule SignOff
		want string
	}{
		"fine":                      {SignOff{Name: "QA", Role: "qa", When: &Condition{Labels: []string{"x"}}}, ""},
		"nobody is asked":           {SignOff{Name: "QA"}, "sign_offs.1"},
		"no name":                   {SignOff{Name: "!!", Role: "qa"}, "sign_offs.1.name"},
		"a name that is taken":      {SignOff{Name: "Code  Review", Role: "qa"}, "sign_offs.1.name"},
		"a name that handrail uses": {SignOff{Name: "Code owners", Role: "qa"}, "sign_offs.1.name"},
		"a name of the floor's":     {SignOff{Name: "Floor", Role: "qa"}, "sign_offs.1.name"},
		"a name of what is beside":  {SignOff{Name: "repository", Role: "qa"}, "sign_offs.1.name"},
		"less than none":            {SignOff{Role: "qa", Count: -1}, "sign_offs.1.count"},
		"more than there are":       {SignOff{Role: "lead", Count: 2}, "sign_offs.1.count"},
		"an empty condition":        {SignOff{Role: "qa", When: &Condition{}}, "sign_offs.1.when"},
		"an empty exception":        {SignOff{Role: "qa", Unless: &Condition{}}, "sign_offs.1.unless"},
		"a label that lifts a rule": {SignOff{Role: "qa", Unless: &Condition{Labels: []string{"hotfix"}}}, "sign_offs.1.unless.labels"},
		"less than no lines":        {SignOff{Role: "qa", When: &Condition{LinesOver: new(-1)}}, "sign_offs.1.when.lines_over"},
		"less than no files":        {SignOff{Role: "qa", When: &Condition{FilesOver: new(-1)}}, "sign_offs.1.when.files_over"},
	} {
		t.Run(name, func(t *testing.T) {
			r := NewReview()
			r.SignOffs = append(r.SignOffs, c.rule)
			r.UseRoles(roles)
			got := ""
			for _, f := range r.Faults() {
				if f.Message == "" {
					t.Error("a mistake without a word")
				}
				got += f.Key
			}
			if got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}

func TestWordsOfThePolicyAreExact(t *testing.T) {
	var s Staleness
	if s.UnmarshalText([]byte("head")) != nil || s != StaleHead || s.UnmarshalText([]byte("Head")) == nil || s != StaleHead {
		t.Errorf("stale is %q", s)
	}
	var a Attribution
	if a.UnmarshalText([]byte("allow")) != nil || a != UnattributedAllow || a.UnmarshalText([]byte("no")) == nil {
		t.Errorf("unattributed is %q", a)
	}
}

func TestWhatRolesNeedIsAskedForInTheFirstRead(t *testing.T) {
	roles := demoRoles()
	roles["lead"] = Role{Team: "Acme/Leads", Users: []string{"Bob", "renovate[bot]"}}
	r := NewReview()
	r.SignOffs = []SignOff{{Role: "qa"}, {Role: "lead", Unless: &Condition{AuthorRole: "platform"}}, {Name: "Owners", CodeOwners: true}}
	r.UseRoles(roles)
	want := Need{Teams: []string{"acme/qa", "acme/leads", "acme/platform"}, Users: []string{"bob"}, Files: true, Owners: true}
	if d := cmp.Diff(want, r.Need()); d != "" {
		t.Errorf("needs (-want +got):\n%s", d)
	}
}

func TestASignOffMayAskForTheOwnersOfItsFiles(t *testing.T) {
	owners := SignOff{Name: "Infra owners", CodeOwners: true, When: &Condition{Files: []Glob{"deploy/**"}}}
	s := newScene().files("src/a.go", "deploy/x").owners("/src/ @dave", "/deploy/ @carol").approved("bob")
	expect(t, judged(s, rulesOf(owners)), Waiting, "deploy/x", "@carol")
	both := owners
	both.Role, both.Count = "reviewer", 2
	expect(t, judged(s, rulesOf(both)), Waiting, "1 of 2 approvals", "@carol")
	s.approved("carol")
	expect(t, judged(s, rulesOf(owners)), Met)
	expect(t, judged(s, rulesOf(both)), Met)
	expect(t, judged(newScene(), rulesOf(owners)), Exempt)
	s.CommitCount = 270
	expect(t, judged(s, rulesOf(owners)), Unmet, "GitHub lists only 1 of 270 commits")
	expect(t, judged(s, ownersOnly()), Unmet, "GitHub lists only 1 of 270 commits")
}
