package scan

import (
	"path"
	"strings"
	"sync"
	"unicode"

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
	n := w.number(strings.TrimPrefix(text, "^"))
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
// Before is the path that the file had, "" if that is the same. What was or will be
// watched is: a file is left out only if both of its names are.
func (w *watcher) look(path, before string, lines []checks.PatchLine) []checks.Spot {
	if len(w.what) == 0 || len(lines) == 0 || w.excludes(path) && (before == "" || w.excludes(before)) {
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
