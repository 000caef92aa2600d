package checks

import (
	"cmp"
	"slices"
	"strings"
)

// deed is how somebody took part in the change, the plainest first.
type deed int

const (
	opened deed = iota
	wrote
	cowrote
	committed
	pushed
)

var deedWords = [...]string{"opened this pull request", "wrote commit ", "is co-author of commit ", "committed ", "pushed "}

// contributor is somebody whose own work is in the change, or whose push is.
type contributor struct {
	key  string
	id   int64 // of the account, where known: a login may be changed
	deed deed
	sha  string
}

// how is what they did, as the end of a sentence.
func (c *contributor) how() string {
	if c.deed == opened {
		return deedWords[opened]
	}
	return deedWords[c.deed] + short(c.sha)
}

// unattributed is a commit, or a part in one, that belongs to no account.
type unattributed struct {
	sha string
	who string // as git says; anybody can write that there
}

// gather finds everybody who took part. What git says of people can only add
// to them: nobody is taken off for what a commit says, but for the two things
// that GitHub's own signature vouches for.
func (h *hearing) gather() {
	p := h.pull
	h.workers = make([]contributor, 0, 8)
	h.cut = p.CommitCount > len(p.Commits) || !slices.ContainsFunc(p.Commits, func(c Commit) bool { return c.SHA == p.Head.SHA })
	h.worked(p.Author, opened, "")
	for i := range p.Commits {
		c := &p.Commits[i]
		if h.pureUpdate(c) {
			continue
		}
		h.signed(c, c.Author, wrote)
		if !byGitHub(c) {
			h.signed(c, c.Committer, committed)
		}
		for _, a := range c.CoAuthors {
			h.signed(c, a, cowrote)
		}
		if c.CoAuthorsCut {
			h.unknown = append(h.unknown, unattributed{c.SHA, "further co-authors whom GitHub does not list"})
		}
	}
	for i := range p.Memory.Heads {
		head := &p.Memory.Heads[i]
		if head.Sender == "" || h.updatedTo(head.SHA) {
			continue
		}
		h.worked(Actor{Login: head.Sender, ID: head.SenderID, Bot: head.Bot}, pushed, head.SHA)
	}
	slices.SortFunc(h.workers, func(a, b contributor) int { return strings.Compare(a.key, b.key) })
	slices.SortFunc(h.unknown, func(a, b unattributed) int {
		return cmp.Or(strings.Compare(a.sha, b.sha), strings.Compare(a.who, b.who))
	})
	h.unknown = slices.Compact(h.unknown)
}

// signed adds who git says it was. In GitHub's own name anybody can commit;
// without GitHub's signature it is nobody known.
func (h *hearing) signed(c *Commit, s Signature, d deed) {
	impostor := strings.EqualFold(s.Login, gitHubAccount) && !c.GitHubSigned
	switch {
	case s.Login != "" && !impostor:
		h.worked(Actor{Login: s.Login}, d, c.SHA)
	case s.Name != "" || s.Email != "" || d != cowrote:
		who := Plain(s.Name)
		if s.Email != "" {
			who = strings.TrimSpace(who + " <" + Plain(s.Email) + ">")
		}
		h.unknown = append(h.unknown, unattributed{c.SHA, who})
	}
}

// worked adds somebody, or keeps the plainest of what they did.
func (h *hearing) worked(who Actor, d deed, sha string) {
	key := account(who)
	if key == "" {
		return
	}
	for i := range h.workers {
		if c := &h.workers[i]; c.key == key {
			c.id = max(c.id, who.ID)
			if d < c.deed || d == c.deed && sha < c.sha {
				c.deed, c.sha = d, sha
			}
			return
		}
	}
	h.workers = append(h.workers, contributor{key, who.ID, d, sha})
}

// contribution is what somebody did in this change, nil when nothing is known.
// An App is itself with and without "[bot]", since git has its name both ways.
// id is 0 when only the login is known.
func (h *hearing) contribution(key string, id int64) *contributor {
	for i := range h.workers {
		if c := &h.workers[i]; id != 0 && c.id == id || strings.TrimSuffix(c.key, "[bot]") == strings.TrimSuffix(key, "[bot]") {
			return c
		}
	}
	return nil
}

// gitHubAccount is the account under which GitHub commits what people do on
// its pages.
const gitHubAccount = "web-flow"

// byGitHub says whether the committer is GitHub itself. The name alone is not
// believed: anybody can commit under GitHub's e-mail, its signature nobody else
// can make.
func byGitHub(c *Commit) bool {
	return c.GitHubSigned && (strings.EqualFold(c.Committer.Login, gitHubAccount) ||
		c.Committer.Login == "" && c.Committer.Email == "noreply@github.com")
}

// pureUpdate says whether a commit is what the button "Update branch" makes,
// and nothing else: it has the form of one, GitHub signed it, and the pull
// request's difference is the same before and after it. The form alone is not
// enough, since conflicts that are resolved on the web page come in it too.
func (h *hearing) pureUpdate(c *Commit) bool {
	if !c.Merge || !c.Web || !byGitHub(c) {
		return false
	}
	subject, _, _ := strings.Cut(c.Message, "\n")
	rest, ok := strings.CutPrefix(strings.TrimSpace(subject), "Merge branch '")
	if !ok || rest != h.pull.Base.Name+"' into "+h.pull.Head.Name {
		return false
	}
	heads := h.pull.Memory.Heads
	for i := 1; i < len(heads); i++ {
		if heads[i].SHA == c.SHA {
			return h.sameChange(heads[i-1].SHA, c.SHA, c.Author.Login)
		}
	}
	return false
}

// updatedTo says whether a head is a pure update merge.
func (h *hearing) updatedTo(sha string) bool {
	for i := range h.pull.Commits {
		if c := &h.pull.Commits[i]; c.SHA == sha {
			return h.pureUpdate(c)
		}
	}
	return false
}
