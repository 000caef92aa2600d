package report

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// Identity stands for a source and all that is in it.
func Identity(s checks.ReportSource) [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %q %t %q ", s.Run, s.Artifact, s.Name, s.Archive, s.Files)
	h.Write(s.Data)
	return [sha256.Size]byte(h.Sum(nil))
}

// Note says where a report stands; file is within an archive.
func Note(s checks.ReportSource, file string) checks.Report {
	return checks.Report{Run: s.Run, Artifact: s.Artifact, Name: Clip(s.Name), File: Clip(file)}
}

// None says what an artifact holds instead of a report of one kind.
func None(kind string, names []string) error {
	const shown = 5
	if len(names) == 0 {
		return fmt.Errorf("it holds no file that may be a %s", kind)
	}
	slices.Sort(names)
	more := ""
	if len(names) > shown {
		names, more = names[:shown], ", …"
	}
	for i := range names {
		names[i] = Clip(names[i])
	}
	return fmt.Errorf("it holds no %s that handrail understands: found %s%s", kind, strings.Join(names, ", "), more)
}

// Ordered is what there is to say of each file that was read, in order and once.
func Ordered(notes []checks.Report) []checks.Report {
	notes = slices.Clone(notes)
	slices.SortFunc(notes, func(a, b checks.Report) int {
		return cmp.Or(cmp.Compare(a.Run, b.Run), cmp.Compare(a.Artifact, b.Artifact), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.File, b.File), cmp.Compare(a.Format, b.Format), cmp.Compare(a.Problem, b.Problem), cmp.Compare(a.Files, b.Files))
	})
	return slices.Compact(notes)
}
