package checks

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func linesSaid(text string) []string {
	var out []string
	spoken(text, func(line string) bool { out = append(out, line); return true })
	return out
}

// hide wraps lines in something that GitHub shows as a quote or as code, or
// does not show.
var hide = map[string]func(string) string{
	"quote":      func(s string) string { return "> " + strings.ReplaceAll(s, "\n", "\n> ") },
	"lazy quote": func(s string) string { return "> somebody wrote\n" + s },
	"fence":      func(s string) string { return "```\n" + s + "\n```" },
	"language":   func(s string) string { return "~~~~ text\n" + s + "\n~~~~" },
	"list fence": func(s string) string { return "* ```\n  " + strings.ReplaceAll(s, "\n", "\n  ") + "\n  ```" },
	"indented":   func(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") },
	"tab":        func(s string) string { return "\t" + strings.ReplaceAll(s, "\n", "\n\t") },
	"comment":    func(s string) string { return "<!--\n" + s + "\n-->" },
	"pre":        func(s string) string { return "<pre>\n" + s + "\n</pre>" },
	"blockquote": func(s string) string { return "<blockquote class=x>\n\n" + s + "\n\n</blockquote>" },
	"span":       func(s string) string { return "see `` this\n" + s + "\nand`` that" },
	"attribute":  func(s string) string { return "<img alt='\n" + s + "\n'>" },
}

func TestLawWhatIsQuotedOrCodeIsNeverSaid(t *testing.T) {
	kinds := []string{}
	for k := range hide {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	rapid.Check(t, func(t *rapid.T) {
		eol := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "eol")
		var b strings.Builder
		for range rapid.IntRange(1, 4).Draw(t, "paragraphs") {
			kind := rapid.SampledFrom(kinds).Draw(t, "kind")
			hidden := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"+1", "LGTM", "/approve qa", "words"}), 1, 3).Draw(t, "hidden"), "\n")
			b.WriteString("words\n\n" + hide[kind](hidden) + "\n\n")
		}
		text := strings.ReplaceAll(b.String(), "\n", eol)
		for _, line := range linesSaid(text) {
			if line == "+1" || line == "LGTM" || line == "/approve qa" {
				t.Fatalf("%q is said by %q", line, text)
			}
		}
		if said := linesSaid(text + "the end" + eol + "+1"); !slices.Contains(said, "+1") {
			t.Fatalf("what follows is lost: %q says %q", text, said)
		}
	})
}

func FuzzWhatIsSaidIsOneWholeLineOfTheText(f *testing.F) {
	f.Add("+1\r\n> `x`\n```\n<!-- -->\n<pre>")
	f.Add("a\\`b``c`\n+1\n`<a b='")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		for _, said := range linesSaid(text) {
			if !slices.Contains(lines, said) {
				t.Fatalf("%q is no line of %q", said, text)
			}
			if strings.HasPrefix(said, ">") {
				t.Fatalf("%q is quoted", said)
			}
		}
		for _, fenced := range linesSaid("```\n" + strings.ReplaceAll(text, "`", "'") + "\n```\n") {
			t.Fatalf("%q is said inside a fence", fenced)
		}
		command(text)
		begins(text, literal("+1"))
	})
}

func TestALongTextOfOpenMarksCannotStallAVerdict(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("<a ", 20000), strings.Repeat("`a``b", 10000), strings.Repeat("<!--", 15000), strings.Repeat("<pre ", 12000),
		strings.Repeat("> `\n", 15000), strings.Repeat("\\`", 30000), strings.Repeat("a\n<b \n", 10000),
	} {
		linesSaid(text)
	}
}

func TestACommandIsOneWordAndWhatItNames(t *testing.T) {
	for line, want := range map[string][2]string{
		"/approve qa": {"/approve", "qa"}, "/APPROVE  release management ": {"/approve", "release management"}, "/revoke\tqa": {"/revoke", "qa"},
		"/approve": {"/approve", ""}, "/approved qa": {}, "approve qa": {}, "/": {}, "": {},
	} {
		verb, name, ok := command(line)
		if verb != want[0] || name != want[1] || ok != (want[0] != "") {
			t.Errorf("%q is %q of %q, %v", line, verb, name, ok)
		}
	}
}
