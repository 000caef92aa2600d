package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/web"
)

// short is a commit or digest as people are shown it.
func short(digest string) string {
	return digest[:min(len(digest), checks.ShortCandidate)]
}

// minute is a moment as tables show it; "" for none.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// printCandidate says what somebody is about to sign, or to do something else about.
func printCandidate(w io.Writer, r web.Release) {
	fmt.Fprintf(w, "%s %s: candidate %s, commit %s\n", oneLine(r.Repo), oneLine(r.Tag), short(r.Candidate), short(r.Commit))
	fmt.Fprintf(w, "evidence: %s\n", evidenceLine(r))
	for _, b := range r.Evidence.Odd[:min(len(r.Evidence.Odd), oddShown)] {
		fmt.Fprintf(w, "  %s\n", broughtLine(b))
	}
	if more := len(r.Evidence.Odd) - oddShown; more > 0 {
		fmt.Fprintf(w, "  and %d more: see handrail release changes\n", more)
	}
	for _, a := range r.Artifacts {
		fmt.Fprintf(w, "artifact: %s %s\n", oneLine(a.Name), oneLine(a.Digest))
	}
}

// oddShown is how many exceptions are shown before somebody signs.
const oddShown = 20

// evidenceLine says what a release brings, in one line.
func evidenceLine(r web.Release) string {
	if r.Gathering != "" {
		return oneLine(r.Gathering)
	}
	e := r.Evidence
	since := "in all, since it is the first"
	if e.BaseTag != "" {
		since = "since " + oneLine(e.BaseTag)
	} else if e.Base != "" {
		since = "since " + short(e.Base)
	}
	line := fmt.Sprintf("%s, %s %s", plural(e.Commits, "commit"), plural(e.Pulls, "pull request"), since)
	var counts []string
	for _, s := range slices.Sorted(maps.Keys(e.Counts)) {
		if n := e.Counts[s]; n > 0 {
			counts = append(counts, strconv.Itoa(n)+" "+evidenceWord(s))
		}
	}
	if len(counts) > 0 {
		line += ": " + strings.Join(counts, ", ")
	}
	return line
}

// evidenceWord is a state of evidence as people say it.
func evidenceWord(s checks.EvidenceState) string {
	switch s {
	case checks.EvidenceUnknown:
		return "unknown"
	case checks.EvidenceNoPull:
		return "without a pull request"
	}
	return string(s)
}

// broughtLine is a change in one line.
func broughtLine(b checks.Brought) string {
	line := evidenceWord(b.State) + ": "
	if b.Number > 0 {
		line += fmt.Sprintf("#%d ", b.Number)
	} else if len(b.Commits) > 0 {
		line += short(b.Commits[0]) + " "
	}
	line += b.Title
	if b.Author != "" {
		line += " by " + b.Author
	}
	if b.Why != "" {
		line += " (" + b.Why + ")"
	}
	return oneLine(line)
}

// printRelease says how far a release is.
func printRelease(w io.Writer, r web.Release) {
	phase := string(r.Phase)
	if r.Emergency {
		phase += ", an EMERGENCY"
	}
	if r.Observed {
		phase += " (handrail only observes here)"
	}
	fmt.Fprintf(w, "%s %s is %s\n", oneLine(r.Repo), oneLine(r.Tag), oneLine(phase))
	if r.Candidate != "" {
		printCandidate(w, r)
	}
	if len(r.Stages) > 0 {
		fmt.Fprintln(w)
		printTable(w, stageRows(r))
	}
	printMissing(w, r.Missing)
	printAftermath(w, r)
}

func stageRows(r web.Release) [][]string {
	rows := [][]string{{"STAGE", "STATE", "ROLE", "SIGNED BY", "WHEN (UTC)", "HOW"}}
	for _, s := range r.Stages {
		if len(s.Signed) == 0 {
			rows = append(rows, []string{oneLine(s.Name), s.State.String(), "", "", "", ""})
		}
		for _, x := range s.Signed {
			rows = append(rows, []string{oneLine(s.Name), s.State.String(), oneLine(string(x.Role)), oneLine(x.By.Login), minute(x.At), oneLine(x.Via)})
		}
	}
	return rows
}

