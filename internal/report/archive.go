package report

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// Limits of what is read of artifacts. Sizes are in bytes, counted while
// reading: what an archive says of itself is not believed.
const (
	MaxArchive = 50 << 20
	MaxInAll   = 256 << 20 // of all reports that are read together
	MaxMatches = 200       // entries of an archive that may be reports
	maxEntries = 100_000   // entries of an archive
)

var (
	errInAll = fmt.Errorf("the reports are larger than %d MiB together", MaxInAll>>20)
	// ErrOverlap says that files of an archive lie on one another.
	ErrOverlap = errors.New("the archive is malicious: its files overlap")
)

// Entries are the regular files of a zip archive that may be reports and that
// globs select, in order of name. others are the names of some that cannot be.
// Names are labels only.
func Entries(data []byte, globs []checks.Glob) (entries []*zip.File, others []string, err error) {
	switch {
	case len(data) > MaxArchive:
		return nil, nil, fmt.Errorf("the archive is larger than %d MiB", MaxArchive>>20)
	case bytes.Count(data, []byte("PK\x01\x02")) > maxEntries:
		return nil, nil, fmt.Errorf("the archive has more than %d files", maxEntries)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, nil, fmt.Errorf("the archive is damaged: %w", err)
	}
	if err := apart(z.File); err != nil {
		return nil, nil, err
	}
	for _, f := range z.File {
		switch name := Slashes(f.Name); {
		case strings.HasSuffix(name, "/") || f.Mode()&fs.ModeType != 0 || !selected(name, globs):
		case surelyNone[strings.ToLower(path.Ext(name))]:
			others = append(others, name)
		default:
			entries = append(entries, f)
		}
	}
	if len(entries) > MaxMatches {
		return nil, nil, fmt.Errorf("more than %d of its files may be reports; say under files which are", MaxMatches)
	}
	slices.SortStableFunc(entries, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	return entries, others, nil
}

func selected(name string, globs []checks.Glob) bool {
	return len(globs) == 0 || slices.ContainsFunc(globs, func(g checks.Glob) bool { return g.Match(name) })
}

// surelyNone are the endings of what tools leave beside their reports,
// for people to look at: these are neither read nor counted.
var surelyNone = map[string]bool{
	".html": true, ".htm": true, ".css": true, ".js": true, ".map": true, ".png": true, ".gif": true, ".svg": true,
	".ico": true, ".jpg": true, ".jpeg": true, ".woff": true, ".woff2": true, ".ttf": true, ".eot": true, ".md": true,
	".pdf": true, ".zip": true, ".gz": true, ".tgz": true, ".xz": true, ".zst": true, ".tar": true, ".jar": true,
	".exec": true, ".exe": true, ".so": true, ".dll": true,
}

// apart refuses files that lie on one another in the archive, which is how a
// small archive holds more than it could (D. Fifield, "A better zip bomb",
// WOOT 2019).
func apart(files []*zip.File) error {
	type extent struct{ from, to uint64 }
	all := make([]extent, 0, len(files))
	for _, f := range files {
		from, err := f.DataOffset()
		if err != nil {
			return fmt.Errorf("the archive is damaged: %w", err)
		}
		if f.CompressedSize64 > 0 {
			all = append(all, extent{uint64(from), uint64(from) + f.CompressedSize64})
		}
	}
	slices.SortFunc(all, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(all); i++ {
		if all[i-1].to > all[i].from || all[i-1].to < all[i-1].from {
			return ErrOverlap
		}
	}
	return nil
}

// Bounds are what may be read: of one report so many bytes, and of all of them
// what is left, which is lowered by what was read.
type Bounds struct {
	Each int64
	Left *int64
}

// Entry parses one file of an archive within the bounds.
func Entry[T any](ctx context.Context, f *zip.File, b Bounds, parse func(io.Reader) (*T, error)) (*T, error) {
	if f.Flags&1 != 0 {
		return nil, errors.New("it is encrypted")
	}
	in, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	defer in.Close()
	return Bounded(ctx, in, b, parse)
}

// Bounded parses what can be read within the bounds. It reads to the end, where
// an archive has its checksum, whatever the parser leaves.
func Bounded[T any](ctx context.Context, in io.Reader, limit Bounds, parse func(io.Reader) (*T, error)) (*T, error) {
	b := &bounded{ctx: ctx, in: in, limit: limit, entry: limit.Each}
	r, err := parse(b)
	if err == nil {
		_, err = io.Copy(io.Discard, b)
	}
	if b.err != nil {
		err = b.err // and not what a parser makes of it
	}
	if err != nil {
		return nil, damaged(err)
	}
	return r, nil
}

// bounded heeds the context and the limits with every read. Its first error
// stays.
type bounded struct {
	ctx   context.Context
	in    io.Reader
	limit Bounds
	entry int64 // bytes that may still be read of it
	err   error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.err = b.ctx.Err(); b.err != nil {
		return 0, b.err
	}
	n, err := b.in.Read(p)
	b.entry -= int64(n)
	*b.limit.Left -= int64(n)
	switch {
	case b.entry < 0:
		b.err = fmt.Errorf("it is larger than %d MiB", b.limit.Each>>20)
	case *b.limit.Left < 0:
		b.err = errInAll
	case err != nil && !errors.Is(err, io.EOF):
		b.err = err
	default:
		return n, err
	}
	return 0, b.err
}

// damaged says in words what is wrong with an archive's bytes.
func damaged(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, zip.ErrAlgorithm):
		return errors.New("it is compressed in a way that is not known")
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt):
		return fmt.Errorf("it is damaged: %w", err)
	}
	return err
}
