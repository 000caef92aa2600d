package checks

import (
	"slices"
	"strconv"
	"strings"
)

// alertNames are the kinds of alert as sentences call them.
var alertNames = map[AlertKind]string{
	CodeScanning: "code scanning", DependencyReview: "the review of dependencies", SecretScanning: "secret scanning",
}

// answers is what GitHub says of all kinds of alert that are asked for: texts are
// without their full stop.
type answers struct {
	found                             []Finding
	more, old                         int
	lacking, missing, looked, waiting []string
	unread                            []string // kinds that GitHub could not be asked about yet, since verdicts go first
	pending                           []string // kinds that the policy requires, and GitHub has not looked by
}

func (x *scrutiny) answers() (out answers) {
	for _, kind := range x.sel.Alerts {
		name, required := alertNames[kind], slices.Contains(x.rules.Alerts.Require, kind)
		i := slices.IndexFunc(x.scan.Alerts, func(a Alerts) bool { return a.Kind == kind })
		if i < 0 {
			switch {
			case x.asked && x.scan.Engine != "":
				out.unread = append(out.unread, name)
			case required:
				out.lacking = append(out.lacking, name+" has not been read yet")
			}
			continue
		}
		a := &x.scan.Alerts[i]
		// What is listed counts, also where it is not all.
		out.found, out.more, out.old = append(out.found, a.New...), out.more+max(a.More, 0), out.old+max(a.Old, 0)
		switch {
		case a.Missing != "" && required:
			out.lacking = append(out.lacking, name+" is not available: "+phrase(a.Missing))
		case a.Missing != "":
			out.missing = append(out.missing, begun(name)+" is not available: "+phrase(a.Missing)+".")
		case a.Pending:
			if required {
				out.pending = append(out.pending, name)
				continue
			}
			out.waiting = append(out.waiting, "GitHub has not looked at this head yet by "+name+".")
		default:
			out.looked = append(out.looked, name)
		}
	}
	return out
}

// alerts judges what GitHub itself found. said is false where none of it is
// available and none required: that is a note and no result.
func (x *scrutiny) alerts() (r Result, said bool) {
	r = Result{ID: "security/alerts", Name: "GitHub's alerts", State: Unmet}
	a := x.answers()
	if len(a.lacking)+len(a.unread)+len(a.pending)+len(a.waiting)+len(a.looked)+len(a.found)+a.more == 0 {
		x.aside = append(x.aside, a.missing...)
		return r, false
	}
	x.open = x.open || len(a.lacking)+len(a.unread)+len(a.pending) > 0
	t := x.sift("alert", a.found, x.rules.Alerts.Block, x.rules.Alerts.Review)
	if a.more > 0 {
		x.ask("", "GitHub has more new alerts than are kept: "+strconv.Itoa(a.more)+" are left out")
	}
	r.Annotations = x.take()
	x.concludeAlerts(&r, &t, &a)
	r.Notes = append(r.Notes, sorted(slices.Concat(a.missing, a.waiting))...)
	if len(a.looked) > 0 {
		r.Notes = append(r.Notes, "Looked at by GitHub: "+list(a.looked, 3)+".")
	}
	return r, true
}

func (x *scrutiny) concludeAlerts(r *Result, t *sieve, a *answers) {
	against := ""
	if a.old > 0 {
		against = strconv.Itoa(a.old) + " " + plural(a.old, "is", "are") + " older than this change"
	}
	switch {
	case len(t.blocking) > 0:
		t.conclude(r, against, a.more)
		for _, why := range sorted(a.lacking) {
			r.Notes = append(r.Notes, begun(why)+".")
		}
		if len(a.unread) > 0 {
			r.Notes = append(r.Notes, unasked(a.unread))
		}
	case len(a.lacking) > 0:
		fault{list(sorted(a.lacking), 3), operators}.fill(r)
		r.Can = append(r.Can, policyChangers)
	case len(a.unread) > 0:
		r.State, r.Can, r.Until = Waiting, []string{"handrail itself"}, x.next()
		r.Summary = unasked(a.unread)
	case len(a.pending) > 0:
		x.awaitAlerts(r, list(a.pending, 3))
	default:
		t.conclude(r, against, a.more)
	}
}

// unasked is a sentence about kinds of alert.
func unasked(names []string) string {
	return "GitHub has not been asked yet about " + list(names, 3) + "; handrail goes on by itself."
}

// awaitAlerts says that GitHub has not looked at the head by what the policy
// requires. Where it has not for long, as when code scanning runs only after a
// merge, it never will.
func (x *scrutiny) awaitAlerts(r *Result, names string) {
	since := headSince(*x.pull)
	late := since.Add(patience)
	if since.IsZero() || x.pull.At.Before(late) {
		r.State, r.Can = Waiting, []string{"GitHub"}
		r.Summary = "GitHub has not looked at this head yet by " + names + ", and the policy requires that it has."
		if !since.IsZero() {
			r.Until = late
		}
		return
	}
	r.Unknown, r.Can = true, []string{"whoever sets up " + names, policyChangers}
	r.Summary = "GitHub has not looked at this head within " + Duration(patience).String() + " by " + names +
		", and the policy requires that it has. It must run for pull requests, not only after a merge; else take it out of security.alerts.require."
}

// begun begins a sentence with a word of ours.
func begun(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
