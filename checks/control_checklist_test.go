package checks

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const readiness = "docs/templates/operational-readiness.md"

// readinessOf is a policy by which new services need a checklist and its
// sign-off by the platform team.
func readinessOf() *Checklist {
	c := NewChecklist()
	c.NewService = &NewService{Files: []Glob{"services/*/service.yaml"}}
	c.Templates = []ChecklistTemplate{{File: readiness, When: &Condition{NewService: new(true)}, Role: "platform"}}
	c.UseRoles(demoRoles())
	terms := &Terms{}
	c.DefineTerms(terms)
	c.UseTerms(terms)
	return c
}

const readinessTask = "- [ ] Alerts exist <!-- handrail:orr/alerts -->"

// newService is a pull request that brings one; its template is on the base branch.
func newService() *scene {
	s := newScene().files("+services/pay/service.yaml", "+services/pay/main.go").team("acme/platform", "dave", "eve").can("dave", "write").can("eve", "write")
	s.Texts = map[string]Text{readiness: {Text: readinessTask}}
	s.Body = strings.ReplaceAll(readinessTask, "[ ]", "[x]")
	return s
}

func TestANewServiceNeedsItsChecklistAndItsSignOff(t *testing.T) {
	c := readinessOf()
	s := newService()
	r := c.Eval(s.Pull)
	expect(t, part(r, "compliance/checklist/operational-readiness"), Met)
	expect(t, part(r, "compliance/checklist/operational-readiness/sign-off"), Waiting, "@acme/platform")
	expect(t, r, Waiting)
	s.said("dave", "/approve platform")
	expect(t, c.Eval(s.Pull), Met)
	s.Body = readinessTask
	expect(t, c.Eval(s.Pull), Unmet, "Tick “Alerts exist”")
}

func TestAChangeOfAServiceThatIsThereNeedsNoReadiness(t *testing.T) {
	c := readinessOf()
	s := newService().files("services/pay/service.yaml", "+services/pay/more.go")
	s.Texts = nil
	expect(t, c.Eval(s.Pull), Exempt, "Does not apply: it brings no new service")
	if w := c.Wants(s.Pull); !w.None() {
		t.Errorf("wants %+v", w)
	}
}

func TestNobodyWhoWroteTheServiceSignsIt(t *testing.T) {
	c := readinessOf()
	s := newService().said("dave", "/approve platform")
	s.push("c2", "dave", "+services/pay/service.yaml", "+services/pay/main.go=two")
	expect(t, c.Eval(s.Pull), Waiting, "dave wrote commit c2")
}

// What was signed is the change and the checklist as they stood.
func TestASignOffOfAChecklistEndsWithTheChangeAndWithTheDescription(t *testing.T) {
	c := readinessOf()
	signed := func() *scene { return newService().said("dave", "/approve platform") }
	expect(t, c.Eval(signed().Pull), Met)
	expect(t, c.Eval(signed().push("c2", "ann", "+services/pay/service.yaml", "+services/pay/main.go=two").Pull), Waiting, "is stale: services/pay/main.go changed")
	expect(t, c.Eval(signed().push("c2", "ann", "+services/pay/service.yaml", "+services/pay/main.go").Pull), Met, "carried over")
	edited := signed()
	edited.BodyEdited = edited.clock.Add(time.Second)
	expect(t, c.Eval(edited.Pull), Waiting, "dave's sign-off does not count: it was given before the description was edited; ask dave again")
	at := signed()
	at.BodyEdited = at.clock // in the same second it cannot be told which came first
	expect(t, c.Eval(at.Pull), Waiting, "before the description was edited")
	before := signed()
	before.BodyEdited = before.clock.Add(-time.Second)
	expect(t, c.Eval(before.Pull), Met)
	again := edited.said("dave", "/approve platform")
	again.BodyEdited = again.clock.Add(-time.Second)
	expect(t, c.Eval(again.Pull), Met)
}

func TestAChecklistIsForThePullRequestsItNames(t *testing.T) {
	c := NewChecklist()
	c.Templates = []ChecklistTemplate{{}, {Name: "Green light", File: "gl.md", When: &Condition{LinesOver: new(400)}}}
	c.UseRoles(demoRoles())
	s := newScene()
	s.Texts = map[string]Text{".github/pull_request_template.md": {Text: "- [ ] Tests <!-- handrail:tests -->"}, "gl.md": {Text: "- [ ] Told <!-- handrail:told -->"}}
	s.Body, s.Lines = "- [x] Tests <!-- handrail:tests -->", 400
	r := c.Eval(s.Pull)
	expect(t, part(r, "compliance/checklist/pull-request"), Met)
	expect(t, part(r, "compliance/checklist/green-light"), Exempt, "Does not apply: 400 changed lines are not over 400")
	expect(t, r, Met)
	s.Lines = 401
	expect(t, c.Eval(s.Pull), Unmet, "Green light", "Put “Told” back into the description")
	s.Body += "\n- [x] n/a: nobody to tell <!-- handrail:told -->"
	expect(t, c.Eval(s.Pull), Met, "“Told” is not for this change: nobody to tell.")
}

