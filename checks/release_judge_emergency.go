package checks

import (
	"slices"
	"strings"
	"time"
)

// hearEmergency takes note of an emergency, or refuses it. It promotes what is not
// approved; what promotes in the ordinary way is none.
func (x *releasing) hearEmergency(a *Act) {
	role := x.rules.Emergency.Role
	can := "Somebody else can declare one: " + x.rules.holders(role)
	acc := access{why: "the policy names no role that may declare an emergency"}
	if role == "" {
		can = upperFirst(policyChangers) + " can name one"
	} else {
		acc = x.holds(role, a.By)
	}
	switch {
	case strings.TrimSpace(a.Reason) == "":
		x.refuse(a, "a reason is required to reject, revoke or break glass", "Write \""+glassCommand+" REASON\"")
	case isApp(account(a.By)):
		x.refuse(a, "no App may", can)
	case !acc.ok:
		x.refuse(a, acc.why, can)
	case x.barred(a.By) != "":
		x.refuse(a, x.barred(a.By), can)
	case !a.At.Add(glassHeed).After(x.r.At):
		x.refuse(a, "it was declared more than "+Duration(glassHeed).String()+" ago", "Declare it anew")
	case x.r.Tag.OID == "" || x.r.Tag.Commit == "":
		x.refuse(a, "there is no commit that could be released", "")
	case x.v.Promote == nil:
		x.v.Promote = x.promotionBy(a, true)
	}
}

// handMade says whether the release was published on GitHub before it was promoted.
func (x *releasing) handMade() bool {
	p := &x.r.Page
	return p.ID != 0 && !p.Draft && !p.Prerelease && x.r.Memory.Promoted == "" && !x.v.Observe
}

// published shows that a release was published by hand. Where handrail would not have
// published it, the page says nothing about whether it is released.
func (x *releasing) published() {
	if !x.handMade() {
		return
	}
	r := Result{
		ID: IDReleasePublished, Name: "Published by hand", State: Unmet, Observed: !x.rules.Publish,
		Can: []string{"whoever can make it a pre-release again, or release it under another tag"},
	}
	r.Summary = "It was published on GitHub by hand"
	if author := Plain(x.r.Page.Author.Login); author != "" {
		r.Summary += ", from the release that " + author + " made,"
	}
	r.Summary += " without what the policy asks for."
	x.v.Results = append(x.v.Results, r)
}

// changed shows that what is out on GitHub is not what was promoted: its files were
// changed after the release. It does not block: that candidate may be signed anew.
func (x *releasing) changed() {
	m, page := &x.r.Memory, &x.r.Page
	past := m.promoted()
	out := page.ID != 0 && !page.Draft && !page.Prerelease
	if past == nil || !out || !x.rules.Publish || x.isPromoted() || x.void.why != "" || x.v.Observe {
		return
	}
	x.v.Results = append(x.v.Results, Result{
		ID: IDReleasePublished, Name: "Changed after the release", State: Unmet, Observed: true,
		Can:     []string{"whoever can take that back, or sign what is there now"},
		Summary: "What is out on GitHub is not what was promoted, candidate " + short12(past.Digest) + ": " + goingOn(x.v.Candidate.Changed(past.Candidate)),
	})
}

// followUp says when somebody must have looked at a release that went out without all
// that is asked for, and who has.
func (x *releasing) followUp() {
	from, promoter := time.Time{}, x.v.Promote
	switch m := &x.r.Memory; {
	case promoter != nil && promoter.Emergency && m.Promoted == x.v.Digest && !m.PromotedAt.IsZero():
		from = m.PromotedAt
	case promoter != nil && promoter.Emergency:
		from = x.r.At
	case m.Promoted != "" && m.Emergency:
		from = m.PromotedAt // of a candidate that is there no more
	case x.handMade() && x.rules.Publish:
		from = x.r.Page.Published
	default:
		x.refuseFollowUps("nothing went out in an emergency, so there is nothing to follow up")
		return
	}
	x.v.FollowUp = from.Add(time.Duration(x.rules.Emergency.FollowUp))
	x.until(x.v.FollowUp)
	for i := range x.acts {
		if a := &x.acts[i]; a.Kind == ActFollowUp && x.hearFollowUp(a, from) && x.v.FollowedUp == nil {
			x.v.FollowedUp = a
		}
	}
	x.v.Results = append(x.v.Results, x.followUpResult())
}

func (x *releasing) refuseFollowUps(why string) {
	for i := range x.acts {
		if a := &x.acts[i]; a.Kind == ActFollowUp {
			x.refuse(a, why, "")
		}
	}
}

// hearFollowUp says whether an act follows up, and refuses it if not. Nobody follows up
// their own emergency, and who made the release or its tag not what was published by hand.
func (x *releasing) hearFollowUp(a *Act, from time.Time) bool {
	acc, can := x.may(x.rules.followUp(), a.By), "Somebody else can follow it up: "+x.rules.whose(x.rules.followUp())
	own := slices.ContainsFunc(x.acts, func(b Act) bool { return b.Kind == ActEmergency && x.people.of(b.By) == x.people.of(a.By) })
	switch {
	case a.Edited:
		x.refuse(a, "the comment was edited, so that it is not known what was meant", "Write it anew")
	case strings.TrimSpace(a.Reason) == "":
		x.refuse(a, "it does not say what came of it", "Write \""+followCommand+" TEXT\"")
	case a.At.Before(from) && (x.v.Promote == nil || !x.afterPromotion(a)):
		x.refuse(a, "it came before there was anything to look at", "Look at it and write it anew")
	case isApp(account(a.By)) || gone(account(a.By)):
		x.refuse(a, "no App may, and no deleted account", can)
	case own:
		x.refuse(a, Plain(a.By.Login)+" declared the emergency, and somebody else has to look at it", can)
	case x.handMade() && (sameAccount(a.By, x.r.Tag.Pusher) || sameAccount(a.By, x.r.Tag.Named)):
		x.refuse(a, Plain(a.By.Login)+" made the tag, and somebody else has to look at it", can)
	case x.handMade() && sameAccount(a.By, x.r.Page.Author):
		x.refuse(a, Plain(a.By.Login)+" made the release, and somebody else has to look at it", can)
	case !acc.ok:
		x.refuse(a, acc.why, can)
	default:
		return true
	}
	return false
}

// followUpResult shows whether somebody has looked at it. Of a candidate that is there
// no more it blocks nothing.
func (x *releasing) followUpResult() Result {
	r := Result{ID: IDReleaseFollowUp, Name: "Follow-up", State: Met}
	r.Observed = (x.v.Promote == nil || !x.v.Promote.Emergency) && !x.handMade()
	if by := x.v.FollowedUp; by != nil {
		r.Summary = "Followed up by " + Plain(by.By.Login) + ": " + phrase(by.Reason) + "."
		r.Evidence = []Evidence{by.evidence(x.r.Tag.Commit)}
		return r
	}
	r.State, r.Until = Waiting, x.v.FollowUp
	r.Can = []string{x.rules.whose(x.rules.followUp())}
	r.Summary = "By " + minute(x.v.FollowUp) + " somebody else, of " + r.Can[0] + ", must have looked at it and said so by a comment with the line \"" + followCommand + " TEXT\"."
	if !x.v.FollowUp.After(x.r.At) {
		r.State, r.Until = Unmet, time.Time{}
		r.Summary = "Nobody has followed it up by " + minute(x.v.FollowUp) + ": somebody else, of " + r.Can[0] + ", still has to look at it and say so by \"" + followCommand + " TEXT\"."
	}
	return r
}
