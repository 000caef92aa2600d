package values_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/handrail-bot/handrail/internal/values"
)

var update = flag.Bool("update", false, "write what is read now into fixtures/values")

// Each fixture begins with the keys that are asked for; want.txt is what is read of
// its files.
func TestValuesAreReadAsTheirProgramsReadThem(t *testing.T) {
	files, err := filepath.Glob("../../fixtures/values/*.txtar")
	if err != nil || len(files) < 7 {
		t.Fatalf("%d fixtures: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, want := told(t, archive), wanted(archive)
			if *update {
				want.Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(want.Data), got); d != "" {
				t.Errorf("run with -update when this is meant (-want +got):\n%s", d)
			}
		})
	}
}

func wanted(a *txtar.Archive) *txtar.File {
	for i := range a.Files {
		if a.Files[i].Name == "want.txt" {
			return &a.Files[i]
		}
	}
	a.Files = append(a.Files, txtar.File{Name: "want.txt"})
	return &a.Files[len(a.Files)-1]
}

func keysOf(t *testing.T, a *txtar.Archive) []string {
	t.Helper()
	_, keys, ok := bytes.Cut(a.Comment, []byte("keys: "))
	if !ok {
		t.Fatal("it asks for no keys")
	}
	return strings.Split(strings.TrimSpace(string(keys)), ", ")
}

func told(t *testing.T, a *txtar.Archive) string {
	t.Helper()
	var b strings.Builder
	for _, f := range a.Files {
		if f.Name == "want.txt" {
			continue
		}
		found := values.Read(f.Name, f.Data, keysOf(t, a))
		fmt.Fprintf(&b, "%s: %s\n", f.Name, strings.TrimSpace(found.Format+" "+found.Fault))
		for _, v := range found.Values {
			fmt.Fprintf(&b, "%4d  %s  %s: %s", v.Line, strings.TrimSpace(v.Document), v.Key, strings.TrimSpace(v.Text))
			switch {
			case v.Unresolved:
				b.WriteString("  (unresolved)")
			case v.Amount == "":
				b.WriteString("  (no number)")
			default:
				b.WriteString(" = " + v.Amount)
			}
			if v.Times != "" {
				b.WriteString(" x " + v.Times)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
