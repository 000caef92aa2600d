package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// caseFile is a file of cases: pull requests, and what a policy should say of
// them.
type caseFile struct {
	// Floor is the organisation's floor, as a path from the file; "" is none.
	Floor string `yaml:"floor"`
	// Teams are the members of the teams that the policy names, as org/slug. One
	// that is not listed does not exist.
	Teams map[string][]string `yaml:"teams"`
	// People are permissions by login; who is not listed may write.
	People map[string]checks.Permission `yaml:"people"`
	// CodeOwners is the text of CODEOWNERS on the base branch.
	CodeOwners string `yaml:"codeowners"`
	// Texts are files of the base branch that the policy may ask for, such as a
	// pull request template.
	Texts map[string]string `yaml:"texts"`
	Cases []policyCase      `yaml:"cases"`
}

// policyCase is one pull request, and what should be said of it: the state of
// results by id, "merge" being the whole, and words of the run "Merge
// Requirements".
type policyCase struct {
	Name   string            `yaml:"name"`
	Pull   casePull          `yaml:"pull"`
	Expect map[string]string `yaml:"expect"`
	Says   []string          `yaml:"says"`
}

// casePull is a pull request in short. All that is left out is as it is on an
// ordinary one.
type casePull struct {
	Now           time.Time      `yaml:"now"`    // default: Wednesday, 2026-01-07T12:00:00Z
	Author        string         `yaml:"author"` // default: dev; name[bot] is an App
	Title         string         `yaml:"title"`
	Description   string         `yaml:"description"`
	Base          string         `yaml:"base"`   // default: main
	Branch        string         `yaml:"branch"` // default: topic
	Draft         bool           `yaml:"draft"`
	Labels        []string       `yaml:"labels"`
	Files         []caseChange   `yaml:"files"` // default: one file, main.go
	Commits       []caseCommit   `yaml:"commits"`
	Approvals     []string       `yaml:"approvals"` // logins
	Reviews       []caseReview   `yaml:"reviews"`
	Comments      []caseComment  `yaml:"comments"`
	Checks        []caseCheck    `yaml:"checks"`
	Required      []string       `yaml:"required"` // checks that the branch's rules require
	Closes        []int          `yaml:"closes"`   // issues
	Behind        int            `yaml:"behind"`   // commits of the base branch that it lacks
	Conversations []caseThread   `yaml:"conversations"`
	Coverage      *caseCoverage  `yaml:"coverage"`
	Findings      []caseFinding  `yaml:"findings"` // new ones of scanners
	Snapshot      map[string]any `yaml:"snapshot"` // whatever else, as the record holds it
}

// caseChange is a changed file; a plain text is its path.
type caseChange struct {
	Path     string `yaml:"path"`
	Previous string `yaml:"previous"`
	Status   string `yaml:"status"` // default: modified
	Added    int    `yaml:"added"`  // lines; default: 1
	Removed  int    `yaml:"removed"`
	// Before and After are the file's text, for what looks at lines and values.
	Before *string `yaml:"before"`
	After  *string `yaml:"after"`
}

type caseCommit struct {
	Author  string `yaml:"author"` // default: the pull request's
	Message string `yaml:"message"`
	Signed  bool   `yaml:"signed"`
	Merge   bool   `yaml:"merge"`
}

type caseReview struct {
	By    string `yaml:"by"`
	State string `yaml:"state"` // approved (default), changes_requested or commented
	Say   string `yaml:"say"`
	// Stale: it was given before a push that changed every file.
	Stale bool `yaml:"stale"`
}

type caseComment struct {
	By    string `yaml:"by"`
	Say   string `yaml:"say"`
	Ago   string `yaml:"ago"` // default: 1h
	Stale bool   `yaml:"stale"`
}

type caseCheck struct {
	Name       string `yaml:"name"`
	App        string `yaml:"app"`        // default: github-actions
	Conclusion string `yaml:"conclusion"` // default: success; "" with running
	Running    bool   `yaml:"running"`
}

type caseThread struct {
	Path     string `yaml:"path"`
	Resolved bool   `yaml:"resolved"`
	Outdated bool   `yaml:"outdated"`
}

