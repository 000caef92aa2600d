package scan

import (
	"bytes"
	"context"
	"fmt"

	"github.com/handrail-bot/handrail/checks"
)

// fileChange is a changed file with what can be read of it.
type fileChange struct {
	*checks.PatchFile
	shown   string // its path, without a secret that is in it
	lines   []checks.PatchLine
	missing string // what could not be read, a sentence's end; "" if all was
}

// reads takes the lines of a file from wherever they are.
func (s *Scanner) reads(f *checks.PatchFile) *fileChange {
	c := &fileChange{PatchFile: f}
	c.shown, _ = s.Scrub(f.Path)
	switch {
	case f.Fetched:
		c.lines = wholeLines(f.Old, f.New)
		if max(bytes.Count(f.Old, []byte{'\n'}), bytes.Count(f.New, []byte{'\n'})) > lineLimit {
			c.missing = fmt.Sprintf("no more than %d lines of %s are told apart", lineLimit, c.shown)
		}
	case f.Text != "":
		var ok bool
		if c.lines, ok = f.Lines(); !ok {
			c.missing = fmt.Sprintf("GitHub shows only a part of the lines of %s", c.shown)
		}
	case f.Unread != "":
		said, _ := s.Scrub(f.Unread)
		c.missing = fmt.Sprintf("no lines of %s are known: %s", c.shown, said)
	case !c.nothingNew():
		c.missing = fmt.Sprintf("GitHub shows no lines of %s", c.shown)
	}
	return c
}

// emptyBlob is the SHA-1 of a file without content, in Git.
const emptyBlob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"

// moved is the path that a file had, "" if it is still there.
func (c *fileChange) moved() string {
	if c.Status == "copied" {
		return ""
	}
	return c.Previous
}

// nothingNew says of a file of which no lines are shown that it has none to show:
// one that is gone, that is the same under another name or mode, or is empty.
func (c *fileChange) nothingNew() bool {
	if c.Status == "removed" || c.SHA == emptyBlob {
		return true
	}
	same := c.Status == "renamed" || c.Status == "copied" || c.Status == "changed"
	return same && c.Additions == 0 && c.Deletions == 0
}

func (c *fileChange) added() (n int) {
	for i := range c.lines {
		if c.lines[i].Kind == '+' {
			n++
		}
	}
	return n
}

// named puts the path as it may be shown into spots.
func (c *fileChange) named(spots []checks.Spot) []checks.Spot {
	for i := range spots {
		spots[i].Path = c.shown
	}
	return spots
}

// fileSecrets are the secrets that a change brings into a file or its name.
func (s *Scanner) fileSecrets(ctx context.Context, c *fileChange) ([]checks.Secret, error) {
	if c.Status == "removed" {
		return nil, nil
	}
	named, err := s.nameSecrets(ctx, c)
	if err != nil || len(c.lines) == 0 {
		return named, err
	}
	side := newSide(c.lines)
	hits, err := s.engine.find(ctx, c.Path, side.text)
	if err != nil || len(hits) == 0 {
		return named, err
	}
	known, err := s.known(ctx, c)
	if err != nil {
		return nil, err
	}
	return append(named, s.brought(c, &side, hits, known)...), nil
}

// brought are the hits on changed lines that were not known before, each secret of
// a line once.
func (s *Scanner) brought(c *fileChange, side *sideText, hits []hit, known map[string]bool) (out []checks.Secret) {
	type place struct {
		secret string
		line   int
	}
	told := map[place]bool{}
	for i := range hits {
		line, ok := side.place(&hits[i])
		at := place{hits[i].secret, line}
		if !ok || known[at.secret] || told[at] {
			continue
		}
		told[at] = true
		one := s.secret(&hits[i])
		one.Path, one.Line = c.shown, line
		out = append(out, one)
	}
	return out
}

// known are the secrets that were in the file before. By which rule one is found
// is nothing to it: what stands beside it may have changed.
func (s *Scanner) known(ctx context.Context, c *fileChange) (map[string]bool, error) {
	path := c.Path
	if c.Previous != "" {
		path = c.Previous
	}
	side := oldSide(c.lines)
	hits, err := s.engine.find(ctx, path, side.text)
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(hits))
	for i := range hits {
		known[hits[i].secret] = true
	}
	return known, nil
}

// nameSecrets are what a file's name tells: that it holds keys, or a secret itself.
// A name that was there before tells nothing new.
func (s *Scanner) nameSecrets(ctx context.Context, c *fileChange) ([]checks.Secret, error) {
	if c.Status == "modified" || c.Status == "changed" {
		return nil, nil
	}
	found, err := s.nameHits(ctx, c.Path)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	before, err := s.nameHits(ctx, c.Previous)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for i := range before {
		known[before[i].secret] = true
	}
	var out []checks.Secret
	for i := range found {
		if !known[found[i].secret] {
			one := s.secret(&found[i])
			one.Path = c.shown
			out = append(out, one)
		}
	}
	return out, nil
}

// nameHits are the secrets in a path, and the file itself where its name says that
// it is one.
func (s *Scanner) nameHits(ctx context.Context, path string) ([]hit, error) {
	hits, err := s.engine.find(ctx, "", path)
	if err != nil {
		return nil, err
	}
	for _, r := range s.engine.rules {
		if r.first == nil && r.whole == nil && r.path.MatchString(path) {
			hits = append(hits, hit{rule: r, secret: path, weak: r.weak})
		}
	}
	return hits, nil
}
