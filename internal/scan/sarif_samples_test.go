package scan

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// sarifSamples holds reports as tools wrote them; each has beside it, in .want,
// what its tool says of the same sources in another way. Its README.md says how
// both were made.
const sarifSamples = "../../fixtures/sarif"

// sampleSources are the directories of src/ that the tools looked at.
var sampleSources = map[string]string{
	"staticcheck": "go", "gosec": "go", "revive": "go", "golangci-lint": "go", "eslint": "js", "biome": "js", "stylelint": "css",
	"clang": "c", "clang-analyzer": "c", "spectral": "api", "tflint": "tf",
	"flawfinder": "c", "gitleaks": "cards",
}

func TestWhatScannersWroteIsReadAsTheySayIt(t *testing.T) {
	for sample, dir := range sampleSources {
		t.Run(sample, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(sarifSamples, sample+".sarif"))
			if err != nil {
				t.Fatal(err)
			}
			account, err := os.ReadFile(filepath.Join(sarifSamples, sample+".sarif.want"))
			if err != nil {
				t.Fatal(err)
			}
			all, got := reported(t, treeUnder(t, filepath.Join(sarifSamples, "src", dir)), checks.ReportSource{Name: sample + ".sarif", Data: text})
			if failed := slices.ContainsFunc(got.Tools, func(r checks.ToolRun) bool { return r.Failed != "" || r.Version == "" && versioned(text) }); failed ||
				got.Unresolved > 0 || got.Skipped > 0 || len(got.Tools) == 0 {
				t.Errorf("%+v", got)
			}
			want := strings.Split(strings.TrimSpace(string(account)), "\n")
			slices.Sort(want)
			if d := cmp.Diff(want, spoken(all, want[0])); d != "" {
				t.Errorf("-tool's account +read: %s", d)
			}
		})
	}
	reports, err := filepath.Glob(filepath.Join(sarifSamples, "*.sarif"))
	if err != nil || len(reports) != len(sampleSources) {
		t.Errorf("%d samples of %d are read: %v", len(sampleSources), len(reports), err)
	}
}

// versioned says whether a report names a version of its tool, in a way that
// does not read it.
func versioned(text []byte) bool {
	return strings.Contains(string(text), `emanticVersion"`) || strings.Count(string(text), `"version"`) > 1
}

// spoken is findings in the form of an account; like is a line of it, which says
// what the tool says of none.
func spoken(all []entry, like string) []string {
	fields := strings.Fields(like)
	var out []string
	for _, e := range all {
		level, rule := e.level, strings.ReplaceAll(e.rule, " ", "")
		if fields[1] == "-" {
			level = "-"
		}
		if fields[2] == "-" {
			rule = "-"
		}
		out = append(out, fmt.Sprintf("%d %s %s %s", e.line, level, rule, e.path))
	}
	slices.Sort(out)
	return out
}

// treeUnder is the files of a directory.
func treeUnder(t *testing.T, dir string) checks.Tree {
	t.Helper()
	tree := checks.Tree{Files: map[string]string{}}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			tree.Files[path] = "blob"
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// reported is what becomes of reports: the findings that are kept, and what is
// said of them.
func reported(t testing.TB, tree checks.Tree, sources ...checks.ReportSource) ([]entry, checks.Findings) {
	t.Helper()
	r := NewReports()
	for _, s := range sources {
		if err := r.Add(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	set, got, err := r.Done(tree)
	if err != nil {
		t.Fatal(err)
	}
	all, err := decodeFindings(set)
	if err != nil {
		t.Fatal(err)
	}
	return all, got
}
