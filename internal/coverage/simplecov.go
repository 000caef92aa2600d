package coverage

import (
	"hash/maphash"
	"io"
	"strings"
)

const simpleCovFormat = "SimpleCov"

// isSimpleCov knows a result set: an object whose members have a "coverage" of
// files that are arrays of counts or have an array "lines", or a "coverage" and
// a number "timestamp"; and what the JSON formatter writes: "meta" with
// simplecov_version, or "coverage" whose members have an array "lines".
func isSimpleCov(_ string, prefix []byte) (found bool) {
	coverage := map[string]bool{}
	outline(prefix, func(at []string, kind byte, text string) {
		n := len(at)
		switch {
		case n == 2 && at[0] == "meta" && at[1] == "simplecov_version",
			n == 3 && at[0] == "coverage" && at[2] == "lines" && kind == '[',
			n == 4 && at[1] == "coverage" && at[3] == "lines" && kind == '[',
			n == 4 && at[1] == "coverage" && at[3] == "#" && (kind == '0' || kind == 'n' || text == ignored),
			n == 2 && at[1] == "timestamp" && kind == '0' && coverage[at[0]]:
			found = true
		case n == 2 && at[1] == "coverage" && kind == '{':
			coverage[at[0]] = true
		}
	})
	return found
}

// ignored is what SimpleCov writes for a line between two :nocov:.
const ignored = "ignored"

// parseSimpleCov reads .resultset.json, where each command that ran tests has its
// own coverage, and coverage.json of simplecov_json_formatter.
func parseSimpleCov(r io.Reader) (*Report, error) {
	p := simpleCovParser{
		j: newJSONReader(simpleCovFormat, r), seed: maphash.MakeSeed(), kept: map[string]*rubyFile{},
	}
	for p.j.Object(); p.j.More(); {
		switch string(p.j.Key()) {
		case "coverage":
			p.found = true
			p.files()
		case "meta", "groups", "total", "errors":
			p.j.Skip()
		default:
			p.command()
		}
	}
	if !p.found && !p.j.Stopped() {
		p.j.Fail("there is no coverage")
	}
	for path, f := range p.kept {
		f.end(path)
	}
	return p.j.report()
}

// simpleCovParser keeps what is said of all files until the end, for one command
// may take one branch of a condition and the next the other.
type simpleCovParser struct {
	j     *jsonReader
	found bool // there is coverage
	seed  maphash.Seed
	kept  map[string]*rubyFile
	file  *rubyFile
}

// begin goes on with the file of a path.
func (p *simpleCovParser) begin(path string) {
	p.file = p.kept[path]
	if p.file != nil {
		return
	}
	p.j.b.open(path, p.j.Line) // which bounds their number
	p.file = &rubyFile{draft: draft{j: p.j}}
	p.kept[path] = p.file
}

// command reads what one command covered.
func (p *simpleCovParser) command() {
	if p.j.Kind() != '{' {
		p.j.Skip()
		return
	}
	for p.j.Object(); p.j.More(); {
		if string(p.j.Key()) == "coverage" {
			p.found = true
			p.files()
		} else {
			p.j.Skip()
		}
	}
}

func (p *simpleCovParser) files() {
	for p.j.Object(); p.j.More(); {
		p.one(string(p.j.Key()))
	}
}

// one reads an array of lines, as before SimpleCov 0.18, or an object of them
// and of branches.
func (p *simpleCovParser) one(path string) {
	p.begin(path)
	lines := p.j.Kind() == '['
	if lines {
		p.lines()
		return
	}
	for p.j.Object(); p.j.More(); {
		switch key := string(p.j.Key()); {
		case p.j.Kind() == 'n':
			p.j.Skip()
		case key == "lines":
			lines = true
			p.lines()
		case key == "branches":
			p.branches()
		default:
			p.j.Skip()
		}
	}
	if !lines && !p.j.Stopped() {
		p.j.Fail("%.200q has no lines", path)
	}
}

// lines reads counts of all lines of a file, null for those that cannot run.
func (p *simpleCovParser) lines() {
	n := 1
	for p.j.Array(); p.j.More(); n++ {
		switch p.j.Kind() {
		case 'n':
			p.j.Word()
		case '"':
			if text := p.j.Text(true); string(text) != ignored && !p.j.Stopped() {
				p.j.Fail("%.40q is no count", text)
			}
		default:
			p.line(n, p.j.count())
		}
	}
}

func (p *simpleCovParser) line(n int, hit bool) {
	switch {
	case p.j.Stopped():
	case n > maxLine:
		p.j.Fail("line %d: a line is a number from 1 to %d", n, maxLine)
	default:
		p.file.line(n, hit)
	}
}

// branches reads a result set's object of conditions, or the formatter's array
// of branches.
func (p *simpleCovParser) branches() {
	if p.j.Kind() == '[' {
		for p.j.Array(); p.j.More(); {
			p.branch()
		}
		return
	}
	for p.j.Object(); p.j.More(); {
		p.condition(string(p.j.Key()))
	}
}

// condition reads how often each branch of a condition was taken.
func (p *simpleCovParser) condition(name string) {
	n, placed := p.conditionLine(name)
	var hash maphash.Hash
	hash.SetSeed(p.seed)
	for p.j.Object(); p.j.More(); {
		hash.Reset()
		hash.WriteString(name)
		hash.WriteByte(0)
		hash.Write(p.j.Key())
		b := rubyBranch{hash.Sum64(), int32(n), p.j.count()}
		if placed {
			p.file.branches = mark(p.file.branches, b, compareBranches)
		}
	}
}

// conditionLine is where a condition begins. Its name is Ruby's array as text,
// [:if, 0, 10, 4, 14, 7]: kind, number, place.
func (p *simpleCovParser) conditionLine(name string) (n int, placed bool) {
	parts := strings.Split(name, ",")
	if len(parts) != 6 {
		p.j.Fail("%.80q is no condition", name)
		return 0, false
	}
	return p.j.placeOf([]byte(strings.TrimSpace(parts[2])))
}

// branch reads one branch. The formatter does not say where its condition is; as
// SimpleCov shows it, that is where the branch begins or the line before. Before
// one after else there is nothing that could run, and an else that is not
// written begins where its condition does.
func (p *simpleCovParser) branch() {
	n, placed, hit, other := 0, false, true, false
	for p.j.Object(); p.j.More(); {
		switch key := string(p.j.Key()); {
		case key == "type":
			other = string(p.j.Text(true)) == "else"
		case key == "start_line":
			n, placed = p.j.place()
		case key == "coverage" && p.j.Kind() != '"':
			hit = p.j.count()
		default:
			p.j.Skip()
		}
	}
	switch {
	case !placed || hit:
	case other:
		p.file.lacks(n)
	default:
		p.file.perhaps(n)
	}
}
