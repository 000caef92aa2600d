package checks

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Git itself is the referee of what the trailers of a message are.
func TestTrailersAreThoseThatGitFinds(t *testing.T) {
	lines := []string{
		"", "", "", "Mend the door", "see: this", "Signed-off-by: Ann <ann@x.test>", "signed-off-by: Ann <ann@x.test>", "Co-authored-by: Bob <b@x.test>",
		"  folded on", "\tby a tab", "Key : value", "two words: x", "(cherry picked from commit abc)", "Fixes:", "just text", "https://x.test/a", "> Signed-off-by: Ann <ann@x.test>", " ", "é: x",
		"Signed-off-by: Bob <b@x.test>\r", "\r",
	}
	rapid.Check(t, func(t *rapid.T) {
		message := "Subject\n"
		for range rapid.IntRange(0, 9).Draw(t, "lines") {
			message += rapid.SampledFrom(lines).Draw(t, "line") + "\n"
		}
		git := exec.CommandContext(t.Context(), "git", "interpret-trailers", "--only-trailers", "--only-input", "--unfold", "--no-divider")
		git.Stdin = strings.NewReader(message)
		out, err := git.Output()
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for line := range strings.Lines(string(out)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			want = append(want, strings.TrimSpace(key)+": "+strings.Join(strings.Fields(value), " "))
		}
		for _, tr := range trailers(message) {
			got = append(got, tr.key+": "+strings.Join(strings.Fields(tr.value), " "))
		}
		if strings.Join(want, "\n") != strings.Join(got, "\n") {
			t.Fatalf("of %q git finds %q, we %q", message, want, got)
		}
	})
}
