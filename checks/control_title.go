package checks

import (
	"fmt"
	"slices"
	"strings"
)

// conventionalTypes are the types that Conventional Commits 1.0.0 names, by
// itself and by reference to the Angular convention.
var conventionalTypes = []string{"build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"}

// Title is the control `compliance: {title: …}`: the pull request's title
// follows a form. `title: conventional` is all that most need.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.32, PCI DSS 6.5, NIST CM-3.
type Title struct {
	// Pattern is a regular expression that is to be found in the title; write ^
	// and $ for the whole of it. It takes the place of Conventional Commits
	// unless types are given too, when both must hold. Default: none.
	Pattern Pattern `yaml:"pattern" tighten:"beside"`
	// Types are the types of Conventional Commits that are allowed, in any case.
	// Default: build, chore, ci, docs, feat, fix, perf, refactor, revert, style,
	// test.
	Types []string `yaml:"types" tighten:"lifts|build,chore,ci,docs,feat,fix,perf,refactor,revert,style,test"`
}

// UnmarshalText reads the short form, the word conventional.
func (t *Title) UnmarshalText(text []byte) error {
	if string(text) != "conventional" {
		return &WordError{Got: string(text), Want: []string{"conventional"}}
	}
	*t = *NewTitle()
	return nil
}

// NewTitle is the control with its defaults: Conventional Commits.
func NewTitle() *Title { return &Title{} }

// Faults finds an empty list of types and types that no title can have.
func (t *Title) Faults() []Fault {
	var out []Fault
	if t.Types != nil && len(t.Types) == 0 {
		out = append(out, Fault{Key: "types", Message: "With no type allowed no title can be right."})
	}
	for i, w := range t.Types {
		if w == "" || typeEnd(w) != len(w) {
			out = append(out, Fault{Key: fmt.Sprintf("types.%d", i), Message: fmt.Sprintf("%q cannot be a type: letters, digits, - and _ make one.", w)})
		}
	}
	return out
}

// Eval judges the title.
func (t *Title) Eval(pull Pull) Result {
	r := Result{ID: "compliance/title", Name: "Title", State: Met}
	var wrong, remedy string
	if t.Pattern.String() != "" {
		if _, ok := t.Pattern.Find(pull.Title); !ok {
			wrong = "does not match " + t.Pattern.String()
			remedy = "Change it so that it does"
		}
	}
	if wrong == "" && (t.Pattern.String() == "" || t.Types != nil) {
		if wrong = t.unconventional(pull.Title); wrong != "" {
			remedy = "Write it as “type: what changes” or “type(scope): what changes”, with one of the types " + strings.Join(t.types(), ", ")
		}
	}
	if wrong != "" {
		r.State, r.Can = Unmet, []string{theAuthor}
		r.Summary = "The title “" + quoted(pull.Title) + "” " + wrong + ". " + remedy + "."
		return r
	}
	r.Summary = "The title has the required form."
	return r
}

func (t *Title) types() []string {
	if t.Types == nil {
		return conventionalTypes
	}
	return t.Types
}

// unconventional says in which way a title is no header of Conventional
// Commits 1.0.0 ("Specification", items 1, 4, 5, 13, 15): a type, an optional
// scope in parentheses, an optional !, a colon and a blank, a description.
func (t *Title) unconventional(s string) string {
	end := typeEnd(s)
	word, rest := s[:end], s[end:]
	if scoped, ok := strings.CutPrefix(rest, "("); ok {
		scope, after, closed := strings.Cut(scoped, ")")
		if !closed || Plain(scope) == "" || strings.ContainsAny(scope, "(\r\n") {
			return "has no scope between its parentheses"
		}
		rest = after
	}
	rest, colon := strings.CutPrefix(strings.TrimPrefix(rest, "!"), ":")
	switch {
	case word == "" || !colon:
		return "does not begin with a type and a colon"
	case !slices.ContainsFunc(t.types(), func(w string) bool { return strings.EqualFold(w, word) }):
		return "begins with “" + quoted(word) + "”, which is not one of the types"
	case Plain(rest) == "":
		return "says nothing after the colon"
	case !strings.HasPrefix(rest, " "):
		return "lacks the blank after the colon"
	}
	return ""
}

// typeEnd is where the type at the beginning of a title ends.
func typeEnd(s string) int {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return i
		}
	}
	return len(s)
}

// quoted is a short, harmless quote of somebody's text for within a sentence.
func quoted(s string) string { return clean(s, 80) }
