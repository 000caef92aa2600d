package checks

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// AttributesName is what git calls the files that give attributes to others, those
// below their own directory (gitattributes(5)).
const AttributesName = ".gitattributes"

// The attributes by which GitHub leaves files out of its differences and numbers
// (github-linguist, "Overrides").
const (
	attrGenerated = "linguist-generated"
	attrVendored  = "linguist-vendored"
)

// attributeLimit is how many attribute files are read for one pull request, those
// of the fewest directories deep first; attributeSteps bounds the matching of their
// patterns. What is beyond either has no attributes.
const (
	attributeLimit = 300
	attributeSteps = 20_000_000
)

// attributePaths are the attribute files that may be about some paths: that of the
// root, and of every directory above one of them. cut says that there are more.
func attributePaths(paths []string) (files []string, cut bool) {
	dirs := map[string]bool{".": true}
	for _, p := range paths {
		for d := path.Dir(p); d != "." && d != "/" && !dirs[d]; d = path.Dir(d) {
			dirs[d] = true
		}
	}
	out := make([]string, 0, len(dirs))
	for d := range dirs {
		out = append(out, path.Join(d, AttributesName))
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")), strings.Compare(a, b))
	})
	return out[:min(len(out), attributeLimit)], len(out) > attributeLimit
}

// attributes answers which attributes files have by the attribute files of the base
// branch: what a pull request says of its own files does not count.
type attributes struct {
	texts map[string]Text
	files map[string][]attributeRule // by the path of the attribute file
	macro map[string]attributeRule   // of the root's, which alone may have some
	steps int                        // of matching that are left
	cut   map[string]bool            // attribute files that could not be read
}

// attributesOf reads the attribute files of a snapshot.
func attributesOf(texts map[string]Text) *attributes {
	a := &attributes{texts: texts, files: map[string][]attributeRule{}, macro: map[string]attributeRule{}, steps: attributeSteps, cut: map[string]bool{}}
	for _, r := range attributeRules(texts[AttributesName].Text, true) {
		if r.macro != "" {
			a.macro[r.macro] = r // the last one holds
		}
	}
	return a
}

// generated says whether a path is marked as generated or vendored, by the one
// meaning of that which nobody can read otherwise: the attribute is set, or "true".
// What cannot be known is not.
func (a *attributes) generated(file string) bool {
	values := attributeValues{}
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		name := path.Join(dir, AttributesName)
		rules, ok := a.rules(name)
		if !ok {
			return false
		}
		base := ""
		if dir != "." {
			base = dir + "/"
		}
		for i := len(rules) - 1; i >= 0; i-- {
			matched := rules[i].macro == "" && rules[i].pattern.match(strings.TrimPrefix(file, base), &a.steps)
			if a.steps < 0 {
				return false
			}
			if matched {
				a.give(values, &rules[i])
			}
		}
		if dir == "." || dir == "/" {
			break
		}
	}
	return values[attrGenerated].says() || values[attrVendored].says()
}

// give gives what a rule says to what has no value yet: the last attribute of the
// last line that matches, of the deepest file, comes first.
func (a *attributes) give(values attributeValues, r *attributeRule) {
	for i := len(r.values) - 1; i >= 0; i-- {
		v := &r.values[i]
		if _, given := values[v.name]; given {
			continue
		}
		values[v.name] = *v
		if m, ok := a.macro[v.name]; ok && v.state == attributeSet {
			a.give(values, &m)
		}
	}
}

// rules are the lines of one attribute file; not ok, they are not known.
func (a *attributes) rules(name string) (rules []attributeRule, ok bool) {
	t, asked := a.texts[name]
	switch {
	case t.Cut:
		a.cut[name] = true
		return nil, false
	case !asked:
		return nil, false
	}
	rules, read := a.files[name]
	if !read {
		for _, r := range attributeRules(t.Text, name == AttributesName) {
			if a.matters(&r) {
				rules = append(rules, r)
			}
		}
		a.files[name] = rules
	}
	return rules, true
}

// matters says whether a line can have a part in what is asked.
func (a *attributes) matters(r *attributeRule) bool {
	return slices.ContainsFunc(r.values, func(v attributeValue) bool {
		_, macro := a.macro[v.name]
		return macro || v.name == attrGenerated || v.name == attrVendored
	})
}

// attributeValues are those that a path was given so far, by name.
type attributeValues map[string]attributeValue

// attributeValue is what one line says of one attribute.
type attributeValue struct {
	name  string
	state attributeState
	text  string // of one with a value
}

type attributeState int

const (
	attributeUnset  attributeState = iota // "!name", as if nothing had been said
	attributeSet                          // "name"
	attributeFalse                        // "-name"
	attributeValued                       // "name=text"
)

func (v attributeValue) says() bool {
	return v.state == attributeSet || v.state == attributeValued && v.text == "true"
}
