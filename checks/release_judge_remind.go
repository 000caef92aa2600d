package checks

import "time"

// remind finds out who of the stage that is waited for is to be reminded, or others told
// that it takes long. It says when the next reminder is due.
func (x *releasing) remind() {
	v := &x.v
	if v.Observe || v.Promote != nil || x.void.why != "" || x.rejected() != nil || v.Phase == PhaseSuperseded || v.Phase == PhaseApproved {
		return
	}
	for i := range x.rules.Stages {
		if i >= len(v.Stages) || v.Stages[i].State.Passes() {
			continue
		}
		since := x.waitsSince(i)
		for k := range x.fills {
			if f := &x.fills[k]; f.stage == i && len(f.counted) < f.need && !since.IsZero() {
				x.remindRole(f, since)
			}
		}
		return
	}
}

// waitsSince is since when a stage is waited for: since the candidate could be seen, or
// the stage before it was signed. Zero where that is not known yet.
func (x *releasing) waitsSince(stage int) time.Time {
	n := len(x.r.Memory.Candidates)
	if n == 0 || x.r.Memory.Candidates[n-1].Digest != x.v.Digest {
		return time.Time{}
	}
	since := x.r.Memory.Candidates[n-1].Since
	for _, at := range []time.Time{x.r.Memory.Candidates[n-1].Shown, x.lastSigned(stage), x.lifted} {
		if at.After(since) {
			since = at
		}
	}
	return since
}

// remindRole notes the reminders that are due for a role and were not given.
func (x *releasing) remindRole(f *roleFill, since time.Time) {
	s := &x.rules.Stages[f.stage]
	role := x.roleOf(f)
	for _, one := range []struct {
		word     string
		after    time.Duration
		escalate bool
	}{{"remind", s.remindAfter(), false}, {"escalate", s.escalateAfter(), true}} {
		key := s.slug() + "/" + string(role) + " " + short12(x.v.Digest) + " " + one.word
		if _, done := x.r.Memory.Reminded[key]; done || one.escalate && s.EscalateTo == "" {
			continue
		}
		if due := since.Add(one.after); due.After(x.r.At) {
			x.until(due)
			continue
		}
		x.v.Reminders = append(x.v.Reminders, Reminder{Key: key, Stage: s.Name, Role: role, Escalate: one.escalate})
	}
}

// notes are what was said on the tracking issue that is no command, and who wants
// everything read anew.
func (x *releasing) notes() {
	pull := x.spokenTo()
	orders := ordersIn(&pull)
	x.v.Heard.Recheck = recheckAsked(&pull, orders)
	x.v.Notes = append(x.v.Notes, missedCommands(&pull, orders)...)
}

// spokenTo is the release as a pull request with the comments of its tracking issue.
// What was written about the candidate that is there reads as written at its commit.
func (x *releasing) spokenTo() Pull {
	pull := x.pull
	pull.Comments = x.r.Issue.Comments
	pull = withoutOurs(pull)
	pull.Memory.Seen = map[string]Seen{}
	for i := range pull.Comments {
		if c := &pull.Comments[i]; x.r.Memory.shown(c.Created) == x.v.Digest {
			pull.Memory.Seen["comment/"+evidenceID(c.ID)] = Seen{Text: c.Body, Head: x.r.Tag.Commit}
		}
	}
	return pull
}
