package scan

import (
	"regexp/syntax"
	"slices"
)

// shape is what a match looks like, as far as it can be told byte by byte without
// going back. It is held against the text before an expression is: most of what
// begins like a secret is none, and one expression takes as long as many shapes.
type shape struct {
	steps []step
	open  bool // more may follow that is not told
}

// shapes are what a match may look like, one of which it does.
type shapes []shape

// step is some bytes of a kind.
type step struct {
	set         *byteSet
	least, most int
	orEnd       bool // or the text ends
	whole       bool // all of a kind belong to it: what comes next is another one
}

// shapeLimit is how many bytes of one kind are counted; of more, nothing is told.
const shapeLimit = 1024

// shapeCount is how many shapes of an expression are told apart.
const shapeCount = 8

// shapesOf are the shapes of all that expressions match that follow each other.
func shapesOf(parts ...*syntax.Regexp) shapes {
	all := shapes{{}}
	for _, part := range parts {
		all = all.with(part)
	}
	for _, one := range all {
		for i := range one.steps {
			one.steps[i].whole = stops(one.steps[i+1:], one.steps[i].set)
		}
	}
	return all
}

// with lets every shape go on as an expression does.
func (all shapes) with(expr *syntax.Regexp) shapes {
	switch expr.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpBeginLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return all // asks for no byte
	case syntax.OpCapture:
		return all.with(expr.Sub[0])
	case syntax.OpConcat:
		for _, sub := range expr.Sub {
			all = all.with(sub)
		}
		return all
	case syntax.OpLiteral:
		for _, r := range expr.Rune {
			all = all.then(literal(r, expr.Flags&syntax.FoldCase != 0), 1, 1)
		}
		return all
	case syntax.OpCharClass:
		return all.then(class(expr.Rune), 1, 1)
	case syntax.OpQuest:
		return all.times(expr.Sub[0], 0, 1)
	case syntax.OpStar:
		return all.times(expr.Sub[0], 0, shapeLimit)
	case syntax.OpPlus:
		return all.times(expr.Sub[0], 1, shapeLimit)
	case syntax.OpRepeat:
		return all.times(expr.Sub[0], expr.Min, expr.Max)
	case syntax.OpAlternate:
		return all.branch(expr)
	}
	return all.last(nil)
}

// then goes on with bytes of one kind; nil is of none that is known.
func (all shapes) then(set *byteSet, least, most int) shapes {
	if set == nil {
		return all.last(nil)
	}
	out := make(shapes, len(all))
	for i, one := range all {
		if !one.open {
			one.steps = append(slices.Clip(one.steps), step{set: set, least: min(least, shapeLimit), most: most})
		}
		out[i] = one
	}
	return out
}

// times goes on with bytes of one kind, or, as often as it must be there, with
// something else.
func (all shapes) times(expr *syntax.Regexp, least, most int) shapes {
	if most < 0 || most > shapeLimit {
		most = shapeLimit
	}
	if set := single(expr); set != nil {
		return all.then(set, least, most)
	}
	for range min(least, 4) {
		all = all.with(expr)
	}
	if least == most && least <= 4 {
		return all
	}
	return all.last(nil)
}

// branch goes on in each of several ways, or if they may end the text, with what
// they may begin with.
func (all shapes) branch(expr *syntax.Regexp) (out shapes) {
	first := step{set: new(byteSet), least: 1, most: 1}
	known := first.admit(expr)
	if known && first.orEnd || len(all)*len(expr.Sub) > shapeCount {
		if !known {
			return all.last(nil)
		}
		return all.last(&first)
	}
	for _, way := range expr.Sub {
		out = append(out, all.with(way)...)
	}
	return out
}

// last goes on with one step, nil is none, and tells no more.
func (all shapes) last(end *step) shapes {
	out := make(shapes, len(all))
	for i, one := range all {
		if end != nil && !one.open {
			one.steps = append(slices.Clip(one.steps), *end)
		}
		one.open = true
		out[i] = one
	}
	return out
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

// fit says whether a match may begin at a place.
func (all shapes) fit(text string, at int) bool {
	for i := range all {
		if all[i].fits(text, at) {
			return true
		}
	}
	return false
}

func (s *shape) fits(text string, at int) bool {
	for i := range s.steps {
		one := &s.steps[i]
		end := min(at+one.most, len(text))
		from := at
		for at < end && one.set[text[at]] {
			at++
		}
		switch {
		case at-from < one.least:
			return one.orEnd && at == len(text)
		case one.least < one.most && (at-from == shapeLimit || !one.whole):
			return true // how many of them there are is not told
		}
	}
	return true
}

// stops says that what comes next is none of a kind.
func stops(next []step, set *byteSet) bool {
	for i := range next {
		for c, in := range next[i].set {
			if in && set[c] {
				return false
			}
		}
		if next[i].least > 0 {
			return true
		}
	}
	return false
}
