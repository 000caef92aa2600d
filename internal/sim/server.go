package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Request is one entry of the request log, and what faults are matched by.
type Request struct {
	At           time.Time
	Method, Path string // path without /api/v3
	Route        string // REST: the route that answered; "" until then
	GraphQL      bool
	Operation    string   // GraphQL: name of the operation
	Fields       []string // GraphQL: every field's name, once
	Mutations    []string // GraphQL: top fields of a mutation, in order, as often as they come
	Write        bool     // changes something: not GET, or a mutation (minting a token does not count)
	Installation int64    // 0 for the App itself
	Status       int      // 0 when the answer was lost
	Cost         int      // points of the budget
	Errors       int      // GraphQL: entries in errors
	Fault        string   // what failure was injected
}

// Mentions says whether a GraphQL request asks for a field of that name.
func (q Request) Mentions(field string) bool { return slices.Contains(q.Fields, field) }

// Minting says whether the request is for an installation token.
func (q Request) Minting() bool { return strings.HasSuffix(q.Path, "/access_tokens") }

// Exchange is a request with its answer, or a webhook with the hook's answer.
type Exchange struct {
	Hook           bool
	Event, Action  string // of a webhook
	GUID           string
	Method, Path   string // of an API request; path without /api/v3
	Query          string
	Header         http.Header
	RequestBody    []byte
	Status         int
	AnswerHeader   http.Header
	Answer         []byte
	Fault          string // a failure was injected: the answer is not GitHub's
	GraphQLRequest bool
}

// OnExchange calls f after every request and webhook, from many goroutines.
func (gh *GitHub) OnExchange(f func(Exchange)) (stop func()) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	n := len(gh.listeners)
	for gh.listeners[n] != nil {
		n++
	}
	gh.listeners[n] = f
	return func() {
		gh.mu.Lock()
		defer gh.mu.Unlock()
		delete(gh.listeners, n)
	}
}

func (gh *GitHub) tell(x Exchange) {
	gh.mu.Lock()
	var all []func(Exchange)
	for _, f := range gh.listeners {
		all = append(all, f)
	}
	gh.mu.Unlock()
	for _, f := range all {
		f(x)
	}
}

// Requests is the log of API requests since the last ClearRequests, oldest
// first; at most the newest 100,000.
func (gh *GitHub) Requests() []Request {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	return slices.Clone(gh.log)
}

// ClearRequests empties the log.
func (gh *GitHub) ClearRequests() {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	gh.log = nil
}

// Count is the number of requests in the log that f picks; nil picks all but
// the minting of tokens.
func (gh *GitHub) Count(f func(Request) bool) int {
	n := 0
	for _, q := range gh.Requests() {
		if f == nil && !q.Minting() || f != nil && f(q) {
			n++
		}
	}
	return n
}

// Writes is the number of requests in the log that change something.
func (gh *GitHub) Writes() int { return gh.Count(func(q Request) bool { return q.Write }) }

// call is a request being answered.
type call struct {
	gh      *GitHub
	r       *http.Request
	body    []byte
	req     Request
	fault   *Failure
	app     *App     // proven by a JSON web token
	token   *token   // proven by an installation token
	person  *Account // proven by a token of their own
	repo    *Repo    // of the route
	unknown bool     // no credentials at all
	res     answer
	// charge is whether the request costs a budget, and which.
	resource string
}

type answer struct {
	status int
	header http.Header
	body   any // JSON, or []byte as it is
}

type callKey struct{}

// maxBody bounds what is read of a request.
const maxBody = 25 << 20

func (gh *GitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ghes := strings.CutPrefix(r.URL.Path, "/api")
	graphql := path == "/graphql"
	if v3, ok := strings.CutPrefix(path, "/v3"); ghes && ok {
		path = v3
	}
	if isIdentity(path) {
		gh.serveIdentity(w, r)
		return
	}
	if !graphql && !ghes && !isAPI(path) {
		gh.page.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "cannot read request", http.StatusBadRequest)
		return
	}
	c := &call{gh: gh, body: body, resource: "core", req: Request{At: time.Now(), Method: r.Method, Path: path, GraphQL: graphql,
		Write: !graphql && r.Method != http.MethodGet && !strings.HasSuffix(path, "/access_tokens")}}
	r2 := r.Clone(context.WithValue(r.Context(), callKey{}, c))
	r2.URL.RawPath = strings.TrimPrefix(r2.URL.RawPath, strings.TrimSuffix(r2.URL.Path, path))
	r2.URL.Path = path
	c.r = r2
	var query *graphQuery
	if graphql {
		c.resource = "graphql"
		query = c.parseGraphQL()
	}
	c.fault = gh.choose(&c.req)
	if f := c.fault; f != nil && !f.after && f.kind != failPartial {
		gh.fail(w, r, c, f)
		return
	}
	if graphql {
		c.serve(func() { c.answerGraphQL(query) })
	} else {
		gh.rest.ServeHTTP(discard{}, r2)
		if c.res.status == 0 { // the router's own word on an odd path
			c.refuse(http.StatusNotFound, "Not Found")
		}
	}
	if f := c.fault; f != nil && f.kind != failPartial && f.kind != failShort {
		gh.fail(w, r, c, f)
		return
	}
	gh.finish(w, r, c)
}

