package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

// Each .txtar holds pairs: NAME.yml, a policy, and NAME.out, what is said of it.
func TestMistakesAreNamedWithPlaceAndWhatWasMeant(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no mistakes to try: %v", err)
	}
	for _, file := range archives {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(archive.Files); i += 2 {
			in, want := archive.Files[i], archive.Files[i+1]
			name := strings.TrimSuffix(in.Name, ".yml")
			if want.Name != name+".out" {
				t.Fatalf("%s: %s is followed by %s", file, in.Name, want.Name)
			}
			t.Run(name, func(t *testing.T) {
				if d := cmp.Diff(string(want.Data), said(string(in.Data))); d != "" {
					t.Errorf("%s", d)
				}
			})
		}
	}
}

func said(text string) string {
	var b strings.Builder
	for _, q := range config.Check("handrail.yml", unescape(text)) {
		b.WriteString(q.String() + "\n")
	}
	return b.String()
}

// unescape lets a fixture show bytes that an editor would lose.
func unescape(s string) string {
	return strings.NewReplacer("<TAB>", "\t", "<BELL>", "\a", "<BAD>", "\xff", "<BOM>", "\ufeff", "<RLO>", "\u202e").Replace(s)
}

func TestTheExamplesAreValid(t *testing.T) {
	files, err := filepath.Glob("examples/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatalf("examples: %v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range config.Check(file, string(text)) {
			t.Error(config.Render(q, string(text)))
		}
	}
}

// TestEverySectionOfTheLanguageIsTaken in the forms in which it was agreed upon.
func TestEverySectionOfTheLanguageIsTaken(t *testing.T) {
	text, err := os.ReadFile("testdata/agreed.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range config.Check("handrail.yml", string(text)) {
		t.Error(config.Render(q, string(text)))
	}
}

func TestEveryCheckCanBeNamedInAPolicy(t *testing.T) {
	// Controls that ask for nothing unless the policy says what.
	needed := map[string]string{"compliance/limits": "[{name: Memory, files: ['**'], key: '**.memory', over: 1Gi, role: security}]", "compliance/paths": "[{name: Production, files: ['deploy/**'], role: security}]",
		"compliance/freeze": "[{name: Weekend, from: fri 16:00Z, until: mon 08:00Z, reason: Nobody is there}]", "compliance/branch_name": "{pattern: '^(feature|fix)/'}"}
	for _, e := range checks.All {
		section, control, deep := strings.Cut(e.Name, "/")
		text := "version: 1\nroles: {security: {team: acme/infosec}}\n" + section + ":\n"
		if deep {
			value := "true"
			if v := needed[e.Name]; v != "" {
				value = v
			}
			text += "  " + control + ": " + value + "\n"
		}
		p := config.Policy([]checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: text}}, config.Defaults{})
		if p.Invalid() {
			t.Errorf("%s: %v", e.Name, p.Problems)
		}
		found := false
		for _, s := range p.Sections {
			for _, c := range s.Checks {
				found = found || s.Name == section && c.Eval(checks.Pull{}).ID == e.Name
			}
		}
		if !found {
			t.Errorf("%s is in the table of checks and does not come out of a policy that names it", e.Name)
		}
	}
}

func TestAPolicyTooLargeIsNotRead(t *testing.T) {
	text := "version: 1\n" + strings.Repeat("# padding\n", 30000)
	q := config.Check("handrail.yml", text)
	if len(q) != 1 || q[0].String() != "handrail.yml: The policy has 300011 bytes; at most 262144 are read." {
		t.Errorf("got %v", q)
	}
}

func TestTheListOfMistakesEnds(t *testing.T) {
	q := config.Check("handrail.yml", "version: 1\nstatus:\n"+strings.Repeat("  nonsense: [a]\n", 5000))
	if len(q) != 51 || q[50].Message != "There are 4950 more mistakes." {
		t.Errorf("%d problems, the last %v", len(q), q[len(q)-1])
	}
}

func TestAProblemIsShownUnderItsPlace(t *testing.T) {
	text := "version: 1\nstatus:\n  requires: [build]\n"
	q := config.Check("handrail.yml", text)
	if len(q) != 1 {
		t.Fatalf("got %v", q)
	}
	want := "handrail.yml:3:3: Unknown key \"requires\". Did you mean \"require\"?\n  3 |   requires: [build]\n    |   ^\n"
	if got := config.Render(q[0], text); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func FuzzNoTextBreaksTheReader(f *testing.F) {
	archives, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range archives {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, a := range archive.Files {
			if strings.HasSuffix(a.Name, ".yml") {
				f.Add(unescape(string(a.Data)))
			}
		}
	}
	example, err := os.ReadFile("examples/full.yml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	f.Fuzz(func(t *testing.T, text string) {
		p := config.Policy([]checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: text}}, config.Defaults{})
		invalid := false
		for _, q := range config.Check("handrail.yml", text) {
			invalid = invalid || !q.Warning
			if strings.ContainsAny(q.String(), "\n\x00\x1b") {
				t.Errorf("a problem is more than one line: %q", q)
			}
			config.Render(q, text)
		}
		if invalid != p.Invalid() {
			t.Errorf("the check says invalid is %v, the policy %v", invalid, p.Invalid())
		}
		if v := checks.Judge(p, checks.Pull{Open: true}); invalid && v.State.Passes() {
			t.Error("an invalid policy passes")
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("examples/full.yml")
	if err != nil {
		b.Fatal(err)
	}
	sources := []checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: string(text)}}
	b.ReportAllocs()
	for b.Loop() {
		if config.Policy(sources, config.Defaults{}).Invalid() {
			b.Fatal("the example is invalid")
		}
	}
}
