package hub

import (
	"errors"
	"net/http"

	"github.com/google/go-github/v60/github"
)

// need is a permission that an installation may lack, by GitHub's name of it.
type need struct {
	name  string // as an operator finds it: "contents: write"
	of    func(github.InstallationPermissions) *string
	write bool
}

// The permissions that releases need, each beyond what pull requests do.
var (
	contentsWrite = need{"contents: write", func(p github.InstallationPermissions) *string { return p.Contents }, true}
	issuesWrite   = need{"issues: write", func(p github.InstallationPermissions) *string { return p.Issues }, true}
)

// lacks is which permission the token does not have; "" when it has it, and when
// there is no token yet or GitHub did not say what it permits.
func (c *client) lacks(n need) string {
	may := c.session().may
	if may == nil {
		return ""
	}
	all, err := may()
	if err != nil || all == (github.InstallationPermissions{}) {
		return ""
	}
	have := n.of(all)
	if have == nil || n.write && *have != "write" && *have != "admin" {
		return n.name
	}
	return ""
}

// missingAt is GitHub's answer to an operation that there is no such thing.
func missingAt(op string, err error) (*Error, bool) {
	e, ok := errors.AsType[*Error](err)
	// The operation tells it from a token that could not be minted.
	return e, ok && e.Op == op && (e.Status == http.StatusNotFound || e.Status == http.StatusGone)
}

// refusedAt is GitHub's answer to an operation that this App may not do it, which is
// no limit.
func refusedAt(op string, err error) (*Error, bool) {
	e, ok := errors.AsType[*Error](err)
	return e, ok && e.Op == op && e.Status == http.StatusForbidden && !e.Limited
}
