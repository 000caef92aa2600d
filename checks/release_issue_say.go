package checks

import (
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
			b.WriteString(". Look at it and sign it anew" + w.calling(w.rolesOf(signs)) + ".")
		}
		out = append(out, notice{[]string{"void " + c.Digest + " " + strconv.FormatInt(c.Ended.Unix(), 10)}, b.String()})
	}
	return out
}

// rolesOf are the roles that were signed; by a button that may be any of its stage.
func (w *releaseView) rolesOf(signs []*Act) []RoleName {
	var out []RoleName
	for _, a := range signs {
		if a.Role != "" {
			out = united(out, []RoleName{a.Role})
			continue
		}
		for i := range w.rules.Stages {
			if s := &w.rules.Stages[i]; s.is(a.Stage) {
				out = united(out, s.roles())
			}
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
