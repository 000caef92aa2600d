package checks

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// overridable is a policy of one approval and a title, whose requirements rm may
// override, secrets only together with sec, and for which oncall may break the glass.
func overridable(change ...func(*Override)) Policy {
	roles := map[RoleName]Role{
		"rm": {Name: "rm", Team: "acme/rm"}, "sec": {Name: "sec", Team: "acme/sec"}, "oncall": {Name: "oncall", Users: []string{"olga", "ann", "robot[bot]"}},
	}
	review, o := NewReview(), NewOverride()
	review.UseRoles(roles)
	o.Role, o.Second.Role, o.BreakGlass.Role, o.BreakGlass.FollowUpRole = "rm", "sec", "oncall", "sec"
	for _, f := range change {
		f(o)
	}
	o.UseRoles(roles)
	return Policy{Roles: roles, Override: o, Sections: []Section{{Name: "review", Checks: []Check{review}}, {Name: "compliance", Checks: []Check{NewTitle()}}}}
}

// unapproved is a pull request without the approval that it needs.
func unapproved() *scene {
	s := newScene().team("acme/rm", "rita", "rob", "ann").team("acme/sec", "sue", "rita").can("olga", "write").can("zoe", "admin").
		with(func(p *Pull) { p.Title = "feat: x" })
	s.clock = noon.Add(-30 * time.Minute)
	return s
}

const rid = "review/code-review"

func TestWhoMayLetsARequirementPassForThisCommitUntilTheEnd(t *testing.T) {
	s := unapproved().said("rita", "We must ship.\n\n/override review/code-review the fix for the outage")
	spoken := s.Comments[0].Created
	v := Judge(overridable(), s.Pull)
	r := part(v.Results[0], rid)
	if v.State != Overridden || r.State != Overridden || !r.Until.Equal(spoken.Add(24*time.Hour)) || !v.Until.Equal(r.Until) {
		t.Fatalf("%s, %s until %s, verdict until %s", v.State, r.State, r.Until, v.Until)
	}
	want := "Let pass by rita until " + minute(r.Until) + ": the fix for the outage. What was not met: Needs an approval from somebody with write access."
	if r.Summary != want || len(r.Can) > 0 {
		t.Errorf("it says %q by %v", r.Summary, r.Can)
	}
	if e := r.Evidence; len(e) != 1 || e[0].Kind != "comment" || e[0].ID != evidenceID(s.Comments[0].ID) || e[0].Login != "rita" || e[0].Commit != "c1" {
		t.Errorf("it rests on %+v", e)
	}
	outs := Render(v)
	if outs[0].Conclusion != "success" || outs[0].Title != "Met, 1 requirement overridden until "+minute(r.Until) {
		t.Errorf("the run is %s: %s", outs[0].Conclusion, outs[0].Title)
	}
	if !slices.ContainsFunc(Plan(v, s.Pull), func(a Action) bool { return a.Kind == AddLabel && a.Label == LabelMet }) {
		t.Error("the label is not given")
	}
	later := s.Pull
	later.At = spoken.Add(24 * time.Hour)
	if v := Judge(overridable(), later); v.State.Passes() || !strings.Contains(strings.Join(v.Notes, " "), "does not count: it ended on") {
		t.Errorf("after its end it is %s: %v", v.State, v.Notes)
	}
}

