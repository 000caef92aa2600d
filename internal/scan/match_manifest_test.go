package scan

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A manifest that is read otherwise than the published expression does would let
// its secrets through, or find other ones.
func TestManifestsAreReadAsTheirExpressionDoes(t *testing.T) {
	r := ruleNamed(t, manifestRule)
	expr := regexp.MustCompile(r.source)
	parts := []string{
		"kind: Secret\n", "kind:\t\"secret'", "KIND: secrets ", "xkind: secret\n", "data:\n", "data:", "Data: ", "metadata:\n", "stringdata: ", "a.b-c: ",
		"kind: secret\n", "data:\n", " key: aGVsbG8gd29ybGQ=\n",
		"key: aGVsbG8gd29ybGQ=\n", " key: 'c2VjcmV0c2VjcmV0'\n", "  k: |\n   YWJjZGVmZ2hpams==== ", " k: >-\n", "k: \"\"\n", "\tk: {{ .Values.x | b64enc }}\n", " k: {{}}",
		" short: abc\n", "---\n", strings.Repeat("x", 60) + " ", strings.Repeat("é", 90), strings.Repeat(" ", 95), strings.Repeat("y\n", 50), "/", "\n", " ",
	}
	found := 0
	for seed := range int64(40000) {
		s := newSampler(seed)
		text := ""
		for range 2 + s.Intn(9) {
			text += parts[s.Intn(len(parts))]
		}
		var want []span
		for _, m := range expr.FindAllStringSubmatchIndex(text, -1) {
			from, to := r.secretIn(m)
			if !r.allows(text[m[0]:m[1]], text[from:to]) {
				want = append(want, span{from, to})
			}
		}
		one := search{text: text}
		one.manifests(r, span{0, len(text)})
		var got []span
		for _, h := range one.hits {
			got = append(got, span{h.start, h.end})
		}
		if found += len(want); !slices.Equal(got, want) {
			t.Fatalf("%q: %v, not %v", text, got, want)
		}
	}
	if found < 2000 {
		t.Errorf("only %d secrets could be made", found)
	}
}
