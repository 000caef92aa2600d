package scan

import (
	"strings"
	"testing"
	"unicode"

	"github.com/handrail-bot/handrail/checks"
)

func TestCharactersThatHideWhatTheyDoAreSeen(t *testing.T) {
	const flag = "\U0001F3F4"
	for _, c := range []struct{ line, want string }{
		{"if access != \"user\u202e \u2066// admin\u2069 \u2066\" {", "bidirectional: U+202E RIGHT-TO-LEFT OVERRIDE, U+2066 LEFT-TO-RIGHT ISOLATE, U+2069 POP DIRECTIONAL ISOLATE"},
		{"\u202a\u202b\u202c\u202d", "bidirectional: U+202A LEFT-TO-RIGHT EMBEDDING, U+202B RIGHT-TO-LEFT EMBEDDING, U+202C POP DIRECTIONAL FORMATTING and others"},
		{"a\u200eb", "bidirectional: U+200E LEFT-TO-RIGHT MARK"},
		{"a \u200f b", "bidirectional: U+200F RIGHT-TO-LEFT MARK"},
		{"a\u061cb", "bidirectional: U+061C ARABIC LETTER MARK"},
		{"שלום\u200f!", ""},
		{"של\u200fום", "bidirectional: U+200F RIGHT-TO-LEFT MARK"},
		{"is\u200bAdmin", "zero-width: U+200B ZERO WIDTH SPACE"},
		{"a\u2060\u2064b", "zero-width: U+2060 WORD JOINER, U+2064 INVISIBLE PLUS"},
		{"a\u206ab", "zero-width: U+206A INHIBIT SYMMETRIC SWAPPING"},
		{"a\u00adb", "zero-width: U+00AD SOFT HYPHEN"},
		{"a\u180eb", "zero-width: U+180E MONGOLIAN VOWEL SEPARATOR"},
		{"a\u034fb", "zero-width: U+034F COMBINING GRAPHEME JOINER"},
		{"const { timeout,\u3164} = req.query", "zero-width: U+3164 HANGUL FILLER"},
		{"a\uffa0b", "zero-width: U+FFA0 HALFWIDTH HANGUL FILLER"},
		{"a\u115fb", "zero-width: U+115F HANGUL CHOSEONG FILLER"},
		{"\u115f\u1161", ""},
		{"a\ufff9b", "zero-width: U+FFF9 INTERLINEAR ANNOTATION ANCHOR"},
		{"a\u17b4b", "zero-width: U+17B4 KHMER VOWEL INHERENT AQ"},
		{"a\U0001D173b", "zero-width: U+1D173 MUSICAL SYMBOL BEGIN BEAM"},
		{" \ufeffa", "zero-width: U+FEFF ZERO WIDTH NO-BREAK SPACE"},
		{"a\u200cb", "zero-width: U+200C ZERO WIDTH NON-JOINER"},
		{"a\u200db", "zero-width: U+200D ZERO WIDTH JOINER"},
		{"می\u200cخواهم", ""},
		{"می\u200c ", ""},
		{"می\u200cx", "zero-width: U+200C ZERO WIDTH NON-JOINER"},
		{"क्\u200dष", ""},
		{"👩\u200d💻", ""},
		{"👩🏽\u200d💻", ""},
		{"❤\ufe0f\u200d🔥", ""},
		{"👩\u200d\u200d💻", "zero-width: U+200D ZERO WIDTH JOINER"},
		{"👩\u200dx", "zero-width: U+200D ZERO WIDTH JOINER"},
		{"☂\ufe0f 1\ufe0f\u20e3 ©\ufe0e", ""},
		{"! \ufe0f x", ""},
		{"a\ufe0fb", "zero-width: U+FE0F VARIATION SELECTOR-16"},
		{" \ufe00", "zero-width: U+FE00 VARIATION SELECTOR-1"},
		{"a\ufe00", "zero-width: U+FE00 VARIATION SELECTOR-1"},
		{"❤\ufe0f\ufe0f", "zero-width: U+FE0F VARIATION SELECTOR-16"},
		{"葛\U000E0100", ""},
		{"葛\U000E0100\U000E0101", "zero-width: U+E0101 VARIATION SELECTOR-18"},
		{"x\U000E0154", "zero-width: U+E0154 VARIATION SELECTOR-101"},
		{"ᠠ\u180b", ""},
		{"x\u180b", "zero-width: U+180B MONGOLIAN FREE VARIATION SELECTOR ONE"},
		{"a\U000E0041\U000E007F", "tag: U+E0041 TAG LATIN CAPITAL LETTER A, U+E007F CANCEL TAG"},
		{flag + tagged("gbeng"), ""},
		{flag + tagged("gbwls") + flag + tagged("gbsct"), ""},
		{flag + tagged("hello"), "tag: U+E0068 TAG LATIN SMALL LETTER H, U+E0065 TAG LATIN SMALL LETTER E, U+E006C TAG LATIN SMALL LETTER L and others"},
		{tagged("gbeng")[:4], "tag: U+E0067 TAG LATIN SMALL LETTER G"},
		{"a\x1b[8mhidden\x1b[0m", "control: U+001B ESCAPE"},
		{"rm -rf /\rls        ", "control: U+000D CARRIAGE RETURN"},
		{"a\r\r", "control: U+000D CARRIAGE RETURN"},
		{"a\r", ""},
		{"\ta b\t", ""},
		{"\f", ""},
		{"a\fb", "control: U+000C FORM FEED"},
		{"a\bb\x7f", "control: U+0008 BACKSPACE, U+007F DELETE"},
		{"a\x00b", "control: U+0000 NULL"},
		{"a\x01b", "control: U+0001 CONTROL CHARACTER"},
		{"a\u009bb", "control: U+009B CONTROL SEQUENCE INTRODUCER"},
		{"// fine\u2028run()", "control: U+2028 LINE SEPARATOR"},
		{"a\u0085b", "control: U+0085 NEXT LINE"},
		{"naïve Größe Ελλάδα 日本語\u3000テスト한국어 ไทย e\u0301 ½ a\u00a0b \u2014 …", ""},
		{"\u0600\u06dd", ""},
		{"\xff\xfe latin-1: caf\xe9", ""},
	} {
		var got []string
		for _, s := range hiddenIn("a.go", []checks.PatchLine{{Kind: '+', New: 2, Text: c.line}}) {
			got = append(got, s.Kind+": "+s.What)
			if s.Path != "a.go" || s.Line != 2 || s.Gone {
				t.Errorf("%q: is at %+v", c.line, s)
			}
		}
		if all := strings.Join(got, "; "); all != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.line, all, c.want)
		}
	}
}

