package coverage

import (
	"bytes"
	"cmp"
	"io"
	"slices"
)

const goFormat = "Go cover profile"

// isGo knows a cover profile by its first line.
func isGo(_ string, prefix []byte) bool {
	mode, ok := bytes.CutPrefix(firstLine(prefix), []byte("mode: "))
	return ok && goMode(mode)
}

func goMode(mode []byte) bool {
	switch string(bytes.TrimSpace(mode)) {
	case "set", "count", "atomic":
		return true
	}
	return false
}

// parseGo reads what go test -coverprofile writes, see go doc cmd/cover: lines
// of "file:line.column,line.column statements count" under a line with the mode.
// Profiles that were put one behind the other are one.
func parseGo(r io.Reader) (*Report, error) {
	p := goParser{b: newBuilder(goFormat)}
	in := newTextLines(r)
	for p.b.err == nil {
		line, ok := in.next()
		if !ok {
			break
		}
		p.line(line, in.n)
	}
	if err := in.end(p.b); err != nil {
		return nil, err
	}
	return p.b.report()
}

type goParser struct {
	b    *builder
	path []byte // of file
	file *fileBuilder
}

func (p *goParser) line(line []byte, at int) {
	if mode, ok := bytes.CutPrefix(line, []byte("mode:")); ok {
		if !goMode(mode) {
			p.b.fail(at, "%.40q is no mode", mode)
		}
		return
	}
	colon := bytes.LastIndexByte(line, ':')
	if colon < 1 {
		p.b.fail(at, "%.80q is no block", line)
		return
	}
	k, ok := goBlock(line[colon+1:])
	if !ok {
		p.b.fail(at, "%.80q is no block", line)
		return
	}
	if path := line[:colon]; p.file == nil || !bytes.Equal(path, p.path) {
		p.path = append(p.path[:0], path...)
		p.file = p.b.open(string(path), at)
	}
	p.block(k, at)
}

func (p *goParser) block(k [6]int, at int) {
	start, startCol, end, endCol, stmts := k[0], k[1], k[2], k[3], k[4]
	if start < 1 || start > maxLine || end > maxLine {
		p.b.fail(at, "lines %d to %d: a line is a number from 1 to %d", start, end, maxLine)
		return
	}
	if stmts > maxLine || startCol > maxLine || endCol > maxLine {
		p.b.fail(at, "a number above %d", maxLine)
		return
	}
	if stmts == 0 {
		return // nothing in it can run
	}
	// Where a line directive stands within a block, its ends count in two files.
	end = max(start, end)
	p.file.block(Block{
		Start: int32(start), StartCol: int32(startCol), End: int32(end), EndCol: int32(endCol),
		Stmts: int32(stmts), Hit: k[5] > 0,
	})
}

// goBlock reads "line.column,line.column statements count".
func goBlock(text []byte) (k [6]int, ok bool) {
	for i, sep := range []byte{'.', ',', '.', ' ', ' '} {
		at := bytes.IndexByte(text, sep)
		if at < 0 {
			return k, false
		}
		if k[i], ok = number(text[:at]); !ok {
			return k, false
		}
		text = text[at+1:]
	}
	k[5], ok = number(text)
	return k, ok
}

// mergeBlocks puts blocks in order and makes one of those at the same place, as
// go tool cover does. It may use blocks' memory.
func mergeBlocks(blocks []Block) []Block {
	slices.SortFunc(blocks, byPlace)
	out := blocks[:0]
	for _, k := range blocks {
		if n := len(out); n > 0 && byPlace(out[n-1], k) == 0 {
			out[n-1].Hit = out[n-1].Hit || k.Hit
			out[n-1].Stmts = max(out[n-1].Stmts, k.Stmts)
			continue
		}
		out = append(out, k)
	}
	return out
}

func byPlace(a, b Block) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.StartCol, b.StartCol),
		cmp.Compare(a.End, b.End), cmp.Compare(a.EndCol, b.EndCol))
}
