package coverage

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/report"
)

// FuzzMergeOrder: neither the order of reports nor a doubled one changes what is
// known. The text is reports, with a line of "---" between each.
func FuzzMergeOrder(f *testing.F) {
	for i, s := range []string{
		oneLCOV + "---\n" + oneGo + "---\nSF:src/a.ts\nDA:2,1\nBRDA:2,0,0,0\n",
		"mode: set\nm/a.go:1.1,2.2 1 1\n---\nmode: set\nm/a.go:1.1,2.2 3 0\nx/b.go:1.1,2.2 1 0\n",
		"SF:/w/src/a.ts\nDA:1,1\n---\nSF:/w/lib/a.ts\nDA:3,0\n---\nSF:a.ts\nDA:4,1\n---\nhello",
		"SF:\n---\nSF:a\nDA:1\n---\nTN:",
	} {
		f.Add([]byte(s), uint64(i))
	}
	tree := checks.Tree{Files: map[string]string{"src/a.ts": "", "lib/a.ts": "", "a.go": "", "x/b.go": "", "src/c/d.ts": ""}}
	f.Fuzz(func(t *testing.T, text []byte, seed uint64) {
		var sources []checks.ReportSource
		for i, part := range bytes.Split(text, []byte("---\n")) {
			sources = append(sources, checks.ReportSource{Run: int64(i % 3), Name: "r", Data: part})
		}
		set, got := mergedOf(t, checks.Selection{}, tree, sources...)
		rnd := rand.New(rand.NewPCG(seed, 1))
		sources = append(sources, sources[rnd.IntN(len(sources))])
		rnd.Shuffle(len(sources), func(i, j int) { sources[i], sources[j] = sources[j], sources[i] })
		set2, got2 := mergedOf(t, checks.Selection{}, tree, sources...)
		if d := cmp.Diff(got, got2); d != "" || !bytes.Equal(set, set2) {
			t.Fatalf("%s\n%x\n%x", d, set, set2)
		}
	})
}

