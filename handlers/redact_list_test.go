package handlers

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
)

// Comments are anybody's: as many as they are, what they hold must neither crowd out
// what is in the change nor take long, which for so many that are held against each
// other would be minutes.
func TestSecretsInCommentsCrowdNothingOut(t *testing.T) {
	token := func() string { return "ghp_" + (rand.Text() + rand.Text())[:36] + "\n" }
	scanner, weak := scan.New([]byte("key")), ""
	for found := []checks.Secret(nil); len(found) == 0; { // some random texts have a word in them by which they are taken for none
		weak = "password = '" + strings.ToLower(rand.Text()) + "'"
		_, found = scanner.Scrub(weak)
	}
	pull := checks.Pull{Body: weak, Commits: []checks.Commit{{SHA: "c1", Author: checks.Signature{Name: token()}}}}
	for n := range 60 {
		var b strings.Builder
		for range 1500 {
			b.WriteString(token())
		}
		pull.Comments = append(pull.Comments, checks.Comment{ID: int64(n), Body: b.String()})
	}
	NewInspector(nil, scanner, 0).redact(&pull)
	if len(pull.Redacted) != redactedLimit {
		t.Errorf("%d are listed", len(pull.Redacted))
	}
	for _, in := range []string{checks.InBody, checks.InMessage} {
		if !slices.ContainsFunc(pull.Redacted, func(s checks.Secret) bool { return s.In == in }) {
			t.Errorf("the one in the %s is not among them", in)
		}
	}
}
