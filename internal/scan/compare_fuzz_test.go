package scan

import (
	"slices"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// world is two sets of findings and what changed between them, all of few files,
// rules, lines and texts, so that much is alike.
type world struct {
	base, head []entry
	files      []checks.File
	whole      bool
}

// dice gives small numbers from bytes, 0 when there are no more.
type dice []byte

func (d *dice) roll(sides int) int {
	if len(*d) == 0 {
		return 0
	}
	n := int((*d)[0])
	*d = (*d)[1:]
	return n % sides
}

func (d *dice) entry() entry {
	e := entry{tool: "X", rule: []string{"r", "s"}[d.roll(2)], path: []string{"a", "b", "c", ""}[d.roll(4)], line: d.roll(9)}
	e.end, e.known = e.line, e.path != ""
	e.print = imprint{[]printKind{byText, byWords, byHash}[d.roll(3)], [8]byte{byte(d.roll(3))}}
	e.col = d.roll(20) // makes two of what would else be one
	return e
}

func (d *dice) spans() (s checks.Spans) {
	for line := 1; line < 9; line++ {
		if d.roll(3) == 0 {
			s = s.Add(line)
		}
	}
	return s
}

func (d *dice) file(path string) checks.File {
	f := checks.File{Path: path, Status: []string{"modified", "added", "removed", "renamed", "copied"}[d.roll(5)], LinesKnown: d.roll(4) > 0}
	if f.LinesKnown {
		f.Added, f.Removed = d.spans(), d.spans()
	}
	if f.Status == "renamed" || f.Status == "copied" {
		f.Previous = []string{"a", "b", "c"}[d.roll(3)]
	}
	return f
}

func worldOf(data []byte) (w world) {
	d := dice(data)
	w.whole = d.roll(4) > 0
	for _, path := range []string{"a", "b", "c"} {
		if d.roll(2) == 0 {
			w.files = append(w.files, d.file(path))
		}
	}
	bases := d.roll(12)
	for range bases {
		w.base = append(w.base, d.entry())
	}
	for len(d) > 0 && len(w.head) < 40 {
		w.head = append(w.head, d.entry())
	}
	return w
}

// news counts the findings of a head that are new in the world, and those that
// are old.
func (w *world) news(head []entry) (news, old int) {
	// What is compared is made to fit the head.
	for _, is := range matched(head, slices.Clone(w.base), &Base{Files: w.files, Whole: w.whole}) {
		if is {
			old++
		} else {
			news++
		}
	}
	return news, old
}

// FuzzCompare: nothing is new against itself; each finding is new or old; no more
// are old than there were; one finding more never makes fewer new, and one more
// in the base never makes more new; the order of files does not matter.
func FuzzCompare(f *testing.F) {
	f.Add([]byte{1, 0, 0, 1, 1, 1, 2, 0, 0, 3, 0, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 4, 1, 0, 1})
	f.Add([]byte("the quick brown fox jumps over the lazy dog, and again the quick brown fox jumps over the lazy dog"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := worldOf(data)
		w.head, w.base = distinct(w.head), distinct(w.base)
		same := world{base: w.head, whole: w.whole}
		if n, _ := same.news(w.head); n > 0 {
			t.Fatalf("%d are new against themselves", n)
		}
		n, old := w.news(w.head)
		if n+old != len(w.head) || old > len(w.base) {
			t.Fatalf("%d new and %d old of %d, %d before", n, old, len(w.head), len(w.base))
		}
		for i := range w.head {
			less := slices.Delete(slices.Clone(w.head), i, i+1)
			if m, _ := w.news(less); m > n {
				t.Fatalf("%d new, %d without %+v", n, m, w.head[i])
			}
		}
		for i := range w.base {
			less := w
			less.base = slices.Delete(slices.Clone(w.base), i, i+1)
			if m, _ := less.news(w.head); m < n {
				t.Fatalf("%d new, %d without %+v before", n, m, w.base[i])
			}
		}
	})
}
