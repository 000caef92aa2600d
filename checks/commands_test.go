package checks

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWhatIsNearlyACommandIsTold(t *testing.T) {
	for word, want := range map[string]string{
		"/aprove": approveCommand, "/approved": approveCommand, "/overide": overrideCommand, "/override": "", "/recheckk": recheckCommand, "/rechekc": recheckCommand,
		"/break-glas": glassCommand, "/breakglass": glassCommand, "/explian": explainCommand, "/revok": revokeCommand, "/supress": suppressCommand, "/followup": followCommand,
		"/etc": "", "/help": "", "/merge": "", "/lgtm": "", "/": "", "/retest": "", "/promote": "", "/assign": "", "/sign-off": "",
	} {
		if got := near(word); got != want {
			t.Errorf("%s: %q, not %q", word, got, want)
		}
	}
	s := unapproved().said("bob", "/aprove qa").said("ann", "see /overide\n\n/overide x y").said("zoe", "> /explian").can("guest", "read").said("guest", "/explian").
		said("rita", "/recheckk").said("rita", "/recheck").said("bob", "/etc/approve is a file")
	s.Comments = append(s.Comments, Comment{ID: 1, Author: Actor{Login: "ci", Bot: true}, Body: "/aprove", Created: s.clock})
	v := Judge(overridable(), s.Pull)
	var got []string
	for _, n := range v.Notes {
		if strings.Contains(n, "is no command") {
			got = append(got, n)
		}
	}
	want := []string{`ann's line "/overide x y" is no command: "/override" may be meant.`, `bob's line "/aprove qa" is no command: "/approve" may be meant.`}
	if !slices.Equal(got, want) {
		t.Errorf("it says %q", got)
	}
	if v := Judge(overridable(), s.push("c2", "ann").Pull); strings.Contains(strings.Join(v.Notes, ""), "is no command") {
		t.Error("what was written for another commit is still told")
	}
}

func TestARequestToLookAgainMakesOurRunsAnewOnce(t *testing.T) {
	for name, c := range map[string]struct {
		who  string
		can  string
		body string
		late time.Duration
		want bool
	}{
		"a reviewer":      {"bob", "triage", "/recheck", 0, true},
		"the author":      {"ann", "", "Please:\n\n/Recheck", 0, true},
		"a stranger":      {"guest", "read", "/recheck", 0, false},
		"somebody unread": {"guest", "", "/recheck", 0, false},
		"a quote":         {"bob", "write", "> /recheck", 0, false},
		"long ago":        {"bob", "write", "/recheck", time.Hour, false},
	} {
		q := unapproved()
		q.People[c.who] = Person{Permission: c.can}
		q.At = q.clock.Add(2*time.Minute + c.late)
		q.Pull = do(t, q.Pull, Plan(Judge(overridable(), q.Pull), q.Pull))
		for i := range q.Runs {
			q.Runs[i].Started = q.clock
		}
		q.said(c.who, c.body)
		v := Judge(overridable(), q.Pull)
		plan := Plan(v, q.Pull)
		if len(plan) == 3 != c.want || !c.want && len(plan) > 0 || Recheck(q.Pull) != c.want {
			t.Errorf("%s: %d actions, recheck %v", name, len(plan), Recheck(q.Pull))
		}
		after := do(t, q.Pull, plan)
		if left := Plan(Judge(overridable(), after), after); len(left) > 0 || Recheck(after) {
			t.Errorf("%s: there is left %v", name, left)
		}
	}
	q := unapproved().said("guest", "/recheck")
	delete(q.People, "guest")
	if w := overridable().Wants(q.Pull); !slices.Equal(w.Users, []string{"guest"}) {
		t.Errorf("it wants %+v", w)
	}
}
