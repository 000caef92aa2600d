package checks

import (
	"slices"
	"strings"
)

// rejection is that somebody rejects the candidate, until it is taken back.
type rejection struct {
	act    *Act
	who    int
	reason string // "" where it is owed
}

// hearReject takes note of a rejection. What takes something away counts in case of
// doubt: of an edited comment, or by somebody of whom it is not known what they hold. A
// button asks for no reason, so there it is owed.
func (x *releasing) hearReject(a *Act) {
	who, reason := x.people.of(a.By), phrase(a.Reason)
	_, acc := x.holdsAny(united(x.rules.stageRoles(), x.rules.promoters()), a.By)
	earlier := slices.IndexFunc(x.rejections, func(r rejection) bool { return r.who == who })
	unbound := a.Candidate == "" && a.At.After(x.seen())
	switch stray := x.stray(a); {
	case gone(account(a.By)):
		x.refuse(a, "the account is deleted", "Somebody else can reject it")
	case stray != "" && !unbound:
		x.refuse(a, stray, "Whoever has looked at what is there now can reject it anew")
	case x.late(a):
	case !acc.ok && !acc.unknown:
		x.refuse(a, acc.why, "Those who sign or promote can reject it: "+x.rules.holders(united(x.rules.stageRoles(), x.rules.promoters())...))
	case earlier >= 0 && reason != "":
		x.rejections[earlier].reason = reason
	case earlier >= 0:
	case reason == "" && a.Via != ByButton:
		x.refuse(a, "a reason is required to reject, revoke or break glass", "Write \""+rejectCommand+" REASON\"")
	default:
		x.rejections = append(x.rejections, rejection{a, who, reason})
	}
}

// takeBackRejection takes back the rejection of the same person, or all for somebody
// who may promote. Who may grant nothing about the release lifts no rejection of others.
func (x *releasing) takeBackRejection(a *Act) {
	who := x.people.of(a.By)
	acc := x.may(x.rules.promotion(), a.By)
	if why := x.barred(a.By); acc.ok && why != "" {
		acc = access{why: why}
	}
	own := slices.ContainsFunc(x.rejections, func(r rejection) bool { return r.who == who })
	switch {
	case a.Edited:
		x.refuse(a, "the comment was edited, so that it is not known what was meant", "Write it anew")
	case len(x.rejections) == 0:
		x.refuse(a, "nothing is rejected that could be taken back", "")
	case !own && !acc.ok:
		x.refuse(a, acc.why, "Who has rejected it can take that back, or "+x.rules.whose(x.rules.promotion()))
	default:
		x.rejections = slices.DeleteFunc(x.rejections, func(r rejection) bool { return acc.ok || r.who == who })
		if a.At.After(x.lifted) {
			x.lifted = a.At
		}
	}
}

// rejected is the rejection that stands, the first of them; nil for none.
func (x *releasing) rejected() *rejection {
	if len(x.rejections) == 0 || x.isPromoted() {
		return nil
	}
	return &x.rejections[0]
}

// text is the sentence that says that it is rejected.
func (r *rejection) text() string {
	who := Plain(r.act.By.Login)
	if r.reason == "" {
		return who + " has rejected it; the reason is owed: \"" + rejectCommand + " REASON\" by " + who + "."
	}
	return who + " has rejected it: " + r.reason + "."
}

// result is the rejection as a part of a stage, or of the release.
func (r *rejection) result(x *releasing, id string) Result {
	can := united([]string{"@" + strings.ToLower(r.act.By.Login)}, []string{x.rules.whose(x.rules.promotion())})
	return Result{
		ID: id, Name: "Rejected", State: Unmet, Summary: r.text(), Can: can,
		Notes:    []string{"It is taken back by \"" + revokeCommand + " " + rejectionWord + " REASON\"."},
		Evidence: []Evidence{r.act.evidence(x.r.Tag.Commit)},
	}
}
