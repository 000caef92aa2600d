package handlers

import (
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/internal/store"
)

// codeAlert heeds what code scanning found, or finds no more, on a ref: it is of
// the pull requests onto that branch, whose new alerts others are then, of those
// whose head it is, or of the one whose merge it is. What somebody dismissed has
// no ref.
func codeAlert(e *event) {
	if e.d.Repo.ID == 0 {
		return
	}
	e.tell(store.AlertsChanged{})
	if branch, ok := strings.CutPrefix(e.Ref, "refs/heads/"); ok && branch != "" {
		e.touch(store.Touch{Base: branch, Delay: burst})
		e.head(e.CommitOID, burst)
		return
	}
	if rest, ok := strings.CutPrefix(e.Ref, "refs/pull/"); ok {
		digits, _, _ := strings.Cut(rest, "/")
		if n, err := strconv.Atoi(digits); err == nil && n > 0 {
			e.pull(n, burst)
			return
		}
	}
	e.repo()
}

// secretAlert heeds that GitHub found a secret, or that somebody has settled one.
// Where it is is not said.
func secretAlert(e *event) {
	if e.d.Repo.ID != 0 {
		e.tell(store.AlertsChanged{})
		e.repo()
	}
}
