package checks

import "strings"

// trailer is one line "Key: value" of those that end a commit's message.
type trailer struct{ key, value string }

// trailers are the trailers of a commit's message, as git finds them
// (git-interpret-trailers, "Description"): the last paragraph, which must not be
// the first, when all its lines are trailers, or when git has made one of them and
// at least a quarter are. What looks like one further up is quoted text.
func trailers(message string) []trailer {
	var out []trailer
	goesOn := false // a folded line belongs to the trailer above it
	for _, l := range trailerLines(message) {
		if indented(l) {
			if goesOn {
				out[len(out)-1].value += " " + strings.TrimSpace(l)
			}
			continue
		}
		var t trailer
		if t.key, t.value, goesOn = splitTrailer(l); goesOn {
			out = append(out, t)
		}
	}
	return out
}

// trailerLines are the lines of a message's last paragraph, nil when it is none of
// trailers.
func trailerLines(message string) []string {
	lines := strings.Split(strings.TrimRight(message, " \t\r\n"), "\n")
	start, above := len(lines), false
	for start > 0 && !gitBlank(lines[start-1]) {
		start--
	}
	for _, l := range lines[:start] { // the first paragraph is the subject
		above = above || !gitBlank(l)
	}
	if !above || !trailerBlock(lines[start:]) {
		return nil
	}
	return lines[start:]
}

// generated are the beginnings of the lines that git itself makes.
var generated = []string{"Signed-off-by: ", "(cherry picked from commit "}

// trailerBlock says whether a paragraph is one of trailers.
func trailerBlock(lines []string) bool {
	yes, no, folded, ours := 0, 0, 0, false
	// From the end: lines that begin with a blank go on what is above them.
	for i := len(lines) - 1; i >= 0; i-- {
		l := lines[i]
		_, _, is := splitTrailer(l)
		byGit := strings.HasPrefix(l, generated[0]) || strings.HasPrefix(l, generated[1])
		switch {
		case strings.HasPrefix(l, "#"): // a comment, for git
			no += folded
			folded = 0
		case byGit || is:
			yes, folded, ours = yes+1, 0, ours || byGit
		case indented(l):
			folded++
		default:
			no += folded + 1
			folded = 0
		}
	}
	no += folded
	return ours && yes*3 >= no || yes > 0 && no == 0
}

// gitBlank says whether a line is blank for git.
func gitBlank(line string) bool { return strings.Trim(line, " \t\r") == "" }

func indented(line string) bool { return line != "" && strings.IndexByte(" \t\r", line[0]) >= 0 }

// splitTrailer reads a line "Key: value". A key has letters, digits and dashes,
// and there may be blanks before the colon.
func splitTrailer(line string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(line, ":")
	key = strings.TrimRight(key, " \t")
	if !ok || key == "" {
		return "", "", false
	}
	for i := range len(key) {
		c := key[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-') {
			return "", "", false
		}
	}
	return key, strings.TrimSpace(value), true
}
