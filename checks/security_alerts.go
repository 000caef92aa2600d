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

// alerts judges what GitHub itself found. said is false where none of it is
// available and none required: that is a note and no result.
func (x *scrutiny) alerts() (r Result, said bool) {
	r = Result{ID: "security/alerts", Name: "GitHub's alerts", State: Unmet}
	var found []Finding
	var lacking, pending, missing, looked []string
	more, old, waiting := 0, 0, false
	for _, kind := range x.sel.Alerts {
		name, required := alertNames[kind], slices.Contains(x.rules.Alerts.Require, kind)
		i := slices.IndexFunc(x.scan.Alerts, func(a Alerts) bool { return a.Kind == kind })
		switch {
		case i < 0:
			if x.asked && x.scan.Engine != "" || required {
				lacking = append(lacking, name+" has not been read yet")
			}
		case x.scan.Alerts[i].Missing != "" && required:
			lacking = append(lacking, name+" is not available: "+phrase(x.scan.Alerts[i].Missing))
		case x.scan.Alerts[i].Missing != "":
			missing = append(missing, begun(name)+" is not available: "+phrase(x.scan.Alerts[i].Missing)+".")
		default:
			a := &x.scan.Alerts[i]
			if a.Pending {
				waiting = waiting || required
				pending = append(pending, "GitHub has not looked at this head yet by "+name+".")
			} else {
				looked = append(looked, name)
			}
			found, more, old = append(found, a.New...), more+max(a.More, 0), old+max(a.Old, 0)
		}
	}
	if len(lacking)+len(pending)+len(looked) == 0 {
		x.aside = append(x.aside, missing...)
		return r, false
	}
	x.open = x.open || len(lacking) > 0 || waiting
	t := x.sift("alert", found, x.rules.Alerts.Block, x.rules.Alerts.Review)
	if more > 0 {
		x.ask("", "GitHub has more new alerts than are kept: "+strconv.Itoa(more)+" are left out")
	}
	r.Annotations = x.take()
	x.concludeAlerts(&r, &t, lacking, waiting, more, old)
	r.Notes = append(r.Notes, sorted(slices.Concat(missing, pending))...)
	if len(looked) > 0 {
		r.Notes = append(r.Notes, "Looked at by GitHub: "+list(looked, 3)+".")
	}
	return r, true
}

func (x *scrutiny) concludeAlerts(r *Result, t *sieve, lacking []string, waiting bool, more, old int) {
	against := ""
	if old > 0 {
		against = strconv.Itoa(old) + " " + plural(old, "is", "are") + " older than this change"
	}
	switch {
	case len(t.blocking) > 0:
		t.conclude(r, against, more)
		for _, why := range sorted(lacking) {
			r.Notes = append(r.Notes, begun(why)+".")
		}
	case len(lacking) > 0:
		fault{list(sorted(lacking), 3), operators}.fill(r)
		r.Can = append(r.Can, policyChangers)
	case waiting:
		r.State, r.Can = Waiting, []string{"GitHub"}
		r.Summary = "GitHub has not looked at this head yet, and the policy requires that it has."
	default:
		t.conclude(r, against, more)
	}
}

// begun begins a sentence with a word of ours.
func begun(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
