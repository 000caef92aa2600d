package hub

import (
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// workers notes who worked on a commit. What git says of people can only add to them,
// and what belongs to no account is Nameless; both may only keep people from signing.
type workers struct {
	commit *checks.RangeCommit
	// byGitHub says that the commit's signature is one that GitHub vouches for.
	byGitHub bool
}

// gitHubEmail is under which GitHub commits what people do on its pages.
const gitHubEmail = "noreply@github.com"

// add notes one of them. In GitHub's own name anybody can commit: without GitHub's
// signature it is nobody known.
func (w *workers) add(a checks.Actor, email string, committer bool) {
	gitHub := strings.EqualFold(a.Login, "web-flow") || a.Login == "" && strings.EqualFold(email, gitHubEmail)
	switch {
	case gitHub && w.byGitHub && committer:
		return
	case gitHub:
		w.commit.Nameless = true
		return
	case a.Login == "":
		a = botOf(email)
	}
	if a.Login == "" {
		w.commit.Nameless = true
		return
	}
	if !slices.ContainsFunc(w.commit.People, func(b checks.Actor) bool { return strings.EqualFold(a.Login, b.Login) }) {
		w.commit.People = append(w.commit.People, a)
	}
}

// botOf is the App that commits under an e-mail of the form that GitHub gives Apps,
// ID+NAME[bot]@users.noreply.HOST. GraphQL tells of people's accounts only.
func botOf(email string) checks.Actor {
	name, domain, _ := strings.Cut(strings.ToLower(email), "@")
	digits, login, numbered := strings.Cut(name, "+")
	if !strings.HasPrefix(domain, "users.noreply.") || !numbered || !strings.HasSuffix(login, "[bot]") {
		return checks.Actor{}
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id <= 0 {
		return checks.Actor{}
	}
	return checks.Actor{Login: login, ID: id, Bot: true}
}
