package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// side is a value of one of two texts, and where it stands there.
type side struct {
	v reflect.Value
	// n is the value as it is written; nil where it is a default.
	n *yaml.Node
	// at is what a problem points at: the key, or the nearest above that is
	// written.
	at *yaml.Node
}

// weighing finds what a repository's text sets weaker than the organisation's
// floor, by the tags "tighten" of the settings. What a repository leaves out is
// not weaker, whatever its default is: the floor's own rule holds beside it.
type weighing struct {
	own, floor *text
	// implied: the floor's text does not name what is compared, which holds by
	// default. That is worth a warning and no refusal.
	implied  bool
	problems []checks.Problem
	mistakes places // of the repository's text
}

// held adds to a repository's text what of it is weaker than the floor. A floor
// that has mistakes says nothing that could be compared with.
func (t *text) held(floor *text) {
	if t == nil || floor == nil || t.root == nil || floor.root == nil || floor.invalid() {
		return
	}
	c := weighing{own: t, floor: floor}
	c.mistakes = placesOf(slices.DeleteFunc(slices.Clone(t.problems), func(q checks.Problem) bool { return q.Warning }))
	c.modes()
	c.roles()
	for _, p := range t.placed {
		if base, ok := c.base(p.path); ok {
			c.fields(p.path, side{reflect.ValueOf(p.check).Elem(), p.node, p.node}, base)
		}
	}
	c.switchedOff()
	t.problems = sorted(append(t.problems, c.problems...))
}

func (t *text) invalid() bool {
	return slices.ContainsFunc(t.problems, func(q checks.Problem) bool { return !q.Warning })
}

// mistaken says whether more is wrong with the text than that it is weaker than
// the floor.
func (t *text) mistaken() bool {
	return slices.ContainsFunc(t.problems, func(q checks.Problem) bool { return !q.Warning && !q.Weaker })
}

// base is the floor's check that stands beside the repository's at a path.
func (c *weighing) base(path string) (side, bool) {
	c.implied = false
	if i := slices.IndexFunc(c.floor.placed, func(p placed) bool { return p.path == path }); i >= 0 {
		p := c.floor.placed[i]
		at, _ := keyAt(c.floor.root, path)
		return side{reflect.ValueOf(p.check).Elem(), p.node, at}, true
	}
	s := c.floor.section(path)
	if s == nil || s.named || len(s.checks) != 1 {
		return side{}, false
	}
	c.implied = true
	return side{v: reflect.ValueOf(s.checks[0]).Elem(), at: c.floor.root}, true
}

// modes compares `mode`, of the file and of each section.
func (c *weighing) modes() {
	enforces := func(named bool) bool {
		return slices.ContainsFunc(c.floor.observable(), func(s section) bool { return s.named == named && !c.floor.observes(&s, false) })
	}
	if k, _ := entry(c.own.root, "mode"); k != nil && c.own.observe && (enforces(true) || enforces(false)) {
		at, _ := entry(c.floor.root, "mode")
		c.implied = at == nil && !enforces(true)
		if at == nil {
			at = c.floor.root
		}
		c.add(k, "mode", "The file only observes, and the organisation's floor ("+c.place(at)+") enforces.", removeIt)
	}
	bases := c.floor.observable()
	for _, s := range c.own.observable() {
		i := slices.IndexFunc(bases, func(base section) bool { return base.name == s.name })
		if !s.observe || i < 0 || c.floor.observes(&bases[i], false) {
			continue
		}
		_, v := entry(c.own.root, s.name)
		k, _ := entry(v, "mode")
		at, _ := keyAt(c.floor.root, s.name+".mode")
		c.implied = !bases[i].named
		c.add(k, s.name+".mode", fmt.Sprintf("The section %q only observes, and the organisation's floor (%s) enforces it.", s.name, c.place(at)), removeIt)
	}
}

// observable are the parts of a text that have a mode of their own.
func (t *text) observable() []section {
	if t.release == nil {
		return t.sections
	}
	return append(slices.Clone(t.sections), section{name: "release", observe: t.release.Observe, named: true})
}

