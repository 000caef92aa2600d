package checks

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// fixed is a check that always says the same.
type fixed Result

func (f fixed) Eval(Pull) Result { return Result(f) }

func sections(states ...State) Policy {
	p := Policy{}
	for i, s := range states {
		id := []string{"review", "status", "compliance", "coverage"}[i]
		p.Sections = append(p.Sections, Section{Name: id, Checks: []Check{fixed{ID: id, Name: id, State: s, Summary: "because"}}})
	}
	return p
}

func openPull() Pull {
	return Pull{
		At: noon, Repo: Repo{ID: 1, Owner: "acme", Name: "shop"}, Number: 7, ID: "PR_7", Open: true,
		Head: Ref{Name: "topic", SHA: "aaaaaaaaaaaa", RepoID: 1}, Base: Ref{Name: "main", SHA: "bbbb", RepoID: 1}, AppID: 99,
	}
}

// note is handrail's record taking note of a label.
func (p *Pull) note(label string, given bool) {
	if label == LabelSecurity {
		p.Memory.Security.Given = given
	} else {
		p.Memory.Labelled = given
	}
}

// do is GitHub carrying out a plan.
func do(t *testing.T, pull Pull, plan []Action) Pull {
	t.Helper()
	pull.Runs = append([]Run(nil), pull.Runs...)
	pull.Labels = append([]string(nil), pull.Labels...)
	for _, a := range plan {
		switch a.Kind {
		case RemoveLabel:
			var rest []string
			for _, l := range pull.Labels {
				if !strings.EqualFold(l, a.Label) {
					rest = append(rest, l)
				}
			}
			pull.Labels = rest
			pull.note(a.Label, false)
		case AddLabel:
			pull.Labels = append(pull.Labels, a.Label)
			pull.note(a.Label, true)
		case AddComment:
			id := int64(9000 + len(pull.Comments))
			pull.Comments = append(pull.Comments[:len(pull.Comments):len(pull.Comments)], Comment{ID: id, Author: Actor{Login: "handrail[bot]", Bot: true}, Body: a.Body, Created: pull.At, Ours: true})
		case CreateRun:
			id := int64(len(pull.Runs) + 1)
			pull.Runs = append(pull.Runs, Run{
				ID: fmt.Sprint("CR_", id), DatabaseID: id, Name: a.Run.Name, AppID: pull.AppID, Status: a.Run.Status,
				Conclusion: a.Run.Conclusion, ExternalID: a.Run.ExternalID, Started: pull.At,
			})
		case UpdateRun:
			found := false
			for i := range pull.Runs {
				r := &pull.Runs[i]
				if r.ID != a.RunID {
					continue
				}
				found = true
				if r.Status == "completed" {
					t.Fatalf("plan changes the completed run %s of %q, which GitHub refuses", r.ID, r.Name)
				}
				r.Status, r.Conclusion, r.ExternalID = a.Run.Status, a.Run.Conclusion, a.Run.ExternalID
			}
			if !found {
				t.Fatalf("plan updates run %q that does not exist", a.RunID)
			}
		}
	}
	pull.Memory.Reruns = nil
	return pull
}

func labelled(p Pull) bool {
	for _, l := range p.Labels {
		if strings.EqualFold(l, LabelMet) {
			return true
		}
	}
	return false
}

func shown(p Pull, name string) string {
	r := newest(name, &p)
	if r == nil {
		return "none"
	}
	return strings.TrimSuffix(r.Status+"/"+r.Conclusion, "/")
}

func kinds(plan []Action) (out []string) {
	for _, a := range plan {
		out = append(out, strings.TrimSpace(fmt.Sprint(a.Kind, " ", a.Run.Name)))
	}
	return out
}

func TestZeroValuesDoNotLetAnythingThrough(t *testing.T) {
	if v := Judge(Policy{}, Pull{}); v.State.Passes() || v.Own.Passes() {
		t.Errorf("an empty policy on an empty pull request is %s", v.State)
	}
	if (Verdict{}).State.Passes() || (Result{}).State.Passes() || State(42).Passes() || State(-1).Passes() {
		t.Error("a zero or senseless state passes")
	}
	if s := worst([]Result{{State: Met, Observed: true}}); s.Passes() {
		t.Errorf("a policy that only observes passes as %s", s)
	}
}

