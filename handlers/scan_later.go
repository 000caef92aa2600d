package handlers

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// againAfter is how soon at the earliest a scan goes on that others go before,
	// againMost how late at the latest. Each look in between costs a request, and
	// teaches nothing.
	againAfter = 10 * time.Second
	againMost  = time.Hour
	// turnAfter is how soon one goes on for whose commits there was no room; it may
	// be twice that, so that they do not all come back at once.
	turnAfter = 30 * time.Second
)

// hasYielded says whether a request was not made since others go first.
func hasYielded(err error) bool {
	var y interface{ HasYielded() bool }
	return errors.As(err, &y) && y.HasYielded()
}

// yield notes that what is left of a scan is to be asked for when others no longer
// go first, as the error of a request that yielded tells.
func (k *inspection) yield(out *checks.Scan, err error) {
	wait := min(max(retryAt(err).Sub(k.archive.Now()), againAfter), againMost)
	k.wait(out, wait+rand.N(limitSpread))
}

// wait notes how long what is left of a scan has to wait.
func (k *inspection) wait(out *checks.Scan, d time.Duration) {
	out.Next = sooner(out.Next, k.pull.At.Add(d))
}
