package checks

import (
	"cmp"
	"strconv"
	"strings"
)

const (
	countsHeader = "| On record | Changes | What this policy makes of it |\n|---|---|---|\n"
	oddHeader    = "| Change | State | Why | Record |\n|---|---|---|---|\n"
	// oddWhyLimit is how many characters of a reason the list shows.
	oddWhyLimit = 300
	// namelessShown is how many commits that belong to nobody are named.
	namelessShown = 5
)

// evidenceIcons say what is on record of a change.
var evidenceIcons = map[EvidenceState]string{
	EvidenceMet: "✅ met", EvidenceOverridden: "🔓 overridden", EvidenceBypassed: "❌ bypassed",
	EvidenceUnknown: "❓ unknown", EvidenceNoPull: "❌ no pull request",
}

// writeEvidence writes what the release brings: counts, and each change that is not met
// as far as the text stays within a limit. It comes last, since it may be cut.
func (w *releaseView) writeEvidence(b *strings.Builder, limit int) {
	e := &w.r.Evidence
	b.WriteString("\n**What it brings**\n\n")
	if !e.Done {
		b.WriteString(w.notGathered() + "\n")
		return
	}
	w.writeRange(b)
	if len(e.Counts) == 0 {
		return
	}
	b.WriteString("\n" + countsHeader)
	for _, state := range [...]EvidenceState{EvidenceMet, EvidenceOverridden, EvidenceBypassed, EvidenceUnknown, EvidenceNoPull} {
		if n := e.Counts[state]; n > 0 {
			b.WriteString("| " + evidenceIcons[state] + " | " + thousands(n) + " | ")
			writeMarkdown(b, w.meaning(state))
			b.WriteString(" |\n")
		}
	}
	w.writeBeside(b)
	w.writeOdd(b, limit)
}

func (w *releaseView) notGathered() string {
	switch {
	case w.r.Evidence.Broken != "":
		return "It cannot be gathered: " + Markdown(w.r.Evidence.Broken)
	case w.r.Tag.Commit == "":
		return "Nothing: the tag is of no commit."
	}
	return "This is being gathered: each commit since the last release is looked up with the pull request that brought it. Nothing needs to be done until then."
}

// writeRange says how much it is, and since when.
func (w *releaseView) writeRange(b *strings.Builder) {
	e := &w.r.Evidence
	if e.Total == 0 {
		b.WriteString("No commit that was not released before")
	} else {
		b.WriteString(thousandsOf(e.Total, "commit") + " of " + thousandsOf(e.Pulls, "pull request"))
	}
	switch path := w.path("compare/" + e.Base + "..." + e.Head); {
	case e.Base == "":
		b.WriteString(", everything that it is made of: no release is known before it, and the policy names no baseline")
	default:
		if e.BaseTag != "" {
			b.WriteString(", since ")
			writeCode(b, e.BaseTag)
		} else {
			b.WriteString(", since the policy's baseline ")
			writeCode(b, short(e.Base))
		}
		if path != "" && isSHA(e.Base) && isSHA(e.Head) {
			b.WriteString(" ([compare](" + path + "))")
		}
	}
	b.WriteString(".")
	if e.Seq > 0 {
		b.WriteString(" The whole list is record " + recordNumber(e.Seq) + ".")
	}
	b.WriteString("\n")
}

func thousandsOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

// meaning is what the policy makes of changes of a state.
func (w *releaseView) meaning(s EvidenceState) string {
	if s == EvidenceMet {
		return ""
	}
	switch w.means(s) {
	case EvidenceShow:
		return "shown: whoever signs has seen it"
	case EvidenceAccept:
		if w.accepted() != nil {
			return "accepted"
		}
		return "to be accepted by " + w.accepters()
	}
	return "blocks: only another tag can be released, or another policy"
}

// writeBeside says what the counts do not show.
func (w *releaseView) writeBeside(b *strings.Builder) {
	e := &w.r.Evidence
	if e.Elsewhere > 0 {
		verb := "were"
		if e.Elsewhere == 1 {
			verb = "was"
		}
		b.WriteString("\n" + thousandsOf(e.Elsewhere, "pull request") + " " + verb + " merged into another branch than the default one, and judged by the policy there: ")
		for i, name := range e.Branches {
			if i > 0 {
				b.WriteString(", ")
			}
			writeCode(b, name)
		}
		b.WriteString("\n")
	}
	if e.NamelessCount == 0 {
		return
	}
	verb := " belong"
	if e.NamelessCount == 1 {
		verb = " belongs"
	}
	b.WriteString("\n" + thousandsOf(e.NamelessCount, "commit") + verb + " to no GitHub account that is known")
	some := e.Nameless[:min(len(e.Nameless), namelessShown)]
	for i, sha := range some {
		switch {
		case i > 0:
			b.WriteString(", ")
		case len(some) == e.NamelessCount:
			b.WriteString(": ")
		default:
			b.WriteString(", such as ")
		}
		w.writeCommit(b, sha)
	}
	b.WriteString("\n")
}

// writeOdd lists the changes that are not met, the worst first.
func (w *releaseView) writeOdd(b *strings.Builder, limit int) {
	e := &w.r.Evidence
	if len(e.Odd) == 0 {
		return
	}
	b.WriteString("\n" + oddHeader)
	all := 0
	for _, state := range evidenceOrder {
		all += e.Counts[state]
	}
	written := 0
	for i := range e.Odd {
		row := w.oddRow(&e.Odd[i])
		if b.Len()+len(row)+500 > limit {
			break
		}
		b.WriteString(row)
		written++
	}
	if written < all {
		b.WriteString("\nThese are " + thousands(written) + " of " + thousands(all) + ", the worst first; the record holds all of them.\n")
	}
	if e.Counts[EvidenceNoPull] > 0 {
		b.WriteString("\nA commit that no pull request brought cannot be given one afterwards: somebody answers for it, or the tag is put elsewhere.\n")
	}
}

// oddRow is the line of one change.
func (w *releaseView) oddRow(o *Brought) string {
	var b strings.Builder
	b.WriteString("| ")
	switch {
	case o.Number > 0:
		w.writePull(&b, o.Number)
		b.WriteString(" ")
	case len(o.Commits) > 0:
		w.writeCommit(&b, o.Commits[0])
		b.WriteString(" ")
	}
	writeMarkdown(&b, quoted(o.Title))
	if o.Author != "" {
		b.WriteString(" by ")
		writeCode(&b, "@"+o.Author)
	}
	if o.Base != "" {
		b.WriteString(" into ")
		writeCode(&b, o.Base)
	}
	b.WriteString(" | " + cmp.Or(evidenceIcons[o.State], evidenceIcons[EvidenceUnknown]) + " | ")
	writeMarkdown(&b, clean(o.Why, oddWhyLimit))
	b.WriteString(" | ")
	if o.Seq > 0 {
		b.WriteString(strconv.FormatInt(o.Seq, 10))
	}
	b.WriteString(" |\n")
	return b.String()
}
