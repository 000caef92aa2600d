package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// pace is the least time between two evaluations of one pull request, so
	// that a burst of events costs few of them.
	pace = time.Second
	// limitSpread is how long it takes until all that a limit held back is asked
	// again.
	limitSpread = 2 * time.Second
	// patience is how many tries fail before the pull request itself says so.
	patience = 3
)

// Observer hears what the flow did, for metrics.
type Observer interface {
	// Evaluated is called after each evaluation with the verdict's state ("" if
	// there is none), the number of writes, and what went wrong.
	Evaluated(state string, writes int, took time.Duration, err error)
}

// Flow takes a pull request from "something touched it" to "GitHub shows the
// verdict and the record holds it".
type Flow struct {
	Store     *store.Store
	Forge     Forge
	Coverage  *Gatherer  // see Sources
	Inspector *Inspector // see Sources
	Defaults  config.Defaults
	Observer  Observer
	Now       func() time.Time
	Version   string // of handrail, for the record
}

// Evaluate does one job, whole: read, judge, record, write, confirm. Whatever
// stops it, a bug in judging or the end of ctx included, the job stays due; the
// error is only for what the store refused.
func (f *Flow) Evaluate(ctx context.Context, job store.Job) error {
	start := f.Now()
	state, writes, err := f.guarded(ctx, job)
	took := f.Now().Sub(start)
	log := zerolog.Ctx(ctx)
	// The lease outlasts ctx: that time ran out is kept like any other failure.
	settling := context.WithoutCancel(ctx)
	switch {
	case err == nil:
		f.Observer.Evaluated(state, writes, took, nil)
		log.Info().Str("verdict", state).Int("writes", writes).Dur("took", took).Strs("causes", job.Causes).Msg("evaluated")
		return nil
	case errors.Is(err, store.ErrLost):
		log.Info().Msg("somebody else looks at it")
		return nil
	case f.early(err, job):
		log.Debug().Err(err).Msg("looked at again soon")
		return held(f.Store.Postpone(settling, job, f.Now().Add(lagRetry), f.Now()))
	case !limitedUntil(err).IsZero():
		// Nothing failed: it is only too early. The limit is the installation's,
		// so its pull requests come back spread over a moment.
		f.Observer.Evaluated("", writes, took, err)
		again := later(limitedUntil(err), f.Now().Add(pace)).Add(rand.N(limitSpread))
		log.Info().Err(err).Time("again", again).Msg("GitHub's limit on calls is reached")
		return held(f.Store.Postpone(settling, job, again, f.Now()))
	case gone(err):
		log.Info().Err(err).Msg("nothing there any more")
		return held(f.Store.Forget(settling, job, f.Now()))
	}
	f.Observer.Evaluated("", writes, took, err)
	log.Warn().Err(err).Int("tries", job.Tries+1).Msg("evaluation failed; it stays due")
	if job.Tries+1 >= patience && !errors.Is(ctx.Err(), context.Canceled) {
		f.confess(ctx, job, err)
	}
	return held(f.Store.Fail(settling, job, err.Error(), retryAt(err), f.Now()))
}

// guarded turns a panic into a failure of this one pull request: what it holds
// may come from anybody, and must not keep handrail from looking at the others.
func (f *Flow) guarded(ctx context.Context, job store.Job) (state string, writes int, err error) {
	defer func() {
		if p := recover(); p != nil {
			zerolog.Ctx(ctx).Error().Bytes("stack", debug.Stack()).Msg("a bug in handrail; please report it")
			err = fmt.Errorf("a bug in handrail: %v", p)
		}
		err = f.Inspector.harmless(err)
	}()
	return f.evaluate(ctx, job)
}

