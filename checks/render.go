package checks

import (
	"strings"
	"time"
)

// Render is the check-runs that show a verdict, "Merge Requirements" first.
// What people wrote comes out harmless in them.
func Render(v Verdict) []Output {
	outs := make([]Output, 0, len(v.Results)+2) // one is for Plan, which puts them in order
	rows := make([]string, len(v.Results))
	merge := renderMerge(v, rows)
	buf := merge.digest(nil)
	outs = append(outs, merge)
	if v.SummaryOnly || v.Invalid || v.Observe {
		return outs
	}
	shared := sharedOf(v)
	for i := range v.Results {
		r := &v.Results[i]
		if !hasRun(r.ID) {
			continue
		}
		o := Output{Name: runName(r.ID), Head: v.Head, Title: headline(r.State, r.Summary), Footer: r.Progress}
		state := r.State
		switch {
		case r.Observed:
			// For information: it must not hold up a merge that requires it.
			state, o.Title = Met, "For information: "+o.Title
		case shared != nil && !shared.State.Passes() && state.Passes():
			// The run belongs to the commit, and so to the other pull request too,
			// which may not be this far.
			state, o.Title = shared.State, headline(shared.State, shared.Summary)
		}
		o.conclude(state)
		o.Summary = renderSection(r, rows[i])
		o.Annotations = annotations(r, nil)
		buf = o.digest(buf)
		outs = append(outs, o)
	}
	return outs
}

// sharedOf is the result about other pull requests on the same commit; nil when
// there are none.
func sharedOf(v Verdict) *Result {
	for i := range v.Results {
		if v.Results[i].ID == IDShared {
			return &v.Results[i]
		}
	}
	return nil
}

// hasRun says whether a result is a section with a check-run of its own.
func hasRun(id string) bool {
	return id != IDPolicy && id != IDDraft && id != IDShared && id != IDLabel && id != IDReviewLabel
}

const (
	observing   = "handrail only observes here: this is what it would say, and it holds up nothing.\n\n"
	tableHeader = "| Requirement | State | What is missing | Who can act now | Since (UTC) |\n|---|---|---|---|---|\n"
)

// renderMerge makes the run that shows everything. It fills in rows, the lines
// of the table that are about each result.
func renderMerge(v Verdict, rows []string) Output {
	o := Output{Name: RunMerge, Head: v.Head, Title: mergeTitle(v)}
	o.conclude(v.State)
	var b strings.Builder
	b.Grow(len(tableHeader) + tableSize(v.Results))
	if v.Observe {
		// Posted only on a pull request that brings a policy: it says whether
		// that text is valid and holds up nothing else.
		state := Met
		for _, r := range v.Results {
			if r.ID == IDPolicy {
				state = r.State
			}
		}
		o.conclude(state)
		o.Title = "Observing only: " + o.Title
		b.WriteString(observing)
	}
	b.WriteString(tableHeader)
	var progress []string
	for i := range v.Results {
		r := &v.Results[i]
		start := b.Len()
		writeRows(&b, r, r.Observed)
		rows[i] = b.String()[start:]
		if r.Progress != "" {
			progress = union(progress, []string{r.Progress}) // one workflow may leave several reports
		}
	}
	for i := range v.Results {
		if r := &v.Results[i]; !hasRun(r.ID) || v.SummaryOnly {
			o.Annotations = annotations(r, o.Annotations)
			writeNotes(&b, r)
		}
	}
	for _, n := range v.Notes {
		b.WriteString("\n")
		writeMarkdown(&b, n)
		b.WriteString("\n")
	}
	o.Summary = cut(b.String())
	o.Footer = strings.Join(progress, " ")
	return o
}

// writeRows writes a result's line of the table, or its parts' lines, which say
// more.
func writeRows(b *strings.Builder, r *Result, observed bool) {
	if len(r.Parts) > 0 {
		for i := range r.Parts {
			writeRows(b, &r.Parts[i], observed || r.Parts[i].Observed)
		}
		return
	}
	b.WriteString("| ")
	writeMarkdown(b, r.Name)
	b.WriteString(" ")
	writeCode(b, r.ID)
	writeCells(b, r, observed)
}

// writeCells ends a line of a table, behind what the result is called.
func writeCells(b *strings.Builder, r *Result, observed bool) {
	b.WriteString(" | ")
	b.WriteString(icon(r))
	if observed {
		b.WriteString(" (for information)")
	}
	b.WriteString(" | ")
	writeMarkdown(b, r.Summary)
	b.WriteString(" | ")
	if !r.State.Passes() {
		writeCan(b, r.Can)
	}
	b.WriteString(" | ")
	writeMinute(b, r.Since)
	b.WriteString(" |\n")
}

func writeCan(b *strings.Builder, can []string) {
	for i, c := range can {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == 8 {
			b.WriteString("…")
			return
		}
		if strings.HasPrefix(c, "@") {
			writeCode(b, c)
		} else {
			writeMarkdown(b, c)
		}
	}
}

