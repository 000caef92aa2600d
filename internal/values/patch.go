package values

import (
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// patched visits what an operation of a JSON Patch puts somewhere else (RFC 6902):
// the value is at the key that its path names.
func (v *visit) patched(n *node) {
	to, value := n.word("path"), n.get("value")
	if value == nil || n.word("op") == "" || !strings.HasPrefix(to, "/") || strings.Count(to, "/") > depthLimit {
		return
	}
	way, above := v.way, v.above
	v.way, v.above = pointed(to), nil
	v.node(value)
	v.way, v.above = way, above
}

// pointed is the way that a JSON Pointer names (RFC 6901). A number is taken for
// the place in a list, and - for its end.
func pointed(pointer string) []checks.KeyStep {
	var way []checks.KeyStep
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		if len(way) > 0 && token != "" && (token == "-" || digits(token)) {
			way[len(way)-1].Item += "[" + token + "]"
		} else {
			way = append(way, checks.KeyStep{Name: token, Any: isExpression(token)})
		}
	}
	return way
}

// patches adds the patches that stand as texts in a kustomization, each as a
// document of its own (Kubernetes documentation, "Declarative Management of
// Kubernetes Objects Using Kustomize"). One that is no YAML is an expression.
func (f *file) patches(roots []*node) {
	if name, _, _ := strings.Cut(f.base, "."); name != "kustomization" {
		return
	}
	for _, root := range roots {
		for _, key := range [...]string{"patches", "patchesStrategicMerge", "patchesJson6902"} {
			all := root.get(key)
			if all == nil {
				continue
			}
			for i, p := range all.items {
				text, target := p.get("patch"), p.get("target")
				if p.kind == scalar || p.kind == expression {
					text = p
				}
				if text == nil || !strings.Contains(text.text, ":") {
					continue // the name of a file
				}
				f.patch(text, objectName(target, target), key+"["+strconv.Itoa(i)+"]")
			}
		}
	}
}

func (f *file) patch(text *node, target, place string) {
	f.charge(16 * len(text.text)) // which an alias may repeat
	if f.left < 0 {
		return
	}
	parsed, err := f.documentsOf(text.text, nil)
	if err != nil {
		f.loose = append(f.loose, &node{kind: expression, text: text.text, line: text.line})
		return
	}
	for _, root := range parsed {
		moveLines(root, text.line)
		switch {
		case isObject(root):
			f.objects(root)
		case target != "":
			f.documents = append(f.documents, document{name: target, root: root})
		default:
			f.documents = append(f.documents, document{name: place, root: root})
		}
	}
}

func moveLines(n *node, by int) {
	n.line += by
	for _, p := range n.pairs {
		moveLines(p.value, by)
	}
	for _, item := range n.items {
		moveLines(item, by)
	}
}
