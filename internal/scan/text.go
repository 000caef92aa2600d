package scan

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf16"

	"github.com/handrail-bot/handrail/checks"
)

// sideText is one side of a change as one text: its lines, one after the other
// also where there is a gap between them, so that nothing hides in one.
type sideText struct {
	text  string
	lines []sideLine
}

type sideLine struct {
	start   int // in the text
	number  int
	changed bool
}

// newSide are the lines that are there after the change, oldSide those before it.
func newSide(lines []checks.PatchLine) sideText { return makeSide(lines, '+') }
func oldSide(lines []checks.PatchLine) sideText { return makeSide(lines, '-') }

func makeSide(lines []checks.PatchLine, kind byte) (s sideText) {
	size, count := 0, 0
	for i := range lines {
		if k := lines[i].Kind; k == kind || k == ' ' {
			size, count = size+len(lines[i].Text)+1, count+1
		}
	}
	var b strings.Builder
	b.Grow(size)
	s.lines = make([]sideLine, 0, count)
	for i := range lines {
		l := &lines[i]
		if l.Kind != kind && l.Kind != ' ' {
			continue
		}
		number := l.New
		if kind == '-' {
			number = l.Old
		}
		s.lines = append(s.lines, sideLine{start: b.Len(), number: number, changed: l.Kind == kind})
		b.WriteString(l.Text)
		b.WriteByte('\n')
	}
	s.text = b.String()
	return s
}

// changed is the first changed line that a part of the text touches; ok is false
// if there is none.
func (s *sideText) changed(from, to int) (number int, ok bool) {
	i := sort.Search(len(s.lines), func(i int) bool { return s.lines[i].start > from }) - 1
	for i = max(i, 0); i < len(s.lines) && s.lines[i].start < to; i++ {
		if s.lines[i].changed {
			return s.lines[i].number, true
		}
	}
	return 0, false
}

// place is where a hit is to be told, which is at the first changed line of the
// secret, or else of what makes it one, without the blanks around it.
func (s *sideText) place(h *hit) (number int, ok bool) {
	if number, ok = s.changed(h.start, h.end); ok {
		return number, true
	}
	match := s.text[h.from:h.to]
	from := h.to - len(strings.TrimLeft(match, " \t\r\n"))
	return s.changed(from, h.from+len(strings.TrimRight(match, " \t\r\n")))
}

// wholeLines are the lines of a file as it was and as it is: what both begin and
// end with is the same, what is between has changed.
func wholeLines(before, after []byte) (lines []checks.PatchLine) {
	removed, added := splitLines(before), splitLines(after)
	head := 0
	for head < min(len(removed), len(added)) && removed[head] == added[head] {
		head++
	}
	tail := 0
	for tail < min(len(removed), len(added))-head && removed[len(removed)-1-tail] == added[len(added)-1-tail] {
		tail++
	}
	lines = make([]checks.PatchLine, 0, len(removed)+len(added)-head-tail)
	for i := range head {
		lines = append(lines, checks.PatchLine{Kind: ' ', Old: i + 1, New: i + 1, Text: added[i]})
	}
	for i := head; i < len(removed)-tail; i++ {
		lines = append(lines, checks.PatchLine{Kind: '-', Old: i + 1, Text: removed[i]})
	}
	for i := head; i < len(added)-tail; i++ {
		lines = append(lines, checks.PatchLine{Kind: '+', New: i + 1, Text: added[i]})
	}
	for i := len(added) - tail; i < len(added); i++ {
		lines = append(lines, checks.PatchLine{Kind: ' ', Old: i + 1 + len(removed) - len(added), New: i + 1, Text: added[i]})
	}
	if n := len(lines); n > 0 && len(after) > 0 && after[len(after)-1] != '\n' {
		lines[n-1].Open = true
	}
	return lines
}

// lineLimit is how many lines of a file are told apart: each takes far more memory
// than a line's end does in the file. What is behind is one line.
const lineLimit = 1 << 18

func splitLines(content []byte) []string {
	text := strings.TrimSuffix(readable(content), "\n")
	if text == "" && len(content) == 0 {
		return nil
	}
	return strings.SplitN(text, "\n", lineLimit)
}

// readable is content as UTF-8, if it says that it is UTF-16 by its byte order
// mark (Unicode Standard 23.8).
func readable(content []byte) string {
	little := bytes.HasPrefix(content, []byte{0xff, 0xfe})
	if !little && !bytes.HasPrefix(content, []byte{0xfe, 0xff}) {
		return string(content)
	}
	units := make([]uint16, 0, len(content)/2)
	for i := 2; i+1 < len(content); i += 2 {
		a, b := uint16(content[i]), uint16(content[i+1])
		if little {
			a, b = b, a
		}
		units = append(units, a<<8|b)
	}
	return string(utf16.Decode(units))
}
