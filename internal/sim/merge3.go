package sim

import (
	"slices"
	"strings"
)

// change replaces the lines from..to of an old text.
type change struct {
	from, to int
	lines    []string
}

// changes is what an edit script replaces.
func changes(old, now []string) []change {
	var all []change
	at, open := 0, false
	for _, e := range editScript(old, now) {
		if e.op == ' ' {
			at, open = at+1, false
			continue
		}
		if !open {
			all, open = append(all, change{from: at, to: at}), true
		}
		last := &all[len(all)-1]
		if e.op == '-' {
			at++
			last.to = at
		} else {
			last.lines = append(last.lines, e.line)
		}
	}
	return all
}

// mergeText merges two texts that come from one, line by line as git does:
// changes that touch each other are a conflict, unless they are the same.
func mergeText(old, ours, theirs string) (text string, ok bool) {
	base := splitLines(old)
	a, b := changes(base, splitLines(ours)), changes(base, splitLines(theirs))
	var out strings.Builder
	at := 0
	take := func(c change) {
		out.WriteString(strings.Join(base[at:c.from], "") + strings.Join(c.lines, ""))
		at = c.to
	}
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].to < b[0].from:
			take(a[0])
			a = a[1:]
		case len(a) == 0 || b[0].to < a[0].from:
			take(b[0])
			b = b[1:]
		case a[0].from == b[0].from && a[0].to == b[0].to && slices.Equal(a[0].lines, b[0].lines):
			take(a[0])
			a, b = a[1:], b[1:]
		default:
			return "", false
		}
	}
	out.WriteString(strings.Join(base[at:], ""))
	return out.String(), true
}

// mergeFile merges a file that both sides changed.
func (o *objects) mergeFile(was, a, b file) (file, bool) {
	mode := a.mode
	if a.mode == was.mode {
		mode = b.mode
	} else if b.mode != was.mode && b.mode != a.mode {
		return file{}, false
	}
	switch {
	case was.sha == "" || a.sha == "" || b.sha == "" || mode[:2] != "10" || was.mode[:2] != "10":
		return file{}, false
	case a.sha == was.sha:
		return file{mode, b.sha}, true
	case b.sha == was.sha || a.sha == b.sha:
		return file{mode, a.sha}, true
	}
	for _, sha := range []string{was.sha, a.sha, b.sha} {
		if isBinary(o.blobs[sha]) {
			return file{}, false
		}
	}
	text, ok := mergeText(string(o.blobs[was.sha]), string(o.blobs[a.sha]), string(o.blobs[b.sha]))
	if !ok {
		return file{}, false
	}
	return file{mode, o.blob([]byte(text))}, true
}
