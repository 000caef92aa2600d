package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// pair is a key that the repository's text sets, with the floor's value of it.
type pair struct {
	key        string
	rule       tightening
	own, floor side
}

// given are the keys that the repository's text sets, those of a short form
// not among them.
func (c *weighing) given(own, floor side) []pair {
	var out []pair
	if own.n == nil || own.n.Kind != yaml.MappingNode {
		return nil
	}
	mine, theirs := fieldsOf(own.v), fieldsOf(floor.v)
	each(own.n, func(k, v *yaml.Node) {
		for i, f := range mine {
			if f.key != k.Value {
				continue
			}
			base := side{theirs[i].value, nil, floor.at}
			if at, n := entry(floor.n, f.key); at != nil {
				base.n, base.at = n, at
			}
			out = append(out, pair{f.key, tighteningOf(f.tighten), side{f.value, v, k}, base})
		}
	})
	return out
}

// fields compares two structs of a type, key by key; one that the file writes as
// a list, by that.
func (c *weighing) fields(path string, own, floor side) {
	if mine, ok := listOf(own.v); ok {
		theirs, _ := listOf(floor.v)
		c.beside(path, side{mine, own.n, own.at}, side{theirs, floor.n, floor.at})
		return
	}
	for _, f := range c.given(own, floor) {
		c.field(f.rule, below(path, f.key), f.own, f.floor)
	}
}

// field compares one value.
func (c *weighing) field(t tightening, path string, own, floor side) {
	switch t.rule {
	case "-":
	case "beside":
		c.beside(path, own, floor)
	case "lifts":
		c.lifts(t, path, own, floor)
	case "holds":
		if !covers(own.v, floor.v) {
			c.add(own.at, path, fmt.Sprintf("The rule does not apply wherever that of the organisation's floor does (%s).", c.place(floor.at)),
				"Remove the condition, or let it hold at least where the floor's does.")
		}
	case "wider":
		if t.unset == everything && !set(floor.v) && set(own.v) {
			c.add(own.at, path, fmt.Sprintf("%q leaves out what is not listed, and the organisation's floor leaves out nothing (%s).", last(path), c.place(floor.at)), removeIt)
			return
		}
		mine := members(own.v)
		for _, w := range members(t.effective(floor.v)) {
			if !slices.Contains(mine, w) {
				c.add(own.at, path, fmt.Sprintf("%q lacks %q, which the organisation's floor has (%s).", last(path), clip(checks.Plain(w), 60), c.place(floor.at)), "Add it, or remove the line.")
				return
			}
		}
	case "same", "role":
		if set(floor.v) && !equal(own.v, floor.v) {
			c.differs(path, own, floor)
		}
	default:
		if t.weaker(own.v, floor.v) {
			c.add(own.at, path, fmt.Sprintf("%q is %s here, which is weaker than %s in the organisation's floor (%s).", last(path), describe(own.n), c.floorText(t, floor), c.place(floor.at)), t.advice(c.floorText(t, floor)))
		}
	}
}

// beside goes on into what both texts have.
func (c *weighing) beside(path string, own, floor side) {
	own.v, floor.v = reflect.Indirect(own.v), reflect.Indirect(floor.v)
	if !own.v.IsValid() || !floor.v.IsValid() {
		return
	}
	switch own.v.Kind() {
	case reflect.Struct:
		c.fields(path, own, floor)
	case reflect.Slice:
		for i := range own.v.Len() {
			c.element(fmt.Sprintf("%s.%d", path, i), own.item(i), floor)
		}
	}
}

// element compares an element of a list with those of the floor's that have the
// same key, and is weaker if it is weaker than each of them.
func (c *weighing) element(path string, own, floor side) {
	key, ok := floorKey(own.v)
	before := c.problems
	var found []checks.Problem
	for i := range floor.v.Len() {
		if base, _ := floorKey(floor.v.Index(i)); !ok || base != key {
			continue
		}
		c.problems = nil
		c.fields(path, own, floor.item(i))
		if len(c.problems) == 0 {
			found = nil
			break
		}
		if found == nil {
			found = c.problems
		}
	}
	c.problems = append(before, found...)
}

func (s side) item(i int) side {
	out := side{s.v.Index(i), nil, s.at}
	if s.n != nil && s.n.Kind == yaml.SequenceNode && i < len(s.n.Content) {
		out.n, out.at = s.n.Content[i], s.n.Content[i]
	}
	return out
}

// floorKey is by what an element of a list is found in the floor's list.
func floorKey(v reflect.Value) (string, bool) {
	k, ok := v.Interface().(checks.FloorKeyed)
	if !ok {
		return "", false
	}
	return k.FloorKey(), true
}

// lifts compares what lets something pass that would not else.
func (c *weighing) lifts(t tightening, path string, own, floor side) {
	const ask = "Remove it: only the floor can let that pass."
	switch {
	case !set(own.v) || t.unset == everything && !set(floor.v):
	case own.v.Kind() == reflect.Slice:
		for i := range own.v.Len() {
			if item := own.item(i); !t.allows(floor.v, item.v) {
				what := describe(item.n)
				if item.n.Kind == yaml.MappingNode {
					what = "The entry"
				}
				c.add(item.at, fmt.Sprintf("%s.%d", path, i), fmt.Sprintf("%s under %q is not in the organisation's floor (%s), which alone says what may pass.", what, last(path), c.place(floor.at)), ask)
			}
		}
	case reflect.Indirect(own.v).Kind() == reflect.Struct:
		if !set(floor.v) || !covers(floor.v, own.v) {
			c.add(own.at, path, fmt.Sprintf("%q lets more pass than the organisation's floor does (%s).", last(path), c.place(floor.at)), ask)
		}
	case !equal(own.v, floor.v):
		c.differs(path, own, floor)
	}
}

// differs notes a value that must be the floor's own.
func (c *weighing) differs(path string, own, floor side) {
	c.add(own.at, path, fmt.Sprintf("%q is %s here, and %s in the organisation's floor (%s).", last(path), describe(own.n), c.floorText(tightening{}, floor), c.place(floor.at)),
		"Write what the floor has, or remove the line.")
}

// floorText is a value of the floor as it is written, or its default.
func (c *weighing) floorText(t tightening, floor side) string {
	if floor.n != nil {
		return describe(floor.n)
	}
	text := clip(checks.Plain(strings.Join(members(t.effective(floor.v)), ", ")), 60)
	if text == "" {
		return "nothing"
	}
	return `the default "` + text + `"`
}
