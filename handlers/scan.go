package handlers

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// Patches is what scanning needs of GitHub. An error that has a method Unusable
// says that asking again is of no use, and why; one whose method HasYielded is
// true, that others go first just now.
type Patches interface {
	// PullPatch is the difference base...head, which is of pull's head or an error.
	PullPatch(ctx context.Context, s checks.Subject, pull *checks.Pull) (checks.Patch, error)
	// CommitPatch is what one commit changes by itself.
	CommitPatch(ctx context.Context, s checks.Subject, sha string) (checks.Patch, error)
	// After is a context under which what is read yields to others, as CommitPatch
	// and Alerts do.
	After(ctx context.Context) context.Context
	// Alerts are GitHub's own of one kind; that it has none to give is an answer.
	Alerts(ctx context.Context, s checks.Subject, pull *checks.Pull, kind checks.AlertKind) (checks.Alerts, error)
}

// Scanner looks for what ought not to be in a change. What it finds of a secret is
// never the secret itself.
type Scanner interface {
	// Engine is the version of its rules and of what applies them.
	Engine() string
	Patch(ctx context.Context, p checks.Patch, w checks.Patterns) (checks.PatchScan, error)
	// Secrets looks for nothing but secrets.
	Secrets(ctx context.Context, p checks.Patch) (checks.CommitScan, error)
	// Scrub takes the secrets out of a text.
	Scrub(text string) (clean string, found []checks.Secret)
}

// ScanArchive is what handrail's record keeps of scans.
type ScanArchive interface {
	Scan(ctx context.Context, of store.ScanOf) (found checks.PatchScan, ok bool, err error)
	KeepScan(ctx context.Context, of store.ScanOf, found checks.PatchScan) error
	// CommitScans are those commits that an engine has scanned.
	CommitScans(ctx context.Context, repoID int64, engine string, shas []string) (map[string]checks.CommitScan, error)
	KeepCommitScan(ctx context.Context, repoID int64, engine string, found checks.CommitScan) error
	// Alerts is what GitHub said when it was asked since a moment of our clock, and
	// since an event told that it has changed; KeepAlerts keeps what it said.
	Alerts(ctx context.Context, of store.AlertsOf, since time.Time) (a checks.Alerts, ok bool, err error)
	KeepAlerts(ctx context.Context, of store.AlertsOf, a checks.Alerts, asked time.Time) error
	// Now is our clock.
	Now() time.Time
}

const (
	// inspections is how many differences are scanned at once: each may hold all
	// the text of one, and files besides. As many rounds of commits go on beside
	// them, so that no verdict waits for a long one.
	inspections = 2
	// roundWait is how long a round of commits waits for the others before it is
	// left to the next evaluation.
	roundWait = time.Second
	// scanTime is how long the scan of one difference, or of one commit, may take.
	// It leaves time to fetch a commit within a round.
	scanTime = 30 * time.Second
)

// Inspector finds out what the security scan finds in pull requests, and takes
// secrets out of texts.
type Inspector struct {
	patches Patches
	scanner Scanner
	most    int           // commits in one evaluation; 0 is no limit
	limit   time.Duration // of one scan
	room    rooms
	rounds  rooms
}

// CommitsAtOnce is how many commits are scanned at most in one evaluation of a
// running handrail.
const CommitsAtOnce = 40

// NewInspector makes an Inspector; a process has one, since it bounds how much
// text is in memory. most is how many commits are scanned at most in one
// evaluation; 0 is that all are, however long it takes.
func NewInspector(p Patches, s Scanner, most int) *Inspector {
	return &Inspector{patches: p, scanner: s, most: most, limit: scanTime, room: newRooms(inspections, roomWait), rounds: newRooms(inspections, roundWait)}
}

// scan fills in what is wanted of scans. The snapshot's files must have been read.
func (i *Inspector) scan(ctx context.Context, archive ScanArchive, g *gathering, want []checks.Scanning) error {
	if i == nil || g.Gatherer == nil {
		return errors.New("security scans cannot be made here")
	}
	all := maps.Clone(g.pull.Scans)
	if all == nil {
		all = map[string]checks.Scan{}
	}
	for _, w := range want {
		k := inspection{Inspector: i, archive: archive, gathering: g, asked: w}
		found, err := k.find(ctx)
		if err != nil {
			return err
		}
		all[w.Key()] = found
	}
	g.pull.Scans = all
	return nil
}

// inspection is one search for what a policy asks the security scan to look for.
type inspection struct {
	*Inspector
	*gathering
	archive ScanArchive
	asked   checks.Scanning
}

func (k *inspection) find(ctx context.Context) (out checks.Scan, err error) {
	out.Engine = k.scanner.Engine()
	if out.Whole, err = k.whole(ctx); hasYielded(err) {
		k.yield(&out, err)
	} else if err != nil {
		return out, err
	}
	if err := k.commits(ctx, &out); err != nil {
		return out, err
	}
	if out.Whole == nil {
		out.Left++
	}
	if k.asked.SARIF != nil {
		if out.SARIF, err = k.findings(ctx, *k.asked.SARIF); err != nil {
			return out, err
		}
	}
	err = k.alerts(ctx, &out)
	return out, err
}
