package values

import "strings"

// describeLimit is how much is kept of what an expression is made of, in bytes.
const describeLimit = 4096

// describe writes a node in one line, so that two that differ in anything do not
// look alike.
func (f *file) describe(n *node) string {
	var b strings.Builder
	most := max(f.left, 0) * chargedBytes
	var walk func(n *node)
	walk = func(n *node) {
		if b.Len() > most {
			return
		}
		b.WriteString(n.text)
		switch {
		case n.kind == expression && n.text != "":
		case len(n.pairs) > 0:
			b.WriteByte('{')
			for i, p := range n.pairs {
				if i > 0 {
					b.WriteString(", ")
				}
				b.WriteString(p.key + ": ")
				walk(p.value)
			}
			b.WriteByte('}')
		case len(n.items) > 0:
			b.WriteByte('[')
			for i, item := range n.items {
				if i > 0 {
					b.WriteString(", ")
				}
				walk(item)
			}
			b.WriteByte(']')
		}
	}
	walk(n)
	f.charge(b.Len())
	return clip(b.String(), describeLimit)
}
