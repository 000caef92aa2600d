package checks

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// shopPolicy has two stages: development, signed by qa, and production, signed by rm and
// security, which starts a workflow.
func shopPolicy() Policy {
	rules := NewReleaseRules()
	rules.Tags = []Glob{"v*"}
	rules.Stages = []Stage{
		{Name: "development", SignOffs: []StageSignOff{{Role: "qa"}}, Environment: "staging"},
		{
			Name: "Production", SignOffs: []StageSignOff{{Role: "rm"}, {Role: "security"}}, Environment: "production",
			Dispatch: DispatchRule{Workflow: "promote.yml", Inputs: map[string]string{"image": "{digest:app}", "tag": "{tag}@{commit} {stage} {candidate}"}}, EscalateTo: "lead",
		},
	}
	rules.Promoter, rules.Emergency.Role = "rm", "lead"
	rules.UseRoles(map[RoleName]Role{
		"qa": {Name: "qa", Team: "acme/qa"}, "rm": {Name: "rm", Team: "acme/rm"}, "security": {Name: "security", Users: []string{"sam", "sue", "scan[bot]"}},
		"lead": {Name: "lead", Users: []string{"lee"}},
	})
	return Policy{Release: rules, ReleaseDigest: "policy-1"}
}

const (
	commitA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	commitB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	imageA  = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
)

// shopRelease is v1.2.0 of acme/shop, a draft with one image, with everything gathered.
func shopRelease() Release {
	return Release{
		At: noon, Repo: shop, AppID: 99, Tag: Tag{Name: "v1.2.0", OID: commitA, Commit: commitA, Pusher: Actor{Login: "tom", ID: 4}},
		Page:      ReleasePage{ID: 30, Draft: true},
		Artifacts: []ReleaseArtifact{{Name: "ghcr.io/acme/app", Rule: "app", Digest: imageA, From: "upload"}},
		Evidence:  ReleaseEvidence{BaseTag: "v1.1.0", Base: commitB, Head: commitA, Total: 5, Gathered: 5, Pulls: 3, Done: true, Counts: map[EvidenceState]int{EvidenceMet: 3}, Digest: "e", Seq: 8},
		Issue:     TrackingIssue{Number: 40, Open: true, Title: "Release v1.2.0"},
	}
}

// shopVerdict is a verdict on a release by hand: the states of its two stages, and the
// phase that follows.
func shopVerdict(p Policy, r Release, development, production State, phase Phase) ReleaseVerdict {
	c := r.Candidate(p)
	v := ReleaseVerdict{Tag: r.Tag.Name, Candidate: c, Digest: c.Digest(), Phase: phase, Environments: map[string]GateWord{}}
	v.Head, v.At = r.Tag.Commit, r.At
	sign := func(stage string, state State, roles ...RoleName) {
		st := StageStanding{Name: stage, State: state}
		res := Result{ID: slug("release/", stage), Name: stage, State: state, Summary: "As it is."}
		for i, role := range roles {
			part := Result{ID: res.ID + "/" + string(role), Name: string(role), State: Waiting, Summary: "Waits for " + string(role) + ".", Can: []string{"@acme/" + string(role)}, Since: noon}
			if state.Passes() {
				part.State, part.Can, part.Summary = Met, nil, "Signed."
				st.Signed = append(st.Signed, Sign{Stage: stage, Role: role, By: Actor{Login: "x" + string(role), ID: int64(50 + i)}, At: noon, Via: ByButton, Ref: "77", Seq: int64(90 + i)})
			}
			res.Parts = append(res.Parts, part)
		}
		st.Start = stage == "Production" && state.Passes()
		v.Stages, v.Results = append(v.Stages, st), append(v.Results, res)
	}
	v.Results = []Result{{ID: IDReleaseTag, Name: "Tag", State: Met}, {ID: IDReleaseEvidence, Name: "Evidence", State: Met}}
	sign("development", development, "qa")
	sign("Production", production, "rm", "security")
	v.Results = append(v.Results, Result{ID: IDReleasePromotion, Name: "Promotion", State: Waiting, Summary: "Nobody has asked.", Observed: true})
	v.State, v.Own = worst(v.Results), worst(v.Results)
	return v
}

