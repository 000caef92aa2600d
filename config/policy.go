// Package config reads what people set: the server's settings, and the policy
// file of a repository, which it turns into a [checks.Policy].
//
// It is strict and says everything at once: each mistake with its line, its
// column, the offending text and what was probably meant. It reads no file and
// asks no network by itself, except where it is handed a function for that.
package config

import (
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// Defaults are the operator's choices for repositories without a policy. The
// zero value observes and asks for no floor.
type Defaults struct {
	// Enforce holds repositories without any policy to the built-in default,
	// instead of observing what it would say.
	Enforce bool
	// FloorRequired makes a floor that cannot be read a fault by which nothing
	// passes.
	FloorRequired bool
}

// Policy makes the policy of a repository from its texts: its own file and,
// marked as such, the organisation's floor. Both hold: the floor's checks stand
// beside the repository's own and can be neither weakened nor switched off. It
// never fails; mistakes are the policy's Problems, and with one of them that is
// more than a warning nothing passes.
func Policy(sources []checks.Source, d Defaults) checks.Policy {
	p := checks.Policy{Roles: map[checks.RoleName]checks.Role{}, Sources: sources}
	var own, floor *text
	broken := false
	if s, ok := source(sources, false); ok && readable(s) {
		own = parseSource(s)
	} else if ok && !s.Absent {
		broken = true
		p.Problems = append(p.Problems, checks.Problem{File: s.Path, Message: "The policy cannot be read: " + sentence(s.Broken)})
	}
	s, ok := source(sources, true)
	switch {
	case ok && readable(s):
		floor = parseSource(s)
	case d.FloorRequired:
		broken = true
		p.Problems = append(p.Problems, missingFloor(s))
	case ok && s.Broken != "":
		// A file that is there must hold. One that this App may not see is the
		// same as none, unless the operator requires it.
		q := missingFloor(s)
		q.Warning = s.Blob == ""
		broken = broken || !q.Warning
		p.Problems = append(p.Problems, q)
	}
	own.held(floor)
	join(&p, own, floor)
	switch {
	case broken:
		p.Observe, p.ReleaseDigest = false, ""
	case own == nil && floor == nil:
		p.Observe = !d.Enforce
	}
	return p
}

func source(sources []checks.Source, floor bool) (checks.Source, bool) {
	i := slices.IndexFunc(sources, func(s checks.Source) bool { return s.Floor == floor })
	if i < 0 {
		return checks.Source{}, false
	}
	return sources[i], true
}

func readable(s checks.Source) bool { return !s.Absent && s.Broken == "" }

// parseSource reads a text under the name by which people find it.
func parseSource(s checks.Source) *text {
	if s.Floor && s.Repo != "" {
		return parse(s.Repo+"/"+s.Path, s.Text)
	}
	return parse(s.Path, s.Text)
}

func missingFloor(s checks.Source) checks.Problem {
	q := checks.Problem{File: checks.FloorPath, Message: "The organisation's floor cannot be read"}
	if s.Repo != "" {
		q.File = s.Repo + "/" + s.Path
	}
	if s.Broken != "" {
		q.Message += ": " + sentence(s.Broken)
	} else {
		q.Message += ": it is not there, or this App is not installed on the organisation's .github repository."
	}
	q.Suggest = "Whoever runs handrail installs the App there, or sets HANDRAIL_FLOOR=none."
	return q
}

// join fills the policy from the texts; where neither is there, from the
// built-in default. Of a text with mistakes nothing is judged, but the floor's
// checks are also where the repository's text has some.
func join(p *checks.Policy, own, floor *text) {
	if own == nil && floor == nil {
		own = builtin()
	}
	for _, t := range []*text{floor, own} {
		if t == nil {
			continue
		}
		p.Problems = append(p.Problems, t.listed()...)
		if t.summaryNamed {
			p.Summary = t.summary
		}
		for name, role := range t.roles {
			p.Roles[name] = role
		}
	}
	p.Observe = (own == nil || own.observe) && (floor == nil || floor.observe)
	p.Detect, p.FloorDetect = own.detects(p.Observe), floor.detects(p.Observe)
	joinReleases(p, own, floor)
	own, floor = own.sound(), floor.sound()
	p.Override, p.FloorOverride = own.overrides(), floor.overrides()
	own.introduce(floor)
	floor.introduce(own)
	for _, name := range sectionNames() {
		if s, ok := joinSection(name, own, floor, p.Observe); ok {
			p.Sections = append(p.Sections, s)
		}
	}
}

// introduce tells a text's checks of the roles of the other one, so that they do
// not take them for mistyped.
func (t *text) introduce(other *text) {
	if t == nil || other == nil {
		return
	}
	for _, s := range t.sections {
		for _, c := range s.checks {
			if c, ok := c.(*checks.ReviewRules); ok {
				c.UseRolesBeside(other.roles)
			}
		}
	}
}

// sound is the text if checks can be made of it, else nil.
func (t *text) sound() *text {
	if t == nil || t.mistaken() {
		return nil
	}
	return t
}

// joinSection puts the checks of one section together. observe says that the
// whole policy observes, so that a file's own observing adds nothing.
func joinSection(name string, own, floor *text, observe bool) (checks.Section, bool) {
	mine, base := own.section(name), floor.section(name)
	if mine != nil && base != nil && sameDefault(own, floor, mine, base, observe) {
		if floor.overrides() != nil {
			mine = nil // it is overridden under the floor's names, as without the repository's text
		} else {
			base = nil
		}
	}
	switch {
	case mine == nil && base == nil:
		return checks.Section{}, false
	case base == nil:
		return checks.Section{Name: name, Observe: own.observes(mine, observe), Checks: mine.checks}, true
	}
	out := checks.Section{Name: name, Observe: floor.observes(base, observe)}
	if mine != nil {
		mineObserved := own.observes(mine, observe)
		for _, c := range mine.checks {
			out.Checks = append(out.Checks, checks.Beside{Check: c, Observe: mineObserved})
		}
		for _, c := range base.checks {
			out.Checks = append(out.Checks, checks.Floor{Check: c, Observe: out.Observe})
		}
		out.Observe = out.Observe && mineObserved
		return out, true
	}
	for _, c := range base.checks {
		out.Checks = append(out.Checks, checks.Floor{Check: c})
	}
	return out, true
}

// sameDefault says whether both texts leave a section to the built-in default,
// which then is the same and need not be asked for twice. Where the
// repository may override its own both stand: the floor's must not pass by that. Of a repository's text that
// is refused the floor's is judged alone.
func sameDefault(own, floor *text, a, b *section, observe bool) bool {
	return !a.named && !b.named && !own.invalid() && own.overrides() == nil && own.plainRoles && floor.plainRoles &&
		own.observes(a, observe) == floor.observes(b, observe)
}

// overrides is who may override what the text asks for, nil where nobody may.
func (t *text) overrides() *checks.Override {
	if t == nil {
		return nil
	}
	return t.override
}

// detects is what the text looks for after the fact, nil where it only observes. What
// can be read of it holds also where the text has mistakes: it lets nothing pass.
func (t *text) detects(policyObserves bool) *checks.Detect {
	if t == nil || t.observe && !policyObserves {
		return nil
	}
	if t.detect == nil {
		return checks.NewDetect()
	}
	return t.detect
}

func (t *text) section(name string) *section {
	if t == nil {
		return nil
	}
	i := slices.IndexFunc(t.sections, func(s section) bool { return s.name == name })
	if i < 0 {
		return nil
	}
	return &t.sections[i]
}

func (t *text) observes(s *section, policyObserves bool) bool {
	return s.observe || t.observe && !policyObserves
}
