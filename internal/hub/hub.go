// Package hub is the only package that talks to GitHub. It reads a pull request
// whole into a [checks.Pull] or fails, and does what a plan says, telling of
// every action whether GitHub confirmed it.
//
// It never repeats a write that may have had an effect, and never turns a
// missing answer into "none": an error is an [Error], which says when to try
// again and whether the thing is gone, or a [Fault] or [Refusal], which are
// answers: trying again would change nothing. Nothing it returns or logs holds a
// token, a key or a URL's query.
package hub

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
)

// Config is what a Hub needs to know. Only AppID and PrivateKey are required.
type Config struct {
	// V3URL, V4URL and WebURL are GitHub's REST, GraphQL and web addresses.
	// Empty V3URL and V4URL are derived from WebURL, and an empty WebURL is
	// https://github.com; Enterprise Server has its API under /api/v3 and
	// /api/graphql of its web address.
	V3URL, V4URL, WebURL string

	AppID      int64
	PrivateKey []byte // PEM

	// PublicURL is our own address: the audience of tokens that Actions makes for
	// us. Empty is that none is taken.
	PublicURL string
	// Issuer makes the tokens of Actions ([Hub.Verify]). Empty is github.com's,
	// or the one of the Enterprise Server at WebURL.
	Issuer string

	// Transport carries the requests; nil is a transport of our own. Archives on
	// hosts that are not GitHub's by the addresses above come by another way,
	// which leads to public addresses only and uses no proxy.
	Transport http.RoundTripper
	// Timeout is the longest that one request may take, minting a token
	// included; 0 is 20 s. It must be shorter than the lease of the work.
	Timeout time.Duration
	// AnswerLimit is the largest answer that is read, in bytes; 0 is 64 MiB.
	AnswerLimit int64
	// Concurrent is how many requests of one installation are under way at
	// once; 0 is 50, half of what GitHub allows ("Rate limits for the REST
	// API", secondary limits: 100).
	Concurrent int
	// RESTPoints and QueryPoints are how many points a minute one installation
	// may spend; 0 is GitHub's secondary limits, 900 and 2,000. Negative is no
	// limit, as on an Enterprise Server without rate limits.
	RESTPoints, QueryPoints int

	// Observe is told of every request after it; nil is nobody. It is called
	// from several goroutines at once.
	Observe func(Call)
}

// Hub talks to one GitHub as one App. It is safe for concurrent use.
type Hub struct {
	cfg  Config
	wire *wire
	text texts
	app  *client // authenticates as the App itself

	storage storage // of artifacts
	keys    *keys   // of Actions' tokens
	patches handover
	shelf   shelf // of files of base branches

	now  func() time.Time
	skew skew

	mu      sync.Mutex
	clients map[int64]*client // by installation
	repos   map[int64]repoIDs // by repository id
	counts  map[Operation]int
	absent  map[alertsOf]absence
}

// repoIDs is what writing needs and reading brings along.
type repoIDs struct {
	node   string
	labels map[string]string // node id by name in lower case; "" where GitHub has no such label
	// hidden says that GitHub does not show this App the list of collaborators.
	hidden bool
	// crowded says that there are more than one page of them.
	crowded bool
}

// New makes a Hub. It asks nothing of GitHub; [Hub.App] does.
func New(cfg Config) (*Hub, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	text, err := readTexts()
	if err != nil {
		return nil, err
	}
	h := &Hub{
		cfg: cfg, text: text,
		clients: map[int64]*client{}, repos: map[int64]repoIDs{}, counts: map[Operation]int{}, absent: map[alertsOf]absence{}, now: time.Now,
	}
	h.wire = &wire{next: cfg.Transport, limit: cfg.AnswerLimit}
	h.storage = newStorage(cfg)
	h.keys = newKeys(cfg.Issuer, h.issued)
	tr, err := ghinstallation.NewAppsTransport(h.wire, cfg.AppID, cfg.PrivateKey)
	if err != nil {
		return nil, errors.New("read private key: not an RSA key in PEM form")
	}
	h.app = h.newClient(0)
	h.app.now = h.session(tr)
	return h, nil
}

// fill puts the defaults in and refuses what cannot work.
func (c *Config) fill() error {
	if c.AppID <= 0 {
		return errors.New("make hub: no App id")
	}
	if c.WebURL == "" {
		c.WebURL = "https://github.com"
	}
	web := strings.TrimRight(c.WebURL, "/")
	if c.V3URL == "" {
		c.V3URL = web + "/api/v3"
		if web == "https://github.com" {
			c.V3URL = "https://api.github.com"
		}
	}
	if c.V4URL == "" {
		c.V4URL = web + "/api/graphql"
		if web == "https://github.com" {
			c.V4URL = "https://api.github.com/graphql"
		}
	}
	if c.Issuer == "" {
		c.Issuer = web + "/_services/token"
		if web == "https://github.com" {
			c.Issuer = "https://token.actions.githubusercontent.com"
		}
	}
	c.V3URL = strings.TrimRight(c.V3URL, "/")
	for _, s := range []string{c.WebURL, c.V3URL, c.V4URL, c.Issuer} {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
			return errors.New("make hub: a GitHub address is not an http(s) URL without user")
		}
	}
	if c.Transport == nil {
		c.Transport = ownTransport(c.Concurrent)
	}
	orInt(&c.Concurrent, 50)
	orInt(&c.RESTPoints, 900)
	orInt(&c.QueryPoints, 2000)
	if c.Timeout == 0 {
		c.Timeout = 20 * time.Second
	}
	if c.AnswerLimit == 0 {
		c.AnswerLimit = 64 << 20
	}
	if c.Concurrent < 1 {
		return fmt.Errorf("make hub: %d requests at once", c.Concurrent)
	}
	return nil
}

func orInt(v *int, otherwise int) {
	if *v == 0 {
		*v = otherwise
	}
}

// ownTransport keeps as many idle connections as there may be requests, since
// the default of two would open new ones all the time.
func ownTransport(concurrent int) http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = max(concurrent, 50)
	return t
}

// remember keeps what a read brought for the writes that follow.
func (h *Hub) remember(repo int64, change func(*repoIDs)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.repos[repo]
	labels := make(map[string]string, len(r.labels)+1)
	for k, v := range r.labels {
		labels[k] = v
	}
	r.labels = labels
	change(&r)
	h.repos[repo] = r
}

// recall is what is known of a repository; its maps are never changed.
func (h *Hub) recall(repo int64) repoIDs {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.repos[repo]
}