func TestAnEventBecomesRunsAndLabelInTheSafeOrder(t *testing.T) {
	p := openPull()
	p = do(t, p, Plan(Judge(sections(Waiting, Met), p), p))
	if labelled(p) || shown(p, RunMerge) != "in_progress" || shown(p, "handrail/review") != "in_progress" || shown(p, "handrail/status") != "completed/success" {
		t.Fatalf("waiting shows as %q, label %v", shown(p, RunMerge), labelled(p))
	}
	plan := Plan(Judge(sections(Met, Met), p), p)
	want := []string{"update-run handrail/review", "update-run Merge Requirements", "add-label"}
	if d := cmp.Diff(want, kinds(plan)); d != "" {
		t.Errorf("granting (-want +got):\n%s", d)
	}
	p = do(t, p, plan)
	plan = Plan(Judge(sections(Unmet, Met), p), p)
	want = []string{"remove-label", "create-run Merge Requirements", "create-run handrail/review"}
	if d := cmp.Diff(want, kinds(plan)); d != "" {
		t.Errorf("withdrawing (-want +got):\n%s", d)
	}
}

func TestNothingIsWrittenWhenNothingChanged(t *testing.T) {
	p := openPull()
	p = do(t, p, Plan(Judge(sections(Met, Waiting), p), p))
	p.Memory.Since = map[string]Since{}
	for _, r := range Judge(sections(Met, Waiting), p).Results {
		p.Memory.Since[r.ID] = Since{State: r.State, At: r.Since}
	}
	p.At = p.At.Add(time.Hour)
	if plan := Plan(Judge(sections(Met, Waiting), p), p); len(plan) != 0 {
		t.Errorf("an hour later %v is written again", kinds(plan))
	}
}

func TestOnlyProgressMovingIsNotWorthAWrite(t *testing.T) {
	p := openPull()
	with := func(progress string) Policy {
		return Policy{Sections: []Section{{Name: "status", Checks: []Check{fixed{ID: "status", State: Waiting, Summary: "running", Progress: progress}}}}}
	}
	p = do(t, p, Plan(Judge(with("1 of 32"), p), p))
	if plan := Plan(Judge(with("2 of 32"), p), p); len(plan) != 0 {
		t.Errorf("progress alone writes %v", kinds(plan))
	}
}

func TestARerunRequestedByButtonMakesANewRun(t *testing.T) {
	p := openPull()
	p = do(t, p, Plan(Judge(sections(Met), p), p))
	p.Memory.Reruns = []Rerun{{Run: newest(RunMerge, &p).DatabaseID, At: noon}}
	if got := kinds(Plan(Judge(sections(Met), p), p)); len(got) != 1 || got[0] != "create-run Merge Requirements" {
		t.Errorf("re-run of one run plans %v", got)
	}
	p.Memory.Reruns = []Rerun{{At: noon.Add(time.Second)}}
	if got := kinds(Plan(Judge(sections(Met), p), p)); len(got) != 2 {
		t.Errorf("re-run of the whole suite plans %v", got)
	}
}

func TestAnOpenRunIsRenewedBeforeGitHubCallsItStale(t *testing.T) {
	p := openPull()
	p = do(t, p, Plan(Judge(sections(Waiting), p), p))
	p.At = noon.Add(13*24*time.Hour + time.Minute)
	for _, k := range kinds(Plan(Judge(sections(Waiting), p), p)) {
		if !strings.HasPrefix(k, "create-run") {
			t.Errorf("after 13 days: %s", k)
		}
	}
}

func TestARemovedSectionsOpenRunIsClosed(t *testing.T) {
	p := openPull()
	p = do(t, p, Plan(Judge(sections(Met, Waiting), p), p))
	p = do(t, p, Plan(Judge(sections(Met), p), p))
	if got := shown(p, "handrail/status"); got != "completed/neutral" {
		t.Errorf("the run of a section that is gone is %s", got)
	}
	if got := shown(p, RunMerge); got != "completed/success" {
		t.Errorf("without it Merge Requirements is %s", got)
	}
}

