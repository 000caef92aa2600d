package checks

import "strings"

// line is one line of a description as a reader sees it: HTML comments are
// gone. level is 1 to 6 for a heading, whose text is without its marks.
type line struct {
	text  string
	level int
	code  bool // within a fenced code block
}

// markdownLines reads just so much Markdown as is needed to tell headings, code
// and comments apart (CommonMark 0.31, "ATX headings", "Setext headings",
// "Fenced code blocks", "HTML blocks"). Where it is in doubt it sees less text
// than a reader might, never more.
func markdownLines(body string) []line {
	var out []line
	fence, comment := "", false
	for raw := range strings.SplitSeq(strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\r", "\n"), "\n") {
		if fence != "" {
			if columns(raw) <= 3 && fenceEnds(strings.TrimSpace(raw), fence) {
				fence = ""
				continue
			}
			out = append(out, line{text: raw, code: true})
			continue
		}
		text, open := uncomment(raw, comment)
		wasComment := comment
		comment = open
		if f := fenceOf(strings.TrimSpace(text)); f != "" && columns(text) <= 3 && !wasComment {
			fence = f
			continue
		}
		if n := len(out); n > 0 && underline(text) > 0 && out[n-1].level == 0 && !out[n-1].code && !blank(out[n-1]) {
			out[n-1].level = underline(text)
			continue
		}
		out = append(out, heading(text))
	}
	return out
}

// uncomment takes HTML comments out of a line. inside says that the line begins
// within one; the answer, that the next line does.
func uncomment(s string, inside bool) (string, bool) {
	var b strings.Builder
	for {
		if inside {
			_, after, found := strings.Cut(s, "-->")
			if !found {
				return b.String(), true
			}
			s, inside = after, false
		}
		before, after, found := strings.Cut(s, "<!--")
		b.WriteString(before)
		if !found {
			return b.String(), false
		}
		// "<!-->" and "<!--->" are whole comments.
		if rest, ok := strings.CutPrefix(after, ">"); ok {
			s = rest
			continue
		}
		if rest, ok := strings.CutPrefix(after, "->"); ok {
			s = rest
			continue
		}
		s, inside = after, true
	}
}

// heading reads an ATX heading, or gives the line as it is.
func heading(s string) line {
	t := strings.TrimLeft(s, " ")
	n := len(t) - len(strings.TrimLeft(t, "#"))
	if columns(s) > 3 || n == 0 || n > 6 || n < len(t) && t[n] != ' ' && t[n] != '\t' {
		return line{text: s}
	}
	name := strings.TrimSpace(t[n:])
	if bare := strings.TrimRight(name, "#"); bare == "" || strings.HasSuffix(bare, " ") || strings.HasSuffix(bare, "\t") {
		name = strings.TrimSpace(bare)
	}
	return line{text: name, level: n}
}

// underline is the level of the heading that a line makes of the one above.
func underline(s string) int {
	t := strings.TrimSpace(s)
	switch {
	case columns(s) > 3 || t == "":
		return 0
	case strings.Trim(t, "=") == "":
		return 1
	case strings.Trim(t, "-") == "":
		return 2
	}
	return 0
}

// blank says whether a reader sees no text in a line: nothing, or only the
// marks of a list, a task, a quote or a rule.
func blank(l line) bool {
	t := Plain(l.text)
	if l.code {
		return t == ""
	}
	t = strings.TrimLeft(t, " -*+>_=|")
	for _, box := range []string{"[ ]", "[x]", "[X]"} {
		if rest, ok := strings.CutPrefix(t, box); ok {
			t = rest
		}
	}
	return strings.Trim(t, " -*+>_=|#") == ""
}

// prose is a text without HTML comments and fenced code.
func prose(body string) string {
	var b strings.Builder
	for _, l := range markdownLines(body) {
		if !l.code {
			b.WriteString(l.text)
			b.WriteByte('\n')
		}
	}
	return b.String()
}
