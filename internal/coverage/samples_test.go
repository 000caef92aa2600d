package coverage

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// samples holds reports as tools wrote them; each has beside it, in .want, what
// its tool tells people of the same run. Its README.md says how both were made.
const samples = "../../fixtures/coverage"

func TestWhatToolsWroteIsReadAsTheyReportIt(t *testing.T) {
	formats := map[string]string{} // directories by format
	for _, path := range sampleFiles(t) {
		dir := filepath.Base(filepath.Dir(path))
		t.Run(dir+"/"+filepath.Base(path), func(t *testing.T) {
			format := readSample(t, path)
			if first, ok := formats[format]; ok && first != dir {
				t.Errorf("taken for %s, as the samples of %s are", format, first)
			}
			formats[format] = dir
		})
	}
	if len(formats) != 10 {
		t.Errorf("samples of %d formats, want 10: %v", len(formats), formats)
	}
}

// sampleFiles are the reports that have an account beside them.
func sampleFiles(t *testing.T) []string {
	accounts, err := filepath.Glob(filepath.Join(samples, "*", "*.want"))
	if err != nil || len(accounts) == 0 {
		t.Fatalf("no samples in %s: %v", samples, err)
	}
	for i, account := range accounts {
		accounts[i] = strings.TrimSuffix(account, ".want")
	}
	return accounts
}

// readSample holds a report to its account, and gives its format.
func readSample(t *testing.T, path string) string {
	want, err := os.ReadFile(path + ".want")
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r, err := Parse(filepath.Base(path), in)
	if err != nil {
		t.Fatal(err)
	}
	if read, want := tell(r), spellOut(t, string(want)); read != want {
		t.Errorf("read\n%s\nthe tool says\n%s", read, want)
	}
	return r.Format
}

// tell says what a report was read as, in the form of a spelt out account.
func tell(r *Report) string {
	var out []string
	set := Set{Summary: r.Summary}
	for _, read := range r.Files {
		f := SetFile{Path: read.Path, Runs: read.Runs, Stretches: stretches(read.Blocks)}
		set.Files = append(set.Files, f)
		lines := map[State][]int32{}
		for _, run := range f.lines() {
			for n := run.Start; n <= run.End; n++ {
				lines[run.State] = append(lines[run.State], n)
			}
		}
		if len(lines) > 0 {
			out = append(out, row(f.Path, lines[Hit], lines[Miss], lines[Partial]))
		}
	}
	switch t := set.Totals(); {
	case t.Statements:
		out = append(out, fmt.Sprintf("total: %.1f%% statements", 100*float64(t.Hit)/float64(t.All)))
	case r.Summary != nil:
		out = append(out, fmt.Sprintf("total: %d/%d lines", t.Hit, t.All))
	}
	return strings.Join(out, "\n")
}

func row(path string, hit, miss, partial []int32) string {
	return fmt.Sprintf("%s: hit=%v miss=%v partial=%v", path, hit, miss, partial)
}

// spellOut is an account with each line's number: 1-3 becomes 1 2 3.
func spellOut(t *testing.T, want string) string {
	var out []string
	for _, said := range strings.Split(strings.TrimSpace(want), "\n") {
		path, states, _ := strings.Cut(said, ": ")
		if path == "total" {
			out = append(out, said)
			continue
		}
		lines := map[string][]int32{}
		for _, state := range strings.Fields(states) {
			name, numbers, _ := strings.Cut(state, "=")
			lines[name] = spellNumbers(t, numbers)
		}
		out = append(out, row(path, lines["hit"], lines["miss"], lines["partial"]))
	}
	return strings.Join(out, "\n")
}

func spellNumbers(t *testing.T, text string) (numbers []int32) {
	for _, part := range strings.Split(text, ",") {
		first, last, ok := strings.Cut(part, "-")
		if !ok {
			last = first
		}
		from, err := strconv.Atoi(first)
		if err != nil {
			t.Fatal(err)
		}
		to, err := strconv.Atoi(last)
		if err != nil {
			t.Fatal(err)
		}
		for n := from; n <= to; n++ {
			numbers = append(numbers, int32(n))
		}
	}
	return numbers
}
