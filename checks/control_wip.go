package checks

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// WIP is the control `compliance: {wip: …}`: work in progress waits, until its
// title and labels no longer say that it is. `wip: true` takes the defaults.
//
// Evidence for SOC 2 CC8.1, NIST CM-3.
type WIP struct {
	// Title lists beginnings of a title that say so, in any case; one that ends
	// in a letter must be a word of its own. Default: WIP, [WIP], (WIP), Draft:,
	// [Draft], (Draft), Do not merge.
	Title []string `yaml:"title" tighten:"beside"`
	// Labels that say so, in any case. Default: wip, work in progress.
	Labels []string `yaml:"labels" tighten:"beside"`
}

// NewWIP is the control with its defaults.
func NewWIP() *WIP {
	return &WIP{
		Title:  []string{"WIP", "[WIP]", "(WIP)", "Draft:", "[Draft]", "(Draft)", "Do not merge"},
		Labels: []string{"wip", "work in progress"},
	}
}

// Faults finds blank words, with which every title would begin.
func (w *WIP) Faults() []Fault {
	var out []Fault
	for _, part := range []struct {
		key   string
		words []string
	}{{"title", w.Title}, {"labels", w.Labels}} {
		for i, word := range part.words {
			if Plain(word) == "" {
				out = append(out, Fault{Key: fmt.Sprintf("%s.%d", part.key, i), Message: "A blank word would hold up every pull request."})
			}
		}
	}
	if len(w.Title)+len(w.Labels) == 0 {
		out = append(out, Fault{Message: "No word and no label says that work is in progress."})
	}
	return out
}

// Eval looks at the title and the labels.
func (w *WIP) Eval(pull Pull) Result {
	r := Result{ID: "compliance/wip", Name: "Work in progress", State: Met, Summary: "It is not marked as work in progress."}
	title := Plain(pull.Title)
	for _, word := range w.Title {
		if beginsWith(title, Plain(word)) {
			return waits(r, "The title begins with “"+quoted(word)+"”. Change the title when it is ready.")
		}
	}
	for _, label := range w.Labels {
		if hasLabel(pull.Labels, label) {
			return waits(r, "It has the label “"+quoted(label)+"”. Take the label away when it is ready.")
		}
	}
	return r
}

func waits(r Result, summary string) Result {
	r.State, r.Summary, r.Can = Waiting, summary, []string{theAuthor}
	return r
}

// beginsWith says whether a text begins with a word, in any case, and the word
// ends there.
func beginsWith(text, word string) bool {
	for i := 0; word != ""; {
		a, n := utf8.DecodeRuneInString(word)
		b, m := utf8.DecodeRuneInString(text[i:])
		if m == 0 || unicode.ToLower(a) != unicode.ToLower(b) {
			return false
		}
		word, i = word[n:], i+m
		if word == "" {
			next, _ := utf8.DecodeRuneInString(text[i:])
			inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
			return i == len(text) || !inWord(a) || !inWord(next)
		}
	}
	return false
}
