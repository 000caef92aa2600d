package checks

import "slices"

// Detect is the section `detect`: what handrail looks for after the fact. What it
// finds is a finding, which stays open until a named person closes it with a reason.
// Nothing of it blocks a pull request. It holds without being named, with its
// defaults, wherever the policy enforces. The organisation floor's holds beside the
// repository's: what either of them watches is watched.
//
// Evidence for SOC 2 CC7.2 and CC8.1, ISO 27001 A.8.15, A.8.16 and A.8.32, PCI DSS
// 6.5.1 and 10.2, NIST CM-3(1), CM-5(1), CM-6 and AU-6.
type Detect struct {
	// Branches are the protected branches that are watched, globs among them:
	// release/*. Default: the repository's default branch.
	Branches []Glob `yaml:"branches" tighten:"beside"`
	// Bypass finds pull requests that were merged into a watched branch while their
	// requirements were not met, whoever merged them and however. Default: true.
	Bypass bool `yaml:"bypass" tighten:"beside"`
	// DirectPush finds commits on a watched branch that no pull request merged into it
	// brought, forced pushes to it, and its deletion. Default: true.
	DirectPush bool `yaml:"direct_push" tighten:"beside"`
	// Protection finds that a watched branch no longer requires "Merge Requirements",
	// or no longer from this App alone, where it did before. Default: true.
	Protection bool `yaml:"protection" tighten:"beside"`
	// Tags are the tags that must not change, globs among them: v*. A finding is that
	// one was moved or deleted, or made at a commit that is on no watched branch.
	// Default: none.
	Tags []Glob `yaml:"tags" tighten:"beside"`
	// Role whose holders may close a finding about a merged pull request, by a comment
	// on it with the line "/close-finding ID REASON"; never the one who merged it.
	// Where the organisation's floor names one, that one counts. Default: nobody may
	// by a comment; findings are closed by "handrail audit close".
	Role RoleName `yaml:"role" tighten:"role"`

	roles map[RoleName]Role
}

// NewDetect is the section with its defaults.
func NewDetect() *Detect { return &Detect{Bypass: true, DirectPush: true, Protection: true} }

// UseRoles hands over the policy's roles.
func (d *Detect) UseRoles(roles map[RoleName]Role) { d.roles = roles }

// Faults says what of the section can do nothing.
func (d *Detect) Faults() []Fault {
	if len(d.Branches) > 0 && !d.Bypass && !d.DirectPush && !d.Protection && len(d.Tags) == 0 {
		return []Fault{{Key: "branches", Message: "It names branches, and nothing is looked for on them.", Warning: true}}
	}
	return nil
}

// covers says whether the section is about a branch.
func (d *Detect) covers(branch, defaultBranch string) bool {
	if len(d.Branches) == 0 {
		return branch == defaultBranch
	}
	return slices.ContainsFunc(d.Branches, func(g Glob) bool { return g.Match(branch) })
}

// Guard is what is looked for on one branch.
type Guard struct {
	Bypass     bool `json:"bypass,omitzero"`
	DirectPush bool `json:"direct_push,omitzero"`
	Protection bool `json:"protection,omitzero"`
}

// Any says whether anything is looked for.
func (g Guard) Any() bool { return g != Guard{} }

// And is what either asks for.
func (g Guard) And(o Guard) Guard {
	return Guard{g.Bypass || o.Bypass, g.DirectPush || o.DirectPush, g.Protection || o.Protection}
}

// Guards is what the policy looks for on a branch. A policy that observes looks for
// nothing.
func (p Policy) Guards(branch, defaultBranch string) Guard {
	var g Guard
	for _, d := range p.detects() {
		if d.covers(branch, defaultBranch) {
			g = g.And(Guard{d.Bypass, d.DirectPush, d.Protection})
		}
	}
	return g
}

// FloorGuards is what the organisation's floor alone looks for on a branch.
func (p Policy) FloorGuards(branch, defaultBranch string) Guard {
	p.Detect = nil
	return p.Guards(branch, defaultBranch)
}

// WatchedBranches are the patterns of the branches that are watched: a section that
// names none stands for the default branch.
func (p Policy) WatchedBranches(defaultBranch string) []string {
	var out []string
	for _, d := range p.detects() {
		if !d.Bypass && !d.DirectPush && !d.Protection {
			continue
		}
		out = union(out, patternsOf(d.Branches))
		if len(d.Branches) == 0 && defaultBranch != "" {
			out = union(out, []string{defaultBranch})
		}
	}
	return sorted(out)
}

// WatchedTags are the patterns of the tags that are watched.
func (p Policy) WatchedTags() []string {
	var out []string
	for _, d := range p.detects() {
		out = union(out, patternsOf(d.Tags))
	}
	return sorted(out)
}

func (p Policy) detects() []*Detect {
	var out []*Detect
	for _, d := range []*Detect{p.Detect, p.FloorDetect} {
		if d != nil && !p.Observe {
			out = append(out, d)
		}
	}
	return out
}

func patternsOf(globs []Glob) []string {
	out := make([]string, len(globs))
	for i, g := range globs {
		out[i] = string(g)
	}
	return out
}

// AnyMatch says whether some of the patterns is about a name.
func AnyMatch(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return Glob(p).Match(name) })
}
