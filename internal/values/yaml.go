package values

import (
	"encoding/base64"
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
	r.charge(len(y.Value)) // an alias repeats it
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
	if err == nil && y.Style&yaml.TaggedStyle != 0 && !strings.HasPrefix(y.ShortTag(), "!!") {
		out.kind, out.text, out.through = expression, y.Tag+" "+r.describe(out), false
	}
	return out, err
}

func (r *yamlReading) scalar(out *node, y *yaml.Node) {
	out.text = r.restore(y.Value)
	if bytes, err := base64.StdEncoding.DecodeString(y.Value); y.ShortTag() == "!!binary" && err == nil {
		out.text = strings.ToValidUTF8(string(bytes), "\ufffd")
	}
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
	seen := make(map[string]int, len(y.Content)/2) // the places of keys
	var merges []merging
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		if err := oddKey(k); err != nil {
			return err
		}
		if k.Value == mergeKey {
			merges = append(merges, merging{v, len(out.pairs)})
			continue
		}
		r.charge(len(k.Value))
		p := pair{key: r.restore(k.Value)}
		p.any = isExpression(p.key)
		if _, twice := seen[p.key]; twice && r.masking == nil {
			return problemf("a key is there twice, again on line %d", k.Line)
		}
		seen[p.key] = len(out.pairs)
		var err error
		if p.value, err = r.node(v, depth+1); err != nil {
			return err
		}
		out.pairs = append(out.pairs, p)
	}
	own := len(out.pairs)
	for _, m := range merges {
		if err := r.merge(out, m, own, seen, depth); err != nil {
			return err
		}
	}
	return nil
}

const mergeKey = "<<"

// oddKey refuses keys that not all programs read as the same: those in base64, and
// merge keys that are written as a text or are called otherwise.
func oddKey(k *yaml.Node) error {
	tag := k.ShortTag()
	switch {
	case k.Kind != yaml.ScalarNode:
		return problemf("line %d has a key that is no text", k.Line)
	case tag == "!!binary", (k.Value == mergeKey) != (tag == "!!merge"):
		return problemf("line %d has a key that not all programs read alike", k.Line)
	}
	return nil
}

// merging is a merge key's value, and how many keys stand before it.
type merging struct {
	from   *yaml.Node
	before int
}

// merge adds the pairs of a mapping, or of several, whose keys are not there yet. To
// programs with an older reader, kubectl among them, what is merged comes before the
// keys above it: one that both have is a fault. own is how many keys are the mapping's
// own.
func (r *yamlReading) merge(out *node, m merging, own int, seen map[string]int, depth int) error {
	n, err := r.node(m.from, depth+1)
	if err != nil {
		return err
	}
	all := []*node{n}
	if n.kind == list {
		all = n.items
	}
	begin := len(out.pairs)
	for _, n := range all {
		if n.kind != mapping {
			return problemf("line %d merges what is no mapping", m.from.Line)
		}
		for _, p := range n.pairs {
			at, there := seen[p.key]
			switch {
			case there && (at < m.before || at >= own && at < begin):
				return problemf("line %d merges a key that is there already", m.from.Line)
			case !there:
				seen[p.key] = len(out.pairs)
				out.pairs = append(out.pairs, p)
			}
		}
	}
	return nil
}
