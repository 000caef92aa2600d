package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// recoverEvery is how often is looked for deliveries that GitHub could not make, and
	// recoverSoon how soon again while there are more than one round takes.
	recoverEvery = 10 * time.Minute
	recoverSoon  = time.Minute
	// recoverPages is how many hundred attempts one round looks at, and recoverAtOnce how
	// many deliveries it asks for: together well within what GitHub allows in a minute.
	recoverPages  = 20
	recoverAtOnce = 100
	// recoverFails is how many times GitHub fails in a round before it ends.
	recoverFails = 3
	// recoverable is for how long GitHub makes a delivery once more ("Redelivering
	// webhooks", GitHub docs; Enterprise Server does for longer).
	recoverable = 3 * 24 * time.Hour
	// recoverOverlap is looked at twice: an attempt is listed when it is over, by its
	// beginning.
	recoverOverlap = 10 * time.Minute
)

// OutcomeMissed is what became of a delivery that GitHub could not make, for metrics.
// When it comes after all, it is counted as any other besides.
const OutcomeMissed = "missed"

// PostOffice is what GitHub tells of the deliveries that it made, and tried to make.
type PostOffice interface {
	// MissedDeliveries looks through a part of the list for those after a moment that
	// could not be made.
	MissedDeliveries(ctx context.Context, since time.Time, cursor string, pages int) (checks.DeliveryLook, error)
	// Redeliver has a delivery be made once more.
	Redeliver(ctx context.Context, id int64) error
}

// Recovery asks GitHub once more for deliveries that it could not make. GitHub never
// does so by itself, and of a pressed button or a job that asks for its environment
// nothing can be read later. What then comes is signed and taken as at first, and a
// repeat changes nothing. A new database begins with what comes from then on.
type Recovery struct {
	AppID int64
	Store *store.Store
	Post  PostOffice
	// Count, if set, hears [OutcomeMissed] of each that was missed.
	Count func(outcome string)
	Now   func() time.Time

	// Where the list goes on in the next round, and the newest attempt of all that was
	// looked at since its beginning.
	next   string
	newest time.Time
	told   bool // that there is no list
}

// Run looks at once and every ten minutes, until ctx is done.
func (r *Recovery) Run(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := r.Round(ctx)
		if err != nil && ctx.Err() == nil {
			zerolog.Ctx(ctx).Warn().Err(err).Msg("could not look for missed deliveries; it is tried again")
		}
		pause := recoverEvery
		if more {
			pause = recoverSoon
		}
		wait(ctx, pause)
	}
}

// Round looks once, for as much as one round may, and asks for what is due. more says
// that there is more to do soon.
func (r *Recovery) Round(ctx context.Context) (more bool, err error) {
	fresh, err := r.look(ctx)
	if why, ok := unusable(err); ok {
		if !r.told {
			zerolog.Ctx(ctx).Info().Str("why", why).Msg("deliveries that GitHub cannot make are lost")
		}
		r.told = true
		return false, nil
	}
	if err != nil {
		return false, err
	}
	due, more, err := r.Store.DueMissed(ctx, r.AppID, recoverAtOnce, r.Now())
	if err != nil {
		return false, err
	}
	asked, err := r.ask(ctx, due)
	if fresh+len(due) > 0 {
		zerolog.Ctx(ctx).Info().Int("missed", fresh).Int("asked", asked).Int("not_asked", len(due)-asked).
			Bool("more", more || r.next != "").Msg("asked GitHub again for deliveries that it could not make")
	}
	return err == nil && (more || r.next != ""), err
}

// look finds out what was missed, and keeps it.
func (r *Recovery) look(ctx context.Context) (fresh int, err error) {
	since, known, err := r.Store.DeliveriesSince(ctx, r.AppID)
	if err != nil {
		return 0, err
	}
	pages := recoverPages
	if !known {
		pages = 1
	}
	from := later(since, r.Now().Add(-recoverable))
	look, err := r.Post.MissedDeliveries(ctx, from, r.next, pages)
	if err != nil {
		r.next, r.newest = "", time.Time{} // a place in the list may be good for a while only
		return 0, fmt.Errorf("list deliveries: %w", err)
	}
	if !known {
		_, err := r.Store.KeepMissed(ctx, r.AppID, nil, look.Newest, r.Now())
		return 0, err
	}
	r.next, r.newest = look.Next, later(r.newest, look.Newest)
	if r.next == "" { // the list was looked at down to that moment
		since, r.newest = later(since, r.newest.Add(-recoverOverlap)), time.Time{}
	}
	fresh, err = r.Store.KeepMissed(ctx, r.AppID, look.Missed, since, r.Now())
	for range fresh {
		if r.Count != nil {
			r.Count(OutcomeMissed)
		}
	}
	return fresh, err
}

// ask has GitHub make deliveries once more, and says how many it will. Those that it
// does not make any more are given up. The round ends when a limit is reached, or when
// GitHub fails again and again.
func (r *Recovery) ask(ctx context.Context, due []checks.MissedDelivery) (asked int, err error) {
	var failed []error
	for _, m := range due {
		if err := r.Store.AskForMissed(ctx, r.AppID, m.GUID, r.Now()); err != nil {
			return asked, err
		}
		err := r.Post.Redeliver(ctx, m.ID)
		if _, never := unusable(err); never {
			err = r.Store.GiveUpMissed(ctx, r.AppID, m.GUID)
		} else if err == nil {
			asked++
		}
		if err == nil {
			continue
		}
		failed = append(failed, fmt.Errorf("ask for delivery %s: %w", m.GUID, err))
		if len(failed) == recoverFails || !limitedUntil(err).IsZero() || ctx.Err() != nil {
			break
		}
	}
	return asked, errors.Join(failed...)
}
