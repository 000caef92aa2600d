package checks

import "strings"

func globList(globs []Glob) string {
	words := make([]string, len(globs))
	for i, g := range globs {
		words[i] = string(g)
	}
	return list(words, 3)
}

// shapedGlob is a glob whose shape is known, since most have one of a few that
// need no general matcher.
type shapedGlob struct {
	shape globShape
	text  string // what is left to compare
	glob  Glob
}

type globShape int

const (
	anyShape    globShape = iota // doublestar decides
	exactShape                   // a path
	underShape                   // "dir/**": the directory and everything under it
	suffixShape                  // "**/*.ext": any path that ends so
	nameShape                    // "**/name": any path whose last part it is
	dirShape                     // "**/dir/**": such a part of a path, and everything under it
)

func shapes(globs []Glob) []shapedGlob {
	out := make([]shapedGlob, len(globs))
	for i, g := range globs {
		out[i] = shapeOf(g)
	}
	return out
}

func shapeOf(g Glob) shapedGlob {
	s := string(g)
	const meta = `*?[]{}\`
	switch {
	case !strings.ContainsAny(s, meta):
		return shapedGlob{exactShape, s, g}
	case strings.HasSuffix(s, "/**") && len(s) > 3 && !strings.ContainsAny(s[:len(s)-3], meta):
		return shapedGlob{underShape, s[:len(s)-3], g}
	case strings.HasPrefix(s, "**/") && strings.HasSuffix(s, "/**") && len(s) > 6 && !strings.ContainsAny(s[3:len(s)-3], meta):
		return shapedGlob{dirShape, s[2 : len(s)-2], g}
	case strings.HasPrefix(s, "**/") && len(s) > 3 && !strings.ContainsAny(s[3:], meta):
		return shapedGlob{nameShape, s[2:], g}
	case strings.HasPrefix(s, "**/*") && len(s) > 4 && !strings.ContainsAny(s[4:], meta+"/"):
		return shapedGlob{suffixShape, s[4:], g}
	}
	return shapedGlob{anyShape, "", g}
}

func (g *shapedGlob) match(path string) bool {
	switch g.shape {
	case exactShape:
		return path == g.text
	case underShape:
		return strings.HasPrefix(path, g.text) && (len(path) == len(g.text) || path[len(g.text)] == '/')
	case suffixShape:
		return strings.HasSuffix(path, g.text)
	case nameShape:
		return strings.HasSuffix(path, g.text) || path == g.text[1:]
	case dirShape: // text has a slash at either end
		return strings.Contains(path, g.text) || strings.HasPrefix(path, g.text[1:]) ||
			strings.HasSuffix(path, g.text[:len(g.text)-1]) || path == g.text[1:len(g.text)-1]
	}
	return g.glob.Match(path)
}

func anyGlob(globs []shapedGlob, path string) bool {
	for i := range globs {
		if globs[i].match(path) {
			return true
		}
	}
	return false
}
