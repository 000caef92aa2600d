package scan

import (
	"context"
	"fmt"
)

// hit is a secret in a text. It is kept no longer than it takes to say where.
type hit struct {
	rule       *rule
	secret     string
	start, end int // of what holds the secret, in the text
	from, to   int // of the whole match
	weak       bool
	coded      bool // the place is what it is the code of
}

// engine is rules made ready to be looked for. It does not change once it is made.
type engine struct {
	rules []*rule
	words *automaton
	uses  [][]use // by word
}

// use is what a word is to a rule: of its head, or if that is nil, of what has to
// be near.
type use struct {
	rule   int
	head   *head
	before int
	after  int
}

func newEngine(rules []*rule) *engine {
	e := &engine{rules: rules}
	var words []string
	numbers := map[string]int{}
	add := func(word string, u use) {
		n, ok := numbers[word]
		if !ok {
			n = len(words)
			numbers[word], words, e.uses = n, append(words, word), append(e.uses, nil)
		}
		e.uses[n] = append(e.uses[n], u)
	}
	for i, r := range rules {
		for j := range r.heads {
			add(r.heads[j].word, use{rule: i, head: &r.heads[j]})
		}
		if r.whole != nil {
			g := r.region()
			for _, word := range g.words {
				add(word, use{rule: i, before: g.before, after: g.after})
			}
		}
	}
	e.words = newAutomaton(words)
	return e
}

// search is one reading of one text. Nothing in it is set up before it is needed:
// most texts hold no secret.
type search struct {
	*engine
	ctx   context.Context
	path  string
	text  string
	done  []int    // by rule, where its last match ended
	near  [][]span // by rule, what is to be looked through
	tried int
	read  []giving // by rule, what was last given to one of its names
	// Where what was last read of a value began and ended; see [search.closes].
	runFrom, runs [2]int
	hits          []hit
}

type span struct{ from, to int }

// find tells the secrets in the text of a file; path "" is of none. The error is
// the context's.
func (e *engine) find(ctx context.Context, path, text string) ([]hit, error) {
	s := search{engine: e, ctx: ctx, path: path, text: text}
	if err := s.plain(); err != nil {
		return nil, err
	}
	if err := s.encoded(); err != nil {
		return nil, err
	}
	return settled(s.hits), nil
}

// plain looks for secrets as they are written.
func (s *search) plain() error {
	state := uint16(0)
	for from := 0; from < len(s.text); from += pieceSize {
		if err := s.ctx.Err(); err != nil {
			return stopped(err)
		}
		to := min(from+pieceSize, len(s.text))
		for i := from; i < to; i++ {
			state = s.words.step(state, s.text[i])
			for _, word := range s.words.ends[state] {
				if err := s.consider(int(word), i+1); err != nil {
					return err
				}
			}
		}
	}
	return s.lookThrough()
}

func stopped(err error) error { return fmt.Errorf("scan for secrets: %w", err) }

// consider tries the rules to which a word means something where it ends.
func (s *search) consider(word, end int) error {
	for i := range s.uses[word] {
		u := &s.uses[word][i]
		r := s.rules[u.rule]
		if u.head == nil {
			s.note(u, end)
			continue
		}
		at := end - u.head.wordEnd
		if !u.head.fits(s.text, at) || !r.isFor(s.path) || s.isDone(u.rule, at) {
			continue
		}
		if s.tried++; s.tried%64 == 0 && s.ctx.Err() != nil {
			return stopped(s.ctx.Err())
		}
		// One more than is needed: where the piece ends is not where the text does.
		to := min(at+r.reach+1, len(s.text))
		if u.head.value != nil {
			if to = s.given(u.rule, u.head, at+len(u.head.bytes)); to < 0 {
				continue
			}
		} else if !u.head.shapes.fit(s.text, at) {
			continue
		}
		s.try(u.rule, at, to)
	}
	return nil
}

func (r *rule) isFor(path string) bool { return r.path == nil || r.path.MatchString(path) }

// isDone says that a place is in the last match of a rule.
func (s *search) isDone(number, at int) bool { return s.done != nil && at < s.done[number] }

// try holds a rule against the text where a match must begin, which goes no further
// than to a place.
func (s *search) try(number, at, to int) {
	r := s.rules[number]
	expr, from := r.first, at
	if at > 0 {
		expr, from = r.later, at-1
	}
	m := expr.get().FindStringSubmatchIndex(s.text[from:to])
	if m == nil {
		return
	}
	m[0] = at - from
	for i := range m {
		if m[i] >= 0 {
			m[i] += from
		}
	}
	if s.done == nil {
		s.done = make([]int, len(s.rules))
	}
	s.done[number] = m[1]
	s.take(r, m)
}

// take makes a match a hit, if the rule does not know better.
func (s *search) take(r *rule, m []int) {
	start, end := r.secretIn(m)
	secret := s.text[start:end]
	if secret == "" || r.entropy > 0 && entropy(secret) <= r.entropy {
		return
	}
	from := m[0]
	for r.assigned && from > 0 && m[0]-from < 50 && (wordByte[s.text[from-1]] || s.text[from-1] == '.' || s.text[from-1] == '-') {
		from--
	}
	if r.allows(s.text[from:m[1]], secret) {
		return
	}
	s.hits = append(s.hits, hit{
		rule: r, secret: secret, start: start, end: end, from: from, to: m[1], weak: r.weak || r.doubtful(secret),
	})
}

// secretIn is which part of a match is the secret (gitleaks' detect.go): its
// group, or the first that holds anything, or all of it.
func (r *rule) secretIn(m []int) (start, end int) {
	if g := 2 * r.group; r.group > 0 {
		return max(m[g], 0), max(m[g+1], 0)
	}
	for g := 2; g < len(m); g += 2 {
		if m[g] < m[g+1] {
			return m[g], m[g+1]
		}
	}
	return m[0], m[1]
}
