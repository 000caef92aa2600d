package checks

import (
	"fmt"
	"strconv"
	"strings"
)

// SignOff is one rule of the review section: who must approve, how many of
// them, and when.
type SignOff struct {
	// Name is what the table calls the rule. In lower case with dashes it is the
	// rule's id: "Code review" is review/code-review. Default: the role's name.
	Name string `yaml:"name" tighten:"-"`
	// Role whose holders approve.
	Role RoleName `yaml:"role" tighten:"role"`
	// Count is how many different people must approve. Default: 1.
	Count int `yaml:"count" tighten:"up|1"`
	// When says for which pull requests the rule is. Default: all.
	When *Condition `yaml:"when" tighten:"holds"`
	// Unless says for which pull requests it is not. Default: none.
	Unless *Condition `yaml:"unless" tighten:"lifts"`
	// CodeOwners: each changed file that CODEOWNERS gives to somebody must be
	// approved by one of its owners, besides what the role asks for.
	CodeOwners bool `yaml:"codeowners" tighten:"on"`
	// Self lets those approve who worked on the change. Default: false.
	Self bool `yaml:"self" tighten:"off"`
	// Distinct: whoever is counted for this rule is counted for no other.
	Distinct bool `yaml:"distinct" tighten:"on"`
	// Stale says what ends an approval: content (the files that the rule is about
	// changed; the default), head (any other head commit) or never.
	Stale Staleness `yaml:"stale" tighten:"head,content,never|content"`
	// RerequestResets: when the review of somebody is requested again, their
	// approval no longer counts. Default: true.
	RerequestResets *bool `yaml:"rerequest_resets" tighten:"on|true"`
	// Unattributed says what commits mean that belong to no GitHub account:
	// block (somebody must approve at exactly the head; the default) or allow.
	Unattributed Attribution `yaml:"unattributed" tighten:"block,allow|block"`
}

// Staleness says what ends an approval. Its zero value is content.
type Staleness string

// The kinds of staleness.
const (
	StaleContent Staleness = "content"
	StaleHead    Staleness = "head"
	StaleNever   Staleness = "never"
)

// UnmarshalText refuses any other word.
func (s *Staleness) UnmarshalText(text []byte) error {
	return oneOf(s, text, StaleContent, StaleHead, StaleNever)
}

// Attribution says what a commit of no account means. Its zero value is block.
type Attribution string

// The kinds of attribution.
const (
	UnattributedBlock Attribution = "block"
	UnattributedAllow Attribution = "allow"
)

// UnmarshalText refuses any other word.
func (a *Attribution) UnmarshalText(text []byte) error {
	return oneOf(a, text, UnattributedBlock, UnattributedAllow)
}

func oneOf[T ~string](into *T, text []byte, words ...T) error {
	e := &WordError{Got: string(text)}
	for _, w := range words {
		if string(w) == string(text) {
			*into = w
			return nil
		}
		e.Want = append(e.Want, string(w))
	}
	return e
}

func (s *SignOff) count() int { return max(s.Count, 1) }

func (s *SignOff) resets() bool { return s.RerequestResets == nil || *s.RerequestResets }

func (s *SignOff) title() string {
	if s.Name != "" {
		return s.Name
	}
	return title(string(s.Role))
}

// slug is a prefix and a name in lower case with dashes.
func slug(prefix, name string) string {
	b := append(make([]byte, 0, len(prefix)+len(name)), prefix...)
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			b = append(b, c|0x20)
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 0x80:
			b = append(b, c)
		case len(b) > len(prefix) && b[len(b)-1] != '-':
			b = append(b, '-')
		}
	}
	return strings.TrimSuffix(string(b), "-")
}

// Faults finds rules that ask for nothing, that can never be met, or that have
// the same id.
func (r *ReviewRules) Faults() []Fault {
	var out []Fault
	ids := map[string]int{"changes-requested": -1, "code-owners": -1, "policy-owners": -1, "floor": -1, "repository": -1}
	for i := range r.SignOffs {
		s := &r.SignOffs[i]
		at := "sign_offs." + strconv.Itoa(i)
		add := func(key, format string, args ...any) {
			out = append(out, Fault{Key: at + key, Message: fmt.Sprintf(format, args...)})
		}
		if s.Role == "" && !s.CodeOwners {
			add("", "A sign-off needs a role, or codeowners: true.")
		}
		id := slug("", s.title())
		switch other, taken := ids[id]; {
		case id == "" && (s.Role != "" || s.CodeOwners):
			add(".name", "A sign-off needs a name.")
		case taken && other < 0:
			add(".name", "%q is the name of a rule that handrail itself adds.", s.title())
		case taken:
			add(".name", "%q is also the name of sign-off number %d.", s.title(), other+1)
		}
		if _, taken := ids[id]; !taken {
			ids[id] = i
		}
		if s.Count < 0 {
			add(".count", "%d approvals cannot be asked for.", s.Count)
		}
		if role, ok := r.role(s.Role); ok && role.Team == "" && len(role.Users) > 0 && len(role.Users) < s.count() {
			add(".count", "%d approvals can never be met: the role %s has only %s.", s.count(), role.Name, count(len(role.Users), "user"))
		}
		for _, c := range []struct {
			key string
			c   *Condition
		}{{".when", s.When}, {".unless", s.Unless}} {
			for _, f := range append(c.c.faults(c.key == ".unless"), c.c.undefined(r.terms)...) {
				add(c.key+f.Key, "%s", f.Message)
			}
		}
	}
	return out
}

func (c *Condition) faults(lifts bool) []Fault {
	var out []Fault
	switch {
	case c == nil:
		return nil
	case c.empty():
		return []Fault{{Message: "A condition needs at least one key."}}
	case lifts && len(c.Labels) > 0:
		out = append(out, Fault{Key: ".labels", Message: "A label can only add requirements, never lift one, since anybody may set it. Use when."})
	}
	if c.LinesOver != nil && *c.LinesOver < 0 {
		out = append(out, Fault{Key: ".lines_over", Message: fmt.Sprintf("%d is less than no lines.", *c.LinesOver)})
	}
	if c.FilesOver != nil && *c.FilesOver < 0 {
		out = append(out, Fault{Key: ".files_over", Message: fmt.Sprintf("%d is less than no files.", *c.FilesOver)})
	}
	return out
}
