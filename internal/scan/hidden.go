package scan

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/runenames"

	"github.com/handrail-bot/handrail/checks"
)

// What a [checks.Spot] of hidden characters is called.
const (
	// kindBidirectional changes the order in which others show: the code that is
	// read is not the code that runs ("Trojan Source", CVE-2021-42574; Unicode
	// UAX #9).
	kindBidirectional = "bidirectional"
	// kindZeroWidth shows nothing: two names look like one, or a text carries
	// another (Unicode UTS #39, UTR #36; CVE-2021-42694).
	kindZeroWidth = "zero-width"
	// kindTag is ASCII over again, unseen.
	kindTag = "tag"
	// kindControl does something to a terminal, or ends a line for some readers
	// only: what runs is not what is shown.
	kindControl = "control"
)

// hiddenIn finds characters on added lines that show nothing or change how
// others show: one spot a line and kind, which names the characters and does not
// hold them. What scripts and emoji need where it stands is none.
//
// Where there is a NUL and what is no UTF-8 as well, the file is an oddity and not
// all of it characters: if most of it is none, only lines are looked at that are.
func hiddenIn(path string, lines []checks.PatchLine) []checks.Spot {
	var spots, controls []checks.Spot
	opaque := isOpaque(lines)
	for i := range lines {
		l := &lines[i]
		if l.Kind != '+' || plainText(l.Text) || opaque && !isText(l.Text) {
			continue
		}
		for _, spot := range hiddenOn(path, l) {
			if spot.Kind == kindControl {
				controls = append(controls, spot)
			} else {
				spots = append(spots, spot)
			}
		}
		controls = controls[:min(len(controls), spotLimit)]
		if len(spots) >= spotLimit {
			break
		}
	}
	spots = append(spots, controls...) // what never blocks must not stand before what does
	return spots[:min(len(spots), spotLimit)]
}

// isOpaque says whether added lines hold a NUL and what is no UTF-8, and are more of
// that than text: two bytes in a remark make no text opaque.
func isOpaque(lines []checks.PatchLine) bool {
	null, broken, text, all := false, false, 0, 0
	for i := range lines {
		l := &lines[i]
		if l.Kind != '+' {
			continue
		}
		all += len(l.Text) + 1
		if plainText(l.Text) || isText(l.Text) {
			text += len(l.Text) + 1
			continue
		}
		null = null || strings.IndexByte(l.Text, 0) >= 0
		broken = broken || !utf8.ValidString(l.Text) || strings.ContainsRune(l.Text, utf8.RuneError)
	}
	return null && broken && 2*text < all
}

// isText says whether a line, if it stands between others that are none, is text
// nevertheless: UTF-8 that controls nothing. Of the lines that chance makes few are
// that hold anything longer than ASCII.
func isText(line string) bool {
	return utf8.ValidString(line) && !strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' || r == 0x7f || r == utf8.RuneError })
}

// plainText says that a line is ASCII that shows as it is. Most are.
func plainText(line string) bool {
	for i := range len(line) {
		if c := line[i]; c-' ' >= 0x7f-' ' && c != '\t' && (c != '\r' || i+1 < len(line)) {
			return false
		}
	}
	return true
}

func hiddenOn(path string, l *checks.PatchLine) (spots []checks.Spot) {
	kinds := []string{kindBidirectional, kindZeroWidth, kindTag, kindControl}
	var names [4][]string
	r := reading{line: l.Text, first: l.New == 1, before: -1, last: -1}
	for r.next() {
		kind := r.kind()
		if kind == "" {
			continue
		}
		at := slices.Index(kinds, kind)
		if name := nameOf(r.now); !slices.Contains(names[at], name) && len(names[at]) <= namesShown {
			names[at] = append(names[at], name)
		}
	}
	for i, kind := range kinds {
		if len(names[i]) > 0 {
			spots = append(spots, checks.Spot{Path: path, Line: l.New, Kind: kind, What: joined(names[i])})
		}
	}
	return spots
}

