package hub

import (
	"context"

	"github.com/handrail-bot/handrail/checks"
)

// Alerts is what GitHub says of one kind of alert on a pull request's head, and
// what of it the base does not have.
func (h *Hub) Alerts(ctx context.Context, s checks.Subject, pull *checks.Pull, kind checks.AlertKind) (checks.Alerts, error) {
	return checks.Alerts{Kind: kind, Missing: "this App cannot read them yet"}, nil
}
