package scan

import (
	"regexp/syntax"
	"slices"
)

// head is how a match can begin: what its first bytes may be. One of the words in
// it is looked for; where it is found, the rest is held against the text before
// any expression is.
type head struct {
	bytes   []*byteSet
	bound   bool // no letter, digit or underscore stands before it
	open    bool // more may follow that bytes does not tell
	word    string
	wordAt  int // in bytes
	wordEnd int
	shapes  shapes // of all of the match, as far as it is told
	value   *value // what is given to it, if it is a name
}

type byteSet [256]bool

// Bounds of what is told of how a match begins: enough to tell a token from a
// word, and few enough to hold against every place where a word is.
const (
	headLength = 48
	headCount  = 64
)

// fits says whether a match may begin at a place.
func (h *head) fits(text string, at int) bool {
	if at < 0 || at+len(h.bytes) > len(text) || h.bound && at > 0 && wordByte[text[at-1]] && wordByte[text[at]] {
		return false
	}
	for i, set := range h.bytes {
		if !set[text[at+i]] {
			return false
		}
	}
	return true
}

// headsOf are all ways in which a match of an expression can begin; nil if one of
// them has no word in it.
func headsOf(expr *syntax.Regexp) (heads []head, err error) {
	if expr.Op != syntax.OpAlternate {
		return headsOfWay(expr)
	}
	for _, way := range expr.Sub {
		some, err := headsOfWay(way)
		if err != nil || some == nil {
			return nil, err
		}
		heads = append(heads, some...)
	}
	return heads, nil
}

// headsOfWay are those of an expression that has no other way beside it.
func headsOfWay(expr *syntax.Regexp) ([]head, error) {
	given, heads, looks := valueOf(expr), chosen(expr.Simplify()), shapesOf(expr)
	for i := range heads {
		heads[i].value, heads[i].shapes = given, looks
	}
	return heads, nil
}

func chosen(expr *syntax.Regexp) []head {
	heads := grow([]head{{}}, expr)
	for i := range heads {
		if !heads[i].choose() {
			return nil
		}
	}
	return heads
}

// grow lets every head go on as an expression does.
func grow(heads []head, expr *syntax.Regexp) []head {
	switch expr.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpBeginLine, syntax.OpEndText, syntax.OpEndLine, syntax.OpNoWordBoundary:
		return heads // asks for no byte
	case syntax.OpWordBoundary:
		return bounded(heads)
	case syntax.OpCapture:
		return grow(heads, expr.Sub[0])
	case syntax.OpConcat:
		for _, sub := range expr.Sub {
			heads = grow(heads, sub)
		}
		return heads
	case syntax.OpAlternate:
		return branch(heads, expr.Sub...)
	case syntax.OpQuest:
		first := expr.Sub[0]
		if first.Op == syntax.OpLiteral || first.Op == syntax.OpCharClass || first.Op == syntax.OpConcat && first.Sub[0].Op == syntax.OpLiteral {
			return branch(heads, &syntax.Regexp{Op: syntax.OpEmptyMatch}, first)
		}
	case syntax.OpPlus:
		return ended(grow(heads, expr.Sub[0]))
	case syntax.OpLiteral:
		for _, r := range expr.Rune {
			heads = extended(heads, literal(r, expr.Flags&syntax.FoldCase != 0))
		}
		return heads
	case syntax.OpCharClass:
		return extended(heads, class(expr.Rune))
	}
	return ended(heads)
}

// bounded notes a word's boundary at the beginning; all heads begin with a word.
func bounded(heads []head) []head {
	for i := range heads {
		if len(heads[i].bytes) == 0 && !heads[i].open {
			heads[i].bound = true
		}
	}
	return heads
}

// branch lets every head go on in each of several ways. Those of which no more is
// told are not multiplied: they would be alike.
func branch(heads []head, ways ...*syntax.Regexp) (out []head) {
	var growing []head
	for _, h := range heads {
		if h.open {
			out = append(out, h)
		} else {
			growing = append(growing, h)
		}
	}
	if len(out)+len(growing)*len(ways) > headCount {
		return ended(heads)
	}
	for _, way := range ways {
		same := slices.Clone(growing)
		for i := range same {
			same[i].bytes = slices.Clone(same[i].bytes)
		}
		if out = append(out, grow(same, way)...); len(out) > headCount {
			return ended(heads)
		}
	}
	return out
}

func ended(heads []head) []head {
	for i := range heads {
		heads[i].open = true
	}
	return heads
}

func extended(heads []head, set *byteSet) []head {
	for i := range heads {
		h := &heads[i]
		if set == nil || len(h.bytes) >= headLength {
			h.open = true
		} else if !h.open {
			h.bytes = append(h.bytes, set)
		}
	}
	return heads
}

func literal(r rune, fold bool) *byteSet {
	if r >= 0x80 {
		return nil
	}
	set := new(byteSet)
	set[r] = true
	if other := r ^ 0x20; fold && 'a' <= r|0x20 && r|0x20 <= 'z' {
		set[other] = true
	}
	return set
}

// class is nil for one with characters of more than one byte, but for the two
// that fold to letters (ſ to s, K to k): no token has them.
func class(ranges []rune) *byteSet {
	set := new(byteSet)
	for i := 0; i+1 < len(ranges); i += 2 {
		from, to := ranges[i], ranges[i+1]
		if from >= 0x80 && from == to && (from == 0x17f || from == 0x212a) {
			continue
		}
		if to >= 0x80 {
			return nil
		}
		for r := from; r <= to; r++ {
			set[r] = true
		}
	}
	return set
}

// choose takes the longest word in what is told, which is in lower case; the
// case is then part of what fits.
func (h *head) choose() bool {
	for i := 0; i < len(h.bytes); {
		end := i
		for end < len(h.bytes) && h.bytes[end].letter() != 0 {
			end++
		}
		if end-i > len(h.word) {
			h.wordAt, h.wordEnd, h.word = i, end, ""
			for _, set := range h.bytes[i:end] {
				h.word += string(rune(set.letter()))
			}
		}
		i = max(end, i+1)
	}
	return len(h.word) >= 2
}

// letter is the only byte of a set, in lower case; 0 if there are several.
func (s *byteSet) letter() byte {
	var only byte
	for c, in := range s {
		low := byte(c)
		if 'A' <= low && low <= 'Z' {
			low += 'a' - 'A'
		}
		switch {
		case !in:
		case only != 0 && only != low:
			return 0
		default:
			only = low
		}
	}
	return only
}

// wordByte are the bytes of \w.
var wordByte = func() (set byteSet) {
	for c := range set {
		b := byte(c)
		set[c] = b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
	}
	return set
}()
