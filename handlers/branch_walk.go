package handlers

import (
	"context"
	"fmt"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// walk goes through the moves that lead from where the branch was to where it is.
// early says that a commit has come so lately that GitHub may not know its pull
// request yet.
func (l *branchLook) walk(ctx context.Context, steps []store.RefMove) (early bool, err error) {
	for i := 0; i < len(steps); {
		m := steps[i]
		n := 1
		switch {
		case m.After == "":
			l.found(l.deletion(m))
		case m.Before == "":
			// Made anew: what it was before is a finding, or nobody watched it.
		case m.Forced:
			early, err = l.forced(ctx, m)
		default:
			for i+n < len(steps) && plain(steps[i+n]) {
				n++
			}
			early, err = l.pushed(ctx, steps[i:i+n])
		}
		if err != nil || early {
			return early, err
		}
		i += n
	}
	return false, nil
}

// plain says whether a move only adds commits, as its event says.
func plain(m store.RefMove) bool { return m.Before != "" && m.After != "" && !m.Forced && m.GUID != "" }

func (l *branchLook) found(o store.Opening) {
	o.Source = source(l.job)
	l.seen.Findings = append(l.seen.Findings, o)
}

// source is what a log entry says of the cause of a job.
func source(job store.Job) string {
	if len(job.Causes) == 0 {
		return ""
	}
	return job.Causes[0]
}

// pushed looks at moves that add commits, one after the other. One that no event has
// told of may turn out to be forced.
func (l *branchLook) pushed(ctx context.Context, run []store.RefMove) (early bool, err error) {
	first, last := run[0], run[len(run)-1]
	s := l.job.Subject
	line, err := l.f.Forge.Line(ctx, s, last.After, first.Before, lineLimit)
	if err != nil {
		return false, fmt.Errorf("read the commits of %s: %w", s, err)
	}
	more := false
	if !line.Met {
		rel, err := l.f.Forge.Relation(ctx, s, first.Before, last.After)
		if err != nil {
			return false, fmt.Errorf("compare the commits of %s: %w", s, err)
		}
		if !rel.Known || rel.Behind > 0 {
			return l.lost(last, first.Before, rel, line)
		}
		line.Commits, more = since(line, rel)
	}
	for _, part := range split(line.Commits, run) {
		left, pulls := checks.Unexplained(part.commits, s.RepoID, s.Name)
		l.pulls = append(l.pulls, pulls...)
		if len(left) == 0 && !more {
			continue
		}
		if l.tooEarly(run) {
			return true, nil
		}
		l.found(l.direct(part.move, left, more))
		more = false
	}
	return false, nil
}

// tooEarly says whether GitHub may not have related the newest commits to their pull
// request yet.
func (l *branchLook) tooEarly(run []store.RefMove) bool {
	heard := l.job.FirstTouched
	if last := run[len(run)-1]; last.Heard.After(heard) {
		heard = last.Heard
	}
	return l.f.Now().Sub(heard) < explainMost
}

// since are the commits of a line that came by a move, where that began at a commit
// beside the line. more says that there are others, or that it is not known of all.
func since(line checks.Line, rel checks.Relation) (own []checks.LineCommit, more bool) {
	if rel.New == nil {
		return line.Commits, rel.Ahead > 0
	}
	for _, c := range line.Commits {
		if !slices.Contains(rel.New, c.SHA) {
			return own, false
		}
		own = append(own, c)
	}
	return own, line.Cut
}

// part is what one move has added to the line, newest first.
type part struct {
	move    store.RefMove
	commits []checks.LineCommit
}

// split says which of a line's commits came by which move. Where a move's end is not
// on the line, what it added counts as the next one's.
func split(line []checks.LineCommit, run []store.RefMove) []part {
	var out []part
	end, by := 0, run[len(run)-1]
	for i := len(run) - 1; i > 0; i-- {
		at := slices.IndexFunc(line, func(c checks.LineCommit) bool { return c.SHA == run[i-1].After })
		if at < end {
			continue
		}
		by.Before = run[i-1].After
		out = append(out, part{by, line[end:at]})
		end, by = at, run[i-1]
	}
	by.Before = run[0].Before
	out = append(out, part{by, line[end:]})
	slices.Reverse(out)
	return out
}

// forced looks at a move by which commits were lost, as its event says.
func (l *branchLook) forced(ctx context.Context, m store.RefMove) (early bool, err error) {
	s := l.job.Subject
	rel, err := l.f.Forge.Relation(ctx, s, m.Before, m.After)
	if err != nil {
		return false, fmt.Errorf("compare the commits of %s: %w", s, err)
	}
	var line checks.Line
	if rel.Known && rel.Ahead > 0 {
		if line, err = l.f.Forge.Line(ctx, s, m.After, rel.Base, lineLimit); err != nil {
			return false, fmt.Errorf("read the commits of %s: %w", s, err)
		}
	}
	return l.lost(m, m.Before, rel, line)
}

// lost makes the one finding of a forced push, with the commits that came by it.
func (l *branchLook) lost(m store.RefMove, before string, rel checks.Relation, line checks.Line) (early bool, err error) {
	fresh, more := since(line, rel)
	left, pulls := checks.Unexplained(fresh, l.job.Subject.RepoID, l.job.Subject.Name)
	if !rel.Known {
		left, more = nil, true
	}
	l.pulls = append(l.pulls, pulls...)
	m.Before = before
	l.found(l.force(m, rel, left, more))
	return false, nil
}
