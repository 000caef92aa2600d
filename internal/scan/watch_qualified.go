package scan

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// joints are what joins a name to what qualifies it, the longer ones first: most
// languages, optional chaining, PHP's objects and namespaces, Lua.
var joints = []string{"?->", "->", "?.", "!.", "::", ".", `\`, "#", ":"}

// qualified says whether the names before a name are those of a pattern, whose
// last is the name itself. From is the line on which the first stands.
func (s side) qualified(i, start int, links []link, loose bool) (from int, ok bool) {
	b := backward{s, i, start, reach}
	for k := len(links) - 1; k > 0; k-- {
		if !b.joint(links[k].dashed) {
			return 0, false
		}
		b.arguments()
		if b.left <= 0 {
			return b.i, true
		}
		name := b.name()
		if name == "" {
			return 0, false
		}
		want := links[k-1].name
		if loose {
			name, want = strings.ToLower(name), want.lower()
		}
		if !want.match(name) {
			return 0, false
		}
	}
	return b.i, true
}

// members are what stands between somebody and a method.
var members = []string{"?->", "->", "?.", "!.", "&.", "::", "."}

// ofSomebody says whether a name at a place is surely a method of what stands right
// before it: a name, or what a call or an index gives. In languages that join texts
// by a dot, a dot says nothing.
func ofSomebody(text, file string) bool {
	for _, member := range members {
		who, ok := strings.CutSuffix(text, member)
		if !ok {
			continue
		}
		if strings.HasSuffix(member, ".") && dotJoins[strings.ToLower(path.Ext(file))] {
			return false
		}
		r, _ := utf8.DecodeLastRuneInString(who)
		return who != "" && (nameRune(r) || r == ')' || r == ']')
	}
	return false
}

// dotJoins are the endings of files in whose language a dot joins texts: PHP, Perl.
var dotJoins = map[string]bool{
	".php": true, ".php3": true, ".php4": true, ".php5": true, ".php7": true, ".phtml": true, ".phar": true, ".inc": true,
	".module": true, ".theme": true, ".pl": true, ".pm": true, ".t": true, ".cgi": true, ".psgi": true,
}

// backward reads back from a name.
type backward struct {
	side
	i, at int
	left  int
}

func (b *backward) before() string { return b.lines[b.i].Text[:b.at] }

func (b *backward) step(n int) { b.at, b.left = b.at-n, b.left-n }

// joint goes back over what joins a name to another, and the space around it.
func (b *backward) joint(dashed bool) bool {
	if dashed {
		if strings.HasSuffix(b.before(), "-") {
			b.step(1)
			return true
		}
		return false
	}
	b.blank()
	found := false
	for {
		n := len(longestSuffix(b.before()))
		if n == 0 {
			break
		}
		b.step(n) // ".#" of a private name is two
		found = true
	}
	b.blank()
	return found
}

func longestSuffix(text string) string {
	for _, joint := range joints {
		if strings.HasSuffix(text, joint) {
			return joint
		}
	}
	return ""
}

// blank goes back over space, comments and the ends of lines.
func (b *backward) blank() {
	for b.left > 0 {
		text := b.before()
		switch {
		case text == "":
			i, ok := b.beside(b.i, -1)
			if !ok {
				return
			}
			b.i, b.at, b.left = i, len(uncommented(b.lines[i].Text)), b.left-8
		case strings.HasSuffix(text, "*/"):
			b.step(2)
			b.comment()
		default:
			r, n := utf8.DecodeLastRuneInString(text)
			if !unicode.IsSpace(r) {
				return
			}
			b.step(n)
		}
	}
}

// comment goes back to before where a comment begins.
func (b *backward) comment() {
	for b.left > 0 {
		text := b.before()
		text = text[max(0, len(text)-b.left):]
		if n := strings.LastIndex(text, "/*"); n >= 0 {
			b.step(len(text) - n)
			return
		}
		b.step(len(text))
		i, ok := b.beside(b.i, -1)
		if !ok {
			b.left = 0 // what is before the comment is not known
			return
		}
		b.i, b.at, b.left = i, len(b.lines[i].Text), b.left-8
	}
}

// uncommented is a line without a comment that runs to its end.
func uncommented(line string) string {
	if n := strings.LastIndex(line, "//"); n >= 0 && (n == 0 || line[n-1] != ':') {
		line = line[:n]
	}
	if n := strings.LastIndex(line, " #"); n >= 0 {
		line = line[:n]
	}
	return line
}

// arguments goes back over (), [] and <> behind a name.
func (b *backward) arguments() {
	for b.left > 0 {
		text := b.before()
		if text == "" || !strings.Contains(")]>", text[len(text)-1:]) {
			return
		}
		depth := 0
		for n := len(text) - 1; ; n-- {
			if n < 0 || b.left <= 0 {
				return
			}
			switch text[n] {
			case ')', ']', '>':
				depth++
			case '(', '[', '<':
				depth--
			}
			b.step(1)
			if depth == 0 {
				break
			}
		}
	}
}

// name goes back over one name.
func (b *backward) name() string {
	text := b.before()
	text = text[max(0, len(text)-b.left):]
	start := len(text)
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(text[:start])
		if !nameRune(r) {
			break
		}
		start -= n
	}
	b.step(len(text) - start)
	return canonical(text[start:])
}