// promote makes the verdict and the record those of a promoted candidate.
func promote(v *ReleaseVerdict, r *Release, emergency bool) {
	by := Act{Kind: ActPromote, By: Actor{Login: "rita", ID: 60}, At: noon, Via: ByCommand, Candidate: v.Digest, Seq: 95}
	if emergency {
		by.Kind, by.Reason = ActEmergency, "the shop is down"
		v.FollowUp = noon.Add(7 * day)
	}
	v.Promote, v.Phase = &Promotion{By: by, Emergency: emergency}, PhasePromoting
	r.Acts = append(r.Acts, by)
	r.Memory.Promoted, r.Memory.PromotedSeq, r.Memory.Emergency = v.Digest, 96, emergency
}

// carryOut is GitHub, and the record, after a plan.
func carryOut(t failing, r Release, plan []Action) Release {
	t.Helper()
	surface := r.Surface()
	marks := map[string]time.Time{}
	for key, at := range r.Memory.Reminded {
		marks[key] = at
	}
	for _, a := range plan {
		for _, key := range a.Remind {
			marks[key] = r.At
		}
		switch a.Kind {
		case CreateRun, UpdateRun:
			if a.Run.Head == r.Tag.Commit {
				surface = writeRun(t, surface, a)
			}
		case CreateIssue, UpdateIssue:
			number := cmp.Or(r.Issue.Number, 41)
			labels := slices.DeleteFunc(slices.Clone(r.Issue.Labels), func(l string) bool { return l == LabelRelease })
			r.Issue.Labels = append(labels, a.Issue.Labels...)
			r.Issue.Number, r.Issue.Title, r.Issue.Open = number, a.Issue.Title, a.Issue.Open
			shown, ok := ShownIssue(r.Tag.Name, a.Issue.Title, a.Issue.Body)
			if !ok || shown != a.Issue.Digest || len(a.Issue.Body) > 65536 {
				t.Fatalf("the issue cannot be known again: %q, %q", shown, a.Issue.Digest)
			}
			r.Issue.Shown = shown
		case CommentIssue:
			if r.Issue.Number == 0 || len(a.Remind) == 0 || len(a.Body) > 65536 {
				t.Fatalf("a comment on #%d without a mark, or too long: %s", r.Issue.Number, a.Body)
			}
		case PublishRelease:
			r.Page.Draft, r.Page.Prerelease = false, false
		case AnswerGate:
			r.Gates = slices.Clone(r.Gates)
			i := slices.IndexFunc(r.Gates, func(g Gate) bool { return g.RunID == a.Gate.RunID && g.Environment == a.Gate.Environment })
			if n := len([]rune(a.Gate.Comment)); n > 1024 || n == 0 {
				t.Fatalf("a comment of %d characters", n)
			}
			if r.Gates[i].Answered, r.Gates[i].Said = a.Gate.State, gateSaid(a.Gate.Comment); a.Gate.State == "" {
				r.Gates[i].Comments++
			}
		case StartWorkflow:
			r.Dispatched = append(slices.Clip(r.Dispatched), Dispatched{Stage: a.Start.Stage, Candidate: a.Start.Candidate, Workflow: a.Start.Workflow, At: r.At})
		default:
			t.Fatalf("a plan for a release holds %s", a.Kind)
		}
	}
	r.Runs, r.Memory.Reminded = surface.Runs, marks
	return r
}

func writeRun(t failing, pull Pull, a Action) Pull {
	t.Helper()
	if len(a.Run.Buttons) > 3 || len(a.Run.Summary) > textLimit {
		t.Fatalf("%s is more than GitHub takes", a.Run.Name)
	}
	for _, b := range a.Run.Buttons {
		if len(b.Label) > 20 || len(b.Description) > 40 || len(b.Identifier) > 20 {
			t.Fatalf("button %+v is more than GitHub takes", b)
		}
	}
	pull.Runs = slices.Clone(pull.Runs)
	if a.Kind == UpdateRun {
		i := slices.IndexFunc(pull.Runs, func(r Run) bool { return r.ID == a.RunID })
		if i < 0 || pull.Runs[i].Status == "completed" {
			t.Fatalf("%s cannot be changed", a.Run.Name)
		}
		pull.Runs[i].Status, pull.Runs[i].Conclusion, pull.Runs[i].ExternalID = a.Run.Status, a.Run.Conclusion, a.Run.ExternalID
		return pull
	}
	id := int64(len(pull.Runs) + 100)
	pull.Runs = append(pull.Runs, Run{
		ID: fmt.Sprint("CR_", id), DatabaseID: id, Name: a.Run.Name, AppID: 99, Status: a.Run.Status,
		Conclusion: a.Run.Conclusion, ExternalID: a.Run.ExternalID, Started: pull.At,
	})
	return pull
}

