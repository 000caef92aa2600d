package scan

import (
	"strings"
	"unicode/utf8"

	"github.com/handrail-bot/handrail/checks"
)

// looker is one reading of one file.
type looker struct {
	*watcher
	path  string
	last  *lastNames
	loose bool
	// hits are what is known of names that were seen; most names come again.
	hits  map[string]*hits
	spots []checks.Spot
	told  map[place]bool
	// lowered is room for a line in lower case.
	lowered []byte
	done    bool // all that is told is found
}

// place is where a pattern was found: the side, the line's number there, and the
// pattern's.
type place struct {
	side         byte
	line, number int
}

// hits is what a name is: which keywords are in it, and which functions and
// classes end with it.
type hits struct{ keywords, names []int }

// Names that are longer, or come when so many are known, are not remembered.
const (
	knownNames = 1 << 16
	knownBytes = 128
)

// known is what a name is; nil for most.
func (l *looker) known(name string, plain bool) *hits {
	if h, ok := l.hits[name]; ok {
		return h
	}
	real := name
	if !plain {
		real = canonical(name)
	}
	var h *hits
	f := fold(real)
	if l.loose {
		real = strings.ToLower(real)
	}
	if k, n := l.keywords.in(f), l.last.of(real); len(k)+len(n) > 0 {
		h = &hits{k, n}
	}
	if len(name) <= knownBytes && len(l.hits) < knownNames {
		l.hits[name] = h
	}
	return h
}

// read reads one side of the difference. Lines that stay are read for calls that
// begin or end on one that does not.
func (l *looker) read(s side) {
	for i := range s.lines {
		if l.done {
			return
		}
		if kind := s.lines[i].Kind; kind == s.kind || kind == ' ' && len(l.names) > 0 {
			l.line(s, i)
		}
	}
}

func (l *looker) line(s side, i int) {
	text, changed := s.lines[i].Text, s.lines[i].Kind == s.kind
	chained := 0 // where the last chain ended: what a part of it says, all of it does
	for at := 0; !l.done; {
		start, end, plain := nextName(text, at)
		if start < 0 {
			break
		}
		if changed && start >= chained {
			if chained = chainEnd(text, end); chained > end {
				l.words(s, i, l.known(text[start:chained], false))
			}
		}
		if h := l.known(text[start:end], plain); h != nil {
			if changed {
				l.words(s, i, h)
			}
			l.calls(s, i, start, end, h.names)
		}
		at = end
	}
	if changed && len(l.phrases) > 0 {
		l.say(s, i)
	}
}

// chainEnd is where the names end that "-" joins to one.
func chainEnd(text string, end int) int {
	for end+1 < len(text) && text[end] == '-' {
		width, _ := nameWidth(text, end+1)
		if width == 0 {
			break
		}
		_, end, _ = nextName(text, end+1)
	}
	return end
}

func (l *looker) words(s side, i int, h *hits) {
	if h == nil {
		return
	}
	for _, n := range h.keywords {
		l.spot(s, i, n, kindKeyword)
	}
}

// calls finds which functions and classes a name ends.
func (l *looker) calls(s side, i, start, end int, names []int) {
	to, called, asked := i, false, false
	for _, n := range names {
		p := &l.names[n]
		if l.told[place{s.kind, s.number(i), p.number}] {
			continue
		}
		if p.kind == kindFunction && !asked {
			to, called = s.called(i, end)
			asked = true
		}
		last := i
		if p.kind == kindFunction {
			if !called {
				continue
			}
			last = to
		}
		from, ok := s.qualified(i, start, p.links, l.loose)
		if !ok || p.alone && ofSomebody(s.lines[i].Text[:start], l.path) {
			continue
		}
		if at, ok := s.changed(i, from, last); ok {
			l.spot(s, at, p.number, p.kind)
		}
	}
}

func (l *looker) say(s side, i int) {
	l.lowered = l.lowered[:0]
	text, ascii := s.lines[i].Text, true
	for j := range len(text) {
		ascii = ascii && text[j] < utf8.RuneSelf
		l.lowered = append(l.lowered, lowerByte[text[j]])
	}
	if !ascii {
		l.lowered = append(l.lowered[:0], strings.ToLower(canonical(text))...)
	}
	for _, p := range l.phrases {
		if p.in(l.lowered) {
			l.spot(s, i, p.number, kindKeyword)
		}
	}
}

func (l *looker) spot(s side, i, number int, kind string) {
	at := place{s.kind, s.number(i), number}
	if l.done || l.told[at] {
		return
	}
	l.told[at] = true
	l.spots = append(l.spots, checks.Spot{Path: l.path, Line: at.line, Gone: s.kind == '-', Kind: kind, What: l.what[number]})
	l.done = len(l.spots) >= spotLimit
}
