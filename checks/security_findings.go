package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// findings judges what scanners found in CI.
func (x *scrutiny) findings() Result {
	f := x.scan.SARIF
	if f == nil {
		f = &Findings{}
	}
	rules := x.rules.SARIF
	wait := time.Duration(rules.Wait)
	if wait <= 0 {
		wait = patience
	}
	g := gather(x.pull, *x.sel.SARIF, &f.Gathering, x.scan.SARIF != nil, &findingsNoun, wait, rules.SelfDeclared)
	if w := x.h.wants; w != nil && g.state.Done && g.self.approvable() && g.distrusted() != "" {
		g.approvals(w)
	}
	r, usable := g.reports()
	x.open = x.open || !usable
	if usable {
		r = x.judgeFindings(f)
		r.Notes = append(r.Notes, g.notes...)
		if t, said := g.trust(); said && t.State < r.State {
			t.Notes = append([]string{"As the reports stand: " + lowerFirst(r.Summary)}, r.Notes...)
			t.Annotations = r.Annotations
			r = t
		} else if said {
			r.Notes = append(r.Notes, t.Summary)
		}
	}
	r.Progress, r.Evidence = g.progress, g.evidence()
	return r
}

// judgeFindings judges what the reports say, once they can be used.
func (x *scrutiny) judgeFindings(f *Findings) Result {
	r := Result{ID: findingsNoun.id, Name: findingsNoun.name, State: Unmet}
	if x.failedRuns(f, &r) || x.missingTools(f, &r) {
		x.open = true
		return r
	}
	t := x.sift("finding", f.New, x.rules.SARIF.Block, x.rules.SARIF.Review)
	x.lessKnown(f)
	r.Annotations = x.take()
	against := x.against(f)
	t.conclude(&r, against, f.More)
	if f.More > 0 {
		x.ask("", "More new findings were reported than are kept: "+strconv.Itoa(f.More)+" are left out")
	}
	r.Notes = append(r.Notes, toolNotes(f.Tools)...)
	return r
}

// lessKnown asks for a review of what the reports could not say.
func (x *scrutiny) lessKnown(f *Findings) {
	if f.Skipped > 0 {
		x.ask("", count(f.Skipped, "result")+" of the scanners made no sense and "+plural(f.Skipped, "was", "were")+" left out")
	}
	if f.Unresolved > 0 {
		text := count(f.Unresolved, "file") + " that the scanners name cannot be found in the repository"
		var odd []string
		for _, o := range f.Odd {
			odd = append(odd, phrase(o))
		}
		if odd = sorted(odd); len(odd) > 0 {
			text += ", for example " + list(odd[:min(len(odd), 2)], 2)
		}
		x.ask("", text)
	}
}

// failedRuns: a scanner's run that ended early is no scan, and says nothing of
// what it did not get to.
func (x *scrutiny) failedRuns(f *Findings, r *Result) bool {
	var bad []string
	for _, t := range f.Tools {
		if t.Failed != "" {
			bad = append(bad, toolName(&t)+": "+phrase(t.Failed))
		}
	}
	switch bad = sorted(bad); {
	case len(f.Tools) == 0:
		fault{"the SARIF reports hold no run of a scanner", theAuthor}.fill(r)
	case len(bad) == 0:
		return false
	default:
		r.Unknown, r.Can = true, []string{theAuthor, "whoever runs the scanners"}
		r.Summary = "A scan failed, which is no clean one: " + bad[0] + ". Mend it, or run it again."
		if len(bad) > 1 {
			r.Summary = strconv.Itoa(len(bad)) + " scans failed, which are no clean ones, the first: " + bad[0] + ". Mend them, or run them again."
			r.Notes = limited(stopped(bad), "scans")
		}
	}
	return true
}

// missingTools: a scanner that the policy asks for has not run.
func (x *scrutiny) missingTools(f *Findings, r *Result) bool {
	var missing []string
	for _, want := range x.rules.SARIF.Tools {
		if !slices.ContainsFunc(f.Tools, func(t ToolRun) bool { return strings.EqualFold(strings.TrimSpace(t.Tool), strings.TrimSpace(want)) }) {
			missing = append(missing, quoted(want))
		}
	}
	if len(missing) == 0 {
		return false
	}
	var ran []string
	for i := range f.Tools {
		ran = append(ran, quoted(f.Tools[i].Tool))
	}
	r.Unknown, r.Can = true, []string{theAuthor, policyChangers}
	r.Summary = "No report is by " + list(sorted(missing), 3) + ", which the policy asks for; there are reports by " + list(sorted(ran), 5) + "."
	return true
}

func toolName(t *ToolRun) string {
	return strings.TrimSpace(cmp.Or(quoted(t.Tool), "a scanner without a name") + " " + quoted(t.Version))
}

// toolNotes say which scanners ran.
func toolNotes(tools []ToolRun) []string {
	var ran []string
	for i := range tools {
		ran = append(ran, toolName(&tools[i])+" ("+count(max(tools[i].Results, 0), "result")+")")
	}
	return []string{"Scanned by " + list(sorted(ran), 8) + "."}
}

// against says with what the findings were compared, as the end of a sentence.
func (x *scrutiny) against(f *Findings) string {
	if f.Against == "" {
		return "compared by lines only, since no report of " + Plain(x.pull.Base.Name) + " to compare with was found"
	}
	text := "compared with " + Plain(x.pull.Base.Name) + " at " + Plain(short(f.Against))
	if f.Behind > 0 {
		text += ", " + count(f.Behind, "commit") + " before the change began"
	}
	if f.Old > 0 {
		text += ", which has " + strconv.Itoa(f.Old) + " already"
	}
	return text
}
