package scan

import (
	"strings"
	"testing"
	"time"

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
// The longest, curl lines, takes 0.6 s of a core's own time, curl lines in code 0.5 s,
// and those of keywords at most 0.3 s; see [BenchmarkEveryKeyword].
func BenchmarkALine(b *testing.B) {
	for name, part := range denseParts() {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			f := megabyteOf(part)
			b.SetBytes(1_000_000)
			for b.Loop() {
				if _, err := scanner.Patch(b.Context(), checks.Patch{Files: []checks.PatchFile{f}}, checks.Patterns{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// megabyteOf is a file that is full of a part, added by the change. It is named so
// that of the rules for some files the one that reads most is for it.
func megabyteOf(part string) checks.PatchFile {
	return changed("a.yaml", "+"+strings.ReplaceAll(strings.Repeat(part, 1_000_000/len(part)), "\n", "\n+"))
}

// denseParts are what lines are full of, by what they hold against the engine.
func denseParts() map[string]string {
	key := "-----BEGIN " + "PRIVATE KEY-----"
	return map[string]string{
		"words":               "the quick brown fox jumps over the lazy dog ",
		"minified":            "function(e,t){return e.key=t.token||a[0].auth,this.access(e)};",
		"names":               "adafruit",
		"names by three":      "jira ",
		"assigned":            "api_key=twitter=secret: ",
		"assigned by six":     "twitter=aB3dE5gH7jK9 ",
		"names of one value":  "twittertwittertwitter=" + strings.Repeat("aB3dE5gH7jK9", 6) + " ",
		"generic":             "=key",
		"generic long":        "key=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"generic hits":        "key=aB3dE5gH7jK9 ",
		"generic misses":      strings.Repeat("key=", 37) + "/aaaa ",
		"web tokens":          "eyJaaaaaaaaaaaaaaaaaaaaa.eyJa/",
		"private keys":        key,
		"private heads":       strings.Repeat("-----BEGIN "+strings.Repeat("A ", 40), 1) + key[11:],
		"curl":                "curl -H -u \"a:\" ",
		"curl lines":          "curl -H \\\n",
		"curl lines in code":  strings.Repeat("kind:secret/data:curl:", 40) + "%41",
		"sourcegraph":         "sourcegraph 0123456789abcdef0123456789abcdef01234567x",
		"facebook":            "facebook 123456789012345|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaax",
		"teams":               "https://a.webhook.office.com/webhookb2/",
		"base64":              encode("password=aaaa0aaaaaaaaaaaaa") + " ",
		"one base64":          encode("key=a0aaaaaaaaaaaaaaaaaa\n12"),
		"percent":             "%41%6b=key%3dsecret ",
		"kind":                "kind: secret data: a ",
		"kind in code":        strings.Repeat("kind:secret/", 10) + strings.Repeat("data:", 40) + "%41",
		"tokens":              "ghp_" + strings.Repeat("a0B1", 9) + " ",
		"tokens without ends": "sq0atp-",
		"tokens of two kinds": "sk-proj-",
		"long tokens":         "ABSK/",
		"routable tokens":     "glpat-",
	}
}

// BenchmarkEveryKeyword is of every word by which a rule is known, by itself and
// with something given to it, in lines of 1 MB, one of each an operation. The worst
// is told by name: 0.28 s of a core's own time, by token=.
func BenchmarkEveryKeyword(b *testing.B) {
	words := map[string]bool{}
	for _, r := range published() {
		for _, word := range r.keywords {
			words[word] = true
		}
	}
	for b.Loop() {
		worst, by := time.Duration(0), ""
		for word := range words {
			for _, form := range []string{word + " ", word + "=aB3dE5gH7jK9 "} {
				start := time.Now()
				scanner.Scrub(strings.Repeat(form, 1_000_000/len(form)))
				if took := time.Since(start); took > worst {
					worst, by = took, form
				}
			}
		}
		b.ReportMetric(worst.Seconds(), "s/worst")
		b.Logf("the worst of %d words: %q", len(words), by)
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
