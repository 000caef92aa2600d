package handlers_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// forge is the way to the stand-in with something in it.
type forge struct {
	handlers.Forge
	read    func(checks.Pull, []checks.Source, error) (checks.Pull, []checks.Source, error)
	glimpse func()
	publish func(ctx context.Context, plan []checks.Action) ([]checks.Outcome, error)
	writes  int

	// of releases
	release        func(*checks.Release)
	page           func(page int) error
	publishRelease func(plan []checks.Action)
	crashed        bool // in publishing: whoever had the lease is silent from here on
	workflowRun    func(checks.WorkflowRun, error) (checks.WorkflowRun, error)
}

func (f *forge) Read(ctx context.Context, s checks.Subject, need checks.Need, logins []string) (checks.Pull, []checks.Source, error) {
	pull, sources, err := f.Forge.Read(ctx, s, need, logins)
	if f.read != nil {
		return f.read(pull, sources, err)
	}
	return pull, sources, err
}

func (f *forge) Glimpse(ctx context.Context, s checks.Subject) (checks.Pull, error) {
	if f.glimpse != nil {
		f.glimpse()
	}
	return f.Forge.Glimpse(ctx, s)
}

func (f *forge) Publish(ctx context.Context, s checks.Subject, pull checks.Pull, plan []checks.Action) ([]checks.Outcome, error) {
	f.writes++
	if f.publish != nil {
		return f.publish(ctx, plan)
	}
	return f.Forge.Publish(ctx, s, pull, plan)
}

// approved is a rig with a pull request that is met.
func approved(t *testing.T) (*rig, *forge, *sim.Pull) {
	r := newRig(t, sim.Options{})
	f := &forge{Forge: r.flow.Forge}
	r.flow.Forge = f
	p := r.topic()
	p.Approve("bob")
	r.settle()
	r.shows(p, met)
	return r, f, p
}

