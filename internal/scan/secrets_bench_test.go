package scan

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// BenchmarkSecrets is of 10 MB of source text of other modules, every line of it
// added. One core of an AMD EPYC that others used too: 15 MB/s, the median of three
// runs, and 40 MB/s of its own time.
func BenchmarkSecrets(b *testing.B) {
	files := corpus(b, 10e6)
	size := 0
	for _, f := range files {
		size += len(f.New)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		if _, err := scanner.Secrets(b.Context(), checks.Patch{Files: files}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkALine is of lines of 1 MB, among them such as are made to take long.
// The longest, facebook, takes 1 s of a core's time, the second 0.6 s.
func BenchmarkALine(b *testing.B) {
	key := "-----BEGIN " + "PRIVATE KEY-----"
	for name, part := range map[string]string{
		"words":         "the quick brown fox jumps over the lazy dog ",
		"minified":      "function(e,t){return e.key=t.token||a[0].auth,this.access(e)};",
		"names":         "adafruit",
		"assigned":      "api_key=twitter=secret: ",
		"generic":       "=key",
		"generic long":  "key=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"web tokens":    "eyJaaaaaaaaaaaaaaaaaaaaa.eyJa/",
		"private keys":  key,
		"private heads": strings.Repeat("-----BEGIN "+strings.Repeat("A ", 40), 1) + key[11:],
		"curl":          "curl -H -u \"a:\" ",
		"curl lines":    "curl -H \\\n",
		"sourcegraph":   "sourcegraph 0123456789abcdef0123456789abcdef01234567x",
		"facebook":      "facebook 123456789012345|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaax",
		"teams":         "https://a.webhook.office.com/webhookb2/",
		"base64":        encode("password=aaaa0aaaaaaaaaaaaa") + " ",
		"one base64":    encode("key=a0aaaaaaaaaaaaaaaaaa\n12"),
		"percent":       "%41%6b=key%3dsecret ",
		"kind":          "kind: secret data: a ",
		"tokens":        "ghp_" + strings.Repeat("a0B1", 9) + " ",
	} {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			f := changed("a.yaml", "+"+strings.ReplaceAll(strings.Repeat(part, 1_000_000/len(part)), "\n", "\n+"))
			b.SetBytes(1_000_000)
			for b.Loop() {
				if _, err := scanner.Secrets(b.Context(), checks.Patch{Files: []checks.PatchFile{f}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkScrub is of a comment without a secret; all of every pull request are
// scrubbed each time they are read. 94 MB/s, the median of five runs.
func BenchmarkScrub(b *testing.B) {
	text := strings.Repeat("Thank you, this looks good to me.\nCould you say why the lock is held here?\n", 10)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		scanner.Scrub(text)
	}
}

func TestScrubTakesNoMemoryForATextWithoutSecrets(t *testing.T) {
	text := strings.Repeat("Thank you, this looks good to me: it is what handrail/checks asks for.\n", 10)
	if n := testing.AllocsPerRun(100, func() { scanner.Scrub(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
