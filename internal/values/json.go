package values

import (
	"encoding/json"
	"errors"
	"io"
	"sort"
	"strings"
)

// json reads a JSON file. A key that is there twice is a fault, since programs do
// not agree on which of the two holds (RFC 8259, section 4).
func (f *file) json(text string) ([]*node, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	r := jsonReading{file: f, d: decoder(text), lines: lineStarts(text)}
	root, err := r.node(0)
	if err == nil {
		if _, end := r.d.Token(); !errors.Is(end, io.EOF) {
			err = problemf("it is no JSON (line %d)", r.line())
		}
	}
	if err != nil {
		return nil, err
	}
	return []*node{root}, nil
}

// decoder reads JSON token by token, with numbers as they are written.
func decoder(text string) *json.Decoder {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return d
}

type jsonReading struct {
	*file
	d     *json.Decoder
	lines []int
	add   int // to each line
}

// line is where the last token ends.
func (r *jsonReading) line() int {
	at := int(r.d.InputOffset())
	return sort.Search(len(r.lines), func(i int) bool { return r.lines[i] >= max(at, 1) }) + r.add
}

// lineStarts are the offsets at which lines begin.
func lineStarts(text string) []int {
	out := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			out = append(out, i+1)
		}
	}
	return out
}

func (r *jsonReading) token() (json.Token, error) {
	t, err := r.d.Token()
	if err != nil {
		return nil, problemf("it is no JSON (line %d)", r.line())
	}
	return t, nil
}

func (r *jsonReading) node(depth int) (*node, error) {
	if depth > depthLimit {
		return nil, errDeep
	}
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	out, err := r.file.node(scalar, r.line())
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			out.kind = mapping
			return out, r.object(out, depth)
		}
		out.kind = list
		for r.d.More() {
			item, err := r.node(depth + 1)
			if err != nil {
				return nil, err
			}
			out.items = append(out.items, item)
		}
		_, err = r.token()
		return out, err
	case string:
		out.text, out.quoted = t, true
		if isExpression(t) {
			out.kind = expression
		}
	case json.Number:
		out.text = t.String()
	case bool:
		out.text = map[bool]string{true: "true", false: "false"}[t]
	default:
		out.text, out.null = "null", true
	}
	return out, nil
}

func (r *jsonReading) object(out *node, depth int) error {
	seen := map[string]bool{}
	for r.d.More() {
		t, err := r.token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if seen[key] {
			return problemf("a key is there twice, again on line %d", r.line())
		}
		seen[key] = true
		value, err := r.node(depth + 1)
		if err != nil {
			return err
		}
		out.pairs = append(out.pairs, pair{key: key, any: isExpression(key), value: value})
	}
	_, err := r.token()
	return err
}
