package checks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

// sizes are settings of the control size, each stricter than the one before it.
var sizes = []string{
	"size: {lines: 30, files: 3, count: 1, exclude: ['docs/**', '**/*.yaml', CODEOWNERS]}",
	"size: {lines: 30, files: 3, count: 1, exclude: ['docs/**']}",
	"size: {lines: 20, files: 2, count: 1, exclude: ['docs/**']}",
	"size: {lines: 20, files: 2}",
	"size: {lines: 0, files: 0}",
}

var (
	pathRules = []string{
		"{name: Deploy, files: ['deploy/**'], role: qa}", "{name: Old, files: [old.go], role: reviewer}", "{name: Both, files: ['**/*.md', 'auth/**'], roles: [qa, reviewer]}",
		"{name: Two, files: [main.go], role: reviewer, count: 2}", "{name: Owners, files: ['**/CODEOWNERS'], role: carol}",
	}
	freezes = []string{
		"{name: Spring, from: '2026-03-02T18:00:00+01:00', until: '2026-03-05T00:00:00Z', reason: it is spring, role: qa}",
		"{name: Weekend, from: 'fri 16:00+01:00', until: 'mon 08:00+01:00', reason: nobody is there}",
		"{name: Nights, days: [mon, tue, wed, thu, fri], from: '22:00-05:00', until: '06:00-05:00', reason: batches run, role: reviewer}",
		"{name: Days, days: [sat, sun, mon], from: '00:00Z', until: '24:00Z', reason: rest, role: carol}",
		"{name: Auth, from: 'tue 00:00Z', until: 'tue 12:00Z', files: ['auth/**', old.go], reason: keys change, role: qa}",
		"{name: Release, from: 'mon 00:00Z', until: 'wed 00:00Z', branches: ['release/*'], reason: elsewhere}",
	}
)

// guards are the controls about size, paths, separation and freezes that a random
// policy has.
type guards struct {
	size, separation string
	paths, freeze    []string
}

func drawGuards(t *rapid.T) guards {
	id := func(s string) string { return s }
	g := guards{size: pick(t, append(slices.Clone(sizes), ""), "size"), separation: pick(t, []string{"separation: true", "separation: {count: 2}", ""}, "separation")}
	g.paths = distinct(some(t, 2, "path rules", func() string { return pick(t, pathRules, "path rule") }), id)
	g.freeze = distinct(some(t, 2, "freezes", func() string { return pick(t, freezes, "freeze") }), id)
	return g
}

func (g guards) text() string {
	var b strings.Builder
	b.WriteString("version: 1\nroles:\n  qa: {team: acme/qa, say: ['QA +1']}\n  carol: {users: [Carol]}\nreview: {sign_offs: []}\nstatus:\ncompliance:\n  title: {pattern: '[a-z]'}\n")
	for _, line := range []string{g.size, g.separation} {
		if line != "" {
			b.WriteString("  " + line + "\n")
		}
	}
	for _, list := range []struct {
		key   string
		items []string
	}{{"paths", g.paths}, {"freeze", g.freeze}} {
		if len(list.items) > 0 {
			fmt.Fprintf(&b, "  %s:\n    - %s\n", list.key, strings.Join(list.items, "\n    - "))
		}
	}
	return b.String()
}

// guarded is a snapshot with lines, at any time of some weeks, and with what the
// attribute files of the base branch say.
func guarded(t *rapid.T) checks.Pull {
	p := snapshot(t)
	p.At = start.Add(time.Duration(rapid.IntRange(0, 30*24*60).Draw(t, "at")) * time.Minute)
	for i := range p.Files {
		p.Files[i].Additions, p.Files[i].Deletions = rapid.IntRange(0, 20).Draw(t, "additions"), rapid.IntRange(0, 20).Draw(t, "deletions")
		p.Lines += p.Files[i].Additions + p.Files[i].Deletions
	}
	p.Lines += pick(t, []int{0, 0, 40, -5}, "more lines")
	p.Texts = map[string]checks.Text{}
	for _, name := range []string{".gitattributes", "docs/.gitattributes", "deploy/.gitattributes", ".github/.gitattributes", "auth/.gitattributes"} {
		switch rapid.IntRange(0, 6).Draw(t, "attributes") {
		case 0:
			p.Texts[name] = checks.Text{Cut: true}
		case 1, 2:
			p.Texts[name] = checks.Text{Absent: true}
		case 3, 4, 5:
			p.Texts[name] = checks.Text{Text: pick(t, []string{"* linguist-generated\n", "*.go linguist-generated\n*.md linguist-vendored\n", "* -linguist-generated\n", "old.go linguist-generated\n"}, "lines")}
		}
	}
	return p
}

