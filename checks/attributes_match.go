package checks

import "strings"

// attributePattern is a pattern as gitattributes(5) has it, whose rules are those of
// gitignore(5) but for two: none is negative, and one for a directory is for no file.
type attributePattern struct {
	shape attributeShape
	text  string // the shape's own; of a path, up to its first wildcard
	wild  string // the rest of a path, or all of what has wildcards
	end   string // what stands behind the last wildcard
}

type attributeShape int

const (
	noShape   attributeShape = iota
	baseShape                // a file's name, at any depth
	endShape                 // "*" and the end of a file's name, at any depth
	wildShape                // wildcards in a file's name, at any depth
	pathShape                // a path from the directory of the attribute file on
)

const attributeMeta = `*?[\`

// newAttributePattern reads a pattern.
func newAttributePattern(p string) attributePattern {
	switch {
	case p == "", strings.HasSuffix(p, "/"):
		return attributePattern{}
	case strings.Contains(p, "/"):
		p = strings.TrimPrefix(p, "/")
		i := strings.IndexAny(p, attributeMeta)
		if i < 0 {
			i = len(p)
		}
		return attributePattern{pathShape, p[:i], p[i:], afterWild(p[i:])}
	case !strings.ContainsAny(p, attributeMeta):
		return attributePattern{shape: baseShape, text: p}
	case p[0] == '*' && !strings.ContainsAny(p[1:], attributeMeta):
		return attributePattern{shape: endShape, text: p[1:]}
	}
	return attributePattern{wildShape, "", p, afterWild(p)}
}

// afterWild is the end of a pattern that stands for itself, in the name of a file:
// a slash may stand for nothing.
func afterWild(p string) string { return p[1+strings.LastIndexAny(p, attributeMeta+"]/"):] }

// match says whether a path, from the attribute file's directory on, matches. It
// takes what it costs off steps, and stops when they are fewer than none.
func (p *attributePattern) match(path string, steps *int) bool {
	if *steps--; !strings.HasSuffix(path, p.end) {
		return false
	}
	switch p.shape {
	case baseShape:
		return baseName(path) == p.text
	case endShape:
		return strings.HasSuffix(path, p.text) // which has no slash
	case wildShape:
		return wildMatch(p.wild, baseName(path), steps)
	case pathShape:
		rest, ok := strings.CutPrefix(path, p.text)
		return ok && wildMatch(p.wild, rest, steps)
	}
	return false
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// wildMatch matches as git does (wildmatch.c): no wildcard stands for a slash but
// two asterisks that stand alone between slashes or ends.
func wildMatch(pattern, text string, steps *int) bool {
	w := wildMatching{pattern: pattern, text: text, steps: steps}
	return w.from(0, 0)
}

type wildMatching struct {
	pattern, text string
	steps         *int
	tried         []uint64 // by pattern and text: a bit for what does not match from there on
}

// again says whether the rest of the pattern was tried with the rest of the text
// before, and notes it.
func (w *wildMatching) again(p, t int) bool {
	if w.tried == nil {
		w.tried = make([]uint64, len(w.pattern)*len(w.text)/64+1)
		*w.steps -= len(w.tried) / 8 // which takes as long
	}
	bit := p*len(w.text) + t
	seen := w.tried[bit/64]&(1<<(bit%64)) != 0
	w.tried[bit/64] |= 1 << (bit % 64)
	return seen
}

// from matches the pattern from p on with the text from t on.
func (w *wildMatching) from(p, t int) bool {
	for ; p < len(w.pattern); p, t = p+1, t+1 {
		if *w.steps--; *w.steps < 0 {
			return false
		}
		c := w.pattern[p]
		if c == '*' {
			return w.star(p, t)
		}
		if t == len(w.text) {
			return false
		}
		switch c {
		case '?':
			if w.text[t] == '/' {
				return false
			}
			continue
		case '[':
			in, end := inClass(w.pattern, p+1, w.text[t])
			if !in || w.text[t] == '/' {
				return false
			}
			p = end
			continue
		case '\\':
			if p++; p == len(w.pattern) {
				return false
			}
		}
		if w.pattern[p] != w.text[t] {
			return false
		}
	}
	return t == len(w.text)
}

// star matches from an asterisk on.
func (w *wildMatching) star(p, t int) bool {
	q := p
	for q < len(w.pattern) && w.pattern[q] == '*' {
		q++
	}
	rest := w.pattern[q:]
	slashes := q > p+1 && (p == 0 || w.pattern[p-1] == '/') && (rest == "" || rest[0] == '/' || strings.HasPrefix(rest, `\/`))
	switch {
	case slashes && strings.HasPrefix(rest, "/") && w.from(q+1, t): // the directories may be none
		return true
	case rest == "":
		return slashes || !strings.Contains(w.text[t:], "/")
	case !slashes && rest[0] == '/':
		i := strings.IndexByte(w.text[t:], '/')
		return i >= 0 && w.from(q+1, t+i+1)
	}
	for ; t < len(w.text); t++ {
		if *w.steps < 0 || w.again(q, t) { // as was all behind it then
			return false
		}
		if w.from(q, t) {
			return true
		}
		if !slashes && w.text[t] == '/' {
			return false
		}
	}
	return false
}
