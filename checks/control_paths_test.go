package checks

import (
	"slices"
	"strings"
	"testing"
)

func somePaths(rules ...PathRule) *Paths {
	p := &Paths{Rules: rules}
	p.UseRoles(map[RoleName]Role{
		"platform": {Team: "acme/platform", Say: []Phrase{literal("Platform +1")}}, "finance": {Users: []string{"fay", "finn"}}, "qa": {Team: "acme/qa"},
	})
	return p
}

func deployed(specs ...string) *scene {
	return newScene().team("acme/platform", "pat", "paula", "ann").team("acme/qa", "quinn").can("pat", "write").can("fay", "write").can("finn", "write").files(specs...)
}

func TestAChangeOfSomeFilesIsSignedByThoseWhoOwnThem(t *testing.T) {
	platform := PathRule{Name: "Production", Files: []Glob{"deploy/**"}, Role: "platform"}
	both := PathRule{Name: "Money", Files: []Glob{"billing/**"}, Roles: []RoleName{"platform", "finance"}}
	two := PathRule{Name: "Two", Files: []Glob{"deploy/**"}, Role: "finance", Count: 2}
	for name, c := range map[string]struct {
		scene *scene
		rules []PathRule
		want  State
		says  string
	}{
		"no such file":                   {deployed("src/a.go"), []PathRule{platform}, Exempt, "Does not apply: no changed file matches deploy/**."},
		"such a file":                    {deployed("src/a.go", "deploy/b.yaml", "deploy/a.yaml"), []PathRule{platform}, Waiting, "It changes deploy/a.yaml and deploy/b.yaml. Needs an approval from @acme/platform: a comment with the line \"Platform +1\" or \"/approve platform\"."},
		"signed":                         {deployed("deploy/a.yaml").said("pat", "Platform +1"), []PathRule{platform}, Met, "Approved by pat."},
		"approved, but not for that":     {deployed("deploy/a.yaml").approved("pat"), []PathRule{platform}, Waiting, "Needs an approval from @acme/platform"},
		"signed by somebody else":        {deployed("deploy/a.yaml").said("bob", "/approve platform"), []PathRule{platform}, Waiting, "bob is not in @acme/platform"},
		"signed by the author":           {deployed("deploy/a.yaml").said("ann", "/approve platform"), []PathRule{platform}, Waiting, "ann opened this pull request"},
		"moved away":                     {deployed("deploy/a.yaml->src/a.yaml"), []PathRule{platform}, Waiting, "It changes deploy/a.yaml → src/a.yaml."},
		"moved in":                       {deployed("src/a.yaml->deploy/a.yaml"), []PathRule{platform}, Waiting, "It changes deploy/a.yaml."},
		"removed":                        {deployed("-deploy/a.yaml"), []PathRule{platform}, Waiting, "It changes deploy/a.yaml."},
		"copied from there":              {deployed("deploy/a.yaml->src/a.yaml").with(func(p *Pull) { p.Files[0].Status = "copied" }), []PathRule{platform}, Exempt, "Does not apply"},
		"copied in":                      {deployed("src/a.yaml->deploy/a.yaml").with(func(p *Pull) { p.Files[0].Status = "copied" }), []PathRule{platform}, Waiting, "It changes deploy/a.yaml."},
		"all rules that apply":           {deployed("deploy/a.yaml", "billing/x").said("pat", "/approve platform"), []PathRule{platform, both}, Waiting, "Needs an approval from one of fay and finn"},
		"each role of a rule":            {deployed("billing/x").said("pat", "/approve platform").said("fay", "/approve finance"), []PathRule{both}, Met, "Approved by fay."},
		"two of a role":                  {deployed("deploy/a").approved("fay"), []PathRule{two}, Waiting, "1 of 2 approvals from fay and finn"},
		"twice the same":                 {deployed("deploy/a").approved("fay").said("fay", "/approve finance"), []PathRule{two}, Waiting, "1 of 2 approvals"},
		"both of a role":                 {deployed("deploy/a").approved("fay").approved("finn"), []PathRule{two}, Met, "Approved by fay and finn."},
		"not every file is listed":       {deployed("src/a.go").with(func(p *Pull) { p.FileCount = 2 }), []PathRule{platform}, Waiting, "GitHub does not list every changed file, so some may be this rule's."},
		"not every file, but signed":     {deployed("src/a.go").with(func(p *Pull) { p.FileCount = 2 }).said("pat", "/approve platform"), []PathRule{platform}, Met, "Approved by pat."},
		"no file was read":               {deployed("src/a.go").with(func(p *Pull) { p.FilesRead = false }), []PathRule{platform}, Unmet, "have not been read yet"},
		"the role's team is not there":   {deployed("deploy/a").noTeam("acme/platform"), []PathRule{platform}, Unmet, "team acme/platform does not exist or cannot be seen"},
		"the rule names nobody":          {deployed("deploy/a"), []PathRule{{Name: "X", Files: []Glob{"**"}}}, Unmet, "The rule names no role."},
		"an edited sign-off":             {deployed("deploy/a").said("pat", "/approve platform").with(func(p *Pull) { p.Comments[0].Edited = noon }), []PathRule{platform}, Waiting, "edited"},
		"nobody knows who wrote it":      {deployed("deploy/a").with(func(p *Pull) { p.CommitCount = 300 }).said("pat", "/approve platform"), []PathRule{platform}, Unmet, "GitHub lists only"},
		"only those are left who worked": {deployed("deploy/a").push("c2", "fay").push("c3", "finn"), []PathRule{two}, Unmet, "Nobody is left who may sign"},
	} {
		t.Run(name, func(t *testing.T) {
			r := somePaths(c.rules...).Eval(c.scene.Pull)
			if r.State != c.want || !strings.Contains(allText(r), c.says) {
				t.Errorf("%s: %s", r.State, allText(r))
			}
			if !r.State.Passes() && len(r.Can) == 0 {
				t.Error("nobody can act on it")
			}
		})
	}
}