// planned is a plan in short.
func planned(plan []Action) []string {
	var out []string
	for _, a := range plan {
		text := string(a.Kind)
		switch {
		case a.Run.Name != "":
			text += " " + strings.TrimPrefix(a.Run.Name, RunPrefix) + " " + cmp.Or(a.Run.Conclusion, a.Run.Status)
		case a.Issue != nil:
			text += fmt.Sprint(" ", a.Issue.Open, " ", a.Issue.Labels)
		case a.Gate != nil:
			text += " " + a.Gate.Environment + " " + cmp.Or(a.Gate.State, "wait")
		case a.Start != nil:
			text += " " + a.Start.Stage
		case a.Kind == CommentIssue:
			text += " " + strings.Fields(a.Remind[0])[0]
		}
		out = append(out, text)
	}
	return out
}

func TestAReleaseIsShownAndCarriedOutFromWhatTakesAwayToWhatGrants(t *testing.T) {
	p := shopPolicy()
	r := shopRelease()
	r.Issue = TrackingIssue{}
	r.Gates = []Gate{{RunID: 5, Environment: "staging"}, {RunID: 6, Environment: "Production"}, {RunID: 7, Environment: "elsewhere"}}
	steps := []struct {
		name   string
		change func(*ReleaseVerdict, *Release)
		dev    State
		prod   State
		phase  Phase
		want   []string
	}{
		{"new", func(v *ReleaseVerdict, _ *Release) {}, Waiting, Waiting, PhaseCandidate, []string{
			"create-run Release Requirements in_progress", "create-run release/development in_progress", "create-run release/production in_progress",
			"answer-gate staging wait", "answer-gate Production wait", "answer-gate elsewhere wait", "create-issue true []",
		}},
		{"qa signs", func(v *ReleaseVerdict, _ *Release) {
			v.Environments["staging"] = GateWord{State: "approved", Why: "development is signed."}
		}, Met, Waiting, PhaseSigning, []string{
			"update-run Release Requirements in_progress", "update-run release/production in_progress", "update-issue true []",
			"update-run release/development success", "answer-gate staging approved",
		}},
		{"all sign", func(*ReleaseVerdict, *Release) {}, Met, Met, PhaseApproved, []string{
			"comment-issue approved", "update-run release/production success", "update-run Release Requirements success",
			"update-issue true [Release Requirements Met]", "start-workflow Production",
		}},
		{"promoted", func(v *ReleaseVerdict, r *Release) {
			promote(v, r, false)
			v.Environments["production"] = GateWord{State: "approved", Why: "It is promoted."}
		}, Met, Met, PhasePromoting, []string{
			"update-issue true [Release Requirements Met]", "create-run Release Requirements success", "publish-release", "answer-gate Production approved",
		}},
		{"released", func(v *ReleaseVerdict, r *Release) {
			promote(v, r, false)
			v.Phase, r.Memory.Released = PhaseReleased, noon
		}, Met, Met, "", []string{
			"update-issue false [Release Requirements Met]", "comment-issue released", "create-run Release Requirements success",
		}},
	}
	for _, s := range steps {
		v := shopVerdict(p, r, s.dev, s.prod, s.phase)
		s.change(&v, &r)
		plan := PlanRelease(p, v, r)
		got := planned(plan)
		got = slices.DeleteFunc(got, func(s string) bool {
			return strings.HasPrefix(s, "create-run release/") && strings.HasSuffix(s, "success")
		})
		if d := gocmp.Diff(s.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, d)
		}
		r = carryOut(t, r, plan)
		if left := PlanRelease(p, v, r); len(left) > 0 {
			t.Errorf("%s leaves %v", s.name, planned(left))
		}
	}
}

