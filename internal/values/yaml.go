package values

import (
	"errors"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yaml reads the documents of a YAML file. One that is only YAML once a template
// engine has been at it is read with its expressions as values.
func (f *file) yaml(text string) ([]*node, error) {
	left := f.left
	roots, err := f.documentsOf(text, nil)
	if err == nil || !strings.Contains(text, "{{") {
		return roots, err
	}
	masked, m, is := mask(text)
	if !is {
		return nil, err
	}
	f.left, f.template = left, true
	if roots, err = f.documentsOf(masked, m); err != nil {
		return nil, problem("it is a template that is no YAML before it is filled in")
	}
	f.loose = m.loose
	return roots, nil
}

var yamlLine = regexp.MustCompile(`^yaml: line ([0-9]+):`)

func (f *file) documentsOf(text string, m *masking) ([]*node, error) {
	d := yaml.NewDecoder(strings.NewReader(text))
	var roots []*node
	for {
		var doc yaml.Node
		err := d.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return roots, nil
		}
		if err != nil {
			if at := yamlLine.FindStringSubmatch(err.Error()); at != nil {
				return nil, problemf("it is no YAML (line %s)", at[1])
			}
			return nil, problem("it is no YAML")
		}
		r := yamlReading{file: f, masking: m, open: map[*yaml.Node]bool{}}
		root, err := r.node(doc.Content[0], 0)
		if err != nil {
			return nil, err
		}
		roots = append(roots, root)
	}
}

// yamlReading makes nodes of one document.
type yamlReading struct {
	*file
	*masking
	open map[*yaml.Node]bool // anchors that are being read
}

func (r *yamlReading) node(y *yaml.Node, depth int) (*node, error) {
	if depth > depthLimit {
		return nil, errDeep
	}
	if y.Kind == yaml.AliasNode {
		if r.open[y.Alias] {
			return nil, problemf("the alias on line %d stands for what it is in", y.Line)
		}
		r.open[y.Alias] = true
		defer delete(r.open, y.Alias)
		return r.node(y.Alias, depth+1)
	}
	out, err := r.file.node(scalar, y.Line)
	if err != nil {
		return nil, err
	}
	switch y.Kind {
	case yaml.MappingNode:
		out.kind = mapping
		err = r.mapping(out, y, depth)
	case yaml.SequenceNode:
		out.kind = list
		for _, item := range y.Content {
			n, err := r.node(item, depth+1)
			if err != nil {
				return nil, err
			}
			out.items = append(out.items, n)
		}
	default:
		r.scalar(out, y)
	}
	if y.Style&yaml.TaggedStyle != 0 && !strings.HasPrefix(y.ShortTag(), "!!") {
		out.kind, out.text, out.through = expression, y.Tag+" "+describe(out), false
	}
	return out, err
}

func (r *yamlReading) scalar(out *node, y *yaml.Node) {
	out.text = r.restore(y.Value)
	out.null = y.ShortTag() == "!!null"
	if out.null && out.text == "" {
		out.text = "null"
	}
	out.quoted = y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	if isExpression(out.text) {
		out.kind = expression
	}
}

// mapping reads the pairs of a mapping, then those that it merges (YAML's type
// repository, "Merge key"): its own come before them.
func (r *yamlReading) mapping(out *node, y *yaml.Node, depth int) error {
	seen := make(map[string]bool, len(y.Content)/2)
	var merges []*yaml.Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		if k.Kind != yaml.ScalarNode {
			return problemf("line %d has a key that is no text", k.Line)
		}
		if k.ShortTag() == "!!merge" {
			merges = append(merges, v)
			continue
		}
		p := pair{key: r.restore(k.Value)}
		p.any = isExpression(p.key)
		if seen[p.key] && r.masking == nil {
			return problemf("a key is there twice, again on line %d", k.Line)
		}
		seen[p.key] = true
		var err error
		if p.value, err = r.node(v, depth+1); err != nil {
			return err
		}
		out.pairs = append(out.pairs, p)
	}
	for _, m := range merges {
		if err := r.merge(out, m, seen, depth); err != nil {
			return err
		}
	}
	return nil
}

// merge adds the pairs of a mapping, or of several, whose keys are not there yet.
func (r *yamlReading) merge(out *node, from *yaml.Node, seen map[string]bool, depth int) error {
	n, err := r.node(from, depth+1)
	if err != nil {
		return err
	}
	all := []*node{n}
	if n.kind == list {
		all = n.items
	}
	for _, n := range all {
		if n.kind != mapping {
			return problemf("line %d merges what is no mapping", from.Line)
		}
		for _, p := range n.pairs {
			if !seen[p.key] {
				seen[p.key] = true
				out.pairs = append(out.pairs, p)
			}
		}
	}
	return nil
}

// describeLimit is how much is written of what an expression is made of, in bytes.
const describeLimit = 4096

// describe writes a node in one line, so that two that differ in anything do not
// look alike unless they are very long.
func describe(n *node) string {
	var b strings.Builder
	var walk func(n *node)
	walk = func(n *node) {
		if b.Len() > describeLimit {
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
	return b.String()
}
