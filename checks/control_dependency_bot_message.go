package checks

import "strings"

// update is one dependency that a commit of Dependabot raises.
type update struct {
	name string
	step Step
}

// updateTypes are Dependabot's words for steps.
var updateTypes = map[string]Step{
	"version-update:semver-patch": StepPatch, "version-update:semver-minor": StepMinor, "version-update:semver-major": StepMajor,
}

// updatesOf reads the list that Dependabot writes into its commits' messages, a
// document of YAML between "---" and "..." (dependabot/fetch-metadata reads the
// same):
//
//	---
//	updated-dependencies:
//	- dependency-name: lodash
//	  dependency-version: 4.17.21
//	  dependency-type: direct:production
//	  update-type: version-update:semver-patch
//	...
//
// It takes nothing but this plain form. why says, as a sentence goes on, what is
// missing; then the list is not to be relied on.
func updatesOf(message string) (updates []update, why string) {
	lines := strings.Split(strings.ReplaceAll(message, "\r\n", "\n"), "\n")
	start := -1
	for i, l := range lines {
		if strings.TrimSpace(l) == "updated-dependencies:" {
			if start >= 0 {
				return nil, "has two lists of what it updates"
			}
			start = i
		}
	}
	if start < 1 || lines[start] != "updated-dependencies:" || lines[start-1] != "---" {
		return nil, "does not list what it updates"
	}
	lines = lines[start+1:]
	for len(lines) > 0 && lines[0] != "..." {
		var u update
		if u, lines, why = updateOf(lines); why != "" {
			return nil, why
		}
		updates = append(updates, u)
	}
	if len(lines) == 0 || len(updates) == 0 {
		return nil, "has a list of what it updates that is not whole"
	}
	return updates, ""
}

// updateOf reads one entry of the list and leaves the lines behind it.
func updateOf(lines []string) (u update, rest []string, why string) {
	const odd = "has a list of what it updates that cannot be read"
	values := map[string]string{}
	for i, l := range lines {
		mark := "  "
		if i == 0 {
			mark = "- "
		} else if !strings.HasPrefix(l, "  ") {
			break
		}
		field, ok := strings.CutPrefix(l, mark)
		key, value, found := strings.Cut(field, ": ")
		if _, twice := values[key]; !ok || !found || twice || !plainKey(key) {
			return u, nil, odd
		}
		values[key], rest = unquoted(value), lines[i+1:]
	}
	u.name = values["dependency-name"]
	step, told := updateTypes[values["update-type"]]
	switch {
	case u.name == "":
		return u, nil, odd
	case !told:
		return u, nil, "does not say how far " + quoted(u.name) + " goes"
	}
	u.step = step
	return u, rest, ""
}

func plainKey(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}

// unquoted takes the quotes off a YAML scalar of one line.
func unquoted(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}
