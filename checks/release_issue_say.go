package checks

import (
	"slices"
	"strconv"
	"strings"
)

// notice is a comment on the tracking issue that is written once. Its keys are kept in
// [ReleaseMemory.Reminded].
type notice struct {
	keys []string
	body string
}

// notices are the comments that are due: what a person has to know or to do now, which
// the issue's text, that nobody is told of, only shows.
func (w *releaseView) notices() []Action {
	if w.r.Issue.Denied {
		return nil
	}
	var due []notice
	due = append(due, w.endNotices()...)
	due = append(due, w.rejectNotices()...)
	due = append(due, w.phaseNotices()...)
	due = append(due, w.deployNotices()...)
	due = append(due, w.reminders()...)
	var out []Action
	for _, n := range due {
		fresh := n.keys[:0:0]
		for _, key := range n.keys {
			if !w.marked(key) {
				fresh = append(fresh, key)
			}
		}
		if len(fresh) > 0 {
			out = append(out, Action{Kind: CommentIssue, Body: cutTo(n.body, commentLimit), Remind: fresh})
		}
	}
	return out
}

// endNotices say that sign-offs have ended, for each candidate that had some, and ask
// for new ones.
func (w *releaseView) endNotices() []notice {
	var out []notice
	for i := range w.r.Memory.Candidates {
		c := &w.r.Memory.Candidates[i]
		signs := w.signedThen(c)
		if c.Ended.IsZero() || len(signs) == 0 {
			continue
		}
		var b strings.Builder
		b.WriteString("**Sign-offs of ")
		writeMarkdown(&b, w.tag)
		b.WriteString(" have ended.** ")
		w.writeEnd(&b, c)
		if w.goesOn() && w.v.Phase != PhaseReleased && w.v.Phase != PhaseDeployed {
			b.WriteString("\n\nWhat is there now is candidate ")
			writeCode(&b, w.short())
			b.WriteString(". Look at it and sign it anew" + w.calling(rolesOf(signs)) + ".")
		}
		out = append(out, notice{[]string{"void " + c.Digest + " " + strconv.FormatInt(c.Ended.Unix(), 10)}, b.String()})
	}
	return out
}

func rolesOf(signs []*Act) []RoleName {
	var out []RoleName
	for _, a := range signs {
		if a.Role != "" {
			out = united(out, []RoleName{a.Role})
		}
	}
	return out
}

// rejectNotices say who has rejected the candidate, each time.
func (w *releaseView) rejectNotices() []notice {
	if w.v.Phase != PhaseRejected {
		return nil
	}
	var out []notice
	for i := range w.r.Acts {
		a := &w.r.Acts[i]
		if a.Kind != ActReject || !w.counts(a) {
			continue
		}
		var b strings.Builder
		b.WriteString("**Rejected** by ")
		w.writeDeed(&b, a)
		if a.Reason == "" {
			b.WriteString("\nThe reason is owed: a comment here by the same person with the line `/reject REASON`.\n")
		}
		b.WriteString("\nThis candidate is not promoted. Whoever rejected it can take that back by the line `/revoke rejection REASON`, and so can ")
		writeMarkdown(&b, w.promoters())
		b.WriteString(". The tag at another commit is another candidate, which is signed anew.")
		out = append(out, notice{[]string{"reject " + w.v.Digest + " " + actKey(a)}, b.String()})
	}
	return out
}

// actKey tells acts apart.
func actKey(a *Act) string {
	if a.Seq != 0 {
		return strconv.FormatInt(a.Seq, 10)
	}
	return account(a.By) + " " + strconv.FormatInt(a.At.Unix(), 10)
}

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

