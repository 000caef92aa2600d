package scan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func TestWhatIsWrittenAtALineIsKnownAgain(t *testing.T) {
	line := func(s string) imprint { return imprint{byText, seal(nil).of(s)} }
	for name, c := range map[string]struct {
		place string
		want  imprint
	}{
		"snippet":               {`"region":{"startLine":5,"snippet":{"text":"\n\t exec( cmd )\nnext"}}`, line("exec( cmd )")},
		"around it":             {`"region":{"startLine":5,"snippet":{"text":"exec"}},"contextRegion":{"startLine":4,"snippet":{"text":"one\n  exec(  cmd )\r\nthree"}}`, line("exec( cmd )")},
		"around it, no snippet": {`"contextRegion":{"snippet":{"text":"the first line\nthe second line"},"startLine":4},"region":{"startLine":5}`, line("the second line")},
		"around something else": {`"region":{"startLine":5,"snippet":{"text":"exec(command)"}},"contextRegion":{"startLine":9,"snippet":{"text":"one line of it"}}`, line("exec(command)")},
		"too little, a hash":    {`"region":{"startLine":5,"snippet":{"text":" } "}}`, imprint{byHash, seal(nil).of("abc")}},
		"nothing, a hash":       {`"region":{"startLine":5}`, imprint{byHash, seal(nil).of("abc")}},
	} {
		all, _ := reported(t, checks.Tree{}, checks.ReportSource{Name: "x.sarif", Data: []byte(sarifOf(oneTool,
			`"results":[{"ruleId":"r2","message":{"text":"m"},"partialFingerprints":{"x":"y","primaryLocationLineHash":"abc:2"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a"},`+c.place+`}}]}]`))})
		if all[0].print != c.want {
			t.Errorf("%s: %v, want %v", name, all[0].print, c.want)
		}
	}
	for given, want := range map[string]string{
		"Line 12 has 80 characters (limit 79)": "Line has characters (limit",
		"defined at a.go:12:3, again":          "defined at a.go again",
		"CVE-2024-12 in lodash 4.17.20":        "CVE-2024-12 in lodash 4.17.20",
		"#5: (3.5) 7% md5 - x":                 "7% md5 - x",
		"see https://x.test:80/a":              "see https://x.test:80/a",
	} {
		if got := wordsOf(given); got != want {
			t.Errorf("%s: %q, want %q", given, got, want)
		}
	}
}

func TestTextsAreCutAtWholeCharacters(t *testing.T) {
	for given, most := range map[string]int{strings.Repeat("ü", 400): 300, strings.Repeat("😀", 301): 300, "a" + strings.Repeat("ab ", 200): 300, "short": 300} {
		got := oneLine(given, most)
		if n := len([]rune(got)); n > most+1 || !strings.HasPrefix(given, strings.TrimSuffix(got, "…")) || (len([]rune(given)) > most) != strings.HasSuffix(got, "…") {
			t.Errorf("%.20s: %d characters, %s", given, n, got)
		}
	}
	if d := cmp.Diff("a b c", oneLine("\n a\u2028b\x00\x7f \ufeff c\xff ", 300)); d != "" {
		t.Error(d)
	}
}
