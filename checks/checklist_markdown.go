package checks

import "strings"

// unblank goes over blanks and tabs; a tab reaches to the next fourth column.
func unblank(s string, pos, col int) (int, int) {
	for ; pos < len(s); pos++ {
		switch s[pos] {
		case ' ':
			col++
		case '\t':
			col += 4 - col%4
		default:
			return pos, col
		}
	}
	return pos, col
}

// listMark is how wide the mark of a list item is that a text begins with, 0 when
// there is none. first says that it may follow a paragraph: a bullet, or 1.
func listMark(s string) (width int, first bool) {
	switch {
	case strings.IndexByte("-*+", s[0]) >= 0:
		width, first = 1, true
	default:
		for width < len(s) && width < 9 && s[width] >= '0' && s[width] <= '9' {
			width++
		}
		if width == 0 || width == len(s) || s[width] != '.' && s[width] != ')' {
			return 0, false
		}
		first = s[:width] == "1"
		width++
	}
	if width < len(s) && s[width] != ' ' && s[width] != '\t' {
		return 0, false
	}
	return width, first
}

// ruled says whether a line is a rule: three marks of one kind at least, and
// blanks.
func ruled(s string) bool {
	n := 0
	for i := range len(s) {
		switch {
		case s[i] == ' ' || s[i] == '\t':
		case s[i] != s[0] || strings.IndexByte("-*_", s[i]) < 0:
			return false
		default:
			n++
		}
	}
	return n >= 3
}

// htmlBlockTag says whether a tag begins an HTML block wherever it begins a line
// (GitHub Flavored Markdown 0.29, "HTML blocks", start condition 6).
func htmlBlockTag(name string) bool {
	const names = " address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset" +
		" figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav noframes" +
		" ol optgroup option p param section source summary table tbody td tfoot th thead title tr track ul "
	return strings.Contains(names, " "+name+" ")
}

// htmlUntil says what ends the HTML block that a line begins, "\n" for a blank
// line; "" when it begins none, or one that ends on it.
func htmlUntil(s string, para bool) string {
	lower := strings.ToLower(s)
	for _, b := range [...]struct{ begin, end string }{
		{"<!--", "-->"}, {"<![cdata[", "]]>"}, {"<!", ">"}, {"<?", "?>"},
	} {
		if strings.HasPrefix(lower, b.begin) {
			return b.end
		}
	}
	name, closing := tagName(lower)
	switch {
	case name == "":
		return ""
	case !closing && (name == "script" || name == "pre" || name == "style" || name == "textarea"):
		return "</" + name + ">"
	case htmlBlockTag(name), !para && strings.HasSuffix(strings.TrimSpace(s), ">"):
		return "\n"
	}
	return ""
}

// tagName is the name of the tag that a text in lower case begins with.
func tagName(s string) (name string, closing bool) {
	s, closing = strings.CutPrefix(s[1:], "/")
	end := 0
	for end < len(s) && (s[end] >= 'a' && s[end] <= 'z' || end > 0 && (s[end] >= '0' && s[end] <= '9' || s[end] == '-')) {
		end++
	}
	return s[:end], closing
}

// inline is what a reader sees of a line, and the comments in it, which nobody
// sees. A comment within code is none, nor one behind a backtick whose code may
// end on a later line; a comment that does not end hides the rest.
func inline(s string) (shown string, comments []string) {
	var b strings.Builder
	code := false
	for i := 0; i < len(s); {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			b.WriteString(s[i : i+2])
			i += 2
		case s[i] == '`':
			n := run(s[i:])
			end, ok := spanEnd(s, i+n, '`', n)
			if !ok {
				end, code = i+n, true
			}
			b.WriteString(s[i:end])
			i = end
		case strings.HasPrefix(s[i:], "<!--"):
			text, rest, closed := commentOf(s[i:])
			if !closed {
				return b.String(), comments
			}
			if !code {
				comments = append(comments, text)
			}
			i = len(s) - len(rest)
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String(), comments
}

// commentOf splits the comment that a text begins with from what follows;
// "<!-->" and "<!--->" are whole ones.
func commentOf(s string) (text, rest string, closed bool) {
	s = s[len("<!--"):]
	for _, end := range []string{">", "->"} {
		if rest, ok := strings.CutPrefix(s, end); ok {
			return "", rest, true
		}
	}
	return strings.Cut(s, "-->")
}
