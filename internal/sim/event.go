package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// m is a JSON object.
type m = map[string]any

// event is something GitHub tells Apps about.
type event struct {
	name, action string
	repo         *Repo
	org          *Org
	install      *Installation
	sender       *Account
	only         *App   // the one App that is told; nil is all
	needs        string // permission besides the name's; "" is none
	body         m
}

// eventPermission is what an App needs to be told of an event; what is not
// listed goes to every App.
func eventPermission(name string) string {
	switch name {
	case "pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread":
		return "pull_requests"
	case "issues":
		return "issues"
	case "check_run", "check_suite":
		return "checks"
	case "status":
		return "statuses"
	case "push", "create", "delete", "release", "workflow_dispatch":
		return "contents"
	case "membership", "team", "organization":
		return "members"
	case "deployment", "deployment_status", "deployment_protection_rule":
		return "deployments"
	case "workflow_run":
		return "actions"
	case "code_scanning_alert":
		return "security_events"
	case "dependabot_alert":
		return "vulnerability_alerts"
	case "secret_scanning_alert":
		return "secret_scanning_alerts"
	case "merge_group":
		return "merge_queues"
	}
	return "metadata"
}

func (r *Repo) emit(e event) {
	e.repo, e.org = r, r.org
	r.gh.emit(e)
}

// emit hands an event to the post for each App that is to be told.
func (gh *GitHub) emit(e event) {
	guid := gh.guid()
	for _, app := range gh.apps {
		if app.HookURL == "" || (e.only != nil && e.only != app) {
			continue
		}
		in := e.install
		switch {
		case in != nil:
		case e.repo != nil:
			in = gh.installation(app, e.repo)
		case e.org != nil:
			in = gh.installationOf(app, e.org.Account)
		}
		if in == nil || in.app != app || (!in.suspended.IsZero() && e.name != "installation") {
			continue
		}
		if rank(app.permissions[eventPermission(e.name)]) < rank("read") && eventPermission(e.name) != "metadata" ||
			e.needs != "" && rank(app.permissions[e.needs]) < rank("read") {
			continue
		}
		if app.events != nil && !strings.HasPrefix(e.name, "installation") && !slices.Contains(app.events, e.name) {
			continue
		}
		gh.deliver(app, in, guid, e)
	}
}

func (gh *GitHub) deliver(app *App, in *Installation, guid string, e event) {
	body := m{}
	for k, v := range e.body {
		body[k] = v
	}
	if e.action != "" {
		body["action"] = e.action
	}
	if e.sender != nil {
		body["sender"] = gh.userJSON(e.sender)
	}
	if e.repo != nil {
		body["repository"] = gh.repoJSON(e.repo)
		if e.name == "push" {
			body["repository"] = gh.pushRepoJSON(e.repo)
		}
	}
	if e.org != nil {
		body["organization"] = gh.orgJSON(e.org)
	}
	if body["installation"] == nil {
		body["installation"] = m{"id": in.ID, "node_id": nodeID("I", in.ID)}
	}
	payload, err := json.Marshal(body)
	if err != nil {
		payload = []byte(`{}`) // maps of strings and numbers always marshal
	}
	d := &delivery{id: gh.id(), guid: guid, event: e.name, action: e.action, app: app, install: in, url: app.HookURL,
		secret: app.Secret, payload: payload}
	if e.repo != nil {
		d.repo = e.repo.ID
	}
	gh.post.send(d)
}

// Ping sends the App's hook a ping, as GitHub does when a hook is made.
func (gh *GitHub) Ping() {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	body := m{"zen": "Keep it logically awesome.", "hook_id": gh.app.ID, "hook": m{
		"type": "App", "id": gh.app.ID, "name": "web", "active": true, "events": list(gh.app.events), "app_id": gh.app.ID,
		"config":     m{"content_type": "json", "url": gh.app.HookURL, "insecure_ssl": "0", "secret": "********"},
		"updated_at": date(gh.app.created), "created_at": date(gh.app.created),
		"deliveries_url": gh.api() + "/app/hook/deliveries"}}
	payload, err := json.Marshal(body)
	if err != nil || gh.app.HookURL == "" {
		return
	}
	gh.post.send(&delivery{id: gh.id(), guid: gh.guid(), event: "ping", app: gh.app, url: gh.app.HookURL, secret: gh.app.Secret, payload: payload})
}

// Send delivers a signed body of any event, such as one GitHub recorded.
func (gh *GitHub) Send(name string, payload []byte) (guid string) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	guid = gh.guid()
	gh.post.send(&delivery{id: gh.id(), guid: guid, event: name, app: gh.app, url: gh.app.HookURL, secret: gh.app.Secret, payload: payload})
	return guid
}

// Sign is the X-Hub-Signature-256 of a body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func (gh *GitHub) guid() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(gh.rand.UintN(256))
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	// The time makes GUIDs of different stand-ins with one seed differ.
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + hex.EncodeToString(stamp(time.Now()))
}

func stamp(t time.Time) []byte {
	n := uint64(t.UnixNano())
	return []byte{byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}
