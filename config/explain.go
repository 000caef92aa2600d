package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// Explain is the manual page of one key of the policy language, by its dotted
// path without the numbers of list items: "review.sign_offs.stale". "" is the top
// of the file. A path that is none is an error that says what was probably meant.
func Explain(path string) (string, error) {
	at := languageKey{doc: "A policy file says what a pull request needs before it is merged.", value: func() *form { return &form{keys: language()} }}
	var walked []string
	for step := range strings.SplitSeq(path, ".") {
		if step == "" && path == "" {
			break
		}
		next, known, found := under(at.value(), step)
		if !found {
			where := "a policy file"
			if len(walked) > 0 {
				where = strings.Join(walked, ".")
			}
			return "", fmt.Errorf("%s has no key %q. %s", where, checks.Plain(step), meant(step, known))
		}
		at, walked = next, append(walked, step)
	}
	return page(strings.Join(walked, "."), at), nil
}

// under is the key of a name below a value, of its items where it is a list.
func under(f *form, step string) (k languageKey, known []string, found bool) {
	for f.items != nil && f.keys == nil {
		f = f.items
	}
	for _, k := range f.keys {
		if k.any || k.name == step {
			return k, nil, true
		}
		known = append(known, k.name)
	}
	return k, known, false
}

// page is what a person at a terminal reads of a key.
func page(path string, k languageKey) string {
	var b strings.Builder
	f := k.value()
	if path != "" {
		fmt.Fprintf(&b, "%s: %s\n\n", path, kindOf(k, f))
	}
	if k.doc != "" {
		b.WriteString(wrap(k.doc, "  ") + "\n")
	}
	if held := comparison(k.tighten); held != "" {
		b.WriteString("\n" + wrap("Organisation floor: "+held, "  ") + "\n")
	}
	if controls := checks.ControlsOf(strings.ReplaceAll(path, ".", "/")); len(controls) > 0 && strings.Count(path, ".") <= 1 {
		b.WriteString("\n" + wrap("Evidence for "+strings.Join(controls, ", ")+".", "  ") + "\n")
	}
	for f.items != nil && f.keys == nil {
		f = f.items
	}
	if len(f.keys) > 0 {
		b.WriteString("\nKeys:\n")
	}
	for _, below := range f.keys {
		fmt.Fprintf(&b, "\n  %s: %s\n", below.name, kindOf(below, below.value()))
		if s := inBrief(below.doc); s != "" {
			b.WriteString(wrap(s, "      ") + "\n")
		}
	}
	return b.String()
}

// kindOf says in a few words how a key's value is written.
func kindOf(k languageKey, f *form) string {
	var ways []string
	if k.control {
		ways = append(ways, "true", "false")
	}
	switch {
	case len(f.words) > 0:
		ways = append(ways, f.words...)
	case f.scalar == reflect.Bool:
		ways = append(ways, "true", "false")
	case f.scalar == reflect.Int:
		ways = append(ways, "a whole number")
	case f.scalar == reflect.String && f.name != "" && f.name != "string":
		ways = append(ways, article(plainName(f.name)))
	case f.scalar == reflect.String:
		ways = append(ways, "text")
	}
	if f.items != nil {
		ways = append(ways, "a list, each "+kindOf(languageKey{}, f.items))
	}
	if len(f.keys) > 0 {
		ways = append(ways, "a mapping")
	}
	return strings.Join(ways, " or ")
}

// plainName is a type's name as words: RoleName is "role name".
func plainName(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r >= 'A' && r <= 'Z' && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

func article(s string) string {
	if strings.ContainsAny(s[:1], "aeiou") {
		return "an " + s
	}
	return "a " + s
}

// comparison says how the organisation floor compares a key; "" where it does
// not.
func comparison(tag string) string {
	t := tighteningOf(tag)
	switch t.rule {
	case "-", "":
		return ""
	case "words":
		if tag == "" {
			return ""
		}
		return "a repository may only move it to the left in: " + strings.Join(t.words, ", ") + "."
	}
	return map[string]string{
		"up":       "a repository may only set it higher.",
		"down":     "a repository may only set it lower.",
		"on":       "where it is true, a repository cannot set it to false.",
		"off":      "where it is false, a repository cannot set it to true.",
		"beside":   "what it asks for holds besides the repository's own.",
		"lifts":    "a repository may list nothing that the floor does not.",
		"holds":    "a repository's condition must hold wherever the floor's does.",
		"wider":    "a repository must list all that the floor does.",
		"narrower": "a repository may list nothing that the floor does not.",
		"same":     "a repository cannot set another value.",
		"role":     "a repository cannot name another role.",
	}[t.rule]
}

// inBrief is a comment's first sentence and the one that says the default.
func inBrief(doc string) string {
	first := firstSentence(doc)
	if i := strings.Index(doc, "Default: "); i > len(first) {
		first += " " + firstSentence(doc[i:])
	}
	return first
}

func firstSentence(s string) string {
	s = firstParagraph(s)
	if i := strings.Index(s, ". "); i >= 0 {
		return s[:i+1]
	}
	return s
}

// width is how wide a line of the manual is.
const width = 90

// wrap breaks paragraphs into lines.
func wrap(s, indent string) string {
	var out []string
	for paragraph := range strings.SplitSeq(s, "\n\n") {
		line := indent
		for _, word := range strings.Fields(paragraph) {
			if len(line)+1+len(word) > width && line != indent {
				out = append(out, strings.TrimRight(line, " "))
				line = indent
			}
			line += word + " "
		}
		out = append(out, strings.TrimRight(line, " "), "")
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n ")
}
