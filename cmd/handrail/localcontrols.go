package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// controlSection is the section of the policy whose controls git may tell of.
const controlSection = "compliance"

// The controls that ask for something only GitHub can give, by their results.
const (
	checklistResults = controlSection + "/checklist"
	freezeResults    = controlSection + "/freeze"
)

// addControls judges the controls of the policy that the working copy tells of, and
// names the others. Where nothing is changed there is nothing to judge.
func (c *localCheck) addControls(ctx context.Context, v checks.Verdict, policy checks.Policy) (checks.Verdict, error) {
	var all []checks.Check
	for _, s := range policy.Sections {
		if s.Name == controlSection {
			all = append(all, s.Checks...)
		}
	}
	if len(all) == 0 || c.unchanged() {
		return v, nil
	}
	if c.onto == "" {
		fmt.Fprintf(c.say, "%s is no branch: what the policy asks for some base branches only is judged on GitHub.\n", oneLine(c.clean(c.base)))
	}
	if cut, err := c.line(ctx, "rev-parse", "--is-shallow-repository"); err == nil && cut == "true" {
		fmt.Fprintln(c.say, "The history here is cut off, and commits may be missing: git fetch --unshallow")
	}
	pull, err := c.asProposed(ctx)
	if err != nil {
		return v, err
	}
	known, judged := c.known(all, &pull)
	if len(known) == 0 {
		return v, nil
	}
	if err := c.answer(ctx, known, &pull); err != nil {
		return v, err
	}
	more := checks.Judge(checks.Policy{Roles: policy.Roles, Sections: []checks.Section{{Name: controlSection, Checks: judged}}}, pull)
	for i := range more.Results {
		byYou(&more.Results[i])
	}
	v.Results = append(v.Results, more.Results...)
	v.State = min(v.State, more.State) // the worst
	return v, nil
}

// known are the controls that the working copy tells of, and as they are judged here.
// The others are named.
func (c *localCheck) known(all []checks.Check, pull *checks.Pull) (known, judged []checks.Check) {
	var left, early []string
	for _, control := range all {
		name := strings.TrimPrefix(control.Eval(*pull).ID, controlSection+"/")
		switch _, signs := control.(*checks.DCO); {
		case signs && !c.committed():
			early = append(early, name)
		case tells(control, pull):
			known = append(known, control)
			judged = append(judged, localControl{control, c.workCopy})
		default:
			left = append(left, name)
		}
	}
	if len(early) > 0 {
		fmt.Fprintf(c.say, "Judged once something is committed: %s.\n", strings.Join(early, ", "))
	}
	if len(left) > 0 {
		fmt.Fprintf(c.say, "Judged on GitHub: %s.\n", strings.Join(left, ", "))
	}
	return known, judged
}

// tells says whether the working copy tells what a control is about. A name of the
// branch and a title may not be there yet.
func tells(control checks.Check, pull *checks.Pull) bool {
	switch control.(type) {
	case *checks.Size, *checks.Paths, *checks.Limits, *checks.Checklist, *checks.Freeze,
		*checks.DCO, *checks.NoMergeCommits, *checks.Linear, *checks.UpToDate:
		return true
	case *checks.BranchName:
		return pull.Head.Name != "" && pull.Head.Name != pull.Base.Name
	case *checks.Title:
		return pull.Title != ""
	}
	return false
}

// localControl is a control as it is judged here: with what the working copy leaves
// open about it.
type localControl struct {
	checks.Check
	of *workCopy
}

// Eval judges.
func (l localControl) Eval(pull checks.Pull) checks.Result {
	r := l.Check.Eval(pull)
	note := ""
	switch control := l.Check.(type) {
	case *checks.Checklist:
		return unticked(r)
	case *checks.Title:
		note = "The title is taken to be the subject of the one commit, which GitHub proposes."
	case *checks.UpToDate, *checks.Linear:
		note = l.of.freshness()
	case *checks.BranchName:
		if r.State.Passes() {
			break
		}
		if note = "As long as it is not pushed it can be renamed: git branch -m NEW-NAME."; !control.Forks {
			note += " In a fork it may have any name."
		}
	case *checks.DCO:
		if !r.State.Passes() && l.of.fetched {
			note = "Here that is: git rebase --signoff " + l.of.base
		} else if !control.Bots && slices.ContainsFunc(pull.Commits, func(c checks.Commit) bool { return c.Author.Bot }) {
			note = "A commit in the name of a bot is exempt if GitHub proves that it is the bot's."
		}
	}
	if note != "" {
		r.Notes = append(r.Notes, note)
	}
	return r
}

// unticked is the result of a checklist before there is a description to tick it in.
// What is wrong with a template stays.
func unticked(r checks.Result) checks.Result {
	if len(r.Parts) > 0 {
		for i := range r.Parts {
			r.Parts[i] = unticked(r.Parts[i])
		}
		return checks.Combine(r.ID, r.Name, r.Parts)
	}
	if read := len(r.Evidence) > 0; r.State == checks.Unmet && read {
		r.State, r.Summary = checks.Waiting, "Will be asked for in the description: "+r.Summary
	}
	return r
}

// byYou calls whoever runs this so, and nobody by an account that is not known.
func byYou(r *checks.Result) {
	for i, who := range r.Can {
		if who == "@"+you {
			r.Can[i] = you
		}
	}
	for i := range r.Evidence {
		r.Evidence[i].Login = ""
	}
	for i := range r.Parts {
		byYou(&r.Parts[i])
	}
}
