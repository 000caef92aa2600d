package handlers_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// lived is what is left in the end of a release that was signed, promoted and deployed.
type lived struct {
	Phase     checks.Phase
	Draft     bool
	Gate      string
	Deployed  string
	Runs      []string // newest of each name, with its state and title
	Issues    int
	Open      bool
	Labels    []string
	Told      int // comments of handrail's on the issue
	Log       []string
	Workflows int
}

// live is the life of a release, from its tag to its deployment.
func (s *ship) live() lived {
	s.t.Helper()
	rel := s.cut()
	s.comment("quinn", "/sign-off qa")
	s.acts(checks.Act{Kind: checks.ActSign, Role: "rm", By: user("rita")})
	s.acts(checks.Act{Kind: checks.ActSign, Role: "sec", By: user("sam")})
	run, d := s.job("production")
	s.settle()
	s.acts(checks.Act{Kind: checks.ActPromote, By: user("rita")})
	run.Finish("success")
	s.settle()
	return s.lived(rel, d)
}

func (s *ship) lived(rel *sim.Release, d *sim.Deployment) lived {
	s.t.Helper()
	_, commit := s.repo.TagAt(s.tag)
	out := lived{Phase: s.at().Phase, Draft: rel.Now().Draft, Gate: d.Now().Gate, Deployed: d.Now().State, Workflows: len(s.repo.WorkflowRuns())}
	newest := map[string]sim.Run{}
	for _, run := range s.repo.Runs(commit) {
		newest[run.Name] = run
	}
	for name, run := range newest {
		out.Runs = append(out.Runs, fmt.Sprint(name, ": ", run.Status, " ", run.Conclusion, " ", run.Title))
	}
	slices.Sort(out.Runs)
	for _, i := range s.repo.Issues() {
		now := i.Now()
		out.Issues++
		out.Open, out.Labels = now.Open, now.Labels
		for _, c := range i.Comments() {
			if by, _ := c.Said(); strings.HasSuffix(by, "[bot]") {
				out.Told++
			}
		}
	}
	out.Log = s.kinds()
	return out
}

// effect is what a write does, as far as writes are told apart: the first of each kind
// fails.
func effect(q sim.Request) string {
	if q.GraphQL {
		return q.Operation + strings.Join(slices.Compact(slices.Sorted(slices.Values(q.Mutations))), "+")
	}
	return q.Method + numbers.ReplaceAllString(q.Path, "N")
}

var numbers = regexp.MustCompile(`[0-9a-f]{40}|\d+`)

func TestAReleaseEndsTheSameWhicheverWriteFailsBeforeOrAfterItsEffect(t *testing.T) {
	s := newShip(t, shipPolicy)
	before := len(s.gh.Requests())
	want := s.live()
	effects := map[string]bool{}
	for _, q := range s.gh.Requests()[before:] {
		if q.Write && !q.Minting() {
			effects[effect(q)] = true
		}
	}
	if want.Phase != checks.PhaseDeployed || len(effects) < 5 {
		t.Fatalf("without a fault it is %+v after %v", want, effects)
	}
	for name := range effects {
		for _, failure := range []sim.Failure{sim.Cut(), sim.Cut().After()} {
			s := newShip(t, shipPolicy)
			failed := 0
			s.gh.Fail(sim.Fault{When: func(q sim.Request) bool {
				if !q.Write || q.Minting() || effect(q) != name || failed > 0 {
					return false
				}
				failed++
				return true
			}, Do: []sim.Failure{failure}})
			got := s.live()
			if d := cmp.Diff(want, got); d != "" || failed == 0 {
				t.Errorf("%s fails %d times: %v (-want +got):\n%s", name, failed, failure, d)
			}
		}
	}
}

// Each kind of reading fails the first time that it is asked for in each evaluation.
func TestAReleaseEndsTheSameThoughEveryReadingFailsOnce(t *testing.T) {
	want := newShip(t, shipPolicy).live()
	s := newShip(t, shipPolicy)
	failed := map[string]bool{}
	s.gh.Fail(sim.Fault{When: func(q sim.Request) bool {
		kind := effect(q)
		if q.Write || q.Minting() || failed[kind] {
			return false
		}
		failed[kind] = true
		return true
	}, Do: []sim.Failure{sim.Status(502), sim.Cut()}})
	got := s.live()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("every reading failed once, of %d kinds (-want +got):\n%s", len(failed), d)
	}
	if len(failed) < 5 {
		t.Errorf("only %v failed", failed)
	}
	s.sound()
}

func TestAPromotionThatIsRecordedButNotWrittenIsCarriedOutAfterACrash(t *testing.T) {
	s := newShip(t, shipPolicy)
	rel := s.cut()
	s.sign()
	f := &forge{Forge: s.flow.Forge}
	s.flow.Forge = f
	f.crashed = true
	s.actsOnly(checks.Act{Kind: checks.ActPromote, By: user("rita")})
	s.work(10 * time.Second)
	if !rel.Now().Draft || s.at().PromotedSeq == 0 {
		t.Fatalf("promoted by entry %d, draft %v", s.at().PromotedSeq, rel.Now().Draft)
	}
	f.crashed = false
	s.work(3 * time.Minute) // the lease runs out
	s.settle()
	if rel.Now().Draft || s.at().Phase != checks.PhaseReleased {
		t.Errorf("it is %s, draft %v", s.at().Phase, rel.Now().Draft)
	}
	if n := strings.Count(strings.Join(s.kinds(), " "), "release.promoted"); n != 1 {
		t.Errorf("it is on record as promoted %d times", n)
	}
	s.sound()
}
