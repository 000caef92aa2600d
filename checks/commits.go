package checks

import (
	"slices"
	"strconv"
	"strings"
)

// commitsFault says that not every commit of the pull request is known, which is
// no ground for believing anything of the others.
func (p *Pull) commitsFault() fault {
	switch {
	case p.CommitCount > len(p.Commits):
		return fault{"GitHub lists only " + strconv.Itoa(len(p.Commits)) + " of " + strconv.Itoa(p.CommitCount) +
			" commits, and nothing is known of the others; squash them, or split the pull request", theAuthor}
	case p.Head.SHA == "" || !slices.ContainsFunc(p.Commits, func(c Commit) bool { return c.SHA == p.Head.SHA }):
		return fault{"the list of commits lacks the head " + short(p.Head.SHA) + ", so it is not whole", operators}
	}
	return fault{}
}

// objection is what is wrong with one commit, as the end of a sentence about it.
type objection struct {
	commit *Commit
	why    string
}

// object asks of each commit what is wrong with it, "" when nothing is. They are
// in the order of their names, since commits come in any.
func (p *Pull) object(wrong func(*Commit) string) []objection {
	var out []objection
	for i := range p.Commits {
		if why := wrong(&p.Commits[i]); why != "" {
			out = append(out, objection{&p.Commits[i], why})
		}
	}
	slices.SortFunc(out, func(a, b objection) int { return strings.Compare(a.commit.SHA, b.commit.SHA) })
	return out
}

// remedy is what is said of commits that are wrong: of one, of several, and what
// helps.
type remedy struct{ is, are, do string }

// commitResult is the result of a control on every commit.
func (p *Pull) commitResult(r Result, wrong []objection, say remedy) Result {
	f := p.commitsFault()
	switch {
	case len(wrong) > 0:
		r.State, r.Can = Unmet, []string{theAuthor}
		r.Summary = say.sentence(wrong)
		for _, o := range wrong {
			r.Evidence = append(r.Evidence, Evidence{Kind: "commit", ID: o.commit.SHA, Login: o.commit.Author.Login, Commit: o.commit.SHA})
			if len(r.Notes) < remarkLimit {
				r.Notes = append(r.Notes, o.sentence())
			}
		}
		if n := len(wrong) - remarkLimit; n > 0 {
			r.Notes = append(r.Notes, count(n, "more commit")+" like these are left out.")
		}
		if f.why != "" {
			r.Notes = append(r.Notes, strings.ToUpper(f.why[:1])+f.why[1:]+".")
		}
	case f.why != "":
		f.fill(&r)
	default:
		r.State = Met
	}
	return r
}

func (say remedy) sentence(wrong []objection) string {
	names := make([]string, len(wrong))
	for i, o := range wrong {
		names[i] = short(o.commit.SHA)
	}
	if len(names) == 1 {
		return "Commit " + names[0] + " " + say.is + " " + say.do
	}
	return "Commits " + list(names, 5) + " " + say.are + " " + say.do
}

// sentence says of one commit what it is and what is wrong with it.
func (o objection) sentence() string {
	subject, _, _ := strings.Cut(strings.TrimSpace(o.commit.Message), "\n")
	return "Commit " + short(o.commit.SHA) + " “" + quoted(subject) + "” by " + person(o.commit.Author) + " " + o.why + "."
}

// person is somebody as git names them.
func person(s Signature) string {
	switch {
	case s.Name == "" && s.Email == "":
		return "nobody known"
	case s.Email == "":
		return quoted(s.Name)
	}
	return strings.TrimSpace(quoted(s.Name) + " <" + quoted(s.Email) + ">")
}

// updates says whether a merge commit does nothing but merge the base branch: of
// its two parents one is no commit of the pull request, and so of the base branch.
// The list of commits must be whole.
func (p *Pull) updates(c *Commit) bool {
	if len(c.Parents) != 2 {
		return false
	}
	own := 0
	for _, parent := range c.Parents {
		if slices.ContainsFunc(p.Commits, func(o Commit) bool { return o.SHA == parent }) {
			own++
		}
	}
	return own < 2
}
