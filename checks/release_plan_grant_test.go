package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestWhatIsNotOnRecordAsPromotedIsNotPublished(t *testing.T) {
	for name, change := range map[string]func(*ReleaseVerdict, *Release){
		"not on record":               func(_ *ReleaseVerdict, r *Release) { r.Memory.Promoted = "" },
		"another candidate on record": func(_ *ReleaseVerdict, r *Release) { r.Memory.Promoted = strings.Repeat("f", 64) },
		"nobody asked":                func(v *ReleaseVerdict, _ *Release) { v.Promote = nil },
		"rejected":                    func(v *ReleaseVerdict, _ *Release) { v.Phase = PhaseRejected },
		"superseded":                  func(v *ReleaseVerdict, _ *Release) { v.Phase = PhaseSuperseded },
		"gathering":                   func(v *ReleaseVerdict, _ *Release) { v.Phase = PhaseGathering },
		"no phase":                    func(v *ReleaseVerdict, _ *Release) { v.Phase = "" },
		"released before":             func(_ *ReleaseVerdict, r *Release) { r.Memory.Released = noon },
		"published already":           func(_ *ReleaseVerdict, r *Release) { r.Page.Draft = false },
	} {
		p, r := shopPolicy(), shopRelease()
		v := shopVerdict(p, r, Met, Met, PhaseApproved)
		promote(&v, &r, false)
		change(&v, &r)
		if got := planned(PlanRelease(p, v, r)); slices.Contains(got, "publish-release") {
			t.Errorf("%s: %v", name, got)
		}
	}
	p, r := shopPolicy(), shopRelease()
	v := shopVerdict(p, r, Met, Met, PhaseApproved)
	promote(&v, &r, false)
	if p.Release.Publish = false; slices.Contains(planned(PlanRelease(p, v, r)), "publish-release") {
		t.Error("it is published though the policy says not to")
	}
	p.Release.Publish, r.Page.Draft, r.Page.Prerelease = true, false, true
	if got := planned(PlanRelease(p, v, r)); !slices.Contains(got, "publish-release") {
		t.Errorf("a pre-release stays one: %v", got)
	}
}

func TestOnlyAFullYesAnswersAGateAndTheSameIsNeverSaidTwice(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	v := shopVerdict(p, r, Waiting, Waiting, PhaseCandidate)
	for _, word := range []string{"", "Approved", "APPROVED", "yes", "unknown"} {
		r.Gates = []Gate{{RunID: 5, Environment: "production"}}
		v.Environments = map[string]GateWord{"production": {State: word, Why: "Because."}}
		if got := planned(PlanRelease(p, v, r)); !slices.Contains(got, "answer-gate production wait") {
			t.Errorf("%q: %v", word, got)
		}
	}
	said, comments := map[string]bool{}, 0
	for i := range 40 {
		v.Environments["production"] = GateWord{Why: fmt.Sprint("Reason ", i%15, " @everybody ", strings.Repeat("ü", 2000))}
		plan := PlanRelease(p, v, r)
		for _, a := range plan {
			if a.Kind == AnswerGate {
				if comments++; said[a.Gate.Comment] {
					t.Fatalf("said twice: %s", a.Gate.Comment)
				}
				said[a.Gate.Comment] = true
			}
		}
		r = carryOut(t, r, plan)
	}
	if comments != 9 {
		t.Errorf("%d comments", comments)
	}
	v.Environments["production"] = GateWord{State: "rejected", Why: "The tag was moved."}
	if got := planned(PlanRelease(p, v, r)); !slices.Contains(got, "answer-gate production rejected") {
		t.Errorf("the answer is not given: %v", got)
	}
}

