package handlers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
)

// BenchmarkRedact takes the secrets out of a long conversation, as every reading
// does: 200 comments and 100 commit messages, 150 kB in all. Goal is 30 ms, a tenth
// of what reading it takes.
func BenchmarkRedact(b *testing.B) {
	i := NewInspector(nil, scan.New([]byte("key")), 0)
	pull := checks.Pull{Title: "Add it", Body: strings.Repeat("What it does, and why it does so.\n", 30)}
	for n := range 200 {
		text := strings.Repeat(fmt.Sprintf("I think that line %d of token.go ought to say password := os.Getenv(%q).\n", n, "KEY"), 8)
		pull.Comments = append(pull.Comments, checks.Comment{ID: int64(n), Body: text})
	}
	for n := range 100 {
		pull.Commits = append(pull.Commits, checks.Commit{SHA: fmt.Sprint(n), Message: strings.Repeat("Say why. ", 30)})
	}
	for b.Loop() {
		i.redact(&pull)
	}
}
