package checks

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// KeyPattern says which keys of a file are meant: a dotted path in which * stands
// for one step and ** for any number of steps, also none. Within a step * stands
// for any part of its name. A step is a key with the list item behind it, which a
// pattern may leave out: containers is in containers[api], too. A name with a dot
// or a bracket in it is written in quotes: limits."nvidia.com/gpu".
type KeyPattern string

const (
	// keySteps is how many steps a pattern may have.
	keySteps = 30
	// keyLength is how many bytes.
	keyLength = 500
)

// UnmarshalText refuses a pattern that nothing can match.
func (k *KeyPattern) UnmarshalText(text []byte) error {
	if _, err := keyPattern(string(text)); err != nil {
		return err
	}
	*k = KeyPattern(text)
	return nil
}

// KeyStep is one step of the way to a value: a key, and the list item behind it as
// "[api]" or "[0]", with more behind it where lists are in lists. Any says that the
// key is an expression, which may be any key.
type KeyStep struct {
	Name, Item string
	Any        bool
}

// KeyText writes a way to a value as [Value] has it.
func KeyText(way []KeyStep) string {
	var b strings.Builder
	for i := range way {
		if i > 0 {
			b.WriteByte('.')
		}
		if way[i].Name != "" || way[i].Item == "" {
			b.WriteString(KeyName(way[i].Name))
		}
		b.WriteString(way[i].Item)
	}
	return b.String()
}

// KeyName is a name as it is written in a key: in quotes where it would not be
// taken for one name.
func KeyName(name string) string {
	if name == "" || strings.ContainsAny(name, ".[]\"*\\ \t\r\n") {
		return strconv.Quote(name)
	}
	return name
}

// KeyMatcher is a [KeyPattern] made ready.
type KeyMatcher struct{ steps []stepPattern }

// stepPattern is one step: any number of steps, or one whose name and item fit.
type stepPattern struct {
	any   bool
	name  string // with * for any part unless it was in quotes
	exact bool
	item  string // "" is any
}

// Matcher makes a pattern ready. That of one that UnmarshalText refuses matches
// nothing.
func (k KeyPattern) Matcher() KeyMatcher {
	steps, err := keyPattern(string(k))
	if err != nil {
		return KeyMatcher{}
	}
	return KeyMatcher{steps}
}

// Match says whether a way to a value is one that is meant.
func (m KeyMatcher) Match(way []KeyStep) bool { return len(m.steps) > 0 && matchSteps(m.steps, way) }

// Leads says whether a way ends at a step that the pattern names, with more to
// come: what stands there holds a value that is meant, if it has it.
func (m KeyMatcher) Leads(way []KeyStep) bool {
	for n := 1; n < len(m.steps); n++ {
		if last := m.steps[n-1]; !last.any && (last.name != "*" || last.exact) && matchSteps(m.steps[:n], way) {
			return true
		}
	}
	return false
}

// matchSteps goes back only to the last **, which is enough and keeps it from
// taking long.
func matchSteps(pattern []stepPattern, way []KeyStep) bool {
	p, w, star, from := 0, 0, -1, 0
	for w < len(way) {
		switch {
		case p < len(pattern) && pattern[p].any:
			star, from = p, w
			p++
		case p < len(pattern) && pattern[p].fits(&way[w]):
			p, w = p+1, w+1
		case star >= 0:
			from++
			p, w = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p].any {
		p++
	}
	return p == len(pattern)
}

func (s *stepPattern) fits(step *KeyStep) bool {
	if s.item != "" && !matchText(s.item, step.Item) {
		return false
	}
	switch {
	case step.Any:
		return true
	case s.exact:
		return s.name == step.Name
	}
	return matchText(s.name, step.Name)
}

// matchText says whether a text is like a pattern with * for any part.
func matchText(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p, t = p+1, t+1
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// keyPattern takes a pattern apart.
func keyPattern(text string) ([]stepPattern, error) {
	if text == "" || len(text) > keyLength {
		return nil, fmt.Errorf("a key has from 1 to %d characters", keyLength)
	}
	var steps []stepPattern
	for rest := text; ; {
		step, after, err := keyStep(rest)
		if err != nil {
			return nil, fmt.Errorf("%q is no key: %w", text, err)
		}
		if steps = append(steps, step); len(steps) > keySteps {
			return nil, fmt.Errorf("%q has more than %d steps", text, keySteps)
		}
		if after == "" {
			break
		}
		if after[0] != '.' {
			return nil, fmt.Errorf("%q is no key: a dot belongs before %q", text, after)
		}
		rest = after[1:]
	}
	if steps[len(steps)-1].any {
		return nil, fmt.Errorf("%q is no key: it must end in the name of what is limited, for example **.limits.memory", text)
	}
	return steps, nil
}

var errEmptyStep = errors.New("there is no name where one belongs")

func keyStep(text string) (s stepPattern, rest string, err error) {
	rest = text
	if strings.HasPrefix(text, `"`) {
		q, err := strconv.QuotedPrefix(text)
		if err != nil {
			return s, "", errors.New("a quote is not closed")
		}
		s.name, _ = strconv.Unquote(q)
		s.exact, rest = true, text[len(q):]
	} else {
		end := strings.IndexAny(text, ".[")
		if end < 0 {
			end = len(text)
		}
		s.name, rest = text[:end], text[end:]
	}
	if s.name == "" && !s.exact && !strings.HasPrefix(rest, "[") {
		return s, "", errEmptyStep
	}
	if strings.ContainsAny(s.name, "]\"") && !s.exact {
		return s, "", errors.New("a bracket or a quote stands alone")
	}
	s.any = s.name == "**" && !s.exact
	for strings.HasPrefix(rest, "[") {
		end := itemEnd(rest)
		if end < 0 {
			return s, "", errors.New("a bracket is not closed")
		}
		s.item, rest = s.item+rest[:end], rest[end:]
	}
	if s.any && s.item != "" {
		return s, "", errors.New("** has no items")
	}
	return s, rest, nil
}

// itemEnd is where the item ends that a text begins with, -1 if nowhere.
func itemEnd(text string) int {
	at := 1
	if q, err := strconv.QuotedPrefix(text[1:]); err == nil {
		at += len(q)
	}
	if end := strings.IndexByte(text[at:], ']'); end >= 0 {
		return at + end + 1
	}
	return -1
}
