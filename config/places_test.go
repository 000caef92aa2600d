package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

// Places are touched by what is in them and by what they are in.
func TestPlacesAreTouchedByWhatIsInThemOrAround(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.StringMatching(`[ab]{1,2}(\.[ab]{1,2}){0,3}`)
		var problems []checks.Problem
		for _, key := range rapid.SliceOfN(rapid.OneOf(path, rapid.Just("")), 0, 4).Draw(t, "keys") {
			problems = append(problems, checks.Problem{Key: key})
		}
		asked := path.Draw(t, "path")
		want := slices.ContainsFunc(problems, func(q checks.Problem) bool { return within(q.Key, asked) || within(asked, q.Key) })
		if got := placesOf(problems).touch(asked); got != want {
			t.Fatalf("%q among %+v: %v", asked, problems, got)
		}
	})
}

// A policy is anybody's who opens a pull request: however many mistakes it has, they are
// found before the test's own time is over.
func TestAPolicyOfMistakesIsAnsweredSoon(t *testing.T) {
	many := func(form string) string {
		var b strings.Builder
		for i := 0; b.Len() < 240_000; i++ {
			fmt.Fprintf(&b, form, fmt.Sprintf("%040d", i))
		}
		return b.String()
	}
	short := func(form string) string {
		return strings.ReplaceAll(many(form), "00000000000000000000000000000000000", "")
	}
	floor := []checks.Source{{Path: checks.FloorPath, Floor: true, Repo: "acme/.github", Text: "version: 1\nroles: {a: {users: [b]}}\ncompliance: {size: {exclude: [x]}, paths: [{name: a, files: [z], role: a}]}\n"}}
	for name, text := range map[string]string{
		"globs": "compliance:\n  size:\n    exclude: [" + strings.Repeat("'[a', ", 40_000) + "]\n", "lifts": "compliance:\n  size:\n    exclude: [" + short("'%s', ") + "]\n",
		"roles": "roles:\n" + short("  r%s: {usrs: [a]}\n"), "paths": "compliance:\n  paths:\n" + short("  - {name: a, files: [x], role: r%s}\n"),
		"no roles": "roles:\n" + many("  r%s: {}\n")[:120_000/51*51] + "compliance:\n  paths:\n" + many("  - {role: s%s}\n")[:120_000/54*54],
	} {
		if found := Proposed(checks.PolicyPath, "version: 1\n"+text, floor); len(found) != problemLimit+1 {
			t.Errorf("%s: %d problems, the first %v", name, len(found), found[:min(len(found), 1)])
		}
	}
}