func mergedOf(t *testing.T, sel checks.Selection, tree checks.Tree, sources ...checks.ReportSource) ([]byte, checks.Coverage) {
	t.Helper()
	m := NewMerge(sel)
	for _, s := range sources {
		if err := m.Add(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	set, got, err := m.Done(tree)
	if err != nil {
		t.Fatal(err)
	}
	return set, got
}

func sent(text string) checks.ReportSource {
	return checks.ReportSource{Run: 1, Name: "sent", Data: []byte(text)}
}

func treeOf(paths ...string) checks.Tree {
	tree := checks.Tree{Files: map[string]string{}}
	for _, p := range paths {
		tree.Files[p] = "blob"
	}
	return tree
}

func TestReportsOfOneFileBecomeOne(t *testing.T) {
	tree := treeOf("src/a.ts", "src/b.ts", "gen/c.ts", "pkg/d.go")
	set, got := mergedOf(t, checks.Selection{Ignore: []checks.Glob{"gen/**", "build/**"}}, tree,
		sent("SF:src/a.ts\nDA:1,1\nDA:2,0\nDA:3,0\nSF:gen/c.ts\nDA:1,0\nSF:build/x.ts\nDA:1,0\nSF:none.ts\nDA:1,0\n"),
		checks.ReportSource{Run: 2, Artifact: 3, Name: "coverage", Archive: true, Data: zipOf(t,
			"lcov.info", "SF:/ci/work/src/a.ts\nDA:2,4\nBRDA:2,0,0,0\nDA:5,1\nSF:/ci/work/src/b.ts\nDA:1,1\n",
			"c.out", "mode: set\nexample.com/m/pkg/d.go:1.1,3.2 2 1\nexample.com/m/pkg/d.go:3.2,4.2 5 0\n")},
	)
	want := checks.Coverage{
		Gathering: checks.Gathering{
			Reports: []checks.Report{
				{Run: 1, Name: "sent", Format: lcovFormat, Files: 4},
				{Run: 2, Artifact: 3, Name: "coverage", File: "c.out", Format: goFormat, Files: 1},
				{Run: 2, Artifact: 3, Name: "coverage", File: "lcov.info", Format: lcovFormat, Files: 2},
			},
			Resolved: 3, Unresolved: 1, Odd: []string{"none.ts: no such file in the repository"},
		},
		Total: checks.Totals{All: 4 + 1 + 7, Hit: 3 + 1 + 2, Partial: 1, Statements: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
	s, err := decodeSet(set)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]SetFile{
		{Path: "pkg/d.go", Stretches: []Stretch{{1, 3, 2, true}, {3, 4, 5, false}}},
		{Path: "src/a.ts", Runs: []Run{{1, 1, Hit}, {2, 2, Partial}, {3, 3, Miss}, {5, 5, Hit}}},
		{Path: "src/b.ts", Runs: []Run{{1, 1, Hit}}},
	}, s.Files); d != "" {
		t.Fatal(d)
	}
	total, err := totalsOf(set)
	if err != nil || total != got.Total {
		t.Fatal(total, err)
	}
}

func TestFileThatIsNoReportIsAProblem(t *testing.T) {
	for text, want := range map[string]string{
		"hello":                         "it is no coverage report that handrail understands",
		"SF:a\nDA:1\n":                  "LCOV, line 2: DA:1 has no count",
		strings.Repeat(" ", maxEntry+9): "it is no coverage report that handrail understands",
		strings.Repeat("TN:"+strings.Repeat("x", 1020)+"\n", maxEntry>>10+1): "it is larger than 64 MiB",
	} {
		_, got := mergedOf(t, checks.Selection{}, treeOf("a"), sent(text))
		if len(got.Reports) != 1 || got.Reports[0].Problem != want {
			t.Errorf("%.20q: %+v, want %s", text, got.Reports, want)
		}
	}
}

func TestSummaryCountsOnlyWhereNoReportHasLines(t *testing.T) {
	summary := func() *Report {
		return &Report{Format: "X", Files: []File{{Path: "a.c"}}, Summary: &checks.Totals{All: 10, Hit: 4}}
	}
	m := NewMerge(checks.Selection{})
	m.note(checks.Report{Name: "s"}, summary(), nil)
	set, got, err := m.Done(treeOf("a.c"))
	if err != nil {
		t.Fatal(err)
	}
	want := checks.Coverage{Gathering: checks.Gathering{Reports: []checks.Report{{Name: "s", Format: "X", SummaryOnly: true}}}, Total: checks.Totals{All: 10, Hit: 4}}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
	if total, err := totalsOf(set); err != nil || total != want.Total {
		t.Fatal(total, err)
	}
	if files, err := Changed(set, []checks.File{{Path: "a.c", LinesKnown: true, Added: checks.Spans{{Start: 1, End: 1}}}}, checks.Selection{}); err != nil || files[0].Measured {
		t.Fatal(files, err)
	}
	m.note(checks.Report{Name: "l"}, &Report{Format: "Y", Files: []File{{Path: "a.c", Runs: []Run{{1, 2, Hit}}}}}, nil)
	if _, got, _ = m.Done(treeOf("a.c")); got.Total != (checks.Totals{All: 2, Hit: 2}) {
		t.Fatalf("%+v", got.Total)
	}
}

func TestReportsThatHoldTooMuchTogetherAreAProblem(t *testing.T) {
	m := NewMerge(checks.Selection{})
	m.runs = 8 + 3
	if err := m.Add(t.Context(), sent("SF:a\nDA:1,1\nDA:3,1\nDA:5,1\n")); err != nil {
		t.Fatal(err)
	}
	if err := m.Add(t.Context(), sent("SF:a\nDA:9,1\n")); err != nil {
		t.Fatal(err)
	}
	problems := 0
	for _, n := range report.Ordered(m.notes) {
		if n.Problem == "the reports hold more than 16000000 stretches of lines together" {
			problems++
		}
	}
	if problems != 1 {
		t.Fatalf("%+v", report.Ordered(m.notes))
	}
}

func TestNoFilesInTheRepositoryIsSaid(t *testing.T) {
	_, got := mergedOf(t, checks.Selection{}, checks.Tree{Cut: true}, sent(oneLCOV))
	if got.Unplaced == "" || got.Unresolved != 1 {
		t.Fatalf("%+v", got)
	}
}

func BenchmarkDone(b *testing.B) {
	m, tree := NewMerge(checks.Selection{}), checks.Tree{Files: map[string]string{}}
	r := &Report{Format: "X"}
	for i := range 100_000 {
		path := fmt.Sprintf("packages/p%d/src/part%d/index.ts", i%500, i)
		tree.Files[path] = "1"
		r.Files = append(r.Files, File{Path: "/home/runner/work/r/r/" + path, Runs: []Run{{1, 9, Hit}, {10, 20, Miss}}})
	}
	m.note(checks.Report{}, r, nil)
	for b.Loop() {
		if _, got, err := m.Done(tree); err != nil || got.Resolved != 100_000 {
			b.Fatal(got.Resolved, err)
		}
	}
}

func totalsOf(set []byte) (checks.Totals, error) {
	s, err := decodeSet(set)
	if err != nil {
		return checks.Totals{}, err
	}
	return s.Totals(), nil
}
