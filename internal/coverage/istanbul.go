package coverage

import (
	"cmp"
	"io"
)

const istanbulFormat = "Istanbul"

// isIstanbul knows an object whose members are objects that have a statementMap,
// a branchMap or a fnMap, also with one "data" around either; and a summary by
// the total and covered lines of its "total".
func isIstanbul(_ string, prefix []byte) bool {
	total, covered, found := false, false, false
	outline(prefix, func(at []string, kind byte, _ string) {
		if kind == '0' && len(at) == 3 && at[0] == "total" && at[1] == "lines" {
			total = total || at[2] == "total"
			covered = covered || at[2] == "covered"
		}
		if len(at) == 3 && at[0] == "data" {
			at = at[1:]
		}
		wrapped := len(at) == 3 && at[1] == "data"
		if kind == '{' && (len(at) == 2 || wrapped) {
			switch at[len(at)-1] {
			case "statementMap", "branchMap", "fnMap":
				found = true
			}
		}
	})
	return found || total && covered
}

// parseIstanbul reads what nyc, c8, jest and vitest write: coverage-final.json,
// an object of istanbul-lib-coverage's FileCoverage for each file, and
// coverage-summary.json. A line is as often run as the statement, of those that
// begin on it, that was run most, as getLineCoverage there has it; it is covered
// in part when a branch that begins on it has a path that was not taken.
func parseIstanbul(r io.Reader) (*Report, error) {
	p := istanbulParser{j: newJSONReader(istanbulFormat, r)}
	p.draft.j = p.j
	p.all()
	p.summary.into(p.j, p.lines)
	return p.j.report()
}

// istanbulParser keeps what is said of one file until its end: counts may come
// before what they count.
type istanbulParser struct {
	j       *jsonReader
	draft   draft
	lines   bool // there is a file with statements, or with none
	summary jsonTotals

	path                 string
	known                bool // the present file is one, or has totals
	statements, branches []located
	counts, taken        []counted
}

// maxID is the highest number that a statement or branch may have.
const maxID = 1 << 30

func (p *istanbulParser) all() {
	for p.j.Object(); p.j.More(); {
		switch key := p.j.Key(); {
		case string(key) == "total":
			p.total()
		case string(key) == "data":
			p.all()
		default:
			p.file(string(key))
		}
	}
}

// total reads a summary's, which has a share of nothing that is a word.
func (p *istanbulParser) total() {
	for p.j.Object(); p.j.More(); {
		if string(p.j.Key()) == "lines" {
			p.summary.read(p.j, "total")
		} else {
			p.j.Skip()
		}
	}
}

func (p *istanbulParser) file(path string) {
	p.path, p.known = path, false
	p.statements, p.branches = p.statements[:0], p.branches[:0]
	p.counts, p.taken = p.counts[:0], p.taken[:0]
	lines := p.fields()
	switch {
	case p.j.Stopped():
	case lines:
		p.lines = true
		p.judge()
		p.draft.into(p.path)
	case !p.known:
		p.j.Fail("%.200q has no statementMap", path)
	}
}

// fields reads what is said of a file, and whether that is more than totals. The
// path within is the true one: keys may be anything.
func (p *istanbulParser) fields() (lines bool) {
	for p.j.Object(); p.j.More(); {
		switch string(p.j.Key()) {
		case "data":
			lines = p.fields() || lines
		case "path":
			p.inner()
		case "statementMap":
			lines = true
			p.statements = p.places(p.statements)
		case "branchMap":
			p.branches = p.places(p.branches)
		case "s":
			p.hits()
		case "b":
			p.paths()
		case "lines":
			p.known = true
			p.j.Skip()
		default:
			p.j.Skip()
		}
	}
	return lines
}

// inner reads the path within.
func (p *istanbulParser) inner() {
	if p.j.Kind() == 'n' {
		p.j.Skip()
		return
	}
	if path := p.j.Text(true); len(path) > 0 {
		p.path = string(path)
	}
}

// id reads the number of a statement or branch.
func (p *istanbulParser) id() int32 {
	key := p.j.Key()
	n, ok := number(key)
	if (!ok || n >= maxID) && !p.j.Stopped() {
		p.j.Fail("%.40q is no number of a statement or branch", key)
		return 0
	}
	return int32(n)
}

// places reads a statementMap or a branchMap.
func (p *istanbulParser) places(into []located) []located {
	for p.j.Object(); p.j.More(); {
		id := p.id()
		if line := p.begin(); line > 0 {
			into = append(into, located{id, int32(line)})
		}
	}
	return into
}

// begin is the line on which a statement or a branch begins: a branch's own, its
// place's, or, where it has neither, that of the first of its paths that has
// one. 0: none, as the paths that are not written have none.
func (p *istanbulParser) begin() (line int) {
	own, place, path := 0, 0, 0
	for p.j.Object(); p.j.More(); {
		switch string(p.j.Key()) {
		case "line":
			own, _ = p.j.place()
		case "start":
			place = p.start()
		case "loc":
			place = p.span()
		case "locations":
			for p.j.Array(); p.j.More(); {
				path = cmp.Or(path, p.span())
			}
		default:
			p.j.Skip()
		}
	}
	return cmp.Or(own, place, path)
}

// span is the line on which a place begins.
func (p *istanbulParser) span() (line int) {
	if p.j.Kind() == 'n' {
		p.j.Skip()
		return 0
	}
	for p.j.Object(); p.j.More(); {
		if string(p.j.Key()) == "start" {
			line = p.start()
		} else {
			p.j.Skip()
		}
	}
	return line
}

func (p *istanbulParser) start() (line int) {
	if p.j.Kind() == 'n' {
		p.j.Skip()
		return 0
	}
	for p.j.Object(); p.j.More(); {
		if string(p.j.Key()) == "line" {
			line, _ = p.j.place()
		} else {
			p.j.Skip()
		}
	}
	return line
}

// hits reads how often each statement was run.
func (p *istanbulParser) hits() {
	for p.j.Object(); p.j.More(); {
		id := counted(p.id()) << 1
		if p.j.count() {
			id++
		}
		p.counts = append(p.counts, id)
	}
}

// paths reads how often each path of each branch was taken.
func (p *istanbulParser) paths() {
	for p.j.Object(); p.j.More(); {
		id, all := counted(p.id())<<1, true
		for p.j.Array(); p.j.More(); {
			all = p.j.count() && all
		}
		if all {
			id++
		}
		p.taken = append(p.taken, id)
	}
}

// judge puts places and counts together. What has no place or no count is left
// out, as istanbul does.
func (p *istanbulParser) judge() {
	meet(p.statements, p.counts, p.draft.line)
	meet(p.branches, p.taken, func(line int, all bool) {
		if !all {
			p.draft.lacks(line)
		}
	})
}
