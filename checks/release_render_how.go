package checks

import (
	"strconv"
	"strings"
)

// shownAt is where a text stands.
type shownAt int

const (
	onRun shownAt = iota
	onIssue
)

// writeHow says what can be done now, and by whom: on a stage, or on the whole.
func (w *releaseView) writeHow(b *strings.Builder, stage string, at shownAt) {
	if w.v.Invalid {
		return
	}
	var lines [][2]string
	switch w.v.Phase {
	case PhaseCandidate, PhaseSigning:
		if w.owed() {
			lines = append(lines, w.howToFollow())
		}
		lines = append(lines, w.howToSign(stage, at)...)
		lines = append(lines, w.howToAccept()...)
		lines = append(lines, w.howToStop()...)
	case PhaseApproved:
		if w.v.Promote == nil {
			lines = append(lines, [2]string{promoteCommand, "releases it, by " + w.promoters()})
		}
		lines = append(lines, w.howToStop()...)
	case PhaseRejected:
		lines = append(lines, [2]string{revokeCommand + " " + rejectionWord + " REASON", "takes the rejection back, by whoever rejected it, or " + w.promoters()})
	case PhasePromoting, PhaseReleased, PhaseDeployed:
		if w.owed() {
			lines = append(lines, w.howToFollow())
		}
		if w.v.Phase != PhasePromoting {
			lines = append(lines, [2]string{failCommand + " REASON", "says that it failed, by " + w.promoters()})
		}
		if w.newer() != "" {
			lines = append(lines, [2]string{rollBackCommand + " REASON", "lets it be deployed again, by " + w.promoters()})
		}
	case PhaseFailed:
		lines = append(lines, [2]string{rollBackCommand + " REASON", "lets it be deployed again, by " + w.promoters()})
	}
	if e := w.rules.Emergency.Role; e != "" && stage == "" && len(lines) > 0 && !w.promoted() {
		lines = append(lines, [2]string{glassCommand + " REASON", "releases it at once in an emergency, by " + w.rules.holders(e)})
	}
	if len(lines) > 0 {
		w.writeCommands(b, lines, at)
	}
}

// writeCommands writes commands and where they are said.
func (w *releaseView) writeCommands(b *strings.Builder, lines [][2]string, at shownAt) {
	b.WriteString("\n**What can be done now**, ")
	switch {
	case at == onIssue:
		b.WriteString("by a comment here that has one of these alone on a line, or by `handrail release`\n")
	case w.rules.Issue:
		b.WriteString("by a comment on the tracking issue that has one of these alone on a line, or by `handrail release`\n")
	default:
		b.WriteString("by `handrail release`, as these comments would on a tracking issue, which the policy does not want\n")
	}
	for _, l := range lines {
		b.WriteString("- ")
		writeCode(b, l[0])
		b.WriteString(" ")
		writeMarkdown(b, l[1])
		b.WriteString("\n")
	}
}

// howToFollow is the command that follows up.
func (w *releaseView) howToFollow() [2]string {
	return [2]string{followCommand + " TEXT", "says what came of looking at it afterwards, by " + w.followers()}
}

// howToStop are the commands that take away.
func (w *releaseView) howToStop() [][2]string {
	return [][2]string{
		{rejectCommand + " REASON", "stops it, by " + w.rules.holders(united(w.rules.stageRoles(), w.rules.promoters())...)},
		{revokeCommand + " ROLE REASON", "takes your own sign-off back"},
	}
}

// howToSign are the commands that sign what is not signed: of one stage, or of all.
func (w *releaseView) howToSign(stage string, at shownAt) [][2]string {
	var out [][2]string
	for i := range w.rules.Stages {
		s := &w.rules.Stages[i]
		if stage != "" && s.Name != stage {
			continue
		}
		button := ""
		switch {
		case !w.open(i) || w.r.SharedWith != "":
		case at == onRun && stage != "":
			button = "; so does the button \"Sign off\" above"
		default:
			button = "; so does the button \"Sign off\" of " + stageRun(s)
		}
		for _, so := range w.unsigned(s) {
			if !w.signable(s, so.Role) {
				continue
			}
			out = append(out, [2]string{w.signLine(s, so.Role), w.orSay(so.Role) + "signs " + s.Name + ", by " + w.needed(so) + button})
		}
	}
	return out
}

// orSay is the role's own phrase that signs it, too; "" where it has none that every
// policy text knows.
func (w *releaseView) orSay(name RoleName) string {
	roles := w.rules.definitions(name)
	if len(roles) != 1 || w.rules.asked(name) > 1 {
		return ""
	}
	for _, p := range roles[0].Say {
		if p.re == nil {
			return "(or \"" + p.text + "\") "
		}
	}
	return ""
}

// signLine is the command that signs a role, with the stage where several ask for it.
func (w *releaseView) signLine(s *Stage, role RoleName) string {
	if w.rules.asked(role) > 1 {
		return signCommand + " " + s.slug() + "/" + string(role)
	}
	return signCommand + " " + string(role)
}

// needed is who signs.
func (w *releaseView) needed(so StageSignOff) string {
	if so.Count > 1 {
		return strconv.Itoa(so.Count) + " different people, each of " + w.rules.holders(so.Role)
	}
	return w.rules.holders(so.Role)
}

// howToAccept is the command that accepts the exceptions in the evidence, where they
// are not accepted.
func (w *releaseView) howToAccept() [][2]string {
	r := w.result(IDReleaseEvidence)
	if r == nil || r.State.Passes() || !w.acceptable() {
		return nil
	}
	return [][2]string{{overrideCommand + " " + IDReleaseEvidence + " REASON", "accepts the exceptions below, by " + w.accepters()}}
}

// acceptable says whether some exception that there is can be accepted, and none blocks.
func (w *releaseView) acceptable() bool {
	any := false
	for _, state := range evidenceOrder {
		if w.r.Evidence.Counts[state] == 0 {
			continue
		}
		switch w.means(state) {
		case EvidenceShow:
		case EvidenceAccept:
			any = true
		default:
			return false
		}
	}
	return any
}

// means is what the policy makes of exceptions of a state.
func (w *releaseView) means(s EvidenceState) EvidenceWord { return w.rules.Evidence.word(s) }

// promoters are who may promote what is approved, accepters who may accept exceptions
// in the evidence, followers who may look at an emergency afterwards.
func (w *releaseView) promoters() string { return w.rules.whose(w.rules.promotion()) }
func (w *releaseView) accepters() string { return w.rules.whose(w.rules.acceptance()) }
func (w *releaseView) followers() string {
	return w.rules.whose(w.rules.followUp()) + ", but not by who let it out"
}

// owed says whether somebody must still look at the release afterwards.
func (w *releaseView) owed() bool { return !w.v.FollowUp.IsZero() && w.v.FollowedUp == nil }
