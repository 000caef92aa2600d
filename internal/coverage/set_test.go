package coverage

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func FuzzSet(f *testing.F) {
	for _, s := range []*Set{{}, fullSet(), {Summary: &checks.Totals{All: 9, Hit: 4, Partial: 1, Statements: true}}, syntheticSet(3, 20, 3)} {
		data, err := s.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decodeSet(data)
		if err != nil {
			if s != nil || !errors.Is(err, ErrSet) {
				t.Fatal(s, err)
			}
			return
		}
		again, err := s.encode()
		if err != nil {
			t.Fatal(err)
		}
		same, err := decodeSet(again)
		if d := cmp.Diff(s, same); d != "" || err != nil {
			t.Fatal(err, d)
		}
		if total := s.Totals(); total.Hit > total.All || total.Partial > total.Hit {
			t.Fatalf("%+v", total)
		}
		for i := range s.Files {
			s.Files[i].lines()
		}
	})
}

func fullSet() *Set {
	return &Set{Files: []SetFile{
		{Path: "a/b.go", Stretches: []Stretch{{1, 4, 3, true}, {4, 6, 1, false}, {6, 6, 2, true}}},
		{Path: "a/b.py", Runs: []Run{{2, 3, Hit}, {4, 4, Partial}, {9, 2_000_000, Miss}}},
		{Path: "a/both", Runs: []Run{{1, 9, Miss}}, Stretches: []Stretch{{2, 3, 7, true}}},
		{Path: "empty"},
		{Path: "ü"},
	}}
}

// syntheticSet is a report of so many lines a file, in runs of so many lines on
// average between blank lines, comments and declarations; some functions are not
// run, some branches not taken.
func syntheticSet(files, lines, runLength int) *Set {
	rnd := rand.New(rand.NewPCG(3, 4))
	s := &Set{}
	for i := range files {
		s.Files = append(s.Files, SetFile{Runs: syntheticRuns(rnd, lines, runLength), Path: fmt.Sprintf(
			"packages/%c%03d/src/%s/%s%02d.ts", 'a'+i/5000%26, i/50, []string{"api", "model", "view"}[i/10%3],
			[]string{"account", "basket", "client", "delivery", "entry"}[i%5], i%50)})
	}
	slices.SortFunc(s.Files, func(a, b SetFile) int { return strings.Compare(a.Path, b.Path) })
	return s
}

func syntheticRuns(rnd *rand.Rand, lines, length int) []Run {
	var runs []Run
	at, state := int32(12), Hit
	for lines > 0 {
		n := int32(1)
		for n < 20 && rnd.IntN(length) > 0 {
			n++
		}
		runs = append(runs, Run{at, at + n - 1, state})
		lines -= int(n)
		at += n + 1 + int32(rnd.IntN(3)/2)
		if rnd.IntN(6) == 0 {
			at += int32(rnd.IntN(6))
		}
		state = []State{Hit, Hit, Hit, Hit, Hit, state, Partial, Miss}[rnd.IntN(8)]
	}
	return normal(runs)
}

func TestSetIsReadAsItWasWritten(t *testing.T) {
	for _, s := range []*Set{{}, fullSet(), {Summary: &checks.Totals{All: 9, Hit: 4, Partial: 1, Statements: true}}, syntheticSet(50, 120, 5)} {
		data, err := s.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeSet(data)
		if err != nil {
			t.Fatal(err)
		}
		if got.Files == nil {
			got.Files = s.Files[:0]
		}
		if len(s.Files) == 0 {
			s.Files = got.Files
		}
		if d := cmp.Diff(s, got); d != "" {
			t.Fatal(d)
		}
	}
}

func TestSetThatIsDamagedIsRefused(t *testing.T) {
	data, err := fullSet().encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		if _, err := decodeSet(data[:i]); !errors.Is(err, ErrSet) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	for _, bad := range [][]byte{nil, {}, {1}, append([]byte{1}, data[1:]...), bytes.Repeat([]byte{2}, 99)} {
		if _, err := totalsOf(bad); !errors.Is(err, ErrSet) {
			t.Errorf("%x: %v", bad, err)
		}
	}
}

func TestTotalsCountLinesAndStatementsOfGo(t *testing.T) {
	got := fullSet().Totals()
	if want := (checks.Totals{All: 3 + 1_999_992 + 6 + 7, Hit: 3 + 5 + 7, Partial: 1, Statements: true}); got != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
}

// What lines tell costs what they tell: less than a byte for a run.
func TestSetOfFiveHundredFilesIsSmall(t *testing.T) {
	for _, c := range []struct{ lines, runLength, most int }{
		{80, 5, 10 << 10}, // as this project's own files are
		{120, 7, 10 << 10},
		{120, 5, 12 << 10},
		{120, 3, 16 << 10},
	} {
		s := syntheticSet(500, c.lines, c.runLength)
		size, runs := len(encoded(t, s)), 0
		for _, f := range s.Files {
			runs += len(f.Runs)
		}
		t.Logf("500 files, %d lines, %d runs: %d bytes", s.Totals().All, runs, size)
		if size > c.most || size > runs*9/8 {
			t.Errorf("%d bytes for %d runs", size, runs)
		}
	}
}

// Go's statements cost more, for each is told with where it begins and ends.
func TestSetOfThisModuleIsSmall(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text := goShard(t, root, filepath.Join(t.TempDir(), "c.out"), "set", "./config")
	r, err := Parse("", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	s, blocks := &Set{}, 0
	for _, f := range r.Files {
		s.Files = append(s.Files, union(f.Path, []*File{&f}))
		blocks += len(f.Blocks)
	}
	size := len(encoded(t, s))
	t.Logf("%d files, %d statements, %d blocks: %d bytes", len(s.Files), s.Totals().All, blocks, size)
	if size > blocks*5/4 {
		t.Errorf("%d bytes for %d blocks", size, blocks)
	}
}