func TestAnInvalidPolicyTakesSuccessFromEveryRun(t *testing.T) {
	p := openPull()
	p = do(t, p, Plan(Judge(sections(Met, Met), p), p))
	bad := sections(Met, Met)
	bad.Problems = []Problem{{File: PolicyPath, Line: 3, Column: 5, Message: `"revew" is not a section.`, Suggest: `Did you mean "review"?`}}
	p = do(t, p, Plan(Judge(bad, p), p))
	for _, name := range []string{RunMerge, "handrail/review", "handrail/status"} {
		if shown(p, name) != "completed/failure" {
			t.Errorf("%s is %s under an invalid policy", name, shown(p, name))
		}
	}
	if labelled(p) {
		t.Error("the label stays under an invalid policy")
	}
}

func TestALabelSetOrRemovedByHandIsPutRightButNotForEver(t *testing.T) {
	p := openPull()
	p = do(t, p, Plan(Judge(sections(Unmet), p), p))
	p.Labels = []string{"merge requirements met"}
	plan := Plan(Judge(sections(Unmet), p), p)
	if len(plan) != 1 || plan[0].Kind != RemoveLabel || !plan[0].Repair {
		t.Fatalf("a label set by hand: %+v", plan)
	}
	p.Memory.LabelRepairs = []time.Time{noon, noon, noon}
	plan = Plan(Judge(sections(Unmet), p), p)
	if len(plan) != 1 || plan[0].Run.Name != RunMerge {
		t.Errorf("the fourth time in an hour: %v, want only the table to say so", kinds(plan))
	}
	p.At = noon.Add(61 * time.Minute)
	if plan := Plan(Judge(sections(Unmet), p), p); len(plan) == 0 {
		t.Error("an hour later it is still left alone")
	}
}

func TestObservingWritesNothing(t *testing.T) {
	p := openPull()
	policy := sections(Unmet)
	policy.Observe = true
	if plan := Plan(Judge(policy, p), p); len(plan) != 0 {
		t.Errorf("observing plans %v", kinds(plan))
	}
	p.Labels = []string{LabelMet}
	if plan := Plan(Judge(policy, p), p); len(plan) != 0 {
		t.Errorf("observing touches a label that is not its own: %v", kinds(plan))
	}
	p.Memory.Labelled = true
	if plan := Plan(Judge(policy, p), p); len(plan) != 1 || plan[0].Kind != RemoveLabel {
		t.Errorf("its own label stays when the repository goes back to observing: %v", kinds(plan))
	}
}

func TestAPullRequestThatBringsAPolicyHearsWhetherItIsValid(t *testing.T) {
	p := openPull()
	policy := sections(Unmet)
	policy.Observe = true
	p.Proposed = &ProposedPolicy{Path: PolicyPath}
	q := do(t, p, Plan(Judge(policy, p), p))
	if shown(q, RunMerge) != "completed/success" || shown(q, "handrail/review") != "none" || labelled(q) {
		t.Errorf("a valid first policy shows %s", shown(q, RunMerge))
	}
	p.Proposed.Problems = []Problem{{File: PolicyPath, Line: 4, Column: 1, Message: "wrong"}}
	plan := Plan(Judge(policy, p), p)
	if len(plan) != 1 || plan[0].Run.Conclusion != "failure" || len(plan[0].Run.Annotations) != 1 || plan[0].Run.Annotations[0].Start != 4 {
		t.Errorf("an invalid first policy: %+v", plan)
	}
}

