package values

import (
	"strconv"

	"github.com/handrail-bot/handrail/checks"
)

// The longest texts that are told of a value, in bytes.
const (
	textLimit     = 100
	keyLimit      = 300
	documentLimit = 200
)

// templateKey is the key of an expression that may become anything, anywhere in a
// file.
const templateKey = "(template)"

// selection picks the values at some keys.
type selection struct {
	format   format
	matchers []checks.KeyMatcher
	out      []checks.Value
}

// visit is one way through a document.
type visit struct {
	*selection
	doc   *document
	way   []checks.KeyStep
	above []*node
}

func (s *selection) document(d *document) {
	v := visit{selection: s, doc: d}
	v.node(d.root)
}

// expressions adds expressions that may become a value that is asked for.
func (s *selection) expressions(loose []*node) {
	for _, n := range loose {
		s.out = append(s.out, checks.Value{Key: templateKey, Text: clip(n.text, textLimit), Unresolved: true, Line: n.line})
	}
}

func (v *visit) node(n *node) {
	if len(v.out) > foundLimit {
		return
	}
	switch n.kind {
	case scalar:
		if v.wanted() {
			v.add(n)
		}
	case expression:
		if v.wanted() || v.leads() {
			v.add(n)
		}
		v.inside(n)
	default:
		v.inside(n)
	}
}

// inside visits what is in a node.
func (v *visit) inside(n *node) {
	v.above = append(v.above, n)
	for i := range n.pairs {
		p := &n.pairs[i]
		v.way = append(v.way, checks.KeyStep{Name: p.key, Any: p.any})
		v.node(p.value)
		v.way = v.way[:len(v.way)-1]
	}
	for i, item := range n.items {
		if n.through {
			v.node(item)
		} else {
			v.item(i, item)
		}
	}
	v.above = v.above[:len(v.above)-1]
	if n.kind == mapping {
		v.patched(n)
	}
}

// item visits a list item, by its name where it has one.
func (v *visit) item(i int, item *node) {
	name := strconv.Itoa(i)
	for _, key := range [...]string{"name", "Name"} {
		if word := item.word(key); word != "" {
			name = checks.KeyName(word)
			if digits(word) {
				name = strconv.Quote(word) // "0" is a name, 0 a place
			}
			break
		}
	}
	if len(v.way) == 0 {
		v.way = append(v.way, checks.KeyStep{})
		defer func() { v.way = v.way[:0] }()
	}
	last := &v.way[len(v.way)-1]
	before := last.Item
	last.Item += "[" + name + "]"
	v.node(item)
	v.way[len(v.way)-1].Item = before
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (v *visit) wanted() bool {
	for i := range v.matchers {
		if v.matchers[i].Match(v.way) {
			return true
		}
	}
	return false
}

func (v *visit) leads() bool {
	for i := range v.matchers {
		if v.matchers[i].Leads(v.way) {
			return true
		}
	}
	return false
}

func (v *visit) add(n *node) {
	out := checks.Value{
		Document: clip(v.doc.name, documentLimit), Key: clip(checks.KeyText(v.way), keyLimit), Text: clip(n.text, textLimit),
		Unresolved: n.kind == expression, Line: n.line, Times: v.doc.times(v.format, v.above, n),
	}
	for _, step := range v.way {
		out.Unresolved = out.Unresolved || step.Any
	}
	if number, ok := amount(v.format, n); ok && !out.Unresolved {
		out.Amount = checks.Decimal(number)
	}
	v.out = append(v.out, out)
}
