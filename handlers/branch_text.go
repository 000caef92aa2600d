package handlers

import (
	"fmt"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// namedCommits is how many commits a finding's sentence names.
const namedCommits = 3

// who is an account as a sentence begins with it.
func who(a checks.Actor) string {
	if a.Login == "" {
		return "Somebody"
	}
	return checks.Plain(a.Login)
}

// detail is what all findings about the branch say.
func (l *branchLook) detail(m store.RefMove) store.FindingDetail {
	d := store.FindingDetail{By: m.By, At: m.Heard, Branch: l.job.Subject.Name, Before: m.Before, After: m.After, Late: m.GUID == ""}
	if d.At.IsZero() {
		d.At = l.now.At
	}
	return d
}

// once tells findings apart that are about alike moves: by the event, or by when it
// was found.
func (l *branchLook) once(m store.RefMove) string {
	id := m.GUID
	if id == "" {
		id = l.now.At.UTC().Format(time.RFC3339) + " " + m.Before + " " + m.After
	}
	return l.job.Subject.Name + " " + id
}

func (l *branchLook) direct(m store.RefMove, left []checks.LineCommit, more bool) store.Opening {
	d := l.detail(m)
	d.More = more
	for _, c := range left {
		d.Commits = append(d.Commits, c.SHA)
	}
	branch := checks.Plain(l.job.Subject.Name)
	switch {
	case more:
		d.What = fmt.Sprintf("%s pushed more commits to %s at once than could be looked at; of %d of them it is known that no pull request merged into it brought them.", who(m.By), branch, len(left))
	case len(left) == 1:
		d.What = fmt.Sprintf("%s pushed commit %s to %s, which no pull request merged into it brought.", who(m.By), named(left), branch)
	default:
		d.What = fmt.Sprintf("%s pushed %d commits to %s that no pull request merged into it brought: %s.", who(m.By), len(left), branch, named(left))
	}
	fact := l.job.Subject.Name + " " + m.Before + " " + m.After
	if len(left) > 0 {
		fact = l.job.Subject.Name + " " + left[0].SHA
	}
	return store.Opening{Kind: store.FindingPush, Fact: fact, Detail: d}
}

// named are commits as a sentence lists them.
func named(list []checks.LineCommit) string {
	var out []string
	for i, c := range list {
		if i == namedCommits {
			out = append(out, fmt.Sprintf("%d more", len(list)-i))
			break
		}
		out = append(out, short(c.SHA))
	}
	return strings.Join(out, ", ")
}

func (l *branchLook) force(m store.RefMove, rel checks.Relation, left []checks.LineCommit, more bool) store.Opening {
	d := l.detail(m)
	d.More = more
	for _, c := range left {
		d.Commits = append(d.Commits, c.SHA)
	}
	d.What = fmt.Sprintf("%s force-pushed %s from %s to %s", who(m.By), checks.Plain(l.job.Subject.Name), short(m.Before), short(m.After))
	switch {
	case !rel.Known:
		d.What += "; GitHub does not say what was lost and what came by it"
	case rel.Behind == 1:
		d.What += ", by which 1 commit was lost"
	default:
		d.What += fmt.Sprintf(", by which %d commits were lost", rel.Behind)
	}
	if len(left) > 0 {
		d.What += fmt.Sprintf(", and %d came that no pull request merged into it brought: %s", len(left), named(left))
	}
	d.What += "."
	return store.Opening{Kind: store.FindingForce, Fact: l.once(m), Detail: d}
}

func (l *branchLook) deletion(m store.RefMove) store.Opening {
	d := l.detail(m)
	d.What = fmt.Sprintf("%s deleted %s, which was at %s.", who(m.By), checks.Plain(l.job.Subject.Name), short(m.Before))
	return store.Opening{Kind: store.FindingDeleted, Fact: l.once(m), Detail: d}
}

// past makes findings of moves whose events came after what followed them was looked
// at, unless it was found then. Commits that such a move added are on the branch and
// were looked at, or were lost by a forced push, which is a finding.
func (l *branchLook) past(m store.RefMove) {
	var o store.Opening
	switch {
	case m.After == "":
		o = l.deletion(m)
	case m.Forced:
		o = l.force(m, checks.Relation{}, nil, true)
	default:
		return
	}
	o.Past = true
	l.found(o)
}

// protection finds that the branch no longer requires "Merge Requirements", or no
// longer from our App alone. What it never did is no finding.
func (l *branchLook) protection(known bool, guard checks.Guard) {
	now := protectionOf(l.now)
	if now == store.ProtectionUnknown {
		return
	}
	l.seen.Now.Protection = now
	if was := l.was.Protection; known && was != store.ProtectionUnknown && was != now {
		l.seen.Was = was
		if guard.Protection && now.Rank() < was.Rank() {
			l.found(l.drift(was, now))
		}
	}
}

// protectionOf is how far a branch requires "Merge Requirements".
func protectionOf(b checks.BranchState) store.Protection {
	if !b.RulesKnown || b.SHA == "" {
		return store.ProtectionUnknown
	}
	out := store.ProtectionNone
	for _, r := range b.Requires {
		switch {
		case r.Name != checks.RunMerge:
		case r.AppID == b.AppID:
			return store.ProtectionPinned
		default:
			out = store.ProtectionRequired
		}
	}
	return out
}

func (l *branchLook) drift(was, now store.Protection) store.Opening {
	d := store.FindingDetail{At: l.now.At, Branch: l.job.Subject.Name, After: l.now.SHA}
	branch := checks.Plain(l.job.Subject.Name)
	if now == store.ProtectionRequired {
		d.What = fmt.Sprintf("%s still requires %q, but no longer from this App alone: anybody who may write can supply it.", branch, checks.RunMerge)
	} else {
		d.What = fmt.Sprintf("%s no longer requires %q.", branch, checks.RunMerge)
	}
	fact := fmt.Sprintf("%s since %d", l.job.Subject.Name, l.was.Changed)
	return store.Opening{Kind: store.FindingDrift, Fact: fact, Detail: d}
}
