package checks

import (
	"fmt"
	"slices"
	"strconv"
)

// signFaults finds sign-offs of a control that nobody could ever give. Key is that
// of the number of approvals.
func signFaults(roles map[RoleName]Role, name RoleName, n int, key string) []Fault {
	role, ok := (&ReviewRules{roles: roles}).role(name)
	switch {
	case n < 0:
		return []Fault{{Key: key, Message: fmt.Sprintf("%d approvals cannot be asked for.", n)}}
	case ok && role.Team == "" && len(role.Users) > 0 && len(role.Users) < n:
		return []Fault{{Key: key, Message: fmt.Sprintf("%d approvals can never be met: the role %s has only %s.", n, role.Name, count(len(role.Users), "user"))}}
	}
	return nil
}

// everyPath are paths so different that what matches all of them matches any.
var everyPath = []string{"q", ".q", "Q.w-e", "q/w", "q/.w/e/r.t", "1 2/ü"}

// matchesAll says whether some globs together match every path.
func matchesAll(globs []Glob) bool {
	return !slices.ContainsFunc(everyPath, func(p string) bool {
		return !slices.ContainsFunc(globs, func(g Glob) bool { return g.Match(p) })
	})
}

// ruleNames finds rules whose results would have the same id, or none.
type ruleNames struct {
	what string         // "rule"
	ids  map[string]int // the rule of each
}

func (n *ruleNames) fault(i int, name string) (f Fault, bad bool) {
	if n.ids == nil {
		n.ids = map[string]int{}
	}
	id := slug("", name)
	other, have := n.ids[id]
	f.Key = strconv.Itoa(i) + ".name"
	switch {
	case id == "":
		f.Message = "A " + n.what + " needs a name."
	case have:
		f.Message = fmt.Sprintf("%q is also the name of %s number %d.", name, n.what, other+1)
	default:
		n.ids[id] = i
		return f, false
	}
	return f, true
}
