package values

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// kind is what a node is. The zero value is a scalar.
type kind int

const (
	scalar kind = iota
	mapping
	list
	// expression is what is known only elsewhere; text is what is written. Values
	// that stand in it all the same are its pairs and items.
	expression
)

// node is a part of a file, whatever its format.
type node struct {
	kind   kind
	text   string
	quoted bool // a text, even if it looks like a number
	null   bool
	line   int
	pairs  []pair
	items  []*node
	// through: items are no items of a list, but stand in the place of the
	// expression.
	through bool
	// times is how many there are of it, where its own place says so.
	times string
}

type pair struct {
	key string
	// any: the key is an expression and may be any.
	any   bool
	value *node
}

// get is the value of a key, the last if there are several, nil if there is none.
func (n *node) get(keys ...string) *node {
	for _, key := range keys {
		if n == nil {
			return nil
		}
		var next *node
		for i := range n.pairs {
			if n.pairs[i].key == key && !n.pairs[i].any {
				next = n.pairs[i].value
			}
		}
		n = next
	}
	return n
}

// word is the text of a scalar or expression at some keys, "" if there is none.
func (n *node) word(keys ...string) string {
	if n = n.get(keys...); n == nil || n.null || n.kind != scalar && n.kind != expression {
		return ""
	}
	return n.text
}

// has says whether a mapping is there at a key.
func (n *node) has(key string, k kind) bool {
	v := n.get(key)
	return v != nil && v.kind == k
}

// node makes one, unless there are too many.
func (f *file) node(k kind, line int) (*node, error) {
	if f.left--; f.left < 0 {
		return nil, errMany
	}
	return &node{kind: k, line: line}, nil
}

// chargedBytes are as much work as a value.
const chargedBytes = 256

// charge takes bytes that are copied or looked through for values that may be made:
// an alias or a description may repeat a long text, which costs little to write.
func (f *file) charge(bytes int) { f.left -= bytes / chargedBytes }

var errMany = problemf("it has more than %d values, or their like in long texts", nodeLimit)

var errDeep = problemf("its values are nested more than %d deep", depthLimit)

// isExpression says whether a text has a part in it that something else fills in:
// Helm and other Go templates, Terraform and Compose, Kubernetes and Kustomize.
func isExpression(text string) bool {
	for _, sign := range [...]string{"{{", "${", "$(", "%{", "<%", "((", "{%"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// clip cuts a text to a number of bytes so that two that differ still do, whoever
// wrote them.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return strings.ToValidUTF8(text[:limit-35], "") + "…" + hex.EncodeToString(sum[:16])
}
