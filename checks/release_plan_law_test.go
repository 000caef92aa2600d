package checks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// peopled is the shop's release with everybody whom its policy's roles are about.
func peopled() Release {
	r := shopRelease()
	r.Issue = TrackingIssue{}
	r.Evidence.Seq, r.Evidence.Since = 8, noon.Add(-2*time.Hour)
	r.People, r.Teams = map[string]Person{}, map[string]Team{
		"acme/qa": {Name: "acme/qa", Found: true, Members: []string{"quinn"}}, "acme/rm": {Name: "acme/rm", Found: true, Members: []string{"rita", "rob", "tom"}},
	}
	for _, login := range []string{"quinn", "rita", "rob", "tom", "sam", "sue", "lee", "eve"} {
		r.People[login] = Person{Login: login, Permission: "write"}
	}
	return r
}

// settle judges and carries out until nothing is left to do, as handrail does, and gives
// everything that was done.
func settle(t failing, p Policy, r Release) (Release, ReleaseVerdict, []Action) {
	t.Helper()
	var done []Action
	for range 12 {
		v := JudgeRelease(p, r)
		if n := len(r.Memory.Candidates); r.Tag.Commit != "" && (n == 0 || r.Memory.Candidates[n-1].Digest != v.Digest) {
			r.Memory.Candidates = append(slices.Clip(r.Memory.Candidates), PastCandidate{Candidate: v.Candidate, Digest: v.Digest, Since: r.At.Add(-time.Hour), Shown: r.At.Add(-time.Hour)})
			continue
		}
		if v.Promote != nil && r.Memory.Promoted != v.Digest {
			r.Memory.Promoted, r.Memory.PromotedAt, r.Memory.PromotedSeq, r.Memory.Emergency = v.Digest, r.At, 1000, v.Promote.Emergency
			continue
		}
		plan := PlanRelease(p, v, r)
		switch {
		case len(plan) > 0:
			r, done = carryOut(t, r, plan), append(done, plan...)
			for i := range r.Dispatched {
				r.Dispatched[i].Status, r.Dispatched[i].Conclusion = "completed", "success"
			}
		case v.Promote != nil && r.Memory.Released.IsZero():
			r.Memory.Released = r.At
		default:
			return r, v, done
		}
	}
	t.Fatalf("it does not come to rest: %v", planned(done))
	return r, ReleaseVerdict{}, nil
}

// Whatever people do, judging and carrying out comes to rest, and a release is published,
// or a job let into production, only of what is promoted.
func TestAReleaseComesToRestAndOnlyWhatIsPromotedGoesOut(t *testing.T) {
	guarded := func() (Policy, Release, string) {
		p, r := shopPolicy(), peopled()
		r.Gates = []Gate{{RunID: 5, Environment: "production"}, {RunID: 6, Environment: "staging"}}
		return p, r, r.candidateDigest(p)
	}
	grants := func(a Action) bool {
		return a.Kind == PublishRelease || a.Gate != nil && a.Gate.State == "approved" && a.Gate.Environment == "production"
	}
	rapid.Check(t, func(t *rapid.T) {
		p, r, digest := guarded()
		if rapid.Bool().Draw(t, "odd") {
			r.Evidence.Counts = map[EvidenceState]int{EvidenceMet: 2, EvidenceNoPull: 1}
			r.Evidence.Odd = []Brought{{Commits: []string{commitB}, State: EvidenceNoPull, Why: "No pull request brought it."}}
		}
		act := actsOn(&r, digest)
		if rapid.Bool().Draw(t, "all sign") {
			for _, who := range []string{"quinn", "rita", "sam"} {
				act(ActSign, who)
			}
		}
		people := []string{"quinn", "rita", "rob", "tom", "sam", "sue", "lee", "eve"}
		for range rapid.IntRange(0, 4).Draw(t, "acts") {
			who := rapid.SampledFrom(people).Draw(t, "who")
			act(rapid.SampledFrom([]ActKind{ActSign, ActSign, ActAccept, ActReject, ActPromote, ActPromote, ActEmergency, ActRevoke}).Draw(t, "act"), who)
		}
		r, v, done := settle(t, p, r)
		for _, a := range done {
			if grants(a) && r.Memory.Promoted != digest {
				t.Fatalf("%s of what is not promoted: %+v", a.Kind, r.Acts)
			}
		}
		if v.Phase == PhaseReleased && (r.Page.Draft || r.Issue.Open == (v.FollowUp.IsZero() || v.FollowedUp != nil)) {
			t.Fatalf("released, and the page is a draft: %v, the issue open: %v", r.Page.Draft, r.Issue.Open)
		}
	})
	p, r, digest := guarded()
	act := actsOn(&r, digest)
	for _, who := range []string{"quinn", "rita", "sam"} {
		act(ActSign, who)
	}
	act(ActPromote, "rita")
	if _, v, done := settle(t, p, r); v.Phase != PhaseReleased || !slices.ContainsFunc(done, grants) {
		t.Errorf("what was signed and promoted is %s, by %+v", v.Phase, done)
	}
}

