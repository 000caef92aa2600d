package config

import (
	_ "embed"
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// manual holds the comments on the settings' types and fields, by "Type" and
// "Type.Field". A test makes it anew from the sources and fails when it differs.
//
//go:embed manual.json
var manualText []byte

// form is the ways in which a value can be written.
type form struct {
	name   string       // of its type; "" for a plain one
	doc    string       // what the type is, where it has a comment
	words  []string     // the words that it may be; where nothing else may, fixed is set
	fixed  bool         //
	scalar reflect.Kind // string, bool or int, where it may be one; else invalid
	items  *form        // of a list, where it may be one
	keys   []languageKey
}

// languageKey is one key of the policy language.
type languageKey struct {
	name, doc string
	tighten   string // how the organisation floor compares it
	value     func() *form
	control   bool // may be true or false, or nothing
	section   bool // may be nothing
	any       bool // stands for any name: a role's
}

// language is the top of the policy language.
func language() []languageKey {
	docs := manual()
	words := func(list ...string) func() *form {
		return func() *form { return &form{words: list, fixed: true} }
	}
	role := docs.formOf(reflect.TypeFor[checks.Role]())
	out := []languageKey{
		{name: "version", doc: "The version of the policy language: 1.", value: func() *form { return &form{scalar: reflect.Int, words: []string{"1"}, fixed: true} }},
		{name: "mode", doc: "enforce (the default): what is not met blocks. observe: it is judged, recorded and shown on handrail's pages, and nothing is written to GitHub. A section has a mode of its own, too.", value: words(modes...)},
		{name: "check_runs", doc: `sections (the default): a check-run for each section besides "Merge Requirements". summary: that one only.`, value: words(runKinds...)},
		{name: "roles", doc: `Who may sign, and how they may say it besides a GitHub approval. The role reviewer is there in any case: {permission: write, say: ["+1", LGTM]}.`,
			value: func() *form {
				return &form{keys: []languageKey{{name: "NAME", doc: role.doc, any: true, section: true, value: func() *form { return role }}}}
			}},
	}
	for _, name := range sectionNames() {
		out = append(out, docs.section(name))
	}
	for _, s := range settings() {
		t := reflect.TypeOf(s.value).Elem()
		out = append(out, languageKey{name: s.name, doc: docs.about(t, s.name), value: func() *form {
			f := docs.formOf(t)
			if s.observable {
				f.keys = append([]languageKey{sectionMode()}, f.keys...)
			}
			return f
		}})
	}
	return out
}

// section is a section of the table of checks: one check, or one of several
// controls.
func (m comments) section(name string) languageKey {
	mode := sectionMode()
	k := languageKey{name: name, section: true}
	if i := slices.IndexFunc(checks.All, func(e checks.Entry) bool { return e.Name == name }); i >= 0 {
		t := reflect.TypeOf(checks.All[i].New()).Elem()
		k.doc, k.value = m.about(t, name), func() *form {
			f := m.formOf(t)
			f.keys = append([]languageKey{mode}, f.keys...)
			return f
		}
		return k
	}
	k.doc = "Controls of the development process, each by a key of its own; true takes a control's defaults."
	k.value = func() *form {
		f := &form{keys: []languageKey{mode}}
		for _, e := range checks.All {
			if key, ok := strings.CutPrefix(e.Name, name+"/"); ok {
				t := reflect.TypeOf(e.New()).Elem()
				f.keys = append(f.keys, languageKey{name: key, doc: m.about(t, key), control: true, value: func() *form { return m.formOf(t) }})
			}
		}
		return f
	}
	return k
}

// sectionMode is the key by which a section only observes.
func sectionMode() languageKey {
	return languageKey{name: "mode", doc: "Whether this section blocks (enforce, the default) or is only shown (observe).", value: func() *form { return &form{words: modes, fixed: true} }}
}

// comments are the manual, by "Type" and "Type.Field".
type comments map[string]string

func manual() comments {
	var m comments
	if err := json.Unmarshal(manualText, &m); err != nil {
		return comments{} // the test that makes it would have failed
	}
	for name, doc := range m {
		m[name] = unwrapped(doc)
	}
	return m
}

// unwrapped is a comment with each paragraph in one line.
func unwrapped(doc string) string {
	paragraphs := strings.Split(doc, "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(strings.Fields(p), " ")
	}
	return strings.Join(paragraphs, "\n\n")
}

// formOf says how a value of a type is written, just as [decoder.value] reads it.
func (m comments) formOf(t reflect.Type) *form {
	if t.Kind() == reflect.Pointer {
		return m.formOf(t.Elem())
	}
	f := &form{name: t.Name(), doc: m[t.Name()]}
	if u, ok := reflect.New(t).Interface().(encoding.TextUnmarshaler); ok {
		var w *checks.WordError
		if f.scalar = reflect.String; errors.As(u.UnmarshalText([]byte("\x00")), &w) {
			f.words, f.fixed, f.scalar = w.Want, true, reflect.Invalid
		}
	}
	switch list, listed := listOf(reflect.New(t).Elem()); {
	case listed:
		f.items = m.formOf(list.Type().Elem())
	case t.Kind() == reflect.Struct:
		f.keys = m.keysOf(t)
	case t.Kind() == reflect.Slice && f.scalar == reflect.Invalid:
		f.items = m.formOf(t.Elem())
	case t.Kind() == reflect.Map:
		f.name, f.keys = "", []languageKey{{name: "NAME", doc: "Whatever name is needed.", any: true, value: func() *form { return m.formOf(t.Elem()) }}}
	case !f.fixed && f.scalar == reflect.Invalid:
		f.scalar = t.Kind()
	}
	return f
}

// about is the comment on a type that is the value of a key. Which frameworks it
// is evidence for is said apart.
func (m comments) about(t reflect.Type, key string) string {
	doc, _, _ := strings.Cut(m[t.Name()], "\n\nEvidence for ")
	return renamed(doc, t.Name(), key)
}

// keysOf are a struct's keys, those of inlined structs among them.
func (m comments) keysOf(t reflect.Type) []languageKey {
	var out []languageKey
	for i := range t.NumField() {
		f := t.Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || key == "-":
		case strings.Contains(options, "inline"):
			out = append(out, m.keysOf(f.Type)...)
		case key != "":
			// A type may be inside of itself, so its form is made when asked for.
			out = append(out, languageKey{
				name: key, doc: renamed(m[t.Name()+"."+f.Name], f.Name, key), tighten: f.Tag.Get("tighten"),
				value: func() *form { return m.formOf(f.Type) },
			})
		}
	}
	return out
}

// renamed is a field's comment with the key in place of the field's name.
func renamed(doc, field, key string) string {
	if rest, ok := strings.CutPrefix(doc, field); ok && (rest == "" || strings.ContainsAny(rest[:1], " :,.")) {
		return key + rest
	}
	return doc
}

// setting is a key at the top of the file that is no section of checks.
type setting struct {
	name  string
	value any // a pointer to its struct
	// observable: it has a mode of its own.
	observable bool
}

// settings are those that the language has.
func settings() []setting {
	return []setting{{"override", checks.NewOverride(), false}, {"detect", checks.NewDetect(), false}, {"release", checks.NewReleaseRules(), true}}
}
