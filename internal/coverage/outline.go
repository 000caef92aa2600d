package coverage

import "bytes"

// deepest is how many keys and indexes lead to the deepest value that an outline
// tells of.
const deepest = 5

// outline tells of the values in the beginning of a document in JSON, in its
// order: the keys that lead to each, where those into arrays are "#", its kind
// as [jsonReader] has it, and, of strings, numbers and truth values, the text.
// It ends, without a word, where the beginning does, and where it is no JSON.
func outline(prefix []byte, tell func(at []string, kind byte, text string)) {
	if blank := bytes.TrimLeft(prefix, " \t\r\n"); len(blank) == 0 || blank[0] != '{' {
		return
	}
	o := outliner{newJSONReader("", bytes.NewReader(prefix)), tell}
	o.value(nil)
}

type outliner struct {
	j    *jsonReader
	tell func(at []string, kind byte, text string)
}

func (o *outliner) value(at []string) {
	kind := o.j.Kind()
	text := ""
	switch kind {
	case '{', '[':
		o.tell(at, kind, "")
		o.inner(at, kind)
		return
	case '"':
		text = string(o.j.Text(true))
	case '0':
		text = string(o.j.Number())
	default:
		text = string(o.j.Word())
	}
	if !o.j.Stopped() {
		o.tell(at, kind, text)
	}
}

func (o *outliner) inner(at []string, kind byte) {
	if len(at) == deepest {
		o.j.Skip()
		return
	}
	at = append(at, "#")
	if kind == '[' {
		for o.j.Array(); o.j.More(); {
			o.value(at)
		}
		return
	}
	for o.j.Object(); o.j.More(); {
		at[len(at)-1] = string(o.j.Key())
		o.value(at)
	}
}
