package scan

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/handrail-bot/handrail/checks"
)

var someWatched = checks.Patterns{
	Keywords:  []string{"password", "secret", "api_key", "token", "crypt*", "*auth*", "BEGIN PRIVATE KEY", "密码"},
	Functions: []string{"exec", "os.Exec*", "eval", "system", "*.query", "Runtime.exec", "call-process", "popen", "unserialize"},
	Classes:   []string{"Cipher", "X509*", "tls.Config", "ProcessBuilder"},
}

// wantSpots wants what every [checks.Spot] promises.
func wantSpots(t *testing.T, spots []checks.Spot, lines []checks.PatchLine) {
	t.Helper()
	if len(spots) > spotLimit {
		t.Fatalf("%d spots", len(spots))
	}
	there := map[checks.Spot]bool{}
	for _, l := range lines {
		switch l.Kind {
		case '+':
			there[checks.Spot{Line: l.New}] = true
		case '-':
			there[checks.Spot{Line: l.Old, Gone: true}] = true
		}
	}
	seen := map[checks.Spot]bool{}
	for _, s := range spots {
		if !there[checks.Spot{Line: s.Line, Gone: s.Gone}] {
			t.Fatalf("%+v is on no line that changes", s)
		}
		if seen[s] {
			t.Fatalf("%+v comes twice", s)
		}
		seen[s] = true
		for _, r := range s.Kind + s.What {
			if unicode.Is(unicode.C, r) || invisible(r) {
				t.Fatalf("%+q holds %U", s.What, r)
			}
		}
	}
}

func FuzzWatch(f *testing.F) {
	f.Add("+os.Exec(password)\n-exec\n (x)\n+Cipher\n+\u202e", "a.go")
	f.Add("+os /* a\n+ b */ . exec // x\n+ (", "a.php")
	f.Add("+exec<exec[exec<\n+\\u0065xec\\u0028\n-exec!{", "a.js")
	f.Add("+apiKey-API_KEY-密码\n BEGIN PRIVATE key", "")
	w := compile(someWatched)
	f.Fuzz(func(t *testing.T, text, path string) {
		lines := difference(text)
		got := w.look(path, "", lines)
		wantSpots(t, got, lines)
		if again := w.look(path, "", lines); !reflect.DeepEqual(got, again) {
			t.Fatalf("first %v, then %v", got, again)
		}
		if len(got) == spotLimit {
			return
		}
		// A keyword does not depend on the lines around it.
		for i := range lines {
			if lines[i].Kind == ' ' {
				continue
			}
			for _, s := range w.look(path, "", lines[i:i+1]) {
				if s.Kind == kindKeyword && !contains(got, s) {
					t.Fatalf("%+v is found on its line alone only", s)
				}
			}
		}
	})
}

func contains(spots []checks.Spot, spot checks.Spot) bool {
	for _, s := range spots {
		if s == spot {
			return true
		}
	}
	return false
}

func FuzzPatterns(f *testing.F) {
	f.Add("pass*", "my_password x")
	f.Add("*", "*")
	f.Add("$", "0")
	f.Add("a.*-b::c()", "a.b-c(")
	f.Add("\u0130", "\u0130")
	f.Fuzz(func(t *testing.T, pattern, line string) {
		w := compile(checks.Patterns{Keywords: []string{pattern}, Functions: []string{pattern}, Classes: []string{pattern}})
		lines := difference("+" + line)
		wantSpots(t, w.look("a.sql", "", lines), lines)
		f := fold(canonical(line))
		if len(f.at) <= len(f.text) || !f.at[len(f.text)] {
			t.Fatalf("%q does not end", line)
		}
	})
}

func FuzzHidden(f *testing.F) {
	f.Add("+a\u202eb\n+\ufeff\n+\U0001F3F4\U000E0067\n+\x1b[0m\r x\r")
	f.Fuzz(func(t *testing.T, text string) {
		lines := difference(text)
		got := hiddenIn("a", lines)
		wantSpots(t, got, lines)
		if len(got) < spotLimit && !strings.ContainsRune(text, 0) {
			for _, l := range lines {
				if strings.ContainsAny(l.Text, "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\x1b") && l.Kind == '+' && !onLine(got, l.New) {
					t.Fatalf("nothing on %+q", l.Text)
				}
			}
		}
	})
}

func onLine(spots []checks.Spot, line int) bool {
	for _, s := range spots {
		if s.Line == line {
			return true
		}
	}
	return false
}

func FuzzSilenced(f *testing.F) {
	f.Add("+x() // #nosec\n-x() // #nosec\n+// eslint-disable a, b/no-eval", "a.go")
	f.Add("+# noqa: S1\n+# pragma: allowlist secret\n+@SuppressWarnings(\"java:S1\")", "a.py")
	f.Fuzz(func(t *testing.T, text, path string) {
		lines := difference(text)
		wantSpots(t, silencedIn(path, lines), lines)
	})
}

func FuzzOdd(f *testing.F) {
	f.Add("@@ -0,0 +1 @@\n+a", []byte("a"), "added", true)
	f.Fuzz(func(t *testing.T, text string, content []byte, status string, fetched bool) {
		file := checks.PatchFile{Text: text, New: content, Fetched: fetched, File: checks.File{Path: "a", Status: status, Additions: 1}}
		lines, _ := file.Lines()
		odd := oddities(&file, lines)
		if len(odd) > 2 || status == "removed" && len(odd) > 0 {
			t.Fatalf("got %v", odd)
		}
	})
}

func TestFilesAreReadAtOnceAsOneAfterAnother(t *testing.T) {
	w := compile(someWatched)
	texts := []string{
		"+os.Exec(password)\n-exec(x)\n+Cipher // nosemgrep", "+eval\n+(x)\n+user_token", "-db.query(x)\n+authorize()\n+\u202e",
	}
	alone := make([][]checks.Spot, len(texts))
	for i, text := range texts {
		alone[i] = all(w, text)
	}
	var group sync.WaitGroup
	for range 8 {
		for i := len(texts) - 1; i >= 0; i-- {
			group.Go(func() {
				if got := all(w, texts[i]); !reflect.DeepEqual(got, alone[i]) {
					t.Errorf("got %v, want %v", got, alone[i])
				}
			})
		}
	}
	group.Wait()
}

func all(w *watcher, text string) []checks.Spot {
	lines := difference(text)
	spots := append(w.look("a.go", "", lines), hiddenIn("a.go", lines)...)
	return append(spots, silencedIn("a.go", lines)...)
}