func TestWhatLetsNothingPassIsSaid(t *testing.T) {
	say := func(login, line string) func() *scene {
		return func() *scene { return unapproved().said(login, line) }
	}
	for name, c := range map[string]struct {
		pull func() *scene
		says string
	}{
		"a stranger":           {say("zoe", "/override "+rid+" please"), `zoe's "/override review/code-review" does not count: zoe is not in @acme/rm.`},
		"the author":           {say("ann", "/override "+rid+" please"), "does not count: ann opened this pull request."},
		"no reason":            {say("rita", "/override "+rid), "it gives no reason"},
		"a time and no reason": {say("rita", "/override "+rid+" 2h"), "it gives no reason"},
		"too long":             {say("rita", "/override "+rid+" 25h please"), "at most 24 hours can be asked for"},
		"another id":           {say("rita", "/override review/qa please"), "nothing of that name is missing that it may be about. What can be overridden now: review/code-review."},
		"one that is met":      {say("rita", "/override compliance/title please"), "nothing of that name is missing"},
		"the start of an id":   {say("rita", "/override review/code please"), "nothing of that name is missing"},
		"everything":           {say("rita", "/override"), `rita's "/override" does not count: it names no requirement.`},
		"the wrong glass":      {say("rob", "/break-glass the shop is down"), "rob's \"/break-glass\" does not count: rob is not among olga, ann and robot[bot]"},
		"a push since": {func() *scene { return unapproved().said("rita", "/override "+rid+" please").push("c2", "ann") },
			"it was written for c1, and the head is now c2"},
		"an unknown commit": {func() *scene {
			s := unapproved().said("rita", "/override "+rid+" please")
			delete(s.Memory.Seen, "comment/"+evidenceID(s.Comments[0].ID))
			return s
		}, "it is not known which commit it was written for"},
		"an edit": {func() *scene {
			s := unapproved().said("rita", "/override "+rid+" please")
			s.Comments[0].Edited = s.clock
			return s
		}, "the text was edited: write it anew"},
		"an edit that only the record knows": {func() *scene {
			s := unapproved().said("rita", "/override "+rid+" please")
			key := "comment/" + evidenceID(s.Comments[0].ID)
			s.Memory.Seen[key] = Seen{Head: "c1", Edited: true, Text: "x"}
			return s
		}, "the text was edited"},
		"the second person's alone": {say("sue", "/override "+rid+" please"), "does not count: sue is not in @acme/rm."},
		"a new base": {func() *scene {
			s := unapproved().said("rita", "/override "+rid+" please")
			s.Base.Name = "release"
			return s
		}, "the base branch was changed since"},
		"an unknown permission": {func() *scene { return unapproved().said("rita", "/override "+rid+" please").can("rita", "") }, "the permission of rita could not be read"},
		"too little access":     {func() *scene { return unapproved().said("rita", "/override "+rid+" please").can("rita", "read") }, "rita has read access, write is needed"},
		"a team unseen":         {func() *scene { return unapproved().said("rita", "/override "+rid+" please").noTeam("acme/rm") }, "team acme/rm does not exist or cannot be seen"},
		"taken back by them": {func() *scene {
			return unapproved().said("rita", "/override "+rid+" please").said("rita", "/revoke "+rid)
		}, "rita took it back"},
		"taken back by another": {func() *scene {
			return unapproved().said("rita", "/override "+rid+" please").said("rob", "/revoke review")
		}, "rob took it back"},
		"commits cut": {func() *scene {
			return unapproved().said("rita", "/override "+rid+" please").with(func(p *Pull) { p.CommitCount = 300 })
		}, "so who wrote the others is not known"},
	} {
		v := Judge(overridable(), c.pull().Pull)
		if v.State.Passes() || !strings.Contains(strings.Join(v.Notes, "\n"), c.says) {
			t.Errorf("%s: %s\n%s", name, v.State, strings.Join(v.Notes, "\n"))
		}
	}
}

func TestAnAppsWordAndOursLetNothingPass(t *testing.T) {
	for name, change := range map[string]func(*Comment){
		"an App":          func(c *Comment) { c.Author = Actor{Login: "robot[bot]", Bot: true} },
		"handrail":        func(c *Comment) { c.Ours = true },
		"nobody any more": func(c *Comment) { c.Author = Actor{} },
	} {
		s := unapproved().said("olga", "/break-glass it burns\n/override "+rid+" please\n/explain\n/recheck\n+1")
		if v := Judge(overridable(), s.Pull); !v.State.Passes() {
			t.Fatalf("olga's word counts for nothing: %v", v.Notes)
		}
		change(&s.Comments[0])
		v := Judge(overridable(), s.Pull)
		if v.State.Passes() || v.Heard != (Heard{}) || strings.Contains(strings.Join(v.Notes, ""), "does not count") {
			t.Errorf("%s is heard: %s %+v %v", name, v.State, v.Heard, v.Notes)
		}
	}
	s := unapproved().said("bob", "LGTM")
	if v := Judge(overridable(), s.Pull); v.State != Met {
		t.Fatalf("bob signs nothing: %s", v.State)
	}
	s.Comments[0].Ours = true
	if v := Judge(overridable(), s.Pull); v.State.Passes() {
		t.Error("our own comment signs")
	}
}

