package checks

import (
	"path"
	"strconv"
	"strings"
)

// Checklist is the control `compliance: {checklist: …}`: the tasks of templates
// are in the description of the pull request, and ticked. A task is known by the
// comment behind it, as in “- [ ] Alerts exist <!-- handrail:orr/alerts -->”; one
// without such a comment is nobody's business. One that does not apply is answered
// by "n/a:" and the reason, in place of its words, behind them or behind the
// words struck out; without a reason it is not answered. `checklist: true` is the
// repository's own template of pull requests.
//
// Templates are read from the base branch, never from the pull request.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.32, PCI DSS 6.5.1, NIST CM-3, CM-4.
type Checklist struct {
	// Templates are the checklists. Default: the repository's own template of
	// pull requests.
	Templates []ChecklistTemplate `yaml:"templates" tighten:"beside"`
	// NewService says what a new service is, for the condition new_service of
	// templates and sign-offs. Default: nothing is.
	NewService *NewService `yaml:"new_service" tighten:"beside"`

	roles map[RoleName]Role
	terms *Terms
}

// ChecklistTemplate is one checklist, for all pull requests or for some.
type ChecklistTemplate struct {
	// Name is what the table calls it. Default: made of the file's name.
	Name string `yaml:"name" tighten:"-"`
	// File is its path in the repository, such as
	// docs/templates/operational-readiness.md. Default: the template of pull
	// requests where GitHub has it: pull_request_template.md in .github, in the
	// root or in docs, all in lower case or PULL_REQUEST_TEMPLATE.md.
	File string `yaml:"file" tighten:"same"`
	// When says for which pull requests it is. Default: all.
	When *Condition `yaml:"when" tighten:"holds"`
	// Role whose holders sign it off, besides its tasks. A sign-off is about the
	// change and about the checklist as it stood: it ends when the content of the
	// change differs, and when the description is edited. Default: nobody.
	Role RoleName `yaml:"role" tighten:"role"`
}

// NewChecklist is the control with its defaults.
func NewChecklist() *Checklist { return &Checklist{} }

// UseRoles hands over the policy's roles.
func (c *Checklist) UseRoles(roles map[RoleName]Role) { c.roles = roles }

// UseTerms hands over what the policy defines for conditions.
func (c *Checklist) UseTerms(terms *Terms) { c.terms = terms }

// DefineTerms says what a new service is.
func (c *Checklist) DefineTerms(t *Terms) { t.Service = c.NewService }

// templates are the checklists, the default's among them.
func (c *Checklist) templates() []ChecklistTemplate {
	if c.Templates == nil {
		return []ChecklistTemplate{{}}
	}
	return c.Templates
}

func (t *ChecklistTemplate) title() string {
	switch {
	case t.Name != "":
		return t.Name
	case t.File == "":
		return "Pull request"
	}
	return title(strings.ReplaceAll(strings.TrimSuffix(path.Base(t.File), path.Ext(t.File)), "_", "-"))
}

// paths are where it may be.
func (t *ChecklistTemplate) paths() []string {
	if t.File == "" {
		return PullTemplatePaths
	}
	return []string{strings.TrimPrefix(path.Clean(t.File), "/")}
}

// signOffs are the templates as rules of the review, of which the conditions and
// the roles are taken.
func (c *Checklist) signOffs() []SignOff {
	var out []SignOff
	for _, t := range c.templates() {
		out = append(out, SignOff{Name: t.title() + " sign-off", Role: t.Role, When: t.When})
	}
	return out
}

// plain says whether nothing has to be known but the texts.
func (c *Checklist) plain() bool {
	for _, t := range c.templates() {
		if t.When != nil || t.Role != "" {
			return false
		}
	}
	return true
}

// Need asks for the templates that every pull request is held to, and for what
// conditions and sign-offs take.
func (c *Checklist) Need() Need {
	var n Need
	if !c.plain() {
		n = signingNeed(c.roles, c.signOffs()...)
	}
	for _, t := range c.templates() {
		if t.When == nil {
			n.Texts = union(n.Texts, t.paths())
		}
	}
	return n
}

// Wants asks for the templates that turn out to be for this pull request, and
// for what tells whether they are and whose sign-offs count.
func (c *Checklist) Wants(p Pull) Wants {
	var w Wants
	c.judge(&p, &w)
	w.settle()
	return w
}

// Faults finds templates of the same name or of no file, and conditions that
// cannot be meant.
func (c *Checklist) Faults() []Fault {
	f := faulty{}
	if c.Templates != nil && len(c.Templates) == 0 && c.NewService == nil {
		f.add("templates", "Without a template there is nothing to tick: name one, or write checklist: true.")
	}
	ids := map[string]int{}
	for i, t := range c.Templates {
		at := "templates." + strconv.Itoa(i)
		id := slug("", t.title())
		switch other, taken := ids[id]; {
		case id == "":
			f.add(at+".name", "A template needs a name.")
		case taken:
			f.add(at+".name", "%q is also the name of template number %d.", t.title(), other+1)
		default:
			ids[id] = i
		}
		if p := path.Clean(t.File); t.File != "" && (p == "." || p == "/" || p == ".." || strings.HasPrefix(p, "../")) {
			f.add(at+".file", "%q is no file of the repository.", t.File)
		}
		for _, bad := range append(t.When.faults(false), t.When.undefined(c.terms)...) {
			f.add(at+".when"+bad.Key, "%s", bad.Message)
		}
	}
	if c.NewService != nil {
		f.found = append(f.found, c.NewService.faults("new_service")...)
	}
	return f.found
}

const (
	checklistID   = "compliance/checklist"
	checklistName = "Checklist"
)

// Eval judges.
func (c *Checklist) Eval(pull Pull) Result { return c.judge(&pull, nil) }

func (c *Checklist) judge(pull *Pull, w *Wants) Result {
	templates := c.templates()
	if c.plain() && len(templates) == 1 {
		r := Result{ID: checklistID, Name: checklistName}
		t := templateOf(pull, templates[0].paths())
		t.fill(&r, pull.Body)
		return r
	}
	s := signingOf(pull, w, c.roles, c.signOffs()...)
	s.h.rules.terms = c.terms
	if !pull.BodyEdited.IsZero() {
		s.h.asked = request{by: "the description", did: "was edited", at: pull.BodyEdited}
	}
	var parts []Result
	for i := range templates {
		parts = append(parts, c.part(s, i, &templates[i])...)
	}
	return Combine(checklistID, checklistName, parts)
}

// part judges one template and its sign-off.
func (c *Checklist) part(s *signing, i int, t *ChecklistTemplate) []Result {
	r := Result{ID: slug(checklistID+"/", t.title()), Name: t.title()}
	applies, why := s.h.applies(t.When, nil)
	if !applies {
		r.State, r.Summary = Exempt, "Does not apply: "+why+"."
		return []Result{r}
	}
	if w := s.h.wants; w != nil && t.When != nil {
		for _, p := range t.paths() {
			if _, read := s.h.pull.Texts[p]; !read {
				w.Texts = union(w.Texts, []string{p})
			}
		}
	}
	text := templateOf(s.h.pull, t.paths())
	text.fill(&r, s.h.pull.Body)
	if why != "" {
		r.Notes = append(r.Notes, "The checklist applies, since "+why+".")
	}
	if t.Role == "" {
		return []Result{r}
	}
	return []Result{r, s.signed(i, r.ID+"/sign-off", t.title()+" sign-off", "", nil)}
}
