package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/handrail-bot/handrail/internal/leak"
)

// What is rendered in the fixtures, recorded and printed in scripts is as handrail
// made it.
func TestNoFixtureAndNoScriptHoldsASecret(t *testing.T) {
	s := leak.NewSinks()
	for _, dir := range []string{filepath.Join("..", "..", "fixtures", "verdicts"), filepath.Join("testdata", "script")} {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			s.Add("rendered", text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if s.Len("rendered") < 30 {
		t.Fatalf("only %d files were found", s.Len("rendered"))
	}
	for _, l := range s.Scan(leak.Engine()) {
		t.Errorf("the engine finds %s in %s", l.What, l.Around)
	}
}
