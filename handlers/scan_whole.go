package handlers

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// whole is what was found in the difference base...head. One whose content was
// scanned before is neither fetched nor scanned again.
func (k *inspection) whole(ctx context.Context) (*checks.PatchScan, error) {
	of := store.ScanOf{RepoID: k.s.RepoID, Key: k.content(), Engine: k.scanner.Engine()}
	found, kept, err := k.archive.Scan(ctx, of)
	if err != nil || kept {
		return &found, err
	}
	leave, err := k.Inspector.room.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	patch, err := k.patches.PullPatch(ctx, k.s, k.pull)
	if err != nil {
		return nil, err
	}
	if _, err := k.fill(ctx, &patch, k.forkPoint); err != nil {
		return nil, fmt.Errorf("fetch files without lines: %w", err)
	}
	if found, err = k.look(ctx, patch); err != nil {
		return nil, err
	}
	return &found, k.archive.KeepScan(ctx, of, found)
}

// content is the identity of what is scanned and of what is looked for. The lines
// that a file has are told by its blob; those that it loses only by what it was
// before, which is the base's to say.
func (k *inspection) content() string {
	files := modeless(k.pull.Files)
	slices.SortFunc(files, func(a, b checks.File) int { return cmp.Compare(a.Path, b.Path) })
	base := ""
	if slices.ContainsFunc(files, func(f checks.File) bool { return f.Deletions > 0 || !f.LinesKnown && f.Status != "added" }) {
		base = k.pull.Base.SHA
	}
	return digest(struct {
		Files    []checks.File
		Count    int
		Base     string
		Patterns checks.Patterns
	}{files, k.pull.FileCount, base, k.asked.Patterns})
}

// look scans the difference. A scan that fails, or does not end, has found
// nothing out, which is kept as such: the next one would do no better.
func (k *inspection) look(ctx context.Context, patch checks.Patch) (checks.PatchScan, error) {
	bounded, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	found, err := k.scanner.Patch(bounded, patch, k.asked.Patterns)
	if err == nil {
		return found, nil
	}
	if ctx.Err() != nil {
		return found, ctx.Err()
	}
	zerolog.Ctx(ctx).Warn().Err(k.harmless(err)).Str("sha", k.pull.Head.SHA).Msg("a difference could not be scanned")
	return checks.PatchScan{Incomplete: []string{"the scan of the difference did not end within " + scanTime.String()}}, nil
}