func TestAWorkflowIsStartedOnceWhenAllElseIsThere(t *testing.T) {
	starts := func(p Policy, v ReleaseVerdict, r Release) (out []WorkflowStart) {
		for _, a := range PlanRelease(p, v, r) {
			if a.Kind == StartWorkflow {
				out = append(out, *a.Start)
			}
		}
		return out
	}
	for name, c := range map[string]struct {
		change func(*ReleaseVerdict, *Release)
		want   bool
	}{
		"all is there":                  {func(*ReleaseVerdict, *Release) {}, true},
		"it is not to be started":       {func(v *ReleaseVerdict, _ *Release) { v.Stages[1].Start = false }, false},
		"a sign-off is missing":         {func(v *ReleaseVerdict, _ *Release) { v.Stages[1].Signed = v.Stages[1].Signed[1:] }, false},
		"the stage before is not whole": {func(v *ReleaseVerdict, _ *Release) { v.Results[2].State = Waiting }, false},
		"the evidence is not accepted":  {func(v *ReleaseVerdict, _ *Release) { v.Results[1].State = Waiting }, false},
		"rejected":                      {func(v *ReleaseVerdict, _ *Release) { v.Phase = PhaseRejected }, false},
		"started before": {func(v *ReleaseVerdict, r *Release) {
			r.Dispatched = []Dispatched{{Stage: "Production", Candidate: v.Digest, Workflow: "promote.yml", Conclusion: "failure"}}
		}, false},
		"started for another candidate": {func(_ *ReleaseVerdict, r *Release) {
			r.Dispatched = []Dispatched{{Stage: "Production", Candidate: "x", Workflow: "promote.yml"}}
		}, true},
	} {
		p, r := shopPolicy(), shopRelease()
		v := shopVerdict(p, r, Met, Met, PhaseApproved)
		c.change(&v, &r)
		got := starts(p, v, r)
		if len(got) > 0 != c.want {
			t.Errorf("%s: %+v", name, got)
		}
		if c.want && len(got) == 1 {
			want := WorkflowStart{Stage: "Production", Candidate: v.Digest, Workflow: "promote.yml", Ref: "v1.2.0", Inputs: map[string]string{
				"image": imageA, "tag": "v1.2.0@" + commitA + " Production " + v.Digest,
			}}
			if d := gocmp.Diff(want, got[0]); d != "" {
				t.Errorf("%s (-want +got):\n%s", name, d)
			}
		}
	}
	for name, artifacts := range map[string][]ReleaseArtifact{
		"no artifact":        nil,
		"no digest":          {{Name: "app", Rule: "app"}},
		"two of that name":   {{Name: "app", Rule: "app", Digest: imageA}, {Name: "app-arm", Rule: "app", Digest: "sha256:2"}},
		"one without digest": {{Name: "app", Rule: "app", Digest: imageA}, {Name: "app-arm", Rule: "app"}},
	} {
		p, r := shopPolicy(), shopRelease()
		r.Artifacts = artifacts
		v := shopVerdict(p, r, Met, Met, PhaseApproved)
		if got := starts(p, v, r); len(got) > 0 {
			t.Errorf("%s: started with %v", name, got)
		}
		runs := RenderRelease(p, v, r)
		if !strings.Contains(runs[2].Summary, "It cannot be started now: there is not exactly one digest of `app`") {
			t.Errorf("%s: not said: %s", name, runs[2].Summary)
		}
	}
}

func TestAnEmergencyIsReleasedAndNeverLooksMet(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	v := shopVerdict(p, r, Waiting, Waiting, PhaseCandidate)
	promote(&v, &r, true)
	v.Environments["production"] = GateWord{State: "approved", Why: "It is an emergency."}
	plan := PlanRelease(p, v, r)
	want := []string{
		"create-run release/development failure", "create-run release/production failure", "update-issue true []", "comment-issue emergency",
		"create-run Release Requirements success", "publish-release", "start-workflow Production",
	}
	if d := gocmp.Diff(want, planned(plan)); d != "" {
		t.Fatalf("(-want +got):\n%s", d)
	}
	if title := plan[4].Run.Title; !strings.Contains(title, "in an emergency by rita") || !strings.Contains(title, "a follow-up is due until 2026-03-09 12:00 UTC") {
		t.Errorf("title %q", title)
	}
	if body := plan[3].Body; !strings.Contains(body, "the shop is down") || !strings.Contains(body, "@lee") || strings.Contains(body, "@rita ") && !strings.Contains(body, "`@rita`") {
		t.Errorf("comment %s", body)
	}
	if r.Memory.Promoted = ""; slices.Contains(planned(PlanRelease(p, v, r)), "create-run Release Requirements success") {
		t.Error("it passes though the emergency is not on record")
	}
}

func TestNoReleaseLooksApprovedBeforeItIs(t *testing.T) {
	passing := map[Phase]bool{PhaseApproved: true, PhasePromoting: true, PhaseReleased: true, PhaseDeployed: true}
	for _, phase := range []Phase{
		"", "unheard of", PhaseGathering, PhaseCandidate, PhaseSigning, PhaseApproved, PhasePromoting, PhaseReleased, PhaseDeployed,
		PhaseVoid, PhaseRejected, PhaseSuperseded, PhaseFailed,
	} {
		p, r := shopPolicy(), shopRelease()
		v := shopVerdict(p, r, Met, Met, phase)
		run, labels := RenderRelease(p, v, r)[0], ReleaseIssue(p, v, r).Labels
		if passes := run.Conclusion == "success"; passes != passing[phase] || passes != (len(labels) > 0) {
			t.Errorf("%q: %s, labels %v", phase, run.Conclusion, labels)
		}
		v.Results[1].State = Waiting
		if run := RenderRelease(p, v, r)[0]; run.Conclusion == "success" || len(ReleaseIssue(p, v, r).Labels) > 0 || len(run.Buttons) > 0 {
			t.Errorf("%q with something missing: %s, %v", phase, run.Conclusion, run.Buttons)
		}
	}
}
