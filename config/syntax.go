package config

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// sizeLimit is the largest policy text, in bytes. Ours: a thousand rules fit.
	sizeLimit = 256 << 10
	// depthLimit is how deep values may be nested; the language needs six levels.
	depthLimit = 20
)

// load parses a text and refuses what the language does not have. It gives the
// top mapping, or nil when there is nothing to go on with.
func (d *decoder) load(source string) *yaml.Node {
	if len(source) > sizeLimit {
		d.at(0, 0, fmt.Sprintf("The policy has %d bytes; at most %d are read.", len(source), sizeLimit), "")
		return nil
	}
	if !d.printable(source) {
		return nil
	}
	dec := yaml.NewDecoder(strings.NewReader(source))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			d.at(1, 1, "The policy is empty.", `Begin the file with "version: 1".`)
		} else {
			d.syntax(err, source)
		}
		return nil
	}
	var more yaml.Node
	switch err := dec.Decode(&more); {
	case err == nil:
		d.problem(&more, "", "A policy is one document, and here a second one begins.", "Remove the line ---.")
	case !errors.Is(err, io.EOF):
		d.syntax(err, source)
	}
	root := doc.Content[0]
	if null(root) {
		d.at(1, 1, "The policy is empty.", `Begin the file with "version: 1".`)
		return nil
	}
	if root.Kind != yaml.MappingNode {
		d.problem(root, "", "A policy is a mapping of keys to values, not "+describe(root)+".", `Begin the file with "version: 1".`)
		return nil
	}
	if !d.plain(root, "", 0) {
		return nil
	}
	return root
}

// printable refuses bytes that are no text, with their place.
func (d *decoder) printable(source string) bool {
	line, column := 1, 1
	for i, r := range source {
		bad := r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(source[i:]); n <= 1 {
				bad = true
			}
		}
		if bad {
			d.at(line, column, fmt.Sprintf("The character %q has no place in a policy.", r), "Save the file as plain UTF-8 text.")
			return false
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	return true
}

// plain refuses anchors, aliases, tags, keys that are no text, and keys that
// are there twice. False means that the tree is not to be read any further.
func (d *decoder) plain(n *yaml.Node, path string, depth int) bool {
	if depth > depthLimit {
		d.problem(n, path, fmt.Sprintf("Values are nested more than %d deep.", depthLimit), "")
		return false
	}
	switch {
	case n.Kind == yaml.AliasNode:
		d.problem(n, path, fmt.Sprintf("The alias %q is not taken.", "*"+clip(checks.Plain(n.Value), 60)), "Write the value out.")
		return true
	case n.Anchor != "":
		d.problem(n, path, fmt.Sprintf("The anchor %q is not taken.", "&"+clip(checks.Plain(n.Anchor), 60)), "Write the value out where it is needed.")
	case n.Style&yaml.TaggedStyle != 0:
		d.problem(n, path, fmt.Sprintf("The tag %q is not taken.", clip(checks.Plain(n.Tag), 60)), "Write the value without it.")
	}
	ok := true
	switch n.Kind {
	case yaml.MappingNode:
		first := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			at := below(path, k.Value)
			if k.Kind != yaml.ScalarNode || null(k) || k.Anchor != "" || k.Style&yaml.TaggedStyle != 0 {
				d.problem(k, path, "A key must be plain text.", "")
			} else if line, twice := first[k.Value]; twice {
				d.problem(k, at, fmt.Sprintf("The key %s is there twice, first on line %d.", describe(k), line), "Keep one of them.")
			} else {
				first[k.Value] = k.Line
			}
			ok = d.plain(v, at, depth+1) && ok
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			ok = d.plain(item, path+"."+strconv.Itoa(i), depth+1) && ok
		}
	}
	return ok
}

// each calls f for every key of a mapping and its value, the first of each key.
func each(n *yaml.Node, f func(k, v *yaml.Node)) {
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode || null(k) || seen[k.Value] {
			continue
		}
		seen[k.Value] = true
		f(k, n.Content[i+1])
	}
}

func null(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func (d *decoder) at(line, column int, message, suggest string) {
	d.problems = append(d.problems, checks.Problem{File: d.file, Line: line, Column: column, Message: message, Suggest: suggest})
}

var yamlError = regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?(.*)$`)

// phrasings say in other words what the parser complains about.
var phrasings = []struct{ parser, say, suggest string }{
	{"mapping values are not allowed in this context", `A ":" where none can be.`, "Indent the line like its neighbours, or put a text with a colon in quotes."},
	{"found character that cannot start any token", "A value begins with a character that cannot begin one.", "Put it in quotes."},
	{"did not find expected ',' or ']'", "The list that begins here is not closed.", `Close it with "]"; put texts with a # or a : in quotes.`},
	{"did not find expected ',' or '}'", "The mapping that begins here is not closed.", `Close it with "}"; put texts with a # or a : in quotes.`},
	{"did not find expected key", "The line does not fit to those above it.", "Indent it like its neighbours; put the whole of a text in quotes."},
	{"did not find expected '-' indicator", "The line does not fit to the list above it.", `Indent it like its neighbours, with "- " in front.`},
	{"could not find expected ':'", `A key without its ":".`, `Write "key: value".`},
	{"found unexpected end of stream", "A quote is not closed.", ""},
}

// syntax reports what the YAML parser says, at the line it means.
func (d *decoder) syntax(err error, source string) {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		m = []string{"", "", err.Error()}
	}
	line, _ := strconv.Atoi(m[1])
	// The parser counts from 0 in what it expected, from 1 in what it scanned,
	// and leaves the first line out.
	if strings.HasPrefix(m[2], "did not find expected") || line == 0 {
		line++
	}
	lines := strings.Split(source, "\n")
	line = min(line, len(lines))
	if name, ok := strings.CutPrefix(m[2], "unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		for i, s := range lines {
			if c := strings.Index(s, "*"+name); c >= 0 {
				d.at(i+1, utf8.RuneCountInString(s[:c])+1, fmt.Sprintf("The alias %q is not taken.", "*"+clip(checks.Plain(name), 60)), "Write the value out, or put it in quotes.")
				return
			}
		}
	}
	text := lines[line-1]
	indent := len(text) - len(strings.TrimLeft(text, " \t"))
	if tab := strings.IndexByte(text[:indent], '\t'); tab >= 0 {
		d.at(line, tab+1, "The line is indented with a tab.", "Indent with blanks.")
		return
	}
	for _, p := range phrasings {
		if m[2] == p.parser {
			d.at(line, indent+1, p.say, p.suggest)
			return
		}
	}
	d.at(line, indent+1, "This is not YAML: "+sentence(clip(checks.Plain(m[2]), 200)), "")
}