func TestASignOffOfSomeFilesLastsWhileTheyStayTheSame(t *testing.T) {
	rule := PathRule{Name: "Production", Files: []Glob{"deploy/**"}, Role: "platform"}
	for name, c := range map[string]struct {
		files []string
		want  State
	}{
		"another file changed":          {[]string{"deploy/a=1", "src/a.go=2"}, Met},
		"the file changed":              {[]string{"deploy/a=2", "src/a.go=1"}, Waiting},
		"a file was added":              {[]string{"deploy/a=1", "+deploy/b=1", "src/a.go=1"}, Waiting},
		"a file was moved away":         {[]string{"deploy/a=1", "deploy/c->src/c=1", "src/a.go=1"}, Waiting},
		"the file is no longer changed": {[]string{"src/a.go=1"}, Exempt},
	} {
		s := deployed("deploy/a=1", "src/a.go=1").said("pat", "/approve platform").push("c2", "ann", c.files...)
		if r := somePaths(rule).Eval(s.Pull); r.State != c.want {
			t.Errorf("%s: %s", name, allText(r))
		}
	}
}

func TestEachRuleAndRoleHasAnIDOfItsOwn(t *testing.T) {
	r := somePaths(PathRule{Name: "Prod", Files: []Glob{"deploy/**"}, Role: "qa"}, PathRule{Name: "Money, all", Files: []Glob{"**"}, Roles: []RoleName{"platform", "finance"}}).Eval(deployed("deploy/a").Pull)
	var ids []string
	for _, id := range []string{"compliance/paths", "compliance/paths/prod", "compliance/paths/money-all", "compliance/paths/money-all/platform", "compliance/paths/money-all/finance"} {
		if part(r, id).ID == "" {
			ids = append(ids, id)
		}
	}
	if len(ids) > 0 {
		t.Errorf("there is no %v in %s", ids, allText(r))
	}
}

func TestRulesAboutPathsThatCannotBeMeantAreRefused(t *testing.T) {
	files := []Glob{"deploy/**"}
	for name, c := range map[string]struct {
		rules []PathRule
		want  string
	}{
		"fine":                 {[]PathRule{{Name: "A", Files: files, Role: "qa"}, {Name: "B", Files: files, Roles: []RoleName{"qa", "finance"}, Count: 2}}, ""},
		"none":                 {nil, " "},
		"no name":              {[]PathRule{{Name: "!", Files: files, Role: "qa"}}, "0.name "},
		"one name twice":       {[]PathRule{{Name: "A b", Files: files, Role: "qa"}, {Name: "a-B", Files: files, Role: "qa"}}, "1.name "},
		"no files":             {[]PathRule{{Name: "A", Role: "qa"}}, "0 "},
		"no role":              {[]PathRule{{Name: "A", Files: files}}, "0 "},
		"a role and roles":     {[]PathRule{{Name: "A", Files: files, Role: "qa", Roles: []RoleName{"finance"}}}, "0.roles "},
		"a role twice":         {[]PathRule{{Name: "A", Files: files, Roles: []RoleName{"qa", "qa"}}}, "0.roles.1 "},
		"more than there are":  {[]PathRule{{Name: "A", Files: files, Role: "finance", Count: 3}}, "0.count "},
		"fewer than nobody":    {[]PathRule{{Name: "A", Files: files, Role: "qa", Count: -1}}, "0.count "},
		"every file (warning)": {[]PathRule{{Name: "A", Files: []Glob{"**"}, Role: "qa"}}, "0.files? "},
	} {
		keys := ""
		for _, f := range somePaths(c.rules...).Faults() {
			if keys += f.Key; f.Warning {
				keys += "?"
			}
			keys += " "
		}
		if keys != c.want {
			t.Errorf("%s: refused at %q", name, keys)
		}
	}
}

func TestOnlyRulesThatApplyAskForPeople(t *testing.T) {
	rule := PathRule{Name: "Production", Files: []Glob{"deploy/**"}, Role: "platform"}
	s := deployed("deploy/a").said("pat", "/approve platform")
	delete(s.People, "pat")
	if w := somePaths(rule).Wants(s.Pull); !slices.Equal(w.Users, []string{"pat"}) {
		t.Errorf("it wants %+v", w)
	}
	if w := somePaths(rule).Wants(s.files("src/a").Pull); !w.None() {
		t.Errorf("it wants %+v", w)
	}
	if n := somePaths(rule).Need(); !n.Files || !slices.Equal(n.Teams, []string{"acme/platform"}) {
		t.Errorf("it needs %+v", n)
	}
}
