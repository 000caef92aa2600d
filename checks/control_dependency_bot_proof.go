package checks

import (
	"slices"
	"strconv"
	"strings"
)

// proof is what is known of whether a pull request is an update by a bot alone:
// that it is, that it is not, or that something needed for knowing it is missing.
// why says which, as a sentence's end; says is how far it goes, where it is.
type proof struct {
	truth truth
	why   string
	says  string
}

// take keeps the worse of two answers.
func (p *proof) take(t truth, why string) {
	if t < p.truth {
		p.truth, p.why = t, why
	}
}

// proof tries every part of what makes a dependency update.
func (d *DependencyBot) proof(pull *Pull) proof {
	p := proof{truth: holds}
	switch {
	case gone(account(pull.Author)):
		p.take(holdsMaybe, "the author's account is deleted")
	case !d.opened(pull):
		p.take(holdsNot, "it was not opened by "+strings.Join(d.Authors, " or "))
	}
	if p.truth != holds {
		return p
	}
	commits := slices.Clone(pull.Commits)
	slices.SortFunc(commits, func(a, b Commit) int { return strings.Compare(a.SHA, b.SHA) })
	p.commits(pull, commits)
	p.heads(pull)
	p.files(pull, shapes(d.Files))
	p.steps(pull, commits, d.Step)
	return p
}

// commits: each is the bot's own work. The author that git names counts only
// together with GitHub's signature, which it puts on what an App commits through
// its interface without naming anybody (GitHub Docs, "About commit signature
// verification", signature verification for bots).
func (p *proof) commits(pull *Pull, commits []Commit) {
	if pull.CommitCount > len(commits) || !slices.ContainsFunc(commits, func(c Commit) bool { return c.SHA == pull.Head.SHA }) {
		p.take(holdsMaybe, "not every commit is known")
	}
	for i := range commits {
		c := &commits[i]
		name := "commit " + short(c.SHA)
		switch {
		case c.Merge:
			p.take(holdsNot, name+" is a merge")
		case !byBot(pull.Author, c.Author):
			p.take(holdsNot, name+" is not by "+Plain(pull.Author.Login))
		case !c.GitHubSigned:
			p.take(holdsMaybe, name+" is not signed by GitHub, so that anybody may have made it in the bot's name")
		case !byGitHub(c):
			p.take(holdsNot, name+" was committed by somebody else")
		case slices.ContainsFunc(c.CoAuthors, func(s Signature) bool { return !byBot(pull.Author, s) }):
			p.take(holdsNot, name+" has a co-author")
		case c.CoAuthorsCut:
			p.take(holdsMaybe, "not every author of "+name+" is known")
		}
	}
}

// byBot says whether git names the bot: by the account that GitHub found, or by
// the address that GitHub gives an App.
func byBot(bot Actor, s Signature) bool {
	name := strings.TrimSuffix(account(bot), "[bot]")
	if s.Login != "" && strings.TrimSuffix(strings.ToLower(s.Login), "[bot]") != name {
		return false
	}
	local, host, _ := strings.Cut(strings.ToLower(s.Email), "@")
	id, login, numbered := strings.Cut(local, "+")
	if !numbered {
		id, login = "", local
	}
	addressed := strings.HasPrefix(host, "users.noreply.") && login == name+"[bot]"
	if addressed && id != "" && bot.ID != 0 && id != strconv.FormatInt(bot.ID, 10) {
		return false
	}
	return addressed || s.Login != "" && s.Bot
}

// heads: each was pushed by the bot. GitHub's signature does not prove that: who
// squashes a pull request of the bot into its branch makes a commit in the bot's
// name, with any message, that GitHub signs.
func (p *proof) heads(pull *Pull) {
	bot, known := account(pull.Author), map[string]bool{pull.Head.SHA: false}
	for _, h := range pull.Memory.Heads {
		pusher := Actor{Login: h.Sender, ID: h.SenderID, Bot: h.Bot}
		switch {
		case h.Sender == "": // whoever reopens is not told as a pusher
			if !known[h.SHA] {
				known[h.SHA] = false
			}
		case account(pusher) == bot && h.Bot && (h.SenderID == 0 || pull.Author.ID == 0 || h.SenderID == pull.Author.ID):
			known[h.SHA] = true
		default:
			p.take(holdsNot, short(h.SHA)+" was pushed by "+Plain(h.Sender))
		}
	}
	var unseen []string
	for sha, ok := range known {
		if !ok {
			unseen = append(unseen, short(sha))
		}
	}
	if len(unseen) > 0 {
		p.take(holdsMaybe, "it was not seen who pushed "+list(sorted(unseen), 3))
	}
}

// files: only such as an update may change, by their new and their old paths.
func (p *proof) files(pull *Pull, globs []shapedGlob) {
	if !pull.FilesRead || filesCut(pull) || len(pull.Files) == 0 {
		p.take(holdsMaybe, "not every changed file is known")
	}
	var other []string
	for i := range pull.Files {
		f := &pull.Files[i]
		switch {
		case !anyGlob(globs, f.Path):
			other = append(other, Plain(f.Path))
		case movedFrom(f) != "" && !anyGlob(globs, f.Previous):
			other = append(other, Plain(f.Previous))
		}
	}
	if len(other) > 0 {
		p.take(holdsNot, list(sorted(other), 3)+" "+plural(len(other), "is no manifest and no lockfile", "are no manifests and no lockfiles"))
	}
}

// steps: every dependency goes no further than allowed, as the bot's commits say.
func (p *proof) steps(pull *Pull, commits []Commit, most Step) {
	p.says = "whatever the step"
	if most == StepAny {
		return
	}
	most = stepOrder[most.rank()]
	if !isDependabot(account(pull.Author)) {
		p.take(holdsMaybe, Plain(pull.Author.Login)+" does not say in its commits how far versions go, so that a step of "+string(most)+" cannot be proved")
		return
	}
	n := 0
	for i := range commits {
		updates, why := updatesOf(commits[i].Message)
		if why != "" {
			p.take(holdsMaybe, "commit "+short(commits[i].SHA)+" "+why)
		}
		for _, u := range updates {
			n++
			if u.step.rank() > most.rank() {
				p.take(holdsNot, quoted(u.name)+" goes by a "+string(u.step)+" version, and "+string(most)+" is the furthest")
			}
		}
	}
	p.says = plural(n, "1 dependency", strconv.Itoa(n)+" dependencies") + ", by no more than a " + string(most) + " version"
}
