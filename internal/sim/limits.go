package sim

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// budgetKey is whose budget: an installation (0 is the App itself) and a
// resource, "core" or "graphql".
type budgetKey struct {
	install  int64
	resource string
}

// budget is what is left of an hour's calls.
type budget struct {
	limit, used int
	reset       time.Time
}

func (gh *GitHub) budget(install int64, resource string) *budget {
	key := budgetKey{install, resource}
	b := gh.budgets[key]
	if b == nil {
		b = &budget{limit: gh.opt.RESTLimit}
		if resource == "graphql" {
			b.limit = gh.opt.GraphQLLimit
		}
		gh.budgets[key] = b
	}
	if now := time.Now(); !now.Before(b.reset) {
		b.used, b.reset = 0, now.Add(time.Hour).Truncate(time.Second)
	}
	return b
}

func (b *budget) remaining() int { return max(0, b.limit-b.used) }

// SetBudget sets what an installation has left of "core" or "graphql", and when
// that is renewed (real time).
func (gh *GitHub) SetBudget(install int64, resource string, remaining int, reset time.Time) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	b := gh.budget(install, resource)
	b.used, b.reset = b.limit-remaining, reset
}

// Remaining is what an installation has left of "core" or "graphql".
func (gh *GitHub) Remaining(install int64, resource string) int {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	return gh.budget(install, resource).remaining()
}

// charge takes a request off the budget; it answers and returns false when
// nothing is left. GraphQL requests are charged by their own cost.
func (c *call) charge() bool {
	b := c.gh.budget(c.req.Installation, c.resource)
	if c.req.Cost == 0 {
		c.req.Cost = 1
	}
	if b.remaining() < c.req.Cost {
		b.used = b.limit
		c.exhausted()
		return false
	}
	b.used += c.req.Cost
	return true
}

func (c *call) exhausted() {
	msg := fmt.Sprintf("API rate limit exceeded for installation ID %d.", c.req.Installation)
	if c.req.GraphQL {
		c.req.Errors = 1
		c.res = answer{status: http.StatusOK, body: m{"errors": []m{{"type": "RATE_LIMITED", "message": msg}}}}
		return
	}
	c.refuse(http.StatusForbidden, msg)
}

// headers are those of every answer. Date is GitHub's clock, resets are real
// time.
func (gh *GitHub) headers(c *call, h http.Header) {
	h.Set("Date", time.Now().Add(gh.skew).UTC().Format(http.TimeFormat))
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-GitHub-Request-Id", gh.guid())
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	if c.unknown {
		return
	}
	b := gh.budget(c.req.Installation, c.resource)
	h.Set("X-RateLimit-Limit", itoa(b.limit))
	h.Set("X-RateLimit-Remaining", itoa(b.remaining()))
	h.Set("X-RateLimit-Used", itoa(b.used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(b.reset.Unix(), 10))
	h.Set("X-RateLimit-Resource", c.resource)
}

func (b *budget) json() m {
	return m{"limit": b.limit, "used": b.used, "remaining": b.remaining(), "reset": b.reset.Unix()}
}
