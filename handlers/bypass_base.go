package handlers

import (
	"context"
	"fmt"
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// onto puts a merged pull request onto the base as it was before: as the last snapshot
// from before the merge has it, or where there is none as its commits tell. The base
// has the merge in it now, so that nothing would differ from it, and what the pull
// request says of itself in files that are read from there would hold. How far the head
// lagged behind is not known without such a snapshot.
func (f *Flow) onto(ctx context.Context, s checks.Subject, j *Judgement, before *checks.Pull) error {
	p := &j.Pull
	if before.Head.SHA == p.Head.SHA && before.Base.SHA != "" {
		p.Base.SHA, p.Owners, p.Behind = before.Base.SHA, before.Owners, before.Behind
		if before.FilesRead {
			p.Files, p.FilesRead, p.FileCount = before.Files, true, before.FileCount
		}
	} else if err := f.ontoCommit(ctx, s, j); err != nil {
		return err
	}
	if p.Behind == nil {
		p.Behind = &checks.Behind{Base: p.Base.SHA, Head: p.Head.SHA}
	}
	return nil
}

// ontoCommit puts a merged pull request onto the commit that the base branch was at
// before. The files are read first, while GitHub's answer is of the base that it has.
func (f *Flow) ontoCommit(ctx context.Context, s checks.Subject, j *Judgement) (err error) {
	p := &j.Pull
	if err := f.Forge.Complete(ctx, s, p, checks.Wants{Files: true}); err != nil {
		return fmt.Errorf("read the files of %s: %w", s, err)
	}
	if p.Base.SHA, err = f.baseBefore(ctx, s, p); err != nil || !j.Policy.Need().Owners {
		return err
	}
	if err := f.Forge.Complete(ctx, s, p, checks.Wants{Texts: checks.OwnersPaths}); err != nil {
		return fmt.Errorf("read the code owners before %s: %w", s, err)
	}
	f.Inspector.redactTexts(p)
	p.Owners = checks.OwnersFile{}
	for _, path := range checks.OwnersPaths {
		if t := p.Texts[path]; !t.Absent {
			p.Owners = checks.OwnersFile{Path: path, Text: t.Text, Cut: t.Cut}
			break
		}
	}
	return nil
}

// baseBefore is the newest commit on the base branch's line of first parents, from the
// merge commit down, that the pull request did not bring.
func (f *Flow) baseBefore(ctx context.Context, s checks.Subject, p *checks.Pull) (string, error) {
	line, err := f.Forge.Line(ctx, s, p.MergeCommit, "", p.CommitCount+1)
	if err != nil {
		return "", fmt.Errorf("read onto what %s was merged: %w", s, err)
	}
	for i, c := range line.Commits {
		brought := slices.ContainsFunc(c.Pulls, func(l checks.LinePull) bool { return l.Number == p.Number && l.RepoID == p.Repo.ID })
		switch {
		case !brought && i > 0:
			return c.SHA, nil
		case !brought: // it may not be known yet
			return "", fmt.Errorf("GitHub does not say that %s brought %s", s, c.SHA)
		}
	}
	return "", fmt.Errorf("GitHub does not say onto what %s was merged", s)
}
