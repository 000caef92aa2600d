package scan

import (
	"encoding/base64"
	"math/rand"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

// sampler makes up texts that a rule's expression matches. None is written down:
// they are the same in every run, and nobody's.
type sampler struct{ *rand.Rand }

func newSampler(seed int64) sampler { return sampler{rand.New(rand.NewSource(seed))} }

// of is a whole match of a rule.
func (s sampler) of(r *rule) string {
	tree, err := syntax.Parse(r.source, syntax.Perl)
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	s.write(&b, tree)
	return b.String()
}

func (s sampler) write(b *strings.Builder, e *syntax.Regexp) {
	times := func(least, most int) {
		for range least + s.Intn(most-least+1) {
			s.write(b, e.Sub[0])
		}
	}
	switch e.Op {
	case syntax.OpLiteral:
		b.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		b.WriteByte(s.letter(e.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(byte('a' + s.Intn(26)))
	case syntax.OpCapture:
		s.write(b, e.Sub[0])
	case syntax.OpConcat:
		for _, sub := range e.Sub {
			s.write(b, sub)
		}
	case syntax.OpAlternate:
		s.write(b, e.Sub[s.Intn(len(e.Sub))])
	case syntax.OpQuest:
		times(0, 1)
	case syntax.OpStar:
		times(0, 3)
	case syntax.OpPlus:
		times(9, 12)
	case syntax.OpRepeat:
		most := e.Max
		if most < 0 || most > e.Min+40 {
			most = e.Min + 40
		}
		if e.Min == 0 { // blanks and the like
			most = min(most, 1)
		}
		times(e.Min, most)
	}
}

// letter is one of a class that can be seen, if there is any.
func (s sampler) letter(ranges []rune) byte {
	var seen, all []byte
	for c := byte(0); c < 0x7f; c++ {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= rune(c) && rune(c) <= ranges[i+1] {
				if all = append(all, c); c > ' ' && wordByte[c] {
					seen = append(seen, c)
				}
			}
		}
	}
	if len(seen) > 0 {
		all = seen
	}
	return all[s.Intn(len(all))]
}

// ruleNamed is the rule of an id.
func ruleNamed(t testing.TB, id string) *rule {
	t.Helper()
	i := slices.IndexFunc(published(), func(r *rule) bool { return r.id == id })
	if i < 0 {
		t.Fatalf("there is no rule %s", id)
	}
	return published()[i]
}

// token is a secret of a rule, as it would stand in a text: what the rule would
// say it is.
func token(t testing.TB, id string, seed int64) string {
	t.Helper()
	r := ruleNamed(t, id)
	for ; ; seed += 1000 {
		hits, err := newEngine([]*rule{r}).find(t.Context(), "", newSampler(seed).of(r)+"\n")
		if err != nil {
			t.Fatal(err)
		}
		if len(hits) == 1 && hits[0].weak == r.weak {
			return hits[0].secret
		}
	}
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
