package scan

import (
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// FuzzScrub holds that what is scrubbed has no secret in it, and stays as it is if
// it is scrubbed again.
func FuzzScrub(f *testing.F) {
	for i, id := range providers {
		text, secret := line(f, id)
		f.Add(text)
		f.Add("a " + secret + " " + secret + "\n" + encode(text))
		f.Add(text[:i%len(text)] + "\xff" + text + secret)
	}
	f.Add(strings.Join(privateKey(), "\n"))
	f.Add("cloudflare_token = [redacted: sourcegraph-access-token] " + strings.Repeat("0a", 20))
	f.Fuzz(func(t *testing.T, text string) {
		clean, found := scanner.Scrub(text)
		again, left := scanner.Scrub(clean)
		if len(left) > 0 || again != clean {
			t.Errorf("%d secrets are left, as %v", len(left), toldSecrets(left))
		}
		if (len(found) == 0) != (clean == text) {
			t.Errorf("%d secrets are found, and the text is the same: %v", len(found), clean == text)
		}
		for _, s := range found {
			if s.Line < 1 || s.Line > 1+strings.Count(text, "\n") || len(s.Digest) != 64 {
				t.Errorf("%+v", s)
			}
		}
	})
}

// FuzzPatch holds that a change is scanned whatever it is, that every secret is on
// a line it adds, that none of a line that is only moved is new, and that what the
// whole files tell is what their lines do.
func FuzzPatch(f *testing.F) {
	for _, id := range providers {
		text, secret := line(f, id)
		f.Add("a", "x\n"+secret, "y\n"+text+"\nz")
		f.Add(secret, "", secret)
	}
	f.Add("id", strings.Join(privateKey(), "\n"), "a\n"+strings.Join(privateKey(), "\n"))
	f.Fuzz(func(t *testing.T, path, before, after string) {
		whole := checks.PatchFile{File: checks.File{Path: path, Status: "modified"}, Old: []byte(before), New: []byte(after), Fetched: true}
		lines := wholeLines(whole.Old, whole.New)
		added := map[int]bool{}
		for _, l := range lines {
			added[l.New] = added[l.New] || l.Kind == '+'
		}
		got := scanned(t, whole)
		for _, s := range got.Secrets {
			if !added[s.Line] || s.Path == "" && path != "" {
				t.Errorf("%s: no added line", toldSecrets([]checks.Secret{s}))
			}
		}
		same := whole
		same.Old, same.New = []byte(after), []byte("first\n"+after)
		if still := scanned(t, same); len(still.Secrets) != 0 && readable(same.New) == "first\n"+readable([]byte(after)) {
			t.Errorf("beside: %s", toldSecrets(still.Secrets))
		}
	})
}
