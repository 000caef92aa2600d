package coverage

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

const coberturaFormat = "Cobertura"

// maxSources is how many source directories one report may name.
const maxSources = 1000

// hiddenLine is the line that .NET compilers give code that has no place in its
// source; some converters pass it on.
const hiddenLine = 0xfeefee

// isCobertura knows the report by its outermost element, which Clover's shares,
// and what is in it.
func isCobertura(_ string, prefix []byte) bool {
	root, child := xmlHead(prefix)
	if root.Name.Local != "coverage" || isCloverHead(root, child) {
		return false
	}
	_, rated := attr(root, "line-rate")
	return rated || child == "sources" || child == "packages"
}

// parseCobertura reads what Cobertura's DTD (coverage-04.dtd) describes and what
// many other tools write after it: a file is a class's, and one file may have
// several classes.
func parseCobertura(r io.Reader) (*Report, error) {
	x := newXMLReader(coberturaFormat, "coverage", r)
	p := coberturaParser{x: x}
	x.each(p.start, p.end, p.text)
	return x.report()
}

// coberturaParser keeps what is said of one class until its end.
type coberturaParser struct {
	x        *xmlReader
	inSource bool
	source   []byte
	sources  int

	inClass   bool
	file      *fileBuilder // nil for a class without a file
	inMethods bool
	own       bool // the class has lines that are not in a method
	methods   []methodLine
	now       coberturaLine
}

// coberturaLine is the line whose start tag was read, until its end.
type coberturaLine struct {
	n           int // 0: none
	hit         bool
	lacking     bool // a branch was not taken
	conditional bool // its own attribute said so, or not
}

// methodLine is a line that is told of a method.
type methodLine struct {
	n     int32
	state State
	at    int32
}

func (p *coberturaParser) text(t xml.CharData) {
	if p.inSource {
		p.source = append(p.source, t...)
	}
}

func (p *coberturaParser) start(t xml.StartElement) {
	switch t.Name.Local {
	case "coverage":
		all, _ := attr(t, "lines-valid")
		hit, _ := attr(t, "lines-covered")
		p.x.total(all, hit)
	case "source":
		p.inSource, p.source = true, p.source[:0]
	case "class":
		p.class(t)
	case "methods":
		p.inMethods = true
	case "line":
		p.line(t)
	case "condition":
		p.condition(t)
	}
}

func (p *coberturaParser) end(t xml.EndElement) {
	switch t.Name.Local {
	case "source":
		p.root()
	case "methods":
		p.inMethods = false
	case "class":
		p.endClass()
	case "line":
		p.endLine()
	}
}

// root ends a source directory.
func (p *coberturaParser) root() {
	p.inSource = false
	dir := strings.TrimSpace(string(p.source))
	if p.sources++; p.sources > maxSources || len(dir) > maxPath {
		p.x.fail("more than %d sources, or one of more than %d bytes", maxSources, maxPath)
		return
	}
	p.x.b.root(dir)
}

// class begins a class. Some tools write classes that have no file, and no
// lines either.
func (p *coberturaParser) class(t xml.StartElement) {
	if p.inClass {
		p.x.fail("a class within a class")
		return
	}
	p.inClass, p.file = true, nil
	if name, _ := attr(t, "filename"); name != "" {
		p.file = p.x.openFile(name)
	}
}

// endClass takes the lines of methods where the class has none of its own. Where
// it has, they are all there are: a method's line may then be the one on which it
// is declared, with the number of its calls (Istanbul), which is no line that the
// tool counts.
func (p *coberturaParser) endClass() {
	if !p.own {
		for _, m := range p.methods {
			p.x.lines = true
			p.file.line(int(m.n), m.state, int(m.at))
		}
	}
	p.inClass, p.own, p.inMethods, p.methods = false, false, false, p.methods[:0]
}

// line begins a line. That not all of its branches were taken is said by itself
// or by the conditions within it.
func (p *coberturaParser) line(t xml.StartElement) {
	n, placed := p.x.place(t, "number")
	hit := p.x.count(t, "hits")
	if !p.inClass || p.file == nil {
		p.x.fail("a line without a file")
		return
	}
	p.now = coberturaLine{hit: hit}
	if placed && n != hiddenLine {
		p.now.n = n
	}
	branch, _ := attr(t, "branch")
	share, _ := attr(t, "condition-coverage")
	if share == "" || strings.EqualFold(branch, "false") {
		return
	}
	p.now.conditional = true
	p.now.lacking = p.lacks("condition-coverage", share)
}

// condition reads what share of a condition was met: "50%", or 0 or 1 (grcov).
func (p *coberturaParser) condition(t xml.StartElement) {
	share, _ := attr(t, "coverage")
	if share == "" || p.now.conditional {
		return
	}
	if !strings.HasSuffix(share, "%") {
		met := p.x.count(t, "coverage")
		p.now.lacking = p.now.lacking || !met
		return
	}
	p.now.lacking = p.lacks("coverage", share) || p.now.lacking
}

func (p *coberturaParser) lacks(name, share string) bool {
	lacking, ok := branchesLack(share)
	if !ok {
		p.x.fail("%s=%.40q is no share", name, share)
	}
	return lacking
}

func (p *coberturaParser) endLine() {
	n, state := p.now.n, stateOf(p.now.hit, p.now.lacking)
	p.now = coberturaLine{}
	switch {
	case n == 0 || p.own && p.inMethods:
	case p.inMethods && n <= maxLine:
		p.methods = append(p.methods, methodLine{int32(n), state, int32(p.x.line)})
	default: // a line that is too large is a fault
		p.own = true
		p.x.mark(p.file, n, state)
	}
}

// stateOf is the state of a line that ran or not, and that may lack something.
func stateOf(hit, lacking bool) State {
	switch {
	case !hit:
		return Miss
	case lacking:
		return Partial
	}
	return Hit
}

// branchesLack reads "50% (1/2)": not all branches were taken. The fraction is
// exact; the percentage, in front of it or alone, is written in many ways.
func branchesLack(text string) (lacking, ok bool) {
	percent, rest, both := strings.Cut(text, "(")
	if both {
		taken, all, ok1 := strings.Cut(strings.TrimSuffix(strings.TrimSpace(rest), ")"), "/")
		a, ok2 := number([]byte(strings.TrimSpace(taken)))
		b, ok3 := number([]byte(strings.TrimSpace(all)))
		return a < b, ok1 && ok2 && ok3
	}
	percent = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(percent), "%"))
	if _, ok := ran([]byte(strings.Replace(percent, ",", ".", 1))); !ok {
		return false, false
	}
	share, err := strconv.ParseFloat(strings.Replace(percent, ",", ".", 1), 64)
	return share < 100, err == nil
}
