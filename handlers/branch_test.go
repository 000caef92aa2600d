package handlers_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// found is what was found so far, each as "kind by: sentence".
func (r *rig) found() []string {
	r.t.Helper()
	list, err := r.store.Findings(r.t.Context(), store.FindingFilter{})
	if err != nil {
		r.t.Fatal(err)
	}
	var out []string
	for _, f := range list {
		out = append(out, fmt.Sprintf("%s: %s", f.Kind, f.Detail.What))
	}
	return out
}

// finds checks what was found: for each its kind and words of its sentence.
func (r *rig) finds(want ...string) {
	r.t.Helper()
	got := r.found()
	if len(got) != len(want) {
		r.t.Fatalf("found %q, want %q", got, want)
	}
	for i, w := range want {
		for word := range strings.SplitSeq(w, "|") {
			if !strings.Contains(got[i], word) {
				r.t.Errorf("found %q, want %q", got[i], w)
			}
		}
	}
}

// watching is a rig that has seen the branch.
func watching(t *testing.T, policy string) *rig {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.before = r.repo.Branch("main")
	if policy == "" {
		policy = rigPolicy
	}
	r.policy(policy)
	r.flow.SweepOnce(t.Context())
	r.settle()
	r.finds()
	return r
}

// unheard does something of which handrail hears nothing.
func (r *rig) unheard(f func()) {
	r.t.Helper()
	r.gh.HoldDeliveries(true)
	f()
	r.gh.DropDeliveries()
	r.gh.HoldDeliveries(false)
	r.settle()
}

// again delivers everything once more, and sweeps.
func (r *rig) again() {
	r.t.Helper()
	for _, d := range r.gh.Deliveries() {
		r.gh.Redeliver(d.ID)
	}
	r.settle()
	r.sweep()
}

// offences are what becomes a finding, each with what it says when its event came,
// and when it was lost.
var offences = []struct {
	name         string
	do           func(r *rig)
	heard, swept string
}{
	{"a direct push", func(r *rig) { r.push("mallory", "main", map[string]string{"x.go": "package x\n"}) },
		"direct_push|mallory pushed commit |to main, which no pull request merged into it brought", "direct_push|Somebody pushed commit "},
	{"several commits at once", func(r *rig) {
		r.push("mallory", "side", map[string]string{"x.go": "1"})
		r.push("mallory", "side", map[string]string{"x.go": "2"})
		r.move("mallory", "main", r.push("mallory", "side", map[string]string{"x.go": "3"}))
	}, "direct_push|mallory pushed 3 commits to main", "direct_push|Somebody pushed 3 commits to main"},
	{"the base merged into one's own line", func(r *rig) {
		main := r.repo.Branch("main")
		side := r.push("mallory", "side", map[string]string{"x.go": "1"})
		both, err := r.repo.Commit(sim.Push{By: "mallory", Branch: "side", Message: "both", Parents: []string{side, main}})
		if err != nil {
			r.t.Fatal(err)
		}
		r.move("mallory", "main", both)
	}, "direct_push|mallory pushed 2 commits to main", "direct_push|Somebody pushed 2 commits to main"},
	{"a forced push back", func(r *rig) { r.move("mallory", "main", r.before) },
		"force_push|mallory force-pushed main from |by which 1 commit was lost.", "force_push|Somebody force-pushed main"},
	{"a forced push of something else", func(r *rig) {
		if _, err := r.repo.Push(sim.Push{By: "mallory", Branch: "main", Message: "evil", Files: map[string]string{"x.go": "x"}, Parents: []string{r.before}}); err != nil {
			r.t.Fatal(err)
		}
	}, "force_push|by which 1 commit was lost, and 1 came that no pull request merged into it brought", "force_push|Somebody|and 1 came"},
	{"a deletion", func(r *rig) { r.repo.DeleteBranch("mallory", "main") }, "branch_deleted|mallory deleted main, which was at ", "branch_deleted|Somebody deleted main"},
}

func (r *rig) move(by, branch, sha string) {
	r.t.Helper()
	if err := r.repo.PushCommit(by, branch, sha); err != nil {
		r.t.Fatal(err)
	}
}