func TestNothingIsWrittenWhereAReleaseIsOnlyObservedOrCannotBe(t *testing.T) {
	for name, change := range map[string]func(*Policy, *ReleaseVerdict, *Release){
		"observed":                         func(_ *Policy, v *ReleaseVerdict, _ *Release) { v.Observe = true },
		"archived":                         func(_ *Policy, _ *ReleaseVerdict, r *Release) { r.Repo.Archived = true },
		"no section":                       func(p *Policy, _ *ReleaseVerdict, _ *Release) { p.Release = nil },
		"of another tag":                   func(_ *Policy, v *ReleaseVerdict, _ *Release) { v.Tag = "v9" },
		"of another state":                 func(_ *Policy, _ *ReleaseVerdict, r *Release) { r.Page.ID++ },
		"of a commit that was here before": func(_ *Policy, _ *ReleaseVerdict, r *Release) { r.Tag.Commit = commitB },
	} {
		p, r := shopPolicy(), shopRelease()
		r.Gates = []Gate{{RunID: 5, Environment: "production"}}
		v := shopVerdict(p, r, Met, Met, PhaseApproved)
		promote(&v, &r, false)
		v.Environments["production"] = GateWord{State: "approved"}
		change(&p, &v, &r)
		if plan := PlanRelease(p, v, r); len(plan) > 0 {
			t.Errorf("%s: %v", name, planned(plan))
		}
	}
}

func TestOfATagThatIsGoneOnlyThatIsSaid(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	was := r.Candidate(p)
	r.Acts = []Act{{Kind: ActSign, Role: "qa", By: Actor{Login: "quinn"}, At: noon, Candidate: was.Digest(), Seq: 3}}
	r.Teams = map[string]Team{"acme/qa": {Found: true, Members: []string{"quinn"}}}
	r.People = map[string]Person{"quinn": {Login: "quinn", Permission: "write"}}
	r.Memory.Candidates = []PastCandidate{{Candidate: was, Digest: was.Digest(), Since: noon, Shown: noon, Ended: noon, Why: "The tag was deleted."}}
	r.Tag = Tag{Name: "v1.2.0", Gone: true}
	r.Gates = []Gate{{RunID: 5, Environment: "production"}}
	r.Issue.Labels = []string{"keep", LabelRelease}
	v := ReleaseVerdict{Tag: "v1.2.0", Phase: PhaseVoid, Environments: map[string]GateWord{"production": {State: "approved"}}}
	plan := PlanRelease(p, v, r)
	want := []string{
		"update-issue false []", "create-run Release Requirements failure", "create-run release/development failure", "create-run release/production failure", "comment-issue void",
	}
	if d := gocmp.Diff(want, planned(plan)); d != "" {
		t.Fatalf("(-want +got):\n%s", d)
	}
	if plan[1].Run.Head != commitA || !strings.Contains(plan[4].Body, "1 sign-off ended: qa by `@quinn`.") {
		t.Errorf("%s\n%s", plan[1].Run.Head, plan[4].Body)
	}
	if left := PlanRelease(p, v, carryOut(t, r, plan)); len(left) > 0 {
		t.Errorf("left: %v", planned(left))
	}
}

