package checks

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestHostileTextComesOutHarmless(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain words", "plain words"},
		{"@everyone look", "@<!-- -->everyone look"},
		{"fixes #12", "fixes #<!-- -->12"},
		{"<script>alert(1)</script>", `&lt;script&gt;alert\(1\)&lt;/script&gt;`},
		{"a | b\n| c |", `a \| b \| c \|`},
		{"[x](javascript:y)", `\[x\]\(javascript:y\)`},
		{"see https://evil.example", "see https:<!-- -->//evil.example"},
		{"www.evil.example", "www<!-- -->.evil.example"},
		{"safe\u202etxt.exe\u200b\u2066", "safetxt.exe"},
		{"bell\x07 and \x1b[31mred", `bell and \[31mred`},
		{"--><img src=x>", "--&gt;&lt;img src=x&gt;"},
	} {
		if got := Markdown(c.in); got != c.want {
			t.Errorf("Markdown(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestLongQuotesAreCut(t *testing.T) {
	if got := utf8.RuneCountInString(Plain(strings.Repeat("ä ", 5000))); got != quoteLimit+1 {
		t.Errorf("a quote of 10,000 characters becomes one of %d", got)
	}
}

func FuzzMarkdownNeverLetsMarkupThrough(f *testing.F) {
	f.Add("@a #1 <b> `x` | [y](z) http://q \u202e")
	f.Fuzz(func(t *testing.T, s string) {
		out := strings.NewReplacer("<!-- -->", "\x00").Replace(Markdown(s))
		for _, r := range out {
			if r != 0 && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r)) {
				t.Fatalf("%q keeps the control character %U", s, r)
			}
		}
		if strings.ContainsAny(out, "<>\n") {
			t.Fatalf("%q becomes %q, which can hold HTML", s, out)
		}
		for i := 0; i < len(out); i++ {
			if strings.IndexByte("`|[]*_", out[i]) >= 0 && (i == 0 || out[i-1] != '\\') {
				t.Fatalf("%q becomes %q, with %q unescaped", s, out, out[i])
			}
			if (out[i] == '@' || out[i] == '#') && i+1 < len(out) && out[i+1] != 0 {
				t.Fatalf("%q becomes %q, with a live mention", s, out)
			}
		}
		if c := Code(s); strings.Count(c, "`") != 0 && strings.Count(c, "`") != 2 {
			t.Fatalf("code span %q can be left", c)
		}
	})
}