func TestWhatMovesAProtectedBranchBesidePullRequestsIsExactlyOneFinding(t *testing.T) {
	for _, o := range offences {
		t.Run(o.name+", heard", func(t *testing.T) {
			r := watching(t, "")
			o.do(r)
			r.settle()
			r.finds(o.heard)
			r.again()
			r.finds(o.heard)
			if !bytes.Contains(r.said.Bytes(), []byte("a finding was opened")) {
				t.Error("the log does not say so")
			}
		})
		t.Run(o.name+", lost and swept", func(t *testing.T) {
			r := watching(t, "")
			r.unheard(func() { o.do(r) })
			r.finds()
			r.sweep()
			r.finds(o.swept)
			r.again() // by which its events come late
			r.finds(o.swept)
		})
		t.Run(o.name+", doubled and swept at once", func(t *testing.T) {
			r := watching(t, "")
			r.gh.SetMishaps(sim.Mishaps{Double: 1, Reorder: 0.5})
			o.do(r)
			r.flow.SweepOnce(t.Context())
			r.settle()
			r.finds(o.heard)
		})
	}
}

func TestWhatAPullRequestBroughtIsNoFinding(t *testing.T) {
	for name, merge := range map[string]func(*sim.Pull) (string, error){
		"merged":   func(p *sim.Pull) (string, error) { return p.Merge("bob") },
		"squashed": func(p *sim.Pull) (string, error) { return p.Squash("bob") },
		"rebased":  func(p *sim.Pull) (string, error) { return p.Rebase("bob") },
	} {
		t.Run(name, func(t *testing.T) {
			for _, lost := range []bool{false, true} {
				r := watching(t, "")
				r.push("alice", "topic", map[string]string{"a.go": "package a\n"})
				r.push("alice", "topic", map[string]string{"b.go": "package b\n"})
				p := r.open("topic")
				p.Approve("bob")
				r.settle()
				do := func() {
					if _, err := merge(p); err != nil {
						t.Fatal(err)
					}
				}
				if lost {
					r.unheard(do)
				} else {
					do()
				}
				r.settle()
				r.sweep()
				r.finds()
				r.again()
				r.finds()
			}
		})
	}
}

func TestAPullRequestIntoAnotherBranchExplainsNothing(t *testing.T) {
	r := watching(t, "")
	r.push("alice", "other", map[string]string{"o.go": "1"})
	r.push("alice", "topic", map[string]string{"a.go": "package a\n"})
	p, err := r.repo.OpenPull(sim.NewPull{By: "alice", Title: "x", Head: "topic", Base: "other"})
	if err != nil {
		t.Fatal(err)
	}
	sha, err := p.Merge("alice")
	if err != nil {
		t.Fatal(err)
	}
	r.move("mallory", "main", sha)
	r.settle()
	r.finds("direct_push|mallory pushed ")
}

func TestTwoPushesAreTwoFindingsAndOneThatIsClosedStaysClosed(t *testing.T) {
	r := watching(t, "")
	r.push("mallory", "main", map[string]string{"x.go": "1"})
	r.push("trudy", "main", map[string]string{"x.go": "2"})
	r.settle()
	r.finds("direct_push|mallory pushed commit", "direct_push|trudy pushed commit")
	if _, err := r.store.CloseFinding(t.Context(), store.Closing{ID: 1, By: checks.Actor{Login: "olga"}}, r.now()); err == nil {
		t.Error("it was closed without a reason")
	}
	if _, err := r.store.CloseFinding(t.Context(), store.Closing{ID: 1, Reason: "agreed"}, r.now()); err == nil {
		t.Error("it was closed by nobody")
	}
	f, err := r.store.CloseFinding(t.Context(), store.Closing{ID: 1, By: checks.Actor{Login: "olga"}, Reason: "agreed", Source: "command"}, r.now())
	if err != nil || f.By != "olga" || f.Reason != "agreed" || f.ClosedEntry == 0 {
		t.Fatalf("%+v %v", f, err)
	}
	r.again()
	list, err := r.store.Findings(t.Context(), store.FindingFilter{Open: true})
	if err != nil || len(list) != 1 || list[0].ID != 2 {
		t.Errorf("open are %+v, %v", list, err)
	}
	if _, err := r.store.CloseFinding(t.Context(), store.Closing{ID: 1, By: checks.Actor{Login: "olga"}, Reason: "again"}, r.now()); err == nil {
		t.Error("it was closed twice")
	}
}