func TestWhatOneMayOverrideTheOthersMayTakeBackAndSayAgain(t *testing.T) {
	s := unapproved().said("rita", "/override "+rid+" please").said("zoe", "/revoke "+rid)
	if v := Judge(overridable(), s.Pull); v.State != Overridden {
		t.Errorf("a stranger takes it back: %s", v.State)
	}
	s.said("rita", "/revoke "+rid).said("rob", "/override `Review/Code-Review` 90m again")
	v := Judge(overridable(), s.Pull)
	if r := part(v.Results[0], rid); r.State != Overridden || !strings.HasPrefix(r.Summary, "Let pass by rob") || !r.Until.Equal(s.clock.Add(90*time.Minute)) {
		t.Errorf("said again it is %s: %s", r.State, r.Summary)
	}
	s.Comments[3].Edited = s.clock
	s.Comments[2].Body, s.Comments[2].Edited = "no", s.clock
	if v := Judge(overridable(), s.Pull); v.State.Passes() {
		t.Error("an edit takes a revocation back")
	}
}

func TestASectionIsOverriddenWithAllBelowItAndNothingElse(t *testing.T) {
	s := unapproved().blocked("bob").said("rita", "/override review please").with(func(p *Pull) { p.Title = "no type" })
	v := Judge(overridable(), s.Pull)
	if v.Results[0].State != Overridden || v.Results[1].State != Unmet || v.State != Unmet {
		t.Fatalf("review is %s, compliance %s, all %s", v.Results[0].State, v.Results[1].State, v.State)
	}
	if part(v.Results[0], "review/changes-requested").State != Overridden || part(v.Results[0], rid).State != Overridden {
		t.Errorf("the parts are %+v", v.Results[0].Parts)
	}
	if got := v.Results[0].Summary; got != "Nothing else is missing than what is overridden: Changes requested and Code review." {
		t.Error(got)
	}
	if !strings.Contains(strings.Join(v.Notes, "\n"), `by @acme/rm: a comment with the line "/override REQUIREMENT REASON", where REQUIREMENT is an id of the table, such as compliance/title.`) {
		t.Error(v.Notes)
	}
	observed := overridable()
	observed.Sections[0].Observe = true
	if v := Judge(observed, s.Pull); v.Results[0].State.Passes() || strings.Contains(strings.Join(v.Notes, "\n"), "such as review") {
		t.Errorf("what is only shown is overridden: %s %v", v.Results[0].State, v.Notes)
	}
}

func TestWhatConcernsTheWholeIsNeverOverridden(t *testing.T) {
	words := "/override policy x\n/override draft x\n/override shared-head x\n/override label x\n/override review x\n/break-glass x"
	draft := unapproved().said("rita", words).said("olga", words).with(func(p *Pull) { p.Draft = true })
	if v := Judge(overridable(), draft.Pull); v.State != Waiting || !slices.ContainsFunc(v.Results, func(r Result) bool { return r.ID == IDDraft && r.State == Waiting }) {
		t.Errorf("a draft is %s", v.State)
	}
	shared := unapproved().said("rita", words).said("olga", words).with(func(p *Pull) { p.Siblings = []Sibling{{Number: 8}} })
	if v := Judge(overridable(), shared.Pull); v.State.Passes() || v.Own != Overridden {
		t.Errorf("a shared commit is %s, by itself %s", v.State, v.Own)
	}
	broken := overridable()
	broken.Problems = []Problem{{Message: "It is no YAML."}}
	if v := Judge(broken, unapproved().said("olga", words).Pull); v.State.Passes() {
		t.Error("an invalid policy is overridden")
	}
}

func TestTheFloorIsOverriddenByItsOwnRoleOnly(t *testing.T) {
	p := overridable()
	floor := NewReview()
	floor.UseRoles(p.Roles)
	p.Sections[0].Checks = []Check{Beside{Check: p.Sections[0].Checks[0]}, Floor{Check: floor}}
	s := unapproved().said("rita", "/override review please\n/override review/floor/code-review please").said("olga", "/break-glass please")
	v := Judge(p, s.Pull)
	if part(v.Results[0], rid).State != Overridden || part(v.Results[0], "review/floor/code-review").State.Passes() || v.State.Passes() {
		t.Fatalf("the repository's is %s, the floor's %s", part(v.Results[0], rid).State, part(v.Results[0], "review/floor/code-review").State)
	}
	if text := strings.Join(v.Notes, "\n"); strings.Contains(text, "such as review/floor") {
		t.Error(text)
	}
	mine := *p.Override
	mine.Role, mine.BreakGlass.Role = "sec", ""
	p.FloorOverride = &mine
	if v := Judge(p, s.said("sue", "/override review/floor please").Pull); v.State != Overridden {
		t.Errorf("by the floor's own role it is %s: %v", v.State, v.Notes)
	}
	p.Override = nil
	s = unapproved().said("sue", "/override review please")
	if v := Judge(p, s.Pull); v.State != Overridden || part(v.Results[0], rid).State != Overridden {
		t.Errorf("the floor's role lets the repository's pass: %s", v.State)
	}
}

