package handlers

import (
	"context"
	"encoding/json"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/internal/store"
)

// tendEvery is how often the record is looked after.
const tendEvery = time.Hour

// Tend looks after the record until ctx is done: delivery bodies past their
// time go, and once a day an entry proves that handrail was watching.
func (f *Flow) Tend(ctx context.Context) {
	log := zerolog.Ctx(ctx)
	for ctx.Err() == nil {
		if err := f.Store.Prune(ctx, f.Now()); err != nil && ctx.Err() == nil {
			log.Warn().Err(err).Msg("could not prune old deliveries; it is tried again")
		}
		if err := f.heartbeat(ctx); err != nil && ctx.Err() == nil {
			log.Warn().Err(err).Msg("could not record the daily heartbeat; it is tried again")
		}
		wait(ctx, tendEvery)
	}
}

// heartbeat appends the day's entry unless it is there.
func (f *Flow) heartbeat(ctx context.Context) error {
	now := f.Now().UTC()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	have, err := f.Store.List(ctx, store.Filter{Kind: store.KindHeartbeat, Since: today, Limit: 1})
	if err != nil || len(have) > 0 {
		return err
	}
	queue, err := f.Store.Queue(ctx, now)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"version": f.Version, "queue_depth": queue.Depth, "failing": queue.Failing})
	if err != nil {
		return err
	}
	_, err = f.Store.Append(ctx, store.Append{Kind: store.KindHeartbeat, Source: "timer", Body: body}, now)
	return err
}
