package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/store"
)

// metrics is what /metrics shows. It hears from intake, flow and hub, and asks
// the store when it is scraped.
type metrics struct {
	registry    *prometheus.Registry
	deliveries  *prometheus.CounterVec
	uploads     *prometheus.CounterVec
	evaluations *prometheus.CounterVec
	took        prometheus.Histogram
	writes      prometheus.Counter
	errors      *prometheus.CounterVec
	calls       *prometheus.CounterVec
	cost        *prometheus.CounterVec
	remaining   *prometheus.GaugeVec
}

func newMetrics(s *store.Store) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "handrail_deliveries_total", Help: "Webhook deliveries by what became of them.",
		}, []string{"outcome"}),
		uploads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "handrail_uploads_total", Help: "Coverage reports that were sent by what became of them.",
		}, []string{"outcome"}),
		evaluations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "handrail_evaluations_total", Help: "Evaluations of pull requests by the verdict's state.",
		}, []string{"state"}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "handrail_evaluation_seconds", Help: "How long an evaluation took, GitHub's answers included.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}),
		writes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "handrail_writes_total", Help: "Check-runs and labels written to GitHub.",
		}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "handrail_errors_total", Help: "Failures by where they happened; each is retried.",
		}, []string{"where"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "handrail_github_requests_total", Help: "Requests to GitHub.",
		}, []string{"installation", "kind", "operation", "status"}),
		cost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "handrail_github_graphql_points_total", Help: "GraphQL points spent, by GitHub's own count.",
		}, []string{"installation"}),
		remaining: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "handrail_github_budget_remaining", Help: "Calls or points left until GitHub's limit is reset, as last heard.",
		}, []string{"installation", "kind"}),
	}
	m.registry.MustRegister(m.deliveries, m.uploads, m.evaluations, m.took, m.writes, m.errors, m.calls, m.cost, m.remaining,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), queue{s})
	// An error that has not happened yet is a zero, not a gap: alerts need it.
	for _, where := range []string{"evaluation", "github"} {
		m.errors.WithLabelValues(where)
	}
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Delivery counts one delivery; intake calls it.
func (m *metrics) Delivery(outcome string) { m.deliveries.WithLabelValues(outcome).Inc() }

// Upload counts one report that was sent; taking them calls it.
func (m *metrics) Upload(outcome string) { m.uploads.WithLabelValues(outcome).Inc() }

// Evaluated counts one evaluation; the flow calls it.
func (m *metrics) Evaluated(state string, writes int, took time.Duration, err error) {
	if err != nil {
		m.errors.WithLabelValues("evaluation").Inc()
		state = "error"
	}
	m.evaluations.WithLabelValues(state).Inc()
	m.writes.Add(float64(writes))
	m.took.Observe(took.Seconds())
}

// Call counts one request to GitHub; the hub calls it.
func (m *metrics) Call(c hub.Call) {
	id := strconv.FormatInt(c.Installation, 10)
	status := strconv.Itoa(c.Status)
	if c.Status == 0 {
		status = "none"
	}
	if c.Failed {
		m.errors.WithLabelValues("github").Inc()
	}
	m.calls.WithLabelValues(id, c.Kind, c.Name, status).Inc()
	m.cost.WithLabelValues(id).Add(float64(c.Cost))
	if c.Limit > 0 {
		m.remaining.WithLabelValues(id, c.Kind).Set(float64(c.Remaining))
	}
}

// queue asks the store how much work is waiting.
type queue struct{ store *store.Store }

var (
	depthDesc   = prometheus.NewDesc("handrail_queue_depth", "Pull requests that are due or in work.", nil, nil)
	ageDesc     = prometheus.NewDesc("handrail_queue_age_seconds", "How long the oldest of them has been waiting.", nil, nil)
	findingDesc = prometheus.NewDesc("handrail_findings_open", "Findings that nobody has closed, by kind.", []string{"kind"}, nil)
	failingDesc = prometheus.NewDesc("handrail_queue_failing", "Pull requests whose last evaluation failed; they are retried.", nil, nil)
)

func (q queue) Describe(c chan<- *prometheus.Desc) {
	c <- depthDesc
	c <- ageDesc
	c <- failingDesc
	c <- findingDesc
}

func (q queue) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	n, err := q.store.Queue(ctx, time.Now())
	if err != nil {
		for _, d := range []*prometheus.Desc{depthDesc, ageDesc, failingDesc} {
			c <- prometheus.NewInvalidMetric(d, err)
		}
		return
	}
	c <- prometheus.MustNewConstMetric(depthDesc, prometheus.GaugeValue, float64(n.Depth))
	c <- prometheus.MustNewConstMetric(ageDesc, prometheus.GaugeValue, n.Oldest.Seconds())
	c <- prometheus.MustNewConstMetric(failingDesc, prometheus.GaugeValue, float64(n.Failing))
	open, err := q.store.OpenFindings(ctx)
	if err != nil {
		c <- prometheus.NewInvalidMetric(findingDesc, err)
		return
	}
	for kind, count := range open {
		c <- prometheus.MustNewConstMetric(findingDesc, prometheus.GaugeValue, float64(count), string(kind))
	}
}

// logger writes as the settings say: one JSON object a line, or for people.
func logger(level, format string, out interface{ Write([]byte) (int, error) }) zerolog.Logger {
	l, err := zerolog.ParseLevel(level)
	if err != nil {
		l = zerolog.InfoLevel
	}
	if format == "console" {
		return zerolog.New(zerolog.ConsoleWriter{Out: out, TimeFormat: time.RFC3339}).Level(l).With().Timestamp().Logger()
	}
	return zerolog.New(out).Level(l).With().Timestamp().Logger()
}
