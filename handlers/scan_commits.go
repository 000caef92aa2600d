package handlers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
)

// roundTime is how long the commits of one evaluation may take; what is not
// scanned by then is left to the next.
const roundTime = 40 * time.Second

// commits scans each commit by itself for secrets: what a later one takes away is
// still in the history. Each is fetched once, and what was found is kept at once,
// so that whatever ends an evaluation, the next goes on from there.
func (k *inspection) commits(ctx context.Context, out *checks.Scan) error {
	if k.alone() {
		out.Scanned = 1
		return nil
	}
	var shas []string
	for _, c := range k.pull.Commits {
		if !slices.Contains(shas, c.SHA) {
			shas = append(shas, c.SHA)
		}
	}
	for _, engine := range []string{out.Engine, k.besideHead(out.Engine)} {
		known, err := k.archive.CommitScans(ctx, k.s.RepoID, engine, shas)
		if err != nil {
			return err
		}
		shas = slices.DeleteFunc(shas, func(sha string) bool {
			found, ok := known[sha]
			if ok {
				add(out, found)
			}
			return ok
		})
	}
	return k.round(ctx, out, shas)
}

// besideHead is the engine of a scan that left out files as they are at the head:
// it holds for no other head, where they may be gone.
func (k *inspection) besideHead(engine string) string { return engine + " beside " + k.pull.Head.SHA }

// alone says whether the difference base...head is that of the only commit. Its
// parent is then reachable from the base, or it would be a commit of the pull
// request too; so it is where the two part.
func (k *inspection) alone() bool {
	p := k.pull
	return p.CommitCount == 1 && len(p.Commits) == 1 && !p.Commits[0].Merge && p.Commits[0].SHA == p.Head.SHA
}

// round scans as many commits as one evaluation may; the others are left.
func (k *inspection) round(ctx context.Context, out *checks.Scan, todo []string) error {
	if out.Left = len(todo); len(todo) == 0 {
		return nil
	}
	leave, err := k.rounds.enter(ctx)
	if errors.Is(err, errNoRoom) {
		k.wait(out, turnAfter+rand.N(turnAfter))
		return nil
	}
	if err != nil {
		return err
	}
	defer leave()
	bounded, cancel := ctx, context.CancelFunc(func() {})
	if k.most > 0 {
		bounded, cancel = context.WithTimeout(ctx, roundTime)
	}
	defer cancel()
	for spent := 0; len(todo) > 0 && (k.most == 0 || spent < k.most); todo = todo[1:] {
		found, cost, err := k.commit(bounded, todo[0])
		if hasYielded(err) {
			k.yield(out, err)
		}
		// A commit that takes a whole round would take the next as well.
		if ended := err != nil && bounded.Err() != nil && ctx.Err() == nil; hasYielded(err) || ended && spent > 0 {
			zerolog.Ctx(ctx).Debug().Err(k.harmless(err)).Int("left", len(todo)).Msg("the other commits are scanned later")
			return nil
		}
		if err != nil {
			return fmt.Errorf("scan commit %s: %w", todo[0], err)
		}
		engine := out.Engine
		if cost.left > 0 {
			engine = k.besideHead(engine)
		}
		if err := k.archive.KeepCommitScan(ctx, k.s.RepoID, engine, found); err != nil {
			return err
		}
		add(out, found)
		out.Left--
		spent += 1 + cost.fetched
	}
	return nil
}

// add notes that a commit was scanned.
func add(out *checks.Scan, found checks.CommitScan) {
	out.Scanned++
	if len(found.Secrets)+len(found.Incomplete) > 0 {
		out.Commits = append(out.Commits, found)
	}
}

// effort is how many files were fetched to scan a commit, and how many were left
// to the scan of the difference since they are at the head as they are in it.
type effort struct{ fetched, left int }

// commit scans one commit.
func (k *inspection) commit(ctx context.Context, sha string) (found checks.CommitScan, cost effort, err error) {
	patch, err := k.patches.CommitPatch(ctx, k.s, sha)
	if why, is := unusable(err); is {
		return checks.CommitScan{SHA: sha, Incomplete: []string{why}}, cost, nil
	}
	if err != nil {
		return found, cost, err
	}
	all := len(patch.Files)
	patch.Files = slices.DeleteFunc(patch.Files, func(f checks.PatchFile) bool { return hasUnshown(f.File) && k.atHead(f.File) })
	cost.left = all - len(patch.Files)
	// Trees of many commits would take much memory: none is kept.
	before := func(ctx context.Context) (checks.Tree, error) {
		if n := len(patch.Parents); n > 0 {
			return k.actions.Tree(ctx, k.s, patch.Parents[n-1])
		}
		return checks.Tree{}, nil
	}
	if cost.fetched, err = k.fill(ctx, &patch, before); err != nil {
		return found, cost, fmt.Errorf("fetch files without lines: %w", err)
	}
	// One that takes for ever must not be begun again in every round.
	bounded, cancel := context.WithTimeout(ctx, k.limit)
	defer cancel()
	found, err = k.scanner.Secrets(bounded, patch)
	if err != nil && ctx.Err() == nil {
		zerolog.Ctx(ctx).Warn().Err(k.harmless(err)).Str("sha", sha).Msg("a commit could not be scanned")
		found, err = checks.CommitScan{Incomplete: []string{"the scan of the commit failed"}}, nil
	}
	found.SHA = sha
	return found, cost, err
}

// atHead says whether a file of a commit is there as it is at the head: then each
// of its lines is in the difference base...head, or was there before.
func (k *inspection) atHead(f checks.File) bool {
	return slices.ContainsFunc(k.pull.Files, func(h checks.File) bool { return h.Path == f.Path && h.SHA == f.SHA && h.Status != "removed" })
}