func TestLawSizePathsAndFreezesGiveTheSameAnswerAgainAndExplainIt(t *testing.T) {
	met := 0
	untilTried(t, &met, func(t *rapid.T) {
		p, pull := policy(t, drawGuards(t).text()), guarded(t)
		first := answersAgain(t, p, pull, shuffled(pull, rapid.Int64().Draw(t, "seed")), func(checks.Result) {})
		if first.State.Passes() {
			met++
		}
	})
	if met == 0 {
		t.Error("nothing was ever met")
	}
}

func TestLawOneRuleMoreOfTheseNeverHelps(t *testing.T) {
	worse := 0
	untilTried(t, &worse, func(t *rapid.T) {
		g, pull := drawGuards(t), guarded(t)
		before, more := checks.Judge(policy(t, g.text()), pull), g
		switch rapid.IntRange(0, 3).Draw(t, "more") {
		case 0:
			at := slices.Index(sizes, g.size) // -1 is none, and the loosest
			more.size = sizes[min(at+1, len(sizes)-1)]
		case 1:
			more.separation = "separation: {count: 2}"
		case 2:
			more.paths = distinct(append(slices.Clone(g.paths), pick(t, pathRules, "one more")), func(s string) string { return s })
		case 3:
			more.freeze = distinct(append(slices.Clone(g.freeze), pick(t, freezes, "one more")), func(s string) string { return s })
		}
		after := checks.Judge(policy(t, more.text()), pull)
		if after.State > before.State && !(after.State.Passes() && before.State.Passes()) {
			t.Fatalf("%s becomes %s with\n%s\ninstead of\n%s", before.State, after.State, more.text(), g.text())
		}
		if after.State < before.State {
			worse++
		}
	})
	if worse == 0 {
		t.Error("one rule more never mattered, so the law was not tried")
	}
}

func TestLawWhatIsNotKnownNeverMakesAChangeSmaller(t *testing.T) {
	worse := 0
	untilTried(t, &worse, func(t *rapid.T) {
		g := guards{size: pick(t, sizes, "size"), paths: []string{pick(t, pathRules, "rule")}, freeze: []string{freezes[4]}}
		pull := guarded(t)
		less := pull
		less.Files, less.Texts = slices.Clone(pull.Files), map[string]checks.Text{}
		for name, text := range pull.Texts {
			less.Texts[name] = text
		}
		name := pick(t, []string{".gitattributes", "docs/.gitattributes", "auth/.gitattributes"}, "attribute file")
		switch rapid.IntRange(0, 5).Draw(t, "what") {
		case 0:
			delete(less.Texts, name)
		case 1:
			less.Texts[name] = checks.Text{Text: less.Texts[name].Text, Cut: true}
		case 2:
			less.FileCount += 2
		case 3:
			less.Lines += 100
		case 4:
			less.FilesRead = false
		case 5:
			for i := range less.Files {
				less.Files[i].Additions += 10
			}
		}
		p := policy(t, g.text())
		before, after := checks.Judge(p, pull), checks.Judge(p, less)
		if after.State > before.State && !(after.State.Passes() && before.State.Passes()) {
			t.Fatalf("%s becomes %s where less is known: %s", before.State, after.State, encode(after))
		}
		if after.State < before.State {
			worse++
		}
	})
	if worse == 0 {
		t.Error("what was not known never mattered, so the law was not tried")
	}
}

// Nobody tells handrail that a window begins or ends: the verdict itself says until
// when it stays.
func TestLawAVerdictAboutFreezesStaysUntilItSays(t *testing.T) {
	changed := 0
	untilTried(t, &changed, func(t *rapid.T) {
		p, pull := policy(t, guards{freeze: distinct(append(some(t, 3, "freezes", func() string { return pick(t, freezes, "freeze") }), freezes[0]), func(s string) string { return s })}.text()), guarded(t)
		first := checks.Judge(p, pull)
		until := first.Until
		if until.IsZero() {
			until = pull.At.Add(30 * 24 * time.Hour)
		}
		states := func(v checks.Verdict) (out []string) {
			for _, r := range v.Results {
				for _, c := range r.Parts {
					for _, w := range c.Parts {
						out = append(out, fmt.Sprint(w.ID, w.State, w.Summary))
					}
				}
			}
			return out
		}
		later := pull
		later.At = pull.At.Add(time.Duration(rapid.Int64Range(0, int64(until.Sub(pull.At))-1).Draw(t, "later")))
		if a, b := states(first), states(checks.Judge(p, later)); !slices.Equal(a, b) {
			t.Fatalf("at %s, before %s, what was %q is %q", later.At, until, a, b)
		}
		later.At = until
		if !slices.Equal(states(first), states(checks.Judge(p, later))) {
			changed++
		}
	})
	if changed == 0 {
		t.Error("nothing ever changed, so the law was not tried")
	}
}
