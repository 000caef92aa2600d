package config

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

const signedText = `version: 1
roles:
  qa: {team: acme/qa, say: ["QA +1", '+1']}
  rm: {users: [olga, "pete"]}
release:
  tags: [v*]
  stages:
    - name: production
      sign_offs: [{role: qa, count: 2}, {role: rm}]
      dispatch: {workflow: promote.yml, inputs: {tag: "{tag}", n: 3}}
  valid: 7d
review: {sign_offs: [{role: qa}]}
`

func digestOf(sources ...checks.Source) string {
	return Policy(sources, Defaults{}).ReleaseDigest
}

// TestWhatWasSignedStaysSignedInLaterVersions: the digests are those of candidates on
// record. Another one here ends every sign-off there is.
func TestWhatWasSignedStaysSignedInLaterVersions(t *testing.T) {
	for name, c := range map[string]struct {
		sources []checks.Source
		want    string
	}{
		"the repository's":      {[]checks.Source{ownFile(signedText)}, "54f2a29d7d033a2a1dc98fbfcd26515a44c5e67146cf45978c00d4f858d46c91"},
		"the floor's":           {[]checks.Source{noFile, baseFile(signedText)}, "03e38e07aa871c71a48a2e1d61fac1bc869b4f769efad78f26cedc6885e3c896"},
		"both":                  {[]checks.Source{ownFile(signedText), baseFile(signedText)}, "72f7cd8787fb8e2d19cfd2cf40e37d3701563135447a8abc813cd6fbf9b20564"},
		"without roles":         {[]checks.Source{ownFile("version: 1\nrelease: {tags: [v*], stages: [{name: p, sign_offs: [{role: reviewer}]}]}\n")}, "afae93edaec9d0c0660dda62affef7ba04d9747ba6cec082074f667a6b9588f7"},
		"with what has no text": {[]checks.Source{ownFile("version: 1\nroles: {a: , b: {}}\nrelease: {tags: [v*], stages: [], require: [~, '~', '']}\n")}, "4cc92e18942b69afd7bcaea89d0836e31c93c52fd2d0d86fadd1169da10cf321"},
	} {
		if got := digestOf(c.sources...); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestHowAPolicyIsWrittenEndsNoSignOff(t *testing.T) {
	want := digestOf(ownFile(signedText))
	for name, text := range map[string]string{
		"a comment":           strings.Replace(signedText, "  valid: 7d", "  # a week\n  valid: 7d # no more", 1),
		"other quotes":        strings.NewReplacer(`"QA +1"`, "QA +1", `'+1'`, `"+1"`, `"pete"`, "pete", "7d", `"7d"`, "v*", "'v*'").Replace(signedText),
		"a block":             strings.Replace(signedText, "  valid: 7d", "  valid: >-\n    7d", 1),
		"another order":       strings.Replace(strings.Replace(signedText, "  valid: 7d\n", "", 1), "  tags:", "  valid: 7d\n  tags:", 1),
		"a list in lines":     strings.Replace(signedText, `{users: [olga, "pete"]}`, "\n    users:\n      - olga\n      - pete", 1),
		"another section":     strings.Replace(signedText, "review:", "check_runs: summary\nreview:", 1),
		"the section's place": "version: 1\n" + signedText[strings.Index(signedText, "release:"):] + signedText[len("version: 1\n"):strings.Index(signedText, "release:")],
		"an anchor":           strings.Replace(signedText, "valid: 7d", "valid: &week 7d", 1),
		"lines of Windows":    strings.ReplaceAll(signedText, "\n", "\r\n"),
	} {
		if got := digestOf(ownFile(text)); got != want {
			t.Errorf("%s: %q, not %q\n%s", name, got, want, text)
		}
	}
	if got := digestOf(ownFile(signedText), baseFile("version: 1\n")); got != want {
		t.Errorf("a floor that says nothing of it: %q", got)
	}
}

func TestWhatAPolicySaysEndsSignOffs(t *testing.T) {
	seen := map[string]string{digestOf(ownFile(signedText)): "as it was"}
	for name, text := range map[string]string{
		"a count":          strings.Replace(signedText, "count: 2", "count: 1", 1),
		"a time":           strings.Replace(signedText, "7d", "8d", 1),
		"a tag":            strings.Replace(signedText, "[v*]", "[v*, w*]", 1),
		"an order":         strings.Replace(signedText, "{role: qa, count: 2}, {role: rm}", "{role: rm}, {role: qa, count: 2}", 1),
		"an input":         strings.Replace(signedText, "n: 3", "n: 4", 1),
		"a person":         strings.Replace(signedText, "olga", "mallory", 1),
		"another team":     strings.Replace(signedText, "acme/qa", "acme/all", 1),
		"a phrase":         strings.Replace(signedText, "'+1'", "'+2'", 1),
		"one key less":     strings.Replace(signedText, "  valid: 7d\n", "", 1),
		"one key more":     strings.Replace(signedText, "  valid: 7d\n", "  valid: 7d\n  issue: true\n", 1),
		"a moved boundary": strings.Replace(signedText, `[olga, "pete"]`, `["olga, pete"]`, 1),
	} {
		got := digestOf(ownFile(text))
		if other, taken := seen[got]; taken || len(got) != 64 {
			t.Errorf("%s has the digest %q of what is %s", name, got, other)
		}
		seen[got] = name
	}
	if got := digestOf(ownFile(signedText), baseFile(signedText)); seen[got] != "" {
		t.Error("the floor's rules change nothing")
	}
	if digestOf(noFile, baseFile(signedText)) == digestOf(ownFile(signedText)) {
		t.Error("the repository's rules and the floor's are the same")
	}
}

func TestOfAPolicyThatCannotBeReadThereIsNoCandidate(t *testing.T) {
	broken := baseFile("")
	broken.Broken, broken.Blob = "GitHub gave only a part of it", "b10b"
	for name, sources := range map[string][]checks.Source{
		"no YAML":                 {ownFile("release: ["), baseFile(signedText)},
		"a floor that is no YAML": {ownFile(signedText), baseFile("release: [")},
		"a floor cut":             {ownFile(signedText), broken},
		"nothing of it":           {ownFile("version: 1\n")},
	} {
		if got := digestOf(sources...); got != "" {
			t.Errorf("%s has the digest %q", name, got)
		}
	}
}

// TestLawStyleMakesNoOtherDigest: a text that is parsed and written anew in another
// style, with its keys in another order, has the digest that it had.
func TestLawStyleMakesNoOtherDigest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawPolicy(t)
		if !strings.Contains(text, "\nrelease: ") {
			text += "release: " + drawSection(t, "release") + "\n"
		}
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		restyled(t, doc.Content[0])
		again, err := yaml.Marshal(&doc)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := digestOf(ownFile(text)), digestOf(ownFile(string(again))); a != b || len(a) != 64 {
			t.Fatalf("%q and %q\n%s---\n%s", a, b, text, again)
		}
	})
}

// restyled puts the keys of mappings in another order, quotes texts otherwise and adds
// comments.
func restyled(t *rapid.T, n *yaml.Node) {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!str" {
			n.Style = pickOf(t, []yaml.Style{0, yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle}, "quotes")
		}
	case yaml.MappingNode:
		for i := 0; i+3 < len(n.Content); i += 2 {
			if j := i + 2*rapid.IntRange(0, (len(n.Content)-i)/2-1).Draw(t, "order"); j != i {
				n.Content[i], n.Content[i+1], n.Content[j], n.Content[j+1] = n.Content[j], n.Content[j+1], n.Content[i], n.Content[i+1]
			}
		}
		n.Style = pickOf(t, []yaml.Style{0, yaml.FlowStyle}, "style")
	case yaml.SequenceNode:
		n.Style = pickOf(t, []yaml.Style{0, yaml.FlowStyle}, "style")
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && c.Kind == yaml.ScalarNode && oneIn(t, 4, "comment") {
			c.LineComment = "# as agreed"
		}
		restyled(t, c)
	}
}
