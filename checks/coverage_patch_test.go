package checks

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPatchIsMetByItsShareOrByFewMissedLines(t *testing.T) {
	for _, c := range []struct {
		hit, partial, miss string
		min, tolerate      int
		state              State
		said               string
	}{
		{"1-8", "", "9-10", 8000, 0, Met, "80 % of the 10 added lines that can run are covered; 80 % needed."},
		{"1-7", "", "8-10", 8000, 0, Unmet, "70 % of the 10 added lines that can run are covered, 80 % needed: 1 more covered line."},
		{"1-7999", "", "8000-10001", 8000, 0, Unmet, "79.98 % of the 10001 added lines that can run are covered, 80 % needed: 2 more covered lines."},
		{"1-79999", "", "80000-100001", 8000, 0, Unmet, "79.99 % of the 100001 added lines that can run are covered, 80 % needed: 2 more covered lines."},
		{"1-2", "", "3", 9000, 1, Met, "66.66 % of the 3 added lines that can run are covered; 90 % needed, but up to 1 missed line may be left, and 1 is."},
		{"", "", "1-3", 9000, 3, Met, "0 % of the 3 added lines that can run are covered; 90 % needed, but up to 3 missed lines may be left, and 3 are."},
		{"", "", "1-4", 9000, 3, Unmet, "0 % of the 4 added lines that can run are covered, 90 % needed: 1 more covered line."},
		{"", "", "1", 8000, 0, Unmet, "0 % of the 1 added line that can run is covered, 80 % needed: 1 more covered line."},
		{"1", "", "", 10000, 0, Met, "100 % of the 1 added line that can run is covered; 100 % needed."},
		{"1-99999", "", "100000", 10000, 0, Unmet, "99.99 % of the 100000 added lines that can run are covered, 100 % needed: 1 more covered line."},
		{"1-4", "5-8", "9-10", 8000, 0, Met, "80 % of the 10 added lines"},
		{"", "", "", 8000, 0, Met, "None of the added lines is one that can run, as far as the reports know."},
		{"", "", "1-5", 0, 0, Met, "0 % of the 5 added lines that can run are covered; 0 % needed."},
	} {
		m := newMeasured()
		m.rules.Patch = PatchCoverage{Min: Percent(c.min), TolerateLines: c.tolerate}
		m.cov.Files = []FileCoverage{fileOf("src/a.go", c.hit, c.partial, c.miss)}
		wantCoverage(t, fmt.Sprintf("%s/%s/%s", c.hit, c.partial, c.miss), m.judged(t), c.state, c.said)
	}
	m := newMeasured()
	m.rules.Partial = PartialMiss
	m.cov.Files = []FileCoverage{fileOf("src/a.go", "1-7", "8-9", "10")}
	wantCoverage(t, "partial lines as missed", m.judged(t), Unmet, "70 % of the 10 added lines that can run are covered, 80 % needed: 1 more covered line.",
		"src/a.go: 1 added line is not covered (10).", "src/a.go: 2 added lines are covered in part only (8-9).")
}

