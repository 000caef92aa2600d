package checks

import (
	"strings"
	"testing"
	"time"
)

func TestABrokenGlassLetsEverythingPassAndSaysWhatIsOwed(t *testing.T) {
	s := unapproved().blocked("bob").said("olga", "/break-glass 2h the shop is down").with(func(p *Pull) { p.Title = "no type" })
	v := Judge(overridable(), s.Pull)
	if v.State != Overridden || !v.Until.Equal(s.Comments[0].Created.Add(2*time.Hour)) {
		t.Fatalf("%s until %s: %v", v.State, v.Until, v.Notes)
	}
	want := "olga has broken the glass until " + minute(v.Until) + ": the shop is down. Within 7 days after the merge somebody else, of @acme/sec, must look at it and say so by a comment with the line \"/follow-up\" and what came of it."
	if len(v.Notes) != 1 || v.Notes[0] != want {
		t.Errorf("it says %q", v.Notes)
	}
	for _, r := range v.Results {
		for _, p := range r.Parts {
			if p.State == Overridden && !strings.HasPrefix(p.Evidence[len(p.Evidence)-1].Text, "break-glass until ") {
				t.Errorf("%s rests on %+v", p.ID, p.Evidence)
			}
		}
	}
	if v := Judge(overridable(), s.said("olga", "/revoke break-glass").Pull); v.State.Passes() {
		t.Error("it cannot be taken back")
	}
}

func TestABrokenGlassOpensNotEverything(t *testing.T) {
	for name, c := range map[string]struct {
		pull   *scene
		change func(*Override)
	}{
		"too long":               {unapproved().said("olga", "/break-glass 5h it burns"), func(*Override) {}},
		"no reason":              {unapproved().said("olga", "/break-glass"), func(*Override) {}},
		"by the author":          {unapproved().said("ann", "/break-glass it burns"), func(*Override) {}},
		"another commit":         {unapproved().said("olga", "/break-glass it burns").push("c2", "ann"), func(*Override) {}},
		"nobody may":             {unapproved().said("olga", "/break-glass it burns"), func(o *Override) { o.BreakGlass.Role = "" }},
		"what takes two people":  {unapproved().said("olga", "/break-glass it burns"), func(o *Override) { o.Second.For = []Glob{"review/**"} }},
		"what nobody may at all": {unapproved().said("olga", "/break-glass it burns"), func(o *Override) { o.Requirements = []Glob{"coverage/**"} }},
	} {
		if v := Judge(overridable(c.change), c.pull.Pull); v.State.Passes() {
			t.Errorf("%s: %s", name, v.State)
		}
	}
	self := overridable(func(o *Override) { o.BreakGlass.Self = true })
	if v := Judge(self, unapproved().said("ann", "/break-glass it burns").Pull); v.State != Overridden {
		t.Errorf("an author whom the policy lets is not heard: %v", v.Notes)
	}
	two := overridable(func(o *Override) { o.Second.For = []Glob{"review/**"} })
	if v := Judge(two, unapproved().said("olga", "/break-glass it burns").said("sue", "/override review I saw it").Pull); v.State != Overridden {
		t.Errorf("two people do not do: %v", v.Notes)
	}
}

