package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf16"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
)

// printJSON prints a value as JSON and a newline. Characters that a terminal
// would obey or that would not show are written as escapes, which mean the same.
func printJSON(w io.Writer, v any, indent string) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encode JSON: %w", err)
	}
	var out strings.Builder
	for _, r := range text.String() {
		if visible(r) == r {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// visible is the character, or U+FFFD for one that a terminal would obey or not
// show. Tab and newline stay.
func visible(r rune) rune {
	if r != '\t' && r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
		return unicode.ReplacementChar
	}
	return r
}

// oneLine is a text of ours, which may quote others, on one line of a terminal.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(visible, s)), " ")
}

func printVerdict(w io.Writer, s checks.Subject, j handlers.Judgement) {
	mode := ""
	if j.Verdict.Observe {
		mode = " (handrail only observes here)"
	}
	fmt.Fprintf(w, "%s at %.7s is %s%s\n\n", s, j.Pull.Head.SHA, j.Verdict.State, mode)
	printResults(w, j.Verdict)
}

// printResults prints a line for each requirement, then the notes.
func printResults(w io.Writer, v checks.Verdict) {
	rows := [][]string{{"STATE", "REQUIREMENT", "SINCE (UTC)", "WHO CAN ACT NOW", "WHAT IS MISSING"}}
	var notes []string
	var walk func(checks.Result)
	walk = func(r checks.Result) {
		for _, n := range r.Notes {
			notes = append(notes, oneLine(r.ID+": "+n))
		}
		if len(r.Parts) == 0 {
			can := ""
			if !r.State.Passes() {
				can = strings.Join(r.Can, ", ")
			}
			state := r.State.String()
			if r.Observed {
				state += " (observed)"
			}
			since := ""
			if r.Since.Before(v.At) { // otherwise nothing is on record
				since = r.Since.UTC().Format("2006-01-02 15:04")
			}
			rows = append(rows, []string{state, oneLine(r.ID), since, oneLine(can), oneLine(r.Summary)})
		}
		for _, p := range r.Parts {
			walk(p)
		}
	}
	for _, r := range v.Results {
		walk(r)
	}
	printTable(w, rows)
	if len(notes) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(notes, "\n"))
	}
}

// printTable prints rows below a heading, without the columns that hold nothing.
func printTable(w io.Writer, rows [][]string) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		var cells []string
		for i, cell := range row {
			if slices.ContainsFunc(rows[1:], func(r []string) bool { return r[i] != "" }) {
				cells = append(cells, cell)
			}
		}
		fmt.Fprintln(tw, strings.Join(cells, "\t"))
	}
	tw.Flush()
}
