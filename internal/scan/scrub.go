package scan

import (
	"context"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// scrubRounds is how often a text is gone over: what is put in place of a secret
// may make one of what is around it, which has not been seen to happen twice.
const scrubRounds = 8

// Scrub takes the secrets out of a text that is no file, such as a comment, and
// says which they were, by the lines of the text as it was given. In place of each
// is "[redacted: RULE]". In what it answers it finds nothing: in a text that does
// not become clean nothing is left. Files' rules, which go by a path, do not apply.
func (s *Scanner) Scrub(text string) (clean string, found []checks.Secret) {
	clean = text
	for round := range scrubRounds {
		// Only a context that ends can stop it.
		hits, _ := s.engine.find(context.Background(), "", clean)
		if len(hits) == 0 {
			return clean, found
		}
		if round == 0 {
			found = s.textSecrets(clean, hits)
		}
		clean = redacted(clean, hits)
	}
	return "[redacted]", found
}

// textSecrets tells of hits by the lines on which they begin, each secret of a
// line once.
func (s *Scanner) textSecrets(text string, hits []hit) (found []checks.Secret) {
	line, at := 1, 0
	told := map[string]int{}
	for i := range hits {
		line += strings.Count(text[at:hits[i].start], "\n")
		at = hits[i].start
		if told[hits[i].secret] == line {
			continue
		}
		told[hits[i].secret] = line
		one := s.secret(&hits[i])
		one.Line = line
		found = append(found, one)
	}
	return found
}

// redacted puts the rules' names in place of the hits, which are in order; those
// that overlap become one.
func redacted(text string, hits []hit) string {
	var b strings.Builder
	at := 0
	for i := 0; i < len(hits); {
		first := &hits[i]
		end := first.end
		for i++; i < len(hits) && hits[i].start < end; i++ {
			end = max(end, hits[i].end)
		}
		b.WriteString(text[at:first.start])
		b.WriteString("[redacted: " + first.rule.id + "]")
		at = end
	}
	b.WriteString(text[at:])
	return b.String()
}