func TestWhoeverBreaksTheGlassOwesAFollowUp(t *testing.T) {
	merged := func(s *scene) *scene {
		at, _ := s.tick()
		return s.with(func(p *Pull) { p.Open, p.Merged, p.MergedAt = false, true, at })
	}
	broke := func() *scene { return unapproved().said("olga", "/break-glass it burns") }
	editedTo := func(s *scene, i int, text string) *scene {
		s.Comments[i].Body, s.Comments[i].Edited = text, s.clock
		return s
	}
	edited := func(s *scene, i int) *scene { return editedTo(s, i, "never mind") }
	for name, c := range map[string]struct {
		pull     *scene
		owed     bool
		followed string
	}{
		"open":                          {broke(), false, ""},
		"closed":                        {broke().with(func(p *Pull) { p.Open = false }), false, ""},
		"nothing broken":                {merged(unapproved()), false, ""},
		"owed":                          {merged(broke()), true, ""},
		"followed up":                   {merged(broke()).said("sue", "/follow-up the change is fine"), true, "sue"},
		"by nothing said":               {merged(broke()).said("sue", "/follow-up"), true, ""},
		"by somebody else":              {merged(broke()).said("rob", "/follow-up fine"), true, ""},
		"by who broke it":               {merged(broke().team("acme/sec", "olga", "sue")).said("olga", "/follow-up fine"), true, ""},
		"by the author":                 {merged(broke().team("acme/sec", "ann")).said("ann", "/follow-up fine"), true, ""},
		"by an App":                     {merged(broke()).said("sue", "/follow-up fine").with(func(p *Pull) { p.Comments[1].Author.Bot = true }), true, ""},
		"before the merge":              {merged(broke().said("sue", "/follow-up fine")), true, ""},
		"edited since":                  {edited(merged(broke()).said("sue", "/follow-up fine"), 1), true, ""},
		"the breaking edited away":      {edited(merged(broke()), 0), true, ""},
		"taken back before":             {merged(broke().said("olga", "/revoke break-glass")), false, ""},
		"taken back afterwards":         {merged(broke()).said("olga", "/revoke break-glass"), true, ""},
		"said to be taken back since":   {editedTo(merged(broke().said("olga", "on it")), 1, "/revoke break-glass"), true, ""},
		"taken back, and that changed":  {editedTo(merged(broke().said("olga", "/revoke break-glass")), 1, "/revoke break-glass now"), true, ""},
		"broken afterwards":             {merged(unapproved()).said("olga", "/break-glass it burns"), false, ""},
		"broken for an earlier commit":  {merged(broke().push("c2", "ann")), false, ""},
		"broken by who may not":         {merged(unapproved().said("rob", "/break-glass it burns")), false, ""},
		"broken by nobody knows who":    {merged(broke().can("olga", "")), true, ""},
		"over before the merge":         {merged(unapproved().said("olga", "/break-glass 1m it burns").said("bob", "hm").said("bob", "hm")), false, ""},
		"by an unknown commit's holder": {merged(broke()).with(func(p *Pull) { p.Memory.Seen = nil }), true, ""},
	} {
		due, done, by, ok := FollowUp(overridable(), c.pull.Pull)
		if ok != c.owed || by != c.followed || done != (by != "") || ok && !due.Equal(c.pull.MergedAt.Add(7*24*time.Hour)) {
			t.Errorf("%s: due %s, done %v by %q, owed %v", name, due, done, by, ok)
		}
	}
}

func TestAFollowUpIsToldOnceItsPeopleAreKnown(t *testing.T) {
	s := unapproved().said("olga", "/break-glass it burns")
	s.MergedAt, s.Merged, s.Open = s.clock, true, false
	s.said("sue", "/follow-up fine")
	s.Teams, s.People = map[string]Team{}, map[string]Person{}
	w := FollowUpWants(overridable(), s.Pull)
	if strings.Join(w.Teams, " ") != "acme/rm acme/sec" || !strings.Contains(strings.Join(w.Users, " "), "olga") {
		t.Fatalf("it wants %+v", w)
	}
	s.team("acme/rm", "rob").team("acme/sec", "sue")
	s.People = map[string]Person{"olga": {Permission: "write"}, "ann": {Permission: "write"}}
	if w := FollowUpWants(overridable(), s.Pull); strings.Join(w.Users, " ") != "sue" {
		t.Errorf("then it wants %+v", w)
	}
	s.can("sue", "write")
	if w := FollowUpWants(overridable(), s.Pull); !w.None() {
		t.Errorf("at last it wants %+v", w)
	}
}
