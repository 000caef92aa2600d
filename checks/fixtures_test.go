package checks_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

var update = flag.Bool("update", false, "write what is said now into fixtures/verdicts and fixtures/releases")

// Each fixture is a policy.yml (and a floor.yml), a pull.json, and the want.txt
// that people would see.
func TestWhatPeopleSeeOfAVerdictIsAsInTheFixtures(t *testing.T) {
	asInFixtures(t, "verdicts", func(t *testing.T, archive *txtar.Archive) string {
		policy, pull := policyOf(archive), pullOf(t, archive)
		answerScans(policy, &pull)
		return seen(t, policy, pull)
	})
}

// asInFixtures holds what is seen of each fixture in a directory to its want.txt.
func asInFixtures(t *testing.T, dir string, see func(*testing.T, *txtar.Archive) string) {
	files, err := filepath.Glob("../fixtures/" + dir + "/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d fixtures: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := part(archive, "want.txt")
			if want == nil {
				t.Fatal("there is no want.txt")
			}
			got := see(t, archive)
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

func part(a *txtar.Archive, name string) *txtar.File {
	for i := range a.Files {
		if a.Files[i].Name == name {
			return &a.Files[i]
		}
	}
	return nil
}

func policyOf(a *txtar.Archive) checks.Policy {
	var sources []checks.Source
	if f := part(a, "policy.yml"); f != nil {
		sources = append(sources, checks.Source{Repo: "acme/shop", Path: checks.PolicyPath, Text: string(f.Data)})
	}
	if f := part(a, "floor.yml"); f != nil {
		sources = append(sources, checks.Source{Repo: "acme/.github", Path: checks.FloorPath, Text: string(f.Data), Floor: true})
	}
	return config.Policy(sources, config.Defaults{})
}

func pullOf(t *testing.T, a *txtar.Archive) checks.Pull {
	t.Helper()
	f := part(a, "pull.json")
	if f == nil {
		t.Fatal("there is no pull.json")
	}
	var p checks.Pull
	d := json.NewDecoder(bytes.NewReader(f.Data))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		t.Fatal(err)
	}
	return p
}

// answerScans puts what a fixture says under the key "*" where the policy looks
// for it, whose keys change with what is watched by default; values likewise.
func answerScans(policy checks.Policy, pull *checks.Pull) {
	scan, any := pull.Scans["*"]
	delete(pull.Scans, "*")
	for _, s := range policy.Need().Scans {
		if any {
			pull.Scans[s.Key()] = scan
		}
	}
	values, any := pull.Values["*"]
	delete(pull.Values, "*")
	for _, v := range policy.Need().Values {
		if any {
			pull.Values[v.Key()] = values
		}
	}
}

// seen is what GitHub would show: the label, the runs, and the table.
func seen(t *testing.T, policy checks.Policy, pull checks.Pull) string {
	t.Helper()
	if w := policy.Wants(pull); !w.None() {
		t.Errorf("the snapshot lacks %+v", w)
	}
	v := checks.Judge(policy, pull)
	runs := checks.Render(v)
	var b strings.Builder
	fmt.Fprintf(&b, "%s; then:", v.State)
	for _, a := range checks.Plan(v, pull) {
		fmt.Fprintf(&b, " %s", strings.TrimSpace(string(a.Kind)+" "+strings.TrimPrefix(a.Run.Name, checks.RunPrefix)))
	}
	b.WriteString("\n\n")
	for _, r := range runs {
		fmt.Fprintf(&b, "%s (%s): %s\n", r.Name, strings.Trim(r.Status+" "+r.Conclusion, " "), r.Title)
		for _, a := range r.Annotations {
			fmt.Fprintf(&b, "    %s:%d %s: %s\n", a.Path, a.Start, a.Level, a.Message)
		}
	}
	b.WriteString("\n" + runs[0].Summary)
	for _, r := range runs[1:] {
		if _, notes, ok := strings.Cut(r.Summary, "\n\n"); ok {
			b.WriteString("\n" + r.Name + ":\n" + notes)
		}
	}
	return b.String()
}

// TestOldRecordsStillDecodeAndReplay holds the stored format: what was recorded
// by an early version must decode, and come to the same states for the same
// evidence. The words may have become better since.
func TestOldRecordsStillDecodeAndReplay(t *testing.T) {
	files, err := filepath.Glob("../fixtures/verdicts/records/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d records: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			Sources  []checks.Source `json:"sources"`
			Defaults config.Defaults `json:"defaults"`
			Pull     checks.Pull     `json:"pull"`
			Verdict  checks.Verdict  `json:"verdict"`
			Actions  []checks.Action `json:"actions"`
		}
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(r.Verdict.Results) == 0 || len(r.Actions) == 0 {
			t.Fatalf("%s holds no verdict", file)
		}
		again := checks.Judge(config.Policy(r.Sources, r.Defaults), r.Pull)
		if d := cmp.Diff(outline(r.Verdict), outline(again)); d != "" {
			t.Errorf("%s replays to something else (-recorded +again):\n%s", file, d)
		}
		stored, err := json.Marshal(r.Pull)
		if err != nil {
			t.Fatal(err)
		}
		var back checks.Pull
		if err := json.Unmarshal(stored, &back); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r.Pull, back); d != "" {
			t.Errorf("%s is not kept whole (-read +stored again):\n%s", file, d)
		}
	}
}

// outline is a verdict without its words.
func outline(v checks.Verdict) []string {
	out := []string{fmt.Sprint(v.State, v.Own, v.Observe, v.Invalid, v.Head, v.Number, v.At, v.Until)}
	var walk func([]checks.Result)
	walk = func(results []checks.Result) {
		for _, r := range results {
			out = append(out, fmt.Sprint(r.ID, " ", r.State, r.Unknown, r.Observed, r.Since, r.Until))
			for _, e := range r.Evidence {
				out = append(out, fmt.Sprint("  ", e.Kind, " ", e.ID, " ", e.Login, " ", e.Commit))
			}
			walk(r.Parts)
		}
	}
	walk(v.Results)
	return out
}
