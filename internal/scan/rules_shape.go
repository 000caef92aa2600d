package scan

import "regexp/syntax"

// shape is what a match looks like, as far as it can be told byte by byte without
// going back. It is held against the text before an expression is: most of what
// begins like a secret is none, and one expression takes as long as many shapes.
type shape []step

// step is some bytes of a kind.
type step struct {
	set         *byteSet
	least, most int
	orEnd       bool // or the text ends
}

// shapeLimit is how many bytes of one kind are counted; of more, nothing is told.
const shapeLimit = 1024

// shapeOf is the shape of all that an expression matches.
func shapeOf(expr *syntax.Regexp) shape {
	steps, _ := shape(nil).with(expr)
	return steps
}

// with goes on as an expression does; all says that what follows it can be told.
func (s shape) with(expr *syntax.Regexp) (out shape, all bool) {
	switch expr.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpBeginLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return s, true
	case syntax.OpCapture:
		return s.with(expr.Sub[0])
	case syntax.OpConcat:
		return s.withEach(expr.Sub)
	case syntax.OpLiteral:
		for _, r := range expr.Rune {
			set := literal(r, expr.Flags&syntax.FoldCase != 0)
			if set == nil {
				return s, false
			}
			s = append(s, step{set: set, least: 1, most: 1})
		}
		return s, true
	case syntax.OpCharClass:
		if set := class(expr.Rune); set != nil {
			return append(s, step{set: set, least: 1, most: 1}), true
		}
		return s, false
	case syntax.OpQuest:
		return s.times(expr.Sub[0], 0, 1)
	case syntax.OpStar:
		return s.times(expr.Sub[0], 0, shapeLimit)
	case syntax.OpPlus:
		return s.times(expr.Sub[0], 1, shapeLimit)
	case syntax.OpRepeat:
		return s.times(expr.Sub[0], expr.Min, expr.Max)
	}
	return s.withFirst(expr)
}

func (s shape) withEach(parts []*syntax.Regexp) (out shape, all bool) {
	for _, part := range parts {
		if s, all = s.with(part); !all {
			return s, false
		}
	}
	return s, true
}

// times goes on with bytes of one kind, or, as often as it must be there, with
// something else.
func (s shape) times(expr *syntax.Regexp, least, most int) (out shape, all bool) {
	if most < 0 || most > shapeLimit {
		most = shapeLimit
	}
	if set := single(expr); set != nil {
		return append(s, step{set: set, least: min(least, shapeLimit), most: most}), true
	}
	for range min(least, 4) {
		if s, all = s.with(expr); !all {
			return s, false
		}
	}
	return s, least == most && least <= 4
}

// single is the kind of byte that an expression matches one of; nil if it matches
// anything else.
func single(expr *syntax.Regexp) *byteSet {
	switch {
	case expr.Op == syntax.OpCharClass:
		return class(expr.Rune)
	case expr.Op == syntax.OpLiteral && len(expr.Rune) == 1:
		return literal(expr.Rune[0], expr.Flags&syntax.FoldCase != 0)
	}
	return nil
}

// withFirst goes on with what an expression may begin with, and tells no more.
func (s shape) withFirst(expr *syntax.Regexp) (out shape, all bool) {
	one := step{set: new(byteSet), least: 1, most: 1}
	if !one.admit(expr) {
		return s, false
	}
	return append(s, one), false
}

// admit takes in what an expression may begin with; false is of one that is not
// known to begin with a byte.
func (s *step) admit(expr *syntax.Regexp) bool {
	switch expr.Op {
	case syntax.OpEndText, syntax.OpEndLine:
		s.orEnd = true
		s.set['\n'] = s.set['\n'] || expr.Op == syntax.OpEndLine
		return true
	case syntax.OpCapture:
		return s.admit(expr.Sub[0])
	case syntax.OpConcat:
		return expr.Sub[0].Op != syntax.OpEndText && s.admit(expr.Sub[0])
	case syntax.OpAlternate:
		for _, way := range expr.Sub {
			if !s.admit(way) {
				return false
			}
		}
		return true
	case syntax.OpLiteral:
		return s.join(literal(expr.Rune[0], expr.Flags&syntax.FoldCase != 0))
	case syntax.OpCharClass:
		return s.join(class(expr.Rune))
	}
	return false
}

func (s *step) join(set *byteSet) bool {
	if set == nil {
		return false
	}
	for c, in := range set {
		s.set[c] = s.set[c] || in
	}
	return true
}

// fits says whether a match may begin at a place.
func (s shape) fits(text string, at int) bool {
	for i := range s {
		one := &s[i]
		end := min(at+one.most, len(text))
		from := at
		for at < end && one.set[text[at]] {
			at++
		}
		switch {
		case at-from < one.least:
			return one.orEnd && at == len(text)
		case one.least < one.most && (one.most == shapeLimit && at-from == shapeLimit || !s[i+1:].stops(one.set)):
			return true // how many of them there are is not told
		}
	}
	return true
}

// stops says that what comes next is none of a kind.
func (s shape) stops(set *byteSet) bool {
	for i := range s {
		for c, in := range s[i].set {
			if in && set[c] {
				return false
			}
		}
		if s[i].least > 0 {
			return true
		}
	}
	return false
}
