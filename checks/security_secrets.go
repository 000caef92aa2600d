package checks

import (
	"strconv"
	"strings"
	"time"
)

// secrets judges the secrets that the change brings.
func (x *scrutiny) secrets() Result {
	r := Result{ID: "security/secrets", Name: "Secrets", State: Unmet}
	if x.rules.Secrets == RespondOff && x.rules.WeakSecrets == RespondOff {
		r.State, r.Summary = Exempt, "The policy asks for no search."
		return r
	}
	if x.unscanned(&r) && len(x.pull.Redacted) == 0 {
		return r
	}
	var blocking []leak
	asking, passed := 0, 0
	for _, l := range x.leaks() {
		switch to := x.responseTo(&l); {
		case to == RespondOff:
		case x.pardoned("the secret "+Plain(l.secret.ID())+" ("+l.kind()+")", l.exhibits()...):
			passed++
		case l.beside():
			r.Notes = append(r.Notes, x.besideText(&l)+". It is not part of what is merged, and so holds up nothing: revoke it where it was issued, and take it out of the text.")
		case to == RespondReview:
			asking++
			x.ask(l.path(), l.text())
			x.markLeak(&l, "warning")
		default:
			blocking = append(blocking, l)
			x.markLeak(&l, "failure")
		}
	}
	r.Notes = limited(sorted(r.Notes), "texts")
	r.Annotations = x.take()
	x.concludeSecrets(&r, blocking, asking)
	if r.State == Met && passed > 0 {
		r.Summary = strings.TrimSuffix(r.Summary, ".") + ", but for " + strconv.Itoa(passed) + " let pass."
	}
	return r
}

// concludeSecrets fills in what the secrets come to.
func (x *scrutiny) concludeSecrets(r *Result, blocking []leak, asking int) {
	switch {
	case len(blocking) > 0:
		r.Unknown = false
		x.blockLeaks(r, blocking)
	case !x.scanned():
	case x.scan.Left > 0:
		x.stillScanning(r)
	case asking > 0:
		r.State = Met
		r.Summary = "No secret was found that blocks; " + count(asking, "text") + " that may be " + plural(asking, "one asks", "ones ask") + " for a security review."
	default:
		r.State, r.Summary = Met, "No secret was found in "+count(x.scan.Whole.Lines, "added line")+" and "+count(max(x.scan.Scanned, 0), "commit")+"."
	}
}

// blockLeaks fills in the secrets that block.
func (x *scrutiny) blockLeaks(r *Result, leaks []leak) {
	r.State, r.Can = Unmet, []string{theAuthor}
	r.Until, r.Progress = time.Time{}, ""
	r.Summary = leaks[0].text() + ". " + leaks[0].remedy()
	hint := []string{x.pardonHint(leaks[0].secret.ID())}
	if len(leaks) > 1 {
		var texts []string
		for i := range leaks {
			texts = append(texts, leaks[i].text()+".")
		}
		r.Summary = count(len(leaks), "secret") + " are in this change, the first: " + lowerFirst(leaks[0].text()) + ". Revoke them where they were issued, and rewrite the branch so that no commit has them."
		hint = append(limited(texts, "secrets"), hint...)
	}
	r.Notes = append(hint, r.Notes...)
}

// responseTo is what the policy says of a secret. Where it is sure in one place
// and not in another, the stricter word counts.
func (x *scrutiny) responseTo(l *leak) Response {
	out := RespondOff
	for i := range l.places {
		to := x.rules.Secrets
		if l.places[i].Weak {
			to = x.rules.WeakSecrets
		}
		if to != RespondOff && (out == RespondOff || to != RespondReview) {
			out = to
		}
	}
	return out
}

// markLeak points at the lines of the head where a secret is.
func (x *scrutiny) markLeak(l *leak, level string) {
	for i := range l.places {
		if s := &l.places[i]; s.In == "" && s.Commit == "" {
			x.mark(s.Path, s.Line, level, l.warning())
		}
	}
}
