package checks

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Names that outside programs depend on (product.md).
const (
	RunMerge  = "Merge Requirements"
	RunPrefix = "handrail/"
	// RunSecurity is the run of the section security; the other sections' runs are
	// RunPrefix and their names.
	RunSecurity = RunPrefix + "security-scan"
	LabelMet    = "Merge Requirements Met"
	// LabelSecurity is there while a security review is needed and not given.
	LabelSecurity = "Security Review Required"
)

// GitHub's limits on a check-run's output ("Create a check run", REST docs).
const (
	textLimit       = 65535
	annotationLimit = 200 // our own: more are noise; GitHub takes 50 a request
	// footerRoom is left for what publishing adds below the text.
	footerRoom = 2000
)

// Output is a check-run as it should be on GitHub.
type Output struct {
	Name       string `json:"name"`
	Head       string `json:"head"`
	Status     string `json:"status"`              // in_progress or completed
	Conclusion string `json:"conclusion,omitzero"` // success, failure or neutral when completed
	Title      string `json:"title"`
	Summary    string `json:"summary"` // Markdown
	// Footer is added below the summary when it is posted: how fresh the verdict
	// is, what machines are still at, the record's number. It does not count as
	// a change.
	Footer      string       `json:"footer,omitzero"`
	Annotations []Annotation `json:"annotations,omitzero"`
	// Buttons are shown on the run, three at most.
	Buttons []Button `json:"buttons,omitzero"`
	// ExternalID is the digest of all the above but the footer; by it the next
	// evaluation knows that nothing has changed.
	ExternalID string `json:"external_id"`
}

// Button is an action that a check-run offers ("Create a check run", REST docs: label
// 20 characters, description 40, identifier 20). GitHub shows it to whoever may write
// to the repository; whether it does anything is decided when it is pressed.
type Button struct {
	Label       string `json:"label"`
	Description string `json:"description"`
	Identifier  string `json:"identifier"`
}

// digest fills in ExternalID: one half for the texts, one for the annotations,
// since an open run's texts can be changed but its annotations only grow. It
// works in buf and returns it, grown.
func (o *Output) digest(buf []byte) []byte {
	buf = slices.Grow(buf[:0], len(o.Name)+len(o.Head)+len(o.Title)+len(o.Summary)+64)
	buf = appendTexts(buf, o.Name, o.Head, o.Status, o.Conclusion, o.Title, o.Summary)
	for _, b := range o.Buttons {
		buf = appendTexts(buf, b.Label, b.Description, b.Identifier)
	}
	sum := sha256.Sum256(buf)
	id := append(make([]byte, 0, 56), "hr1-"...)
	id = hex.AppendEncode(id, sum[:16])
	if len(o.Annotations) > 0 {
		buf = buf[:0]
		for _, a := range o.Annotations {
			buf = appendTexts(buf, a.Path, a.Level, a.Title, a.Message, strconv.Itoa(a.Start), strconv.Itoa(a.End))
		}
		sum = sha256.Sum256(buf)
		id = hex.AppendEncode(append(id, '-'), sum[:8])
	}
	o.ExternalID = string(id)
	return buf
}

// appendTexts puts texts in a row, each after its length, so that no two lists
// run together to the same.
func appendTexts(buf []byte, texts ...string) []byte {
	for _, s := range texts {
		buf = strconv.AppendInt(buf, int64(len(s)), 10)
		buf = append(buf, 0)
		buf = append(buf, s...)
	}
	return buf
}

// annotationDigest is the part of an external id that stands for annotations.
func annotationDigest(externalID string) string {
	parts := strings.SplitN(externalID, "-", 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[2]
}

// conclude gives a run the status that GitHub's branch rules read: success only
// when it passes, failure when somebody must act, open while others are at it.
// neutral and skipped would let a merge through (github.md, "Checks").
func (o *Output) conclude(s State) {
	switch {
	case s.Passes():
		o.Status, o.Conclusion = "completed", "success"
	case s == Waiting:
		o.Status, o.Conclusion = "in_progress", ""
	default:
		o.Status, o.Conclusion = "completed", "failure"
	}
}

// runName is the check-run of a section.
func runName(section string) string {
	if section == "security" {
		return RunSecurity
	}
	return RunPrefix + section
}
