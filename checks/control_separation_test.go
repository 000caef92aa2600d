package checks

import (
	"slices"
	"strings"
	"testing"
)

func separated(count int) *Separation {
	s := &Separation{Count: count}
	roles := demoRoles()
	roles["triagers"] = Role{Team: "acme/triage", Permission: "triage", Say: []Phrase{literal("seen")}}
	s.UseRoles(roles)
	return s
}

func separating() *scene {
	return newScene().team("acme/qa", "quinn", "ann").team("acme/infosec", "ida").team("acme/platform", "pat").team("acme/triage", "tess", "bob")
}

func TestWhoApprovedIsNotWhoWrote(t *testing.T) {
	cowrote := func(login string) func(*Pull) {
		return func(p *Pull) { p.Commits[0].CoAuthors = []Signature{{Name: login, Login: login}} }
	}
	for name, c := range map[string]struct {
		scene *scene
		count int
		want  State
		says  string
	}{
		"nobody":                              {separating(), 1, Waiting, "Whoever worked on a change cannot be all who approve it. Needs an approval from somebody with write access."},
		"somebody else":                       {separating().approved("bob"), 1, Met, "Approved by bob."},
		"the author (C1)":                     {separating().approved("ann"), 1, Waiting, "ann opened this pull request"},
		"who wrote a commit (C1)":             {separating().push("c2", "bob").approved("bob"), 1, Waiting, "bob wrote commit c2"},
		"who committed one (C1)":              {separating().with(func(p *Pull) { p.Commits[0].Committer.Login = "bob" }).approved("bob"), 1, Waiting, "bob committed c1"},
		"a co-author (C1, C4)":                {separating().with(cowrote("bob")).approved("bob"), 1, Waiting, "bob is co-author of commit c1"},
		"who pushed (C1)":                     {separating().with(func(p *Pull) { p.Memory.Heads[0].Sender = "bob" }).approved("bob"), 1, Waiting, "bob pushed c1"},
		"an author besides somebody else":     {separating().approved("ann").approved("bob"), 1, Met, "Approved by bob."},
		"with too little access":              {separating().can("bob", "triage").approved("bob"), 1, Waiting, "bob has triage access, write is needed"},
		"for a role that needs little":        {separating().can("tess", "triage").said("tess", "seen"), 1, Waiting, "tess has triage access, write is needed"},
		"for another role, with access":       {separating().said("quinn", "QA +1"), 1, Met, "Approved by quinn."},
		"an App, named by a role":             {separating().said("renovate[bot]", "/approve robots"), 1, Waiting, "Needs an approval"},
		"asks for changes later":              {separating().approved("bob").blocked("bob"), 1, Waiting, "Needs an approval"},
		"dismissed":                           {separating().approved("bob").review("bob", "DISMISSED", ""), 1, Waiting, "Needs an approval"},
		"stale":                               {separating().approved("bob").push("c2", "ann", "src/a.go=2"), 1, Waiting, "stale"},
		"carried over":                        {separating().approved("bob").push("c2", "ann"), 1, Met, "carried over from c1"},
		"a commit of nobody's (C2)":           {separating().approved("bob").push("c2", "ann").with(func(p *Pull) { p.Commits[0].Author.Login = "" }), 1, Waiting, "belongs to no GitHub account"},
		"a commit of nobody's, seen (C2)":     {separating().with(func(p *Pull) { p.Commits[0].Author.Login = "" }).approved("bob"), 1, Met, "Approved by bob."},
		"an update from the web page (C3)":    {separating().push("c2", "bob").with(updates("c2", "bob")).approved("bob"), 1, Met, "Approved by bob."},
		"one of two":                          {separating().approved("bob"), 2, Waiting, "1 of 2 approvals"},
		"one for two roles":                   {separating().approved("quinn").said("quinn", "QA +1"), 2, Waiting, "1 of 2 approvals"},
		"two for two roles":                   {separating().approved("bob").said("quinn", "QA +1"), 2, Met, "Approved by bob and quinn."},
		"not every commit is known":           {separating().approved("bob").with(func(p *Pull) { p.CommitCount = 400 }), 1, Unmet, "GitHub lists only 1 of 400 commits"},
		"the permission could not be read":    {separating().approved("bob").with(func(p *Pull) { p.People["bob"] = Person{Login: "bob"} }), 1, Waiting, "the permission of bob could not be read"},
		"a team that is not there is nobody":  {separating().noTeam("acme/qa").approved("bob"), 1, Met, "Approved by bob."},
		"a deleted account":                   {separating().review("", "APPROVED", ""), 1, Waiting, "the account is deleted"},
		"everybody who is asked for is there": {separating().said("quinn", "QA +1").said("ida", "/approve security").approved("ann"), 2, Met, "Approved by ida and quinn."},
	} {
		t.Run(name, func(t *testing.T) {
			r := separated(c.count).Eval(c.scene.Pull)
			if r.State != c.want || !strings.Contains(allText(r), c.says) || r.ID != "compliance/separation" {
				t.Errorf("%s: %s", r.State, allText(r))
			}
			if !r.State.Passes() && len(r.Can) == 0 {
				t.Error("nobody can act on it")
			}
		})
	}
}

// updates makes a commit what the button "Update branch" makes.
func updates(sha, login string) func(*Pull) {
	return func(p *Pull) {
		for i := range p.Commits {
			if c := &p.Commits[i]; c.SHA == sha {
				c.Merge, c.Web, c.GitHubSigned, c.Message = true, true, true, "Merge branch '"+p.Base.Name+"' into "+p.Head.Name
				c.Committer = Signature{Login: "web-flow"}
				c.Author.Login = login
			}
		}
	}
}

func TestSeparationAsksAboutAllWhoMayHaveApproved(t *testing.T) {
	s := separating().approved("bob").said("quinn", "QA +1")
	delete(s.People, "bob")
	delete(s.People, "quinn")
	if w := separated(1).Wants(s.Pull); !slices.Equal(w.Users, []string{"bob", "quinn"}) {
		t.Errorf("it wants %+v", w)
	}
	if n := separated(1).Need(); len(n.Teams) != 4 || len(n.Users) != 0 {
		t.Errorf("it needs %+v", n)
	}
	if len(NewSeparation().Faults()) != 0 || len((&Separation{}).Faults()) != 1 {
		t.Error("a number that asks for nobody is taken, or one that asks for somebody is not")
	}
}