func TestASourceFileInNoReportIsUnmeasured(t *testing.T) {
	out := func(path string, new bool) FileCoverage { return FileCoverage{Path: path, New: new, Added: 5} }
	for name, c := range map[string]struct {
		file  FileCoverage
		rules Unmeasured
		state State
		said  string
	}{
		"new":                        {out("src/b.go", true), Unmeasured{Blocks, Warns}, Unmet, "src/b.go is a new file and in no coverage report: have it measured, or list it under coverage.ignore."},
		"new, warned of":             {out("src/b.go", true), Unmeasured{Warns, Warns}, Met, "src/b.go is a new file and in no coverage report; that is a warning here."},
		"modified":                   {out("src/b.go", false), Unmeasured{Blocks, Warns}, Met, "src/b.go is a changed file and in no coverage report; that is a warning here."},
		"modified, blocked":          {out("src/b.go", false), Unmeasured{Warns, Blocks}, Unmet, "src/b.go is a changed file"},
		"settings left out":          {out("src/b.go", false), Unmeasured{}, Unmet, "src/b.go is a changed file"},
		"of another kind":            {out("src/b.py", true), Unmeasured{Blocks, Warns}, Unmet, "src/b.py is a new file"},
		"of a kind that is measured": {out("x/b.kind", true), Unmeasured{Blocks, Warns}, Unmet, "x/b.kind is a new file"},
		"nothing that runs":          {FileCoverage{Path: "src/b.go", New: true, Added: 5, Empty: true}, Unmeasured{Blocks, Blocks}, Met, "90 %"},
		"nothing added":              {FileCoverage{Path: "src/b.go", New: true}, Unmeasured{Blocks, Blocks}, Met, "90 %"},
		"no source":                  {out("data/b.json", true), Unmeasured{Blocks, Blocks}, Met, "90 %"},
		"a test":                     {out("src/b_test.go", true), Unmeasured{Blocks, Blocks}, Met, "90 %"},
		"a test's data":              {out("src/testdata/b.go", true), Unmeasured{Blocks, Blocks}, Met, "90 %"},
		"somebody else's":            {out("vendor/x/b.go", true), Unmeasured{Blocks, Blocks}, Met, "90 %"},
		"generated":                  {out("src/b.pb.go", true), Unmeasured{Blocks, Blocks}, Met, "90 %"},
	} {
		m := newMeasured()
		m.rules.Unmeasured = c.rules
		m.cov.Files = append(m.cov.Files, c.file, fileOf("x/a.kind", "", "", ""))
		wantCoverage(t, name, m.judged(t), c.state, c.said)
	}
	m := newMeasured()
	m.changed(File{Path: "src/a.go", Status: "modified", Additions: 10}, File{Path: "src/b.go", Status: "added", Additions: 3})
	m.cov.Files = append(m.cov.Files, out("src/b.go", false))
	wantCoverage(t, "new by the difference", m.judged(t), Unmet, "src/b.go is a new file")
}

func TestWhichFilesAreExpectedInAReport(t *testing.T) {
	for file, want := range map[string]bool{
		"a.go": true, "A.GO": true, "cmd/x/main.go": true, "src/App.vue": true, "lib/contest.rb": true, "src/Latest.java": true, "latest/a.py": true, "src/protest.ts": true, "Unit.kt": true, "src/AUDIT.java": true,
		"a_test.go": false, "src/a.test.ts": false, "a.spec.js": false, "test_a.py": false, "a_test.py": false, "conftest.py": false, "tests/helper.py": false, "src/__tests__/a.js": false,
		"src/test/java/Foo.java": false, "FooTest.java": false, "FooTests.cs": false, "FooIT.java": false, "spec/a_spec.rb": false, "spec/helper.rb": false, "cypress/a.ts": false,
		"vendor/a.go": false, "a/node_modules/b.js": false, "third_party/x.c": false, "api/x.pb.go": false, "x_pb2.py": false, "zz_generated.deepcopy.go": false, "x_gen.go": false, "app.min.js": false,
		"types.d.ts": false, "a.md": false, "a.json": false, "Makefile": false, "a.yaml": false, "go.mod": false, "a.sql": false, "": false,
	} {
		if got := expected(file, nil); got != want {
			t.Errorf("%q: %v", file, got)
		}
	}
	if !expected("x/a.SQL", []string{".sql"}) || expected("LICENSE", []string{""}) {
		t.Error("what a measured file ends in is not taken")
	}
}

