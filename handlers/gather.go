package handlers

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// gatherings is how many at once read reports: each may hold an archive and
	// what is in it, a hundred megabytes.
	gatherings = 2
	// roomWait is how long one waits for the others; it must leave time for its
	// own reading before the lease ends.
	roomWait = 20 * time.Second
)

// Gatherer finds out what reports of workflows say of pull requests: those of
// coverage, and those of scanners.
type Gatherer struct {
	actions Actions
	reports Reports
	room    rooms
	valued  *valueCache
}

// NewGatherer makes a Gatherer; a process has one, since it bounds how many
// reports are in memory.
func NewGatherer(a Actions, r Reports) *Gatherer {
	return &Gatherer{actions: a, reports: r, room: newRooms(gatherings, roomWait), valued: &valueCache{}}
}

// gathering is what one evaluation gathers. What GitHub is asked is asked once,
// however many reports are wanted.
type gathering struct {
	*Gatherer
	archive CoverageArchive
	s       checks.Subject
	pull    *checks.Pull

	asked bool
	runs  []checks.WorkflowRun // on the head
	cut   bool                 // there are more
	sent  []store.Upload       // by them

	trees       map[string]checks.Tree
	texts       map[string]map[string]checks.Content // by commit and path
	differences map[[2]string]checks.Difference
}

// begin makes a gathering about a snapshot.
func (g *Gatherer) begin(archive CoverageArchive, s checks.Subject, pull *checks.Pull) *gathering {
	return &gathering{
		Gatherer: g, archive: archive, s: s, pull: pull,
		trees: map[string]checks.Tree{}, differences: map[[2]string]checks.Difference{},
	}
}

// ask finds out what ran on the head.
func (g *gathering) ask(ctx context.Context) error {
	if g.Gatherer == nil {
		return errors.New("reports of workflows cannot be read here")
	}
	if g.asked {
		return nil
	}
	runs, cut, err := g.actions.WorkflowRuns(ctx, g.s, g.pull.Head.SHA)
	if err != nil {
		return err
	}
	ended, err := g.archive.Ended(ctx, g.s.RepoID, g.pull.Head.SHA)
	if err != nil {
		return err
	}
	if !cut && outdated(runs, ended) {
		return errLagging
	}
	sent, err := g.archive.Uploads(ctx, g.s.RepoID, g.pull.Head.SHA)
	if err != nil {
		return err
	}
	g.runs, g.cut, g.sent, g.asked = runs, cut, ofRuns(sent, runs), true
	return nil
}

// coverage fills in what is wanted of coverage reports. The snapshot's files must
// have been read.
func (g *gathering) coverage(ctx context.Context, want []checks.Selection) error {
	all := maps.Clone(g.pull.Coverage)
	if all == nil {
		all = map[string]checks.Coverage{}
	}
	for _, sel := range want {
		got, err := g.read(ctx, sel, ofCoverage{})
		if err != nil {
			return err
		}
		all[sel.Key()] = got.Got
	}
	g.pull.Coverage = all
	return nil
}

// findings is what the reports of scanners say. The snapshot's files must have
// been read.
func (g *gathering) findings(ctx context.Context, sel checks.Selection) (*checks.Findings, error) {
	got, err := g.read(ctx, sel, ofScanners{})
	if err != nil {
		return nil, err
	}
	out := got.Found
	out.Gathering = got.Got.Gathering
	return &out, nil
}

func (g *gathering) read(ctx context.Context, sel checks.Selection, kind reportKind) (store.Gathered, error) {
	if err := g.ask(ctx); err != nil {
		return store.Gathered{}, err
	}
	k := look{gathering: g, sel: sel, kind: kind}
	var out store.Gathered
	if !g.cut {
		var err error
		if out, err = k.head(ctx); err != nil {
			return out, err
		}
	}
	out.Got.Runs, out.Got.RunsCut, out.Got.Uploads = g.runs, g.cut, senders(k.uploads(g.runs))
	return out, nil
}

// look is one search for what the reports of one selection say of a pull
// request.
type look struct {
	*gathering
	sel  checks.Selection
	kind reportKind
}

// uploads are the reports of this kind that runs for the head sent themselves.
func (k *look) uploads(runs []checks.WorkflowRun) []store.Upload {
	if !k.kind.areSent() {
		return nil
	}
	return ofRuns(k.sent, runs)
}

// head is what the reports of the head say, when all producers are done;
// otherwise it is empty.
func (k *look) head(ctx context.Context) (store.Gathered, error) {
	state := checks.Producers(k.sel, k.pull, k.runs, 0)
	if !state.Done {
		return store.Gathered{}, nil
	}
	of := store.CoverageOf{RepoID: k.s.RepoID, SHA: k.pull.Head.SHA, Number: k.pull.Number, Key: k.sel.Key()}
	kept, found, err := k.archive.Gathered(ctx, of)
	if err != nil {
		return store.Gathered{}, err
	}
	// What was tested is another question after the pull request was retargeted.
	in := inputs(state.Runs, k.uploads(state.Runs), k.pull.Base.Name)
	news := !found || kept.Inputs != in
	if !news && kept.Got.Tested == "" {
		// What was tested may have become known.
		_, why, err := k.tested(ctx, reporting(state.Runs, kept.Got.Reports))
		if err != nil || why != "" {
			kept.Got.Unplaced = why
			return kept, err
		}
		news = true
	}
	if news {
		if kept, err = k.readHead(ctx, state.Runs, in); err != nil {
			return store.Gathered{}, err
		}
	}
	learned, err := k.relate(ctx, &kept)
	if errors.Is(err, errUnreadable) && !news {
		if kept, err = k.readHead(ctx, state.Runs, in); err != nil {
			return store.Gathered{}, err
		}
		learned, err = k.relate(ctx, &kept)
	}
	if err != nil {
		return store.Gathered{}, err
	}
	if news || learned {
		err = k.archive.KeepGathered(ctx, of, kept)
	}
	return kept, err
}

// relate adds to what was read what it says of the pull request as it is now:
// of its changed files, and in comparison with its base. It says whether that is
// something new.
func (k *look) relate(ctx context.Context, g *store.Gathered) (learned bool, err error) {
	if g.Got.Tested == "" {
		return false, nil
	}
	about := k.about()
	fresh := g.About != about
	if fresh {
		if err := k.kind.place(ctx, k, g); err != nil {
			return false, err
		}
		g.About = about
	}
	if k.sel.Base {
		learned, err = k.compare(ctx, g, fresh)
	}
	return learned || fresh, err
}

// about is the identity of the changes that the reports are asked of.
func (k *look) about() string {
	return digest(struct {
		Base  string
		Files []checks.File
	}{k.pull.Base.Name, modeless(k.pull.Files)})
}

// modeless is files without their modes, which are known only later, and of no
// concern to what their lines hold.
func modeless(files []checks.File) []checks.File {
	out := make([]checks.File, len(files))
	for i, f := range files {
		f.Mode = ""
		out[i] = f
	}
	return out
}