func TestAByteOrderMarkIsHiddenAnywhereButAtTheBeginning(t *testing.T) {
	for _, c := range []struct {
		line checks.PatchLine
		want int
	}{
		{checks.PatchLine{Kind: '+', New: 1, Text: "\ufeffpackage a"}, 0},
		{checks.PatchLine{Kind: '+', New: 1, Text: "\ufeff\ufeffpackage a"}, 1},
		{checks.PatchLine{Kind: '+', New: 2, Text: "\ufeffpackage a"}, 1},
		{checks.PatchLine{Kind: '-', Old: 2, Text: "\ufeffpackage a"}, 0},
		{checks.PatchLine{Kind: ' ', Old: 2, New: 2, Text: "\ufeffpackage a"}, 0},
	} {
		if got := hiddenIn("a.go", []checks.PatchLine{c.line}); len(got) != c.want {
			t.Errorf("%+v: %v", c.line, got)
		}
	}
}

func TestBytesThatAreNoTextHideNothing(t *testing.T) {
	for text, want := range map[string]int{
		"+\x00\n+\u202e":             2,
		"+\u202e\n+\xff\n+\x1b":      2,
		"+\u202e\n+\xff\x00":         2, // as much text as what is none
		"+\u202e\n+\xff\x00\x00\x00": 1, // a line that is text between others
		"+\xff\x00\u202e\n+text()":   2, // on the line itself, in a file that is text
		"+\xff\x00\u202e\n+no":       0,
		"+\ufffd\x00\u202e\n+a":      0, // what GitHub makes of such bytes
		"+\u202e\n-\xff\x00":         1,
	} {
		if got := hiddenIn("a", difference(text)); len(got) != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// Nothing that Unicode calls a format or control character goes unseen between
// two letters, but for those that show.
func TestNoFormatCharacterIsForgotten(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.In(r, unicode.Cf, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Variation_Selector) || r == '\t' || r == '\n' {
			continue
		}
		shows := unicode.Is(unicode.Prepended_Concatenation_Mark, r) || r >= 0x13430 && r <= 0x1345f
		if got := hiddenIn("a", []checks.PatchLine{{Kind: '+', New: 2, Text: "a" + string(r) + "b"}}); (len(got) == 1) == shows {
			t.Errorf("%U: %v", r, got)
		}
	}
}

// Whoever writes many that only ask must not hide one that blocks behind them.
func TestNoNumberOfControlCharactersHidesAHiddenOne(t *testing.T) {
	noisy := strings.Repeat("+\x1b[0m\n", 500)
	var files []checks.PatchFile
	for _, text := range []string{noisy + "+a", noisy + "+\u202e"} {
		files = append(files, changed("a.golden", text))
	}
	got, err := scanner.Patch(t.Context(), checks.Patch{Files: files}, checks.Patterns{})
	if err != nil || len(got.Hidden) != listLimit || got.Hidden[0].Kind != kindBidirectional || got.More == 0 {
		t.Errorf("%d hidden and %d more, %v, the first %+v", len(got.Hidden), got.More, err, got.Hidden[:1])
	}
}