func TestAReleaseAtTheCommitOfANewerOneLeavesTheCommitToThat(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	r.SharedWith, r.Gates = "v1.2.1", []Gate{{RunID: 5, Environment: "staging"}}
	v := shopVerdict(p, r, Met, Waiting, PhaseSigning)
	v.Environments["staging"] = GateWord{State: "approved"}
	plan := PlanRelease(p, v, r)
	if d := gocmp.Diff([]string{"update-issue true []"}, planned(plan)); d != "" || !strings.Contains(plan[0].Issue.Body, "`v1.2.1` is of the same commit and newer") {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestARejectedReleaseLosesItsLabelFirstAndGrantsNothing(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	v := shopVerdict(p, r, Met, Met, PhaseApproved)
	r = carryOut(t, r, PlanRelease(p, v, r))
	v.Phase = PhaseRejected
	v.Results[2].Parts = append(v.Results[2].Parts, Result{ID: "release/development/rejected", Summary: "quinn has rejected it; the reason is owed."})
	r.Acts = []Act{{Kind: ActReject, By: Actor{Login: "quinn"}, At: noon, Via: ByButton, Stage: "development", Candidate: v.Digest[:12], Seq: 7}}
	plan := PlanRelease(p, v, r)
	want := []string{
		"update-issue true []", "create-run Release Requirements failure", "create-run release/development failure", "create-run release/production failure", "comment-issue reject",
	}
	if d := gocmp.Diff(want, planned(plan)); d != "" {
		t.Fatalf("(-want +got):\n%s", d)
	}
	if !strings.Contains(plan[1].Run.Title, "quinn has rejected it; the reason is owed.") || !strings.Contains(plan[4].Body, "`/reject REASON`") {
		t.Errorf("%s\n%s", plan[1].Run.Title, plan[4].Body)
	}
	r = carryOut(t, r, plan)
	r.Acts = append(r.Acts, Act{Kind: ActReject, By: Actor{Login: "quinn"}, At: noon, Via: ByComment, Candidate: v.Digest, Reason: "the import loses orders", Seq: 8})
	if got := planned(PlanRelease(p, v, r)); !slices.Contains(got, "comment-issue reject") {
		t.Errorf("the reason is not told: %v", got)
	}
}

func TestSomebodyElsesTextInTheIssueIsPutRightThreeTimesAnHour(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	v := shopVerdict(p, r, Waiting, Waiting, PhaseCandidate)
	r = carryOut(t, r, PlanRelease(p, v, r))
	writes := 0
	for range 10 {
		r.Issue.Shown = ""
		plan := PlanRelease(p, v, r)
		writes += len(plan)
		r = carryOut(t, r, plan)
	}
	if writes != 2 {
		t.Errorf("written %d times after the first", writes)
	}
	r.At = r.At.Add(61 * time.Minute)
	if got := planned(PlanRelease(p, v, r)); len(got) != 1 {
		t.Errorf("an hour later: %v", got)
	}
	if r.Issue.Denied = true; len(PlanRelease(p, v, r)) != 0 {
		t.Error("it is written though it may not be")
	}
}

func TestTheFailureToJudgeAReleaseIsNoVerdictOnIt(t *testing.T) {
	r := shopRelease()
	r.Gates, r.Issue.Labels = []Gate{{RunID: 5, Environment: "production"}}, []string{LabelRelease}
	plan := PlanReleaseFailure(r, "GitHub said \"no\" <!-- @acme/all -->", 3)
	if d := gocmp.Diff([]string{"update-issue true []", "create-run Release Requirements in_progress"}, planned(plan)); d != "" {
		t.Fatalf("(-want +got):\n%s", d)
	}
	if strings.Contains(plan[1].Run.Summary, "@acme") || strings.Contains(plan[0].Issue.Body, "@acme") {
		t.Error("somebody is mentioned")
	}
	if left := PlanReleaseFailure(carryOut(t, r, plan), "GitHub said \"no\" <!-- @acme/all -->", 4); len(left) > 0 {
		t.Errorf("left: %v", planned(left))
	}
	for name, change := range map[string]func(*Release){
		"gone": func(r *Release) { r.Tag.Gone = true }, "archived": func(r *Release) { r.Repo.Archived = true }, "shared": func(r *Release) { r.SharedWith = "v2" },
	} {
		r := shopRelease()
		change(&r)
		if plan := PlanReleaseFailure(r, "why", 1); len(plan) > 0 {
			t.Errorf("%s: %v", name, planned(plan))
		}
	}
}

// Whatever a release and the verdict on it are like, doing the plan leaves nothing to
// do, and what it grants is granted after what it takes away.
func TestDoingAPlanOfAReleaseLeavesNothingToDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, r := shopPolicy(), shopRelease()
		p.Release.Issue, p.Release.Publish = rapid.Bool().Draw(t, "issue"), rapid.Bool().Draw(t, "publish")
		state := func(name string) State {
			return rapid.SampledFrom([]State{Unmet, Waiting, Overridden, Met}).Draw(t, name)
		}
		phases := []Phase{"", PhaseGathering, PhaseCandidate, PhaseSigning, PhaseApproved, PhasePromoting, PhaseReleased, PhaseDeployed, PhaseVoid, PhaseRejected, PhaseSuperseded, PhaseFailed}
		if rapid.Bool().Draw(t, "no issue") {
			r.Issue = TrackingIssue{Denied: rapid.Bool().Draw(t, "denied")}
		}
		if rapid.Bool().Draw(t, "moved") {
			c := Candidate{TagOID: commitB, Commit: commitB, Policy: "policy-1"}
			r.Memory.Candidates = []PastCandidate{{Candidate: c, Digest: c.Digest(), Shown: noon, Ended: noon, Why: "The tag was moved."}}
		}
		v := shopVerdict(p, r, state("development"), state("production"), rapid.SampledFrom(phases).Draw(t, "phase"))
		v.Results[1].State = state("evidence")
		phase := v.Phase
		switch rapid.IntRange(0, 3).Draw(t, "promoted") {
		case 1:
			promote(&v, &r, false)
		case 2:
			promote(&v, &r, true)
		}
		v.Phase = phase
		if rapid.Bool().Draw(t, "released") {
			r.Memory.Released = noon
		}
		r.Page.Draft, r.Page.Prerelease = rapid.Bool().Draw(t, "draft"), rapid.Bool().Draw(t, "prerelease")
		if rapid.IntRange(0, 4).Draw(t, "shared") == 0 {
			r.SharedWith = "v1.2.1"
		}
		r.Evidence.Done = rapid.Bool().Draw(t, "gathered")
		r.Deployments = []Deployment{{ID: 1, Environment: "production", State: rapid.SampledFrom([]string{"success", "failure", "error", "queued"}).Draw(t, "deployed"), At: noon}}
		r.Gates = []Gate{{RunID: 5, Environment: "production"}, {RunID: 6, Environment: "staging", Comments: rapid.IntRange(0, 10).Draw(t, "comments")}}
		v.Environments["production"] = GateWord{State: rapid.SampledFrom([]string{"", "approved", "rejected"}).Draw(t, "gate"), Why: "Because."}
		for i := range rapid.IntRange(0, 3).Draw(t, "reminders") {
			v.Reminders = append(v.Reminders, Reminder{Key: fmt.Sprint("Production/rm ", i), Stage: "Production", Role: "rm", Escalate: i == 2})
		}
		if rapid.Bool().Draw(t, "left run") {
			r.Runs = []Run{left("handrail/release/old", 3), left("handrail/review", 4)}
		}
		v.Invalid = rapid.IntRange(0, 5).Draw(t, "invalid") == 0
		plan := PlanRelease(p, v, r)
		granted := false
		for _, a := range plan {
			grants := a.Run.Conclusion == "success" || a.Kind == PublishRelease || a.Kind == StartWorkflow || a.Gate != nil && a.Gate.State == "approved" ||
				a.Issue != nil && len(a.Issue.Labels) > 0 && !slices.Contains(r.Issue.Labels, LabelRelease) && a.Kind == UpdateIssue
			takes := a.Run.Name != "" && a.Run.Conclusion != "success" || a.Gate != nil && a.Gate.State == "rejected"
			if granted && takes {
				t.Fatalf("what takes away comes late: %v", planned(plan))
			}
			granted = granted || grants
		}
		after := carryOut(t, r, plan)
		again := PlanRelease(p, v, after)
		if granted && len(again) > 0 && again[0].Run.Head == commitB {
			after = carryOut(t, after, again) // what is said where the tag was comes after what is granted
			again = PlanRelease(p, v, after)
		}
		if len(again) > 0 {
			t.Fatalf("after %v is left %v", planned(plan), planned(again))
		}
		stored, err := json.Marshal(struct {
			V ReleaseVerdict
			R Release
		}{v, r})
		if err != nil {
			t.Fatal(err)
		}
		var back struct {
			V ReleaseVerdict
			R Release
		}
		if err := json.Unmarshal(stored, &back); err != nil {
			t.Fatal(err)
		}
		if d := gocmp.Diff(plan, PlanRelease(p, back.V, back.R)); d != "" {
			t.Fatalf("another plan after it was stored:\n%s", d)
		}
	})
}

// failing is a test of whatever kind.
type failing interface {
	Helper()
	Fatalf(format string, args ...any)
}
