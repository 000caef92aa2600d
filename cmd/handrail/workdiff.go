package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// contentLimit is the largest file that is read by its content, in bytes, as on
// the server.
const contentLimit = 50 << 20

// asPatch makes git print a difference as this package reads it, whatever a user
// has configured.
var asPatch = []string{
	"--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short", "--unified=3", "--inter-hunk-context=0", "--find-renames",
	"--ignore-submodules=dirty", "--no-relative", "--no-abbrev", "--raw", "--patch", "-z",
}

// readDiff reads what the working copy changes.
func (w *workCopy) readDiff(ctx context.Context) error {
	out, err := w.git(ctx, slices.Concat([]string{"diff"}, asPatch, []string{w.from, "--"})...)
	if err != nil {
		return err
	}
	raw, err := parseDiff(out)
	if err != nil {
		return err
	}
	for i := range raw {
		w.addContent(ctx, &raw[i])
		w.patch.Files = append(w.patch.Files, raw[i].PatchFile)
	}
	if err := w.readUntracked(ctx); err != nil {
		return err
	}
	for i := range w.patch.Files {
		w.files = append(w.files, w.patch.Files[i].File)
	}
	return nil
}

// readUntracked adds the files that git does not have yet, whole.
func (w *workCopy) readUntracked(ctx context.Context) error {
	out, err := w.git(ctx, "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(string(out), "\x00") {
		if name == "" {
			continue
		}
		info, err := os.Lstat(filepath.Join(w.dir, name))
		if err != nil {
			continue // it went away, or is a directory of its own
		}
		f := checks.PatchFile{File: checks.File{Path: name, Status: "added", Mode: modeOf(info.Mode())}}
		if f.Mode == "" {
			continue // a socket for instance, which git does not take
		}
		f.New, f.Unread = w.readFile(name, info)
		f.Fetched = f.Unread == ""
		if f.Fetched && info.Mode().IsRegular() {
			countLines(&f.File, f.New)
		}
		w.patch.Files = append(w.patch.Files, f)
	}
	return nil
}

// modeOf is git's mode of a file that it would add; "" if it would not.
func modeOf(m os.FileMode) string {
	switch {
	case m&os.ModeSymlink != 0:
		return "120000"
	case m.IsRegular() && m&0o100 != 0:
		return "100755"
	case m.IsRegular():
		return "100644"
	}
	return ""
}

// readFile is a file of the working copy, or the target of a link; or why it is
// not known.
func (w *workCopy) readFile(name string, info os.FileInfo) (text []byte, unread string) {
	path := filepath.Join(w.dir, name)
	if info.Mode()&os.ModeSymlink != 0 {
		to, err := os.Readlink(path)
		if err != nil {
			return nil, "it cannot be read"
		}
		return []byte(to), ""
	}
	if info.Size() > contentLimit {
		return nil, "it is larger than " + megabytes(contentLimit)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, "it cannot be read"
	}
	return text, ""
}

// countLines counts the lines of a new file, which are all added. A binary one
// has none, as git would say.
func countLines(f *checks.File, text []byte) {
	if bytes.IndexByte(text, 0) >= 0 {
		return
	}
	f.LinesKnown = true
	f.Additions = bytes.Count(text, []byte("\n"))
	if len(text) > 0 && text[len(text)-1] != '\n' {
		f.Additions++
	}
	if f.Additions > 0 {
		f.Added = checks.Spans{{Start: 1, End: f.Additions}}
	}
}

// addContent reads a file whose lines git does not show, as a binary one or one
// that an attribute calls so.
func (w *workCopy) addContent(ctx context.Context, f *gitFile) {
	if f.LinesKnown || f.Mode == "160000" || f.oldMode == "160000" {
		return
	}
	if f.Mode != "gone" {
		if !nowhere(f.newBlob) {
			f.New, f.Unread = w.blob(ctx, f.newBlob)
		} else if info, err := os.Lstat(filepath.Join(w.dir, f.Path)); err != nil {
			f.Unread = "it cannot be read"
		} else {
			f.New, f.Unread = w.readFile(f.Path, info)
		}
		f.Fetched = f.Unread == ""
	}
	if !nowhere(f.oldBlob) {
		var unread string
		if f.Old, unread = w.blob(ctx, f.oldBlob); unread != "" {
			f.Unread, f.Fetched, f.New = unread, false, nil
		}
	}
}

// blob is a file that git has stored; or why it is not known.
func (w *workCopy) blob(ctx context.Context, id string) (text []byte, unread string) {
	size, err := w.line(ctx, "cat-file", "-s", id)
	if err != nil {
		return nil, "git does not have it"
	}
	if n, err := strconv.ParseInt(size, 10, 64); err != nil || n > contentLimit {
		return nil, "it is larger than " + megabytes(contentLimit)
	}
	if text, err = w.git(ctx, "cat-file", "blob", id); err != nil {
		return nil, "git does not have it"
	}
	return text, ""
}
