package handlers_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// WorkflowRun is the stand-in's, with something in it.
func (f *forge) WorkflowRun(ctx context.Context, s checks.Subject, id int64) (checks.WorkflowRun, error) {
	run, err := f.Forge.WorkflowRun(ctx, s, id)
	if f.workflowRun != nil {
		return f.workflowRun(run, err)
	}
	return run, err
}

// promotedShip has a release that is out: whatever waits for its environments is let
// through.
func promotedShip(t *testing.T) (*ship, *forge) {
	t.Helper()
	s := newShip(t, shipPolicy)
	f := &forge{Forge: s.flow.Forge}
	s.flow.Forge = f
	s.cut()
	s.sign()
	s.acts(checks.Act{Kind: checks.ActPromote, By: user("rita")})
	s.is(checks.PhaseReleased)
	return s, f
}

// answers are the requests that answered a protection rule.
func (s *ship) answers() (out []sim.Request) {
	for _, q := range s.gh.Requests() {
		if q.Method == "POST" && strings.HasSuffix(q.Path, "/deployment_protection_rule") {
			out = append(out, q)
		}
	}
	return out
}

func TestNothingThatGoesWrongLetsAJobThrough(t *testing.T) {
	for what, wrong := range map[string]func(checks.WorkflowRun, error) (checks.WorkflowRun, error){
		"a panic": func(checks.WorkflowRun, error) (checks.WorkflowRun, error) { panic("a bug") },
		"an error": func(run checks.WorkflowRun, _ error) (checks.WorkflowRun, error) {
			return run, errors.New("GitHub does not answer")
		},
		"a time-out": func(run checks.WorkflowRun, _ error) (checks.WorkflowRun, error) {
			return run, context.DeadlineExceeded
		},
		"another run": func(run checks.WorkflowRun, _ error) (checks.WorkflowRun, error) {
			run.ID++
			return run, nil
		},
		"nothing known": func(checks.WorkflowRun, error) (checks.WorkflowRun, error) { return checks.WorkflowRun{}, nil },
		"a run of another commit": func(run checks.WorkflowRun, err error) (checks.WorkflowRun, error) {
			run.SHA = strings.Repeat("0", 40)
			return run, err
		},
		"a run of a fork's commit": func(run checks.WorkflowRun, err error) (checks.WorkflowRun, error) {
			run.HeadRepo++
			return run, err
		},
		"a run for a pull request": func(run checks.WorkflowRun, err error) (checks.WorkflowRun, error) {
			run.Event = "pull_request" // from the commit into a branch of anybody's
			return run, err
		},
		"a run for what a pull request asks": func(run checks.WorkflowRun, err error) (checks.WorkflowRun, error) {
			run.Event = "pull_request_target"
			return run, err
		},
	} {
		t.Run(what, func(t *testing.T) {
			s, f := promotedShip(t)
			f.workflowRun = wrong
			_, d := s.job("production")
			s.work(2 * time.Minute)
			if got := d.Now(); got.Gate != "waiting" || len(s.answers()) != 0 {
				t.Fatalf("the job is %s after %d answers: %v", got.Gate, len(s.answers()), got.Comments)
			}
			s.pass(time.Hour)
			s.flow.SweepOnce(t.Context())
			s.work(2 * time.Minute)
			if got := d.Now(); got.Gate != "waiting" || len(s.answers()) != 0 {
				t.Fatalf("after a sweep the job is %s after %d answers: %v", got.Gate, len(s.answers()), got.Comments)
			}
			// Once it is right again the job is answered, if only since a sweep finds it.
			f.workflowRun = nil
			s.pass(time.Hour)
			s.sweep()
			if got := d.Now().Gate; got != "approved" {
				t.Errorf("when nothing is wrong any more the job is %s", got)
			}
		})
	}
}

func TestAJobWaitsWhileItsReleaseCannotBeJudged(t *testing.T) {
	s, _ := promotedShip(t)
	heal := s.gh.Fail(sim.Fault{When: func(q sim.Request) bool { return q.GraphQL && q.Mentions("tagger") }, Do: []sim.Failure{sim.Status(502)}})
	_, d := s.job("production")
	s.work(2 * time.Minute)
	if got := d.Now().Gate; got != "waiting" {
		t.Fatalf("the job is %s", got)
	}
	heal()
	s.pass(time.Hour)
	s.settle()
	if got := d.Now().Gate; got != "approved" {
		t.Errorf("the job is %s", got)
	}
}

