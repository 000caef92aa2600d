package sim

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

// markdown shows the part of Markdown that check-runs use: headings, tables,
// lists, fenced code, details, bold, code, links. Everything else, HTML above
// all, is shown as the text it is.
func markdown(text string) template.HTML {
	var b strings.Builder
	text = comments.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "")
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); {
		i = block(&b, lines, i)
	}
	b.WriteString(strings.Repeat("</details>", folds(&b)))
	return template.HTML(b.String())
}

var (
	comments = regexp.MustCompile(`(?s)<!--.*?-->`)
	rule     = regexp.MustCompile(`^\|?[ :|-]*-[ :|-]*\|?$`)
	heading  = regexp.MustCompile(`^(#{1,6}) +(.*)$`)
	item     = regexp.MustCompile(`^([-*]|\d+\.) +(.*)$`)
	summary  = regexp.MustCompile(`^(<details>|<details open>|)<summary>(.*)</summary>$`)
)

// folds is how many details are open.
func folds(b *strings.Builder) int {
	text := b.String()
	return strings.Count(text, "<details") - strings.Count(text, "</details>")
}

// block writes what begins at line i, and returns the line after it.
func block(b *strings.Builder, lines []string, i int) int {
	line := strings.TrimSpace(lines[i])
	switch {
	case line == "":
		return i + 1
	case line == "<details>" || line == "<details open>":
		b.WriteString(line)
		return i + 1
	case line == "</details>":
		if folds(b) > 0 { // one too many would end the page's own
			b.WriteString(line)
		}
		return i + 1
	case strings.HasPrefix(line, "```"):
		return fenced(b, lines, i)
	case strings.HasPrefix(line, "|") && i+1 < len(lines) && rule.MatchString(strings.TrimSpace(lines[i+1])):
		return table(b, lines, i)
	}
	if hit := summary.FindStringSubmatch(line); hit != nil {
		b.WriteString(hit[1] + "<summary>" + inline(hit[2]) + "</summary>")
		return i + 1
	}
	if hit := heading.FindStringSubmatch(line); hit != nil {
		b.WriteString("<h4>" + inline(hit[2]) + "</h4>")
		return i + 1
	}
	if item.MatchString(line) {
		b.WriteString("<ul>")
		for ; i < len(lines); i++ {
			hit := item.FindStringSubmatch(strings.TrimSpace(lines[i]))
			if hit == nil {
				break
			}
			b.WriteString("<li>" + inline(hit[2]) + "</li>")
		}
		b.WriteString("</ul>")
		return i
	}
	b.WriteString("<p>")
	for ; i < len(lines) && strings.TrimSpace(lines[i]) != "" && !strings.HasPrefix(lines[i], "|") && !strings.HasPrefix(lines[i], "```"); i++ {
		b.WriteString(inline(lines[i]) + "\n")
		if i+1 < len(lines) && (item.MatchString(strings.TrimSpace(lines[i+1])) || heading.MatchString(lines[i+1]) || strings.HasPrefix(lines[i+1], "<")) {
			i++
			break
		}
	}
	if i < len(lines) && strings.HasPrefix(lines[i], "|") && b.String()[b.Len()-3:] == "<p>" {
		b.WriteString(inline(lines[i])) // a bar that begins no table
		i++
	}
	b.WriteString("</p>")
	return i
}

func fenced(b *strings.Builder, lines []string, i int) int {
	b.WriteString("<pre>")
	for i++; i < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[i]), "```"); i++ {
		b.WriteString(html.EscapeString(lines[i]) + "\n")
	}
	b.WriteString("</pre>")
	return i + 1
}

func table(b *strings.Builder, lines []string, i int) int {
	row := func(line, cell string) {
		b.WriteString("<tr>")
		line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
		line = strings.ReplaceAll(line, `\|`, "\x00")
		for text := range strings.SplitSeq(line, "|") {
			b.WriteString("<" + cell + ">" + inline(strings.ReplaceAll(strings.TrimSpace(text), "\x00", "|")) + "</" + cell + ">")
		}
		b.WriteString("</tr>")
	}
	b.WriteString(`<div class="wide"><table><thead>`)
	row(lines[i], "th")
	b.WriteString("</thead><tbody>")
	for i += 2; i < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i]), "|"); i++ {
		row(lines[i], "td")
	}
	b.WriteString("</tbody></table></div>")
	return i
}

var (
	codeSpan = regexp.MustCompile("``? ?(.+?) ?``?")
	bold     = regexp.MustCompile(`\*\*(.+?)\*\*`)
	link     = regexp.MustCompile(`\[([^\]]+)\]\((https?://[^\s)"]+|/[^/\\\s)"][^\s)"]*)\)`)
	escaped  = regexp.MustCompile(`\\([\\` + "`" + `*_{}\[\]()#+\-.!|<>~@])`)
	newline  = regexp.MustCompile(`&lt;br */?&gt;`)
)

// inline is one line's text. It is escaped first; what is put in later are
// fixed tags and addresses that begin with http, or are of the same server.
func inline(text string) string {
	var kept []string
	keep := func(s string) string {
		kept = append(kept, s)
		return "\x01" + string(rune(0xE000+len(kept)-1)) + "\x01"
	}
	text = strings.ReplaceAll(text, "\x01", "")
	text = codeSpan.ReplaceAllStringFunc(text, func(s string) string {
		return keep("<code>" + html.EscapeString(codeSpan.FindStringSubmatch(s)[1]) + "</code>")
	})
	text = escaped.ReplaceAllStringFunc(text, func(s string) string { return keep(html.EscapeString(s[1:])) })
	text = html.EscapeString(html.UnescapeString(text))
	text = link.ReplaceAllStringFunc(text, func(s string) string {
		hit := link.FindStringSubmatch(s)
		return keep(`<a href="`+hit[2]+`" rel="nofollow">`) + hit[1] + keep("</a>")
	})
	text = bold.ReplaceAllString(text, "<strong>$1</strong>")
	text = newline.ReplaceAllString(text, "<br>")
	for i := len(kept) - 1; i >= 0; i-- {
		text = strings.ReplaceAll(text, "\x01"+string(rune(0xE000+i))+"\x01", kept[i])
	}
	return text
}
