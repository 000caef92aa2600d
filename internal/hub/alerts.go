package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opCodeAlerts       = "alerts code-scanning"
	opDependencyAlerts = "alerts dependencies"
	opSecretAlerts     = "alerts secret-scanning"
	// alertPages is how many hundreds of alerts are read of one list.
	alertPages = 10
	// absenceTime is how long it is believed that a repository does not have a
	// feature, before it is asked again.
	absenceTime = time.Hour
	// alertText is how much of an alert's text is taken, in bytes.
	alertText = 1000
)

// alertsOf is one kind of alert in one repository.
type alertsOf struct {
	repo int64
	kind checks.AlertKind
}

// absence is GitHub's answer that there is no such thing, and until when it is
// not asked again.
type absence struct {
	why   string
	until time.Time
}

// Alerts is what GitHub itself says of one kind about a pull request's head, and
// what of it the base does not have. What this App may not read, or what the
// repository does not have, is Missing and never empty: the former is known from
// the token, the latter is asked again after an hour.
//
// It takes about five requests for code scanning, one for dependencies and up to
// 40 for secrets, which yield to others like those of [Hub.CommitPatch].
func (h *Hub) Alerts(ctx context.Context, s checks.Subject, pull *checks.Pull, kind checks.AlertKind) (checks.Alerts, error) {
	out := checks.Alerts{Kind: kind}
	c, err := h.client(s.Installation)
	if err != nil {
		return out, err
	}
	of := alertsOf{pull.Repo.ID, kind}
	if out.Missing = cmp.Or(unpermitted(c, kind), h.absence(of)); out.Missing != "" {
		return out, nil
	}
	a := alerting{h: h, c: c, s: s, pull: pull, out: out}
	switch kind {
	case checks.CodeScanning:
		err = a.code(ctx)
	case checks.DependencyReview:
		err = a.dependencies(ctx)
	case checks.SecretScanning:
		err = a.secrets(ctx)
	default:
		return out, &Error{Op: "alerts", What: "asked for alerts of no known kind"}
	}
	if why := unavailable(err); why != "" {
		h.note(of, why)
		out.Missing = why
		return out, nil
	}
	if err != nil {
		return out, err
	}
	a.trim()
	return a.out, nil
}

// alerting is one reading of alerts.
type alerting struct {
	h    *Hub
	c    *client
	s    checks.Subject
	pull *checks.Pull
	out  checks.Alerts
}

// permission is what GitHub asks of an App for a kind of alert ("Permissions
// required for GitHub Apps"; for dependency review the page of its own).
func permission(kind checks.AlertKind, p github.InstallationPermissions) (name string, have *string) {
	switch kind {
	case checks.CodeScanning:
		return "security_events", p.SecurityEvents
	case checks.SecretScanning:
		return "secret_scanning_alerts", p.SecretScanningAlerts
	}
	return "contents", p.Contents
}

// unpermitted is which permission the token lacks; "" when it has it, and when
// there is no token yet or GitHub did not say what it permits.
func unpermitted(c *client, kind checks.AlertKind) string {
	may := c.session().may
	if may == nil {
		return ""
	}
	all, err := may()
	if err != nil || all == (github.InstallationPermissions{}) {
		return ""
	}
	if name, have := permission(kind, all); have == nil {
		return "this App may not read them: its installation does not have the permission " + name
	}
	return ""
}

// unavailable is GitHub's answer that a feature is off, or not for us (403 and
// 404 in its descriptions of all three); "" for any other error.
func unavailable(err error) string {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Limited || e.gone || !strings.HasPrefix(e.Op, "alerts ") {
		return ""
	}
	switch e.Status {
	case http.StatusForbidden:
		return fmt.Sprintf("GitHub refuses to show them: %q", e.What)
	case http.StatusNotFound:
		return fmt.Sprintf("GitHub has none for this repository: %q", e.What)
	}
	return ""
}

func (h *Hub) absence(of alertsOf) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.absent[of]
	if !h.now().Before(a.until) {
		delete(h.absent, of)
		return ""
	}
	return a.why
}

func (h *Hub) note(of alertsOf, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.absent[of] = absence{why, h.now().Add(absenceTime)}
}

// alertPagesOf reads a list of alerts, newest first; whole is false when there
// are more than a thousand.
func alertPagesOf[T any](ctx context.Context, a *alerting, op, path string, q url.Values) (list []T, whole bool, err error) {
	q.Set("per_page", "100")
	for page := 1; page != 0; {
		if page > alertPages {
			return list, false, nil
		}
		q.Set("page", strconv.Itoa(page))
		var got []T
		if page, err = a.h.getAfter(ctx, a.c, resource{a.s, op, path}, q, into(&got)); err != nil {
			return nil, false, err
		}
		if got == nil {
			return nil, false, &Error{Op: op, Status: http.StatusOK, What: "GitHub gave no list"}
		}
		list = append(list, got...)
	}
	return list, true, nil
}

// trim leaves the worst findings, as many as a snapshot holds.
func (a *alerting) trim() {
	slices.SortStableFunc(a.out.New, func(x, y checks.Finding) int {
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), strings.Compare(x.Path, y.Path), cmp.Compare(x.Line, y.Line), strings.Compare(x.ID, y.ID))
	})
	if n := len(a.out.New); n > checks.FindingLimit {
		a.out.More += n - checks.FindingLimit
		a.out.New = a.out.New[:checks.FindingLimit]
	}
}

// severities are GitHub's words for the ratings of CVSS v3.1 (specification,
// section 5), as where they begin, in tenths; low, which begins at 0.1, as 1.0.
var severities = map[string]int{"low": 10, "medium": 40, "moderate": 40, "high": 70, "critical": 90}

// rate gives a finding GitHub's word for its severity.
func rateFinding(f *checks.Finding, word string) {
	f.Severity, f.Rated = severities[strings.ToLower(word)], severities[strings.ToLower(word)] > 0
}

// short is a text cut to what is kept of it.
func short(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), alertText)], "")
}
