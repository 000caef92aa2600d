package scan

import (
	"bytes"
	"slices"
	"strings"
)

// keywords are looked for in the parts of names. Those without "*" are told by
// their first byte; most parts begin like none.
type keywords struct {
	first *[256][]keyword
	wild  []keyword
	some  bool
}

type keyword struct {
	number int
	pieces []string // what stands between "*"; one without
}

func newKeywords() keywords { return keywords{first: new([256][]keyword)} }

func (k *keywords) add(number int, text string) {
	var pieces []string
	for _, piece := range strings.Split(text, "*") {
		pieces = append(pieces, fold(canonical(piece)).text)
	}
	k.some = true
	w := keyword{number, pieces}
	if len(pieces) > 1 {
		k.wild = append(k.wild, w)
		return
	}
	at := &k.first[pieces[0][0]]
	*at = append(*at, w)
}

// in are the numbers of the keywords in a name, in order.
func (k *keywords) in(name folded) []int {
	if !k.some {
		return nil
	}
	var found []int
	for start := range len(name.text) {
		if !name.at[start] {
			continue
		}
		for _, w := range k.first[name.text[start]] {
			if end := start + len(w.pieces[0]); end <= len(name.text) && name.at[end] && name.text[start:end] == w.pieces[0] {
				found = append(found, w.number)
			}
		}
		if len(found) > 64 {
			found = compact(found)
		}
	}
	for _, w := range k.wild {
		if w.in(name) {
			found = append(found, w.number)
		}
	}
	return compact(found)
}

func compact(numbers []int) []int {
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// in says whether the pieces follow each other in a name, the first where a part
// begins and the last where one ends.
func (w *keyword) in(name folded) bool {
	at, last := 0, len(w.pieces)-1
	for i, piece := range w.pieces {
		for {
			next := strings.Index(name.text[at:], piece)
			if next < 0 {
				return false
			}
			at += next
			if fits := (i > 0 || piece == "" || name.at[at]) && (i < last || piece == "" || name.at[at+len(piece)]); fits {
				break
			}
			at++
		}
		at += len(piece)
	}
	return true
}

// phrase is a keyword that is no name: it is looked for as it stands, in lower
// case. What stands between "*" follows each other on one line.
type phrase struct {
	number int
	pieces [][]byte
}

func newPhrase(number int, text string) phrase {
	p := phrase{number: number}
	for _, piece := range strings.Split(strings.ToLower(canonical(text)), "*") {
		if piece = strings.TrimSpace(piece); piece != "" {
			p.pieces = append(p.pieces, []byte(piece))
		}
	}
	return p
}

func (p *phrase) in(line []byte) bool {
	for _, piece := range p.pieces {
		_, after, ok := bytes.Cut(line, piece)
		if !ok {
			return false
		}
		line = after
	}
	return true
}
