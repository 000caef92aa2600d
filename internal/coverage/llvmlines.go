package coverage

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

// segments reads those of a file, which are in order, and tells its lines: see
// LineCoverageIterator in LLVM's lib/ProfileData/Coverage/CoverageMapping.cpp.
func (p *llvmParser) segments() {
	p.at = llvmLine{}
	for p.j.Array(); p.j.More(); {
		s, ok := p.segment()
		if !ok {
			return
		}
		if s.line != p.at.n {
			if s.line < p.at.n {
				p.j.Fail("segments of line %d after those of line %d", s.line, p.at.n)
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
	for p.j.Array(); p.j.More(); i++ {
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
			p.j.Skip()
		}
	}
	switch {
	case p.j.Stopped():
		return s, false
	case i < 5:
		p.short("segment")
	case !placed:
		p.j.Fail("a segment without a line")
	}
	return s, !p.j.Stopped()
}

// flag reads true or false, which were 1 and 0.
func (p *llvmParser) flag() bool {
	if p.j.Kind() == '0' {
		return p.j.count()
	}
	return p.j.Word() == 't'
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
