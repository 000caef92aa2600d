package coverage

import "io"

const coveragePyFormat = "coverage.py JSON"

// isCoveragePy knows "meta" with branch_coverage, and "files" whose members
// have an array executed_lines.
func isCoveragePy(_ string, prefix []byte) (found bool) {
	outline(prefix, func(at []string, kind byte, _ string) {
		switch {
		case len(at) == 2 && at[0] == "meta" && at[1] == "branch_coverage" && kind == 't',
			len(at) == 3 && at[0] == "files" && at[2] == "executed_lines" && kind == '[':
			found = true
		}
	})
	return found
}

// parseCoveragePy reads what coverage json writes, formats 2 and 3 and those
// before they had numbers. What a file says again of its functions, classes and
// contexts is passed over. A line with a branch that was not taken is covered in
// part; one that is excluded does not count, even when it was executed.
func parseCoveragePy(r io.Reader) (*Report, error) {
	p := coveragePyParser{j: newJSONReader(coveragePyFormat, r)}
	p.draft.j = p.j
	p.j.members("files", p.file)
	return p.j.report()
}

type coveragePyParser struct {
	j     *jsonReader
	draft draft
}

func (p *coveragePyParser) file(path string) {
	executed, missing := false, false
	for p.j.Object(); p.j.More(); {
		switch string(p.j.Key()) {
		case "executed_lines":
			executed = true
			p.lines(func(n int) { p.draft.line(n, true) })
		case "missing_lines":
			missing = true
			p.lines(func(n int) { p.draft.line(n, false) })
		case "excluded_lines":
			p.lines(p.draft.exclude)
		case "missing_branches":
			p.branches()
		default:
			p.j.Skip()
		}
	}
	if !p.j.Stopped() && (!executed || !missing) {
		p.j.Fail("%.200q lacks executed_lines or missing_lines", path)
	}
	p.draft.into(path)
}

// lines reads numbers of lines. An empty file's may be 0.
func (p *coveragePyParser) lines(say func(n int)) {
	for p.j.Array(); p.j.More(); {
		if n, placed := p.j.place(); placed {
			say(n)
		}
	}
}

// branches reads pairs of the line from which a branch goes and the one to which
// it does, or would leave: then it is below zero.
func (p *coveragePyParser) branches() {
	for p.j.Array(); p.j.More(); {
		i := 0
		for p.j.Array(); p.j.More(); i++ {
			if i > 0 {
				p.j.Skip()
			} else if n, placed := p.j.place(); placed {
				p.draft.lacks(n)
			}
		}
		if i != 2 && !p.j.Stopped() {
			p.j.Fail("a branch of %d lines, not of 2", i)
		}
	}
}
