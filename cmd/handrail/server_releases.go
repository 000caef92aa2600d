package main

import (
	"context"
	"net/http"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/web"
)

// releases is the JSON interface for releases.
func (s *server) releases(set config.Settings, log zerolog.Logger) http.Handler {
	return web.New(web.Config{Store: s.store, GitHub: s.hub, Acts: acts{s.flow}, WebURL: set.WebURL, Log: log})
}

// acts hands what people do by the interface to the flow.
type acts struct{ flow *handlers.Flow }

// ActOn implements web.Acts.
func (a acts) ActOn(ctx context.Context, owner, repo, tag string, act checks.Act) (checks.Act, error) {
	kept, err := a.flow.ActOn(ctx, owner, repo, tag, act)
	if what, is := handlers.IsActFault(err); is {
		err = &web.Unfit{What: what}
	}
	return kept, err
}
