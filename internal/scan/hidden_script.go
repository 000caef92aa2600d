package scan

import (
	"strings"
	"unicode"
)

// invisible are the characters that show nothing by themselves: format
// characters, but for the few that do show (Unicode, Prepended_Concatenation_Mark
// and hieroglyph joiners), and letters and marks without a glyph
// (Default_Ignorable_Code_Point, UAX #44).
func invisible(r rune) bool {
	if r < 0xad {
		return false
	}
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0:
		return true
	}
	if unicode.Is(unicode.Variation_Selector, r) {
		return true
	}
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) && (r < 0x13430 || r > 0x1345f)
}

// rightToLeft are the scripts that are written so (UAX #9, classes R and AL).
var rightToLeft = []*unicode.RangeTable{
	unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Samaritan, unicode.Mandaic,
	unicode.Adlam, unicode.Hanifi_Rohingya,
}

// marksDirection says whether a direction mark stands at a letter of a script
// from right to left, and not within a name. Who can write such a letter gains
// nothing by the mark.
func (r *reading) marksDirection() bool {
	after := r.after()
	if nameRune(r.before) && nameRune(after) {
		return false
	}
	return unicode.In(r.before, rightToLeft...) || unicode.In(after, rightToLeft...)
}

// joined scripts are those in which a joiner changes how letters show (UAX #31,
// 2.3, Layout and Format Control Characters).
var joinedScripts = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Mandaic, unicode.Adlam, unicode.Hanifi_Rohingya,
	unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu,
	unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Balinese,
	unicode.Javanese, unicode.Sundanese, unicode.Chakma, unicode.Meetei_Mayek,
}

// joins says whether a joiner stands where it joins or parts something: between
// emoji, or behind a letter of a script that has joined forms.
func (r *reading) joins() bool {
	after := r.after()
	if r.now == 0x200d && pictograph(after) {
		return pictograph(r.last) && (r.before == r.last || r.before == 0xfe0f) || skinTone(r.before)
	}
	return unicode.In(r.before, joinedScripts...) && (unicode.In(after, joinedScripts...) || !nameRune(after) && !invisible(after))
}

// pictograph are the characters that emoji are made of, roughly as
// Extended_Pictographic (UTS #51); skin tones are among them.
func pictograph(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r >= 0x2190 && r <= 0x2bff || r == 0xa9 || r == 0xae || r == 0x203c ||
		r == 0x2049 || r == 0x2122 || r == 0x2139 || r == 0x3030 || r == 0x303d || r == 0x3297 || r == 0x3299
}

func skinTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

// varies says whether a variation selector follows what it can vary: one of the
// first sixteen a symbol, a digit or what is no name, one of the others an
// ideograph, Mongolian ones a letter of that script. Rows of them, or behind other letters, carry data.
func (r *reading) varies() bool {
	b := r.before
	switch c := r.now; {
	case b < 0 || invisible(b):
		return false
	case c >= 0xe0100:
		return unicode.Is(unicode.Han, b)
	case c < 0xfe00:
		return unicode.Is(unicode.Mongolian, b)
	case c >= 0xfe0e && (b >= '0' && b <= '9' || !nameRune(b)): // one left alone, as texts have, tells nothing
		return true
	}
	return pictograph(b) || unicode.In(b, unicode.Sm, unicode.So, unicode.Po, unicode.Han, unicode.Myanmar, unicode.Phags_Pa, unicode.Manichaean) && b >= 0xa0
}

func jamo(r rune) bool {
	return r >= 0x1100 && r <= 0x11ff || r >= 0xa960 && r <= 0xa97f || r >= 0xd7b0 && r <= 0xd7ff
}

// tagFlags are the flags that are spelled in tags (UTS #51, RGI_Emoji_Tag_Sequence):
// England, Scotland, Wales.
var tagFlags = []string{tagged("gbeng"), tagged("gbsct"), tagged("gbwls")}

func tagged(name string) string {
	var b strings.Builder
	for _, r := range name {
		b.WriteRune(0xe0000 + r)
	}
	b.WriteRune(0xe007f)
	return b.String()
}

// inFlag says whether a tag is part of one of those flags.
func (r *reading) inFlag() bool {
	if r.flag == 0 && r.before == 0x1f3f4 {
		for _, flag := range tagFlags {
			if strings.HasPrefix(r.line[r.start:], flag) {
				r.flag = len(flag) / 4
			}
		}
	}
	if r.flag == 0 {
		return false
	}
	r.flag--
	return true
}