const removeIt = "Remove the line: the floor holds in any case."

// switchedOff finds controls that the repository leaves out and the floor has.
func (c *weighing) switchedOff() {
	for _, s := range c.own.sections {
		_, v := entry(c.own.root, s.name)
		if v == nil || v.Kind != yaml.MappingNode {
			continue
		}
		each(v, func(k, v *yaml.Node) {
			path := s.name + "." + k.Value
			if on, ok := boolean(v); !ok || on || k.Value == "mode" {
				return
			}
			if base, ok := c.base(path); ok {
				c.add(k, path, fmt.Sprintf("%s is switched off, and on in the organisation's floor (%s).", describe(k), c.place(base.at)), removeIt)
			}
		})
	}
}

// roles compares the roles that both texts define. The floor's own rules go by
// the floor's roles; but a name that means more people in one file than in the
// other would mislead whoever reads it.
func (c *weighing) roles() {
	_, mine := entry(c.own.root, "roles")
	_, theirs := entry(c.floor.root, "roles")
	if mine == nil || mine.Kind != yaml.MappingNode {
		return
	}
	each(mine, func(k, v *yaml.Node) {
		role, ok := c.own.roles[checks.RoleName(k.Value)]
		base, known := c.floor.roles[checks.RoleName(k.Value)]
		if !ok || !known {
			return
		}
		at, n := entry(theirs, k.Value)
		if c.implied = at == nil; c.implied {
			at = c.floor.root
		}
		c.role("roles."+k.Value, side{reflect.ValueOf(&role).Elem(), v, k}, side{reflect.ValueOf(&base).Elem(), n, at}, &role, &base)
	})
}

// role compares who holds a role, which its team and users say together, and
// then the rest key by key.
func (c *weighing) role(path string, own, floor side, mine, theirs *checks.Role) {
	open := func(r *checks.Role) bool { return r.Team == "" && len(r.Users) == 0 }
	if open(mine) && !open(theirs) {
		c.add(own.at, path, fmt.Sprintf("Everybody with enough access holds the role %s here, and not in the organisation's floor (%s).", describe(own.at), c.place(floor.at)),
			"Name the floor's team or users, call the role something else, or remove it: the floor's roles are its own.")
	}
	for _, f := range c.given(own, floor) {
		switch holders := f.key == "team" || f.key == "users"; {
		case holders && open(theirs):
		case f.key == "team" && !sameTeam(mine.Team, theirs.Team):
			c.differs(below(path, f.key), f.own, f.floor)
		case f.key != "team":
			c.field(f.rule, below(path, f.key), f.own, f.floor)
		}
	}
}

func sameTeam(a, b string) bool {
	return strings.EqualFold(strings.TrimPrefix(a, "@"), strings.TrimPrefix(b, "@"))
}

// entry is a key of a mapping with its value; nil where there is none.
func entry(n *yaml.Node, key string) (k, v *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	each(n, func(have, value *yaml.Node) {
		if have.Value == key {
			k, v = have, value
		}
	})
	return k, v
}

// keyAt is the key at a path, or the last one on the way that is there.
func keyAt(n *yaml.Node, path string) (at, v *yaml.Node) {
	at, v = n, n
	for step := range strings.SplitSeq(path, ".") {
		k, next := entry(v, step)
		if k == nil {
			break
		}
		at, v = k, next
	}
	return at, v
}

// place is where something of the floor stands.
func (c *weighing) place(at *yaml.Node) string {
	return fmt.Sprintf("%s:%d:%d", c.floor.file, at.Line, at.Column)
}

// add notes a weakness, unless something else is wrong in the same place, of
// which it may only be the consequence.
func (c *weighing) add(at *yaml.Node, path, message, suggest string) {
	if c.mistakes.touch(path) {
		return
	}
	c.problems = append(c.problems, checks.Problem{
		File: c.own.file, Line: at.Line, Column: at.Column, Key: path,
		Message: message, Suggest: suggest, Warning: c.implied, Weaker: !c.implied,
	})
}