// actsOn is how people of the shop do something about a release, one second after the
// other.
func actsOn(r *Release, digest string) func(kind ActKind, who string) {
	ids := map[string]int64{"quinn": 11, "rita": 12, "rob": 13, "tom": 4, "sam": 14, "sue": 15, "lee": 16, "eve": 17}
	seq := int64(100)
	return func(kind ActKind, who string) {
		seq++
		a := Act{Kind: kind, By: Actor{Login: who, ID: ids[who]}, At: noon.Add(time.Duration(seq-200) * time.Second), Via: ByCommand, Candidate: digest, Seq: seq, Evidence: "e"}
		if kind != ActSign && kind != ActPromote {
			a.Reason = "because"
		}
		if kind == ActSign {
			a.Role = map[string]RoleName{"quinn": "qa", "rita": "rm", "rob": "rm", "tom": "rm", "sam": "security", "sue": "security"}[who]
		}
		r.Acts = append(r.Acts, a)
	}
}

func (r *Release) candidateDigest(p Policy) string {
	c := r.Candidate(p)
	return c.Digest()
}

const hostile = "<!-- x --> @acme/all #1 `@evil` | [a](http://evil.example) www.evil.example https://evil.example </details> <img src=x>\n\n# @root \u202e **b**"

// A release in which everything that anybody could write is hostile and long.
func hostileRelease() (Policy, ReleaseVerdict, Release) {
	p, r := shopPolicy(), peopled()
	text := hostile + strings.Repeat(" @everybody", 300)
	r.Tag.Name, r.Tag.Pusher.Login, r.SharedWith = "v1-->@acme/all", "tom", ""
	r.Issue = TrackingIssue{Number: 40, Open: true}
	r.Page.Name, r.Page.Assets = text, nil
	for i := range 300 {
		r.Page.Assets = append(r.Page.Assets, Asset{ID: int64(i), Name: text + fmt.Sprint(i), Ready: true})
		b := Brought{Number: i, Title: text, Author: text, Base: text, Commits: []string{text}, State: EvidenceBypassed, Seq: int64(i), Why: text}
		if len(r.Evidence.Odd) < 200 {
			r.Evidence.Odd = append(r.Evidence.Odd, b)
		}
		r.Evidence.Nameless = append(r.Evidence.Nameless, text)
		r.Evidence.Branches = append(r.Evidence.Branches[:min(i, 19)], text)
		r.Acts = append(r.Acts, Act{Kind: ActReject, Role: RoleName(text), Stage: text, By: Actor{Login: text, ID: int64(i)}, At: noon, Via: text, Ref: text, Reason: text, Seq: int64(i + 1)})
		r.Deployments = append(r.Deployments, Deployment{ID: int64(i), Environment: text, State: "success"})
		r.Memory.Candidates = append(r.Memory.Candidates, PastCandidate{Digest: text + fmt.Sprint(i), Candidate: Candidate{Commit: text}, Shown: noon, Ended: noon, Why: text})
	}
	r.Evidence.NamelessCount, r.Evidence.Elsewhere, r.Evidence.Counts = 300, 300, map[EvidenceState]int{EvidenceBypassed: 300, "@acme/all": 3}
	r.Outs = []Out{{Tag: text, Commit: text, Contains: true, Known: true}}
	c := r.candidateDigest(p)
	v := shopVerdict(p, r, Waiting, Waiting, PhaseCandidate)
	for i := range r.Acts {
		a := &r.Acts[i]
		if a.Candidate = c; i%2 == 0 {
			v.Refused = append(v.Refused, Refusal{Act: *a, Why: text})
		}
		v.Stages[0].Signed = append(v.Stages[0].Signed, Sign{Stage: text, Role: RoleName(text), By: a.By, At: noon, Via: text, Ref: text})
	}
	for i := range v.Results {
		v.Results[i].Name, v.Results[i].Summary, v.Results[i].Notes, v.Results[i].Can = text, text, []string{text, text}, []string{text, "@acme/all"}
	}
	v.Notes = []string{text}
	v.Environments = map[string]GateWord{text: {Why: text}}
	r.Gates = []Gate{{RunID: 1, Environment: text}}
	return p, v, r
}

var (
	spans        = regexp.MustCompile("`[^`\n]*`")
	mentions     = regexp.MustCompile(`@[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)?`)
	policyPeople = []string{"@acme/qa", "@acme/rm", "@sam", "@sue", "@lee"}
)

