package checks

import "strings"

// attributeRule is one line of an attribute file: a pattern, or the name of a
// macro, and the attributes that it gives.
type attributeRule struct {
	pattern attributePattern
	macro   string
	values  []attributeValue
}

const (
	// attributeLine is how long a line may be that git heeds (git's attr.h,
	// ATTR_MAX_LINE_LENGTH).
	attributeLine  = 2048
	attributeBlank = " \t\r\n"
	macroPrefix    = "[attr]"
)

// attributeRules reads an attribute file as git does (attr.c): a line that is wrong
// in any part is none. macros says that it may define some.
func attributeRules(text string, macros bool) []attributeRule {
	var out []attributeRule
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line, _, _ = strings.Cut(line, "\x00")
		if r, ok := attributeRuleOf(line, macros); ok {
			out = append(out, r)
		}
	}
	return out
}

func attributeRuleOf(line string, macros bool) (r attributeRule, ok bool) {
	long := len(line) >= attributeLine
	line = strings.TrimLeft(line, attributeBlank)
	if line == "" || line[0] == '#' || long {
		return r, false
	}
	name, rest, quoted := unquoteC(line)
	if !quoted {
		name, rest = attributeWord(line)
	}
	if macro, is := strings.CutPrefix(name, macroPrefix); is && macro != "" {
		r.macro, _ = attributeWord(strings.TrimLeft(macro, attributeBlank))
		if !macros || !attributeName(r.macro) {
			return r, false
		}
	} else if strings.HasPrefix(name, "!") {
		return r, false // git refuses negative patterns
	}
	if r.values, ok = attributesSaid(rest); !ok {
		return r, false
	}
	if r.macro == "" {
		r.pattern = newAttributePattern(name)
	}
	return r, true
}

// attributeWord is the text up to the next blank, and what comes after it.
func attributeWord(s string) (word, rest string) {
	i := strings.IndexAny(s, attributeBlank)
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

// attributesSaid reads what stands behind a pattern.
func attributesSaid(s string) (out []attributeValue, ok bool) {
	for {
		var word string
		if word, s = attributeWord(strings.TrimLeft(s, attributeBlank)); word == "" {
			return out, true
		}
		name, text, valued := strings.Cut(word, "=")
		v := attributeValue{state: attributeSet}
		switch {
		case strings.HasPrefix(name, "-"):
			v.state, name = attributeFalse, name[1:]
		case strings.HasPrefix(name, "!"):
			v.state, name = attributeUnset, name[1:]
		case valued:
			v.state, v.text = attributeValued, text
		}
		if v.name = name; !attributeName(name) {
			return nil, false
		}
		out = append(out, v)
	}
}

// attributeName says whether an attribute may have a name.
func attributeName(s string) bool {
	if s == "" || s[0] == '-' || strings.HasPrefix(s, "builtin_") {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return true
}

// unquoteC reads a text in double quotes with the escapes of C, and what comes
// after it; not ok, it is none, and stands for itself (git's quote.c). A NUL ends it.
func unquoteC(s string) (text, rest string, ok bool) {
	if s[0] != '"' {
		return "", "", false
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; c {
		case '"':
			text, _, _ = strings.Cut(b.String(), "\x00")
			return text, s[i+1:], true
		case '\\':
			c, n, ok := escapeC(s[i+1:])
			if !ok {
				return "", "", false
			}
			b.WriteByte(c)
			i += n
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}

// escapeC is the character that stands behind a backslash, and of how many it is
// written.
func escapeC(s string) (c byte, n int, ok bool) {
	if s == "" {
		return 0, 0, false
	}
	if i := strings.IndexByte(`abfnrtv\"`, s[0]); i >= 0 {
		return "\a\b\f\n\r\t\v\\\""[i], 1, true
	}
	if len(s) < 3 || s[0] > '3' {
		return 0, 0, false
	}
	for _, d := range []byte(s[:3]) {
		if d < '0' || d > '7' {
			return 0, 0, false
		}
		c = c<<3 | (d - '0')
	}
	return c, 3, true
}
