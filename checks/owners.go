package checks

import "strings"

// ownerLine is one rule of a CODEOWNERS file.
type ownerLine struct {
	number  int // counts from 1
	pattern ownerPattern
	owners  []owner // nobody owns these files where it is empty
	bad     string  // why GitHub ignores the line; "" when it does not
}

// parseOwners reads a CODEOWNERS file. A line that is wrong does not disable
// the others, as GitHub does it (GitHub Docs, "About code owners").
func parseOwners(text string) []ownerLine {
	book := make([]ownerLine, 0, strings.Count(text, "\n")+1)
	owners := make([]owner, 0, strings.Count(text, "@"))
	text = strings.TrimPrefix(text, "\ufeff")
	for number := 1; text != ""; number++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		end := patternEnd(line)
		l := ownerLine{number: number}
		l.pattern, l.bad = shapeOfOwned(line[:end])
		first := len(owners)
		for text := range strings.FieldsSeq(line[end:]) {
			o := owner{kindOfOwner(text), text}
			if o.kind == noOwner && l.bad == "" {
				l.bad = text + " is neither @login, @organisation/team nor an e-mail address"
			}
			owners = append(owners, o)
		}
		l.owners = owners[first:len(owners):len(owners)]
		book = append(book, l)
	}
	return book
}

// patternEnd is where the pattern of a line ends: at the first blank that has
// no backslash before it.
func patternEnd(line string) int {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case ' ', '\t':
			return i
		}
	}
	return len(line)
}

// decides is the index of the line that decides who owns a path: the last that
// matches; -1 when none does.
func decides(book []ownerLine, path string) int {
	for i := len(book) - 1; i >= 0; i-- {
		if book[i].bad == "" && book[i].pattern.match(path) {
			return i
		}
	}
	return -1
}

// owner is one owner on a line, as it is written there.
type owner struct {
	kind ownerKind
	text string
}

// name is a login, or a team as "org/slug".
func (o *owner) name() string { return strings.TrimPrefix(o.text, "@") }

// who are the owners of a line, in words.
func (l *ownerLine) who() string {
	words := make([]string, len(l.owners))
	for i, o := range l.owners {
		words[i] = o.text
	}
	return Plain(strings.Join(words, " or "))
}

type ownerKind int

const (
	noOwner ownerKind = iota
	userOwner
	teamOwner
	mailOwner
)

func kindOfOwner(s string) ownerKind {
	at := strings.IndexByte(s, '@')
	switch {
	case at < 0:
		return noOwner
	case at > 0:
		if dot := strings.LastIndexByte(s, '.'); dot < at+2 || dot > len(s)-3 || !all(s[at+1:], mailHostByte) || !all(s[:at], mailNameByte) {
			return noOwner
		}
		return mailOwner
	}
	org, team, isTeam := strings.Cut(s[1:], "/")
	switch {
	case !isTeam && org != "" && all(org, loginByte):
		return userOwner
	case isTeam && org != "" && team != "" && all(org, orgByte) && all(team, loginByte):
		return teamOwner
	}
	return noOwner
}

func all(s string, ok func(byte) bool) bool {
	for i := 0; i < len(s); i++ {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func orgByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-'
}
func loginByte(c byte) bool    { return orgByte(c) || c == '_' }
func mailHostByte(c byte) bool { return orgByte(c) || c == '.' }
func mailNameByte(c byte) bool { return loginByte(c) || strings.IndexByte(".%+", c) >= 0 }
