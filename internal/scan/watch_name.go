package scan

import "strings"

// pattern is a function or a class that is watched: the names it is qualified
// with and, last, its own. Alone is that nothing qualifies it but those.
type pattern struct {
	number int
	kind   string
	links  []link
	alone  bool
}

// link is one name of a pattern, which "*" stands for any part of, and whether
// "-" joins it to the name before.
type link struct {
	name   glob
	dashed bool
}

// glob is a name in pieces between "*"; exactly one if there is none.
type glob []string

func (g glob) lower() glob {
	out := make(glob, len(g))
	for i, piece := range g {
		out[i] = strings.ToLower(piece)
	}
	return out
}

func (g glob) match(name string) bool {
	if len(g) == 1 {
		return g[0] == name
	}
	last := len(g) - 1
	rest, ok := strings.CutPrefix(name, g[0])
	if !ok {
		return false
	}
	for _, piece := range g[1:last] {
		if _, rest, ok = strings.Cut(rest, piece); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, g[last])
}

// newPattern reads os.Exec, Runtime::exec, db->query*, call-process and exec().
// Whatever is between two names joins them, since languages differ in it. ^eval is
// alone: eval and not model.eval.
func newPattern(number int, kind, text string) (p pattern, ok bool) {
	text, alone := strings.CutPrefix(text, "^")
	p = pattern{number: number, kind: kind}
	joint := ""
	for at := 0; at < len(text); {
		end := at
		for end < len(text) {
			width, _ := nameWidth(text, end)
			if width == 0 && text[end] == '*' {
				width = 1
			}
			if width == 0 {
				break
			}
			end += width
		}
		if end == at {
			joint += text[at : at+1]
			at++
			continue
		}
		name := glob(strings.Split(canonical(text[at:end]), "*"))
		p.links = append(p.links, link{name, joint == "-"})
		joint, at = "", end
	}
	p.alone = alone && len(p.links) == 1
	return p, len(p.links) > 0
}

// lastNames finds patterns by the last of their names.
type lastNames struct {
	exact map[string][]int
	wild  []wildName
}

type wildName struct {
	at   int
	name glob
}

func newLastNames() lastNames { return lastNames{exact: map[string][]int{}} }

func (l *lastNames) add(at int, name glob) {
	if len(name) == 1 {
		l.exact[name[0]] = append(l.exact[name[0]], at)
		return
	}
	l.wild = append(l.wild, wildName{at, name})
}

func (l *lastNames) of(name string) []int {
	found := l.exact[name]
	for _, w := range l.wild {
		if w.name.match(name) {
			found = append(found[:len(found):len(found)], w.at)
		}
	}
	return found
}
