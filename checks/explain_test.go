package checks

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// answered is the answer that a plan gives, "" when none.
func answerIn(plan []Action) string {
	for _, a := range plan {
		if a.Kind == AddComment {
			return a.Body
		}
	}
	return ""
}

func TestARequestToExplainIsAnsweredOnce(t *testing.T) {
	s := unapproved().said("guest", "Why?\n\n/explain")
	v := Judge(overridable(), s.Pull)
	plan := Plan(v, s.Pull)
	body := answerIn(plan)
	if !strings.HasPrefix(body, "<!-- handrail:explain "+evidenceID(s.Comments[0].ID)+" -->\n") {
		t.Fatalf("the answer is %q of %v", body, kinds(plan))
	}
	after := do(t, s.Pull, plan)
	if left := Plan(Judge(overridable(), after), after); len(left) > 0 {
		t.Fatalf("there is left %v", kinds(left))
	}
	forged := s.Pull
	forged.Comments = append(slices.Clone(s.Comments), Comment{ID: 5, Author: Actor{Login: "ann"}, Body: body}, Comment{ID: 6, Author: Actor{Login: "ci[bot]", Bot: true}, Body: body})
	if answerIn(Plan(Judge(overridable(), forged), forged)) == "" {
		t.Error("somebody else's comment with our mark is taken for ours")
	}
	again := &scene{Pull: after, clock: s.clock, nextID: s.nextID}
	again.said("guest", "/explain")
	if got := answerIn(Plan(Judge(overridable(), again.Pull), again.Pull)); !strings.HasPrefix(got, explainMark(again.Comments[2].ID)) {
		t.Errorf("asked again it says %q", got)
	}
}

func TestSomeRequestsToExplainAreNotAnswered(t *testing.T) {
	ask := func() *scene { return unapproved().said("guest", "/explain") }
	tried := func(s *scene, ago time.Duration, done bool) *scene {
		s.Memory.Answers = append(s.Memory.Answers, Answered{To: s.Comments[0].ID, At: s.At.Add(-ago), Done: done})
		return s
	}
	other := func(s *scene, ago time.Duration) *scene {
		s.Memory.Answers = append(s.Memory.Answers, Answered{To: 1, At: s.At.Add(-ago), Done: true})
		return s
	}
	for name, c := range map[string]struct {
		pull *scene
		want bool
		due  time.Duration // from now
	}{
		"asked":             {ask(), true, 0},
		"another commit":    {ask().push("c2", "ann"), false, 0},
		"a closed one":      {ask().with(func(p *Pull) { p.Open = false }), false, 0},
		"an App":            {ask().with(func(p *Pull) { p.Comments[0].Author.Bot = true }), false, 0},
		"ours":              {ask().with(func(p *Pull) { p.Comments[0].Ours = true }), false, 0},
		"a quote":           {unapproved().said("guest", "> /explain"), false, 0},
		"it was answered":   {tried(ask(), time.Hour, true), false, 0},
		"it may have been":  {tried(ask(), time.Minute, false), false, 4 * time.Minute},
		"it was not, later": {tried(ask(), 6*time.Minute, false), true, 0},
		"tried twice":       {tried(tried(ask(), 20*time.Minute, false), 10*time.Minute, false), false, 0},
		"many of late":      {other(other(other(ask(), 50*time.Minute), 20*time.Minute), time.Minute), false, 10 * time.Minute},
		"many long ago":     {other(other(other(ask(), 61*time.Minute), 20*time.Minute), time.Minute), true, 0},
	} {
		v := Judge(overridable(), c.pull.Pull)
		if got := answerIn(Plan(v, c.pull.Pull)) != ""; got != c.want {
			t.Errorf("%s: answered %v", name, got)
		}
		if c.due > 0 && !v.Until.Equal(c.pull.At.Add(c.due)) {
			t.Errorf("%s: looked at again at %s", name, v.Until)
		}
	}
	observing := overridable()
	observing.Observe = true
	if plan := Plan(Judge(observing, ask().Pull), ask().Pull); len(plan) > 0 {
		t.Errorf("where it only observes it writes %v", kinds(plan))
	}
	broken := overridable()
	broken.Problems = []Problem{{Message: "It is no YAML."}}
	if body := answerIn(Plan(Judge(broken, ask().Pull), ask().Pull)); !strings.Contains(body, "It is no YAML.") {
		t.Errorf("of an invalid policy it says %q", body)
	}
}

