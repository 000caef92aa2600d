package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// delivery is one webhook and what became of it. What the receiver may see is
// fixed when it is made; the outcome is written under the post's lock.
type delivery struct {
	id            int64
	guid          string
	event, action string
	app           *App
	install       *Installation
	repo          int64
	url, secret   string
	payload       []byte
	again         bool // a redelivery

	at       time.Time
	status   int
	answer   string
	duration time.Duration
}

func (d *delivery) headers() http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "GitHub-Hookshot/sim")
	h.Set("X-GitHub-Delivery", d.guid)
	h.Set("X-GitHub-Event", d.event)
	h.Set("X-GitHub-Hook-ID", fmt.Sprint(d.app.ID))
	h.Set("X-GitHub-Hook-Installation-Target-ID", fmt.Sprint(d.app.ID))
	h.Set("X-GitHub-Hook-Installation-Target-Type", "integration")
	h.Set("X-Hub-Signature-256", Sign(d.secret, d.payload))
	return h
}

// Delivery is one attempt to deliver a webhook, as GitHub's list has it.
type Delivery struct {
	ID            int64
	GUID          string
	Event, Action string
	Redelivery    bool
	Status        int // 0 when it never arrived
	Payload       []byte
}

// Deliveries are all attempts so far, oldest first.
func (gh *GitHub) Deliveries() []Delivery {
	gh.post.mu.Lock()
	defer gh.post.mu.Unlock()
	var all []Delivery
	for _, d := range gh.post.sent {
		all = append(all, Delivery{d.id, d.guid, d.event, d.action, d.again, d.status, d.payload})
	}
	return all
}

// Redeliver sends a delivery again, under the same GUID.
func (gh *GitHub) Redeliver(id int64) bool {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	return gh.redeliver(id)
}

func (gh *GitHub) redeliver(id int64) bool {
	d := gh.post.find(id)
	if d == nil {
		return false
	}
	again := *d
	again.id, again.again, again.status, again.answer = gh.id(), true, 0, ""
	again.url, again.secret = d.app.HookURL, d.app.Secret
	gh.post.send(&again)
	return true
}

func (o *postOffice) find(id int64) *delivery {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.sent {
		if d.id == id {
			return d
		}
	}
	return nil
}

func (gh *GitHub) deliveryJSON(d *delivery, full bool) m {
	text := "OK"
	if d.status == 0 {
		text = "failed to connect to host"
	} else if d.status >= 300 {
		text = http.StatusText(d.status)
	}
	out := m{"id": d.id, "guid": d.guid, "delivered_at": d.at.UTC().Format(time.RFC3339Nano), "redelivery": d.again,
		"duration": d.duration.Seconds(), "status": text, "status_code": d.status, "event": d.event, "action": nil,
		"installation_id": nil, "repository_id": nil, "throttled_at": nil}
	if d.action != "" {
		out["action"] = d.action
	}
	if d.install != nil {
		out["installation_id"] = d.install.ID
	}
	if d.repo != 0 {
		out["repository_id"] = d.repo
	}
	if full {
		out["url"] = d.url
		sent := m{}
		for k, v := range d.headers() {
			sent[k] = v[0]
		}
		out["request"] = m{"headers": sent, "payload": json.RawMessage(d.payload)}
		out["response"] = m{"headers": m{}, "payload": d.answer}
	}
	return out
}