func TestAChecklistAppliesWhereItCannotBeKnownWhetherItDoes(t *testing.T) {
	c := readinessOf()
	s := newService().files("src/a.go")
	s.FileCount = 4000
	expect(t, c.Eval(s.Pull), Waiting, "The checklist applies, since it is not known whether this is a new service: GitHub does not list every changed file.")
	c.UseTerms(nil)
	expect(t, c.Eval(newService().files("src/a.go").Pull), Waiting, "the policy does not say what a new service is")
}

func TestAChecklistAsksForItsTemplatesOnlyWhereTheyAreNeeded(t *testing.T) {
	if d := cmp.Diff(Need{Texts: PullTemplatePaths}, NewChecklist().Need()); d != "" {
		t.Errorf("the default needs (-want +got):\n%s", d)
	}
	c := readinessOf()
	if d := cmp.Diff(Need{Files: true, Teams: []string{"acme/platform"}}, c.Need()); d != "" {
		t.Errorf("one on a condition needs (-want +got):\n%s", d)
	}
	s := newService()
	s.Texts = nil
	if d := cmp.Diff([]string{readiness}, c.Wants(s.Pull).Texts); d != "" {
		t.Errorf("wants (-want +got):\n%s", d)
	}
	expect(t, c.Eval(s.Pull), Unmet, "has not been read yet")
	s.Texts = map[string]Text{readiness: {Absent: true}}
	if w := c.Wants(s.Pull); len(w.Texts) > 0 {
		t.Errorf("asks again for %v", w.Texts)
	}
	if r := c.Eval(s.Pull); !part(r, "compliance/checklist/operational-readiness").Unknown {
		t.Errorf("what is not there is known: %+v", r)
	}
}

func TestAChecklistThatCannotBeMeantIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		check *Checklist
		keys  string
	}{
		"the default":            {NewChecklist(), ""},
		"no template":            {&Checklist{Templates: []ChecklistTemplate{}}, "templates"},
		"only a definition":      {&Checklist{Templates: []ChecklistTemplate{}, NewService: &NewService{Files: []Glob{"a"}}}, ""},
		"a definition of naught": {&Checklist{NewService: &NewService{}}, "new_service"},
		"two of a name":          {&Checklist{Templates: []ChecklistTemplate{{File: "a/orr.md"}, {Name: "ORR", File: "b.md"}}}, "templates.1.name"},
		"two without a file":     {&Checklist{Templates: []ChecklistTemplate{{}, {}}}, "templates.1.name"},
		"no name":                {&Checklist{Templates: []ChecklistTemplate{{Name: "!", File: "a.md"}}}, "templates.0.name"},
		"a file elsewhere":       {&Checklist{Templates: []ChecklistTemplate{{File: "../a.md"}}}, "templates.0.file"},
		"an empty condition":     {&Checklist{Templates: []ChecklistTemplate{{File: "a.md", When: &Condition{}}}}, "templates.0.when"},
		"an undefined term":      {&Checklist{Templates: []ChecklistTemplate{{File: "a.md", When: &Condition{NewService: new(true)}}}}, "templates.0.when.new_service"},
	} {
		t.Run(name, func(t *testing.T) {
			terms := &Terms{}
			c.check.DefineTerms(terms)
			c.check.UseTerms(terms)
			var keys []string
			for _, f := range c.check.Faults() {
				keys = append(keys, f.Key)
			}
			if got := strings.Join(keys, " "); got != c.keys {
				t.Errorf("refused at %q, want %q", got, c.keys)
			}
		})
	}
}

// The templates that repositories may copy must be such as the control can read.
func TestTheTemplatesThatAreShippedCanBeTickedOff(t *testing.T) {
	for file, want := range map[string]struct {
		tasks  int
		prefix string
	}{"operational-readiness.md": {38, "orr/"}, "green-light.md": {10, "green-light/"}} {
		text, err := os.ReadFile("../docs/templates/" + file)
		if err != nil {
			t.Fatal(err)
		}
		tmpl := readTemplate(file, string(text))
		if tmpl.bad != "" || len(tmpl.tasks) != want.tasks || len(tasksOf(string(text))) != want.tasks {
			t.Errorf("%s has %d tasks with ids, %d in all: %s", file, len(tmpl.tasks), len(tasksOf(string(text))), tmpl.bad)
		}
		for _, task := range tmpl.tasks {
			if !strings.HasPrefix(task.ids[0], want.prefix) {
				t.Errorf("%s has the id %s", file, task.ids[0])
			}
		}
		r := Result{}
		tmpl.fill(&r, string(text))
		expect(t, r, Unmet)
		tmpl.fill(&r, strings.ReplaceAll(string(text), "- [ ]", "- [x]"))
		expect(t, r, Met)
	}
}
