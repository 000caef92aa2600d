package sim

import (
	"regexp"
	"testing"
)

var anyTag = regexp.MustCompile(`<[^>]*>?`)
var goodTag = regexp.MustCompile(`^</?(p|h4|ul|li|pre|code|strong|table|thead|tbody|tr|th|td|details|summary|div|a)>$|^<br>$|^<details open>$|^<div class="wide">$|^<a href="(https?://[^"<> ]*|/[^/\\"<> ][^"<> ]*)" rel="nofollow">$`)

// Whatever a text says, the page gets only the tags it makes itself.
func FuzzMarkdownLetsATagThrough(f *testing.F) {
	for _, s := range []string{"# a\n\n| a | b |\n|---|---|\n| `x` | **y** |\n- 1\n- 2\n```\n<b>\n```", "<script>", "[a](http://b) [c](javascript:d)",
		"[**a**](http://x?\"onload=1)", "`\x01\ue000\x01`\\<script>", "&lt;script&gt; &amp;lt;b", "|", "</details>", "<details><summary>a</summary>\n- b\n", "[a](/b) [c](//d) [e](/\\f)", "[a**](http://b**c)", "<details>\n<summary>**x**<b></summary>\n</details>", "<!-- a --><b>", "**`a`**", "| a\n|-|\n|", "\t- x\n \v* y\n\t# z\n\t|\n\t```"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, tag := range anyTag.FindAllString(string(markdown(text)), -1) {
			if !goodTag.MatchString(tag) {
				t.Fatalf("%q gives %q", text, tag)
			}
		}
	})
}
