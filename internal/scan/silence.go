package scan

import (
	"path"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// silencedIn finds marks on added lines that tell a scanner to overlook
// something: one spot a line and tool. A mark that was there before is none: its
// line was removed elsewhere in the file, or only indented, and what it silences
// is still the same.
func silencedIn(path string, lines []checks.PatchLine) []checks.Spot {
	var spots []checks.Spot
	var before map[string]int
	for i := range lines {
		l := &lines[i]
		if l.Kind != '+' {
			continue
		}
		found := marksOn(path, l)
		if len(found) == 0 {
			continue
		}
		if before == nil {
			before = removedMarks(path, lines)
		}
		if key := silencing(side{lines, '+'}, i); before[key] > 0 {
			before[key]--
			continue
		}
		spots = append(spots, found...)
		if len(spots) >= spotLimit {
			return spots[:spotLimit]
		}
	}
	return spots
}

// removedMarks counts what was silenced before on lines that are removed.
func removedMarks(path string, lines []checks.PatchLine) map[string]int {
	before := map[string]int{}
	for i := range lines {
		if l := &lines[i]; l.Kind == '-' && len(marksOn(path, l)) > 0 {
			before[silencing(side{lines, '-'}, i)]++
		}
	}
	return before
}

// silencing is a line with a mark and what the mark is about: the line itself,
// and the next one too if there is nothing but a comment on it.
func silencing(s side, i int) string {
	text := strings.TrimSpace(s.lines[i].Text)
	for _, begins := range leaders {
		if !strings.HasPrefix(text, begins) {
			continue
		}
		if next, ok := s.beside(i, 1); ok {
			return text + "\n" + strings.TrimSpace(s.lines[next].Text)
		}
		return text + "\n"
	}
	return text
}

// leaders are what comments and attributes begin with.
var leaders = []string{"//", "#", "/*", "*", "<!--", "--", ";", "%", "'", "@", "[", "{", `"`}

// triedMarks is how many marks are tried on a line. Who writes more has one that
// counts.
const triedMarks = 256

// marksOn are the marks on one line.
func marksOn(file string, l *checks.PatchLine) (spots []checks.Spot) {
	text, tried := l.Text, 0
	var hash uint32
	for i := 0; i < len(text); i++ {
		hash = hash<<8 | uint32(lowerByte[text[i]])
		if i < 3 || !markBegins[bucket(hash)] {
			continue
		}
		for _, n := range markRows[hash] {
			m := &silencers[n]
			start := i - 3
			if m.code && prose(file) || m.only != nil && !m.only(file) || !m.at(text, start) {
				continue
			}
			if tried++; tried <= triedMarks && !m.applies(text[:start], text[start+len(m.mark):]) {
				continue
			}
			spots = addMark(spots, checks.Spot{Path: file, Line: l.New, Kind: m.toolFor(file), What: m.mark})
		}
	}
	return spots
}

func addMark(spots []checks.Spot, spot checks.Spot) []checks.Spot {
	for i := range spots {
		if spots[i].Kind == spot.Kind {
			return spots
		}
	}
	return append(spots, spot)
}

// prose says whether a file is text for people, which most scanners do not read.
func prose(file string) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".md", ".markdown", ".rst", ".adoc", ".asciidoc", ".txt":
		return true
	}
	return false
}

// at says whether the mark stands at a place, in any case and not within a name.
func (m *silencer) at(text string, start int) bool {
	end := start + len(m.mark)
	if end > len(text) || start > 0 && isWord(text[start-1]) {
		return false
	}
	for i := range len(m.mark) {
		if lowerByte[text[start+i]] != m.mark[i] {
			return false
		}
	}
	return true
}

// markReach is how much of what follows a mark is read. A list that is longer
// silences what it wants.
const (
	markReach   = 240
	leaderReach = 16 // the same, of what is before it
)

func (m *silencer) applies(before, after string) bool {
	if m.first != nil && !m.first.MatchString(before[max(0, len(before)-leaderReach):]) {
		return false
	}
	if m.after == nil {
		return after == "" || !isWord(after[0])
	}
	return m.after.MatchString(after[:min(len(after), markReach)]) ||
		len(after) > markReach && m.list && !strings.ContainsAny(after[:markReach], "\"'(){};")
}

func (m *silencer) toolFor(file string) string {
	if tool := m.tools[strings.ToLower(path.Ext(file))]; tool != "" {
		return tool
	}
	return m.tool
}

func isWord(c byte) bool { return c == '_' || c != '$' && c < 0x80 && nameByte[c] }

var lowerByte = func() (low [256]byte) {
	for i := range low {
		if low[i] = byte(i); i >= 'A' && i <= 'Z' {
			low[i] |= 0x20
		}
	}
	return low
}()

// markRows are the rows of the table by the first four bytes of their marks,
// markBegins says quickly that there is none: most places in a text begin none.
var markRows, markBegins = func() (rows map[uint32][]int, begins [1 << 12]bool) {
	rows = map[uint32][]int{}
	for n, m := range silencers {
		var hash uint32
		for i := range 4 {
			hash = hash<<8 | uint32(m.mark[i])
		}
		rows[hash] = append(rows[hash], n)
		begins[bucket(hash)] = true
	}
	return rows, begins
}()

func bucket(hash uint32) uint32 { return hash * 2654435769 >> 20 }