func TestACallbackURLOfAnotherHostIsNeverCalled(t *testing.T) {
	s, _ := promotedShip(t)
	s.gh.ForgeCallbacks(func(url string) string { return strings.Replace(url, "127.0.0.1", "evil.example", 1) })
	_, d := s.job("production")
	s.settle()
	if got := d.Now().Gate; got != "waiting" || len(s.answers()) != 0 {
		t.Errorf("the job is %s after %d answers", got, len(s.answers()))
	}
	// That it waits is found without the event; what is called then is made by handrail.
	s.sweep()
	if got := d.Now().Gate; got != "approved" || len(s.answers()) != 1 {
		t.Errorf("after the sweep the job is %s after %d answers", got, len(s.answers()))
	}
}

func TestAJobOfAnotherRunThanTheCallbackURLSaysIsNotAnsweredInItsPlace(t *testing.T) {
	s, _ := promotedShip(t)
	other, err := s.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/deploy.yml", Branch: "main", SHA: s.push("bob", "main", map[string]string{"b.go": "package b\n"}), By: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	stranger := other.Deploy("production") // its commit is no release's
	s.settle()
	if got := stranger.Now().Gate; got != "waiting" {
		t.Fatalf("the job of another commit is %s", got)
	}
	urls := 0
	s.gh.ForgeCallbacks(func(url string) string { urls++; return numbers.ReplaceAllString(url, "9") }) // of no run
	_, d := s.job("production")
	s.settle()
	if stranger.Now().Gate != "waiting" || d.Now().Gate != "waiting" || urls == 0 {
		t.Errorf("the jobs are %s and %s", stranger.Now().Gate, d.Now().Gate)
	}
}

func TestAnAnswerIsGivenUntilGitHubHasIt(t *testing.T) {
	for _, failure := range []sim.Failure{sim.Status(502), sim.Cut(), sim.Cut().After(), sim.Status(500).After()} {
		s, _ := promotedShip(t)
		times := 0
		s.gh.Fail(sim.Fault{When: func(q sim.Request) bool {
			if q.Method != "POST" || !strings.HasSuffix(q.Path, "/deployment_protection_rule") || times == 3 {
				return false
			}
			times++
			return true
		}, Do: []sim.Failure{failure}})
		_, d := s.job("production")
		s.settle()
		if got := d.Now().Gate; got != "approved" || times == 0 {
			t.Errorf("%v: after %d failures the job is %s", failure, times, got)
		}
		s.sound()
	}
}

// Whether a job may deploy is asked of the release before it is promoted, and told in no
// more words than GitHub takes.
func TestAJobThatWaitsIsToldHowItStandsWithinGitHubsLimits(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.cut()
	_, staging := s.job("staging")
	_, production := s.job("production")
	s.settle()
	if staging.Now().Gate != "waiting" || production.Now().Gate != "waiting" {
		t.Fatalf("before anything is signed the jobs are %s and %s", staging.Now().Gate, production.Now().Gate)
	}
	s.acts(checks.Act{Kind: checks.ActSign, Role: "qa", By: user("quinn")})
	if got := staging.Now().Gate; got != "approved" {
		t.Errorf("its stage is signed, and the job for staging is %s", got)
	}
	for range 11 {
		s.acts(checks.Act{Kind: checks.ActReject, By: user("rita"), Reason: "no"})
		s.pass(2 * time.Second)
		s.acts(checks.Act{Kind: checks.ActRevoke, Role: "rejection", By: user("rita"), Reason: "yes"})
		s.pass(2 * time.Second)
	}
	got := production.Now()
	if len(got.Comments) == 0 || len(got.Comments) > 10 {
		t.Errorf("the job is told %d things", len(got.Comments))
	}
	for _, c := range got.Comments {
		if len([]rune(c)) > 1024 {
			t.Errorf("it is told %d characters", len(c))
		}
	}
}
