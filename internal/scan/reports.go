package scan

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/report"
)

// Limits of all SARIF reports of one commit.
const (
	maxSARIF    = 128 << 20 // bytes of one file
	maxFindings = 200_000
	maxTexts    = 64 << 20 // bytes of paths, messages and names
)

// sarifFormat is what [checks.Report] calls it.
const sarifFormat = "SARIF"

// Reports puts together what scanners left of one commit. The order of the
// reports does not matter, nor does it matter whether one comes twice.
type Reports struct {
	scrub    func(text string) string // nil: nothing is taken out
	seal     seal
	logs     []*sarifLog
	notes    []checks.Report
	seen     map[[sha256.Size]byte]bool
	left     int64 // bytes that may still be read
	findings int   // that may still be kept
	texts    int   // bytes of them
}

// Reports is of none yet. What tools say is kept without the secrets in it, and
// what they quote only as a hash under the scanner's key: sets of findings can be
// compared if they are of the same one.
func (s *Scanner) Reports() *Reports {
	r := NewReports()
	r.seal = s.key
	r.scrub = func(text string) string {
		clean, _ := s.Scrub(text)
		return clean
	}
	return r
}

// NewReports is of none yet, for who keeps nothing: secrets that tools quote stay.
// See [Scanner.Reports].
func NewReports() *Reports {
	return &Reports{seen: map[[sha256.Size]byte]bool{}, left: report.MaxInAll, findings: maxFindings, texts: maxTexts}
}

// Add reads an artifact or a file that was sent. What is wrong with it is kept
// as a Problem; the error is ctx's.
func (r *Reports) Add(ctx context.Context, s checks.ReportSource) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	id := report.Identity(s)
	if r.seen[id] {
		return nil
	}
	before := *r
	r.reader().Read(ctx, s)
	if err := ctx.Err(); err != nil {
		left := r.left
		*r = before
		r.left = left
		return err
	}
	r.seen[id] = true
	return nil
}

func (r *Reports) reader() report.Reader[sarifLog] {
	return report.Reader[sarifLog]{
		Bounds: report.Bounds{Each: maxSARIF, Left: &r.left}, Kind: "SARIF report", Note: r.note,
		Parse:   func(name string, in io.Reader) (*sarifLog, error) { return parseSARIF(name, in, r.seal) },
		Foreign: errNotSARIF, Alone: "it is no SARIF report",
	}
}

// note keeps what was read of one file, or why it cannot be used.
func (r *Reports) note(n checks.Report, l *sarifLog, err error) {
	if err == nil {
		err = r.keep(l)
	}
	if err != nil {
		n.Problem = report.Brief(err.Error())
		if fault := new(sarifFault); errors.As(err, &fault) {
			n.Format = sarifFormat
		}
	} else {
		n.Format, n.Files = sarifFormat, l.files()
	}
	r.notes = append(r.notes, n)
}

func (r *Reports) keep(l *sarifLog) error {
	findings, texts := 0, 0
	for _, run := range l.runs {
		findings += len(run.results)
		for i := range run.results {
			f := &run.results[i]
			rule := run.ruleOf(f)
			texts += min(len(f.textOf(rule)), maxMessage) + len(f.at.uri) + len(f.rule) + len(rule.link())
		}
	}
	switch {
	case findings > r.findings:
		return fmt.Errorf("the reports hold more than %d results together", maxFindings)
	case texts > r.texts:
		return fmt.Errorf("the results of the reports hold more than %d MiB of text together", maxTexts>>20)
	}
	r.findings -= findings
	r.texts -= texts
	r.logs = append(r.logs, l)
	return nil
}

// files is how many source files the results are in.
func (l *sarifLog) files() int {
	seen := map[string]bool{}
	for _, run := range l.runs {
		for i := range run.results {
			if p := run.pathOf(run.results[i].at); p.path != "" {
				seen[p.root+"\x00"+p.path] = true
			}
		}
	}
	return len(seen)
}

// Done relates what was read to the files of the tested commit. It gives the set
// of all findings in a form to keep, see [Compare], and fills Reports, Tools,
// Skipped, Resolved, Unresolved, Odd and Unplaced. A report's Files are those
// that its results are in. An error is a fault of ours.
func (r *Reports) Done(tree checks.Tree) (set []byte, got checks.Findings, err error) {
	got.Reports = report.Ordered(r.notes)
	say := r.speech()
	for i := range got.Reports {
		n := &got.Reports[i]
		n.Name, n.File, n.Problem = say(n.Name, maxURI), say(n.File, maxURI), say(n.Problem, maxURI)
	}
	p := placing{index: report.NewIndex(tree), tree: tree, say: say, seal: r.seal, found: map[string]bool{}, odd: map[string]string{}}
	var all []entry
	for _, l := range r.logs {
		for _, run := range l.runs {
			got.Tools = append(got.Tools, run.told(say))
			got.Skipped += run.skipped
			all = append(all, p.entries(run)...)
		}
	}
	got.Tools = orderedTools(got.Tools)
	got.Resolved, got.Unresolved, got.Odd = len(p.found), len(p.odd), report.Oddities(p.odd)
	if len(tree.Files) == 0 && got.Unresolved > 0 {
		got.Unplaced = "GitHub lists no files of the tested commit"
	}
	set, err = encodeFindings(distinct(all))
	return set, got, err
}

// speech makes of a text what can be said of it: its beginning, on one line and
// without secrets. These are looked for when nothing is left that could hide one,
// and before the text is cut.
func (r *Reports) speech() func(text string, most int) string {
	known := map[string]string{}
	return func(text string, most int) string {
		clean, ok := known[text]
		if !ok {
			clean = oneLine(text, maxURI)
			if r.scrub != nil {
				clean = r.scrub(clean)
			}
			known[text] = clean
		}
		return oneLine(clean, most)
	}
}

// distinct is the findings in order; one that several reports hold is there once.
func distinct(all []entry) []entry {
	slices.SortFunc(all, func(a, b entry) int { return a.compare(&b) })
	return slices.CompactFunc(all, func(a, b entry) bool { return a.compare(&b) == 0 })
}
