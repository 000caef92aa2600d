package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
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

// warning is what stands at its line.
func (l *leak) warning() string {
	if l.weak() {
		return "This may be a secret: " + l.called() + ". If it is one, revoke it where it was issued and take it out of every commit."
	}
	return "This is a secret: " + l.called() + ". Revoke it where it was issued, and take it out of every commit, not only of the last."
}
