package checks

import (
	"fmt"
	"strconv"
	"strings"
)

// Span is some lines in a row, both ends included. Lines count from 1.
type Span struct{ Start, End int }

// Spans are lines of a file, in order, no two touching. In JSON they are one
// text, "1-20,25".
type Spans []Span

// Add puts a line behind the others, which must be lower.
func (s Spans) Add(line int) Spans {
	if n := len(s); n > 0 && s[n-1].End == line-1 {
		s[n-1].End = line
		return s
	}
	return append(s, Span{line, line})
}

// Len is how many lines they are.
func (s Spans) Len() int {
	n := 0
	for _, p := range s {
		n += p.End - p.Start + 1
	}
	return n
}

// String is the spans as people write them: "1-20,25".
func (s Spans) String() string {
	var b strings.Builder
	for i, p := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(p.Start))
		if p.End != p.Start {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(p.End))
		}
	}
	return b.String()
}

// MarshalText writes the spans as [Spans.String] does.
func (s Spans) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote, and refuses lines that are not in
// order.
func (s *Spans) UnmarshalText(text []byte) error {
	*s = nil
	if len(text) == 0 {
		return nil
	}
	last := 0
	for part := range strings.SplitSeq(string(text), ",") {
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		a, err1 := strconv.Atoi(from)
		b, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || a <= last || b < a {
			return fmt.Errorf("%q is no list of lines", part)
		}
		*s = append(*s, Span{a, b})
		last = b
	}
	return nil
}
