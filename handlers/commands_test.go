package handlers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

const overridePolicy = `version: 1
roles:
  release-management: {team: acme/rm}
  on-call: {users: [quinn]}
review:
  sign_offs:
    - {name: Code review, role: reviewer}
override:
  role: release-management
  break_glass: {role: on-call}
`

// commandRig is a rig whose policy lets carol override.
func commandRig(t *testing.T) (*rig, *sim.Pull) {
	r := newRig(t, sim.Options{Seed: 1})
	r.gh.Org("acme").Team("rm", "carol")
	r.policy(overridePolicy)
	p := r.topic()
	r.settle()
	r.shows(p, "in_progress", "/override REQUIREMENT REASON", "acme/rm")
	r.pass(2 * time.Second)
	return r, p
}

// answers are our comments on a pull request.
func (r *rig) answers(p *sim.Pull) (out []checks.Comment) {
	r.t.Helper()
	for _, c := range r.snapshot(p).Comments {
		if c.Ours {
			out = append(out, c)
		}
	}
	return out
}

func (r *rig) snapshot(p *sim.Pull) checks.Pull {
	r.t.Helper()
	s, err := r.hub.Find(r.t.Context(), "acme", "shop", p.Number)
	if err != nil {
		r.t.Fatal(err)
	}
	pull, _, err := r.hub.Read(r.t.Context(), s, checks.Need{}, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return pull
}

func TestAnOverrideHoldsUntilAPushAndUntilItsEnd(t *testing.T) {
	r, p := commandRig(t)
	p.Comment("bob", "/override review/code-review I am bob")
	p.Comment("alice", "/override review/code-review I wrote it")
	r.settle()
	r.shows(p, "in_progress", "bob is not in", "alice opened this pull request")
	p.Comment("carol", "/override review/code-review 2h The shop is down")
	r.settle()
	r.shows(p, "completed/success", "Met, 1 requirement overridden until", "Let pass by carol until", "The shop is down")
	r.push("alice", "topic", map[string]string{"a.go": "package a // more\n"})
	r.settle()
	r.shows(p, "in_progress", "it was written for")
	r.pass(2 * time.Second)
	p.Comment("carol", "/override review/code-review 2h It still is")
	r.settle()
	r.shows(p, "completed/success")
	r.pass(2 * time.Hour)
	r.settle()
	r.shows(p, "in_progress", "it ended on")
}

func TestABrokenGlassLetsPassUntilItIsTakenBack(t *testing.T) {
	r, p := commandRig(t)
	p.Comment("quinn", "/break-glass The shop is down")
	r.settle()
	r.shows(p, "completed/success", "quinn has broken the glass until", "/follow-up")
	p.Comment("quinn", "/revoke break-glass")
	r.settle()
	r.shows(p, "in_progress", "quinn took it back")
}

func TestWhoAsksToExplainIsAnsweredOnce(t *testing.T) {
	r, p := commandRig(t)
	p.Comment("bob", "What now?\n\n/explain")
	r.settle()
	list := r.answers(p)
	if len(list) != 1 || !strings.Contains(list[0].Body, "Code review — ⏳ waiting") || !strings.Contains(list[0].Body, "Judged by:\n- `acme/shop/.github/handrail.yml` at `") || !strings.Contains(list[0].Body, " · record ") {
		t.Fatalf("the answers are %+v", list)
	}
	p.Comment("alice", "Thank you.")
	r.settle()
	if n := len(r.answers(p)); n != 1 {
		t.Errorf("there are %d answers", n)
	}
	p.Comment("alice", list[0].Body)
	p.Comment("alice", "/explain")
	r.settle()
	if n := len(r.answers(p)); n != 2 {
		t.Errorf("asked again there are %d answers", n)
	}
	r.shows(p, "in_progress")
}

func TestAnAnswerIsWrittenOnceWhateverFails(t *testing.T) {
	for name, failure := range map[string]sim.Failure{
		"not done": sim.Partial("addComment"), "lost before": sim.Status(502), "done and not told": sim.Status(502).After(), "cut after": sim.Cut().After(), "refused and done": sim.Partial("addComment").After(),
	} {
		t.Run(name, func(t *testing.T) {
			r, p := commandRig(t)
			r.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{failure}, When: func(q sim.Request) bool { return slices.Contains(q.Mutations, "addComment") }})
			p.Comment("bob", "/explain")
			r.settle()
			r.pass(6 * time.Minute)
			r.settle()
			if list := r.answers(p); len(list) != 1 {
				t.Errorf("there are %d answers", len(list))
			}
		})
	}
}

func TestAnAnswerThatSomebodyDeletesIsNotWrittenAgain(t *testing.T) {
	r, p := commandRig(t)
	p.Comment("bob", "/explain")
	r.settle()
	list := r.answers(p)
	if len(list) != 1 {
		t.Fatalf("the answers are %+v", list)
	}
	for _, c := range p.Comments() {
		if c.ID == list[0].ID {
			c.Delete("alice")
		}
	}
	r.settle()
	r.pass(time.Hour)
	p.Comment("bob", "well")
	r.settle()
	if n := len(r.answers(p)); n != 0 {
		t.Errorf("there are %d answers", n)
	}
}

func TestWhereItOnlyObservesNobodyIsAnswered(t *testing.T) {
	r := newRig(t, sim.Options{Seed: 1})
	r.policy("mode: observe\n" + overridePolicy)
	p := r.topic()
	p.Comment("bob", "/explain")
	p.Comment("bob", "/recheck")
	r.settle()
	r.shows(p, "none")
	if n := len(r.answers(p)); n != 0 {
		t.Errorf("there are %d answers", n)
	}
}

func TestARequestToLookAgainMakesEveryRunAnewOnce(t *testing.T) {
	r, p := commandRig(t)
	before, _ := p.Run(checks.RunMerge)
	p.Comment("bob", "/recheck")
	_, writes := r.requests(r.settle)
	after, _ := p.Run(checks.RunMerge)
	if after.ID == before.ID || writes != 1 {
		t.Fatalf("the run is %d as before, after %d writes", after.ID, writes)
	}
	r.pass(2 * time.Second)
	p.Comment("alice", "Thank you.")
	if _, writes := r.requests(r.settle); writes != 0 {
		t.Errorf("then it writes %d times", writes)
	}
	p.Comment("mallory", "/recheck")
	if _, writes := r.requests(r.settle); writes != 0 {
		t.Errorf("for a stranger it writes %d times", writes)
	}
}
