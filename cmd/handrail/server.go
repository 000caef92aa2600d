package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/store"
	"github.com/handrail-bot/handrail/internal/web"
)

const (
	hookPath     = "/api/github/hook"
	coveragePath = "/api/v1/coverage"
	// workers is how many pull requests are looked at at once. They wait for
	// GitHub most of the time.
	workers = 8
	// sweepEvery is how often all open pull requests are looked at, for what no
	// event told of.
	sweepEvery = time.Hour
	// grace is how long what has begun may take to end on shutdown. GitHub gives
	// a delivery 10 s, orchestrators commonly 30 s in all.
	grace = 20 * time.Second
)

// server is a running handrail.
type server struct {
	store    *store.Store
	hub      *hub.Hub
	flow     *handlers.Flow
	missed   *handlers.Recovery
	http     *http.Server
	listener net.Listener
	stop     context.CancelFunc
	done     sync.WaitGroup
	failed   chan error
}

// startServer opens the database, listens and starts to work. It asks nothing
// of GitHub before it is ready: an outage there must not keep deliveries from
// being taken.
func startServer(ctx context.Context, set config.Settings) (_ *server, err error) {
	s := &server{failed: make(chan error, 1)}
	log := zerolog.Ctx(ctx)
	s.store, err = store.Open(ctx, set.Database, store.Options{Origin: fmt.Sprintf("handrail/%d", set.AppID)})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.store.Close()
		}
	}()
	if err := s.store.ReleaseAll(ctx, time.Now()); err != nil {
		return nil, err
	}
	m := newMetrics(s.store)
	s.hub, err = hub.New(hub.Config{
		V3URL: set.V3URL, V4URL: set.V4URL, WebURL: set.WebURL, AppID: set.AppID, PrivateKey: []byte(set.PrivateKey.Reveal()), Observe: m.Call,
		PublicURL: set.PublicURL,
	})
	if err != nil {
		return nil, err
	}
	scanner := scan.New(s.store.Secret(findingsKey))
	debug.FreeOSMemory() // making the rules ready leaves several times of what they take
	readers := reportReaders(scanner)
	inspector := handlers.NewInspector(s.hub, scanner, handlers.CommitsAtOnce)
	s.flow = &handlers.Flow{
		Store: s.store, Forge: s.hub, Coverage: handlers.NewGatherer(s.hub, readers), Inspector: inspector,
		Defaults: set.Defaults, Observer: m, Now: time.Now, Version: version,
	}
	s.missed = &handlers.Recovery{AppID: set.AppID, Store: s.store, Post: s.hub, Count: m.Delivery, Now: time.Now}
	var working context.Context
	working, s.stop = context.WithCancel(ctx)
	hook, err := handlers.NewHook(handlers.HookConfig{
		AppID: set.AppID, API: set.V3URL, Secret: []byte(set.WebhookSecret.Reveal()), Store: s.store, Count: m.Delivery, Log: *log,
		Installed: func(id int64) { go s.flow.SweepInstallation(working, id) }, Redact: inspector.Redact, Skew: s.hub.Skew,
	})
	if err != nil {
		return nil, err
	}
	upload := handlers.NewUpload(handlers.UploadConfig{Store: s.store, Witness: s.hub, Read: readers.Read, Scan: scanReader(inspector), Count: m.Upload, Log: *log})
	s.listener, err = net.Listen("tcp", set.Address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w (HANDRAIL_ADDRESS says where)", err)
	}
	s.http = &http.Server{
		Handler:           s.routes(hook, upload, s.releases(set, *log), m.handler()),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute, // 50 MB within it
		IdleTimeout:       2 * time.Minute,
	}
	s.work(working)
	return s, nil
}

// work starts everything that goes on until the server is closed.
func (s *server) work(ctx context.Context) {
	s.done.Go(func() { s.flow.Workers(ctx, workers, grace) })
	s.done.Go(func() {
		s.introduce(ctx)
		s.flow.Sweep(ctx, sweepEvery)
	})
	s.done.Go(func() { s.flow.Tend(ctx) })
	s.done.Go(func() { s.missed.Run(ctx) })
	s.done.Go(func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve: %w", err)
		}
	})
}

// introduce says as whom handrail is known to GitHub, or why it is not: wrong
// credentials would otherwise show only when the first event comes.
func (s *server) introduce(ctx context.Context) {
	app, err := s.hub.App(ctx)
	switch {
	case ctx.Err() != nil:
		return // it was stopped before it had an answer
	case err != nil:
		zerolog.Ctx(ctx).Error().Err(err).Msg("GitHub does not know this App: are GITHUB_APP_INTEGRATION_ID, GITHUB_APP_PRIVATE_KEY and GITHUB_WEB_URL right? It goes on trying")
		return
	}
	zerolog.Ctx(ctx).Info().Int64("github_app_id", app.ID).Str("slug", app.Slug).Msg("known to GitHub")
}

func (s *server) routes(hook, upload, releases, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST "+hookPath, hook)
	for _, path := range []string{coveragePath, handlers.ArtifactsPath, handlers.ScansPath} {
		mux.Handle("POST "+path, upload)
	}
	for _, path := range []string{web.Path, web.Path + "/", web.KeyPath} {
		mux.Handle(path, releases)
	}
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.store.Ping(r.Context()); err != nil {
			zerolog.Ctx(r.Context()).Error().Err(err).Msg("not ready")
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	return mux
}

// URL is where the server listens.
func (s *server) URL() string { return "http://" + s.listener.Addr().String() }

// close stops taking deliveries, ends what has begun, and closes the database.
func (s *server) close() {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		s.http.Close()
	}
	s.stop()
	s.done.Wait()
	s.store.Close()
}
