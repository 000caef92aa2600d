package sim

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
)

// PersonToken is a token of somebody's own, new each time. It is good for GET /user
// alone.
func (gh *GitHub) PersonToken(login string) string {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	var raw [18]byte
	_, _ = rand.Read(raw[:]) // crypto/rand never fails
	s := "ghp_" + hex.EncodeToString(raw[:])
	gh.people[s] = gh.account(login)
	return s
}

// RevokePersonToken makes a token invalid.
func (gh *GitHub) RevokePersonToken(token string) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	delete(gh.people, token)
}

// getUser answers who a person's token is of; an App has no user.
func (c *call) getUser() {
	a := c.person
	if a == nil {
		c.refuse(http.StatusForbidden, "Resource not accessible by integration")
		return
	}
	out := c.gh.userJSON(a)
	for _, k := range []string{"company", "blog", "location", "email", "hireable", "bio"} {
		out[k] = nil
	}
	for _, k := range []string{"public_repos", "public_gists", "followers", "following"} {
		out[k] = 0
	}
	out["name"], out["created_at"], out["updated_at"] = orNull(a.Name), date(a.created), date(a.created)
	c.ok(out)
}
