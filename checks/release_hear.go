package checks

import (
	"cmp"
	"slices"
	"strings"
)

// The commands that people write as a line of a comment on a release's tracking issue,
// besides /revoke, /override, /break-glass, /follow-up and /recheck.
const (
	signCommand     = "/sign-off"
	rejectCommand   = "/reject"
	promoteCommand  = "/promote"
	failCommand     = "/fail"
	rollBackCommand = "/roll-back"
)

// Bounds on what is heard, since each act is an entry of the log and anybody may comment
// on a public issue. Ours.
const (
	actsOfComment  = 20 // of one comment, in its order
	actsOfOutsider = 1  // of one comment by somebody who holds none of the roles
	outsiderActs   = 50 // of all such people, the oldest
)

// HearRelease are the acts that people have spoken in the comments of the tracking
// issue, the oldest first, each bound to the candidate that was shown when it was
// written. It gives none of those that came by another way.
//
// Of one comment 20 acts at most are heard; of people who hold none of the roles one a
// comment, and 50 in all.
func HearRelease(p Policy, r Release) []Act { return hearRelease(newReleasing(p, r, nil)) }

func hearRelease(x *releasing) []Act {
	comments := slices.DeleteFunc(slices.Clone(x.r.Issue.Comments), func(c Comment) bool { return c.Ours || gone(account(c.Author)) })
	slices.SortFunc(comments, func(a, b Comment) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID), strings.Compare(a.Body, b.Body))
	})
	var out []Act
	outsiders := 0
	for i := range comments {
		c := &comments[i]
		limit := actsOfComment
		if x.outsider(c.Author) {
			limit = min(actsOfOutsider, outsiderActs-outsiders)
		}
		acts := x.heardIn(c, limit)
		if limit < actsOfComment {
			outsiders += len(acts)
		}
		out = append(out, acts...)
	}
	return out
}

// outsider says whether somebody holds none of the roles of releases. Of whom that is
// not known is none.
func (x *releasing) outsider(who Actor) bool {
	for _, name := range x.rules.everyRole() {
		if acc := x.holds(name, who); acc.ok || acc.unknown {
			return false
		}
	}
	return true
}

// everyRole are all roles that releases ask for.
func (r *ReleaseRules) everyRole() []RoleName {
	out := united(r.stageRoles(), r.promoters())
	out = united(out, r.acceptors())
	out = united(out, r.freezeRoles())
	out = united(out, r.followers())
	if r.Emergency.Role != "" {
		out = united(out, []RoleName{r.Emergency.Role})
	}
	return out
}

// heardIn are the acts of one comment, at most so many, in the order of their lines.
func (x *releasing) heardIn(c *Comment, limit int) (out []Act) {
	if limit <= 0 {
		return nil
	}
	base := Act{
		By: c.Author, At: c.Created, Via: ByComment, Ref: evidenceID(c.ID),
		Candidate: x.r.Memory.shown(c.Created), Edited: !c.Edited.IsZero(),
	}
	spoken(c.Body, func(line string) bool {
		for _, a := range x.heardLine(base, line) {
			if !slices.ContainsFunc(out, func(b Act) bool { return b.Kind == a.Kind && b.Role == a.Role && b.Stage == a.Stage }) {
				out = append(out, a)
			}
		}
		return len(out) < limit
	})
	return out[:min(len(out), limit)]
}

// heardLine are the acts that a line is: a command, or phrases that sign roles.
func (x *releasing) heardLine(base Act, line string) (out []Act) {
	if verb, rest, ok := slashed(line); ok && x.command(&base, verb, rest) {
		return []Act{base}
	}
	for _, name := range united(x.rules.stageRoles(), x.rules.freezeRoles()) {
		if x.says(name, line) {
			a := base
			a.Kind, a.Role = ActSign, name
			out = append(out, a)
		}
	}
	return out
}

// says says whether a line is a phrase that signs a role, by each text that defines it.
func (x *releasing) says(name RoleName, line string) bool {
	said := false
	for _, h := range x.texts {
		role, ok := h.rules.role(name)
		if !ok {
			continue
		}
		if said = slices.ContainsFunc(role.Say, func(p Phrase) bool { return p.Says(line) }); !said {
			return false
		}
	}
	return said
}

// command makes a command of an act, and says whether it is one.
func (x *releasing) command(a *Act, verb, rest string) bool {
	a.Reason = phrase(rest)
	switch verb {
	case signCommand:
		a.Kind = ActSign
		x.named(a, rest)
	case revokeCommand:
		a.Kind = ActRevoke
		x.named(a, rest)
	case overrideCommand:
		a.Kind = ActAccept
		id, reason := firstWord(rest)
		a.Role, a.Reason = RoleName(quoted(strings.Trim(id, "`"))), phrase(reason)
		if strings.EqualFold(string(a.Role), IDReleaseEvidence) {
			a.Role = ""
		}
		if x.gathered() && x.recorded(a) {
			a.Evidence = x.r.Evidence.Digest
		}
	case rejectCommand:
		a.Kind = ActReject
	case promoteCommand:
		a.Kind = ActPromote
	case glassCommand:
		a.Kind = ActEmergency
	case followCommand:
		a.Kind = ActFollowUp
	case failCommand:
		a.Kind = ActFail
	case rollBackCommand:
		a.Kind = ActRollBack
	default:
		return false
	}
	return true
}

// named reads what a command names, and what is said besides: a role, or a stage and a
// role as an id has them, "production/qa".
func (x *releasing) named(a *Act, rest string) {
	word, reason := firstWord(rest)
	word = strings.TrimPrefix(strings.Trim(word, "`"), "release/")
	if strings.EqualFold(word, "evidence") && a.Kind == ActRevoke {
		word = IDReleaseEvidence
	} else if i := strings.LastIndexByte(word, '/'); i >= 0 {
		a.Stage, word = quoted(word[:i]), word[i+1:]
	}
	a.Role, a.Reason = x.canonical(RoleName(quoted(word))), phrase(reason)
}
