package checks

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
)

// rejectionWord is what one revokes to take a rejection back.
const rejectionWord = "rejection"

// gatherActs puts what people did in the order in which it counts: by when they did it,
// so that it is the same however late handrail heard of it, and then as it was recorded.
func (x *releasing) gatherActs() {
	seq := func(a *Act) int64 {
		if a.Seq == 0 {
			return math.MaxInt64 // not recorded yet
		}
		return a.Seq
	}
	edited := map[string]bool{} // comments that were changed
	for i := range x.r.Issue.Comments {
		if c := &x.r.Issue.Comments[i]; !c.Edited.IsZero() {
			edited[evidenceID(c.ID)] = true
		}
	}
	for _, a := range x.r.Acts {
		a.Role = x.canonical(a.Role)
		a.Edited = a.Edited || a.Via == ByComment && edited[a.Ref]
		x.acts = append(x.acts, a)
		x.people.meet(a.By)
	}
	slices.SortStableFunc(x.acts, func(a, b Act) int {
		if c := cmp.Or(a.At.Compare(b.At), cmp.Compare(seq(&a), seq(&b)), cmp.Compare(a.Kind.takes(), b.Kind.takes())); c != 0 {
			return c
		}
		return strings.Compare(a.text(), b.text())
	})
}

// takes is 1 for what takes something away: in one moment it comes last.
func (k ActKind) takes() int { return b2i(k == ActRevoke || k == ActReject || k == ActFail) }

// text is all of an act, which orders those that nothing else does.
func (a *Act) text() string {
	text, _ := json.Marshal(a) // texts, numbers and a moment can always be written
	return string(text)
}

// canonical is a role as the policy writes it.
func (x *releasing) canonical(name RoleName) RoleName {
	for _, known := range x.rules.stageRoles() {
		if strings.EqualFold(string(known), string(name)) {
			return known
		}
	}
	for _, known := range x.rules.freezeRoles() {
		if strings.EqualFold(string(known), string(name)) {
			return known
		}
	}
	return name
}

// hearActs goes through what people did but for what promotes, which depends on all of
// that, and on the rest that is asked for.
func (x *releasing) hearActs() {
	for i := range x.acts {
		a := &x.acts[i]
		switch {
		case a.Kind == ActReject:
			x.hearReject(a)
		case a.Kind == ActRevoke:
			if !x.late(a) {
				x.hearRevoke(a)
			}
		case a.Kind == ActSign && x.grants(a) && !x.late(a):
			x.hearSign(a)
		case a.Kind == ActAccept && x.grants(a) && !x.late(a):
			x.hearAccept(a)
		}
	}
	x.fills = x.seat(-1)
	x.refuseUncounted()
}

// grants says whether an act can grant anything about the candidate that is there, and
// refuses it where it cannot.
func (x *releasing) grants(a *Act) bool {
	switch stray := x.stray(a); {
	case a.At.IsZero():
		x.refuse(a, "it is not known when it was done", "It can be done anew")
	case a.At.After(x.r.At.Add(time.Hour)):
		x.refuse(a, "it is dated "+minute(a.At)+", which is yet to come", "It can be done anew")
	case a.Edited:
		x.refuse(a, "the comment was edited, so that it is not known what was meant", "Write it anew")
	case gone(account(a.By)):
		x.refuse(a, "the account is deleted", "Somebody else can do it")
	case stray != "":
		x.refuse(a, stray, "Whoever has looked at what is there now can do it anew")
	case x.void.why != "":
		x.refuse(a, x.void.why, "")
	case x.newer != nil && !x.isPromoted():
		x.refuse(a, x.newer.supersedes(), "Release something newer")
	default:
		return true
	}
	return false
}

// late says whether an act came after the candidate was promoted, and refuses it then:
// what was decided is decided.
func (x *releasing) late(a *Act) bool {
	if !x.isPromoted() || !x.afterPromotion(a) {
		return false
	}
	did := "it was promoted on " + minute(x.r.Memory.PromotedAt)
	if !x.r.Memory.Released.IsZero() {
		did = "it is released already, since " + minute(x.r.Memory.Released)
	}
	x.refuse(a, did, "If it failed say so by \""+failCommand+" REASON\"")
	return true
}

// afterPromotion says whether an act was recorded after the promotion or, where that is
// not known, came after it.
func (x *releasing) afterPromotion(a *Act) bool {
	m := &x.r.Memory
	if a.Seq != 0 && m.PromotedSeq != 0 {
		return a.Seq > m.PromotedSeq
	}
	return a.At.After(m.PromotedAt)
}

// refuse notes that an act counts for nothing: why is the end of a sentence, can the
// sentence that says what can be done instead, both without their points.
func (x *releasing) refuse(a *Act, why, can string) {
	who := Plain(a.By.Login)
	if who == "" {
		who = "A deleted account"
	}
	text := who + "'s " + a.words() + " does not count: " + strings.TrimRight(why, " .") + "."
	if can != "" {
		text += " " + strings.TrimRight(can, " .") + "."
	}
	x.refused = append(x.refused, Refusal{Act: *a, Why: text})
}

// words are what somebody did, as a sentence calls it.
func (a *Act) words() string {
	as := ""
	if a.Role != "" {
		as = " as " + quoted(string(a.Role))
	}
	switch a.Kind {
	case ActSign:
		return "sign-off" + as
	case ActRevoke:
		return strings.TrimSpace("revoking of " + cmp.Or(quoted(string(a.Role)), "a sign-off"))
	case ActReject:
		return "rejection"
	case ActAccept:
		return "acceptance of the evidence"
	case ActPromote:
		return "request to promote"
	case ActEmergency:
		return "emergency"
	case ActFollowUp:
		return "follow-up"
	case ActFail:
		return "word that it failed"
	case ActRollBack:
		return "roll-back"
	}
	return "act " + quoted(string(a.Kind))
}
