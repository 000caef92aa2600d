package hub

import (
	"embed"
	"fmt"
	"sort"
	"strings"
)

//go:embed queries/*.graphql
var queryFiles embed.FS

// texts are the GraphQL operations, each with the fragments that it uses; those
// with slots get theirs when the slots are filled.
type texts struct {
	verdict, more, open, now, proposed, label, people, glimpse, history, threads, group, groups, branch, line, refs string

	release, releaseMore, releaseNow, releaseGlimpse, published, releaseGlances, deployments, ourIssues string

	fragments map[string]string // by name
}

// readTexts reads the embedded operations.
func readTexts() (texts, error) {
	var t texts
	all, err := queryFiles.ReadFile("queries/fragments.graphql")
	if err != nil {
		return t, fmt.Errorf("read queries: %w", err)
	}
	t.fragments = map[string]string{}
	for _, part := range strings.Split("\n"+string(all), "\nfragment ")[1:] {
		name, _, _ := strings.Cut(part, " ")
		t.fragments[name] = "fragment " + strings.TrimSpace(part)
	}
	for name, into := range map[string]*string{
		"verdict": &t.verdict, "more": &t.more, "open": &t.open,
		"now": &t.now, "glimpse": &t.glimpse, "proposed": &t.proposed, "label": &t.label, "people": &t.people, "history": &t.history, "threads": &t.threads,
		"group": &t.group, "groups": &t.groups,
		"branch": &t.branch, "line": &t.line, "refs": &t.refs,
		"release": &t.release, "release_more": &t.releaseMore, "release_now": &t.releaseNow, "release_glimpse": &t.releaseGlimpse,
		"published": &t.published, "release_glances": &t.releaseGlances, "deployments": &t.deployments, "our_issues": &t.ourIssues,
	} {
		text, err := queryFiles.ReadFile("queries/" + name + ".graphql")
		if err != nil {
			return t, fmt.Errorf("read queries: %w", err)
		}
		*into = string(text)
		if !strings.Contains(*into, "# + ") { // those with slots are completed when these are filled
			*into = t.complete(*into)
		}
	}
	return t, nil
}

// complete adds the fragments that an operation uses, each once, and takes its
// leading comment away: GitHub refuses unused fragments.
func (t texts) complete(op string) string {
	if i := strings.Index(op, "\nquery "); i >= 0 && strings.HasPrefix(op, "#") {
		op = op[i+1:]
	}
	used := map[string]bool{}
	var follow func(string)
	follow = func(text string) {
		for _, rest := range strings.Split(text, "...")[1:] {
			end := strings.IndexFunc(rest, func(r rune) bool {
				return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
			})
			if end < 0 {
				end = len(rest)
			}
			name := rest[:end]
			if f, ok := t.fragments[name]; ok && !used[name] {
				used[name] = true
				follow(f)
			}
		}
	}
	follow(op)
	names := make([]string, 0, len(used))
	for n := range used {
		names = append(names, n)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString(op)
	for _, n := range names {
		b.WriteString("\n")
		b.WriteString(t.fragments[n])
	}
	return b.String()
}

// slots are the places in verdict.graphql where fields by index are put in.
type slots struct {
	variables, people, teams strings.Builder
	vars                     map[string]any
	threads                  bool
}

// person asks for one login's permission, under the alias "u" and its index.
func (s *slots) person(i int, login string) {
	fmt.Fprintf(&s.variables, " $u%d: String!", i)
	fmt.Fprintf(&s.people, " u%d: collaborators(first: 1, login: $u%d) { ...People }", i, i)
	s.vars[fmt.Sprintf("u%d", i)] = login
}

// team asks for a team's members, under the alias "t" and its index.
func (s *slots) team(i int, org, slug, after string) {
	fmt.Fprintf(&s.variables, " $o%d: String! $s%d: String! $a%d: String", i, i, i)
	fmt.Fprintf(&s.teams, " t%d: organization(login: $o%d) { team(slug: $s%d) { members(first: 100, after: $a%d, membership: ALL) { ...Members } } }", i, i, i, i)
	s.vars[fmt.Sprintf("o%d", i)], s.vars[fmt.Sprintf("s%d", i)] = org, slug
	if after != "" {
		s.vars[fmt.Sprintf("a%d", i)] = after
	}
}

// into puts the fields into an operation that has the slots.
func (s *slots) into(t texts, op string) string {
	people := s.people.String()
	if people != "" {
		people = "people: repository(owner: $owner, name: $name) {" + people + " }"
	}
	threads := ""
	if s.threads {
		threads = "reviewThreads(first: 100) { ...Threads }"
	}
	return t.complete(strings.NewReplacer(
		"# + threads\n", threads+"\n",
		"# + variables\n", s.variables.String()+"\n",
		"# + people\n", people+"\n",
		"# + teams\n", s.teams.String()+"\n",
	).Replace(op))
}
