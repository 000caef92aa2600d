package sim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"
)

// App is a GitHub App. The one under test is GitHub.App.
type App struct {
	gh          *GitHub
	ID          int64
	Slug        string
	Secret      string // of its webhooks
	HookURL     string
	permissions map[string]string
	events      []string
	created     time.Time
	key         func() *rsa.PrivateKey
}

func defaultPermissions() map[string]string {
	return map[string]string{"metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write",
		"statuses": "write", "actions": "read", "merge_queues": "read", "members": "read", "issues": "read"}
}

// makeApp finds the App of that slug, and makes one if there is none.
func (gh *GitHub) makeApp(id int64, slug string) *App {
	if a := gh.apps[slug]; a != nil {
		return a
	}
	if id == 0 {
		id = gh.id()
	}
	a := &App{gh: gh, ID: id, Slug: slug, created: gh.now(), permissions: map[string]string{"metadata": "read"}}
	a.key = processKey
	if gh.opt.OwnKey {
		a.key = sync.OnceValue(newKey)
	}
	gh.apps[slug] = a
	gh.account(slug + "[bot]").app = a
	return a
}

// processKey is made once, since that takes a second under the race detector.
var processKey = sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil // crypto/rand never fails
	}
	return key
}

func (a *App) bot() *Account { return a.gh.account(a.Slug + "[bot]") }
func (a *App) node() string  { return nodeID("A", a.ID) }

// App is the App under test.
func (gh *GitHub) App() *App { return gh.app }

// OtherApp is the id of another App, such as "github-actions", by its slug.
func (gh *GitHub) OtherApp(slug string) int64 {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	return gh.makeApp(0, slug).ID
}

// PrivateKey is the App's key in PEM, as GitHub gives it for download.
func (a *App) PrivateKey() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(a.key())})
}

// SetHook says where the App's webhooks go.
func (gh *GitHub) SetHook(url string) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	gh.app.HookURL = url
}

// SetPermission changes what the App may do: "read", "write" or "" for nothing.
func (gh *GitHub) SetPermission(name, level string) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	gh.app.permissions = maps.Clone(gh.app.permissions)
	if level == "" {
		delete(gh.app.permissions, name)
		return
	}
	gh.app.permissions[name] = level
}

// Installation is the App on an account.
type Installation struct {
	gh        *GitHub
	ID        int64
	app       *App
	account   *Account
	repos     map[*Repo]bool // nil is all
	created   time.Time
	suspended time.Time
}

// Install installs the App under test on the account: on all its repositories,
// or on those given.
func (a *Account) Install(repos ...*Repo) *Installation {
	gh := a.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	in := &Installation{gh: gh, ID: gh.id(), app: gh.app, account: a, created: gh.now()}
	if len(repos) > 0 {
		in.repos = map[*Repo]bool{}
		for _, r := range repos {
			in.repos[r] = true
		}
	}
	gh.installs = append(gh.installs, in)
	in.tell("installation", "created", m{"repositories": in.reposJSON(in.list()), "requester": nil})
	return in
}

func (in *Installation) tell(name, action string, body m) {
	body["installation"] = in.gh.installationJSON(in)
	who := in.account
	if o := in.gh.orgs[strings.ToLower(who.Login)]; o != nil {
		who = o.boss()
	}
	in.gh.emit(event{name: name, action: action, sender: who, install: in, body: body})
}

// AddRepo puts a repository into the installation.
func (in *Installation) AddRepo(r *Repo) {
	in.gh.mu.Lock()
	defer in.gh.mu.Unlock()
	if in.repos != nil {
		in.repos[r] = true
	}
	in.tell("installation_repositories", "added", m{"repository_selection": in.selection(), "requester": nil,
		"repositories_added": in.reposJSON([]*Repo{r}), "repositories_removed": []m{}})
}

// RemoveRepo takes a repository out of the installation.
func (in *Installation) RemoveRepo(r *Repo) {
	in.gh.mu.Lock()
	defer in.gh.mu.Unlock()
	if in.repos == nil {
		in.repos = map[*Repo]bool{}
		for _, x := range in.gh.repos {
			in.repos[x] = x.owner == in.account
		}
	}
	delete(in.repos, r)
	in.tell("installation_repositories", "removed", m{"repository_selection": in.selection(), "requester": nil,
		"repositories_added": []m{}, "repositories_removed": in.reposJSON([]*Repo{r})})
}

