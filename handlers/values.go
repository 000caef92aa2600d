package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// ValueReader reads the values of a file at some keys. It always answers: fault is
// why it could not.
type ValueReader struct {
	// Engine is the version of the reader, and Limit the largest file that it reads,
	// in bytes.
	Engine string
	Limit  int
	Read   func(name string, text []byte, keys []string) (format string, found []checks.Value, fault string)
}

const (
	// valueFiles is how many changed files of one limit are read, valuesAtOnce of them
	// at a time, and valueBytes about how large they may be together, as they are and
	// as they were.
	valueFiles   = 300
	valuesAtOnce = 10
	valueBytes   = 20 << 20
	// valuesKept is about how many values are kept of them: each is in every record of
	// the pull request.
	valuesKept = 5000
)

// tooMany is why a file was not read that came after others.
var tooMany = fmt.Sprintf("it is one of more than %d files, or they have more than %d MiB or %d values of that kind", valueFiles, valueBytes>>20, valuesKept)

// values fills in what is wanted of values in changed files. The snapshot's files
// must have been read.
func (g *gathering) values(ctx context.Context, want []checks.Valuation) error {
	if g.Gatherer == nil || g.reports.Values.Read == nil {
		return errors.New("values of files cannot be read here")
	}
	all := maps.Clone(g.pull.Values)
	if all == nil {
		all = map[string]checks.Values{}
	}
	for _, v := range want {
		of := valuesOf{repo: g.s.RepoID, base: g.pull.Base.SHA, head: g.pull.Head.SHA, key: v.Key()}
		found, ok := g.valued.get(of)
		if !ok {
			k := valuing{gathering: g, asked: v}
			var err error
			if found, err = k.find(ctx); err != nil {
				return err
			}
			switch {
			case k.lags && fresh(g.pull):
				return errLagging
			case !k.lags:
				g.valued.put(of, found)
			}
		}
		all[v.Key()] = found
	}
	g.pull.Values = all
	return nil
}

// valuing is one search for what a limit is about.
type valuing struct {
	*gathering
	asked checks.Valuation
	kept  int  // values
	bytes int  // of files
	lags  bool // GitHub does not show all of it yet
}

// find reads the changed files as they are and as they were where the branch left
// its base.
func (k *valuing) find(ctx context.Context) (checks.Values, error) {
	out := checks.Values{Engine: k.reports.Values.Engine}
	files := k.files()
	if len(files) == 0 {
		return out, nil
	}
	leave, err := k.room.enter(ctx) // a file takes many times its size to be read
	if err != nil {
		return out, err
	}
	defer leave()
	for part := range slices.Chunk(files, valuesAtOnce) {
		if err := k.part(ctx, part, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// part reads some of the files; when there were too many before, it says so of
// them.
func (k *valuing) part(ctx context.Context, files []checks.File, out *checks.Values) error {
	full := len(out.Files) >= valueFiles || k.kept >= valuesKept || k.bytes >= valueBytes
	var now, before map[string]checks.Content
	if !full {
		var err error
		if now, before, err = k.contents(ctx, files); err != nil {
			return err
		}
	}
	for _, f := range files {
		v := checks.ValueFile{Path: f.Path, Previous: f.Previous, HeadFault: tooMany}
		if !full {
			k.read(&v, f, now[f.Path], before[leftPath(f)])
		}
		out.Files = append(out.Files, v)
	}
	return nil
}

// files are the changed files that are asked for and still there.
func (k *valuing) files() []checks.File {
	var out []checks.File
	for _, f := range k.pull.Files {
		if f.Status != "removed" && k.asks(f.Path) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b checks.File) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

func (k *valuing) asks(path string) bool {
	return slices.ContainsFunc(k.asked.Files, func(g checks.Glob) bool { return g.Match(path) })
}

// leftPath is where a file was before; "" of one that is new.
func leftPath(f checks.File) string {
	switch f.Status {
	case "added", "copied":
		return ""
	}
	return cmp.Or(f.Previous, f.Path)
}

// contents fetches files as they are at the head and as they were. Those at the
// base are none where the two have no commit in common.
func (k *valuing) contents(ctx context.Context, files []checks.File) (now, before map[string]checks.Content, err error) {
	var paths, old []string
	for _, f := range files {
		paths = append(paths, f.Path)
		if p := leftPath(f); p != "" {
			old = append(old, p)
		}
	}
	limit := k.reports.Values.Limit
	if now, err = k.fetched(ctx, k.pull.Head.SHA, paths, limit); err != nil || len(old) == 0 {
		return now, nil, err
	}
	fork, err := k.forkPoint(ctx)
	if err != nil || fork == "" {
		return now, nil, err
	}
	before, err = k.fetched(ctx, fork, old, limit)
	return now, before, err
}

// fetched are files at a commit, each asked for once in an evaluation.
func (g *gathering) fetched(ctx context.Context, commit string, paths []string, limit int) (map[string]checks.Content, error) {
	if g.texts == nil {
		g.texts = map[string]map[string]checks.Content{}
	}
	have := g.texts[commit]
	if have == nil {
		have = map[string]checks.Content{}
		g.texts[commit] = have
	}
	missing := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { _, ok := have[p]; return ok })
	slices.Sort(missing)
	if missing = slices.Compact(missing); len(missing) == 0 {
		return have, nil
	}
	got, err := g.actions.Contents(ctx, g.s, commit, missing, limit)
	if err != nil {
		return nil, err
	}
	maps.Copy(have, got)
	return have, nil
}

// read reads one file on both sides.
func (k *valuing) read(v *checks.ValueFile, f checks.File, now, before checks.Content) {
	switch {
	case now.Fault != "":
		v.HeadFault = now.Fault
		return
	case now.Absent || f.SHA != "" && now.Blob != f.SHA:
		v.HeadFault, k.lags = "GitHub does not show it as it is", true
		return
	}
	v.Format, v.Head, v.HeadFault = k.reports.Values.Read(f.Path, []byte(now.Text), k.asked.Keys)
	if leftPath(f) != "" {
		switch {
		case before.Fault != "":
			v.BaseFault = before.Fault
		case before.Blob == "":
			v.BaseFault = "GitHub does not show what it was before"
		default:
			_, v.Base, v.BaseFault = k.reports.Values.Read(leftPath(f), []byte(before.Text), k.asked.Keys)
		}
	}
	k.reports.redactValues(v)
	k.kept, k.bytes = k.kept+len(v.Head)+len(v.Base), k.bytes+len(now.Text)+len(before.Text)
}

// redactValues takes secrets out of what is told of values. One of the base that
// had some is left out: with them gone it might look like another one, which would
// then count as having been there before.
func (r *Reports) redactValues(v *checks.ValueFile) {
	if r.Redact == nil {
		return
	}
	clean := func(v *checks.Value) (changed bool) {
		for _, text := range []*string{&v.Document, &v.Key, &v.Text} {
			if text == &v.Text && v.Amount != "" {
				continue // a number is no secret
			}
			if c := r.Redact(*text); c != *text {
				*text, changed = c, true
			}
		}
		return changed
	}
	for i := range v.Head {
		clean(&v.Head[i])
	}
	v.Base = slices.DeleteFunc(v.Base, func(b checks.Value) bool { return clean(&b) })
}
