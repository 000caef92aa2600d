package scan

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Names are read alike in every language: letters, digits and marks of any
// script, "_" and "$". Strings and comments are not told apart from code, since
// what is a string in one language is code in the next, and in templates, shell
// and SQL at once.

// nameByte are the ASCII characters that names are made of.
var nameByte = func() (in [utf8.RuneSelf]bool) {
	for c := range in {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		in[c] = letter || c >= '0' && c <= '9' || c == '_' || c == '$'
	}
	return in
}()

// nextName is where the next name at or after a place begins and ends; start is
// -1 if there is none. Plain says that it is ASCII as it stands.
func nextName(text string, at int) (start, end int, plain bool) {
	width := 0
	for start = at; start < len(text); start++ {
		if c := text[start]; c < utf8.RuneSelf && c != '\\' {
			if nameByte[c] {
				width, plain = 1, true
				break
			}
		} else if width, plain = nameWidth(text, start); width > 0 {
			break
		}
	}
	if start >= len(text) {
		return -1, -1, false
	}
	for end = start + width; end < len(text); {
		if c := text[end]; c < utf8.RuneSelf && nameByte[c] {
			end++
			continue
		}
		width, ascii := nameWidth(text, end)
		if width == 0 {
			break
		}
		end, plain = end+width, plain && ascii
	}
	return start, end, plain
}

// nameWidth is how many bytes at a place are one character of a name, 0 if it is
// none. Characters that show nothing belong to the name in which they hide.
func nameWidth(text string, at int) (width int, plain bool) {
	c := text[at]
	if c < utf8.RuneSelf {
		if nameByte[c] {
			return 1, true
		}
		if c == '\\' {
			if r, n := escaped(text[at:]); n > 0 && nameRune(r) {
				return n, false
			}
		}
		return 0, true
	}
	r, n := utf8.DecodeRuneInString(text[at:])
	if r == utf8.RuneError || !nameRune(r) {
		return 0, false
	}
	return n, false
}

func nameRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 0 && nameByte[r]
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Cf)
}

// escaped reads the escapes that Java and ECMAScript allow in names: \u0065 and
// \u{65}. n is 0 if the text begins with none.
func escaped(text string) (r rune, n int) {
	digits := strings.TrimLeft(strings.TrimPrefix(text, `\`), "u") // Java: any number of u
	from := len(text) - len(digits)
	if from < 2 || from > 16 {
		return 0, 0
	}
	if body, open := strings.CutPrefix(digits, "{"); open {
		end := strings.IndexByte(body[:min(len(body), 9)], '}')
		if end < 1 {
			return 0, 0
		}
		digits, n = body[:end], from+end+2
	} else if len(digits) >= 4 {
		digits, n = digits[:4], from+4
	} else {
		return 0, 0
	}
	v, err := strconv.ParseUint(digits, 16, 21)
	if err != nil {
		return 0, 0
	}
	return rune(v), n
}

// canonical is a name as compilers understand it: escapes read, compatible
// characters made one (Python reads names in NFKC, PEP 3131), and without those
// that show nothing.
func canonical(name string) string {
	if strings.IndexByte(name, '\\') >= 0 {
		var b strings.Builder
		for i := 0; i < len(name); {
			if r, n := escaped(name[i:]); n > 0 {
				b.WriteRune(r)
				i += n
				continue
			}
			b.WriteByte(name[i])
			i++
		}
		name = b.String()
	}
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Variation_Selector) {
			return -1
		}
		return r
	}, norm.NFKC.String(name))
}

// folded is a name in lower case without what joins its parts, and where a part
// can begin or end: at["userID" -> "userid"] is true at 0, 4 and 6.
type folded struct {
	text string
	at   []bool
}

// letterCase is what a name's parts are told apart by.
type letterCase int

const (
	joining letterCase = iota
	lower
	upper
	digit
	caseless // every letter is a part: those scripts put no space between words
	marking
)

func caseOf(r rune) letterCase {
	switch {
	case r >= 'a' && r <= 'z':
		return lower
	case r >= 'A' && r <= 'Z':
		return upper
	case r < utf8.RuneSelf && (r < '0' || r > '9'):
		return joining
	case unicode.IsUpper(r), unicode.IsTitle(r):
		return upper
	case unicode.IsLower(r):
		return lower
	case unicode.IsLetter(r):
		return caseless
	case unicode.IsMark(r):
		return marking
	case unicode.IsDigit(r):
		return digit
	}
	return joining
}

// fold reads the parts of a name: camelCase, HTTPServer, snake_case, kebab-case,
// utf8. Where it is not clear, as in APIKey and APIkey, both are parts.
func fold(name string) folded {
	f := folder{text: make([]byte, 0, len(name)), at: make([]bool, len(name)+1)}
	for _, r := range name {
		f.take(r, caseOf(r))
	}
	f.border(len(f.text))
	return folded{string(f.text), f.at}
}

// folder reads one name. Last is where the last character begins, before its
// case, uppers how many capitals stand there in a row.
type folder struct {
	text   []byte
	at     []bool
	before letterCase
	last   int
	uppers int
}

func (f *folder) take(r rune, is letterCase) {
	p := len(f.text)
	switch {
	case is == joining:
		f.border(p)
		f.before, f.uppers = is, 0
		return
	case is == marking:
		is = f.before
	case f.before == upper && is == lower:
		if f.uppers > 1 {
			f.border(f.last)
			f.border(p)
		}
	case is != f.before || is == caseless:
		f.border(p)
	}
	f.text = utf8.AppendRune(f.text, unicode.ToLower(r))
	if f.uppers++; is != upper {
		f.uppers = 0
	}
	f.before, f.last = is, p
}

// border is set where a part can begin or end.
func (f *folder) border(p int) {
	for p >= len(f.at) { // lower case can be longer
		f.at = append(f.at, false)
	}
	f.at[p] = true
}
