package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scrutiny is one look at a pull request by the security check.
type scrutiny struct {
	rules *SecurityRules
	pull  *Pull
	sel   Scanning
	scan  Scan
	asked bool // the scan was asked for, so that scan is the answer
	h     *hearing

	role    Role
	pardons []pardon
	used    map[string]bool // suppressions that let something pass, by their notes
	ended   []string        // suppressions that no longer do, as notes
	proof   []Evidence
	until   time.Time // when the first of them begins or ends
	aside   []string  // further notes that concern no part

	causes []cause      // what asks for a review
	open   bool         // more may ask for one, once all is known
	marks  []Annotation // of the part that is being made
}

// cause is something that asks for a security review: a changed file, or the
// whole change where path is "". Text is a sentence without its full stop.
type cause struct{ path, text string }

// Eval judges.
func (s *SecurityRules) Eval(pull Pull) Result { return s.judge(&pull, nil) }

// Wants is what the scan finds, once the files are read; the modes of files
// that may be symbolic links; and what must be known of those who said something
// that may count.
func (s *SecurityRules) Wants(pull Pull) Wants {
	var w Wants
	if !pull.FilesRead {
		return w
	}
	s.judge(&pull, &w)
	w.settle()
	return w
}

func (s *SecurityRules) judge(pull *Pull, w *Wants) Result {
	out := Result{ID: "security", Name: "Security", State: Unmet}
	if !pull.FilesRead {
		fault{"the changed files have not been read yet", operators}.fill(&out)
		return out
	}
	x := s.look(pull, w)
	parts := []Result{x.secrets(), x.hidden()}
	x.watchedFiles()
	x.unseen()
	parts = append(parts, x.odd()...)
	parts = append(parts, x.silenced()...)
	if x.scanned() {
		x.watchedLines()
	}
	watched := x.take()
	if s.SARIF != nil {
		parts = append(parts, x.findings())
	}
	if r, said := x.alerts(); said {
		parts = append(parts, r)
	}
	if r, known := x.review(); known {
		r.Annotations = watched
		parts = append(parts, r)
	} else if Combine("", "", parts).State.Passes() {
		parts = append(parts, x.unfinished())
	}
	out = Combine(out.ID, out.Name, parts)
	out.Summary = summariseSecurity(&out)
	if out.State == Unmet {
		x.astray()
	}
	out.Notes, out.Evidence = x.notes(), x.proof
	if !x.until.IsZero() && (out.Until.IsZero() || x.until.Before(out.Until)) {
		out.Until = x.until
	}
	return out
}

// look hears who said what, and finds the scan.
func (s *SecurityRules) look(pull *Pull, w *Wants) *scrutiny {
	x := &scrutiny{rules: s, pull: pull, sel: s.scanning(), used: map[string]bool{}}
	x.scan, x.asked = pull.Scans[x.sel.Key()]
	x.open = x.scan.Left > 0
	if !x.asked && w != nil {
		w.Scans = []Scanning{x.sel}
	}
	if x.goesOn() {
		x.changes(x.next())
	}
	rules := s.asReview()
	x.h = &hearing{pull: pull, rules: rules, wants: w, roles: rules.inUse()}
	x.h.listen()
	x.h.gather()
	x.role, _ = rules.role(s.Role)
	x.hearPardons()
	return x
}

// scanned says whether the whole difference has been scanned.
func (x *scrutiny) scanned() bool { return x.asked && x.scan.Engine != "" && x.scan.Whole != nil }

// unscanned fills in a part that rests on a scan which is not there.
func (x *scrutiny) unscanned(r *Result) bool {
	switch {
	case x.scanned():
		return false
	case x.asked && x.scan.Left > 0:
		x.stillScanning(r)
	default:
		fault{"the change has not been scanned yet", operators}.fill(r)
	}
	x.open = true
	return true
}

// unfinished says that not all is known that may ask for a review, where no other
// part does since the policy has them switched off.
func (x *scrutiny) unfinished() Result {
	r := Result{ID: "security/scan", Name: "Scan", State: Unmet}
	if !x.unscanned(&r) {
		x.stillScanning(&r)
	}
	return r
}

// goesOn says whether the scan is not over: something else than what was found so
// far may be found without an event, whatever blocks already.
func (x *scrutiny) goesOn() bool {
	unanswered := func(k AlertKind) bool { return !x.scan.has(k) }
	return x.asked && x.scan.Engine != "" && (x.scan.Left > 0 || !x.scan.Next.IsZero() || slices.ContainsFunc(x.sel.Alerts, unanswered))
}

// scanAgain is how soon a scan that goes on is looked at again, where it does not
// say when.
const scanAgain = 5 * time.Second

// next is when the scan goes on.
func (x *scrutiny) next() time.Time {
	if x.scan.Next.After(x.pull.At) {
		return x.scan.Next
	}
	return x.pull.At.Add(scanAgain)
}

// stillScanning fills in a part for which further commits must be scanned. How
// far it is, is progress: the sentence stays the same. Without the difference itself
// how many does not matter.
func (x *scrutiny) stillScanning(r *Result) {
	r.State, r.Can, r.Until = Waiting, []string{"handrail itself"}, x.next()
	if !x.scanned() {
		r.Summary = "The change has not been scanned yet, since verdicts on others go first; handrail goes on by itself."
		return
	}
	r.Summary = "Not every commit has been scanned yet; handrail goes on by itself."
	r.Progress = strconv.Itoa(max(x.scan.Scanned, 0)) + " of " + count(max(x.scan.Scanned, 0)+x.scan.Left, "commit") + " are scanned."
}

// ask adds something that asks for a security review.
func (x *scrutiny) ask(path, text string) { x.causes = append(x.causes, cause{path, text}) }

// mark points at a line of the head.
func (x *scrutiny) mark(path string, line int, level, message string) {
	if path != "" && line > 0 {
		x.marks = append(x.marks, Annotation{Path: path, Start: line, End: line, Level: level, Message: message})
	}
}

// take is the annotations since the last time, what matters most first.
func (x *scrutiny) take() []Annotation {
	out := x.marks
	x.marks = nil
	slices.SortFunc(out, func(a, b Annotation) int {
		return cmp.Or(compareLevels(a.Level, b.Level), strings.Compare(a.Path, b.Path), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), strings.Compare(a.Message, b.Message))
	})
	out = slices.Compact(out)
	return out[:min(len(out), annotationLimit):min(len(out), annotationLimit)]
}

// notes are what concerns no single part: what is let pass, and what no longer
// is.
func (x *scrutiny) notes() []string {
	var out []string
	for text := range x.used {
		out = append(out, text)
	}
	return append(limited(sorted(append(out, x.ended...)), "suppressions"), sorted(x.aside)...)
}

// summariseSecurity says the first thing that is missing, or that nothing is.
func summariseSecurity(r *Result) string {
	open := missingIn(r.Parts, nil)
	for _, p := range r.Parts {
		if len(open) == 1 && !p.State.Passes() {
			return p.Name + ": " + p.Summary
		}
		if len(open) == 0 && p.ID == reviewID && p.State == Met {
			return "Nothing blocks, and the security review is given: " + lowerA(p.Summary)
		}
	}
	if len(open) > 0 {
		return missingWord + list(open, 4) + "."
	}
	return "Nothing was found that asks for a security review."
}

// lowerA is a sentence that begins with "Approved" as it goes on.
func lowerA(s string) string { return strings.Replace(s, "Approved", "approved", 1) }