func renderSection(r *Result, rows string) string {
	var b strings.Builder
	b.Grow(len(tableHeader) + len(rows) + 1024)
	b.WriteString(tableHeader)
	b.WriteString(rows)
	writeNotes(&b, r)
	if len(r.Controls) > 0 {
		b.WriteString("\nEvidence for " + strings.Join(r.Controls, ", ") + ".\n")
	}
	return cut(b.String())
}

// tableSize is about how long the lines of a table become.
func tableSize(results []Result) int {
	n := 0
	for i := range results {
		r := &results[i]
		n += 128 + len(r.Name) + len(r.ID) + len(r.Summary) + tableSize(r.Parts)
	}
	return n
}

// writeNotes writes the notes of a result and its parts as lists under their
// names.
func writeNotes(b *strings.Builder, r *Result) {
	if len(r.Notes) > 0 {
		b.WriteString("\n**")
		writeMarkdown(b, r.Name)
		b.WriteString("**\n")
		for _, n := range r.Notes {
			b.WriteString("- ")
			writeMarkdown(b, n)
			b.WriteString("\n")
		}
	}
	for i := range r.Parts {
		writeNotes(b, &r.Parts[i])
	}
}

func mergeTitle(v Verdict) string {
	if v.State.Passes() {
		return metTitle(v)
	}
	for _, r := range v.Results {
		if r.ID == IDPolicy && r.State == Unmet && r.Name == policyName {
			return Plain(r.Summary) // without a policy the rest says little
		}
	}
	var act, wait []string
	var walk func(r Result)
	walk = func(r Result) {
		if r.Observed || r.State.Passes() {
			return
		}
		if len(r.Parts) > 0 {
			for _, p := range r.Parts {
				walk(p)
			}
			return
		}
		if r.State == Waiting {
			wait = append(wait, Plain(r.Name))
		} else {
			act = append(act, Plain(r.Name))
		}
	}
	for _, r := range v.Results {
		walk(r)
	}
	switch {
	case len(act) > 0 && len(wait) > 0:
		return "To do: " + list(act, 3) + "; waiting for: " + list(wait, 3)
	case len(act) > 0:
		return "To do: " + list(act, 4)
	case len(wait) > 0:
		return "Waiting for: " + list(wait, 4)
	}
	return "Not met: the policy judged nothing"
}

// metTitle says that all is met, and what of it by an override only.
func metTitle(v Verdict) string {
	n, until := 0, time.Time{}
	var walk func(results []Result)
	walk = func(results []Result) {
		for i := range results {
			switch r := &results[i]; {
			case r.Observed:
			case len(r.Parts) > 0:
				walk(r.Parts)
			case r.State == Overridden:
				if n++; until.IsZero() || r.Until.Before(until) {
					until = r.Until
				}
			}
		}
	}
	walk(v.Results)
	if n == 0 {
		return "All merge requirements are met"
	}
	return "Met, " + count(n, "requirement") + " overridden until " + minute(until)
}

// headline is a run's title: the state, and the sentence that explains it.
func headline(s State, summary string) string {
	word := title(s.String())
	if summary == "" {
		return word
	}
	return word + ": " + Plain(strings.TrimPrefix(summary, missingWord))
}

func icon(r *Result) string {
	switch {
	case r.Unknown && !r.State.Passes():
		return "❓ unknown"
	case r.State == Met:
		return "✅ met"
	case r.State == Exempt:
		return "➖ does not apply"
	case r.State == Overridden:
		return "🔓 overridden"
	case r.State == Waiting:
		return "⏳ waiting"
	}
	return "❌ unmet"
}

func writeMinute(b *strings.Builder, t time.Time) {
	if !t.IsZero() {
		var room [32]byte
		text := t.UTC().AppendFormat(room[:0], time.RFC3339) // the layout that Go has a short way for
		b.Write(text[:len(time.DateOnly)])
		b.WriteByte(' ')
		b.Write(text[len("2006-01-02T"):len("2006-01-02T15:04")])
	}
}

func annotations(r *Result, into []Annotation) []Annotation {
	for _, a := range r.Annotations {
		if len(into) == annotationLimit {
			return into
		}
		a.Title, a.Message = Plain(a.Title), Plain(a.Message)
		a.Start = max(a.Start, 1)
		a.End = max(a.End, a.Start)
		into = append(into, a)
	}
	for i := range r.Parts {
		into = annotations(&r.Parts[i], into)
	}
	return into
}

// cut keeps a text within GitHub's limit, at a line's end, and says so.
func cut(s string) string { return cutTo(s, textLimit-footerRoom) }

func cutTo(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	s = s[:limit]
	if i := strings.LastIndexByte(s, '\n'); i > 0 {
		s = s[:i+1]
	}
	return s + "\n_The list is longer than GitHub shows; the record holds all of it._\n"
}