// Suspend suspends the installation, or ends that.
func (in *Installation) Suspend(on bool) {
	in.gh.mu.Lock()
	defer in.gh.mu.Unlock()
	action := "suspend"
	if in.suspended = in.gh.now(); !on {
		action, in.suspended = "unsuspend", time.Time{}
	}
	in.tell("installation", action, m{"repositories": in.reposJSON(in.list()), "requester": nil})
}

// Uninstall removes the App from the account.
func (in *Installation) Uninstall() {
	gh := in.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	in.tell("installation", "deleted", m{"repositories": in.reposJSON(in.list()), "requester": nil})
	for i, x := range gh.installs {
		if x == in {
			gh.installs = append(gh.installs[:i:i], gh.installs[i+1:]...)
			break
		}
	}
}

func (in *Installation) selection() string {
	if in.repos == nil {
		return "all"
	}
	return "selected"
}

func (in *Installation) has(r *Repo) bool {
	return r != nil && r.owner == in.account && (in.repos == nil || in.repos[r])
}

// list is every repository of the installation, by id.
func (in *Installation) list() []*Repo {
	var all []*Repo
	for _, r := range in.gh.repos {
		if in.has(r) {
			all = append(all, r)
		}
	}
	sortByID(all)
	return all
}

func (gh *GitHub) installation(app *App, r *Repo) *Installation {
	for _, in := range gh.installs {
		if in.app == app && in.has(r) {
			return in
		}
	}
	return nil
}

func (gh *GitHub) installationOf(app *App, a *Account) *Installation {
	for _, in := range gh.installs {
		if in.app == app && in.account == a {
			return in
		}
	}
	return nil
}

// token is an installation token; it lives an hour of real time.
type token struct {
	install     *Installation
	expires     time.Time
	repos       map[*Repo]bool
	permissions map[string]string
}

func (t *token) sees(r *Repo) bool {
	return r != nil && t.install.has(r) && (t.repos == nil || t.repos[r])
}

// may says whether the token has a permission, now.
func (t *token) may(name, level string) bool {
	have := t.install.app.permissions[name]
	if t.permissions != nil && rank(t.permissions[name]) < rank(have) {
		have = t.permissions[name]
	}
	return name == "metadata" || rank(have) >= rank(level)
}

func (gh *GitHub) mint(in *Installation) (string, *token) {
	var raw [18]byte
	_, _ = rand.Read(raw[:])
	s := fmt.Sprintf("ghs_%d_%s", in.app.ID, hex.EncodeToString(raw[:]))
	t := &token{install: in, expires: time.Now().Add(time.Hour)}
	gh.tokens[s] = t
	return s, t
}

// RevokeTokens makes every installation token invalid at once.
func (gh *GitHub) RevokeTokens() {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	clear(gh.tokens)
}

// verifyJWT is the App that a JSON web token proves; the errors are GitHub's.
func (gh *GitHub) verifyJWT(jwt string) (*App, error) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return nil, githubSays("A JSON web token could not be decoded")
	}
	var head struct{ Alg string }
	var claims struct {
		Iss      any
		Iat, Exp float64
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || decodePart(parts[0], &head) != nil || decodePart(parts[1], &claims) != nil || head.Alg != "RS256" {
		return nil, githubSays("A JSON web token could not be decoded")
	}
	app := gh.app
	if issuer(claims.Iss) != app.ID {
		return nil, githubSays("Integration not found")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&app.key().PublicKey, crypto.SHA256, sum[:], sig) != nil {
		return nil, githubSays("A JSON web token could not be decoded")
	}
	now := float64(time.Now().Unix())
	switch {
	case claims.Exp == 0 || claims.Exp <= now:
		return nil, githubSays("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case claims.Exp > now+601:
		return nil, githubSays("'Expiration time' claim ('exp') is too far in the future")
	case claims.Iat == 0 || claims.Iat > now+1:
		return nil, githubSays("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	return app, nil
}

func issuer(iss any) int64 {
	switch v := iss.(type) {
	case float64:
		return int64(v)
	case string:
		n, _ := strconv.ParseInt(v, 10, 64)
		return n
	}
	return 0
}

func decodePart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}