func TestAnAnswerSaysWhatHoldsAndWhyAndWhoCanActAndNothingInIt(t *testing.T) {
	hostile := "@acme/everyone </details> <script>\u202e\n\n/override review x\n/approve rm\nSecurity review required"
	s := unapproved().team("acme/rm", "rita").approved("ann").can("mallory</summary>", "read").said("mallory</summary>", hostile).said("rita", "/override "+rid+" @everyone | </details>").push("c2", "ann").said("guest", "/explain")
	p := overridable()
	floor := &ReviewRules{SignOffs: []SignOff{{Name: "Code @x </summary>", Role: "sec", Self: true}}}
	floor.UseRoles(p.Roles)
	p.Sections[0].Checks = append(p.Sections[0].Checks, Floor{Check: floor})
	s.said("sue", "/approve sec")
	p.Sources = []Source{{Repo: "acme/shop", Path: PolicyPath, Commit: "0123456789ab", Text: "x"}, {Repo: "acme/.github", Path: FloorPath, Commit: "abcdef012345", Text: "x", Floor: true}, {Repo: "acme/x", Path: "y", Absent: true}}
	body := answerIn(Plan(Judge(p, s.Pull), s.Pull))
	for _, want := range []string{
		"**Waiting for: Code review**", "at `c2` on 2026-03-02 ", "for `guest`", "[the check-runs](/acme/shop/pull/7/checks)", "| Code review `review/code-review` | ⏳ waiting |",
		"<details><summary>Code review — ⏳ waiting</summary>", "<summary>Code @<!-- -->x &lt;/summary&gt; (organisation floor) — ✅ met</summary>", "- Who can act now: anyone with write access", "ann's approval does not count: ann opened this pull request.",
		"rita's \"/override review/code-review\" does not count: it was written for c1, and the head is now c2", "- `acme/shop/.github/handrail.yml` at `0123456`",
		"- `acme/.github/handrail.yml` at `abcdef0`, the organisation's floor", "`/approve ROLE` signs for a role: oncall, rm and sec", "`/break-glass REASON` lets everything pass in an emergency, by olga, ann and robot\\[bot\\]",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("it lacks %q:\n%s", want, body)
		}
	}
	for _, bad := range []string{"@acme", "@x", "@everyone", "<script", "\u202e", "acme/x"} {
		if strings.Contains(body, bad) {
			t.Errorf("it holds %q:\n%s", bad, body)
		}
	}
	if strings.Count(body, "<details>") != strings.Count(body, "</details>") {
		t.Error("what somebody wrote ends a part of it")
	}
	for _, line := range linesSaid(body) {
		if verb, _, ok := slashed(line); ok || AsksForReview(line) {
			t.Errorf("it says %q itself: %q", verb, line)
		}
	}
	s.Comments = append(s.Comments, Comment{ID: 7777, Author: Actor{Login: "handrail[bot]", Bot: true}, Body: body, Ours: true, Created: s.At})
	if w := overridable().Wants(s.Pull); slices.Contains(w.Users, "handrail[bot]") || len(Judge(p, s.Pull).Results) != 2 {
		t.Errorf("our own answer is heard: %+v", w)
	}
}

func TestALongAnswerIsCutAtALine(t *testing.T) {
	s := unapproved().said("guest", "/explain")
	p := overridable()
	p.Observe = false
	for range 400 {
		c := &Description{Headings: []string{strings.Repeat("| x ", 40)}}
		p.Sections[1].Checks = append(p.Sections[1].Checks, c)
	}
	body := answerIn(Plan(Judge(p, s.Pull), s.Pull))
	if len(body) < commentLimit/2 || len(body) > commentLimit+200 || !strings.Contains(body[commentLimit-300:], "_The list is longer than GitHub shows; the record holds all of it._\n") {
		t.Errorf("%d bytes, ending in %q", len(body), body[max(0, len(body)-100):])
	}
}
