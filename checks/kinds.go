package checks

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// The small types that policy values have. Each reads its text strictly; what
// it refuses, package config reports with its place in the file.

// Permission is a GitHub repository permission, as a policy names it.
type Permission string

var permissions = []string{"none", "read", "triage", "write", "maintain", "admin"}

// UnmarshalText refuses a word that is no permission.
func (p *Permission) UnmarshalText(text []byte) error {
	for _, q := range permissions[1:] {
		if q == string(text) {
			*p = Permission(q)
			return nil
		}
	}
	return &WordError{Got: string(text), Want: permissions[1:]}
}

// AtLeast says whether a person's permission is this one or higher. What could
// not be read is not.
func (p Permission) AtLeast(min Permission) bool {
	return rank(string(p)) >= max(rank(string(min)), 1)
}

// rank is a permission's place among permissions; -1 for what is none.
func rank(p string) int {
	switch p {
	case "none":
		return 0
	case "read":
		return 1
	case "triage":
		return 2
	case "write":
		return 3
	case "maintain":
		return 4
	case "admin":
		return 5
	}
	return -1
}

// WordError says that a value is none of the words it may be; package config
// suggests the nearest.
type WordError struct {
	Got  string
	Want []string
}

// Error names the word and what it may be.
func (e *WordError) Error() string {
	return fmt.Sprintf("%q is none of %s", e.Got, strings.Join(e.Want, ", "))
}

// Glob is a doublestar pattern (`**`, `{a,b}`, `[a-z]`) against a whole path.
type Glob string

// UnmarshalText refuses a pattern that can never be matched.
func (g *Glob) UnmarshalText(text []byte) error {
	if !doublestar.ValidatePattern(string(text)) {
		return fmt.Errorf("%q is not a valid glob", text)
	}
	*g = Glob(text)
	return nil
}

// Match says whether the pattern covers the whole path.
func (g Glob) Match(path string) bool {
	if g == "**" {
		return path != ""
	}
	return doublestar.MatchUnvalidated(string(g), path)
}

// Pattern is a regular expression (RE2 syntax).
type Pattern struct {
	re *regexp.Regexp
}

// UnmarshalText refuses an expression that does not compile.
func (p *Pattern) UnmarshalText(text []byte) error {
	re, err := expression(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a regular expression: %w", text, err)
	}
	p.re = re
	return nil
}

// expressionSteps is how large an expression may be, in the steps that it is made of. A
// text is matched in time with its length times these. Ours: what people write takes
// some dozens.
const expressionSteps = 2000

// expression compiles one, unless it is too large.
func expression(text string) (*regexp.Regexp, error) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	if steps, err := syntax.Compile(parsed.Simplify()); err == nil && len(steps.Inst) > expressionSteps {
		return nil, fmt.Errorf("it takes %d steps, and %d at most are taken", len(steps.Inst), expressionSteps)
	}
	return regexp.Compile(text)
}

// String is the expression as it was written.
func (p Pattern) String() string {
	if p.re == nil {
		return ""
	}
	return p.re.String()
}

// Find is the leftmost match in s and whether there is one. A pattern that was
// never set matches nothing.
func (p Pattern) Find(s string) (string, bool) {
	if p.re == nil {
		return "", false
	}
	at := p.re.FindStringIndex(s)
	if at == nil {
		return "", false
	}
	return s[at[0]:at[1]], true
}

// Phrase is what somebody says to sign: a whole line in any case or, written
// between slashes, a regular expression for the whole line.
type Phrase struct {
	text string
	re   *regexp.Regexp
}

func literal(s string) Phrase { return Phrase{text: s} }

// UnmarshalText refuses an empty phrase, one of several lines, and an
// expression that does not compile or that an empty line would match.
func (p *Phrase) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if s == "" || strings.ContainsAny(s, "\r\n") {
		return fmt.Errorf("%q is not a phrase: one line that is not blank is needed", text)
	}
	*p = Phrase{text: s}
	if len(s) < 3 || s[0] != '/' || s[len(s)-1] != '/' {
		return nil
	}
	// Alone first: "a)|(?:b" is an expression only within the brackets around it,
	// and would step out of the line it stands for.
	inner := s[1 : len(s)-1]
	if _, err := expression(inner); err != nil {
		return fmt.Errorf("%q is not a regular expression: %w", text, err)
	}
	re, err := regexp.Compile(`(?i)^(?:` + inner + `)$`)
	if err != nil {
		return fmt.Errorf("%q is not a regular expression: %w", text, err)
	}
	if re.MatchString("") {
		return fmt.Errorf("%q would be said by an empty line", text)
	}
	p.re = re
	return nil
}

// String is the phrase as it was written.
func (p Phrase) String() string { return p.text }

// Says says whether a line, trimmed, is the phrase.
func (p Phrase) Says(line string) bool {
	if p.re != nil {
		return p.re.MatchString(line)
	}
	return p.text != "" && strings.EqualFold(p.text, line)
}
