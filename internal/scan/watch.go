package scan

import (
	"path"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/handrail-bot/handrail/checks"
)

// What a [checks.Spot] of watched code is called.
const (
	kindKeyword  = "keyword"
	kindFunction = "function"
	kindClass    = "class"
)

// spotLimit is how many spots of one kind are told of one file: one more than a
// [checks.PatchScan] holds, so that who cuts there knows that there were more.
const spotLimit = 201

// watcher finds what a policy watches. It does not change once it is compiled.
type watcher struct {
	exclude  []checks.Glob
	keywords keywords
	phrases  []phrase
	names    []pattern
	exact    lastNames // by the last name, as it is written
	loose    lastNames // in lower case, for languages that do not care
	what     []string  // all patterns as they are written, by their number
	// memories keep what is known of names from one file to the next.
	memories, looseMemories *sync.Pool
}

// compile reads the patterns of a policy. One that says nothing, such as "", is
// never found.
func compile(p checks.Patterns) *watcher {
	w := &watcher{
		exclude: p.Exclude, keywords: newKeywords(), exact: newLastNames(), loose: newLastNames(),
		memories: newMemories(), looseMemories: newMemories(),
	}
	for _, text := range p.Keywords {
		w.addKeyword(text)
	}
	for _, text := range p.Functions {
		w.addName(kindFunction, text)
	}
	for _, text := range p.Classes {
		w.addName(kindClass, text)
	}
	return w
}

func newMemories() *sync.Pool {
	return &sync.Pool{New: func() any { return map[string]*hits{} }}
}

func (w *watcher) number(text string) int {
	w.what = append(w.what, strings.Map(func(r rune) rune {
		if unicode.Is(unicode.C, r) {
			return -1
		}
		return r
	}, text))
	return len(w.what) - 1
}

func (w *watcher) addKeyword(text string) {
	n := w.number(text)
	if isName(text) {
		w.keywords.add(n, text)
	} else if p := newPhrase(n, text); len(p.pieces) > 0 {
		w.phrases = append(w.phrases, p)
	}
}

// isName says whether a keyword can be a name or part of one; "-" joins names. One
// of nothing but what joins parts is none.
func isName(text string) bool {
	for _, r := range text {
		if r != '-' && r != '*' && !nameRune(r) {
			return false
		}
	}
	return fold(canonical(strings.ReplaceAll(text, "*", ""))).text != ""
}

func (w *watcher) addName(kind, text string) {
	n := w.number(text)
	p, ok := newPattern(n, kind, text)
	if !ok {
		return
	}
	w.names = append(w.names, p)
	at := len(w.names) - 1
	last := p.links[len(p.links)-1]
	w.exact.add(at, last.name)
	w.loose.add(at, last.name.lower())
}

// look finds the patterns in the lines of one file that are added and removed,
// the added ones first: one spot a line and pattern, at most [spotLimit] of them.
func (w *watcher) look(path string, lines []checks.PatchLine) []checks.Spot {
	if len(w.what) == 0 || len(lines) == 0 || w.excludes(path) {
		return nil
	}
	l := looker{watcher: w, path: path, last: &w.exact, loose: foldsNames(path), told: map[place]bool{}}
	memories := w.memories
	if l.loose {
		l.last, memories = &w.loose, w.looseMemories
	}
	l.hits = memories.Get().(map[string]*hits)
	l.read(side{lines, '+'})
	l.read(side{lines, '-'})
	memories.Put(l.hits)
	return l.spots
}

func (w *watcher) excludes(path string) bool {
	for _, g := range w.exclude {
		if g.Match(path) {
			return true
		}
	}
	return false
}

// looseNames are the endings of files in whose language exec and EXEC are one
// function: PHP, SQL, Visual Basic, Pascal, PowerShell, ColdFusion, batch files,
// Ada, Fortran, COBOL, Common Lisp, ABAP.
var looseNames = map[string]bool{
	".php": true, ".php3": true, ".php4": true, ".php5": true, ".php7": true, ".phtml": true, ".phar": true, ".inc": true,
	".module": true, ".theme": true, ".sql": true, ".pls": true, ".plsql": true, ".pks": true, ".pkb": true, ".prc": true,
	".vb": true, ".vbs": true, ".bas": true, ".cls": true, ".frm": true, ".asp": true, ".pas": true, ".pp": true,
	".dpr": true, ".ps1": true, ".psm1": true, ".psd1": true, ".cfm": true, ".cfc": true, ".cmd": true, ".bat": true,
	".adb": true, ".ads": true, ".f": true, ".for": true, ".f90": true, ".f95": true, ".f03": true, ".cob": true,
	".cbl": true, ".lisp": true, ".lsp": true, ".cl": true, ".abap": true,
}

func foldsNames(file string) bool { return looseNames[strings.ToLower(path.Ext(file))] }

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
	knownNames = 1 << 14
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
	for at := 0; !l.done; {
		start, end, plain := nextName(text, at)
		if start < 0 {
			break
		}
		if chain := chainEnd(text, end); chain > end && changed {
			l.words(s, i, l.known(text[start:chain], false))
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
		if !ok {
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
