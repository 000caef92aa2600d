package handlers

import (
	"crypto/rand"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
)

// A secret on the base branch goes into no record, and taking it out must not turn
// a rule about files into another one.
func TestSecretsInFilesOfTheBaseBranchAreTakenOut(t *testing.T) {
	token := "ghp_" + (rand.Text() + rand.Text())[:36]
	pull := checks.Pull{Texts: map[string]checks.Text{
		"template.md": {Text: "- [ ] tested with " + token + "\n"}, "docs/.gitattributes": {Text: "* linguist-generated\n" + token + " -linguist-generated\n"},
		".gitattributes": {Text: "* text\n"}, "none": {Absent: true},
	}}
	shared := pull.Texts
	inspector := NewInspector(nil, scan.New([]byte("key")), 0)
	inspector.redactTexts(&pull)
	gone := inspector.Redact(token)
	want := map[string]checks.Text{
		"template.md":         {Text: "- [ ] tested with " + gone + "\n"},
		"docs/.gitattributes": {Text: "* linguist-generated\n" + gone + " -linguist-generated\n", Cut: true},
		".gitattributes":      {Text: "* text\n"}, "none": {Absent: true},
	}
	if d := cmp.Diff(want, pull.Texts); d != "" || gone == token || shared["template.md"] == pull.Texts["template.md"] || len(pull.Redacted) != 0 {
		t.Error(d, gone)
	}
}
