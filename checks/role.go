package checks

// RoleName names a role of the policy. Package config reports a name that no
// role has.
type RoleName string

// Role says who may sign and how they may say it.
type Role struct {
	Name RoleName `yaml:"-" json:"-"`
	// Team whose members hold the role, as org/slug; child teams included.
	Team string `yaml:"team" tighten:"same"`
	// Users who hold the role, by login; the only way in for a bot.
	Users []string `yaml:"users" tighten:"lifts"`
	// Permission that a holder needs at least: read, triage, write, maintain
	// or admin.
	Permission Permission `yaml:"permission" tighten:"admin,maintain,write,triage,read|write"`
	// Say lists the phrases that sign this role: a whole line of a comment or a
	// review, in any case. Between slashes it is a regular expression for the
	// whole line.
	Say []Phrase `yaml:"say" tighten:"lifts"`
	// GitHubReview: an approval in GitHub's review form signs this role.
	GitHubReview bool `yaml:"github_review" tighten:"off"`
	// Distinct: whoever signs this role may not also have signed another.
	Distinct bool `yaml:"distinct" tighten:"on"`
}

// RoleUser is a Check that needs the policy's roles; package config hands them
// over once, before the policy is used.
type RoleUser interface {
	UseRoles(map[RoleName]Role)
}

// BuiltinRole is the role every policy has unless it defines it itself.
func BuiltinRole() Role {
	return Role{Name: "reviewer", Permission: "write", Say: []Phrase{literal("+1"), literal("LGTM")}, GitHubReview: true}
}
