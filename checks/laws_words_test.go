package checks_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

func TestLawEveryNoSaysWhatIsMissingAndWhoCanSupplyIt(t *testing.T) {
	seen := 0
	untilTried(t, &seen, func(t *rapid.T) { seen += everyNoExplained(t) })
	if seen == 0 {
		t.Error("nothing was ever missing, so the law was not tried")
	}
}

// everyNoExplained returns how many results blocked.
func everyNoExplained(t *rapid.T) (seen int) {
	d := drawPolicy(t)
	v := checks.Judge(policy(t, text(d.signOffs, d.codeowners, d.extra)), snapshot(t))
	var walk func([]checks.Result)
	walk = func(results []checks.Result) {
		for _, r := range results {
			explained(t, r)
			if !r.State.Passes() {
				seen++
			}
			walk(r.Parts)
		}
	}
	walk(v.Results)
	if title := checks.Render(v)[0].Title; title == "" || strings.Contains(title, "judged nothing") {
		t.Fatalf("the title is %q", title)
	}
	return seen
}

// explained: a result is a whole sentence, and one that blocks names who can
// act, each once.
func explained(t *rapid.T, r checks.Result) {
	for _, s := range append([]string{r.Summary}, r.Notes...) {
		if len(s) < 10 || !strings.HasSuffix(s, ".") || strings.Contains(s, "..") || strings.Contains(s, "  ") || strings.HasSuffix(s, " .") {
			t.Fatalf("%s does not speak in sentences: %q", r.ID, s)
		}
	}
	if len(r.Can) == 0 && !r.State.Passes() {
		t.Fatalf("%s is %s and names nobody who can act: %s", r.ID, r.State, encode(r))
	}
	have := map[string]bool{}
	for _, c := range r.Can {
		if have[c] || strings.Trim(c, "@ ") == "" {
			t.Fatalf("%s: who can act is %q", r.ID, r.Can)
		}
		have[c] = true
	}
}