func TestLinesThatAreNotKnownDoNotPass(t *testing.T) {
	for name, c := range map[string]struct {
		file  FileCoverage
		state State
	}{
		"measured":        {FileCoverage{Path: "gen.kind", Measured: true, Unplaced: "the difference is too large to be shown"}, Unmet},
		"source":          {FileCoverage{Path: "b.go", Unplaced: "the difference is too large to be shown"}, Unmet},
		"a measured test": {FileCoverage{Path: "b_test.go", Measured: true, Unplaced: "the difference is too large to be shown"}, Unmet},
		"no source":       {FileCoverage{Path: "data.json", Unplaced: "the difference is too large to be shown"}, Met},
		"a test":          {FileCoverage{Path: "b_test.go", Unplaced: "the difference is too large to be shown"}, Met},
	} {
		m := newMeasured()
		m.cov.Files = append(m.cov.Files, c.file)
		r := m.judged(t)
		wantCoverage(t, name, r, c.state)
		if p := part(r, "coverage/patch"); c.state == Unmet && (!p.Unknown || !strings.Contains(allText(p), "It is not known which lines are added in "+c.file.Path) || !strings.Contains(allText(p), "too large")) {
			t.Errorf("%s: %s", name, allText(p))
		}
	}
	m := newMeasured()
	m.cov.Files = nil
	wantCoverage(t, "a changed file that nothing is said of", m.judged(t), Unmet, "It is not known which lines are added in src/a.go")
	m.Files[0].Additions, m.Files[0].Status = 0, "removed"
	wantCoverage(t, "a removed one", m.judged(t), Met)
}

func TestTotalsWithoutLinesAreForTheProjectOnly(t *testing.T) {
	m := newMeasured().project(8000, -1)
	m.cov.Reports[0].SummaryOnly, m.cov.Reports[0].Files = true, 0
	m.cov.Files = []FileCoverage{{Path: "src/a.go", Added: 10}}
	r := m.judged(t)
	wantCoverage(t, "totals only", r, Unmet, "The reports hold totals only")
	if p := part(r, "coverage/project"); p.State != Met {
		t.Errorf("the project: %s", allText(p))
	}
	m = newMeasured()
	m.cov.Reports = append(m.cov.Reports, Report{Run: 1, Name: "web", SummaryOnly: true})
	wantCoverage(t, "beside others", m.judged(t), Met, "1 report holds totals only and says nothing of lines.")
}

func TestMissedLinesAreMarkedWhereTheirNumbersHold(t *testing.T) {
	m := newMeasured().changed(File{Path: "z.go", Status: "modified", Additions: 5})
	away := fileOf("src/b.go", "1", "", "2-3")
	away.AtHead = false
	m.cov.Files = []FileCoverage{fileOf("z.go", "", "9", "1-2,4"), away, {Path: "a.go", Measured: true, AtHead: true, Added: 2, Miss: Spans{{1, 1}, {2, 2}}}}
	r := m.judged(t)
	want := []Annotation{
		{Path: "a.go", Start: 1, End: 2, Level: "failure", Message: "Not covered by tests."},
		{Path: "z.go", Start: 1, End: 2, Level: "failure", Message: "Not covered by tests."},
		{Path: "z.go", Start: 4, End: 4, Level: "failure", Message: "Not covered by tests."},
		{Path: "z.go", Start: 9, End: 9, Level: "notice", Message: "Not every branch is taken."},
	}
	if got := part(r, "coverage/patch").Annotations; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
	wantCoverage(t, "all are named", r, Unmet, "src/b.go: 2 added lines are not covered (2-3).", "z.go: 3 added lines are not covered (1-2, 4).")
	m.rules.Patch.Min = 1000
	for _, a := range part(m.judged(t), "coverage/patch").Annotations {
		if a.Level == "failure" {
			t.Errorf("a failure though it is met: %v", a)
		}
	}
}

