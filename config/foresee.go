package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// What is asked about a proposed policy at most. Ours: a policy of a hundred roles is
// told of the first thirty.
const (
	foreseenTeams = 30
	foreseenUsers = 50
)

// Foresee says what of a valid proposed text can never be met, as far as only GitHub
// can tell: a team that is not there or has nobody in it, somebody without access, more
// approvals than there are people, a check of a name that was never seen. All of it is
// warnings. seen are the names of checks in the repository; where there are none nothing
// is said of them. wants is what the snapshot lacks to tell more.
func Foresee(file, text string, pull checks.Pull, seen []string) (found []checks.Problem, wants checks.Wants) {
	t := parse(file, text)
	if t.root == nil || t.invalid() {
		return nil, checks.Wants{}
	}
	f := foresight{text: t, pull: &pull, d: newDecoder(file)}
	_, roles := entry(t.root, "roles")
	if roles != nil && roles.Kind == yaml.MappingNode {
		each(roles, func(k, v *yaml.Node) { f.role(t.roles[checks.RoleName(k.Value)], "roles."+k.Value, v) })
	}
	for _, p := range t.placed {
		f.rules(reflect.ValueOf(p.check).Elem(), p.path, p.node)
		switch s := p.check.(type) {
		case *checks.Status:
			f.checks(s.Require, p, "require", seen)
		case *checks.ReleaseRules:
			f.release(s, p, seen)
		}
	}
	f.wants.Teams = f.wants.Teams[:min(len(f.wants.Teams), foreseenTeams)]
	f.wants.Users = f.wants.Users[:min(len(f.wants.Users), foreseenUsers)]
	return sorted(f.d.problems), f.wants
}

type foresight struct {
	text  *text
	pull  *checks.Pull
	d     *decoder
	wants checks.Wants
}

// role looks at a role's team and users.
func (f *foresight) role(role checks.Role, path string, n *yaml.Node) {
	if key := teamKey(role.Team); key != "" {
		at := find(n, "team")
		switch team, asked := f.pull.Teams[key]; {
		case !asked:
			f.wants.Teams = add(f.wants.Teams, key)
		case !team.Found:
			f.d.warn(at, path+".team", "The team "+describe(at)+" is not there, or this App cannot see its members, so that nobody can sign by it.", "Is it misspelt? The App needs the permission to read members.")
		case len(team.Members) == 0:
			f.d.warn(at, path+".team", "The team "+describe(at)+" has no members, so that nobody can sign by it.", "Add somebody to it.")
		}
	}
	for i, user := range role.Users {
		key := strings.ToLower(user)
		if strings.HasSuffix(key, "[bot]") {
			continue
		}
		at := find(n, fmt.Sprintf("users.%d", i))
		switch person, asked := f.pull.People[key]; {
		case !asked:
			f.wants.Users = add(f.wants.Users, key)
		case person.Permission != "" && !checks.Permission(person.Permission).AtLeast(role.Permission):
			f.d.warn(at, fmt.Sprintf("%s.users.%d", path, i), fmt.Sprintf("%s has less than %s access to this repository, so cannot sign as %q.", describe(at), role.Permission, string(role.Name)), "Is the name misspelt? Otherwise give them access.")
		}
	}
}

func add(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func teamKey(team string) string { return strings.ToLower(strings.TrimPrefix(team, "@")) }

// rules goes through settings for rules that ask for some holders of a role.
func (f *foresight) rules(v reflect.Value, path string, n *yaml.Node) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			f.rules(v.Elem(), path, n)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if n != nil && n.Kind == yaml.SequenceNode && i < len(n.Content) {
				f.rules(v.Index(i), fmt.Sprintf("%s.%d", path, i), n.Content[i])
			}
		}
	case reflect.Struct:
		if list, ok := listOf(v); ok {
			f.rules(list, path, n)
			return
		}
		f.count(v, path, n)
		for _, field := range fieldsOf(v) {
			if _, child := entry(n, field.key); child != nil {
				f.rules(field.value, below(path, field.key), child)
			}
		}
	}
}

// count looks at a rule that asks for a number of people who hold a role.
func (f *foresight) count(v reflect.Value, path string, n *yaml.Node) {
	var names []checks.RoleName
	need := 0
	for _, field := range fieldsOf(v) {
		switch x := field.value.Interface().(type) {
		case checks.RoleName:
			if field.key == "role" && x != "" {
				names = append(names, x)
			}
		case []checks.RoleName:
			if field.key == "roles" {
				names = append(names, x...)
			}
		case int:
			if field.key == "count" {
				need = max(x, 1)
			}
		}
	}
	for _, name := range names {
		holders, known := f.holders(f.text.roles[name])
		if !known || need <= 1 || len(holders) >= need {
			continue // that nobody holds a role is said of the role
		}
		f.d.warn(find(n, "count"), path+".count", fmt.Sprintf("%d approvals can never be given: only %d may sign as %q.", need, len(holders), string(name)),
			"Ask for fewer, or let more people hold the role.")
	}
}

// holders are who may hold a role, where they are counted; that somebody has too
// little access is known of those that are named only.
func (f *foresight) holders(role checks.Role) (who []string, known bool) {
	if role.Team == "" && len(role.Users) == 0 {
		return nil, false
	}
	if key := teamKey(role.Team); key != "" {
		team, asked := f.pull.Teams[key]
		if !asked || !team.Found {
			return nil, false
		}
		for _, m := range team.Members {
			who = add(who, strings.ToLower(m))
		}
	}
	for _, user := range role.Users {
		key := strings.ToLower(user)
		if p, asked := f.pull.People[key]; !asked || p.Permission == "" || checks.Permission(p.Permission).AtLeast(role.Permission) {
			who = add(who, key)
		}
	}
	return who, true
}

// checks looks for required checks in those that were seen.
func (f *foresight) checks(require []checks.RequiredCheck, p placed, under string, seen []string) {
	for i, c := range require {
		if len(seen) == 0 || slices.Contains(seen, c.Name) {
			continue
		}
		key := fmt.Sprintf("%s.%d", under, i)
		at := find(find(p.node, key), "name")
		f.d.warn(at, p.path+"."+key, "No check or commit status "+describe(at)+" has been seen in this repository.", didYouMean(c.Name, seen))
	}
}

// release looks at what releases need: checks that were never seen, and stages that
// too few people could sign, each once.
func (f *foresight) release(r *checks.ReleaseRules, p placed, seen []string) {
	f.checks(r.Require, p, "require", seen)
	for i, stage := range r.Stages {
		under := fmt.Sprintf("stages.%d", i)
		f.checks(stage.Require, p, under+".require", seen)
		f.signers(stage, find(p.node, under), p.path+"."+under)
	}
}

// signers looks at a stage whose roles all have counted holders: one person signs
// for one role of it alone.
func (f *foresight) signers(stage checks.Stage, n *yaml.Node, path string) {
	var who []string
	need := 0
	for _, s := range stage.SignOffs {
		holders, known := f.holders(f.text.roles[s.Role])
		if !known || len(holders) == 0 {
			return // that nobody holds a role is said of the role
		}
		for _, login := range holders {
			who = add(who, login)
		}
		need += max(s.Count, 1)
	}
	if len(stage.SignOffs) > 1 && len(who) < need {
		f.d.warn(find(n, "sign_offs"), path+".sign_offs", fmt.Sprintf("The stage %q can never be signed: it takes %d different people, and its roles are held by %d.", clip(checks.Plain(stage.Name), 60), need, len(who)),
			"Ask for fewer, or let more people hold the roles.")
	}
}