type caseCoverage struct {
	Patch   string         `yaml:"patch"`   // lines covered of lines added: 45/50
	Project checks.Percent `yaml:"project"` // of the head
	Base    checks.Percent `yaml:"base"`    // of the base; default: the head's
}

type caseFinding struct {
	Tool     string          `yaml:"tool"`
	Rule     string          `yaml:"rule"`
	Path     string          `yaml:"path"`
	Severity checks.Severity `yaml:"severity"`
}

// UnmarshalYAML reads the short form, the path alone.
func (c *caseChange) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		c.Path = n.Value
		return nil
	}
	type long caseChange
	return strictly(n, (*long)(c))
}

// UnmarshalYAML reads the short form, the name alone.
func (c *caseCheck) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		c.Name = n.Value
		return nil
	}
	type long caseCheck
	return strictly(n, (*long)(c))
}

// strictly decodes a mapping that is decoded by its type's own method, where the
// decoder's strictness is lost.
func strictly(n *yaml.Node, into any) error {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	t := reflect.TypeOf(into).Elem()
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		known := n.Content[i].Value == "<<"
		for k := range t.NumField() {
			known = known || t.Field(k).Tag.Get("yaml") == n.Content[i].Value
		}
		if !known {
			return fmt.Errorf("line %d: field %s not found", n.Content[i].Line, n.Content[i].Value)
		}
	}
	return n.Decode(into)
}

// caseStates are what can be expected of a result; absent is that there is none.
var caseStates = []string{"unmet", "waiting", "overridden", "met", "exempt", "absent"}

// readCases reads a file of cases.
func readCases(text []byte) (caseFile, error) {
	var f caseFile
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file is empty")
		}
		return f, err
	}
	if len(f.Cases) == 0 {
		return f, errors.New("there are no cases")
	}
	names := map[string]bool{}
	for i, c := range f.Cases {
		switch {
		case c.Name == "":
			return f, fmt.Errorf("case %d has no name", i+1)
		case names[c.Name]:
			return f, fmt.Errorf("two cases are called %q", c.Name)
		case len(c.Expect) == 0:
			return f, fmt.Errorf("case %q expects nothing", c.Name)
		}
		names[c.Name] = true
		for id, state := range c.Expect {
			if !slices.Contains(caseStates, state) {
				return f, fmt.Errorf("case %q expects %s to be %q; it can be %s", c.Name, id, state, strings.Join(caseStates, ", "))
			}
		}
		if err := c.Pull.wrong(); err != nil {
			return f, fmt.Errorf("case %q: %w", c.Name, err)
		}
	}
	return f, nil
}

// wrong says what of a pull request says nothing that could be meant.
func (p *casePull) wrong() error {
	for _, c := range p.Files {
		switch c.Status {
		case "", "added", "removed", "modified", "renamed", "copied", "changed", "unchanged":
		default:
			return fmt.Errorf("%s has the status %q; a file is added, removed, modified, renamed, copied, changed or unchanged", c.Path, c.Status)
		}
	}
	for _, r := range p.Reviews {
		switch strings.ToLower(r.State) {
		case "", "approved", "changes_requested", "commented":
		default:
			return fmt.Errorf("the review of %s is %q; a review is approved, changes_requested or commented", r.By, r.State)
		}
	}
	for _, c := range p.Comments {
		if ago, err := time.ParseDuration(cmp.Or(c.Ago, "1h")); err != nil || ago < 0 {
			return fmt.Errorf("%s commented %q ago; write a time such as 90m or 2h", c.By, c.Ago)
		}
	}
	if p.Coverage != nil && p.Coverage.Patch != "" {
		if _, _, ok := p.Coverage.patch(); !ok {
			return fmt.Errorf("patch covers %q; write the lines covered of the lines added, such as 45/50", p.Coverage.Patch)
		}
	}
	return nil
}

// patch is how many added lines are covered of how many.
func (c *caseCoverage) patch() (hit, all int, ok bool) {
	before, after, _ := strings.Cut(c.Patch, "/")
	hit, err := strconv.Atoi(before)
	all, err2 := strconv.Atoi(after)
	return hit, all, err == nil && err2 == nil && 0 <= hit && hit <= all
}
