package checks

import "strings"

// silent are the HTML elements whose text is quoted, code, struck out or not
// shown at all.
var silent = []string{
	"pre", "code", "kbd", "samp", "tt", "xmp", "listing", "plaintext", "blockquote", "q", "del", "s", "strike",
	"script", "style", "template", "textarea", "title", "noscript", "iframe",
}

// html says whether a line lies in, opens or closes a comment or a silent
// element.
func (r *speechReader) html(line string) bool {
	touched := r.depth > 0
	for i := strings.IndexByte(line, '<'); i >= 0 && i < len(line); {
		rest := line[i:]
		switch {
		case strings.HasPrefix(rest, "<!--"):
			end := strings.Index(rest[4:], "-->")
			if end < 0 {
				r.comment = true
				return true
			}
			touched = true
			i += 4 + end + 3
		case strings.HasPrefix(rest, "<!"), strings.HasPrefix(rest, "<?"):
			return true
		default:
			name, closing := element(rest)
			switch {
			case name == "":
			case closing:
				r.depth, touched = max(r.depth-1, 0), true
			default:
				r.depth, touched = r.depth+1, true
			}
			i++
		}
		next := strings.IndexByte(line[min(i, len(line)):], '<')
		if next < 0 {
			break
		}
		i += next
	}
	return touched
}

// element is the silent element whose tag a text begins with, and whether that
// tag closes it.
func element(s string) (name string, closing bool) {
	s = s[1:]
	if strings.HasPrefix(s, "/") {
		closing, s = true, s[1:]
	}
	end := 0
	for end < len(s) && (s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z' || s[end] >= '0' && s[end] <= '9' || s[end] == '-') {
		end++
	}
	for _, n := range silent {
		if strings.EqualFold(n, s[:end]) {
			return n, closing
		}
	}
	return "", false
}
