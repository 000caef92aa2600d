package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// alertsFresh is how long GitHub's answer about its own alerts is believed, as
	// long as no event tells that they have changed; pendingFresh is that of an
	// answer that it has not looked yet.
	alertsFresh  = 10 * time.Minute
	pendingFresh = time.Minute
)

// alerts is what GitHub itself found, of each kind that is asked for. Where others
// go first just now it is what it said last; if that is nothing the kind is left
// out, which is no pass, and out says when it is asked for again.
func (k *inspection) alerts(ctx context.Context, out *checks.Scan) error {
	for _, kind := range k.asked.Alerts {
		a, known, err := k.alertsOf(ctx, kind, out)
		if err != nil {
			return fmt.Errorf("ask for alerts of %s: %w", kind, err)
		}
		if known {
			out.Alerts = append(out.Alerts, a)
		}
	}
	return nil
}

func (k *inspection) alertsOf(ctx context.Context, kind checks.AlertKind, out *checks.Scan) (a checks.Alerts, known bool, err error) {
	of := store.AlertsOf{RepoID: k.s.RepoID, Number: k.pull.Number, Head: k.pull.Head.SHA, Base: k.pull.Base.Name, Kind: kind}
	asked := k.archive.Now()
	if a, known, err = k.archive.Alerts(ctx, of, asked.Add(-alertsFresh)); err != nil || known {
		return a, known, err
	}
	a, err = k.patches.Alerts(ctx, k.s, k.pull, kind)
	if hasYielded(err) {
		k.yield(out, err)
		return k.archive.Alerts(ctx, of, time.Time{})
	}
	if err != nil {
		return a, false, err
	}
	for i := range a.New {
		f := &a.New[i]
		f.Text, f.Rule, f.URL = k.Redact(f.Text), k.Redact(f.Rule), k.Redact(f.URL)
	}
	if a.Pending {
		asked = asked.Add(pendingFresh - alertsFresh)
	}
	return a, true, k.archive.KeepAlerts(ctx, of, a, asked)
}
