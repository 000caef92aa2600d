package sim

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
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

func (a *App) node() string { return nodeID("A", a.ID) }

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
