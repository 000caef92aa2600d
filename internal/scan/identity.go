package scan

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// imprint stands for what is written where a finding is, so that it is known again
// when lines move.
type imprint struct {
	kind printKind
	hash [8]byte
}

type printKind uint8

const (
	noPrint  printKind = iota
	byText             // of the line, as the report quotes it
	byHash             // of the line, as the tool hashed it
	byWords            // of the message only: the report tells nothing of the line
	lastKind = byWords
)

// telling is how many bytes of a line tell it from others: a lone brace or
// operator does not.
const telling = 8

// printOf prefers what the report quotes to the tool's hash, which is of the
// lines behind too: these may change.
func (s seal) printOf(hash string, p *sarifPlace) imprint {
	if p != nil {
		if line := strings.Join(strings.Fields(p.written()), " "); len(line) >= telling {
			return imprint{byText, s.of(line)}
		}
	}
	if hash != "" {
		return imprint{byHash, s.of(hash)}
	}
	return imprint{}
}

// orWords is the print, or that of a message.
func (p imprint) orWords(s seal, message string) imprint {
	if p.kind != noPrint {
		return p
	}
	return imprint{byWords, s.of(wordsOf(message))}
}

// seal is the key under which texts are hashed, since what a report quotes may be
// a secret that could be guessed from a plain hash of it.
type seal []byte

func (s seal) of(text string) [8]byte {
	mac := hmac.New(sha256.New, s)
	io.WriteString(mac, "finding\x00"+text)
	return [8]byte(mac.Sum(nil))
}

// wordsOf is a message without what changes when lines do: numbers that stand
// alone, and places such as a.go:12:3. Names and versions stay.
func wordsOf(message string) string {
	words := strings.Fields(message)
	kept := words[:0]
	for _, w := range words {
		if head, _, ok := strings.Cut(w, ":"); ok && isPlace(w[len(head):]) {
			w = head
		}
		number := strings.ContainsAny(w, "0123456789") && strings.Trim(w, "0123456789.,;:()[]'\"`#+-") == ""
		version := strings.Count(strings.Trim(w, ".,;:()[]'\"`"), ".") > 1
		if !number || version {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// isPlace says whether a text is :12 or :12:3, with what may follow a word.
func isPlace(text string) bool {
	digits := strings.TrimRight(text, ".,;)]'\"`:")
	return len(digits) > 1 && strings.Trim(digits, "0123456789:") == "" && digits[1] != ':'
}

// idOf is the name of a finding in commands and policies: of its tool, rule and
// path, of what is written there, and of which one of several such it is.
func idOf(e *entry, ordinal int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d %x %d", e.tool, e.rule, e.path, e.print.kind, e.print.hash, ordinal))
	return "f-" + hex.EncodeToString(sum[:6])
}

// oneLine is a text from a report on one line, of at most so many characters,
// without those that control or show nothing.
func oneLine(text string, most int) string {
	var out strings.Builder
	blank, n := false, 0
	for _, r := range text {
		switch {
		case unicode.IsSpace(r) || r == utf8.RuneError || unicode.IsControl(r):
			blank = n > 0
			continue
		case unicode.Is(unicode.Cf, r):
			continue
		}
		if blank {
			out.WriteByte(' ')
			n++
		}
		if n >= most {
			return strings.TrimRight(out.String(), " ") + "…"
		}
		out.WriteRune(r)
		blank, n = false, n+1
	}
	return out.String()
}

func (e *entry) compare(o *entry) int {
	return cmp.Or(cmp.Compare(e.tool, o.tool), cmp.Compare(e.rule, o.rule), cmp.Compare(e.path, o.path),
		cmp.Compare(e.line, o.line), cmp.Compare(e.col, o.col), cmp.Compare(e.end, o.end),
		cmp.Compare(e.print.kind, o.print.kind), strings.Compare(string(e.print.hash[:]), string(o.print.hash[:])),
		cmp.Compare(e.text, o.text), cmp.Compare(e.level, o.level), cmp.Compare(e.severity.tenths, o.severity.tenths), cmp.Compare(e.url, o.url))
}
