package config

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// roleName is what can be said in a command.
var roleName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$`)

// teamName is org/slug as GitHub makes them.
var teamName = regexp.MustCompile(`^@?[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)

func (t *text) readRoles(d *decoder, v *yaml.Node) {
	if v.Kind != yaml.MappingNode {
		d.wrongKind(v, "roles", "a mapping of names to roles")
		return
	}
	folded := map[string]string{}
	for name := range t.roles {
		folded[strings.ToLower(string(name))] = string(name)
	}
	each(v, func(k, v *yaml.Node) {
		path := "roles." + k.Value
		if !roleName.MatchString(k.Value) {
			d.problem(k, path, describe(k)+" cannot be the name of a role.", "Use letters, digits, - and _, so that /approve can name it.")
			return
		}
		if have, taken := folded[strings.ToLower(k.Value)]; taken && have != k.Value {
			d.problem(k, path, fmt.Sprintf("The roles %q and %q differ in case alone.", min(have, k.Value), max(have, k.Value)), "")
		}
		folded[strings.ToLower(k.Value)] = k.Value
		name := checks.RoleName(k.Value)
		role := checks.Role{Name: name, Permission: "write", GitHubReview: true}
		if !null(v) {
			d.fields(v, path, &role, nil)
		}
		if role.Team != "" && !teamName.MatchString(role.Team) {
			at := find(v, "team")
			d.problem(at, path+".team", describe(at)+" is no team.", "Write ORGANISATION/TEAM, both as in the team's address.")
		}
		if name == "reviewer" {
			t.plainRoles = false
		}
		t.roles[name] = role
	})
}
