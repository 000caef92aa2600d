package sim

import (
	"crypto/rsa"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options says what the stand-in starts with; the zero value will do.
type Options struct {
	// AppID, Slug and Secret are the App under test: its numeric id (default
	// 4711), its slug (default "handrail") and its webhook secret (default
	// "sim-webhook-secret").
	AppID  int64
	Slug   string
	Secret string
	// HookURL is where webhooks go; empty until SetHook.
	HookURL string
	// Permissions of the App; default is what handrail's manifest asks for.
	Permissions map[string]string
	// Events the App subscribes to; nil is all of them.
	Events []string
	// RESTLimit and GraphQLLimit are requests and points an hour of one
	// installation; default 5,000 each.
	RESTLimit, GraphQLLimit int
	// Workers is how many deliveries are under way at once; default 4.
	Workers int
	// OwnKey gives the App a private key that no other stand-in of the process
	// has.
	OwnKey bool
	// Seed makes faults of a given probability repeatable.
	Seed uint64
}

// GitHub is the stand-in. It is an http.Handler.
type GitHub struct {
	mu    sync.Mutex
	opt   Options
	base  string
	skew  time.Duration
	rand  *rand.Rand
	last  int64
	nodes map[string]any

	accounts map[string]*Account
	emails   map[string]*Account
	orgs     map[string]*Org
	repos    map[string]*Repo
	moved    map[string]*Repo // by their former names
	apps     map[string]*App
	app      *App

	installs []*Installation
	tokens   map[string]*token
	people   map[string]*Account // by their own tokens
	budgets  map[budgetKey]*budget

	faults    []*fault
	log       []Request
	watchers  map[int]func(Change)
	listeners map[int]func(Exchange)

	post  *postOffice
	blobs *blobStore
	rest  http.Handler
	page  http.Handler
	graph resolvers

	issuerKey func() *rsa.PrivateKey  // of workflow runs' tokens
	redirect  func(url string) string // of artifacts; nil is none
	forged    func(url string) string // of answers to gates; nil is none
	limits    Limits
	held      bool // no test merge is made

	advisories []Vulnerability
}

// New makes a GitHub with nobody in it but the App and GitHub's own accounts.
func New(o Options) *GitHub {
	if o.AppID == 0 {
		o.AppID = 4711
	}
	if o.Slug == "" {
		o.Slug = "handrail"
	}
	if o.Secret == "" {
		o.Secret = "sim-webhook-secret"
	}
	if o.RESTLimit == 0 {
		o.RESTLimit = 5000
	}
	if o.GraphQLLimit == 0 {
		o.GraphQLLimit = 5000
	}
	if o.Workers == 0 {
		o.Workers = 4
	}
	if o.Permissions == nil {
		o.Permissions = defaultPermissions()
	}
	gh := &GitHub{
		opt: o, rand: rand.New(rand.NewPCG(o.Seed, 1)), last: 1000, base: "http://127.0.0.1",
		nodes: map[string]any{}, accounts: map[string]*Account{}, emails: map[string]*Account{},
		orgs: map[string]*Org{}, repos: map[string]*Repo{}, moved: map[string]*Repo{}, apps: map[string]*App{},
		tokens: map[string]*token{}, people: map[string]*Account{}, budgets: map[budgetKey]*budget{},
		watchers: map[int]func(Change){}, listeners: map[int]func(Exchange){},
	}
	gh.post = newPostOffice(gh)
	gh.blobs = newBlobStore(gh)
	gh.issuerKey = processIssuerKey
	if o.OwnKey {
		gh.issuerKey = sync.OnceValue(newKey)
	}
	gh.account("web-flow").Name = "GitHub Web Flow"
	gh.emails["noreply@github.com"] = gh.account("web-flow")
	gh.app = gh.makeApp(o.AppID, o.Slug)
	gh.app.Secret, gh.app.HookURL = o.Secret, o.HookURL
	gh.app.permissions, gh.app.events = o.Permissions, o.Events
	gh.makeApp(15368, "github-actions")
	gh.graph = gh.resolvers()
	gh.rest = gh.restRoutes()
	gh.page = gh.pageRoutes()
	return gh
}

// Start serves on a free port of 127.0.0.1 and returns the address to use as
// GitHub's web URL; REST is under url+"/api/v3", GraphQL at url+"/api/graphql"
// as on Enterprise Server. stop closes the server and ends its deliveries.
func (gh *GitHub) Start() (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	url = "http://" + l.Addr().String()
	gh.SetURL(url)
	srv := &http.Server{Handler: gh, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return
		}
	}()
	return url, func() {
		_ = srv.Close()
		<-done
		gh.Close()
	}, nil
}

// SetURL tells the stand-in its own address, which its answers' links carry.
func (gh *GitHub) SetURL(url string) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	gh.base = strings.TrimSuffix(url, "/")
}

// URL is the stand-in's own address, without a slash at the end.
func (gh *GitHub) URL() string {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	return gh.base
}

// Close ends all deliveries, waits for those under way, and cuts downloads of
// artifacts.
func (gh *GitHub) Close() {
	gh.post.close()
	gh.blobs.close()
}

// Now is GitHub's clock: the real time plus what Advance added, in whole
// seconds, as in every timestamp GitHub gives.
func (gh *GitHub) Now() time.Time {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	return gh.now()
}

// Advance moves GitHub's clock on. Expiry of JWTs, tokens and rate limits
// keeps to the real time.
func (gh *GitHub) Advance(d time.Duration) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	gh.skew += d
}

func (gh *GitHub) now() time.Time {
	return time.Now().Add(gh.skew).UTC().Truncate(time.Second)
}

// clock is the time to the nanosecond; GitHub's lock must not be held.
func (gh *GitHub) clock() time.Time {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	return time.Now().Add(gh.skew)
}

// id is the next database id, one sequence for all kinds.
func (gh *GitHub) id() int64 {
	gh.last++
	return gh.last
}

// Change is one change of state, as OnChange reports it.
type Change struct {
	Kind string // "check_run", "workflow_run", "label_added", "label_removed", "comment", "review", "push", "pull", …
	Repo string // "owner/name"; empty for what belongs to no repository
	Pull int    // number; 0 when it does not belong to a pull request
	// Issue is the number of an issue; 0 when it does not belong to one.
	Issue int
	SHA   string // commit of a check-run, status or push
	By    string // login of who did it
	// Name and Value depend on Kind: a label's name; a check-run's name or a
	// workflow's file and "status" or "completed/conclusion"; a pull request's
	// action.
	Name, Value string
}

// OnChange calls f for every change of state, in order, while the stand-in
// holds its lock: f must return soon and must not call the stand-in.
func (gh *GitHub) OnChange(f func(Change)) (stop func()) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	n := len(gh.watchers)
	for gh.watchers[n] != nil {
		n++
	}
	gh.watchers[n] = f
	return func() {
		gh.mu.Lock()
		defer gh.mu.Unlock()
		delete(gh.watchers, n)
	}
}

func (gh *GitHub) changed(c Change) {
	for _, f := range gh.watchers {
		f(c)
	}
}