func TestHostileTextPingsNobodyAndStaysWithinGitHubsLimits(t *testing.T) {
	for _, phase := range []Phase{"", PhaseGathering, PhaseCandidate, PhaseSigning, PhaseApproved, PhasePromoting, PhaseReleased, PhaseDeployed, PhaseVoid, PhaseRejected, PhaseSuperseded, PhaseFailed} {
		p, v, r := hostileRelease()
		v.Phase = phase
		v.FollowUp = noon.Add(-time.Hour)
		v.Reminders = []Reminder{{Key: "a", Stage: "development", Role: "qa"}, {Key: "b", Stage: "Production", Role: "rm", Escalate: true}}
		calm := func(what, text string) {
			text = strings.ReplaceAll(spans.ReplaceAllString(text, ""), "@<!-- -->", "")
			for _, m := range mentions.FindAllString(text, -1) {
				if strings.HasPrefix(what, "comment") && slices.Contains(policyPeople, m) {
					continue
				}
				t.Fatalf("%s, %s: %s is called: %.300s", phase, what, m, text[max(strings.Index(text, m)-150, 0):])
			}
			for _, bad := range []string{"://evil", "<img", "www.evil"} {
				if strings.Contains(text, bad) {
					t.Fatalf("%s, %s: %s is there", phase, what, bad)
				}
			}
			if len(text) > textLimit || strings.Count(text, "<details>") != strings.Count(text, "</details>") {
				t.Fatalf("%s, %s: %d bytes, or left open", phase, what, len(text))
			}
		}
		plan := PlanRelease(p, v, r)
		if len(plan) == 0 {
			t.Fatalf("%s: nothing is planned", phase)
		}
		for i, a := range plan {
			switch a.Kind {
			case CreateRun, UpdateRun:
				calm(fmt.Sprint("run ", a.Run.Name), a.Run.Summary)
				if len([]rune(a.Run.Title)) > 250 || len(a.Run.Summary) > textLimit-footerRoom+100 {
					t.Errorf("%s: title of %d, text of %d", phase, len(a.Run.Title), len(a.Run.Summary))
				}
			case CreateIssue, UpdateIssue:
				_, shown, _ := strings.Cut(a.Issue.Body, "\n") // GitHub drops HTML comments before it looks for mentions
				calm("issue", shown)
				if len([]rune(a.Issue.Title)) > 250 || len(a.Issue.Body) > 65536 || !strings.HasPrefix(a.Issue.Body, "<!-- handrail:release v1--%3E@acme/all ") {
					t.Errorf("%s: %.100s", phase, a.Issue.Body)
				}
			case CommentIssue:
				calm(fmt.Sprint("comment ", i), a.Body)
			}
		}
		carryOut(t, r, plan)
	}
}

func TestAnIssueThatSomebodyHasChangedIsNotAsItWasWritten(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	text := ReleaseIssue(p, shopVerdict(p, r, Met, Waiting, PhaseSigning), r)
	for name, c := range map[string]struct {
		tag, title, body string
		shown, ours      bool
	}{
		"as written":          {"v1.2.0", text.Title, text.Body, true, true},
		"other line ends":     {"v1.2.0", text.Title, strings.ReplaceAll(text.Body, "\n", "\r\n") + "\r\n", true, true},
		"another title":       {"v1.2.0", "Release v9", text.Body, false, true},
		"another text":        {"v1.2.0", text.Title, strings.Replace(text.Body, "waits for", "needs nothing of", 1), false, true},
		"of another tag":      {"v1.2", text.Title, text.Body, false, false},
		"not ours":            {"v1.2.0", text.Title, "Please release v1.2.0", false, false},
		"a mark alone":        {"v1.2.0", text.Title, issueMark("v1.2.0", text.Digest), false, true},
		"a mark further down": {"v1.2.0", text.Title, "x\n" + text.Body, false, false},
		"a broken mark":       {"v1.2.0", text.Title, "<!-- handrail:release v1.2.0 " + text.Digest, false, false},
	} {
		digest, ok := ShownIssue(c.tag, c.title, c.body)
		if ok != c.ours || (digest == text.Digest) != c.shown || !c.shown && digest != "" {
			t.Errorf("%s: %q, %v", name, digest, ok)
		}
	}
}

func TestGatheringIsShownInTenStepsWhateverItsPages(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	titles, steps := map[string]bool{}, 0
	for n := 0; n < 5000; n += 50 {
		r.Evidence = ReleaseEvidence{Total: 5000, Gathered: n}
		v := shopVerdict(p, r, Waiting, Waiting, PhaseGathering)
		v.Results[1].State = Waiting
		plan := PlanRelease(p, v, r)
		for _, a := range plan {
			titles[a.Run.Title] = true
		}
		if len(plan) > 0 {
			steps++
		}
		r = carryOut(t, r, plan)
	}
	if steps != 10 || !titles["Gathering: 1,000 of 5,000 commits"] || !titles["Gathering: 4,500 of 5,000 commits"] {
		t.Errorf("%d writes: %v", steps, titles)
	}
}
