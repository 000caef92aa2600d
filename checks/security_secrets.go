package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// leak is one secret and all the places where it was found.
type leak struct {
	secret Secret   // the place that is named: where it still is, rather than where it was
	places []Secret // all of them, sorted
}

// leaks are the secrets of a change, each once, by where they are.
func (x *scrutiny) leaks() []leak {
	all := slices.Clone(x.pull.Redacted)
	if x.scanned() {
		all = append(all, x.scan.Whole.Secrets...)
		for i := range x.scan.Commits {
			c := &x.scan.Commits[i]
			for _, s := range c.Secrets {
				s.Commit = c.SHA
				all = append(all, s)
			}
		}
	}
	slices.SortFunc(all, compareSecrets)
	all = slices.Compact(all)
	var out []leak
	at := map[string]int{}
	for _, s := range all {
		key := s.Digest
		if key == "" { // not one to tell others apart by
			key = strings.Join([]string{s.Rule, s.In, s.Path, strconv.Itoa(s.Line), s.Commit, s.Of}, "\x00")
		}
		i, known := at[key]
		if !known {
			i, at[key] = len(out), len(out)
			out = append(out, leak{secret: s})
		}
		out[i].places = append(out[i].places, s)
	}
	return out
}

// compareSecrets puts first where a secret still is: at the head, in a text of
// the pull request, in the history, in what was said about it.
func compareSecrets(a, b Secret) int {
	return cmp.Or(
		cmp.Compare(nearness(&a), nearness(&b)), strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), strings.Compare(a.In, b.In),
		strings.Compare(a.Commit, b.Commit), strings.Compare(a.Of, b.Of), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Digest, b.Digest),
		strings.Compare(a.Title, b.Title), cmp.Compare(b2i(a.Weak), b2i(b.Weak)),
	)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func nearness(s *Secret) int {
	switch s.In {
	case "":
		if s.Commit == "" {
			return 0
		}
		return 3
	case InTitle, InBody, InPolicy:
		return 1
	case InMessage:
		return 2
	case InComment, InReview:
		return 5
	}
	return 4
}

// weak says whether none of the places is sure.
func (l *leak) weak() bool {
	return !slices.ContainsFunc(l.places, func(s Secret) bool { return !s.Weak })
}

// besideText says who said what holds a secret.
func (x *scrutiny) besideText(l *leak) string {
	s := &l.secret
	by := ""
	for i := range x.pull.Comments {
		if c := &x.pull.Comments[i]; s.In == InComment && evidenceID(c.ID) == s.Of {
			by = c.Author.Login
		}
	}
	for i := range x.pull.Reviews {
		if v := &x.pull.Reviews[i]; s.In == InReview && evidenceID(v.ID) == s.Of {
			by = v.Author.Login
		}
	}
	if by == "" {
		return l.text()
	}
	return "A " + Plain(s.In) + " by " + Plain(by) + strings.TrimPrefix(l.text(), "A "+Plain(s.In))
}

// beside says that the secret is only in what was said about the change.
func (l *leak) beside() bool { return nearness(&l.secret) == 5 }

// called is a secret without its place: "AWS access token, s-0123456789ab".
func (l *leak) called() string {
	return l.kind() + ", " + Plain(l.secret.ID())
}

// kind is what sort of secret it is.
func (l *leak) kind() string {
	return phrase(cmp.Or(quoted(l.secret.Title), quoted(l.secret.Rule), "of an unknown kind"))
}

// text says where the secret is, as a sentence without its full stop.
func (l *leak) text() string {
	s := &l.secret
	what := "a secret (" + l.called() + ")"
	if l.weak() {
		what = "what may be a secret (" + l.called() + ")"
	}
	switch s.In {
	case "":
	case InTitle, InBody:
		return "The " + s.In + " holds " + what
	case InMessage:
		return "The message of commit " + Plain(short(s.Of)) + " holds " + what
	case InPolicy:
		return "The policy that this change brings holds " + what
	default:
		return "A " + Plain(s.In) + " holds " + what
	}
	if s.Commit == "" {
		return place(s.Path, s.Line) + " holds " + what
	}
	return "Commit " + Plain(short(s.Commit)) + " adds " + what + " in " + place(s.Path, s.Line) + ", which is gone at the head and still in the history"
}

// place is a line of a file: "src/a.go:3".
func place(path string, line int) string {
	if line <= 0 {
		return Plain(path)
	}
	return Plain(path) + ":" + strconv.Itoa(line)
}

// remedy is what to do about a secret, as a sentence.
func (l *leak) remedy() string {
	switch s := &l.secret; {
	case s.In == InTitle || s.In == InBody:
		return "Revoke it where it was issued, and take it out of the " + s.In + "."
	case s.In == InMessage:
		return "Revoke it where it was issued, and reword the commit."
	}
	return "Revoke it where it was issued, and rewrite the branch so that no commit has it: a further commit that takes it out leaves it in the history."
}

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

// path is the changed file that a review of the secret is about; "" if it is
// about more.
func (l *leak) path() string {
	if l.secret.In == "" && l.secret.Commit == "" {
		return l.secret.Path
	}
	return ""
}

// exhibits are all its places, as suppressions name them.
func (l *leak) exhibits() []exhibit {
	var out []exhibit
	for i := range l.places {
		s := &l.places[i]
		e := exhibit{id: s.ID(), rule: s.Rule}
		if s.Digest == "" {
			e.id = "" // not one to name it by
		}
		if s.In == "" {
			e.path = s.Path
		}
		out = append(out, e)
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

// warning is what stands at its line.
func (l *leak) warning() string {
	if l.weak() {
		return "This may be a secret: " + l.called() + ". If it is one, revoke it where it was issued and take it out of every commit."
	}
	return "This is a secret: " + l.called() + ". Revoke it where it was issued, and take it out of every commit, not only of the last."
}
