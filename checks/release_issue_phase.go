package checks

import "strings"

// phaseNotices say how far the release has come, once for each candidate.
func (w *releaseView) phaseNotices() []notice {
	var b strings.Builder
	switch {
	case w.v.Phase == PhaseApproved && w.v.Promote == nil && w.met():
		w.writeApproved(&b)
		return []notice{{[]string{"approved " + w.v.Digest}, b.String()}}
	case w.emergency() && w.goesOn():
		w.writeEmergency(&b)
		out := []notice{{[]string{"emergency " + w.v.Digest}, b.String()}}
		return append(append(out, w.overdue()...), w.releasedNotice()...)
	case w.v.Phase == PhaseReleased, w.v.Phase == PhaseDeployed:
		return append(w.overdue(), w.releasedNotice()...)
	case w.v.Phase == PhaseFailed:
		b.WriteString("**Marked as failed**")
		if a := w.last(ActFail); a != nil {
			b.WriteString(" by ")
			w.writeDeed(&b, a)
		}
		return []notice{{[]string{"failed " + w.v.Digest}, b.String()}}
	case w.owed():
		w.writePublished(&b)
		return append([]notice{{[]string{"published " + w.v.Digest}, b.String()}}, w.overdue()...)
	}
	return nil
}

func (w *releaseView) writeApproved(b *strings.Builder) {
	b.WriteString("**Everything that ")
	writeMarkdown(b, w.tag)
	b.WriteString(" needs is there.** Candidate ")
	writeCode(b, w.short())
	b.WriteString(" is released once somebody who may says so: the line `/promote` in a comment here, the button \"Promote\" of ")
	writeCode(b, RunRelease)
	b.WriteString(", or `handrail release promote`" + w.calling(w.rules.promoters()) + ".")
}

func (w *releaseView) writeEmergency(b *strings.Builder) {
	b.WriteString("**Released in an emergency**, without all that the policy asks for. Declared by ")
	w.writeDeed(b, &w.v.Promote.By)
	for _, r := range w.asked() {
		if !r.State.Passes() && !r.Observed {
			explainItem(b, r.Name+": "+r.Summary)
		}
	}
	w.writeOwed(b)
}

// writePublished says that somebody has published the release without handrail.
func (w *releaseView) writePublished(b *strings.Builder) {
	b.WriteString("**Published on GitHub before it was approved.**")
	if r := w.result(IDReleasePublished); r != nil {
		b.WriteString(" ")
		writeMarkdown(b, r.Summary)
	}
	b.WriteString("\n")
	w.writeOwed(b)
}

// writeOwed says who must look at the release afterwards, and until when.
func (w *releaseView) writeOwed(b *strings.Builder) {
	if !w.owed() {
		return
	}
	b.WriteString("\nUntil " + minute(w.v.FollowUp) + " somebody else must have looked at it and said so: a comment here with the line `" +
		followCommand + " TEXT`, where TEXT is what came of it" + w.calling(w.rules.followers()) + ".")
}

// overdue says that nobody has looked at a release that somebody should have.
func (w *releaseView) overdue() []notice {
	if !w.owed() || w.r.At.Before(w.v.FollowUp) {
		return nil
	}
	var b strings.Builder
	b.WriteString("**The follow-up is overdue** since " + minute(w.v.FollowUp) + ". It is a finding until somebody who did not ask for the promotion has looked at ")
	writeMarkdown(&b, w.tag)
	b.WriteString(" and said so: `" + followCommand + " TEXT`" + w.calling(w.rules.followers()) + ".")
	return []notice{{[]string{"follow-up " + w.v.Digest}, b.String()}}
}

// releasedNotice says that the promotion is done, on every level that there is.
func (w *releaseView) releasedNotice() []notice {
	if !w.promoted() || w.r.Memory.Released.IsZero() || w.v.Promote == nil {
		return nil
	}
	var b strings.Builder
	b.WriteString("**Released**: ")
	writeMarkdown(&b, w.tag)
	b.WriteString(", candidate ")
	writeCode(&b, w.short())
	b.WriteString(", promoted by ")
	w.writeDeed(&b, &w.v.Promote.By)
	if seq := w.r.Memory.PromotedSeq; seq > 0 {
		b.WriteString("\nThe signed decision is record " + recordNumber(seq) + "; `handrail release decision` fetches it and `handrail release verify` verifies it, without this server.")
	}
	return []notice{{[]string{"released " + w.v.Digest}, b.String()}}
}
