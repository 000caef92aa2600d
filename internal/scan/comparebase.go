package scan

import (
	"github.com/handrail-bot/handrail/checks"
)

// matching finds for each finding of the head one of the base that is the same,
// and none twice.
type matching struct {
	head, base []entry // paths of the base's are those of the head
	old        []bool  // of head: has one
	used       []bool  // of base: is one
	sure       []bool  // of base: what became of its line is known
	gone       []bool  // of base: its file is
	at         []int   // of base: its line in the head, or that near which it was
	kept       []bool  // of base: its line is still there as it was
}

// matched says of each finding of the head whether the base has it.
func matched(head, before []entry, base *Base) []bool {
	m := &matching{
		head: head, base: before, old: make([]bool, len(head)), used: make([]bool, len(before)),
		sure: make([]bool, len(before)), gone: make([]bool, len(before)), at: make([]int, len(before)), kept: make([]bool, len(before)),
	}
	m.move(base)
	m.byLine(func(e *entry) imprint { return e.print })
	m.byLine(func(e *entry) imprint {
		if e.print.kind != byWords {
			return imprint{}
		}
		return e.print
	})
	m.byText(base)
	return m.old
}

// move finds out where the base's findings are in the head, if their lines are
// still there.
func (m *matching) move(base *Base) {
	files := map[string]*checks.File{}
	for i := range base.Files {
		f := &base.Files[i]
		if from := cameFrom(f); from != "" {
			files[from] = f
		}
	}
	maps := map[*checks.File]*lineMap{}
	for i := range m.base {
		e := &m.base[i]
		f, listed := files[e.path]
		switch {
		case !e.known, !listed && !base.Whole:
			m.at[i] = e.line
		case !listed:
			m.at[i], m.kept[i], m.sure[i] = e.line, true, true
		case f.Status == "removed":
			m.gone[i] = true
		case !f.LinesKnown:
			e.path, m.at[i] = f.Path, e.line
		default:
			if maps[f] == nil {
				maps[f] = newLineMap(f)
			}
			e.path, m.sure[i] = f.Path, true
			m.at[i], m.kept[i] = maps[f].line(e.line)
		}
	}
}

// cameFrom is the path that a file had before, "" where it is new or a copy.
func cameFrom(f *checks.File) string {
	switch f.Status {
	case "added", "copied":
		return ""
	case "renamed":
		return f.Previous
	}
	return f.Path
}

// spot is what findings that may be the same have in common.
type spot struct {
	tool, rule, path string
	line             int // 0 where it does not matter
	whole            bool
	print            imprint
}

// byLine matches findings at lines that are as they were, if of is the same of
// both. First come those whose imprint is the same; then those whose lines can
// only have been quoted otherwise, or hashed with lines behind that changed.
func (m *matching) byLine(of func(*entry) imprint) {
	spots := map[spot][]int{}
	for i := range m.base {
		if e := &m.base[i]; m.kept[i] && m.at[i] > 0 && !m.used[i] {
			s := spot{tool: e.tool, rule: e.rule, path: e.path, line: m.at[i], print: of(e)}
			spots[s] = append(spots[s], i)
		}
	}
	for i := range m.head {
		e := &m.head[i]
		if e.line == 0 || m.old[i] {
			continue
		}
		s := spot{tool: e.tool, rule: e.rule, path: e.path, line: e.line, print: of(e)}
		if left := spots[s]; len(left) > 0 {
			m.old[i], m.used[left[0]] = true, true
			spots[s] = left[1:]
		}
	}
}

// byText matches what is left of findings with the same imprint in one file, the
// nearest first. A message alone tells findings apart only where there is no
// line, or where nobody knows what became of the lines.
func (m *matching) byText(base *Base) {
	listed := map[string]*checks.File{}
	for i := range base.Files {
		listed[base.Files[i].Path] = &base.Files[i]
	}
	groups := map[spot]*neighbours{}
	add := func(e *entry, sure bool, line, i int, head bool) {
		if e.print.kind == byWords && sure && e.line > 0 {
			return
		}
		s := spot{tool: e.tool, rule: e.rule, path: e.path, print: e.print, whole: e.line == 0}
		if groups[s] == nil {
			groups[s] = &neighbours{}
		}
		groups[s].add(line, i, head)
	}
	for i := range m.base {
		if !m.used[i] && !m.gone[i] {
			add(&m.base[i], m.sure[i], m.at[i], i, false)
		}
	}
	for i := range m.head {
		e := &m.head[i]
		f, isListed := listed[e.path]
		sure := e.known && base.Whole
		if isListed {
			sure = f.LinesKnown
		}
		if !m.old[i] {
			add(e, sure, e.line, i, true)
		}
	}
	for _, g := range groups {
		g.pairs(func(head, _ int) { m.old[head] = true })
	}
}
