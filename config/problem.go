package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// problemLimit is how many mistakes of one file are listed; a file that has
// more is none that a person wrote.
const problemLimit = 50

// Check says what is wrong with a policy text, warnings among it, in the order
// of lines. Nothing is wrong with it when the answer is empty.
func Check(file, text string) []checks.Problem { return parse(file, text).listed() }

// Proposed says what is wrong with the text that a pull request brings, or that
// somebody is about to: what Check says, and what of it is weaker than the
// organisation's floor, which is one of the sources where there is one. File is
// the text's path in the repository.
func Proposed(file, text string, sources []checks.Source) []checks.Problem {
	t := parse(file, text)
	if s, ok := source(sources, true); ok && readable(s) {
		t.held(parseSource(s))
	}
	return t.listed()
}

// Render shows a problem to a person at a terminal: the sentence, and below it
// the line of the text with a mark under the place.
func Render(p checks.Problem, text string) string {
	out := p.String() + "\n"
	lines := strings.Split(text, "\n")
	if p.Line < 1 || p.Line > len(lines) {
		return out
	}
	line := strings.TrimRight(lines[p.Line-1], "\r")
	if utf8.RuneCountInString(line) > 160 {
		return out
	}
	var mark strings.Builder
	shown := []rune(strings.Map(func(r rune) rune {
		if r == '\t' || r >= ' ' && r != 0x7f {
			return r
		}
		return '\ufffd'
	}, line))
	for i := 0; i < p.Column-1 && i < len(shown); i++ {
		if shown[i] == '\t' {
			mark.WriteByte('\t')
		} else {
			mark.WriteByte(' ')
		}
	}
	number := strconv.Itoa(p.Line)
	return out + fmt.Sprintf("  %s | %s\n  %s | %s^\n", number, string(shown), strings.Repeat(" ", len(number)), mark.String())
}

func (d *decoder) problem(n *yaml.Node, path, message, suggest string) {
	q := checks.Problem{File: d.file, Key: path, Message: message, Suggest: suggest}
	if n != nil {
		q.Line, q.Column = n.Line, n.Column
	}
	d.problems = append(d.problems, q)
}

func (d *decoder) warn(n *yaml.Node, path, message, suggest string) {
	d.problem(n, path, message, suggest)
	d.problems[len(d.problems)-1].Warning = true
}

func (d *decoder) unknown(k *yaml.Node, path string, known []string) {
	hint := meant(k.Value, known)
	if checks.Plain(k.Value) != k.Value {
		hint = "It has characters in it that do not show; type it anew."
	}
	d.problem(k, path, "Unknown key "+describe(k)+".", hint)
}

func (d *decoder) wrongKind(n *yaml.Node, path, want string) {
	if n.Kind == yaml.AliasNode {
		return // refused already
	}
	hint := ""
	if want == "text" && n.Kind == yaml.ScalarNode && !null(n) {
		hint = "Put it in quotes if the word is meant."
	}
	d.problem(n, path, fmt.Sprintf("%q must be %s, not %s.", last(path), want, describe(n)), hint)
}

// faults asks a check what is wrong with its settings, and leaves out what only
// follows from a mistake in the same place.
func (d *decoder) faults(c any) {
	f, ok := c.(checks.Faulty)
	i := slices.IndexFunc(d.placed, func(p placed) bool { return p.check == c })
	if !ok || i < 0 {
		return
	}
	at := d.placed[i]
	before := placesOf(d.problems)
	for _, fault := range f.Faults() {
		path := at.path
		if fault.Key != "" {
			path += "." + fault.Key
		}
		if before.touch(path) {
			continue
		}
		d.problem(find(at.node, fault.Key), path, capital(sentence(fault.Message)), "")
		d.problems[len(d.problems)-1].Warning = fault.Warning
	}
}

// find is the node at a path below n, or the last one on the way that is there.
func find(n *yaml.Node, path string) *yaml.Node {
	for step := range strings.SplitSeq(path, ".") {
		if step == "" {
			continue
		}
		next := (*yaml.Node)(nil)
		switch n.Kind {
		case yaml.MappingNode:
			each(n, func(k, v *yaml.Node) {
				if k.Value == step {
					next = v
				}
			})
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
				next = n.Content[i]
			}
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// sorted are problems by their place.
func sorted(problems []checks.Problem) []checks.Problem {
	slices.SortStableFunc(problems, func(a, b checks.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return problems
}

// listed are at most problemLimit problems of a file, and what the others come to.
func listed(file string, problems []checks.Problem) []checks.Problem {
	n := len(problems) - problemLimit
	if n <= 0 {
		return problems
	}
	more := checks.Problem{File: file, Message: fmt.Sprintf("There are %d more mistakes.", n), Warning: true, Weaker: true}
	for _, q := range problems[problemLimit:] {
		more.Warning = more.Warning && q.Warning
		more.Weaker = more.Weaker && (q.Weaker || q.Warning)
	}
	more.Weaker = more.Weaker && !more.Warning
	return append(problems[:problemLimit:problemLimit], more)
}

func (t *text) listed() []checks.Problem { return listed(t.file, t.problems) }

// describe names a value as it is written.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case null(n):
		return "nothing"
	}
	return strconv.Quote(clip(checks.Plain(n.Value), 60))
}

func clip(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	if s = strings.TrimSpace(s); s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// last is the key that a path ends in; of a list's item, the list's.
func last(path string) string {
	parts := strings.Split(path, ".")
	for len(parts) > 1 {
		if _, err := strconv.Atoi(parts[len(parts)-1]); err != nil {
			break
		}
		parts = parts[:len(parts)-1]
	}
	return clip(checks.Plain(parts[len(parts)-1]), 60)
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
