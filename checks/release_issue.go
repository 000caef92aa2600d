package checks

import "strings"

// issueLimit is how long the text of a tracking issue becomes; GitHub takes 65,536
// characters ("Issues", GraphQL docs, body cannot be longer).
const issueLimit = 60000

// ReleaseIssue is the tracking issue of a release as it should be.
func ReleaseIssue(p Policy, v ReleaseVerdict, r Release) IssueText {
	return viewOf(&p, &v, &r).issue()
}

func (w *releaseView) issue() IssueText {
	t := IssueText{Number: w.r.Issue.Number, Title: "Release " + w.tag, Open: !w.over()}
	if w.met() {
		t.Labels = []string{LabelRelease}
	}
	body := w.issueBody()
	t.Digest = issueDigest(t.Title, body)
	t.Body = issueMark(w.r.Tag.Name, t.Digest) + "\n" + body
	return t
}

// over says whether nothing more is to be done about a release.
func (w *releaseView) over() bool {
	switch w.v.Phase {
	case PhaseReleased, PhaseDeployed, PhaseFailed:
		return !w.owed()
	case PhaseVoid, PhaseSuperseded:
		return true
	}
	return false
}

func (w *releaseView) issueBody() string {
	var b strings.Builder
	b.WriteString("## ")
	writeMarkdown(&b, w.issueHeadline())
	b.WriteString("\n\n")
	w.writeWhat(&b)
	w.writeLinks(&b)
	w.writeStanding(&b)
	if !w.r.Tag.Gone && !w.v.Invalid {
		w.writeStages(&b)
	}
	b.WriteString("\n**What it needs**\n")
	w.writeResults(&b, onIssue)
	w.writeHow(&b, "", onIssue)
	w.writeSigned(&b, "")
	w.writeFiles(&b)
	w.writeEnded(&b)
	w.writeRefused(&b, nil)
	if !w.r.Tag.Gone {
		w.writeEvidence(&b, issueLimit)
	}
	b.WriteString("\n_handrail keeps this text up to date; what anybody else writes into it is put right. An edited comment counts for nothing: write another._\n")
	return strings.TrimSpace(closed(cutTo(b.String(), issueLimit)))
}

// issueHeadline is how far the release is. Gathering is not counted here: the check-run
// does that.
func (w *releaseView) issueHeadline() string {
	if w.v.Phase == PhaseGathering && w.r.Evidence.Broken == "" {
		return "Gathering what it brings"
	}
	return w.title()
}

// writeLinks leads to what is spoken about.
func (w *releaseView) writeLinks(b *strings.Builder) {
	var links []string
	add := func(text, rest string) {
		if path := w.path(rest); path != "" {
			links = append(links, "["+text+"]("+path+")")
		}
	}
	if w.r.Tag.Gone {
		return
	}
	e := &w.r.Evidence
	if isSHA(e.Base) && isSHA(e.Head) {
		add("what changed", "compare/"+e.Base+"..."+e.Head)
	}
	if isSHA(w.r.Tag.Commit) && w.r.SharedWith == "" {
		add("the check-runs", "commit/"+w.r.Tag.Commit+"/checks")
	}
	switch {
	case w.r.Page.ID == 0:
	case w.r.Page.Draft && !w.promoted():
		add("the draft", "releases")
	case linkable(strings.ReplaceAll(w.r.Tag.Name, "/", "")):
		add("the release", "releases/tag/"+w.r.Tag.Name)
	}
	if len(links) > 0 {
		b.WriteString("\nSee " + list(links, len(links)) + ".\n")
	}
}

// writeStages writes how far each stage is, with a mark.
func (w *releaseView) writeStages(b *strings.Builder) {
	for i := range w.rules.Stages {
		s := &w.rules.Stages[i]
		if i == 0 {
			b.WriteString("\n**Stages**\n")
		}
		mark := "⏳"
		r := w.stage(i)
		switch {
		case r == nil:
		case r.State.Passes():
			mark = "✅"
		case r.State == Unmet:
			mark = "❌"
		}
		b.WriteString("- " + mark + " **")
		writeMarkdown(b, s.Name)
		b.WriteString("**: ")
		for k, so := range s.SignOffs {
			if k > 0 {
				b.WriteString("; ")
			}
			w.writeSignOff(b, s, so)
		}
		b.WriteString("\n")
	}
}

// writeSignOff writes who has signed a role of a stage, or who is waited for.
func (w *releaseView) writeSignOff(b *strings.Builder, s *Stage, so StageSignOff) {
	writeMarkdown(b, string(so.Role))
	n := 0
	if st := w.standing(s); st != nil {
		for _, sign := range st.Signed {
			if sign.Role != so.Role {
				continue
			}
			if n++; n == 1 {
				b.WriteString(" ✅ ")
			} else {
				b.WriteString(", ")
			}
			writeCode(b, "@"+sign.By.Login)
		}
	}
	need := max(so.Count, 1)
	if n >= need || !w.goesOn() && n > 0 {
		return
	}
	b.WriteString(" ⬜ ")
	if need > 1 {
		b.WriteString(thousands(n) + " of " + thousands(need) + ", ")
	}
	switch {
	case !w.goesOn() || w.promoted():
		b.WriteString("not signed")
	case w.signable(s, so.Role):
		b.WriteString("waits for ")
		writeMarkdown(b, w.rules.holders(so.Role))
	default:
		b.WriteString("cannot be signed now")
	}
}
