package store

import (
	"errors"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// ErrLost says that the lease of a job is not held any more: somebody else
// looks at the subject, or nobody needs to. Whoever gets it stops writing.
var ErrLost = errors.New("the lease is not held any more")

// Job is one subject to look at.
type Job struct {
	Subject checks.Subject
	// Gen is how often the subject had been touched when it was claimed.
	Gen int64
	// Tries is how many evaluations have failed in a row.
	Tries int
	// Head is the newest head that the store knows; "" when none.
	Head string
	// Updated is the newest of GitHub's updated_at that an event, a sweep or a
	// reading has told of; an answer from before it is out of date.
	Updated time.Time
	// FirstTouched is the oldest touch that waits (our clock).
	FirstTouched time.Time
	// Causes are delivery GUIDs, or words such as "sweep" and "timer"; the
	// oldest ones, at most 20.
	Causes []string
	// Digest is that of the last recorded verdict; "" when there is none.
	Digest string
	// Enforced says that the last recorded verdict was not for information only.
	Enforced bool

	lease string // token that fences what the job may still do
}

// Known is what whoever touches a subject already knows of it. Empty strings
// and zero times change nothing.
type Known struct {
	Head   string
	Base   string // branch name
	Glance string // what the sweep saw
	// Updated is GitHub's updated_at.
	Updated time.Time
}

// FinishInfo is what finishing a job leaves for the next.
type FinishInfo struct {
	// Until is when the subject is due again without an event; zero if never.
	Until time.Time
	// NotBefore paces: however often it is touched, it is not due before.
	NotBefore time.Time
	// Glance is what a sweep would see of what was judged; "" keeps the last.
	Glance string
	// Sources are the policy texts it was judged by, kept for [Store.Likely].
	// nil keeps the last.
	Sources []checks.Source
	// Pull, if set, is the completed snapshot: the teams and people it asked
	// about are kept for [Store.Likely] and for touches by team, and whether it
	// lacks coverage of its base for touches by that.
	Pull *checks.Pull
}

// Queue is the state of the work table, for metrics.
type Queue struct {
	Depth   int           // subjects that wait or are being looked at
	Oldest  time.Duration // how long the oldest of them has waited
	Failing int           // subjects whose last evaluation failed
}

// Failing is a subject whose last evaluation failed.
type Failing struct {
	Subject checks.Subject
	Tries   int
	Error   string
	Since   time.Time // of the first failure in a row
	Due     time.Time // of the next try
}
