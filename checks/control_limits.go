package checks

import (
	"fmt"
	"strconv"
	"strings"
)

// Limits is the control `compliance: {limits: [...]}`, a list: values in
// configuration files that somebody must sign for when they rise above a limit.
// Numbers with their units are read from the changed files, as they were where the
// branch left its base and as they are at the head. One that is above the limit, and
// new or higher than before, asks for the sign-off; so does an expression, a template
// or a reference that is new or changed, whose value is known only elsewhere, and a
// file that cannot be read. What is lowered, or was there before, passes by itself.
//
// Read are Kubernetes manifests, Helm values, Compose files, CloudFormation, other
// YAML and JSON, and Terraform. A unit means what it means there: 1G is not 1Gi, and
// 512m is half a unit in Kubernetes and 512 MiB in Compose.
//
// Evidence for SOC 2 CC8.1 and A1.1, ISO 27001 A.8.6 and A.8.32, NIST CM-3, CM-4
// and CM-6.
type Limits struct {
	// Rules are the limits. One file may be under several: over 1Gi for one role, over
	// 1Ti for another one besides.
	Rules []Limit `yaml:",list" tighten:"beside"`

	roles map[RoleName]Role
}

// Limit is one limit.
type Limit struct {
	// Name is what the table calls it. In lower case with dashes it is the end of its
	// id: "Memory over 1Gi" is compliance/limits/memory-over-1gi. It is needed.
	Name string `yaml:"name" tighten:"-"`
	// Files that it is about: changed files that match one of these globs. One that is
	// moved here from outside of them is new. It is needed.
	Files []Glob `yaml:"files" tighten:"wider"`
	// Key of the values, a dotted path in which * stands for one step and ** for any
	// number of them: **.limits.memory. List items are told apart by their name or
	// their place, which can be left out: **.containers[api].limits.memory. A name with
	// a dot in it is written in quotes: **.limits."nvidia.com/gpu". In Terraform the
	// type and the labels of a block are steps: resource.aws_instance.*.volume_size. It
	// is needed.
	Key KeyPattern `yaml:"key" tighten:"same"`
	// Over is the limit: a value above it asks for the sign-off. Units are those of
	// Kubernetes: Ki, Mi, Gi, Ti, Pi, Ei, k, M, G, T, P, E, m, u, n. It is needed.
	Over Quantity `yaml:"over" tighten:"down"`
	// Sum: not each value by itself is held against the limit, but all of a file
	// together, each as often as it has replicas: spec.replicas or the most that an
	// autoscaler in the same file makes, replicaCount or replicas beside it in Helm
	// values, deploy.replicas or scale in Compose, DesiredCount, and count in Terraform.
	// Default: false.
	Sum bool `yaml:"sum" tighten:"same"`
	// Role whose holders sign for it; nobody can who worked on the change.
	Role RoleName `yaml:"role" tighten:"role"`
	// Roles of which each must sign. One of role and roles is needed.
	Roles []RoleName `yaml:"roles" tighten:"wider"`
}

// NewLimits is the control with its defaults: no limit.
func NewLimits() *Limits { return &Limits{} }

// UseRoles hands over the policy's roles.
func (l *Limits) UseRoles(roles map[RoleName]Role) { l.roles = roles }

// Faults finds limits that say too little, and names that are there twice.
func (l *Limits) Faults() []Fault {
	if len(l.Rules) == 0 {
		return []Fault{{Message: "It lists no limit."}}
	}
	var out []Fault
	ids := map[string]int{}
	for i := range l.Rules {
		r := &l.Rules[i]
		add := func(key, format string, args ...any) {
			out = append(out, Fault{Key: strings.TrimSuffix(strconv.Itoa(i)+"."+key, "."), Message: fmt.Sprintf(format, args...)})
		}
		id := slug("", r.Name)
		if other, taken := ids[id]; id == "" {
			add("name", "A limit needs a name.")
		} else if taken {
			add("name", "%q is also the name of limit number %d.", r.Name, other+1)
		}
		ids[id] = i
		if len(r.Files) == 0 {
			add("files", "A limit needs files that it is about.")
		}
		if r.Key == "" {
			add("key", "A limit needs the key of the values, for example **.limits.memory.")
		}
		if !r.Over.known() {
			add("over", "A limit needs a number above which somebody must sign: over: 1Gi.")
		}
		if len(r.signers()) == 0 {
			add("", "A limit needs a role, or roles, whose holders sign for what is over it.")
		}
	}
	return out
}

// signers are the roles that sign, each once.
func (r *Limit) signers() []RoleName {
	var out []RoleName
	for _, name := range append([]RoleName{r.Role}, r.Roles...) {
		if name != "" && !containsRole(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func containsRole(names []RoleName, name RoleName) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// valuation is what must be read for a limit.
func (r *Limit) valuation() Valuation {
	return Valuation{Files: r.Files, Keys: []string{string(r.Key)}}
}

// signOffs are the sign-offs of all limits, and where those of each begin.
func (l *Limits) signOffs() (rules []SignOff, begin []int) {
	for i := range l.Rules {
		begin = append(begin, len(rules))
		for _, role := range l.Rules[i].signers() {
			rules = append(rules, SignOff{Name: l.Rules[i].Name, Role: role})
		}
	}
	return rules, begin
}

// Need asks for the changed files, for their values, and for who holds the roles.
func (l *Limits) Need() Need {
	rules, _ := l.signOffs()
	n := signingNeed(l.roles, rules...)
	n.Files, n.Owners = true, false
	for i := range l.Rules {
		n.Values = append(n.Values, l.Rules[i].valuation())
	}
	return n
}

// Eval holds the values against the limits.
func (l *Limits) Eval(pull Pull) Result { return l.judge(&pull, nil) }

// Wants is what judging runs into that was not asked: the permission of those who
// signed, and what they have seen.
func (l *Limits) Wants(pull Pull) Wants {
	var w Wants
	l.judge(&pull, &w)
	w.settle()
	return w
}

const limitsID = "compliance/limits"

func (l *Limits) judge(pull *Pull, w *Wants) Result {
	if len(l.Rules) == 0 {
		return Result{ID: limitsID, Name: "Limits", State: Unmet, Summary: "The policy lists no limit.", Can: []string{policyChangers}}
	}
	rules, begin := l.signOffs()
	var heard *signing // only where somebody must sign
	parts := make([]Result, len(l.Rules))
	for i := range l.Rules {
		x := overrun{limit: &l.Rules[i], pull: pull}
		r, over := x.find()
		if over {
			if heard == nil {
				heard = signingOf(pull, w, l.roles, rules...)
			}
			r = x.signed(heard, begin[i])
		}
		parts[i] = r
	}
	return Combine(limitsID, "Limits", parts)
}
