package checks

import (
	"fmt"
	"slices"
	"strings"
)

// BranchName is the control `compliance: {branch_name: …}`: the head branch is
// called as the policy says, for example so that a ticket is in its name.
//
// Evidence for SOC 2 CC8.1, NIST CM-3.
type BranchName struct {
	// Pattern is a regular expression that is to be found in the name of the head
	// branch; write ^ and $ for the whole of it. It is needed.
	Pattern Pattern `yaml:"pattern" tighten:"beside"`
	// Forks: branches of forks must be called so as well, though their owners may
	// not know the rule. Default: false.
	Forks bool `yaml:"forks" tighten:"on"`
	// Authors lists logins whose pull requests are exempt, such as bots that name
	// their branches themselves; an App is named as "name[bot]". Default: none.
	Authors []string `yaml:"authors" tighten:"lifts"`
}

// NewBranchName is the control with its defaults.
func NewBranchName() *BranchName { return &BranchName{} }

// Faults finds a pattern that is missing or asks for nothing, and blank logins.
func (b *BranchName) Faults() []Fault {
	var out []Fault
	if b.Pattern.String() == "" {
		out = append(out, Fault{Message: "A pattern is needed, for example '^(feature|fix)/'."})
	} else if _, ok := b.Pattern.Find(""); ok {
		out = append(out, Fault{Key: "pattern", Message: fmt.Sprintf("%q is found in an empty text, so every name would do.", b.Pattern)})
	}
	for i, login := range b.Authors {
		if strings.TrimSpace(login) == "" {
			out = append(out, Fault{Key: fmt.Sprintf("authors.%d", i), Message: "A login is needed."})
		}
	}
	return out
}

// Eval judges the name.
func (b *BranchName) Eval(pull Pull) Result {
	r := Result{ID: "compliance/branch_name", Name: "Branch name", State: Met, Summary: "The head branch has the required name."}
	by := account(pull.Author)
	_, found := b.Pattern.Find(pull.Head.Name)
	switch {
	case by != "" && slices.ContainsFunc(b.Authors, func(l string) bool { return strings.EqualFold(l, by) }):
		r.State, r.Summary = Exempt, "Branches of "+pull.Author.Login+" may have any name."
	case !b.Forks && pull.Head.RepoID != 0 && pull.Base.RepoID != 0 && pull.Head.RepoID != pull.Base.RepoID:
		r.State, r.Summary = Exempt, "Branches of forks may have any name."
	case pull.Head.Name == "":
		fault{"the name of the head branch is not known", operators}.fill(&r)
	case !found:
		r.State, r.Can = Unmet, []string{theAuthor}
		r.Summary = "The branch “" + quoted(pull.Head.Name) + "” does not match " + b.Pattern.String() +
			". GitHub closes a pull request whose branch is renamed: open another one from a branch with such a name."
	}
	return r
}