// discard takes what the router writes by itself; routes answer in their call.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func isAPI(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return slices.Contains([]string{"app", "repos", "orgs", "user", "installation", "rate_limit", "organizations"}, first)
}

// serve runs f under the lock with credentials checked and the budget charged.
func (c *call) serve(f func()) {
	gh := c.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	if !c.authenticate() {
		return
	}
	if c.req.Path != "/rate_limit" && !c.charge() {
		return
	}
	f()
}

func (c *call) refuse(status int, message string) {
	c.res = answer{status: status, body: m{"message": message, "documentation_url": "https://docs.github.com/rest", "status": itoa(status)}}
}

// authenticate finds out who asks; it answers and returns false when the
// credentials are wrong. No credentials are left to the route.
func (c *call) authenticate() bool {
	scheme, cred, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if cred == "" || (!strings.EqualFold(scheme, "bearer") && !strings.EqualFold(scheme, "token")) {
		c.unknown = true
		c.refuse(http.StatusUnauthorized, "Requires authentication")
		return false
	}
	if t := c.gh.tokens[cred]; t != nil && time.Now().Before(t.expires) {
		if !slices.Contains(c.gh.installs, t.install) {
			c.refuse(http.StatusUnauthorized, "Bad credentials")
			return false
		}
		c.token, c.req.Installation = t, t.install.ID
		if !t.install.suspended.IsZero() {
			c.refuse(http.StatusForbidden, "This installation has been suspended")
			return false
		}
		return true
	}
	if a := c.gh.people[cred]; a != nil && !a.deleted {
		c.person = a
		return true
	}
	if strings.Count(cred, ".") == 2 {
		app, err := c.gh.verifyJWT(cred)
		if err != nil {
			c.refuse(http.StatusUnauthorized, err.Error())
			return false
		}
		c.app = app
		return true
	}
	c.refuse(http.StatusUnauthorized, "Bad credentials")
	return false
}

// finish writes the answer down, logs it and sends it.
func (gh *GitHub) finish(w http.ResponseWriter, r *http.Request, c *call) {
	raw, isRaw := c.res.body.([]byte)
	if !isRaw && c.res.body != nil {
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(c.res.body); err != nil {
			c.res.status, buf = http.StatusInternalServerError, *bytes.NewBufferString(`{"message":"sim: cannot encode"}`)
		}
		raw = buf.Bytes()
	}
	h := w.Header()
	for k, v := range c.res.header {
		h[k] = v
	}
	gh.mu.Lock()
	gh.headers(c, h)
	if isRaw {
		h.Set("Content-Type", "application/vnd.github.raw+json; charset=utf-8")
	}
	c.req.Status = c.res.status
	gh.record(c.req)
	gh.mu.Unlock()
	gh.tell(Exchange{Method: r.Method, Path: c.req.Path, Query: r.URL.RawQuery, Header: r.Header, RequestBody: c.body,
		Status: c.res.status, AnswerHeader: h.Clone(), Answer: raw, Fault: c.req.Fault, GraphQLRequest: c.req.GraphQL})
	if c.fault != nil && c.fault.kind == failShort {
		writeShort(w, c.res.status, raw)
	}
	w.WriteHeader(c.res.status)
	_, _ = w.Write(raw)
}

func (gh *GitHub) record(q Request) {
	const most = 100000
	if gh.log = append(gh.log, q); len(gh.log) > most {
		gh.log = slices.Clone(gh.log[len(gh.log)-most/2:])
	}
}

// githubSays is an error in GitHub's own words, which clients match.
type githubSays string

func (s githubSays) Error() string { return string(s) }
