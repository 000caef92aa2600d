package checks

import (
	"path"
	"slices"
	"strings"
)

// patchTally is what the reports know of the lines that a change adds.
type patchTally struct {
	lines, hits int64
	partial     int64    // counted as hits or not, as the policy says
	lost        []string // files whose added lines are not known
	why         []string // the reasons, as sentences
	newFiles    []string // in no report
	oldFiles    []string // in no report
}

// tally counts the added lines, and finds the changed files of which too little
// is known.
func (g *gauge) tally() patchTally {
	var t patchTally
	exts := g.measuredExts()
	have, added := make(map[string]bool, len(g.cov.Files)), map[string]bool{}
	for i := range g.pull.Files {
		if f := &g.pull.Files[i]; f.Status == "added" || f.Status == "copied" {
			added[f.Path] = true
		}
	}
	for i := range g.cov.Files {
		f := &g.cov.Files[i]
		have[f.Path] = true
		hit, partial, miss := int64(f.Hit.Len()), int64(f.Partial.Len()), int64(f.Miss.Len())
		t.lines += hit + partial + miss
		t.hits += hit
		t.partial += partial
		t.lookAt(f, exts, f.New || added[f.Path])
	}
	if g.rules.Partial != PartialMiss {
		t.hits += t.partial
	}
	ignore := shapes(g.rules.Ignore)
	for i := range g.pull.Files {
		f := &g.pull.Files[i]
		if f.Status == "removed" || have[f.Path] || f.Additions == 0 || !expected(f.Path, exts) || anyGlob(ignore, f.Path) {
			continue
		}
		t.lost = append(t.lost, Plain(f.Path))
		t.why = append(t.why, Plain(f.Path)+" was not looked for in the reports.")
	}
	t.why, t.lost, t.newFiles, t.oldFiles = sorted(t.why), sorted(t.lost), sorted(t.newFiles), sorted(t.oldFiles)
	return t
}

// lookAt finds out whether enough is known of one changed file.
func (t *patchTally) lookAt(f *FileCoverage, exts []string, added bool) {
	wanted := expected(f.Path, exts)
	switch {
	case f.Unplaced != "" && (f.Measured || wanted):
		t.lost = append(t.lost, Plain(f.Path))
		t.why = append(t.why, Plain(f.Path)+": "+phrase(f.Unplaced)+".")
	case f.Measured || f.Empty || f.Added == 0 || !wanted:
	case added:
		t.newFiles = append(t.newFiles, Plain(f.Path))
	default:
		t.oldFiles = append(t.oldFiles, Plain(f.Path))
	}
}

// measuredExts are how the measured files among the changed ones end.
func (g *gauge) measuredExts() []string {
	var out []string
	for i := range g.cov.Files {
		f := &g.cov.Files[i]
		if ext := path.Ext(strings.ToLower(f.Path)); f.Measured && ext != "" && !slices.Contains(out, ext) {
			out = append(out, ext)
		}
	}
	return out
}

// unmeasured are the sentences about source files that no report speaks of:
// those that block, and those that only warn.
func (t *patchTally) unmeasured(u *Unmeasured) (blocking, warning []string) {
	add := func(files []string, kind string, c Consequence) {
		if len(files) == 0 {
			return
		}
		text := list(files, 5) + " " + plural(len(files), "is a "+kind+" file", "are "+kind+" files") + " and in no coverage report"
		if c == Warns {
			warning = append(warning, text+"; that is a warning here.")
		} else {
			blocking = append(blocking, text+": have "+plural(len(files), "it", "them")+" measured, or list "+plural(len(files), "it", "them")+" under coverage.ignore.")
		}
	}
	add(t.newFiles, "new", u.New)
	add(t.oldFiles, "changed", u.Modified)
	return blocking, warning
}
