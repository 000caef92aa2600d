package coverage

import "io"

const llvmFormat = "llvm-cov export"

// llvmType is what the document says it is.
const llvmType = "llvm.coverage.json.export"

// isLLVM knows that type, which is at the end of what llvm-cov writes, or a
// "data" array of objects with a "files" array of objects that have segments,
// branches, expansions or a summary.
func isLLVM(_ string, prefix []byte) (found bool) {
	outline(prefix, func(at []string, kind byte, text string) {
		switch len(at) {
		case 1:
			found = found || at[0] == "type" && text == llvmType
		case 5:
			if at[0] == "data" && at[1] == "#" && at[2] == "files" && at[3] == "#" {
				name := at[4]
				found = found || kind == '[' && (name == "segments" || name == "branches" || name == "expansions") ||
					kind == '{' && name == "summary"
			}
		}
	})
	return found
}

// parseLLVM reads what llvm-cov export writes, of C, C++, Rust, Swift and others:
// the segments of each file, from which its lines are told as llvm-cov does, and
// its branches. Functions and expansions are passed over; an export with
// -summary-only has totals.
func parseLLVM(r io.Reader) (*Report, error) {
	p := llvmParser{j: newJSONReader(llvmFormat, r)}
	p.draft.j = p.j
	kind := ""
	for p.j.object(); p.j.more(); {
		switch string(p.j.key()) {
		case "data":
			for p.j.array(); p.j.more(); {
				p.data()
			}
		case "type":
			kind = string(p.j.string(true))
		default:
			p.j.skip()
		}
	}
	if kind != llvmType && !p.j.stopped() {
		p.j.fail("the type is %.80q, not %q", kind, llvmType)
	}
	p.summary.into(p.j, p.lines)
	return p.j.report()
}

type llvmParser struct {
	j       *jsonReader
	draft   draft
	lines   bool // a file has segments, or an empty array of them
	summary jsonTotals
	at      llvmLine
}

// llvmLine is the line whose segments are being read, and what goes on into it.
type llvmLine struct {
	n       int // 0: none yet
	wrapped segment
	last    segment
	begun   bool // a segment of this line is read
	skipped bool // the first one begins what was not compiled
	mapped  bool // a region with a count begins
	hit     bool // one of those was run
}

// segment is a place from which on the source was run or not, until the next.
type segment struct {
	line                     int
	hit, counted, entry, gap bool
}

func (p *llvmParser) data() {
	for p.j.object(); p.j.more(); {
		switch string(p.j.key()) {
		case "files":
			for p.j.array(); p.j.more(); {
				p.file()
			}
		case "totals":
			p.totals()
		default:
			p.j.skip()
		}
	}
}

func (p *llvmParser) totals() {
	for p.j.object(); p.j.more(); {
		if string(p.j.key()) == "lines" {
			p.summary.read(p.j, "count")
		} else {
			p.j.skip()
		}
	}
}

func (p *llvmParser) file() {
	path, lines, at := "", false, p.j.line
	for p.j.object(); p.j.more(); {
		switch string(p.j.key()) {
		case "filename":
			path = string(p.j.string(true))
		case "segments":
			lines = true
			p.segments()
		case "branches":
			p.branches()
		default:
			p.j.skip()
		}
	}
	if path == "" && !p.j.stopped() {
		p.j.b.fail(at, "a file without a filename")
	}
	if !lines {
		p.draft.drop()
		return
	}
	p.lines = true
	p.draft.into(path)
}

// branches reads [line, column, line, column, times true, times false, …].
func (p *llvmParser) branches() {
	for p.j.array(); p.j.more(); {
		i, n, placed, all := 0, 0, false, true
		for p.j.array(); p.j.more(); i++ {
			switch i {
			case 0:
				n, placed = p.j.place()
			case 4, 5:
				all = p.j.count() && all
			default:
				p.j.skip()
			}
		}
		if i < 6 {
			p.short("branch")
		} else if placed && !all {
			p.draft.lacks(n)
		}
	}
}

func (p *llvmParser) short(what string) {
	if !p.j.stopped() {
		p.j.fail("a %s with too few parts", what)
	}
}

// segments reads those of a file, which are in order, and tells its lines: see
// LineCoverageIterator in LLVM's lib/ProfileData/Coverage/CoverageMapping.cpp.
func (p *llvmParser) segments() {
	p.at = llvmLine{}
	for p.j.array(); p.j.more(); {
		s, ok := p.segment()
		if !ok {
			return
		}
		if s.line != p.at.n {
			if s.line < p.at.n {
				p.j.fail("segments of line %d after those of line %d", s.line, p.at.n)
				return
			}
			p.endLine()
			p.between(s.line)
			p.at = llvmLine{n: s.line, wrapped: p.at.last}
		}
		p.at.add(s)
	}
	p.endLine()
}

// segment reads [line, column, count, has count, is entry, is gap]; the last is
// missing in version 2.0.0.
func (p *llvmParser) segment() (s segment, ok bool) {
	i, placed := 0, false
	for p.j.array(); p.j.more(); i++ {
		switch i {
		case 0:
			s.line, placed = p.j.place()
		case 2:
			s.hit = p.j.count()
		case 3:
			s.counted = p.flag()
		case 4:
			s.entry = p.flag()
		case 5:
			s.gap = p.flag()
		default:
			p.j.skip()
		}
	}
	switch {
	case p.j.stopped():
		return s, false
	case i < 5:
		p.short("segment")
	case !placed:
		p.j.fail("a segment without a line")
	}
	return s, !p.j.stopped()
}

// flag reads true or false, which were 1 and 0.
func (p *llvmParser) flag() bool {
	if p.j.kind() == '0' {
		return p.j.count()
	}
	return p.j.word() == 't'
}

// add takes a segment of the line.
func (l *llvmLine) add(s segment) {
	if !l.begun {
		l.begun, l.skipped = true, s.entry && !s.counted
	}
	if s.entry && s.counted {
		l.mapped = true
		if !s.gap {
			l.hit = l.hit || s.hit
		}
	}
	l.last = s
}

// endLine tells the line: it is one that can run when something with a count
// begins on it, or goes on into it and nothing begins it that was not compiled.
// It was run when either was.
func (p *llvmParser) endLine() {
	l := &p.at
	if l.n == 0 || !l.mapped && (l.skipped || !l.wrapped.counted) {
		return
	}
	p.draft.line(l.n, l.hit || l.wrapped.hit)
}

// between tells the lines without segments before a line.
func (p *llvmParser) between(next int) {
	from, to := p.at.n+1, next-1
	if p.at.n == 0 || to < from || !p.at.last.counted {
		return
	}
	state := Miss
	if p.at.last.hit {
		state = Hit
	}
	p.draft.lines(from, to, state)
}
