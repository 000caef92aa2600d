package config

import (
	"encoding/json"
	"reflect"
	"strings"
)

// Schema is the policy language as a JSON Schema (draft 2020-12), for editors. It
// takes what [Check] takes, except for what cannot be said in a schema: that a
// role is defined, that two names differ, that a pattern can be read.
func Schema() ([]byte, error) {
	w := schemaWriter{defs: map[string]any{}}
	top := w.object(language())
	top["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	top["title"] = "handrail policy"
	top["description"] = "What a pull request needs before it is merged. A repository keeps it in .github/handrail.yml, an organisation its floor in handrail.yml of its .github repository."
	top["required"] = []string{"version"}
	top["$defs"] = w.defs
	return json.MarshalIndent(top, "", "  ")
}

// schemaWriter collects the definitions of named types, each once.
type schemaWriter struct{ defs map[string]any }

type schema = map[string]any

// object is a mapping of keys; no others may be in it.
func (w *schemaWriter) object(keys []languageKey) schema {
	properties := schema{}
	out := schema{"type": "object", "properties": properties, "additionalProperties": false}
	for _, k := range keys {
		if k.any {
			out["additionalProperties"] = w.key(k)
			continue
		}
		properties[k.name] = w.key(k)
	}
	return out
}

func (w *schemaWriter) key(k languageKey) schema {
	forms := w.forms(k.value())
	if k.control {
		forms = append(forms, schema{"type": "boolean"})
	}
	if k.control || k.section {
		forms = append(forms, schema{"type": "null"})
	}
	out := schema{}
	if len(forms) == 1 {
		for name, v := range forms[0] {
			out[name] = v
		}
	} else {
		out["anyOf"] = forms
	}
	if k.doc != "" {
		out["description"] = k.doc
	}
	return out
}

// forms are the ways in which a value can be written.
func (w *schemaWriter) forms(f *form) []schema {
	var out []schema
	switch {
	case f.scalar == reflect.Int && f.fixed:
		out = append(out, schema{"const": 1})
	case len(f.words) > 0:
		out = append(out, schema{"enum": f.words})
	case f.scalar == reflect.Bool:
		out = append(out, schema{"type": "boolean"})
	case f.scalar == reflect.Int:
		out = append(out, schema{"type": "integer", "minimum": 0, "maximum": 999999999})
	case f.scalar == reflect.String:
		// Numbers are taken as they are written: +1 is a phrase.
		out = append(out, schema{"type": []string{"string", "number"}})
	}
	if f.items != nil {
		out = append(out, schema{"type": "array", "items": w.one(f.items)})
	}
	if f.keys != nil {
		out = append(out, w.mapping(f))
	}
	return out
}

func (w *schemaWriter) one(f *form) schema {
	if forms := w.forms(f); len(forms) != 1 {
		return schema{"anyOf": forms}
	} else {
		return forms[0]
	}
}

// mapping refers to the definition of a named type, which it makes at the first
// time. Sections have one key more than their type.
func (w *schemaWriter) mapping(f *form) schema {
	if f.name == "" || len(f.keys) > 0 && f.keys[0].name == "mode" {
		return w.object(f.keys)
	}
	if _, known := w.defs[f.name]; !known {
		w.defs[f.name] = nil // a type may be inside of itself
		def := w.object(f.keys)
		if f.doc != "" {
			def["description"] = firstParagraph(f.doc)
		}
		w.defs[f.name] = def
	}
	return schema{"$ref": "#/$defs/" + f.name}
}

func firstParagraph(s string) string {
	first, _, _ := strings.Cut(s, "\n\n")
	return first
}
