package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// whole is what was found in the difference base...head. One whose content was
// scanned before is neither fetched nor scanned again.
func (k *inspection) whole(ctx context.Context) (*checks.PatchScan, error) {
	of := store.ScanOf{RepoID: k.s.RepoID, Key: k.content(k.pull.Base.SHA + "..." + k.pull.Head.SHA), Engine: k.scanner.Engine()}
	found, kept, err := k.archive.Scan(ctx, of)
	if err != nil || kept {
		return &found, err
	}
	parted := of
	if slices.ContainsFunc(k.pull.Files, hasUnshown) {
		// Where the two part tells more than the base, which moves on; it is worth a
		// request only where many more would follow.
		fork, err := k.forkPoint(ctx)
		if err != nil {
			return nil, err
		}
		if fork != "" {
			parted.Key = k.content("parted at " + fork)
			if found, kept, err = k.archive.Scan(ctx, parted); err != nil {
				return nil, err
			}
		}
	}
	if !kept {
		if found, err = k.read(ctx); err != nil {
			return nil, err
		}
	}
	if parted != of && !kept {
		if err := k.archive.KeepScan(ctx, parted, found); err != nil {
			return nil, err
		}
	}
	return &found, k.archive.KeepScan(ctx, of, found)
}

// errOtherFiles says that the difference is not the one that the snapshot has, as
// when the base changed in between: what is found in it must not be kept as if.
var errOtherFiles = errors.New("the difference changed while it was read")

func sameChange(p checks.PatchFile, f checks.File) bool {
	return p.Path == f.Path && p.Previous == f.Previous && p.Status == f.Status && p.SHA == f.SHA && p.Additions == f.Additions && p.Deletions == f.Deletions
}

// read fetches the difference and scans it.
func (k *inspection) read(ctx context.Context) (found checks.PatchScan, err error) {
	leave, err := k.Inspector.room.enter(ctx)
	if err != nil {
		return found, err
	}
	defer leave()
	patch, err := k.patches.PullPatch(ctx, k.s, k.pull)
	if err != nil {
		return found, err
	}
	if !slices.EqualFunc(patch.Files, k.pull.Files, sameChange) {
		return found, errOtherFiles
	}
	if _, err := k.fill(ctx, &patch, k.atFork); err != nil {
		return found, fmt.Errorf("fetch files without lines: %w", err)
	}
	return k.look(ctx, patch)
}

// atFork is the tree that GitHub compares the head with; empty if it knows none.
func (k *inspection) atFork(ctx context.Context) (checks.Tree, error) {
	commit, err := k.forkPoint(ctx)
	if err != nil || commit == "" {
		return checks.Tree{}, err
	}
	return k.tree(ctx, commit)
}

// content is the identity of what is scanned and of what is looked for. The lines
// that a file has are told by its blob; those that it loses only by what it was
// before, for which before stands. The base alone would not do: a head that parts
// from it elsewhere loses other lines, by the same files.
func (k *inspection) content(before string) string {
	files := modeless(k.pull.Files)
	slices.SortFunc(files, func(a, b checks.File) int { return cmp.Compare(a.Path, b.Path) })
	if !slices.ContainsFunc(files, func(f checks.File) bool { return f.Deletions > 0 || hasUnshown(f) && f.Status != "added" }) {
		before = ""
	}
	return digest(struct {
		Files    []checks.File
		Count    int
		Before   string
		Patterns checks.Patterns
	}{files, k.pull.FileCount, before, k.asked.Patterns})
}

// look scans the difference. A scan that fails, or does not end, has found
// nothing out, which is kept as such: the next one would do no better.
func (k *inspection) look(ctx context.Context, patch checks.Patch) (checks.PatchScan, error) {
	bounded, cancel := context.WithTimeout(ctx, k.limit)
	defer cancel()
	found, err := k.scanner.Patch(bounded, patch, k.asked.Patterns)
	if err == nil {
		return found, nil
	}
	if ctx.Err() != nil {
		return found, ctx.Err()
	}
	zerolog.Ctx(ctx).Warn().Err(k.harmless(err)).Str("sha", k.pull.Head.SHA).Msg("a difference could not be scanned")
	return checks.PatchScan{Incomplete: []string{"the scan of the difference did not end within " + k.limit.String()}}, nil
}
