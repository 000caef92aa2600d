package sim

import (
	"cmp"
	"fmt"
	"time"
)

// SecretAlert is a secret that GitHub's own scanning found. Secret is what a
// request that does not ask to hide it is told.
type SecretAlert struct {
	Type   string // default http_basic_authentication_header
	Name   string // what it is, in words
	Secret string
	Places []SecretPlace
}

// SecretPlace is one place of a secret: a commit's file, or a pull request's
// text, which is its body unless Comment is set.
type SecretPlace struct {
	Commit, Path string
	Line         int
	Pull         *Pull
	Comment      *Comment
}

type secretAlert struct {
	SecretAlert
	number   int
	created  time.Time
	resolved time.Time
}

// AddSecretAlert makes an alert and returns its number.
func (r *Repo) AddSecretAlert(a SecretAlert) (int, error) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	for i, p := range a.Places {
		if p.Pull != nil || p.Comment != nil {
			continue
		}
		c := r.objects.commits[r.resolve(p.Commit)]
		if c == nil {
			return 0, fmt.Errorf("add secret alert to %s: no commit %q", r.fullName(), p.Commit)
		}
		a.Places[i].Commit, a.Places[i].Line = c.sha, max(p.Line, 1)
	}
	a.Type = cmp.Or(a.Type, "http_basic_authentication_header")
	a.Name = cmp.Or(a.Name, "HTTP Basic Authentication Header")
	s := &secretAlert{SecretAlert: a, number: len(r.secretAlerts) + 1, created: r.gh.now()}
	r.secretAlerts = append(r.secretAlerts, s)
	alert := r.secretAlertJSON(s)
	for _, k := range []string{"state", "secret", "provider", "provider_slug", "first_location_detected", "has_more_locations", "is_base64_encoded"} {
		delete(alert, k)
	}
	r.emit(event{name: "secret_scanning_alert", action: "created", sender: r.gh.account("github"), body: m{"alert": alert}})
	return s.number, nil
}

// ResolveSecretAlert closes an alert by its number.
func (r *Repo) ResolveSecretAlert(number int) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	for _, a := range r.secretAlerts {
		if a.number == number {
			a.resolved = r.gh.now()
		}
	}
}
