package hub

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v60/github"
)

// client is our way in as one installation, or as the App itself.
type client struct {
	id   int64 // of the installation; 0 is the App itself
	gate *gate

	mu  sync.Mutex
	now *session
}

// session is a client with one token; it is replaced when GitHub refuses the
// token, since ghinstallation cannot be told to forget it.
type session struct {
	http *http.Client
	rest *github.Client
	// may is what the token permits, once there is one; nil for the App itself.
	may func() (github.InstallationPermissions, error)
}

func (h *Hub) newClient(id int64) *client {
	return &client{id: id, gate: newGate(h.cfg)}
}

// client is the client of an installation.
func (h *Hub) client(installation int64) (*client, error) {
	if installation <= 0 {
		return nil, &Error{Op: "choose installation", What: fmt.Sprintf("there is no installation %d", installation), gone: true}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.clients[installation]
	if c == nil {
		c = h.newClient(installation)
		c.now = h.installationSession(installation)
		h.clients[installation] = c
	}
	return c, nil
}

// installationSession makes a session that has no token yet. Each has an App
// transport of its own: ghinstallation writes to it when it mints.
func (h *Hub) installationSession(id int64) *session {
	app, err := ghinstallation.NewAppsTransport(h.wire, h.cfg.AppID, h.cfg.PrivateKey)
	if err != nil {
		return h.session(refusing{fmt.Errorf("read private key: not an RSA key in PEM form")}) // New has read the same key
	}
	tr := ghinstallation.NewFromAppsTransport(app, id)
	tr.BaseURL = h.cfg.V3URL
	tr.InstallationTokenOptions = &github.InstallationTokenOptions{} // nil would be sent as null, which GitHub's description does not allow
	ses := h.session(tr)
	ses.may = tr.Permissions
	return ses
}

type refusing struct{ err error }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, r.err }

func (h *Hub) session(tr http.RoundTripper) *session {
	hc := &http.Client{Transport: tr, CheckRedirect: stayHome}
	rest := github.NewClient(hc)
	rest.UserAgent = userAgent
	if base, err := url.Parse(h.cfg.V3URL + "/"); err == nil {
		rest.BaseURL = base
	}
	return &session{http: hc, rest: rest}
}

const userAgent = "handrail"

func (c *client) session() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// renew replaces a session whose token was refused, unless another call has
// done so already.
func (h *Hub) renew(c *client, refused *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now == refused {
		c.now = h.installationSession(c.id)
	}
}
