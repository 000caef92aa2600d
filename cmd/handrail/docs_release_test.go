package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
	"github.com/handrail-bot/handrail/internal/web"
)

// releasePage is the page about releases.
func releasePage(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "release.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// What people copy from the page on releases has to work: policies are taken, or refused
// as it says; everything else is YAML.
func TestTheExamplesOnThePageOnReleasesAreTrue(t *testing.T) {
	text := releasePage(t)
	before, policies := "", 0
	for _, m := range anyYAML.FindAllStringSubmatchIndex(text, -1) {
		example := text[m[2]:m[3]]
		if !strings.HasPrefix(example, "version: 1\n") {
			var any map[string]yaml.Node
			if err := yaml.Unmarshal([]byte(example), &any); err != nil || len(any) == 0 {
				t.Errorf("%v:\n%s", err, example)
			}
			continue
		}
		var floor []checks.Source
		if strings.HasPrefix(text[m[1]:], "\n\nit is said:") {
			floor = []checks.Source{{Repo: "acme/.github", Path: checks.FloorPath, Text: before, Floor: true}}
		}
		said := 0
		for _, q := range config.Proposed(checks.PolicyPath, example, floor) {
			if said++; floor == nil || !strings.Contains(text, "\n    "+q.String()+"\n") {
				t.Errorf("%s\n%s", example, q)
			}
		}
		if floor != nil && said < 2 {
			t.Errorf("%d things are said of\n%s", said, example)
		}
		if config.Policy([]checks.Source{{Path: checks.PolicyPath, Text: example}}, config.Defaults{}).Release == nil {
			t.Errorf("it is not about releases:\n%s", example)
		}
		before = example
		policies++
	}
	if policies < 6 {
		t.Errorf("the page shows %d policies", policies)
	}
}

func TestThePageOnReleasesExplainsEveryKeyAndPhase(t *testing.T) {
	text := releasePage(t)
	for _, key := range sectionKeys(t, "release") {
		if key == "release.freeze.branches" || key == "release.freeze.files" {
			continue // a tag is on no branch, and has no changed files
		}
		key = "`" + strings.TrimPrefix(key, "release.") + "`"
		if !regexp.MustCompile(`(?m)^\| (.*, )?` + regexp.QuoteMeta(key) + `(, .*)? \|`).MatchString(text) {
			t.Errorf("the key %s is not explained", key)
		}
	}
	for _, phase := range web.Phases() {
		if !strings.Contains(text, "\n| `"+phase+"` |") {
			t.Errorf("the phase %s is not explained", phase)
		}
	}
}

var spokenRow = regexp.MustCompile("(?m)^\\| `(/[^`]+)` \\| (?:`([a-z-]+)`)? ?\\|")

// Every line of a comment on the page does what it says there.
func TestThePageOnReleasesListsTheCommandsThatAreHeard(t *testing.T) {
	text := releasePage(t)
	first := yamlBlock.FindStringSubmatch(text)[1]
	policy := config.Policy([]checks.Source{{Path: checks.PolicyPath, Text: first}}, config.Defaults{})
	heard := map[checks.ActKind]bool{}
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, m := range spokenRow.FindAllStringSubmatch(text, -1) {
		r := checks.Release{At: at, Tag: checks.Tag{Name: "v1"}, Issue: checks.TrackingIssue{Number: 1, Comments: []checks.Comment{
			{ID: 1, Author: checks.Actor{Login: "quinn", ID: 7}, Body: m[1], Created: at.Add(-time.Hour)},
		}}}
		acts := checks.HearRelease(policy, r)
		switch {
		case m[2] == "" && len(acts) > 0, m[2] != "" && (len(acts) != 1 || string(acts[0].Kind) != m[2]):
			t.Errorf("%s is heard as %+v", m[1], acts)
		case m[2] != "":
			heard[acts[0].Kind] = true
		}
	}
	for _, d := range deeds {
		if !heard[d.kind] {
			t.Errorf("the page has no line for %s", d.kind)
		}
	}
}

var (
	shownCommand = regexp.MustCompile(`(?m)^\s+(handrail .*)$`)
	shownFlag    = regexp.MustCompile(`(^|\s)--([a-z-]+)`)
)

// Every command of ours that the page shows is there, with its flags.
func TestTheCommandsOnThePageOnReleasesAreThere(t *testing.T) {
	shown := shownCommand.FindAllStringSubmatch(releasePage(t), -1)
	if len(shown) < 15 {
		t.Errorf("the page shows %d commands", len(shown))
	}
	for _, m := range shown {
		words := strings.Fields(m[1])[1:]
		cmd, _, err := rootCommand().Find(words)
		if err != nil || !cmd.Runnable() || cmd.HasSubCommands() {
			t.Errorf("%s is the command %q: %v", m[1], cmd.CommandPath(), err)
			continue
		}
		for _, f := range shownFlag.FindAllStringSubmatch(m[1], -1) {
			if cmd.Flags().Lookup(f[2]) == nil && cmd.InheritedFlags().Lookup(f[2]) == nil {
				t.Errorf("%s: there is no flag --%s", m[1], f[2])
			}
		}
	}
}

var kindShown = regexp.MustCompile("`((?:release|sign-off)\\.[a-z-]+)`")

// Every kind of log entry that the page names is one that a command can be asked for.
func TestThePageOnReleasesNamesKindsThatThereAre(t *testing.T) {
	known := map[string]bool{}
	for _, k := range store.Kinds {
		known[string(k)] = true
	}
	shown := kindShown.FindAllStringSubmatch(releasePage(t), -1)
	for _, m := range shown {
		if !known[m[1]] {
			t.Errorf("there is no kind %s", m[1])
		}
	}
	if len(shown) < 10 {
		t.Errorf("the page names %d kinds", len(shown))
	}
}