func TestSomeRequirementsTakeTwoPeople(t *testing.T) {
	two := overridable(func(o *Override) { o.Second.For = []Glob{"review/**"} })
	line := "/override " + rid + " please"
	for name, c := range map[string]struct {
		pull *scene
		want State
	}{
		"one alone":                {unapproved().said("rob", line), Waiting},
		"one who holds both":       {unapproved().said("rita", line).said("rita", line), Waiting},
		"two of the first":         {unapproved().said("rob", line).said("rita", "/override compliance x"), Waiting},
		"two":                      {unapproved().said("rob", line).said("sue", line), Overridden},
		"two, the other about all": {unapproved().said("sue", "/override review I agree").said("rob", line), Overridden},
		"one holds both roles":     {unapproved().said("rita", line).said("sue", line), Overridden},
		"the second took back":     {unapproved().said("rob", line).said("sue", line).said("sue", "/revoke review"), Waiting},
		"the second is stale":      {unapproved().said("sue", line).push("c2", "ann").said("rob", line), Waiting},
	} {
		v := Judge(two, c.pull.Pull)
		if v.State != c.want {
			t.Errorf("%s: %s %v", name, v.State, part(v.Results[0], rid).Notes)
		}
	}
	v := Judge(two, unapproved().said("rob", line).Pull)
	if notes := part(v.Results[0], rid).Notes; !slices.Contains(notes, `rob's "/override review/code-review" does not do alone: somebody else, of @acme/sec, must override it as well.`) {
		t.Error(notes)
	}
	s := unapproved().said("sue", "/override "+rid+" 1h quick").said("rob", line)
	if r := part(Judge(two, s.Pull).Results[0], rid); !r.Until.Equal(s.Comments[0].Created.Add(time.Hour)) || len(r.Evidence) != 2 || !strings.Contains(r.Summary, "Let pass by rob and sue until") {
		t.Errorf("two let it pass until %s: %s, %+v", r.Until, r.Summary, r.Evidence)
	}
	nobody := overridable(func(o *Override) { o.Second = SecondPerson{For: []Glob{"review/**"}} })
	if v := Judge(nobody, unapproved().said("rob", line).said("sue", line).Pull); v.State.Passes() || len(v.Notes) != 1 {
		t.Errorf("where nobody is the second it is %s: %q", v.State, v.Notes)
	}
}

func TestSecretsTakeTwoPeopleUnlessThePolicySaysOtherwise(t *testing.T) {
	a := newAuthority(NewOverride(), true, &Pull{}, nil, nil)
	for id, want := range map[string][2]bool{
		"security/secrets": {false, true}, "security/floor/secrets": {false, true}, "security/scan": {false, true}, "security/review": {true, false}, "coverage/repository": {true, false},
	} {
		if ok, two := a.allows(id); ok != want[0] || two != want[1] {
			t.Errorf("%s: %v, %v", id, ok, two)
		}
	}
	only := NewOverride()
	only.Requirements = []Glob{"coverage"}
	a = newAuthority(only, true, &Pull{}, nil, nil)
	for id, want := range map[string]bool{"coverage": true, "coverage/floor": true, "coverage/repository": true, "coverage/patch": false, "review/coverage": false} {
		if ok, _ := a.allows(id); ok != want {
			t.Errorf("%s: %v", id, ok)
		}
	}
}

// Anybody may comment: comments full of commands take no longer than their lines.
func TestCommentsFullOfCommandsAreHeardSoon(t *testing.T) {
	for _, line := range []string{"/revoke a/b", "/override a b", "/override a b\n/revoke a/b", "/break-glass x", "/revoke break-glass", "/follow-up x", "/overide x", "/approve x"} {
		for _, who := range []string{"mallory", "ann"} {
			s := unapproved()
			for range 20 {
				s.said(who, strings.Repeat(line+"\n", 65_000/(len(line)+1)))
			}
			if v := Judge(overridable(), s.Pull); v.State.Passes() || len(v.Notes) > 20 {
				t.Errorf("%q by %s: %s, %d notes", line, who, v.State, len(v.Notes))
			}
		}
	}
}