func TestAtMost200PlacesAreMarkedTheMissedOnesFirst(t *testing.T) {
	m := newMeasured()
	var partial, miss Spans
	for i := range 150 {
		partial, miss = append(partial, Span{4*i + 1, 4*i + 1}), append(miss, Span{4*i + 3, 4*i + 3})
	}
	m.cov.Files = []FileCoverage{{Path: "src/a.go", Measured: true, AtHead: true, Added: 300, Partial: partial, Miss: miss}}
	p := part(m.judged(t), "coverage/patch")
	missed := 0
	for _, a := range p.Annotations {
		if a.Level == "failure" {
			missed++
		}
	}
	if len(p.Annotations) != 200 || missed != 150 || !strings.Contains(allText(p), "100 more places are not marked in the files.") {
		t.Errorf("%d marked, %d of them missed: %s", len(p.Annotations), missed, allText(p))
	}
}

// exactly is the share by exact fractions.
func exactly(hit, all int64, min Percent) bool {
	if all <= 0 {
		return true
	}
	return big.NewRat(hit, all).Cmp(big.NewRat(int64(min), 10000)) >= 0
}

func TestLawSharesAreExactAndWhatIsShownNeverContradictsThem(t *testing.T) {
	rapid.Check(t, shareLaw)
}

func FuzzShares(f *testing.F) { f.Fuzz(rapid.MakeFuzz(shareLaw)) }

func shareLaw(t *rapid.T) {
	top := rapid.SampledFrom([]int64{1, 10, 10_001, 1_000_000, 1 << 40, 1<<63 - 1}).Draw(t, "top")
	all := rapid.Int64Range(1, top).Draw(t, "all")
	hit := rapid.Int64Range(0, all).Draw(t, "hit")
	min := Percent(rapid.IntRange(0, 10000).Draw(t, "min"))
	if rapid.Bool().Draw(t, "near") {
		need := new(big.Int).Mul(big.NewInt(all), big.NewInt(int64(min)))
		hit = clamp(need.Div(need, big.NewInt(10000)).Int64()+rapid.Int64Range(-1, 1).Draw(t, "off"), 0, all)
	}
	met := reaches(hit, all, min)
	if met != exactly(hit, all, min) {
		t.Fatalf("%d of %d reach %v: %v", hit, all, min, met)
	}
	shown := share(hit, all)
	if (shown >= min) != met {
		t.Fatalf("%d of %d show as %v, and reach %v: %v", hit, all, shown, min, met)
	}
	if (shown == whole) != (hit == all) {
		t.Fatalf("%d of %d show as %v", hit, all, shown)
	}
	n := shortBy(hit, all, min)
	if met != (n == 0) || n < 0 || hit+n > all || !reaches(hit+n, all, min) || n > 0 && reaches(hit+n-1, all, min) {
		t.Fatalf("%d of %d lack %d of %v", hit, all, n, min)
	}
}

func clamp(n, low, high int64) int64 { return max(low, min(n, high)) }

func TestLawAPatchIsMetIffItsShareOrItsMissesSaySo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMeasured()
		m.rules.Patch = PatchCoverage{Min: Percent(rapid.IntRange(0, 10000).Draw(rt, "min")), TolerateLines: rapid.IntRange(0, 5).Draw(rt, "tolerate")}
		hit, miss := rapid.IntRange(0, 300).Draw(rt, "hit"), rapid.IntRange(0, 40).Draw(rt, "miss")
		f := FileCoverage{Path: "src/a.go", Measured: true, AtHead: true, Added: hit + miss}
		if hit > 0 {
			f.Hit = Spans{{1, hit}}
		}
		if miss > 0 {
			f.Miss = Spans{{hit + 1, hit + miss}}
		}
		m.cov.Files = []FileCoverage{f}
		want := Unmet
		if miss <= m.rules.Patch.TolerateLines || exactly(int64(hit), int64(hit+miss), m.rules.Patch.Min) {
			want = Met
		}
		if r := m.judged(t); r.State != want {
			rt.Fatalf("%d hit, %d missed, %+v: %s", hit, miss, m.rules.Patch, allText(r))
		}
	})
}
