package checks

import "strings"

// DCO is the control `compliance: {sign_off: …}`: every commit has a line
// `Signed-off-by: Name <e-mail>` at the end of its message by which its author, or
// its committer, states the Developer Certificate of Origin. Both the name and the
// e-mail must be those of the commit. `sign_off: true` takes the defaults.
//
// Evidence for SOC 2 CC8.1, NIST CM-3, SA-10.
type DCO struct {
	// Merges: merge commits must be signed off as well. Default: false.
	Merges bool `yaml:"merges" tighten:"on"`
	// Bots: commits by Apps and bots must be signed off as well. If not, a commit
	// is exempt when its author's account is a bot's, by GitHub's word, it has no
	// further authors, and it is proved: by GitHub's signature, or since that same
	// bot pushed it. A name or an e-mail proves nothing. Default: false.
	Bots bool `yaml:"bots" tighten:"on"`
}

// NewDCO is the control with its defaults.
func NewDCO() *DCO { return &DCO{} }

// Wants asks which authors are bots, where a commit could be exempt as one.
func (d *DCO) Wants(pull Pull) Wants {
	if d.Bots || pull.AccountsRead {
		return Wants{}
	}
	return Wants{Accounts: len(pull.object(func(c *Commit) string {
		if d.wrong(c) == "" || !pull.maybeBots(c) {
			return ""
		}
		return "may be a bot's"
	})) > 0}
}

// Eval looks for the line in each commit.
func (d *DCO) Eval(pull Pull) Result {
	r := Result{ID: "compliance/sign_off", Name: "Sign-off of commits", Summary: "Every commit is signed off."}
	wrong := pull.object(func(c *Commit) string {
		if !d.Bots && pull.botsOwn(c) {
			return ""
		}
		return d.wrong(c)
	})
	return pull.commitResult(r, wrong, remedy{
		is:  "is not signed off by its author or committer (Developer Certificate of Origin).",
		are: "are not signed off by their authors or committers (Developer Certificate of Origin).",
		do:  "Whoever may submit them under the project's licence runs “git rebase --signoff " + quoted(pull.Base.Name) + "” and pushes by force.",
	})
}

// wrong is why a commit does not count as signed off.
func (d *DCO) wrong(c *Commit) string {
	if c.Merge && !d.Merges {
		return ""
	}
	var others []string
	for _, t := range trailers(c.Message) {
		if !strings.EqualFold(t.key, "Signed-off-by") {
			continue
		}
		by := identity(t.value)
		if by.is(c.Author) || by.is(c.Committer) {
			return ""
		}
		others = append(others, person(by.Signature))
	}
	switch {
	case len(others) > 0:
		return "is signed off by " + list(sorted(others), 3) + ", not by its author or committer with name and e-mail"
	case mentionsSignOff(c.Message):
		return "has its Signed-off-by line not among the lines that end its message"
	}
	return "has no Signed-off-by line"
}

// signer is who a line says has signed off.
type signer struct{ Signature }

// identity reads "Name <e-mail>".
func identity(s string) signer {
	open, end := strings.LastIndexByte(s, '<'), strings.LastIndexByte(s, '>')
	if open < 0 || end < open || strings.TrimSpace(s[end+1:]) != "" {
		return signer{Signature{Name: s}}
	}
	return signer{Signature{Name: strings.TrimSpace(s[:open]), Email: strings.TrimSpace(s[open+1 : end])}}
}

// is says whether name and e-mail are those of a commit. In GitHub's own name
// nobody states anything.
func (by signer) is(s Signature) bool {
	name, email := strings.Join(strings.Fields(s.Name), " "), strings.TrimSpace(s.Email)
	if name == "" || email == "" || strings.EqualFold(email, "noreply@github.com") {
		return false
	}
	return strings.EqualFold(by.Email, email) && strings.EqualFold(strings.Join(strings.Fields(by.Name), " "), name)
}

// mentionsSignOff says whether a line of a message looks like a sign-off.
func mentionsSignOff(message string) bool {
	for line := range strings.Lines(message) {
		if key, _, ok := splitTrailer(strings.TrimSpace(line)); ok && strings.EqualFold(key, "Signed-off-by") {
			return true
		}
	}
	return false
}

// maybeBots says whether a commit would be a bot's if its author's account were
// one.
func (p *Pull) maybeBots(c *Commit) bool {
	if len(c.CoAuthors) > 0 || c.CoAuthorsCut || c.Author.Login != "" && !c.Author.Bot {
		return false
	}
	if c.GitHubSigned {
		return true
	}
	for i := range p.Memory.Heads {
		if h := &p.Memory.Heads[i]; h.Bot && p.pushed(c, h.Sender) {
			return true
		}
	}
	return false
}

// botsOwn says whether a commit is a bot's own work, and proved to be.
func (p *Pull) botsOwn(c *Commit) bool {
	return c.Author.Bot && len(c.CoAuthors) == 0 && !c.CoAuthorsCut && (c.GitHubSigned || p.pushed(c, c.Author.Account))
}

// pushed says whether a bot is known to have pushed a commit: as a head, or since
// nobody else has pushed anything and the bot has opened the pull request.
func (p *Pull) pushed(c *Commit, bot string) bool {
	all := len(p.Memory.Heads) > 0 && strings.EqualFold(p.Author.Login, bot)
	for i := range p.Memory.Heads {
		h := &p.Memory.Heads[i]
		its := bot != "" && h.Bot && strings.EqualFold(h.Sender, bot)
		if its && h.SHA == c.SHA {
			return true
		}
		all = all && its
	}
	return all
}
