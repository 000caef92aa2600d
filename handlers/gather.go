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

// Gatherer finds out what coverage reports say of pull requests.
type Gatherer struct {
	actions Actions
	reports Reports
	room    rooms
}

// NewGatherer makes a Gatherer; a process has one, since it bounds how many
// reports are in memory.
func NewGatherer(a Actions, r Reports) *Gatherer {
	return &Gatherer{actions: a, reports: r, room: newRooms(gatherings, roomWait)}
}

// gather fills in what is wanted of coverage reports. The snapshot's files must
// have been read.
func (g *Gatherer) gather(ctx context.Context, archive CoverageArchive, s checks.Subject, pull *checks.Pull, want []checks.Selection) error {
	if g == nil {
		return errors.New("coverage reports cannot be read here")
	}
	runs, cut, err := g.actions.WorkflowRuns(ctx, s, pull.Head.SHA)
	if err != nil {
		return err
	}
	ended, err := archive.Ended(ctx, s.RepoID, pull.Head.SHA)
	if err != nil {
		return err
	}
	if !cut && outdated(runs, ended) {
		return errLagging
	}
	sent, err := archive.Uploads(ctx, s.RepoID, pull.Head.SHA)
	if err != nil {
		return err
	}
	all := maps.Clone(pull.Coverage)
	if all == nil {
		all = map[string]checks.Coverage{}
	}
	for _, sel := range want {
		k := look{
			Gatherer: g, archive: archive, s: s, pull: pull, sel: sel, sent: ofRuns(sent, runs),
			trees: map[string]checks.Tree{}, differences: map[[2]string]checks.Difference{},
		}
		c := checks.Coverage{}
		if !cut {
			if c, err = k.head(ctx, runs); err != nil {
				return err
			}
		}
		c.Runs, c.RunsCut, c.Uploads = runs, cut, senders(k.sent)
		all[sel.Key()] = c
	}
	pull.Coverage = all
	return nil
}

// look is one search for what the reports of one selection say of a pull
// request.
type look struct {
	*Gatherer
	archive CoverageArchive
	s       checks.Subject
	pull    *checks.Pull
	sel     checks.Selection
	sent    []store.Upload // for the head

	// what GitHub was asked for already
	trees       map[string]checks.Tree
	differences map[[2]string]checks.Difference
}

// head is what the reports of the head say, when all producers are done;
// otherwise it is empty.
func (k *look) head(ctx context.Context, runs []checks.WorkflowRun) (checks.Coverage, error) {
	state := checks.Producers(k.sel, k.pull, runs, 0)
	if !state.Done {
		return checks.Coverage{}, nil
	}
	of := store.CoverageOf{RepoID: k.s.RepoID, SHA: k.pull.Head.SHA, Number: k.pull.Number, Key: k.sel.Key()}
	kept, found, err := k.archive.Gathered(ctx, of)
	if err != nil {
		return checks.Coverage{}, err
	}
	// What was tested is another question after the pull request was retargeted.
	in := inputs(state.Runs, ofRuns(k.sent, state.Runs), k.pull.Base.Name)
	news := !found || kept.Inputs != in
	if !news && kept.Got.Tested == "" {
		// What was tested may have become known.
		_, why, err := k.tested(ctx, reporting(state.Runs, kept.Got.Reports))
		if err != nil || why != "" {
			kept.Got.Unplaced = why
			return kept.Got, err
		}
		news = true
	}
	if news {
		if kept, err = k.readHead(ctx, state.Runs, in); err != nil {
			return checks.Coverage{}, err
		}
	}
	learned, err := k.relate(ctx, &kept)
	if errors.Is(err, errUnreadable) && !news {
		if kept, err = k.readHead(ctx, state.Runs, in); err != nil {
			return checks.Coverage{}, err
		}
		learned, err = k.relate(ctx, &kept)
	}
	if err != nil {
		return checks.Coverage{}, err
	}
	if news || learned {
		err = k.archive.KeepGathered(ctx, of, kept)
	}
	return kept.Got, err
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
		if g.Got.Files, err = k.place(ctx, g); err != nil {
			return false, err
		}
		g.About = about
	}
	if k.sel.Base {
		learned, err = k.compare(ctx, g, fresh)
	}
	return learned || fresh, err
}

// about is the identity of the changes that coverage is asked of.
func (k *look) about() string {
	files := make([]checks.File, len(k.pull.Files))
	for i, f := range k.pull.Files {
		f.Mode = "" // known only later, and of no concern here
		files[i] = f
	}
	return digest(struct {
		Base  string
		Files []checks.File
	}{k.pull.Base.Name, files})
}

func (k *look) tree(ctx context.Context, commit string) (checks.Tree, error) {
	if t, ok := k.trees[commit]; ok {
		return t, nil
	}
	t, err := k.actions.Tree(ctx, k.s, commit)
	if err == nil {
		k.trees[commit] = t
	}
	return t, err
}

func (k *look) between(ctx context.Context, base, head string) (checks.Difference, error) {
	pair := [2]string{base, head}
	if d, ok := k.differences[pair]; ok {
		return d, nil
	}
	d, err := k.actions.Between(ctx, k.s, base, head)
	if err == nil {
		k.differences[pair] = d
	}
	return d, err
}
