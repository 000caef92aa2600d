package store

import (
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Delivery is one signed webhook and what handlers understood of it: which
// subjects it touches and which facts it tells that cannot be read later.
type Delivery struct {
	AppID int64
	// GUID is X-GitHub-Delivery. It is the same on redelivery, and Apps share
	// it: the key is (AppID, GUID).
	GUID   string
	Event  string // X-GitHub-Event
	Action string
	Body   []byte
	// ReceivedAt is our clock.
	ReceivedAt time.Time
	// Installation is 0 when the body names none.
	Installation int64
	// Repo needs ID, Owner and Name; zero when the event concerns no repository.
	Repo checks.Repo
	// Owner is the account that owns Repo; 0 when the body does not say.
	Owner int64
	// Sender caused the event; the actor of its log entry.
	Sender  checks.Actor
	Touches []Touch
	Facts   []Fact
	// Pull is the pull request that the event is about, 0 if none, and
	// PullUpdated GitHub's updated_at of it in the event.
	Pull        int
	PullUpdated time.Time
}

// Touch is one way to say which subjects an event touches. Exactly one of its
// fields besides Delay is set. Where it is about a repository, it is about the
// delivery's. What touches every open pull request of a repository, an owner or an
// installation, of the default branch or of a team touches as well the releases there
// of which something may still become.
type Touch struct {
	Number int // this pull request, known or not
	// Kind and Name are a subject that is no pull request, known or not; At is the
	// commit that its check-runs are on, "" when it has none. Without a Name it is
	// every known one of the kind at that commit.
	Kind     checks.SubjectKind
	Name, At string
	// Anyhow: a branch is touched also when nothing of the repository's policy says
	// that it is watched, and a release though nothing says that its tag is one. Of
	// branches, tags and releases, others are passed over.
	Anyhow bool
	// Branches: every watched branch of the repository.
	Branches bool
	Head     string // every open one with this head commit (forks are found so)
	Base     string // every open one with this base branch
	Repo     bool   // every open one of the repository
	// LacksBase is a base branch: every open one onto it whose last evaluation
	// found no coverage of the base, or not the nearest, or that is being looked
	// at.
	LacksBase string
	// Behind is a base branch: every open one onto it whose last evaluation asked
	// how far its head lags behind it, or that is being looked at.
	Behind string
	// Team is "org/slug": every open one, of any repository, whose last
	// evaluation asked about this team.
	Team string
	// Owner is an organisation's or user's login: every open one of every
	// repository of theirs.
	Owner string
	// Installation: every open one of the delivery's installation.
	Installation bool

	// Delay is how long after receipt the work becomes due, so that a burst is
	// one evaluation.
	Delay time.Duration
}

// Fact is something that a delivery tells and that GitHub does not say again.
// It is one of the types in this package that say so.
type Fact interface {
	store(t *txn, d *Delivery) error
}

// HeadMoved is a Fact: the pull request's head became SHA.
type HeadMoved struct {
	Number int
	SHA    string
	Before string // the head until then; "" when unknown
	Sender string // login of who pushed
	// SenderID is the account of who pushed; 0 when the event does not say.
	SenderID int64
	Bot      bool
	// At is GitHub's clock, in whole seconds: the pull request's updated_at in
	// the event, its created_at on opening.
	At time.Time
	// Opened says that the pull request was opened with this head, so nothing
	// was its head before.
	Opened bool
}

// Said is a Fact: the first text of a comment or review.
type Said struct {
	Number int
	// Key is "comment/ID" or "review/ID" with GitHub's database id.
	Key     string
	Author  string // login
	Text    string
	Created time.Time
	// Commit is the reviewed commit, of a review.
	Commit string
}

// Unsaid is a Fact: a comment or review was edited or deleted. Its first text
// stays.
type Unsaid struct {
	Number  int
	Key     string // as in Said
	Before  string // the text before an edit, where the event has it
	Deleted bool
}

// RerunAsked is a Fact: somebody pressed "re-run". Run is the check-run's
// database id, 0 for all of ours on the head.
type RerunAsked struct {
	Head string
	Run  int64
	At   time.Time // GitHub's clock
}

// RunEnded is a Fact: an attempt of a workflow run for a commit is over.
type RunEnded struct {
	SHA     string
	Run     int64
	Attempt int
}

// AlertsChanged is a Fact: GitHub's own alerts on the repository are not what they
// were.
type AlertsChanged struct{}

// RefMoved is a Fact: a branch or tag was moved, made or deleted. It becomes a log
// entry of its own where it is watched.
type RefMoved struct {
	Ref    string // heads/main, tags/v1
	Before string // "" when it was made
	After  string // "" when it was deleted
	Forced bool
	By     checks.Actor
	// Anyhow is as in [Touch].
	Anyhow bool
}

// PullChanged is a Fact: what an event says of a pull request. Empty strings
// change nothing.
type PullChanged struct {
	Number int
	Open   bool
	Head   string
	Base   string // branch name
	Title  string
}

// LabelChanged is a Fact: somebody set or removed one of handrail's labels.
// It becomes a log entry of its own.
type LabelChanged struct {
	Number int
	Label  string
	Added  bool
	By     checks.Actor
	At     time.Time
}

// ReposAdded is a Fact: the installation can see these repositories (added, or
// the installation was created). All means every repository it could see before
// (unsuspended, whose event lists none).
type ReposAdded struct {
	Repos []checks.Repo
	All   bool
}

// ReposRemoved is a Fact: the installation cannot see these repositories any
// more. Their work is dropped. All means every repository of the installation
// (deleted or suspended).
type ReposRemoved struct {
	Repos []checks.Repo
	All   bool
}