func TestAnObservingPolicyFindsNothingAndAPushThatSwitchesItOffIsFound(t *testing.T) {
	r := watching(t, "version: 1\nmode: observe\n")
	r.push("mallory", "main", map[string]string{"x.go": "1"})
	r.settle()
	r.finds()
	r = watching(t, "")
	r.push("mallory", "main", map[string]string{checks.PolicyPath: "version: 1\nmode: observe\n"})
	r.settle()
	r.finds("direct_push|mallory")
	r = watching(t, rigPolicy+"detect: {direct_push: false}\n")
	r.push("mallory", "main", map[string]string{"x.go": "1"})
	r.move("mallory", "main", r.before)
	r.settle()
	r.finds()
}

func TestBranchesThatThePolicyNamesAreWatchedFromWhenTheyAreMade(t *testing.T) {
	r := watching(t, rigPolicy+"detect: {branches: [main, release/*]}\n")
	r.push("alice", "release/1", map[string]string{"r.go": "1"})
	r.settle()
	r.finds()
	r.push("mallory", "release/1", map[string]string{"r.go": "2"})
	r.push("mallory", "topic", map[string]string{"r.go": "2"})
	r.settle()
	r.finds("direct_push|release/1")
	r.unheard(func() { r.repo.DeleteBranch("mallory", "release/1") })
	r.sweep()
	r.finds("direct_push|release/1", "branch_deleted|release/1")
}

func TestARequiredCheckThatIsNoLongerRequiredIsOneFindingUntilItIsBack(t *testing.T) {
	r := newRig(t, sim.Options{})
	app := r.gh.App().ID
	pinned := sim.Rules{Checks: []sim.RequiredCheck{{Name: checks.RunMerge, App: app}}}
	loose := sim.Rules{Checks: []sim.RequiredCheck{{Name: checks.RunMerge}}}
	r.repo.SetRules("main", pinned)
	r.sweep()
	for range 2 {
		r.repo.SetRules("main", loose)
		r.sweep()
		r.sweep()
	}
	r.finds("protection_drift|main still requires|no longer from this App alone")
	r.repo.SetRules("main", sim.Rules{})
	r.sweep()
	r.finds("protection_drift")
	r.repo.SetRules("main", pinned)
	r.sweep()
	r.repo.SetRules("main", sim.Rules{})
	r.sweep()
	r.finds("protection_drift", `protection_drift|main no longer requires "Merge Requirements"`)
	list, err := r.store.Unprotected(t.Context())
	if err != nil || !slices.Equal(list, []store.Unprotected{{Repo: "acme/shop", Branch: "main"}}) {
		t.Errorf("unprotected are %+v, %v", list, err)
	}
}

func TestALookAtABranchThatIsStoppedAnywhereStillMakesOneFinding(t *testing.T) {
	for _, op := range []string{"branch", "line"} {
		r := watching(t, "")
		heal := r.gh.Fail(sim.Fault{When: func(q sim.Request) bool { return strings.EqualFold(q.Operation, op) }, Do: []sim.Failure{sim.Status(502)}, Times: 2})
		r.push("mallory", "main", map[string]string{"x.go": "1"})
		r.settle()
		heal()
		r.pass(time.Hour)
		r.settle()
		r.finds("direct_push|mallory")
	}
}

func TestWhatAMergeQueueMergesIsNoFinding(t *testing.T) {
	r, pulls := queued(t, "one", "two", "three")
	r.sweep()
	for range 10 {
		for _, e := range r.repo.Queue("main") {
			if e.SHA != "" {
				r.build(e.SHA, "success")
			}
		}
		r.settle()
	}
	for _, p := range pulls {
		if p.State() != "merged" {
			t.Fatalf("%s is %s", p, p.State())
		}
	}
	r.again()
	r.finds()
	if m := r.merges(); len(m) != 3 || !m[0].Compliant || !m[1].Compliant || !m[2].Compliant {
		t.Errorf("merges: %+v", m)
	}
}

func TestAPushThatIsTooLongToBeLookedAtIsAFindingThatSaysSo(t *testing.T) {
	r := watching(t, "")
	tip := r.repo.Branch("main")
	for i := range 503 {
		sha, err := r.repo.Commit(sim.Push{By: "mallory", Branch: "main", Message: fmt.Sprint("commit ", i), Parents: []string{tip}})
		if err != nil {
			t.Fatal(err)
		}
		tip = sha
	}
	r.move("mallory", "main", tip)
	r.settle()
	r.finds("direct_push|mallory pushed more commits to main at once than could be looked at; of 500 of them it is known that no pull request")
	r.again()
	r.finds("direct_push")
}
