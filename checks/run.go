package checks

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
)

// Names that outside programs depend on (product.md).
const (
	RunMerge  = "Merge Requirements"
	RunPrefix = "handrail/"
	LabelMet  = "Merge Requirements Met"
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
	// ExternalID is the digest of all the above but the footer; by it the next
	// evaluation knows that nothing has changed.
	ExternalID string `json:"external_id"`
}

// digest fills in ExternalID: one half for the texts, one for the annotations,
// since an open run's texts can be changed but its annotations only grow.
func (o *Output) digest() {
	h := sha256.New()
	hashStrings(h, o.Name, o.Head, o.Status, o.Conclusion, o.Title, o.Summary)
	id := "hr1-" + hex.EncodeToString(h.Sum(nil)[:16])
	if len(o.Annotations) > 0 {
		h.Reset()
		for _, a := range o.Annotations {
			hashStrings(h, a.Path, a.Level, a.Title, a.Message, strconv.Itoa(a.Start), strconv.Itoa(a.End))
		}
		id += "-" + hex.EncodeToString(h.Sum(nil)[:8])
	}
	o.ExternalID = id
}

// hashStrings hashes texts with their lengths, so that no two lists run
// together to the same.
func hashStrings(h hash.Hash, texts ...string) {
	var buf []byte
	for _, s := range texts {
		buf = strconv.AppendInt(buf[:0], int64(len(s)), 10)
		buf = append(buf, 0)
		buf = append(buf, s...)
		h.Write(buf)
	}
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
