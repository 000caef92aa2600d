package coverage

import (
	"io"
	"strings"
)

const codecovFormat = "Codecov JSON"

// isCodecov knows "coverage" whose members are arrays that begin with null, or
// objects whose keys are numbers and whose values are states of lines.
func isCodecov(_ string, prefix []byte) (found bool) {
	outline(prefix, func(at []string, kind byte, text string) {
		if len(at) != 3 || at[0] != "coverage" {
			return
		}
		if _, ok := number([]byte(at[2])); ok {
			_, _, share := shareOf(text)
			found = found || kind == '0' || kind == 'n' || kind == '"' && share
		}
	})
	found = found || startsUnused(prefix)
	return found
}

// startsUnused says whether the first array of "coverage" begins with null.
func startsUnused(prefix []byte) bool {
	first := byte(0)
	outline(prefix, func(at []string, kind byte, _ string) {
		if first == 0 && len(at) == 3 && at[0] == "coverage" && at[2] == "#" {
			first = kind
		}
	})
	return first == 'n'
}

// parseCodecov reads Codecov's own format, for tools that have none
// (docs.codecov.com, Custom Coverage Format): for each file an object of lines,
// or an array, whose first element is for line 0 and means nothing.
func parseCodecov(r io.Reader) (*Report, error) {
	p := codecovParser{j: newJSONReader(codecovFormat, r)}
	p.draft.j = p.j
	p.j.members("coverage", p.file)
	return p.j.report()
}

type codecovParser struct {
	j     *jsonReader
	draft draft
}

func (p *codecovParser) file(path string) {
	switch p.j.Kind() {
	case 'n':
		p.j.Skip()
		return
	case '[':
		n := 0
		for p.j.Array(); p.j.More(); n++ {
			p.line(n, n > 0)
		}
	default:
		for p.j.Object(); p.j.More(); {
			p.line(p.j.placeOf(p.j.Key()))
		}
	}
	p.draft.into(path)
}

// line reads the state of one. Line 0 is none: arrays need something there, and
// some tools give it to what has no place.
func (p *codecovParser) line(n int, placed bool) {
	state := p.state()
	switch {
	case state == Absent || !placed || p.j.Stopped():
	case n > maxLine:
		p.j.Fail("line %d: a line is a number from 1 to %d", n, maxLine)
	default:
		p.draft.lines(n, n, state)
	}
}

// state reads a count, a share of branches, null for a line that cannot run, or
// true, which is Codecov's word for a line covered in part.
func (p *codecovParser) state() State {
	switch p.j.Kind() {
	case 'n':
		p.j.Word()
		return Absent
	case 't':
		if p.j.Word() == 't' {
			return Partial
		}
		return Miss
	case '"':
		return p.share()
	}
	if p.j.count() {
		return Hit
	}
	return Miss
}

func (p *codecovParser) share() State {
	text := string(p.j.Text(true))
	taken, all, ok := shareOf(text)
	switch {
	case p.j.Stopped():
	case !ok:
		p.j.Fail("%.40q is no share of branches", text)
	case taken == 0:
		return Miss
	case taken < all:
		return Partial
	default:
		return Hit
	}
	return Absent
}

// shareOf reads "1/2": so many branches of so many were taken.
func shareOf(text string) (taken, all int, ok bool) {
	a, b, _ := strings.Cut(text, "/")
	taken, ok1 := number([]byte(a))
	all, ok2 := number([]byte(b))
	return taken, all, ok1 && ok2
}
