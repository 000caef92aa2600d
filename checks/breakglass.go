package checks

import (
	"strings"
	"time"
)

// glassEvidence begins the text of the evidence of results that pass since somebody has
// broken the glass.
const glassEvidence = "break-glass"

// glassNotes say who has broken the glass, and who must look at it afterwards.
func (x *overriding) glassNotes() []string {
	var out []string
	for _, a := range x.by {
		for i := range a.waivers {
			w := &a.waivers[i]
			if !w.glass || w.why != "" || !x.used[w] {
				continue
			}
			role, _ := a.h.rules.role(a.rules.BreakGlass.followUpRole())
			out = append(out, Plain(w.by.Login)+" has broken the glass until "+minute(w.until)+": "+w.reason+". Within "+
				a.rules.BreakGlass.FollowUp.String()+" after the merge somebody else, of "+role.holders()+
				", must look at it and say so by a comment with the line \""+followCommand+"\" and what came of it.")
		}
	}
	return sorted(out)
}

// FollowUp tells from the snapshot of a merged pull request whether it was merged while
// somebody had broken the glass (ok), by when somebody else must have looked at it
// (GitHub's clock), and whether somebody has (done, and by whom).
//
// Where it is not known whether the command counted, since somebody's permission
// could not be read or a comment was edited since, it did: this asks for a second
// look and lets nothing pass.
func FollowUp(policy Policy, pull Pull) (due time.Time, done bool, by string, ok bool) {
	if !pull.Merged || pull.MergedAt.IsZero() {
		return time.Time{}, false, "", false
	}
	orders := ordersIn(&pull)
	for _, part := range []struct {
		rules *Override
		floor bool
	}{{policy.FloorOverride, true}, {policy.Override, false}} {
		if part.rules == nil || part.rules.BreakGlass.Role == "" {
			continue
		}
		a := newAuthority(part.rules, part.floor, &pull, orders, nil)
		broke := a.broken(orders)
		if len(broke) == 0 {
			continue
		}
		end := pull.MergedAt.Add(time.Duration(part.rules.BreakGlass.FollowUp))
		who := a.followed(orders, broke)
		if !ok || end.Before(due) {
			due = end
		}
		if !ok {
			done, by = who != "", who
		} else if who == "" {
			done, by = false, ""
		}
		ok = true
	}
	return due, done, by, ok
}

// FollowUpWants is what must be known of those who have broken the glass, or followed
// up, before [FollowUp] can tell.
func FollowUpWants(policy Policy, pull Pull) Wants {
	orders := ordersIn(&pull)
	w := policy.Override.wants(&pull, orders).add(policy.FloorOverride.wants(&pull, orders))
	n := policy.Override.Need().add(policy.FloorOverride.Need())
	w.Teams = union(w.Teams, notAsked(n.Teams, pull.Teams))
	w.Users = union(w.Users, notAsked(n.Users, pull.People))
	w.settle()
	return w
}

// broken are those who had broken the glass when the pull request was merged.
func (a *authority) broken(orders []order) []Actor {
	var out []Actor
	g := &a.rules.BreakGlass
	for i := range orders {
		o := &orders[i]
		if o.verb != glassCommand || o.at.After(a.pull.MergedAt) || o.rest == "" {
			continue
		}
		asked := g.Valid
		if word, _ := firstWord(o.rest); asked.UnmarshalText([]byte(word)) != nil {
			asked = g.Valid
		}
		who := o.comment.Author
		head := a.pull.spokenAt(o.comment)
		acc := a.holds(g.Role, who)
		switch {
		case !o.at.Add(time.Duration(min(asked, g.Valid))).After(a.pull.MergedAt), head != "" && head != a.pull.Head.SHA:
		case !acc.ok && !acc.unknown, !g.Self && a.h.contribution(o.key(), who.ID) != nil:
		case a.tookBack(o):
		default:
			out = append(out, who)
		}
	}
	return out
}

// tookBack says whether a command was taken back before the merge. A comment that was
// edited may have come to say so only afterwards.
func (a *authority) tookBack(o *order) bool {
	w := waiver{moment: o.moment, glass: true, by: o.comment.Author}
	for i := range a.revokes {
		if r := &a.revokes[i]; !r.edited && !r.at.After(a.pull.MergedAt) && w.before(r.moment) && w.named(r.requirement) && (r.holder || samePerson(w.by, r.by)) {
			return true
		}
	}
	return false
}

// followed is who has looked at what was merged, "" when nobody who may.
func (a *authority) followed(orders []order, broke []Actor) string {
	g := &a.rules.BreakGlass
next:
	for i := range orders {
		o := &orders[i]
		if o.verb != followCommand || o.past || o.at.Before(a.pull.MergedAt) || strings.TrimSpace(o.rest) == "" {
			continue
		}
		who := o.comment.Author
		seen := a.pull.Memory.Seen["comment/"+evidenceID(o.comment.ID)]
		if !o.comment.Edited.IsZero() || seen.Edited || !a.holds(g.followUpRole(), who).ok || !g.Self && a.h.contribution(o.key(), who.ID) != nil {
			continue
		}
		for _, b := range broke {
			if samePerson(b, who) {
				continue next
			}
		}
		return who.Login
	}
	return ""
}
