package checks

import (
	"strconv"
	"strings"
)

// closeCommand closes a finding about a merged pull request, by a comment on it.
const closeCommand = "/close-finding"

// CloseOrder is a command to close a finding, by somebody who may.
type CloseOrder struct {
	Finding int64
	By      Actor
	Reason  string
	Comment int64 // its id
}

// CloseOrders are the commands on a merged pull request to close a finding that
// count: by a holder of the role that the policy names, not the one who merged it, in
// a comment that was not edited.
func CloseOrders(policy Policy, pull Pull) []CloseOrder {
	var out []CloseOrder
	a := policy.closing(&pull, nil)
	if a == nil || !pull.Merged {
		return nil
	}
	for _, o := range closeOrders(&pull) {
		word, rest := firstWord(o.rest)
		id, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64)
		seen := pull.Memory.Seen["comment/"+evidenceID(o.comment.ID)]
		who := o.comment.Author
		switch {
		case err != nil || phrase(rest) == "":
		case !o.comment.Edited.IsZero() || seen.Edited:
		case samePerson(who, pull.MergedBy) || !a.holds(a.rules.Role, who).ok:
		default:
			out = append(out, CloseOrder{id, who, phrase(rest), o.comment.ID})
		}
	}
	return out
}

// CloseWants is what must be known of those who have asked to close a finding.
func CloseWants(policy Policy, pull Pull) (w Wants) {
	orders := closeOrders(&pull)
	if len(orders) == 0 {
		return w
	}
	a := policy.closing(&pull, &w)
	if a == nil {
		return Wants{}
	}
	w.Teams = union(w.Teams, notAsked(a.rules.Need().Teams, pull.Teams))
	for _, o := range orders {
		a.holds(a.rules.Role, o.comment.Author)
	}
	w.settle()
	return w
}

// closeOrders are the commands to close a finding, as they stand now.
func closeOrders(pull *Pull) []order {
	var out []order
	for _, o := range ordersIn(pull) {
		if o.verb == closeCommand && !o.past {
			out = append(out, o)
		}
	}
	return out
}

// closing is who may close findings by a comment: nil where nobody may.
func (p Policy) closing(pull *Pull, w *Wants) *authority {
	for _, d := range []*Detect{p.FloorDetect, p.Detect} {
		if d != nil && d.Role != "" {
			rules := &Override{Role: d.Role, roles: d.roles}
			r := rules.asReview()
			a := &authority{rules: rules, pull: pull, h: &hearing{pull: pull, rules: r, wants: w, roles: r.inUse()}}
			a.h.gather()
			return a
		}
	}
	return nil
}
