package scan

import "regexp/syntax"

// value is what is given to a name: an operator and all behind it.
type value struct {
	expr   expression
	reach  int    // how long it can be, in bytes
	shapes shapes // of what is behind blanks and quotation marks
}

// valueOf is what an expression gives to a name; nil if it gives nothing.
func valueOf(expr *syntax.Regexp) *value {
	if expr.Op != syntax.OpConcat {
		return nil
	}
	for i, sub := range expr.Sub {
		if sub.String() != operatorTree.String() || i+2 >= len(expr.Sub) {
			continue
		}
		all := &syntax.Regexp{Op: syntax.OpConcat, Sub: expr.Sub[i:], Flags: expr.Flags}
		return &value{expr: expression{text: `\A(?:` + all.String() + `)`}, reach: longest(all.Simplify()), shapes: shapesOf(expr.Sub[i+2:]...)}
	}
	return nil
}

// fits says whether a value may begin at a place behind an operator, or before it:
// what is skipped before a value may be of it.
func (v *value) fits(text string, operator, start int) bool {
	for at := start; at > operator; at-- {
		if v.shapes.fit(text, at) {
			return true
		}
	}
	return false
}

var operatorTree = func() *syntax.Regexp {
	tree, err := syntax.Parse(operator, syntax.Perl)
	if err != nil {
		panic(err)
	}
	return tree
}()
