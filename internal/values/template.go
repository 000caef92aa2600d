package values

import (
	"regexp"
	"strconv"
	"strings"
)

// masking is a template whose actions are taken out, so that the rest can be read
// as YAML (Helm documentation, "Chart Template Guide"; Go's text/template).
type masking struct {
	actions []string
	loose   []*node
}

// A place of an action in the text, between characters that nobody uses.
const placeOpen, placeEnd = "\ue000", "\ue001"

var (
	action = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	place  = regexp.MustCompile(placeOpen + "([0-9]+)" + placeEnd)
	// steering is an action that writes nothing itself.
	steering = regexp.MustCompile(`(?s)^\{\{-?\s*(/\*|if\b|else\b|end\b|with\b|range\b|define\b|block\b|break\b|continue\b|\$\w*\s*:?=)`)
	// alone is a line with nothing but places of actions on it.
	alone = regexp.MustCompile("^[ \t]*(?:" + placeOpen + "[0-9]+" + placeEnd + "[ \t]*)+$")
)

// mask takes the actions of a template out of it. What steers is left out, since
// each branch is read; what writes into a line is a value; what writes whole lines
// may become anything, and is loose. is is false for what cannot be masked.
func mask(text string) (masked string, m *masking, is bool) {
	if strings.Contains(text, placeOpen) || strings.Contains(text, placeEnd) {
		return "", nil, false
	}
	m = &masking{}
	text = action.ReplaceAllStringFunc(text, func(a string) string {
		lines := strings.Repeat("\n", strings.Count(a, "\n"))
		if steering.MatchString(a) {
			return lines
		}
		m.actions = append(m.actions, strings.Join(strings.Fields(a), " "))
		return placeOpen + strconv.Itoa(len(m.actions)-1) + placeEnd + lines
	})
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		switch {
		case strings.TrimSpace(line) == "":
			lines[i] = ""
		case alone.MatchString(strings.TrimSuffix(line, "\r")):
			lines[i] = ""
			m.loose = append(m.loose, &node{kind: expression, text: m.restore(strings.TrimSpace(line)), line: i + 1})
		}
	}
	return strings.Join(lines, "\n"), m, true
}

// restore puts the actions back into a text.
func (m *masking) restore(text string) string {
	if m == nil || !strings.Contains(text, placeOpen) {
		return text
	}
	return place.ReplaceAllStringFunc(text, func(p string) string {
		i, err := strconv.Atoi(p[len(placeOpen) : len(p)-len(placeEnd)])
		if err != nil || i >= len(m.actions) {
			return p
		}
		return m.actions[i]
	})
}
