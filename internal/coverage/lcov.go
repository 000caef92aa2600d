package coverage

import (
	"bytes"
	"io"
	"slices"
)

const lcovFormat = "LCOV"

// isLCOV knows a tracefile by its first record, comments aside.
func isLCOV(_ string, prefix []byte) bool {
	for len(prefix) > 0 {
		line := firstLine(prefix)
		if !bytes.HasPrefix(line, []byte("#")) {
			return bytes.HasPrefix(line, []byte("TN:")) || bytes.HasPrefix(line, []byte("SF:"))
		}
		_, rest, _ := bytes.Cut(prefix, line)
		prefix = rest
	}
	return false
}

// parseLCOV reads a tracefile, see geninfo(1), section FILES. Of a source file
// it takes the lines (DA) and the branches (BRDA); functions, conditions and
// totals are passed over.
func parseLCOV(r io.Reader) (*Report, error) {
	p := lcovParser{b: newBuilder(lcovFormat)}
	in := newTextLines(r)
	for p.b.err == nil {
		line, ok := in.next()
		if !ok {
			break
		}
		p.record(line, in.n)
	}
	if err := in.end(p.b); err != nil {
		return nil, err
	}
	p.endFile(in.n)
	return p.b.report()
}

// lcovParser keeps what is said of one source file until its end, for branches
// may be told before the lines and after them.
type lcovParser struct {
	b       *builder
	file    *fileBuilder
	runs    []Run
	untaken []int32 // lines with a branch that was not taken
}

func (p *lcovParser) record(line []byte, at int) {
	kind, rest, ok := bytes.Cut(line, []byte(":"))
	switch {
	case !ok && bytes.HasPrefix(line, []byte("end_of_record")):
		p.endFile(at)
	case line[0] == '#':
	case !ok || !lcovKind(kind):
		p.b.fail(at, "%.80q is no record", line)
	default:
		p.known(string(kind), rest, at)
	}
}

// lcovKind says whether a record's kind looks like one: new ones are added with
// new versions, and mean nothing for lines.
func lcovKind(kind []byte) bool {
	for _, c := range kind {
		if (c < 'A' || c > 'Z') && c != '_' {
			return false
		}
	}
	return len(kind) >= 2 && len(kind) <= 16
}

func (p *lcovParser) known(kind string, rest []byte, at int) {
	switch kind {
	case "SF":
		p.endFile(at)
		p.file = p.b.open(string(bytes.TrimSpace(rest)), at)
	case "DA":
		p.line(rest, at)
	case "BRDA":
		p.branch(rest, at)
	}
}

// line reads "number,count" and perhaps ",checksum".
func (p *lcovParser) line(rest []byte, at int) {
	first, count, ok := bytes.Cut(rest, []byte(","))
	if !ok {
		p.b.fail(at, "DA:%.80s has no count", rest)
		return
	}
	n, placed := p.number(first, at)
	if !placed {
		return
	}
	if sum := bytes.IndexByte(count, ','); sum >= 0 {
		count = count[:sum]
	}
	hit, ok := ran(bytes.TrimSpace(count))
	if !ok {
		p.b.fail(at, "%.40q is no count", count)
		return
	}
	state := Miss
	if hit {
		state = Hit
	}
	if i := len(p.runs) - 1; i >= 0 && p.runs[i].State == state && p.runs[i].End+1 == n {
		p.runs[i].End = n
		return
	}
	p.runs = append(p.runs, Run{n, n, state})
}

// branch reads "number,block,branch,taken". The branch may be an expression
// with commas.
func (p *lcovParser) branch(rest []byte, at int) {
	first, last := bytes.IndexByte(rest, ','), bytes.LastIndexByte(rest, ',')
	if first < 0 || first == last {
		p.b.fail(at, "BRDA:%.80s has too few parts", rest)
		return
	}
	n, placed := p.number(rest[:first], at)
	if !placed {
		return
	}
	taken := bytes.TrimSpace(rest[last+1:])
	hit, ok := ran(taken)
	if !ok && string(taken) != "-" {
		p.b.fail(at, "%.40q is no count", taken)
		return
	}
	if i := len(p.untaken); !hit && (i == 0 || p.untaken[i-1] != n) {
		p.untaken = append(p.untaken, n)
	}
}

// number is a record's line. Some tools write line 0 for code that has no place;
// it is passed over.
func (p *lcovParser) number(text []byte, at int) (n int32, placed bool) {
	v, ok := number(bytes.TrimSpace(text))
	switch {
	case p.file == nil:
		p.b.fail(at, "a line before its source file")
	case !ok:
		p.b.fail(at, "%.40q is no line", text)
	case v > maxLine:
		p.b.fail(at, "line %d: a line is a number from 1 to %d", v, maxLine)
	default:
		return int32(v), v > 0
	}
	return 0, false
}

// endFile hands on what was said of the source file.
func (p *lcovParser) endFile(at int) {
	if p.file != nil {
		runs := normal(p.runs)
		slices.Sort(p.untaken)
		p.split(runs, slices.Compact(p.untaken), at)
	}
	p.file, p.runs, p.untaken = nil, p.runs[:0], p.untaken[:0]
}

// split hands on runs, where hit lines with a branch that was not taken are
// covered in part. Both are in order.
func (p *lcovParser) split(runs []Run, untaken []int32, at int) {
	for _, r := range runs {
		from := r.Start
		for len(untaken) > 0 && untaken[0] <= r.End {
			n := untaken[0]
			untaken = untaken[1:]
			if n < r.Start || r.State != Hit {
				continue
			}
			if n > from {
				p.file.lines(int(from), int(n-1), r.State, at)
			}
			p.file.line(int(n), Partial, at)
			from = n + 1
		}
		if from <= r.End {
			p.file.lines(int(from), int(r.End), r.State, at)
		}
	}
}
