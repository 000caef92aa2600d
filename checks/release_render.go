package checks

import (
	"slices"
	"strings"
)

// RenderRelease is the check-runs that show the verdict on a release, "Release
// Requirements" first, then one for each stage. What people wrote comes out harmless in
// them.
func RenderRelease(p Policy, v ReleaseVerdict, r Release) []Output {
	w := viewOf(&p, &v, &r)
	outs := make([]Output, 0, len(w.rules.Stages)+1)
	outs = append(outs, w.renderRelease())
	buf := outs[0].digest(nil)
	if !v.Invalid {
		for i := range w.rules.Stages {
			if w.stage(i) != nil {
				o := w.renderStage(i)
				buf = o.digest(buf)
				outs = append(outs, o)
			}
		}
	}
	return outs
}

func (w *releaseView) renderRelease() Output {
	o := Output{Name: RunRelease, Head: w.r.Tag.Commit, Title: w.title(), Footer: w.footer()}
	o.conclude(w.state())
	var b strings.Builder
	w.writeWhat(&b)
	w.writeStanding(&b)
	w.writeResults(&b, onRun)
	w.writeHow(&b, "", onRun)
	w.writeSigned(&b, "")
	w.writeFiles(&b)
	w.writeEnded(&b)
	w.writeRefused(&b, nil)
	w.writeEvidence(&b, textLimit-footerRoom)
	o.Summary = closed(cut(b.String()))
	if w.v.Phase == PhaseApproved && !w.promoted() && w.v.Promote == nil && o.Conclusion == "success" {
		o.Buttons = w.buttons("promote")
	}
	return o
}

// writeResults writes the table of what is asked for, and what there is to say about it.
// On the issue, where people talk, what does not apply is left out, and of a tag that is
// gone everything but that.
func (w *releaseView) writeResults(b *strings.Builder, at shownAt) {
	b.WriteString("\n" + tableHeader)
	for i := range w.v.Results {
		if r := &w.v.Results[i]; at == onRun || r.State != Exempt && (!w.r.Tag.Gone || r.ID == IDReleaseTag) {
			writeRows(b, r, r.Observed)
		}
	}
	for i := range w.v.Results {
		if w.v.Results[i].ID != IDReleaseEvidence && !w.r.Tag.Gone { // what it brings is written by itself
			writeNotes(b, &w.v.Results[i])
		}
	}
	for i, n := range w.v.Notes {
		if i == 0 {
			b.WriteString("\n")
		}
		explainItem(b, n)
	}
}

// closed ends what is folded up where the text was cut within it.
func closed(text string) string {
	if strings.Count(text, "<details>") > strings.Count(text, "</details>") {
		text += "\n</details>\n"
	}
	return text
}

// footer leads to the tracking issue. It is no part of what counts as a change, so that
// the issue's being made makes none.
func (w *releaseView) footer() string {
	if w.r.Issue.Number == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("The tracking issue is ")
	w.writeIssue(&b)
	b.WriteString(".")
	return b.String()
}

// renderStage is the run of a stage. It has buttons while people may sign it: it is the
// first that is not signed.
func (w *releaseView) renderStage(i int) Output {
	s, r := &w.rules.Stages[i], w.stage(i)
	o := Output{Name: stageRun(s), Head: w.r.Tag.Commit, Title: headline(r.State, r.Summary), Footer: strings.TrimSpace(r.Progress + "\n\n" + w.footer())}
	state := r.State
	switch w.v.Phase {
	case PhaseVoid, PhaseRejected, PhaseSuperseded, PhaseFailed:
		state, o.Title = Unmet, w.title()
	case PhaseGathering, "":
		state, o.Title = worse(state, Waiting), w.title()
	default:
		if w.emergency() && !state.Passes() {
			state, o.Title = Unmet, "Not signed: "+w.title()
		}
	}
	o.conclude(state)
	var b strings.Builder
	w.writeWhat(&b)
	b.WriteString("\n" + tableHeader)
	writeRows(&b, r, r.Observed)
	writeNotes(&b, r)
	w.writeEnvironment(&b, i)
	w.writeWorkflow(&b, s)
	w.writeHow(&b, s.Name, onRun)
	w.writeSigned(&b, s.Name)
	w.writeRefused(&b, s)
	w.writeEvidence(&b, textLimit-footerRoom)
	if len(r.Controls) > 0 {
		b.WriteString("\nEvidence for " + strings.Join(r.Controls, ", ") + ".\n")
	}
	o.Summary = closed(cut(b.String()))
	if w.open(i) {
		o.Buttons = w.buttons("sign", "reject")
	}
	return o
}

// open says whether people may sign a stage now: it lacks a sign-off that somebody may
// give, and those before it lack none.
func (w *releaseView) open(i int) bool {
	if w.v.Invalid || w.v.Phase != PhaseCandidate && w.v.Phase != PhaseSigning {
		return false
	}
	for k := range w.rules.Stages[:i] {
		if len(w.unsigned(&w.rules.Stages[k])) > 0 {
			return false
		}
	}
	s := &w.rules.Stages[i]
	return slices.ContainsFunc(w.unsigned(s), func(so StageSignOff) bool { return w.signable(s, so.Role) })
}

// signable says whether somebody may sign a role of a stage, as far as is known.
func (w *releaseView) signable(s *Stage, name RoleName) bool {
	r := w.rolePart(s, name)
	return r != nil && r.State == Waiting && !r.Unknown
}

// unsigned are the sign-offs of a stage that are not all there.
func (w *releaseView) unsigned(s *Stage) []StageSignOff {
	var out []StageSignOff
	st := w.standing(s)
	for _, so := range s.SignOffs {
		n := 0
		if st != nil {
			for _, sign := range st.Signed {
				if sign.Role == so.Role {
					n++
				}
			}
		}
		if n < max(so.Count, 1) {
			out = append(out, so)
		}
	}
	return out
}

// allButtons are the buttons that there are, within GitHub's limits; an identifier ends
// with the candidate that it is about.
var allButtons = map[string]Button{
	"sign":    {"Sign off", "Sign a role of this stage that you hold", "sign:"},
	"reject":  {"Reject", "Stop this release; a reason is owed", "reject:"},
	"promote": {"Promote", "Release exactly this candidate now", "promote:"},
}

func (w *releaseView) buttons(names ...string) []Button {
	if len(w.v.Digest) < ShortCandidate || w.v.Observe {
		return nil
	}
	var out []Button
	for _, name := range names {
		b := allButtons[name]
		b.Identifier += w.v.Digest[:ShortCandidate]
		out = append(out, b)
	}
	return out
}
