package checks

import (
	"slices"
	"strings"
)

// Floor is a check of the organisation's floor. It judges what the check judges
// and blocks beside the repository's own: its results are named
// "SECTION/floor/…", so that they are told apart from those.
type Floor struct {
	Check
	// Observe: shown, but does not block.
	Observe bool
}

// Eval judges, under the floor's names.
func (f Floor) Eval(pull Pull) Result {
	r := f.Check.Eval(pull)
	floored(&r)
	r.Observed = r.Observed || f.Observe
	return r
}

func floored(r *Result) {
	section, rest, _ := strings.Cut(r.ID, "/")
	r.ID = section + "/floor"
	if rest != "" {
		r.ID += "/" + rest
	}
	r.Name += " (organisation floor)"
	for i := range r.Parts {
		floored(&r.Parts[i])
	}
}

// Need is the check's.
func (f Floor) Need() Need { return needOf(f.Check) }

// Wants is the check's.
func (f Floor) Wants(pull Pull) Wants { return wantsOf(f.Check, pull) }

// Beside is a check of the repository in a section that has checks of the floor
// as well. A check that is a whole section is named "SECTION/repository" then,
// since the section's result is made of both.
type Beside struct {
	Check
	// Observe: shown, but does not block, though the floor's does.
	Observe bool
}

// Eval judges.
func (b Beside) Eval(pull Pull) Result {
	r := b.Check.Eval(pull)
	if !strings.Contains(r.ID, "/") {
		r.ID += "/repository"
	}
	r.Observed = r.Observed || b.Observe
	return r
}

// Need is the check's.
func (b Beside) Need() Need { return needOf(b.Check) }

// Wants is the check's.
func (b Beside) Wants(pull Pull) Wants { return wantsOf(b.Check, pull) }

func needOf(c Check) Need {
	if n, ok := c.(Needer); ok {
		return n.Need()
	}
	return Need{}
}

func wantsOf(c Check, pull Pull) Wants {
	if w, ok := c.(Wanter); ok {
		return w.Wants(pull)
	}
	return Wants{}
}

// FloorKeyed is an element of a list in a policy that has an identity: it is
// compared with the element of the same one in the organisation's floor, and may
// not be weaker. Elements without one simply stand beside the floor's.
type FloorKeyed interface {
	FloorKey() string
}

// FloorKey is the sign-off's id.
func (s SignOff) FloorKey() string { return slug("", s.title()) }

// FloorKey is the limit's id.
func (l Limit) FloorKey() string { return slug("", l.Name) }

// FloorKey is the rule's id.
func (r PathRule) FloorKey() string { return slug("", r.Name) }

// FloorKey is the checklist's id.
func (t ChecklistTemplate) FloorKey() string { return slug("", t.title()) }

// FloorKey is the window's id.
func (w FreezeWindow) FloorKey() string { return slug("", w.Name) }

// FloorKey is the check's name.
func (c RequiredCheck) FloorKey() string { return c.Name }

// FloorKey is the workflow's file.
func (r ReportRule) FloorKey() string { return workflowFile(r.Workflow) }

// judgeFloor judges what is asked for by the floor alone, as far as that can be
// told where the policy has mistakes.
func judgeFloor(policy Policy, pull *Pull) []Result {
	var out []Result
	for _, s := range policy.Sections {
		s.Checks = slices.DeleteFunc(slices.Clone(s.Checks), func(c Check) bool {
			_, ok := c.(Floor)
			return !ok
		})
		if len(s.Checks) > 0 {
			out = append(out, judgeSection(s, pull))
		}
	}
	return out
}

// mended says whether the policy on the base branch has no other mistake than
// that it is weaker than the floor, and this pull request brings one that has
// none. Otherwise nobody could mend what a tighter floor made wrong: such a pull
// request is judged by the floor and by all that the repository asks for.
func mended(policy Policy, pull *Pull) bool {
	p := pull.Proposed
	return p != nil && onlyWeaker(policy) && !slices.ContainsFunc(p.Problems, func(q Problem) bool { return !q.Warning })
}

// onlyWeaker says whether nothing is wrong with a policy but that it is weaker
// than the floor.
func onlyWeaker(policy Policy) bool {
	return !slices.ContainsFunc(policy.Problems, func(q Problem) bool { return !q.Warning && !q.Weaker })
}
