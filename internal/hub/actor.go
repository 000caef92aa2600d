package hub

import (
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// actor names an account as REST does: a bot's login ends in "[bot]", which
// GraphQL leaves out. An account that is neither a person nor a bot (the
// placeholder of an import, say) gets its kind for a suffix, so that it is
// never taken for the person of the same name.
func (w *who) actor() checks.Actor {
	if w == nil {
		return checks.Actor{}
	}
	a := checks.Actor{Login: w.Login, ID: w.DatabaseID}
	switch w.Type {
	case "User":
	case "Bot":
		a.Login, a.Bot = strings.TrimSuffix(w.Login, "[bot]")+"[bot]", true
	default:
		a.Login, a.Bot = w.Login+"["+strings.ToLower(w.Type)+"]", true
	}
	return a
}

func (s *signerAnswer) signature() checks.Signature {
	if s == nil {
		return checks.Signature{}
	}
	out := checks.Signature{Name: text(s.Name), Email: text(s.Email)}
	if s.User != nil {
		out.Login = s.User.Login
	}
	if strings.HasSuffix(out.Login, "[bot]") {
		out.Bot, out.Account = true, out.Login
	}
	return out
}

func (n *commitAnswer) commit() checks.Commit {
	c := n.Commit
	out := checks.Commit{
		SHA: c.OID, Message: c.Message, Web: c.CommittedViaWeb,
		Author: c.Author.signature(), Committer: c.Committer.signature(),
		Merge: c.Parents.TotalCount > 1,
	}
	for _, p := range c.Parents.Nodes {
		if p != nil {
			out.Parents = append(out.Parents, p.OID)
		}
	}
	if c.Signature != nil {
		out.Verified = c.Signature.IsValid
		out.GitHubSigned = c.Signature.IsValid && c.Signature.WasSignedByGitHub
	}
	if c.Authors == nil {
		out.CoAuthorsCut = true
		return out
	}
	out.CoAuthorsCut = c.Authors.TotalCount > len(c.Authors.Nodes)
	for _, a := range c.Authors.Nodes {
		if a == nil {
			out.CoAuthorsCut = true
			continue
		}
		if sig := a.signature(); sig != out.Author {
			out.CoAuthors = append(out.CoAuthors, sig)
		}
	}
	return out
}
