package handlers

import (
	"errors"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// lagRetry is how soon GitHub is asked again when it answered with an older
	// state than an event has told of.
	lagRetry = 2 * time.Second
	// lagMost is how long an event is believed rather than GitHub's answer.
	lagMost = 30 * time.Second
)

// errLagging says that GitHub answered with an older state than an event has
// already told of; github.com reads from replicas.
var errLagging = errors.New("GitHub still answers with an older state than its event told of")

// early says whether nothing failed but GitHub, or another worker, has only to
// be given a moment. What goes on for longer is a failure that people see.
func (f *Flow) early(err error, job store.Job) bool {
	if errors.Is(err, errLagging) || errors.Is(err, errNoRoom) || errors.Is(err, store.ErrReplaced) || errors.As(err, new(*store.BusyError)) {
		return true
	}
	return moved(err) && f.Now().Sub(job.FirstTouched) < lagMost
}

// lagging says whether GitHub's answer is older than what an event has told:
// its head is not the newest one we heard of, and it was not updated since. That
// is believed for lagMost only: events of one second have no order, and GitHub's
// own word must win in the end.
func lagging(pull checks.Pull) bool {
	heads := pull.Memory.Heads
	if len(heads) == 0 {
		return false
	}
	last := heads[len(heads)-1]
	return last.SHA != pull.Head.SHA && older(pull, last.Since)
}

// fresh says whether the head is so new that GitHub may not show all of it yet.
func fresh(pull *checks.Pull) bool {
	heads := pull.Memory.Heads
	return len(heads) > 0 && heads[len(heads)-1].SHA == pull.Head.SHA && pull.At.Sub(heads[len(heads)-1].Since).Abs() < lagMost
}

// older says whether an answer is from before a moment that an event or an
// earlier answer has told of. That is believed for lagMost, and not at all when
// the moment lies further ahead than clocks of GitHub's may differ.
func older(pull checks.Pull, than time.Time) bool {
	return pull.UpdatedAt.Before(than) && pull.At.Sub(than).Abs() < lagMost
}