// held leaves out that the job was somebody else's by then: whoever took it, or
// took it away, has settled it.
func held(err error) error {
	if errors.Is(err, store.ErrLost) {
		return nil
	}
	return err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (f *Flow) evaluate(ctx context.Context, job store.Job) (state string, writes int, err error) {
	switch job.Subject.Kind {
	case checks.KindGroup:
		return f.evaluateGroup(ctx, job)
	case checks.KindBranch:
		return "branch", 0, f.lookAtBranch(ctx, job)
	case checks.KindTags:
		return "tags", 0, f.lookAtTags(ctx, job)
	case checks.KindRelease:
		return f.evaluateRelease(ctx, job)
	}
	j, err := Judge(ctx, f.Forge, archive{f.Store, job, f.Now}, Sources{f.Coverage, f.Inspector}, f.Defaults, job.Subject, nil)
	if err != nil {
		return "", 0, err
	}
	if lagging(j.Pull) {
		return "", 0, errLagging
	}
	finish := store.FinishInfo{NotBefore: f.Now().Add(pace), Sources: j.Sources, Pull: &j.Pull}
	if !j.Pull.Open {
		if finish.Until, err = f.afterMerge(ctx, job, &j); err != nil {
			return "", 0, err
		}
		return "closed", 0, f.Store.Finish(ctx, job, finish, f.Now())
	}
	if until := sooner(j.Verdict.Until, renewal(j)); !until.IsZero() {
		// Until is GitHub's clock; the work table has ours.
		finish.Until = f.Now().Add(until.Sub(j.Pull.At))
	}
	digest := Digest(j.Verdict)
	if len(j.Plan) > 0 || digest != job.Digest {
		if writes, err = f.write(ctx, job, j, digest); err != nil {
			return "", writes, err
		}
	}
	return j.Verdict.State.String(), writes, f.Store.Finish(ctx, job, finish, f.Now())
}

// write records the decision, then carries it out, then records what became of
// it. Nothing is posted that is not in the record.
func (f *Flow) write(ctx context.Context, job store.Job, j Judgement, digest string) (int, error) {
	done, err := f.carryOut(ctx, job, store.Record{Pull: j.Pull, Sources: j.Sources, Verdict: j.Verdict, Digest: digest, Actions: j.Plan})
	return len(done), err
}

// carryOut is write of any record: of a pull request's, a merge group's or a release's.
func (f *Flow) carryOut(ctx context.Context, job store.Job, r store.Record) (done []checks.Outcome, err error) {
	if r.Defaults, err = json.Marshal(f.Defaults); err != nil {
		return nil, fmt.Errorf("encode defaults: %w", err)
	}
	r.Causes, r.Version = job.Causes, f.Version
	entry, err := f.Store.Record(ctx, job, r, f.Now())
	if err != nil {
		return nil, fmt.Errorf("record the verdict: %w", err)
	}
	if len(r.Actions) == 0 {
		return nil, nil
	}
	if held, err := f.Store.Held(ctx, job, f.Now()); err != nil {
		return nil, err
	} else if !held {
		return nil, store.ErrLost
	}
	outcomes, err := f.publish(ctx, job.Subject, r, f.Inspector.redactPosts(withFooters(r, entry)))
	f.Inspector.redactOutcomes(outcomes)
	if len(outcomes) > 0 {
		// What became of it is recorded also, and above all, when it failed.
		if e := f.Store.Posted(context.WithoutCancel(ctx), job, entry.Seq, r.Actions, outcomes, f.Now()); e != nil {
			return outcomes, errors.Join(err, fmt.Errorf("record what was posted: %w", e))
		}
	}
	if err == nil {
		err = failed(outcomes)
	}
	return outcomes, err
}

// publish carries out a plan.
func (f *Flow) publish(ctx context.Context, s checks.Subject, r store.Record, plan []checks.Action) ([]checks.Outcome, error) {
	if r.Release != nil {
		return f.Forge.PublishRelease(ctx, s, *r.Release, plan)
	}
	return f.Forge.Publish(ctx, s, r.Pull, plan)
}

// failed is the error of the actions that GitHub did not confirm: they are
// planned again from what it then shows.
func failed(outcomes []checks.Outcome) error {
	var errs []error
	for _, o := range outcomes {
		if o.Error != "" && !o.Gone {
			errs = append(errs, fmt.Errorf("%s %s: %s", o.Kind, o.Name, o.Error))
		}
	}
	return errors.Join(errs...)
}

// withFooters adds to each run what does not count as a change: how fresh it is
// and where its record is.
func withFooters(r store.Record, e store.Entry) []checks.Action {
	out := make([]checks.Action, len(r.Actions))
	at, head := r.Pull.At, r.Pull.Head.SHA
	if r.Release != nil {
		at, head = r.Release.At, r.Release.Tag.Commit
	}
	for i, a := range r.Actions {
		judged := fmt.Sprintf("Judged %s UTC at %s · record %d · log %s",
			at.UTC().Format("2006-01-02 15:04:05"), short(head), e.Seq, checks.Code(e.Checkpoint))
		switch {
		case a.Kind == checks.AddComment:
			a.Body += "\n" + judged + "\n"
		case a.Run.Name == "":
		case a.Run.Footer != "":
			a.Run.Footer = checks.Markdown(a.Run.Footer) + "\n\n" + judged
		default:
			a.Run.Footer = judged
		}
		out[i] = a
	}
	return out
}

func short(sha string) string { return sha[:min(len(sha), 7)] }

// Digest stands for what a verdict says, leaving out when it was said and how
// far machines have got: two verdicts with one digest need one record.
func Digest(v checks.Verdict) string {
	v.At, v.Until = time.Time{}, time.Time{}
	v.Results = timeless(v.Results)
	return fingerprint(v)
}

// fingerprint stands for all that something holds.
func fingerprint(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "" // never equal to a recorded one, so it is recorded again
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

func timeless(results []checks.Result) []checks.Result {
	out := make([]checks.Result, len(results))
	for i, r := range results {
		r.Since, r.Until, r.Progress = time.Time{}, time.Time{}, ""
		r.Parts = timeless(r.Parts)
		out[i] = r
	}
	return out
}
