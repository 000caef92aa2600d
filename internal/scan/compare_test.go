package scan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// finds is a set of findings, each written "path:line rule what"; what is the
// text of its line, or, after "!", only the words of its message.
func finds(t testing.TB, said ...string) []byte {
	t.Helper()
	var all []entry
	for _, s := range said {
		place, rest, _ := strings.Cut(s, " ")
		rule, what, _ := strings.Cut(rest, " ")
		e := entry{tool: "X", rule: rule, text: "m", level: "warning", known: true}
		e.path, _, _ = strings.Cut(place, ":")
		e.path, e.known = strings.TrimSuffix(e.path, "?"), e.path != "" && !strings.HasSuffix(e.path, "?")
		if _, err := fmt.Sscanf(place[strings.Index(place, ":"):], ":%d-%d", &e.line, &e.end); err != nil {
			e.end = e.line
		}
		e.print = imprint{byText, seal(nil).of(what)}
		if words, ok := strings.CutPrefix(what, "!"); ok {
			e.print = imprint{byWords, seal(nil).of(words)}
		}
		all = append(all, e)
	}
	set, err := encodeFindings(distinct(all))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// newOf are the places of the findings that are new.
func newOf(t testing.TB, head []byte, base *Base, changed ...checks.File) []string {
	t.Helper()
	got, err := Compare(head, base, changed)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range got.New {
		out = append(out, fmt.Sprintf("%s:%d", f.Path, f.Line))
	}
	slices.Sort(out)
	return out
}

func lines(text string) checks.Spans {
	var s checks.Spans
	if err := s.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return s
}

func changedFile(path, removed, added string) checks.File {
	return checks.File{Path: path, Status: "modified", LinesKnown: true, Removed: lines(removed), Added: lines(added)}
}

func TestAFindingIsKnownAgainWhereverItMoves(t *testing.T) {
	renamed := func(from, to, removed, added string) checks.File {
		f := changedFile(to, removed, added)
		f.Previous, f.Status = from, "renamed"
		return f
	}
	copied := func(from, to string) checks.File {
		return checks.File{Path: to, Previous: from, Status: "copied", LinesKnown: true}
	}
	added := func(path, lines_ string) checks.File {
		f := changedFile(path, "", lines_)
		f.Status = "added"
		return f
	}
	unknown := checks.File{Path: "a", Status: "modified", Additions: 9, Deletions: 9}
	list := func(s ...string) []string { return s }
	for name, c := range map[string]struct {
		base, head []string
		files      []checks.File
		cut        bool
		want       []string
	}{
		"the same":                              {base: list("a:3 r x", "b:1 r y"), head: list("a:3 r x", "b:1 r y")},
		"one more":                              {base: list("a:3 r x"), head: list("a:3 r x", "a:9 r y"), want: list("a:9")},
		"another rule":                          {base: list("a:3 r x"), head: list("a:3 s x"), want: list("a:3")},
		"another file":                          {base: list("a:3 r x"), head: list("b:3 r x"), want: list("b:3")},
		"lines before it are added":             {base: list("a:3 r x"), head: list("a:5 r x"), files: []checks.File{changedFile("a", "", "1-2")}},
		"lines before it, only words":           {base: list("a:3 r !x"), head: list("a:5 r !x"), files: []checks.File{changedFile("a", "", "1-2")}},
		"lines before it go":                    {base: list("a:9 r !x"), head: list("a:4 r !x"), files: []checks.File{changedFile("a", "2-6", "")}},
		"lines around it change":                {base: list("a:5 r !x"), head: list("a:7 r !x"), files: []checks.File{changedFile("a", "1,4,6", "1-3,6,8")}},
		"the line is moved":                     {base: list("a:3 r x"), head: list("a:9 r x"), files: []checks.File{changedFile("a", "3", "9")}},
		"the line is moved, only words":         {base: list("a:3 r !x"), head: list("a:9 r !x"), files: []checks.File{changedFile("a", "3", "9")}, want: list("a:9")},
		"the line changes":                      {base: list("a:3 r x"), head: list("a:3 r y"), files: []checks.File{changedFile("a", "3", "3")}, want: list("a:3")},
		"the line changes, only words":          {base: list("a:3 r !x"), head: list("a:3 r !x"), files: []checks.File{changedFile("a", "3", "3")}, want: list("a:3")},
		"what follows it is hashed too":         {base: list("a:3 r x"), head: list("a:3 r y"), files: []checks.File{changedFile("a", "4", "4")}},
		"other words at the same line":          {base: list("a:3 r !x"), head: list("a:3 r !y"), want: list("a:3")},
		"a second one like it":                  {base: list("a:3 r x"), head: list("a:3 r x", "a:7 r x"), files: []checks.File{changedFile("a", "", "7")}, want: list("a:7")},
		"a second one like it, before":          {base: list("a:3 r x"), head: list("a:1 r x", "a:4 r x"), files: []checks.File{changedFile("a", "", "1")}, want: list("a:1")},
		"moved, and a second one far away":      {base: list("a:30 r x"), head: list("a:1 r x", "a:32 r x"), files: []checks.File{changedFile("a", "30", "1,32")}, want: list("a:1")},
		"a fixed one makes no room for another": {base: list("a:3 r x", "a:9 r y"), head: list("a:9 r y", "a:12 r z"), files: []checks.File{changedFile("a", "3", "12")}, want: list("a:12")},
		"renamed":                               {base: list("a:3 r x"), head: list("b:3 r x"), files: []checks.File{renamed("a", "b", "", "")}},
		"renamed and changed":                   {base: list("a:3 r !x"), head: list("b:5 r !x"), files: []checks.File{renamed("a", "b", "9", "1-2")}},
		"renamed, and another in its place":     {base: list("a:3 r x"), head: list("a:3 r x", "b:3 r x"), files: []checks.File{renamed("a", "b", "", ""), added("a", "1-9")}, want: list("a:3")},
		"copied":                                {base: list("a:3 r x"), head: list("a:3 r x", "b:3 r x"), files: []checks.File{copied("a", "b")}, want: list("b:3")},
		"removed and written again elsewhere":   {base: list("a:3 r x"), head: list("b:3 r x"), files: []checks.File{{Path: "a", Status: "removed"}, added("b", "1-9")}, want: list("b:3")},
		"lines that nobody knows":               {base: list("a:3 r x", "a:5 r !y"), head: list("a:70 r x", "a:90 r !y", "a:91 r !y"), files: []checks.File{unknown}, want: list("a:91")},
		"files that nobody knows":               {base: list("a:3 r x", "a:5 r !y"), head: list("a:70 r x", "a:90 r !y", "a:91 r !z"), cut: true, want: list("a:91")},
		"of the whole file":                     {base: list("a:0 r !x"), head: list("a:0 r !x"), files: []checks.File{changedFile("a", "1-9", "1-9")}},
		"of the whole file, with other words":   {base: list("a:0 r !x"), head: list("a:0 r !y"), want: list("a:0")},
		"of the whole file, then of a line":     {base: list("a:0 r !x"), head: list("a:4 r !x"), want: list("a:4")},
		"in no file of the repository":          {base: list("go?:3 r !x"), head: list("go?:4 r !x", "go?:5 r !y"), want: list("go:5")},
		"in no file at all":                     {base: list(":0 r !x"), head: list(":0 r !x", ":0 r !y"), want: list(":0")},
		"nothing before":                        {head: list("a:3 r x"), want: list("a:3")},
		"nothing now":                           {base: list("a:3 r x")},
		"many alike, one more":                  {base: list("a:1 r x", "a:2 r x", "a:3 r x"), head: list("a:1 r x", "a:2 r x", "a:3 r x", "a:4 r x"), files: []checks.File{changedFile("a", "", "4")}, want: list("a:4")},
		"the first of many goes":                {base: list("a:1 r x", "a:2 r x", "a:3 r x"), head: list("a:1 r x", "a:2 r x"), files: []checks.File{changedFile("a", "1", "")}},
	} {
		base := &Base{Set: finds(t, c.base...), Files: c.files, Whole: !c.cut}
		if d := cmp.Diff(c.want, newOf(t, finds(t, c.head...), base)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestWithoutABaseAFindingIsNewWhereTheChangeTouchesIt(t *testing.T) {
	added := checks.File{Path: "new", Status: "added", LinesKnown: true, Added: lines("1-9")}
	unshown := checks.File{Path: "big", Status: "modified", Additions: 5000}
	renamed := checks.File{Path: "b", Previous: "z", Status: "renamed", LinesKnown: true, Added: lines("4")}
	head := finds(t, "a:2 r x", "a:3 r x", "a:4 r x", "a:1-9 r x", "a:5-7 r x", "a:8-20 r x", "a:0 r x", "b:3 r x", "b:4 r x", "c:3 r x", "c:0 r x",
		"new:3 r x", "new:0 r x", "new:99 r x", "big:3 r x", "away?:3 r x", ":0 r x")
	got := newOf(t, head, nil, changedFile("a", "", "3,8-10"), added, unshown, renamed)
	want := []string{":0", "a:0", "a:1", "a:3", "a:8", "away:3", "b:4", "big:3", "new:0", "new:3", "new:99"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTheWorstFindingsComeFirstAndTheRestIsCounted(t *testing.T) {
	var all []entry
	for i, s := range []struct {
		level string
		severity
	}{{"none", severity{}}, {"note", severity{}}, {"warning", severity{}}, {"", severity{}}, {"error", severity{}}, {"note", severity{98, true}},
		{"error", severity{10, true}}, {"warning", severity{39, true}}, {"warning", severity{55, true}}} {
		all = append(all, entry{tool: "X", rule: "r", path: "a", line: i + 1, end: i + 1, level: s.level, severity: s.severity})
	}
	for i := range checks.FindingLimit {
		all = append(all, entry{tool: "X", rule: "r", path: "z", line: i + 1, end: i + 1, level: "none"})
	}
	set, err := encodeFindings(all)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Compare(set, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var order []int
	for _, f := range got.New[:9] {
		order = append(order, f.Line)
	}
	if d := cmp.Diff([]int{6, 5, 7, 9, 3, 4, 8, 2, 1}, order); d != "" || len(got.New) != checks.FindingLimit || got.More != 9 {
		t.Errorf("%s; %d and %d more", d, len(got.New), got.More)
	}
}

// People suppress a finding by its id, so it must not change with lines, and no
// two may share one.
func TestIDsStayWhenLinesMove(t *testing.T) {
	ids := func(said ...string) (ids []string) {
		got, err := Compare(finds(t, said...), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		all, err := decodeFindings(finds(t, said...))
		if err != nil || len(got.New) > 0 {
			t.Fatal(got, err)
		}
		return idsOf(all)
	}
	before := ids("a:3 r x", "a:4 r !y", "a:7 r x", "b:3 r x", "b:3 s x")
	if d := cmp.Diff(before, ids("a:30 r x", "a:31 r !y", "a:32 r x", "b:1 r x", "b:9 s x")); d != "" {
		t.Error(d)
	}
	slices.Sort(before)
	if len(slices.Compact(before)) != 5 || !strings.HasPrefix(before[0], "f-") || len(before[0]) != 14 {
		t.Error(before)
	}
}

func TestLinesAreFoundAfterAChange(t *testing.T) {
	f := changedFile("a", "2-3,7", "1,4-5,9")
	// old: 1 2 3 4 5 6 7 8 9    2, 3 and 7 go
	// new: + 1 4 + + 5 6 8 + 9  that is, 1 is at 2, 4 at 3, 5 at 6, 6 at 7, 8 at 8, 9 at 10
	m := newLineMap(&f)
	for old, want := range map[int]string{0: "0 true", 1: "2 true", 2: "2 false", 3: "2 false", 4: "3 true", 5: "6 true", 6: "7 true", 7: "7 false", 8: "8 true", 9: "10 true"} {
		line, kept := m.line(old)
		if got := fmt.Sprint(line, kept); got != want {
			t.Errorf("%d: %s, want %s", old, got, want)
		}
	}
	top := changedFile("a", "1-2", "")
	if line, kept := newLineMap(&top).line(2); line != 0 || kept {
		t.Error(line, kept)
	}
}