func TestTwoPullRequestsOnOneHeadGetTheStricterVerdict(t *testing.T) {
	p := openPull()
	p.Siblings = []Sibling{{Number: 8, State: Unmet, Judged: true}}
	v := Judge(sections(Met), p)
	if v.State != Unmet || v.Own != Met {
		t.Errorf("state %s, own %s", v.State, v.Own)
	}
	out := Render(v)[0]
	if !strings.Contains(out.Summary, "7") || !strings.Contains(out.Summary, "8 is unmet") {
		t.Errorf("the text does not name both: %s", out.Summary)
	}
	for _, o := range Render(v) {
		if o.Conclusion == "success" {
			t.Errorf("%q succeeds on a commit that #8 shares and is unmet", o.Name)
		}
	}
	p.Siblings[0] = Sibling{Number: 8}
	if v := Judge(sections(Met), p); v.State != Waiting {
		t.Errorf("beside one that was not judged yet: %s", v.State)
	}
	p.Siblings[0] = Sibling{Number: 8, State: Met, Judged: true}
	if v := Judge(sections(Met), p); v.State != Met {
		t.Errorf("beside one that is met: %s", v.State)
	}
}

func TestADraftIsWaiting(t *testing.T) {
	p := openPull()
	p.Draft = true
	if v := Judge(sections(Met), p); v.State != Waiting {
		t.Errorf("a draft with all met is %s", v.State)
	}
}

func TestAnErrorOfOursNeverLooksLikeAVerdict(t *testing.T) {
	p := openPull()
	p = do(t, p, Plan(Judge(sections(Met), p), p))
	p = do(t, p, PlanFailure(p, "GitHub answered 502 to everything", 3))
	if labelled(p) || shown(p, RunMerge) != "in_progress" {
		t.Errorf("after three failed tries the run is %s, label %v", shown(p, RunMerge), labelled(p))
	}
	if again := PlanFailure(p, "GitHub answered 502 to everything", 4); len(again) != 0 {
		t.Errorf("the same failure is written again: %v", kinds(again))
	}
}

func TestAPolicyOfWhichNothingBlocksIsNotMetAndSaysWhy(t *testing.T) {
	policy := sections(Met, Unmet)
	for i := range policy.Sections {
		policy.Sections[i].Observe = true
	}
	p := openPull()
	v := Judge(policy, p)
	if v.State != Unmet {
		t.Fatalf("a policy of which every section only observes is %s", v.State)
	}
	run := Render(v)[0]
	for _, want := range []string{"Every section only observes", "mode: observe", "whoever may change the policy"} {
		if !strings.Contains(run.Summary, want) {
			t.Errorf("the table does not say %q:\n%s", want, run.Summary)
		}
	}
	if !strings.HasPrefix(run.Title, "Every section only observes") {
		t.Errorf("the title says %q", run.Title)
	}
	policy.Sections[0].Observe = false
	if v := Judge(policy, p); v.State != Met || strings.Contains(Render(v)[0].Summary, "only observes") {
		t.Errorf("with one section that blocks and is met it is %s", v.State)
	}
	policy.Sections[0].Observe, p.Proposed = true, &ProposedPolicy{Path: PolicyPath}
	v = Judge(policy, p)
	if len(v.Results) != 3 || v.State != Unmet || !strings.Contains(v.Results[0].Summary, "is valid") || !strings.Contains(v.Results[0].Summary, "only observes") {
		t.Errorf("on the pull request that mends it: %+v", v.Results)
	}
}

func TestAClosedPullRequestIsLeftAlone(t *testing.T) {
	p := openPull()
	p.Open = false
	if plan := Plan(Judge(sections(Met), p), p); len(plan) != 0 {
		t.Errorf("a closed pull request: %v", kinds(plan))
	}
}

func TestALabelThatIsLeftAloneIsReported(t *testing.T) {
	p := openPull()
	p.Labels = []string{LabelMet}
	p.Memory.LabelRepairs = []time.Time{noon.Add(-50 * time.Minute), noon.Add(-20 * time.Minute), noon}
	v := Judge(sections(Waiting), p)
	if v.State != Waiting || !v.Until.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("verdict %s, until %s", v.State, v.Until)
	}
	if text := Render(v)[0].Summary; !strings.Contains(text, "ought to be removed") || !strings.Contains(text, "12:10") {
		t.Errorf("nothing is said of the label:\n%s", text)
	}
}
