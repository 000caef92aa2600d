package scan

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// manifestRule knows the secrets of Kubernetes by three things that stand near each
// other in any order that YAML allows. Its expression counts up to 200 characters
// from each of them at once, which takes 1 µs for a byte of a text full of them, so
// that it is read here by hand, to the same end.
const manifestRule = "kubernetes-secret-yaml"

// manifest is where in a text those things are, in order.
type manifest struct {
	kinds, datas []span // "kind: secret", "data:"
	pairs        []pair // a name and what looks like base64
}

type pair struct {
	span
	gap int // where the blanks before it begin
}

// How many characters the expression has between its parts.
const (
	manifestGap = 200
	pairGap     = 100
)

var manifestBlank = setOf("\t\n\f\r ")

// manifests takes what the expression of [manifestRule] finds in a part of the text.
func (s *search) manifests(r *rule, all span) {
	found := manifestOf(s.text, all)
	done := all.from
	kinds, datas := found.kinds, found.datas
	for len(kinds)+len(datas) > 0 {
		var m []int
		if len(datas) == 0 || len(kinds) > 0 && kinds[0].from < datas[0].from {
			if kinds[0].from >= done {
				m = found.afterKind(s.text, kinds[0])
			}
			kinds = kinds[1:]
		} else {
			if datas[0].from >= done {
				m = found.afterData(s.text, datas[0])
			}
			datas = datas[1:]
		}
		if m != nil {
			done = m[1]
			s.take(r, m)
		}
	}
}

// afterKind is the match that begins with a kind: the nearest data with a pair.
func (f *manifest) afterKind(text string, kind span) []int {
	for _, data := range f.datas[firstFrom(f.datas, kind.to):] {
		if !within(text, kind.to, data.from, manifestGap) {
			return nil
		}
		if i := f.pairAfter(data); i < len(f.pairs) && within(text, data.to, f.pairs[i].gap, pairGap) {
			p := f.pairs[i]
			return []int{kind.from, p.to, p.from, p.to}
		}
	}
	return nil
}

// afterData is the match that begins with data: the nearest pair before a kind.
func (f *manifest) afterData(text string, data span) []int {
	for _, p := range f.pairs[f.pairAfter(data):] {
		if !within(text, data.to, p.gap, pairGap) {
			return nil
		}
		i := firstFrom(f.kinds, p.to)
		if i < len(f.kinds) && within(text, p.to, f.kinds[i].from, manifestGap) {
			return []int{data.from, f.kinds[i].to, p.from, p.to}
		}
	}
	return nil
}

func (f *manifest) pairAfter(data span) int {
	i, _ := slices.BinarySearchFunc(f.pairs, data.to, func(p pair, at int) int { return p.from - at })
	return i
}

func firstFrom(list []span, at int) int {
	i, _ := slices.BinarySearchFunc(list, at, func(s span, at int) int { return s.from - at })
	return i
}

// within says that there are at most so many characters between two places.
func within(text string, from, to, most int) bool {
	return to <= from || to-from <= utf8.UTFMax*most && utf8.RuneCountInString(text[from:to]) <= most
}

func manifestOf(text string, all span) (f manifest) {
	gap := all.from
	for at := all.from; at < all.to; at++ {
		if manifestBlank[text[at]] {
			if at == all.from || !manifestBlank[text[at-1]] {
				gap = at
			}
			continue
		}
		if at > all.from && manifestBlank[text[at-1]] {
			if end := pairEnd(text[at:all.to]); end > 0 {
				f.pairs = append(f.pairs, pair{span{at, at + end}, gap})
			}
		}
		if at > 0 && wordByte[text[at-1]] {
			continue
		}
		switch text[at] | 0x20 {
		case 'd':
			if hasPrefixFold(text[at:all.to], "data:") {
				f.datas = append(f.datas, span{at, at + len("data:")})
			}
		case 'k':
			if end := kindEnd(text[at:all.to]); end > 0 {
				f.kinds = append(f.kinds, span{at, at + end})
			}
		}
	}
	return f
}

// kindEnd is where "kind: secret" ends that a text begins with; 0 if it does not.
func kindEnd(text string) int {
	if !hasPrefixFold(text, "kind:") {
		return 0
	}
	rest := withoutQuote(strings.TrimLeft(text[len("kind:"):], " \t"))
	if !hasPrefixFold(rest, "secret") {
		return 0
	}
	if rest = rest[len("secret"):]; rest != "" && wordByte[rest[0]] {
		return 0
	}
	return len(text) - len(withoutQuote(rest))
}

// pairEnd is where a name and its value end that a text begins with; 0 if it does
// not.
func pairEnd(text string) int {
	at := 0
	for at < len(text) && (wordByte[text[at]] || text[at] == '.' || text[at] == '-') {
		at++
	}
	if at == 0 || at == len(text) || text[at] != ':' {
		return 0
	}
	rest := strings.TrimLeft(text[at+1:], " \t")
	if rest != "" && (rest[0] == '|' || rest[0] == '>') {
		block := rest[1:]
		if rest[0] == '>' && block != "" && (block[0] == '-' || block[0] == '+') {
			block = block[1:]
		}
		if rest = strings.TrimLeft(block, "\t\n\f\r "); len(rest) == len(block) {
			return 0
		}
	}
	if n := valueLength(rest); n > 0 {
		return len(text) - len(rest) + n
	}
	return 0
}

// valueLength is how long base64, a template or an empty text is that a text begins
// with; 0 if there is none.
func valueLength(text string) int {
	rest := withoutQuote(text)
	n := 0
	for n < len(rest) && codeLetter[rest[n]] {
		n++
	}
	if n >= 10 {
		rest = rest[n:]
		for i := 0; i < 3 && rest != "" && rest[0] == '='; i++ {
			rest = rest[1:]
		}
		return len(text) - len(withoutQuote(rest))
	}
	if strings.HasPrefix(text, `""`) || strings.HasPrefix(text, "''") {
		return 2
	}
	if !strings.HasPrefix(text, "{{") {
		return 0
	}
	for n = 2; n < len(text) && (wordByte[text[n]] || inTemplate[text[n]]); n++ {
	}
	if n > 2 && strings.HasPrefix(text[n:], "}}") {
		return n + 2
	}
	return 0
}

var inTemplate = setOf(" \t\"|$:=,.-")

func withoutQuote(text string) string {
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		return text[1:]
	}
	return text
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}
