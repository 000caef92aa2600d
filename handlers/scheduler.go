package handlers

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/internal/store"
)

// scheduler keeps a delivery before GitHub is answered. What follows from it is
// in the work table then, so nothing is done here and nothing can get lost.
type scheduler struct {
	app       int64
	api       string // where GitHub's REST interface is
	rules     map[string]rule
	store     *store.Store
	now       func() time.Time
	skew      func() time.Duration
	count     func(outcome string)
	installed func(installation int64)
	redact    func(text string) string // nil leaves texts as they are
	log       zerolog.Logger
	// bot is the login of our own App's bot. Label events do not say which App
	// made them; our check-runs, whose events do, tell the name.
	bot atomic.Pointer[string]
}

// Schedule implements githubapp's Scheduler. When it returns without error the
// delivery is on disk.
func (s *scheduler) Schedule(ctx context.Context, d githubapp.Dispatch) error {
	p, err := readPayload(d.Payload)
	if err != nil {
		return err
	}
	s.learn(p)
	delivery := s.understand(d, p)
	fresh, err := s.store.Receive(ctx, delivery)
	if err != nil {
		return fmt.Errorf("keep %s: %w", d.EventType, err)
	}
	s.count(outcomeOf(fresh))
	line := s.log.Info()
	if len(delivery.Touches)+len(delivery.Facts) == 0 {
		line = s.log.Debug() // such as the echo of each of our own writes
	}
	line.Str(githubapp.LogKeyEventType, d.EventType).Str("action", delivery.Action).
		Str(githubapp.LogKeyDeliveryID, d.DeliveryID).Int64(githubapp.LogKeyInstallationID, delivery.Installation).
		Str(githubapp.LogKeyRepositoryOwner, delivery.Repo.Owner).Str(githubapp.LogKeyRepositoryName, delivery.Repo.Name).
		Int("bytes", len(d.Payload)).Int("touches", len(delivery.Touches)).Bool("repeat", !fresh).Msg("received")
	if fresh && s.installed != nil && adds(delivery.Facts) {
		s.installed(delivery.Installation)
	}
	return nil
}

// understand says what a delivery touches and tells.
func (s *scheduler) understand(d githubapp.Dispatch, p *payload) store.Delivery {
	out := store.Delivery{
		AppID: s.app, GUID: d.DeliveryID, Event: d.EventType, Action: p.Action, Body: d.Payload, ReceivedAt: s.now(),
		Installation: max(p.Installation.ID, 0), Sender: p.Sender.actor(),
	}
	if repo, ok := p.Repository.repo(); ok {
		out.Repo, out.Owner = repo, max(p.Repository.Owner.ID, 0)
	}
	if r := s.rules[d.EventType]; r.read != nil {
		e := &event{payload: p, app: s.app, api: s.api, log: &s.log, d: &out, skew: s.skew()}
		if bot := s.bot.Load(); bot != nil {
			e.bot = *bot
		}
		r.read(e)
		if s.redact != nil {
			redactFacts(out.Facts, s.redact)
		}
		out.Pull, out.PullUpdated = p.about()
	}
	return out
}

// learn notes the name of our own App where a body tells it.
func (s *scheduler) learn(p *payload) {
	slug := ""
	switch s.app {
	case p.CheckRun.App.ID:
		slug = p.CheckRun.App.Slug
	case p.CheckSuite.App.ID:
		slug = p.CheckSuite.App.Slug
	case p.Installation.AppID:
		slug = p.Installation.AppSlug
	}
	if slug == "" {
		return
	}
	login := slug + "[bot]"
	if known := s.bot.Load(); known == nil || *known != login {
		s.bot.Store(&login)
	}
}

// adds says whether handrail can see repositories now that it could not before.
func adds(facts []store.Fact) bool {
	for _, f := range facts {
		if _, ok := f.(store.ReposAdded); ok {
			return true
		}
	}
	return false
}

// published is the handler of every event that GitHub publishes: the dispatcher
// passes on only what has one.
type published []string

// Handles lists the events.
func (p published) Handles() []string { return p }

// Handle is never called, since the scheduler leaves the rest to the work table.
func (published) Handle(context.Context, string, string, []byte) error { return nil }