// deployNotices say that the commit is in an environment of a stage, or that a job
// failed to bring it there, once for each deployment's end.
func (w *releaseView) deployNotices() []notice {
	var out []notice
	for _, d := range w.r.Deployments {
		if !w.guards(d.Environment) {
			continue
		}
		var b strings.Builder
		switch d.State {
		case "success":
			b.WriteString("**Deployed** to ")
		case "failure", "error":
			b.WriteString("**The deployment failed** to ")
		default:
			continue
		}
		writeCode(&b, d.Environment)
		b.WriteString(" on " + minute(d.At) + ".")
		if d.State == "success" && !w.promoted() && w.gateWord(d.Environment).State != "approved" {
			b.WriteString(" **handrail has not let it through:** this candidate may not be deployed there yet.")
		}
		word := d.State
		if word == "error" {
			word = "failure"
		}
		out = append(out, notice{[]string{"deployed " + w.v.Digest + " " + word + " " + d.Environment}, b.String()})
	}
	return out
}

// reminders remind roles that are waited for too long, one comment for each stage, and
// tell others of them.
func (w *releaseView) reminders() []notice {
	var out []notice
	for i := range w.rules.Stages {
		s := &w.rules.Stages[i]
		for _, escalate := range [...]bool{false, true} {
			var keys []string
			var roles []RoleName
			for _, m := range w.v.Reminders {
				if m.Stage == s.Name && m.Escalate == escalate && !w.marked(m.Key) && w.signable(s, m.Role) {
					keys, roles = append(keys, m.Key), united(roles, []RoleName{m.Role})
				}
			}
			if len(keys) > 0 {
				out = append(out, notice{keys, w.reminder(s, roles, escalate)})
			}
		}
	}
	return out
}

func (w *releaseView) reminder(s *Stage, roles []RoleName, escalate bool) string {
	var b strings.Builder
	if escalate {
		b.WriteString("**Still waiting**: ")
	} else {
		b.WriteString("**Reminder**: ")
	}
	writeMarkdown(&b, w.tag)
	b.WriteString(" waits in the stage ")
	writeMarkdown(&b, s.Name)
	b.WriteString(" for\n")
	for _, name := range roles {
		b.WriteString("- ")
		writeCode(&b, w.signLine(s, name))
		b.WriteString(" by ")
		writeMarkdown(&b, w.holders(name))
		if r := w.rolePart(s, name); r != nil && !r.Since.IsZero() {
			b.WriteString(", since " + minute(r.Since))
		}
		b.WriteString("\n")
	}
	if escalate {
		b.WriteString("\nThey were reminded. Whoever can has to find somebody who signs" + w.calling([]RoleName{s.EscalateTo}) + ".")
		return b.String()
	}
	b.WriteString("\nWhat it brings stands above. Sign by that line in a comment here, by the button \"Sign off\" of ")
	writeCode(&b, stageRun(s))
	b.WriteString(", or by `handrail release sign`; stop it by `/reject REASON`" + w.calling(roles) + ".")
	return b.String()
}

// rolePart is the result of a role of a stage, nil for none.
func (w *releaseView) rolePart(s *Stage, name RoleName) *Result {
	r := w.result(s.id(""))
	if r == nil {
		return nil
	}
	if i := slices.IndexFunc(r.Parts, func(p Result) bool { return p.ID == s.id(string(name)) }); i >= 0 {
		return &r.Parts[i]
	}
	return nil
}

// callsMost is how many people a comment calls for a role that has no team.
const callsMost = 5

// calling calls the people of roles by mentions, as the end of a sentence: only teams
// and accounts that the policy names. It is "" where the policy names none.
func (w *releaseView) calling(names []RoleName) string {
	var who []string
	for _, name := range names {
		for _, role := range w.roles(name) {
			if team := strings.TrimPrefix(role.Team, "@"); team != "" {
				if org, slug, ok := strings.Cut(team, "/"); ok && linkable(org) && linkable(slug) {
					who = union(who, []string{"@" + team})
				}
				continue
			}
			for _, u := range role.Users[:min(len(role.Users), callsMost)] {
				if linkable(u) && !isApp(strings.ToLower(u)) {
					who = union(who, []string{"@" + u})
				}
			}
		}
	}
	if len(who) == 0 {
		return ""
	}
	return ". This is for " + list(who, len(who))
}
