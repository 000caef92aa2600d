package config

import (
	"fmt"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// lint warns of what is no mistake in any one place but will not do what was
// meant.
func (t *text) lint(d *decoder, root *yaml.Node) {
	used := map[checks.RoleName]bool{}
	if !t.observe && !slices.ContainsFunc(t.sections, func(s section) bool { return !s.observe }) {
		d.warn(root, "mode", "Every section only observes: unless another policy file enforces something, nothing can be met.", "Set mode: observe for the whole file.")
	}
	for _, s := range t.sections {
		for _, c := range s.checks {
			mentions(reflect.ValueOf(c), used)
		}
		if s.named && len(s.checks) == 0 && !slices.ContainsFunc(d.problems, func(q checks.Problem) bool { return within(q.Key, s.name) }) {
			d.warn(find(root, s.name), s.name, fmt.Sprintf("The section %q asks for nothing.", s.name), "")
		}
	}
	mentions(reflect.ValueOf(t.override), used)
	mentions(reflect.ValueOf(t.detect), used)
	mentions(reflect.ValueOf(t.release), used)
	// Where something else is wrong, that may be what would use a role.
	roles := find(root, "roles")
	if roles != root && len(d.problems) == 0 {
		each(roles, func(k, v *yaml.Node) {
			name := checks.RoleName(k.Value)
			if _, ok := t.roles[name]; ok && !used[name] {
				d.warn(k, "roles."+k.Value, fmt.Sprintf("The role %s is used by no requirement.", describe(k)), "")
			}
		})
	}
}

// mentions collects the roles that a check's settings name.
func mentions(v reflect.Value, used map[checks.RoleName]bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			mentions(v.Elem(), used)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				mentions(v.Field(i), used)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			mentions(v.Index(i), used)
		}
	case reflect.String:
		if v.Type() == roleType {
			used[checks.RoleName(v.String())] = true
		}
	}
}