// namesShown is how many different characters a spot names.
const namesShown = 3

func joined(names []string) string {
	if len(names) > namesShown {
		return strings.Join(names[:namesShown], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// controlNames are what Unicode's own names do not say: it calls all of them
// <control> (aliases in NameAliases.txt).
var controlNames = map[rune]string{
	0x00: "NULL", 0x07: "BELL", 0x08: "BACKSPACE", 0x0b: "LINE TABULATION", 0x0c: "FORM FEED", 0x0d: "CARRIAGE RETURN",
	0x0e: "SHIFT OUT", 0x0f: "SHIFT IN", 0x1a: "SUBSTITUTE", 0x1b: "ESCAPE", 0x7f: "DELETE", 0x85: "NEXT LINE",
	0x90: "DEVICE CONTROL STRING", 0x9b: "CONTROL SEQUENCE INTRODUCER", 0x9d: "OPERATING SYSTEM COMMAND",
}

// nameOf is such as "U+202E RIGHT-TO-LEFT OVERRIDE".
func nameOf(r rune) string {
	name := controlNames[r]
	if name == "" {
		if name = runenames.Name(r); name == "" || strings.HasPrefix(name, "<") {
			name = "CONTROL CHARACTER"
		}
	}
	return fmt.Sprintf("U+%04X %s", r, name)
}

// reading goes over the characters of a line and knows their neighbours.
type reading struct {
	line  string
	at    int  // of the character after now
	start int  // of now
	first bool // the file's first line
	now   rune
	// before is the character before now, last the last one before it that shows
	// by itself; -1 at the line's start.
	before, last rune
	began        bool
	flag         int // how much of an emoji flag made of tags is still to come
}

func (r *reading) next() bool {
	if r.at >= len(r.line) {
		return false
	}
	if r.began {
		r.before = r.now
		if !invisible(r.now) {
			r.last = r.now
		}
	}
	now, n := utf8.DecodeRuneInString(r.line[r.at:])
	r.began, r.now, r.start, r.at = true, now, r.at, r.at+n
	return true
}

// after is the next character, -1 at the line's end.
func (r *reading) after() rune {
	if r.at >= len(r.line) {
		return -1
	}
	c, _ := utf8.DecodeRuneInString(r.line[r.at:])
	return c
}

// kind is what is wrong with the character where it stands; "" if nothing is.
func (r *reading) kind() string {
	c := r.now
	switch {
	case c >= ' ' && c < 0x7f || c == '\t' || c >= 0xa0 && c < 0x34f && c != 0xad:
		return ""
	case c < ' ' || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029:
		return r.control()
	case c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069:
		return kindBidirectional
	case c == 0x200e || c == 0x200f || c == 0x061c:
		return unless(r.marksDirection(), kindBidirectional)
	case c >= 0xe0000 && c <= 0xe007f:
		return unless(r.inFlag(), kindTag)
	case c == 0x200c || c == 0x200d:
		return unless(r.joins(), kindZeroWidth)
	case unicode.Is(unicode.Variation_Selector, c):
		return unless(r.varies(), kindZeroWidth)
	case c == 0xfeff:
		return unless(r.first && r.start == 0, kindZeroWidth) // a byte order mark
	case c == 0x115f || c == 0x1160:
		return unless(jamo(r.before) || jamo(r.after()), kindZeroWidth)
	case invisible(c):
		return kindZeroWidth
	}
	return ""
}

func unless(fine bool, kind string) string {
	if fine {
		return ""
	}
	return kind
}

// control lets a carriage return end a line, and a form feed stand between pages
// where nothing else is on the line, as in GNU's sources.
func (r *reading) control() string {
	switch r.now {
	case '\r':
		return unless(r.at == len(r.line), kindControl)
	case '\f':
		return unless(strings.TrimSpace(r.line) == "", kindControl)
	}
	return kindControl
}
