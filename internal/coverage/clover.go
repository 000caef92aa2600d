package coverage

import (
	"encoding/xml"
	"io"
)

const cloverFormat = "Clover"

// isClover knows the report by its outermost element, which Cobertura's shares,
// and what is in it.
func isClover(_ string, prefix []byte) bool {
	root, child := xmlHead(prefix)
	return root.Name.Local == "coverage" && isCloverHead(root, child)
}

func isCloverHead(root xml.StartElement, child string) bool {
	_, versioned := attr(root, "clover")
	return versioned || child == "project" || child == "testproject"
}

// parseClover reads what OpenClover, PHPUnit and Istanbul write: files with
// lines, in a project or in its packages. The project of tests is passed over,
// for OpenClover's totals leave it out too.
//
// In all three the figures for statements are the nearest to lines, and in
// PHPUnit and Istanbul they are lines. They leave methods out; see
// [cloverParser.method].
func parseClover(r io.Reader) (*Report, error) {
	x := newXMLReader(cloverFormat, "coverage", r)
	p := cloverParser{x: x}
	x.each(p.start, p.end, nil)
	return x.report()
}

type cloverParser struct {
	x     *xmlReader
	tests bool // within the project of tests
	file  *fileBuilder
	now   cloverLine
}

// cloverLine is what was said so far of one line: it may have several
// statements, conditions and methods, which follow each other.
type cloverLine struct {
	n       int // 0: none
	hit     bool
	lacking bool // some condition never came out one way
	method  bool // only methods begin on it
}

func (p *cloverParser) start(t xml.StartElement) {
	if p.tests {
		return
	}
	switch t.Name.Local {
	case "testproject":
		p.tests = true
	case "file":
		p.open(t)
	case "metrics":
		if p.x.parent() == "project" {
			all, _ := attr(t, "statements")
			hit, _ := attr(t, "coveredstatements")
			p.x.total(all, hit)
		}
	case "line":
		p.line(t)
	}
}

func (p *cloverParser) end(t xml.EndElement) {
	switch t.Name.Local {
	case "testproject":
		p.tests = false
	case "file":
		p.flush()
		p.file = nil
	}
}

// open begins a file. Where there is a path, the name is only its last part; it
// is all of it in PHPUnit's.
func (p *cloverParser) open(t xml.StartElement) {
	if p.file != nil {
		p.x.fail("a file within a file")
		return
	}
	path, _ := attr(t, "path")
	if path == "" {
		path, _ = attr(t, "name")
	}
	p.file = p.x.openFile(path)
}

func (p *cloverParser) line(t xml.StartElement) {
	n, placed := p.x.place(t, "num")
	kind, _ := attr(t, "type")
	_, counted := attr(t, "count")
	var hit, lacking bool
	if kind == "cond" {
		hit, lacking = p.condition(t, counted)
	} else {
		hit = p.x.count(t, "count")
	}
	switch {
	case p.file == nil:
		p.x.fail("a line without a file")
	case !placed:
	case kind == "method":
		p.method(n, hit)
	default:
		p.statement(n, hit, lacking)
	}
}

// condition reads how often a condition was true and false. Istanbul writes
// there how many branches were taken and how many were not, and how often the
// line ran besides.
func (p *cloverParser) condition(t xml.StartElement, counted bool) (hit, lacking bool) {
	yes, no := p.x.count(t, "truecount"), p.x.count(t, "falsecount")
	if counted {
		return p.x.count(t, "count"), no
	}
	return yes || no, !yes || !no
}

func (p *cloverParser) statement(n int, hit, lacking bool) {
	if p.now.n != n || p.now.method {
		if !p.now.method {
			p.flush()
		}
		p.now = cloverLine{n: n}
	}
	p.now.hit = p.now.hit || hit
	p.now.lacking = p.now.lacking || lacking
}

// method takes the line on which a method begins. It is none that runs, unless
// no statement follows before the next method: then the method is empty, or all
// of it is on that line, and PHPUnit does not tell its statement. Only then it
// counts.
func (p *cloverParser) method(n int, hit bool) {
	if p.now.n == n {
		if p.now.method {
			p.now.hit = p.now.hit || hit
		}
		return
	}
	p.flush()
	p.now = cloverLine{n: n, hit: hit, method: true}
}

// flush hands on the present line.
func (p *cloverParser) flush() {
	if p.now.n > 0 && p.file != nil {
		p.x.mark(p.file, p.now.n, stateOf(p.now.hit, p.now.lacking))
	}
	p.now = cloverLine{}
}
