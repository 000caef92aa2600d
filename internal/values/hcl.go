package values

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// hcl reads a Terraform file. Only literals are values: what is computed is an
// expression, in which literals of objects and lists may stand, as in jsonencode.
func (f *file) hcl(text string) ([]*node, error) {
	if err := harmless(text); err != nil {
		return nil, err
	}
	parsed, diags := hclsyntax.ParseConfig([]byte(text), "", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, notHCL(diags)
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return nil, problem("it is no HCL")
	}
	r := hclReading{file: f, text: text}
	root, err := r.body(body, 1, 0)
	if err != nil {
		return nil, err
	}
	return []*node{root}, nil
}

type hclReading struct {
	*file
	text string
}

// body reads the attributes and blocks of a body, in their order.
func (r *hclReading) body(b *hclsyntax.Body, line, depth int) (*node, error) {
	if depth > depthLimit {
		return nil, errDeep
	}
	out, err := r.node(mapping, line)
	if err != nil {
		return nil, err
	}
	for _, a := range b.Attributes {
		v, err := r.expression(a.Expr, depth+1)
		if err != nil {
			return nil, err
		}
		out.pairs = append(out.pairs, pair{key: a.Name, value: v})
	}
	for _, block := range b.Blocks {
		p, err := r.block(block, depth+1)
		if err != nil {
			return nil, err
		}
		out.pairs = append(out.pairs, p)
	}
	slices.SortStableFunc(out.pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.value.line, b.value.line), cmp.Compare(a.key, b.key))
	})
	return out, nil
}

// block reads a block: its labels are keys below its type. One that has none and
// a name is an item of that name, since there may be several. A dynamic block is
// what it makes, as often as nobody can tell.
func (r *hclReading) block(b *hclsyntax.Block, depth int) (pair, error) {
	line, labels, body, times := b.TypeRange.Start.Line, b.Labels, b.Body, ""
	kind := b.Type
	if content := dynamic(b); content != nil {
		kind, labels, body, times = b.Labels[0], nil, content, unknown
	}
	v, err := r.body(body, line, depth)
	if err != nil {
		return pair{}, err
	}
	v.times = times
	if name := v.word("name"); name != "" && len(labels) == 0 && depth > 1 {
		v = &node{kind: list, line: line, items: []*node{v}}
	}
	for i := len(labels) - 1; i >= 0; i-- {
		n, err := r.node(mapping, line)
		if err != nil {
			return pair{}, err
		}
		n.pairs = []pair{{key: labels[i], value: v}}
		v = n
	}
	return pair{key: kind, value: v}, nil
}

// dynamic is the content of a dynamic block, nil of any other.
func dynamic(b *hclsyntax.Block) *hclsyntax.Body {
	if b.Type != "dynamic" || len(b.Labels) != 1 {
		return nil
	}
	for _, c := range b.Body.Blocks {
		if c.Type == "content" {
			return c.Body
		}
	}
	return nil
}

func (r *hclReading) source(e hclsyntax.Expression) string {
	at := e.Range()
	return strings.Join(strings.Fields(r.text[at.Start.Byte:at.End.Byte]), " ")
}

func (r *hclReading) expression(e hclsyntax.Expression, depth int) (*node, error) {
	if depth > depthLimit {
		return nil, errDeep
	}
	if p, ok := e.(*hclsyntax.ParenthesesExpr); ok {
		return r.expression(p.Expression, depth+1)
	}
	out, err := r.node(expression, e.Range().Start.Line)
	if err != nil {
		return nil, err
	}
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		out.kind, out.text, out.null = scalar, r.source(e), e.Val.IsNull()
		return out, nil
	case *hclsyntax.TemplateExpr:
		if text, ok := literal(e); ok {
			return r.literal(out, text, depth)
		}
	case *hclsyntax.UnaryOpExpr:
		if v, ok := e.Val.(*hclsyntax.LiteralValueExpr); ok && e.Op == hclsyntax.OpNegate && v.Val.Type() == cty.Number {
			out.kind, out.text = scalar, "-"+r.source(v)
			return out, nil
		}
	case *hclsyntax.ObjectConsExpr:
		out.kind = mapping
		return out, r.object(out, e, depth)
	case *hclsyntax.TupleConsExpr:
		out.kind = list
		return out, r.parts(out, e.Exprs, depth, false)
	}
	out.text, out.through = r.source(e), true
	return out, r.parts(out, partsOf(e), depth, true)
}

// partsOf are the parts of an expression that it may come to as they are.
func partsOf(e hclsyntax.Expression) []hclsyntax.Expression {
	switch e := e.(type) {
	case *hclsyntax.FunctionCallExpr:
		return e.Args
	case *hclsyntax.ConditionalExpr:
		return []hclsyntax.Expression{e.TrueResult, e.FalseResult}
	case *hclsyntax.ForExpr:
		return []hclsyntax.Expression{e.ValExpr}
	}
	return nil
}

// parts reads parts as items. Of those of an expression only what holds keys is of
// interest.
func (r *hclReading) parts(out *node, parts []hclsyntax.Expression, depth int, keyed bool) error {
	for _, p := range parts {
		n, err := r.expression(p, depth+1)
		if err != nil {
			return err
		}
		if !keyed || n.kind == mapping || n.kind == list || len(n.items)+len(n.pairs) > 0 {
			out.items = append(out.items, n)
		}
	}
	return nil
}

func (r *hclReading) object(out *node, e *hclsyntax.ObjectConsExpr, depth int) error {
	for _, item := range e.Items {
		v, err := r.expression(item.ValueExpr, depth+1)
		if err != nil {
			return err
		}
		p := pair{value: v}
		k := item.KeyExpr
		if key, ok := k.(*hclsyntax.ObjectConsKeyExpr); ok && !key.ForceNonLiteral {
			if word := hcl.ExprAsKeyword(key.Wrapped); word != "" {
				p.key = word
				out.pairs = append(out.pairs, p)
				continue
			}
			k = key.Wrapped
		}
		n, err := r.expression(k, depth+1)
		if err != nil {
			return err
		}
		p.key, p.any = n.text, n.kind != scalar
		out.pairs = append(out.pairs, p)
	}
	return nil
}

// literal is the text of a string or heredoc in which nothing is filled in.
func literal(e *hclsyntax.TemplateExpr) (text string, ok bool) {
	var b strings.Builder
	for _, p := range e.Parts {
		v, ok := p.(*hclsyntax.LiteralValueExpr)
		if !ok || v.Val.Type() != cty.String || v.Val.IsNull() {
			return "", false
		}
		b.WriteString(v.Val.AsString())
	}
	return b.String(), true
}

// literal makes a scalar, or what a text in JSON holds, as the definitions of
// containers often are.
func (r *hclReading) literal(out *node, text string, depth int) (*node, error) {
	trimmed := strings.TrimSpace(text)
	if !strings.HasPrefix(trimmed, "{") && !strings.HasPrefix(trimmed, "[") {
		out.kind, out.text, out.quoted = scalar, text, true
		return out, nil
	}
	j := jsonReading{file: r.file, d: decoder(text), lines: lineStarts(text), add: out.line - 1}
	if strings.Contains(text, "\n") {
		j.add++ // a heredoc begins on the line below
	}
	n, err := j.node(depth + 1)
	if err != nil {
		out.kind, out.text, out.quoted = scalar, text, true
		return out, nil
	}
	return n, nil
}
