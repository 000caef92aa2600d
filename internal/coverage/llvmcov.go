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
	for p.j.Object(); p.j.More(); {
		switch string(p.j.Key()) {
		case "data":
			for p.j.Array(); p.j.More(); {
				p.data()
			}
		case "type":
			kind = string(p.j.Text(true))
		default:
			p.j.Skip()
		}
	}
	if kind != llvmType && !p.j.Stopped() {
		p.j.Fail("the type is %.80q, not %q", kind, llvmType)
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

func (p *llvmParser) data() {
	for p.j.Object(); p.j.More(); {
		switch string(p.j.Key()) {
		case "files":
			for p.j.Array(); p.j.More(); {
				p.file()
			}
		case "totals":
			p.totals()
		default:
			p.j.Skip()
		}
	}
}

func (p *llvmParser) totals() {
	for p.j.Object(); p.j.More(); {
		if string(p.j.Key()) == "lines" {
			p.summary.read(p.j, "count")
		} else {
			p.j.Skip()
		}
	}
}

func (p *llvmParser) file() {
	path, lines, at := "", false, p.j.Line
	for p.j.Object(); p.j.More(); {
		switch string(p.j.Key()) {
		case "filename":
			path = string(p.j.Text(true))
		case "segments":
			lines = true
			p.segments()
		case "branches":
			p.branches()
		default:
			p.j.Skip()
		}
	}
	if path == "" && !p.j.Stopped() {
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
	for p.j.Array(); p.j.More(); {
		i, n, placed, all := 0, 0, false, true
		for p.j.Array(); p.j.More(); i++ {
			switch i {
			case 0:
				n, placed = p.j.place()
			case 4, 5:
				all = p.j.count() && all
			default:
				p.j.Skip()
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
	if !p.j.Stopped() {
		p.j.Fail("a %s with too few parts", what)
	}
}
