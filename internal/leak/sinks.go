package leak

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/sim"
)

// window is how many characters in a row of a secret are taken for a part of it.
const window = 10

// The ways in which something gets out of handrail.
const (
	Sent    = "sent"    // to GitHub, or in answer to it
	Logged  = "logged"  // or told in an error, which ends in the log
	Stored  = "stored"  // in the database
	Printed = "printed" // by a command, or on a page
)

// Sinks is all that handrail lets out, by the way in which it did. It may be used
// by several at once.
type Sinks struct {
	mu sync.Mutex
	unpacker
	text  map[string]map[string]bool // way, then what
	names []string
}

// NewSinks makes sinks with nothing in them.
func NewSinks() *Sinks { return &Sinks{unpacker: newUnpacker(), text: map[string]map[string]bool{}} }

// Add takes a text, and what it is when it is unpacked or written in another way.
func (s *Sinks) Add(way string, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text[way] == nil {
		s.text[way] = map[string]bool{}
	}
	if s.text[way][string(text)] {
		return
	}
	s.text[way][string(text)] = true
	for _, other := range s.unpacked(text) {
		s.text[way][string(other)] = true
	}
}

// Named says of a secret that it is in the name of a file or a branch. Such names
// are stored as they are (docs/security.md), and it is no find there.
func (s *Sinks) Named(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = append(s.names, secret)
}

// Writer is where a log can be written to.
func (s *Sinks) Writer(way string) io.Writer { return writer{s, way} }

type writer struct {
	sinks *Sinks
	way   string
}

// Write implements io.Writer.
func (w writer) Write(line []byte) (int, error) {
	w.sinks.Add(w.way, line)
	return len(line), nil
}

// exchange takes a request to GitHub but for its headers, in which handrail proves who
// it is, and what handrail answers to a delivery.
func (s *Sinks) exchange(x sim.Exchange) {
	if x.Hook {
		s.Add(Sent, x.Answer)
		return
	}
	s.Add(Sent, []byte(x.Method+" "+x.Path+"?"+x.Query))
	s.Add(Sent, x.RequestBody)
}

// Found is a secret, or a part of one, that has got out.
type Found struct {
	What   string // the rule, or where the secret had been put
	Way    string
	Around string // the text around it
}

// Find looks for every part of the secrets but their beginnings, which are the
// same in all. Where each was put is said of it.
func (s *Sinks) Find(secrets map[string]string) (found []Found) {
	parts := map[string]string{}
	for secret, where := range secrets {
		for i := len("github_p"); i+window <= len(secret); i++ {
			parts[secret[i:i+window]] = where
		}
	}
	if len(parts) == 0 {
		return nil
	}
	seen := map[Found]bool{}
	s.each(func(way, text string) {
		for i := 0; i+window <= len(text); i++ {
			where, bad := parts[text[i:i+window]]
			key := Found{What: where, Way: way}
			if bad && !seen[key] {
				seen[key] = true
				found = append(found, Found{where, way, text[max(0, i-120):min(len(text), i+60)]})
			}
		}
	})
	return found
}

// Scan lets handrail's own engine look at all of it. What is of a general shape
// only is left out: digests and commits have it too.
func (s *Sinks) Scan(engine *scan.Scanner) (found []Found) {
	s.each(func(way, text string) {
		_, secrets := engine.Scrub(text)
		for _, secret := range secrets {
			if !secret.Weak {
				found = append(found, Found{secret.Rule, way, fmt.Sprintf("line %d of %.300q", secret.Line, text)})
			}
		}
	})
	return found
}

func (s *Sinks) each(f func(way, text string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for way, texts := range s.text {
		for text := range texts {
			for _, name := range s.names {
				if way == Stored {
					text = strings.ReplaceAll(text, name, "name")
				}
			}
			f(way, text)
		}
	}
}

// Has says in which ways a text got out, in order.
func (s *Sinks) Has(part string) (ways []string) {
	s.each(func(way, text string) {
		if strings.Contains(text, part) && !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	})
	slices.Sort(ways)
	return ways
}

// Len is how many texts got out in a way.
func (s *Sinks) Len(way string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.text[way])
}
