package scan

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// everywhere is a change that has secrets in all places that are looked at.
func everywhere(t testing.TB) (files []checks.PatchFile, texts, secrets []string) {
	t.Helper()
	for i, id := range providers {
		text, secret := line(t, id)
		texts, secrets = append(texts, text), append(secrets, secret)
		f := changed("src/"+id+".go", " package a\n+"+text+"\n+// nosemgrep\n+exec(\""+text+"\")\n+"+encode(text))
		switch i % 4 {
		case 1:
			f.Path, f.Status = "x/"+text, "added"
		case 2:
			f.Additions++ // a patch that is cut
		case 3:
			f.Unread, f.Text, f.Additions = "there is no "+text, "", 7
		}
		files = append(files, f)
	}
	key := strings.Join(privateKey(), "\n")
	files = append(files, changed("id", "+"+strings.ReplaceAll(key, "\n", "\n+")))
	return files, append(texts, key), append(secrets, key)
}

// Nothing of a secret may be in what is kept, shown and sent.
func TestNothingOfASecretIsInWhatIsFound(t *testing.T) {
	files, texts, secrets := everywhere(t)
	watch := checks.Patterns{Functions: []string{"exec"}, Keywords: []string{"package"}}
	patch, err := scanner.Patch(t.Context(), checks.Patch{Files: files}, watch)
	if err != nil {
		t.Fatal(err)
	}
	commit, err := scanner.Secrets(t.Context(), checks.Patch{Commit: "c0ffee", Files: files})
	if err != nil || len(patch.Watched) == 0 || len(patch.Silenced) == 0 || len(patch.Secrets) < 60 || len(commit.Secrets) < 60 {
		t.Fatalf("%d watched, %d silenced, %d and %d secrets, %v", len(patch.Watched), len(patch.Silenced), len(patch.Secrets), len(commit.Secrets), err)
	}
	clean, found := scanner.Scrub(strings.Join(texts, "\n"))
	said, err := json.Marshal([]any{patch, commit, clean, found})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		for i := 0; i+8 <= len(secret); i++ {
			if part := secret[i : i+8]; strings.Contains(string(said), part) && !known(part) {
				t.Fatalf("%q of a secret is in what is said", part)
			}
		}
	}
}

// known says that a part of a secret is what every secret of its rule has.
func known(part string) bool {
	for _, r := range published() {
		if strings.Contains(strings.ToLower(r.source+" "+r.id), strings.ToLower(part)) {
			return true
		}
	}
	return false
}

func TestSeveralMayScanAtOnce(t *testing.T) {
	files, _, _ := everywhere(t)
	want := scanned(t, files...)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := scanner.Patch(t.Context(), checks.Patch{Files: files}, checks.Patterns{})
			if err != nil || toldSecrets(got.Secrets) != toldSecrets(want.Secrets) {
				t.Errorf("found %q, %v", toldSecrets(got.Secrets), err)
			}
		})
	}
	group.Wait()
}
