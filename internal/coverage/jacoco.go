package coverage

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

const jacocoFormat = "JaCoCo"

// isJaCoCo knows the report by its DOCTYPE, or where that was taken away, or
// never was (Kover), by its outermost element and what is in it.
func isJaCoCo(_ string, prefix []byte) bool {
	root, child := xmlHead(prefix)
	if root.Name.Local != "report" {
		return false
	}
	switch child {
	case "sessioninfo", "group", "package", "counter":
		return true
	}
	return bytes.Contains(prefix, []byte("//JACOCO//"))
}

// parseJaCoCo reads what JaCoCo's DTD (report.dtd) describes. Lines are a
// sourcefile's, whose path is its package's name and its own. Of the counters,
// only the whole report's of lines counts, and only where there are no lines.
func parseJaCoCo(r io.Reader) (*Report, error) {
	x := newXMLReader(jacocoFormat, "report", r)
	p := jacocoParser{x: x}
	x.each(p.start, p.end, nil)
	if p.grouped {
		p.settle()
	}
	if p.lost && !x.lines && !x.totals.set {
		x.fail("no file has lines: the code was compiled without debug information")
	}
	return x.report()
}

type jacocoParser struct {
	x       *xmlReader
	groups  []string // the groups around the present place
	grouped bool     // some file is in a group
	pkg     string
	path    string       // of the present file
	file    *fileBuilder // which has lines; nil otherwise
	code    bool         // the present file has code
	lost    bool         // some file has code and no lines
	paths   int64        // bytes of all paths
}

func (p *jacocoParser) start(t xml.StartElement) {
	name, _ := attr(t, "name")
	switch t.Name.Local {
	case "group":
		p.groups = append(p.groups, name)
	case "package":
		p.pkg = name
	case "sourcefile":
		p.begin(name)
	case "line":
		p.line(t)
	case "counter":
		p.counter(t)
	}
}

func (p *jacocoParser) end(t xml.EndElement) {
	switch t.Name.Local {
	case "group":
		p.groups = p.groups[:len(p.groups)-1]
	case "package":
		p.pkg = ""
	case "sourcefile":
		p.endFile()
	}
}

// inGroup is between a file's group and its path until the report is read. XML
// cannot hold it.
const inGroup = "\x00"

// begin begins a file. A path repeats its package's and its group's name, so that
// few bytes of a report could come to many: they are bounded by the report's own.
func (p *jacocoParser) begin(name string) {
	if p.path != "" {
		p.x.fail("a file within a file")
		return
	}
	if name == "" {
		p.x.fail("<sourcefile> without name")
		return
	}
	path := name
	if p.pkg != "" {
		path = p.pkg + "/" + name
	}
	if len(p.groups) > 0 {
		p.grouped = true
		path = strings.Join(p.groups, "/") + inGroup + path
	}
	if p.paths += int64(len(path)); p.paths > 1<<20+4*p.x.dec.InputOffset() {
		p.x.fail("names of packages and groups are too long")
		return
	}
	p.path = path
}

// endFile makes a file known that has no code. One that has code and no lines,
// compiled without debug information, is not measured.
func (p *jacocoParser) endFile() {
	switch {
	case p.file != nil:
	case p.code:
		p.lost = true
	default:
		p.x.openFile(p.path)
	}
	p.path, p.file, p.code = "", nil, false
}

// settle takes the groups out of the paths. A group is a module, whose directory
// may or may not have its name, so that it is left out; but where two groups
// have a file of the same path, they are two files, which only the groups tell
// apart.
func (p *jacocoParser) settle() {
	of := make(map[string]int, len(p.x.b.files))
	for _, f := range p.x.b.files {
		_, path := groupAndPath(f.file.Path)
		of[path]++
	}
	files := make(map[string]*fileBuilder, len(p.x.b.files))
	for _, f := range p.x.b.files {
		group, path := groupAndPath(f.file.Path)
		if group != "" && of[path] > 1 {
			path = group + "/" + path
		}
		if same := files[path]; same != nil {
			same.file.Runs = append(same.file.Runs, f.file.Runs...)
			continue
		}
		f.file.Path = path
		files[path] = f
	}
	p.x.b.files = files
}

func groupAndPath(text string) (group, path string) {
	group, path, grouped := strings.Cut(text, inGroup)
	if !grouped {
		return "", text
	}
	return strings.Trim(group, "/"), path
}

// line reads missed and covered instructions (mi, ci) and branches (mb, cb). As
// JaCoCo has it (Coverage Counters: Lines), a line ran when some instruction did,
// and it is partly covered when an instruction or a branch was missed. A line
// without instructions is none.
func (p *jacocoParser) line(t xml.StartElement) {
	if p.path == "" {
		p.x.fail("a line without a file")
		return
	}
	n, placed := p.x.place(t, "nr")
	if _, told := attr(t, "ci"); !told {
		p.code = true // of which is not said whether it ran (gcovr)
	}
	mi, ci, mb := p.some(t, "mi"), p.some(t, "ci"), p.some(t, "mb")
	p.some(t, "cb")
	if placed && (mi || ci) {
		if p.file == nil {
			p.file = p.x.openFile(p.path)
		}
		p.x.mark(p.file, n, stateOf(ci, mi || mb))
	}
}

// some says whether a counter, which the DTD lets be left out, is above zero.
func (p *jacocoParser) some(t xml.StartElement, name string) bool {
	text, told := attr(t, name)
	if !told {
		return false
	}
	n, ok := number([]byte(text))
	if !ok {
		p.x.fail("%s=%.40q is no number", name, text)
	}
	return n > 0
}

// counter reads whether a file has instructions, and the whole report's counter
// of lines.
func (p *jacocoParser) counter(t xml.StartElement) {
	kind, _ := attr(t, "type")
	switch {
	case kind == "INSTRUCTION" && p.x.parent() == "sourcefile":
		missed, covered := p.some(t, "missed"), p.some(t, "covered")
		p.code = p.code || missed || covered
	case kind == "LINE" && len(p.x.open) == 2:
		p.total(t)
	}
}

func (p *jacocoParser) total(t xml.StartElement) {
	missed, _ := attr(t, "missed")
	covered, _ := attr(t, "covered")
	m, ok := number([]byte(missed))
	c, _ := number([]byte(covered))
	if !ok {
		p.x.total(missed, covered) // makes no sense, and is kept as such
		return
	}
	p.x.total(strconv.Itoa(m+c), covered)
}
