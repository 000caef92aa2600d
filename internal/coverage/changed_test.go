package coverage

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func encoded(t testing.TB, s *Set) []byte {
	t.Helper()
	data, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func spans(t testing.TB, text string) checks.Spans {
	t.Helper()
	var s checks.Spans
	if err := s.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestChangedLinesAreSaidAsTheReportsHaveThem(t *testing.T) {
	set := encoded(t, &Set{Files: []SetFile{
		{Path: "a.go", Stretches: []Stretch{{3, 5, 2, true}, {5, 7, 1, false}}},
		{Path: "a.ts", Runs: []Run{{1, 5, Hit}, {6, 6, Partial}, {7, 9, Miss}, {20, 30, Hit}}},
		{Path: "gen/x.ts", Runs: []Run{{1, 5, Miss}}},
		{Path: "new.ts", Runs: []Run{{2, 3, Hit}, {9, 99, Miss}}},
		{Path: "none.ts"},
	}})
	files := []checks.File{
		{Path: "a.ts", Status: "modified", LinesKnown: true, Added: spans(t, "1-2,4,6-7,15-16,29-40")},
		{Path: "a.go", Status: "renamed", Previous: "b.go", LinesKnown: true, Added: spans(t, "1-6")},
		{Path: "new.ts", Status: "added", Additions: 10},
		{Path: "none.ts", Status: "modified", LinesKnown: true, Added: spans(t, "1")},
		{Path: "fresh.ts", Status: "added", LinesKnown: true, Additions: 3, Added: spans(t, "1-3")},
		{Path: "copy.ts", Status: "copied", LinesKnown: true},
		{Path: "large.ts", Status: "modified", Additions: 9000},
		{Path: "logo.png", Status: "added"},
		{Path: "gen/x.ts", Status: "modified", LinesKnown: true, Added: spans(t, "1")},
		{Path: "gone.ts", Status: "removed", LinesKnown: true, Removed: spans(t, "1")},
	}
	got, err := Changed(set, files, checks.Selection{Ignore: []checks.Glob{"gen/**"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []checks.FileCoverage{
		{Path: "a.ts", Measured: true, Added: 19, Hit: spans(t, "1-2,4,29-30"), Partial: spans(t, "6"), Miss: spans(t, "7")},
		{Path: "a.go", Measured: true, Added: 6, Hit: spans(t, "3-4"), Partial: spans(t, "5"), Miss: spans(t, "6")},
		{Path: "new.ts", New: true, Measured: true, Added: 10, Hit: spans(t, "2-3"), Miss: spans(t, "9-10")},
		{Path: "none.ts", Measured: true, Added: 1},
		{Path: "fresh.ts", New: true, Added: 3},
		{Path: "copy.ts", New: true},
		{Path: "large.ts", Unplaced: unshown, Added: 9000},
		{Path: "logo.png", New: true, Unplaced: unshown},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
	if _, err := Changed([]byte("x"), files, checks.Selection{}); !errors.Is(err, ErrSet) {
		t.Fatal(err)
	}
}

func TestRemovedLinesAreCountedAtTheirOldPlace(t *testing.T) {
	set := encoded(t, &Set{Files: []SetFile{
		{Path: "a.go", Stretches: []Stretch{{3, 5, 2, true}, {5, 7, 1, false}, {7, 9, 4, true}}},
		{Path: "a.ts", Runs: []Run{{1, 5, Hit}, {6, 6, Partial}, {7, 9, Miss}}},
		{Path: "b.ts", Runs: []Run{{1, 4, Hit}}},
		{Path: "c.ts", Runs: []Run{{1, 1, Hit}, {2, 9, Miss}}},
	}})
	for name, c := range map[string]struct {
		file checks.File
		want checks.Totals
	}{
		"lines":            {checks.File{Path: "a.ts", Status: "modified", Removed: spans(t, "5-7,11")}, checks.Totals{All: 3, Hit: 2, Partial: 1}},
		"statements":       {checks.File{Path: "a.go", Status: "modified", Removed: spans(t, "4-6,7")}, checks.Totals{All: 5, Hit: 4, Statements: true}},
		"the end of one":   {checks.File{Path: "a.go", Status: "modified", Removed: spans(t, "4")}, checks.Totals{Statements: true}},
		"a renamed file's": {checks.File{Path: "z.ts", Previous: "b.ts", Status: "renamed", Removed: spans(t, "1")}, checks.Totals{All: 1, Hit: 1}},
		"a copied file's":  {checks.File{Path: "z.ts", Previous: "b.ts", Status: "copied", Removed: spans(t, "1")}, checks.Totals{}},
		"a removed file":   {checks.File{Path: "c.ts", Status: "removed"}, checks.Totals{All: 9, Hit: 1}},
		"nothing":          {checks.File{Path: "c.ts", Status: "modified"}, checks.Totals{}},
		"an unknown file":  {checks.File{Path: "y.ts", Status: "removed", Removed: spans(t, "1")}, checks.Totals{}},
	} {
		got, err := Removed(set, []checks.File{c.file})
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, c.want)
		}
	}
	if _, err := Removed(nil, nil); !errors.Is(err, ErrSet) {
		t.Fatal(err)
	}
}

// BenchmarkChanged relates 3,000 changed files to a set of 100,000.
func BenchmarkChanged(b *testing.B) {
	s := syntheticSet(100_000, 120, 5)
	set := encoded(b, s)
	var files []checks.File
	for i := range 3000 {
		f := checks.File{Path: s.Files[i*33].Path, Status: "modified", LinesKnown: true}
		for n := range 10 {
			f.Added = append(f.Added, checks.Span{Start: 20*n + 1, End: 20*n + 7})
		}
		files = append(files, f)
	}
	b.ReportMetric(float64(len(set)), "set-bytes")
	for b.Loop() {
		out, err := Changed(set, files, checks.Selection{})
		if err != nil || len(out) != 3000 || !out[2999].Measured {
			b.Fatal(err)
		}
	}
}