func printMissing(w io.Writer, list []web.Missing) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(w)
	rows := [][]string{{"STATE", "MISSING", "SINCE (UTC)", "WHO CAN ACT NOW", "WHAT"}}
	for _, m := range list {
		rows = append(rows, []string{m.State.String(), oneLine(m.ID), minute(m.Since), oneLine(strings.Join(m.Can, ", ")), oneLine(m.Summary)})
	}
	printTable(w, rows)
}

// printAftermath says what counts for nothing, what came before, and what was deployed.
func printAftermath(w io.Writer, r web.Release) {
	var lines []string
	for _, a := range r.Acts {
		if a.Refused != "" {
			lines = append(lines, fmt.Sprintf("counts for nothing: %s by %s, %s: %s", actName(a.Act), a.By.Login, minute(a.At), a.Refused))
		}
	}
	for _, c := range r.Candidates {
		if !c.Ended.IsZero() {
			lines = append(lines, fmt.Sprintf("candidate %s ended %s: %s", short(c.Digest), minute(c.Ended), c.Why))
		}
	}
	for _, e := range slices.Sorted(maps.Keys(r.Environments)) {
		word := r.Environments[e]
		state := word.State
		if state == "" {
			state = "waits"
		}
		lines = append(lines, strings.TrimSuffix(fmt.Sprintf("environment %s: %s: %s", e, state, word.Why), ": "))
	}
	for _, d := range r.Deployments {
		lines = append(lines, fmt.Sprintf("deployment to %s: %s, %s", d.Environment, d.State, minute(d.At)))
	}
	if !r.FollowUp.IsZero() {
		lines = append(lines, fmt.Sprintf("somebody must have looked at it by %s: handrail release follow-up", minute(r.FollowUp)))
	}
	if r.Decision > 0 {
		lines = append(lines, fmt.Sprintf("decided: entry %d of the log: handrail release decision", r.Decision))
	}
	if len(lines) > 0 {
		fmt.Fprintln(w)
	}
	for _, l := range lines {
		fmt.Fprintln(w, oneLine(l))
	}
}

// actName is what somebody did, in words.
func actName(a checks.Act) string {
	if a.Role == "" {
		return string(a.Kind)
	}
	return string(a.Kind) + " " + string(a.Role)
}

func printRows(w io.Writer, list []web.Row) {
	rows := [][]string{{"REPOSITORY", "TAG", "PHASE", "CANDIDATE", "COMMIT", "PROMOTED (UTC)", "RELEASED (UTC)"}}
	for _, r := range list {
		phase := string(r.Phase)
		if r.Emergency {
			phase += " (emergency)"
		}
		rows = append(rows, []string{oneLine(r.Repo), oneLine(r.Tag), phase, short(r.Candidate), short(r.Commit), minute(r.Promoted), minute(r.Released)})
	}
	printTable(w, rows)
}

func printChanges(w io.Writer, list []checks.Brought) {
	rows := [][]string{{"STATE", "CHANGE", "COMMITS", "AUTHOR", "ENTRY", "TITLE", "WHY"}}
	for _, b := range list {
		what, entry := "", ""
		if b.Number > 0 {
			what = "#" + strconv.Itoa(b.Number)
		} else if len(b.Commits) > 0 {
			what = short(b.Commits[0])
		}
		if b.Seq > 0 {
			entry = strconv.FormatInt(b.Seq, 10)
		}
		rows = append(rows, []string{evidenceWord(b.State), what, strconv.Itoa(len(b.Commits)), oneLine(b.Author), entry, oneLine(b.Title), oneLine(b.Why)})
	}
	printTable(w, rows)
}