// evaluate does the one job that is due.
func (r *rig) evaluate(ctx context.Context) error {
	r.t.Helper()
	if err := r.gh.Settle(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.pass(3 * time.Second)
	for {
		jobs, err := r.store.Claim(r.t.Context(), 1, 2*time.Minute, r.now())
		if err != nil || len(jobs) != 1 {
			r.t.Fatalf("claimed %v, %v", jobs, err)
		}
		if jobs[0].Subject.Kind == "" {
			return r.flow.Evaluate(zerolog.Nop().WithContext(ctx), jobs[0])
		}
		if err := r.flow.Evaluate(zerolog.Nop().WithContext(r.t.Context()), jobs[0]); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rig) failing() int {
	r.t.Helper()
	list, err := r.store.Failing(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	tries := 0
	for _, f := range list {
		tries += f.Tries
	}
	return tries
}

func TestAReplicaThatHasNotHeardOfTheEventIsNotBelieved(t *testing.T) {
	for name, act := range map[string]func(*sim.Pull){
		"changes requested": func(p *sim.Pull) { p.RequestChanges("bob", "no") },
		"closed and reopened": func(p *sim.Pull) {
			p.Close("alice")
			p.Reopen("alice")
			p.RequestChanges("bob", "no")
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, f, p := approved(t)
			var old *checks.Pull
			f.read = func(now checks.Pull, s []checks.Source, err error) (checks.Pull, []checks.Source, error) {
				if err == nil && old == nil {
					old = &now
				}
				return now, s, err
			}
			r.pass(2 * time.Second)
			p.Comment("carol", "hm")
			r.settle()
			r.pass(2 * time.Second)
			lags := 4
			f.read = func(now checks.Pull, s []checks.Source, err error) (checks.Pull, []checks.Source, error) {
				if lags--; lags >= 0 {
					stale := *old
					stale.At = now.At
					return stale, s, err
				}
				return now, s, err
			}
			act(p)
			r.settle()
			if p.HasLabel(checks.LabelMet) {
				t.Error("the label stays: the review was not in the first answer, and nobody asked again")
			}
			if n := r.failing(); n != 0 {
				t.Errorf("%d tries count as failed", n)
			}
		})
	}
}

func TestAnEvaluationThatRunsOutOfTimeIsSeenToFail(t *testing.T) {
	r, f, p := approved(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.read = func(checks.Pull, []checks.Source, error) (checks.Pull, []checks.Source, error) {
		cancel()
		return checks.Pull{}, nil, ctx.Err()
	}
	p.Comment("carol", "hm")
	if err := r.evaluate(ctx); err != nil {
		t.Error(err)
	}
	if n := r.failing(); n != 1 {
		t.Errorf("%d tries count as failed, want 1: it would be tried for ever and nobody told", n)
	}
}

func TestAPullRequestThatAlwaysRunsOutOfTimeSaysSo(t *testing.T) {
	r, f, p := approved(t)
	f.read = func(checks.Pull, []checks.Source, error) (checks.Pull, []checks.Source, error) {
		return checks.Pull{}, nil, context.DeadlineExceeded
	}
	p.Comment("carol", "hm")
	for range 3 {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		if err := r.evaluate(ctx); err != nil {
			t.Error(err)
		}
		cancel()
		r.pass(time.Minute)
	}
	r.shows(p, waiting, "could not find out")
}

func TestWhatWasPostedIsRecordedThoughTimeRanOut(t *testing.T) {
	r, f, p := approved(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.publish = func(_ context.Context, plan []checks.Action) ([]checks.Outcome, error) {
		cancel()
		out := make([]checks.Outcome, len(plan))
		for i, a := range plan {
			out[i] = checks.Outcome{Kind: a.Kind, Name: a.Run.Name, Error: "interrupted"}
		}
		return out, ctx.Err()
	}
	posted := func() int {
		list, err := r.store.List(t.Context(), store.Filter{Kind: store.KindPosted})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	before := posted()
	p.RequestChanges("bob", "no")
	if err := r.evaluate(ctx); err != nil {
		t.Error(err)
	}
	if posted() != before+1 {
		t.Error("the record does not say what became of the writes")
	}
}

func TestAPullRequestThatBreaksHandrailDoesNotStopIt(t *testing.T) {
	r, f, p := approved(t)
	f.read = func(checks.Pull, []checks.Source, error) (checks.Pull, []checks.Source, error) {
		var none []int
		_ = none[f.writes]
		return checks.Pull{}, nil, nil
	}
	p.Comment("carol", "hm")
	if err := r.evaluate(t.Context()); err != nil {
		t.Error(err)
	}
	if n := r.failing(); n != 1 {
		t.Errorf("%d tries count as failed, want 1", n)
	}
}

func TestAMomentsMoveIsNoFailureAndALastingOneIs(t *testing.T) {
	r, f, p := approved(t)
	f.read = func(checks.Pull, []checks.Source, error) (checks.Pull, []checks.Source, error) {
		return checks.Pull{}, nil, &hub.Error{Op: "verdict", What: "the checks are of another commit", Moved: true}
	}
	p.Comment("carol", "hm")
	for range 4 {
		if err := r.evaluate(t.Context()); err != nil {
			t.Error(err)
		}
	}
	r.shows(p, met)
	if n := r.failing(); n != 0 {
		t.Errorf("%d tries within 12 s count as failed", n)
	}
	r.pass(time.Minute)
	if err := r.evaluate(t.Context()); err != nil {
		t.Error(err)
	}
	if n := r.failing(); n != 1 {
		t.Errorf("after a minute %d tries count as failed, want 1", n)
	}
}

// limit is a limit on calls that, by our clock, is over already.
type limit struct{ error }

func (limit) LimitReached() bool { return true }
func (limit) RetryAt() time.Time { return time.Now().Add(-time.Hour) }

func TestALimitThatIsOverByOurClockIsNotAskedAgainAtOnce(t *testing.T) {
	r, f, p := approved(t)
	f.read = func(checks.Pull, []checks.Source, error) (checks.Pull, []checks.Source, error) {
		return checks.Pull{}, nil, limit{errors.New("limit")}
	}
	p.Comment("carol", "hm")
	if err := r.evaluate(t.Context()); err != nil {
		t.Error(err)
	}
	jobs, err := r.store.Claim(t.Context(), 1, time.Minute, r.now().Add(900*time.Millisecond))
	if err != nil || len(jobs) != 0 {
		t.Errorf("asked again within a second: %v %v", jobs, err)
	}
}

func TestAFailureIsNotWrittenWithoutTheLease(t *testing.T) {
	r, f, p := approved(t)
	f.read = func(checks.Pull, []checks.Source, error) (checks.Pull, []checks.Source, error) {
		return checks.Pull{}, nil, errors.New("broken")
	}
	p.Comment("carol", "hm")
	for n := range 3 {
		f.glimpse = func() { r.pass(10 * time.Minute) } // meanwhile somebody else takes over
		if err := r.evaluate(t.Context()); err != nil {
			t.Error(err)
		}
		r.pass(time.Duration(n+1) * time.Minute)
	}
	r.shows(p, met)
}

func TestAnInstallationThatGoesInTheMiddleIsNoError(t *testing.T) {
	r, f, p := approved(t)
	f.read = func(pull checks.Pull, s []checks.Source, err error) (checks.Pull, []checks.Source, error) {
		_, e := r.store.Receive(t.Context(), store.Delivery{
			AppID: 1, GUID: "suspend", Event: "installation", Body: []byte(`{}`), ReceivedAt: r.now(), Facts: []store.Fact{store.ReposRemoved{Repos: []checks.Repo{pull.Repo}}},
		})
		return checks.Pull{}, nil, errors.Join(e, missing{errors.New("suspended")})
	}
	p.Comment("carol", "hm")
	if err := r.evaluate(t.Context()); err != nil {
		t.Errorf("an error for the operator to look into: %v", err)
	}
}

// missing is the failure to find something.
type missing struct{ error }

func (missing) Gone() bool { return true }

func TestAnOpenRunIsRenewedBeforeGitHubCallsItStale(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	r.settle()
	r.shows(p, waiting)
	for round := range 2 {
		before, _ := p.Run(checks.RunMerge)
		r.pass(12 * 24 * time.Hour)
		r.step()
		if now, _ := p.Run(checks.RunMerge); now.ID != before.ID {
			t.Errorf("round %d: renewed after 12 days already", round)
		}
		r.pass(36 * time.Hour)
		r.step()
		if now, _ := p.Run(checks.RunMerge); now.ID == before.ID {
			t.Errorf("round %d: after 13 and a half days the run is the same; on the 14th GitHub calls it stale", round)
		}
	}
	if q, err := r.store.Queue(t.Context(), r.now()); err != nil || q.Depth != 0 {
		t.Errorf("%d are due, %v", q.Depth, err)
	}
}

func TestASweepSeesThatABaseBranchHasAnotherName(t *testing.T) {
	g := checks.Glance{Number: 1, Head: "a", Base: "b", BaseName: "master"}
	renamed := g
	renamed.BaseName = "main"
	if handlers.GlanceKey(g) == handlers.GlanceKey(renamed) {
		t.Error("both are the same: pushes to the base under its new name would touch nothing")
	}
}

func TestAReplicaThatIsBehindTheSweepIsNotBelieved(t *testing.T) {
	r, f, p := approved(t)
	var old checks.Pull
	f.read = func(now checks.Pull, s []checks.Source, err error) (checks.Pull, []checks.Source, error) {
		old = now
		return now, s, err
	}
	p.Comment("carol", "hm")
	r.settle()
	r.flow.SweepOnce(t.Context())
	r.settle()
	r.pass(2 * time.Second)
	r.gh.HoldDeliveries(true)
	p.RequestChanges("bob", "no")
	r.gh.DropDeliveries()
	r.gh.HoldDeliveries(false)
	lags := 2
	f.read = func(now checks.Pull, s []checks.Source, err error) (checks.Pull, []checks.Source, error) {
		if lags--; lags >= 0 {
			stale := old
			stale.At = now.At
			return stale, s, err
		}
		return now, s, err
	}
	for range 2 {
		r.flow.SweepOnce(t.Context())
		r.settle()
	}
	if p.HasLabel(checks.LabelMet) {
		t.Error("the sweep saw a change, the reading after it did not, and no sweep will look again")
	}
}
