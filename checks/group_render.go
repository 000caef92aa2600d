package checks

import (
	"fmt"
	"slices"
	"strings"
)

const (
	groupHeader = "| Pull request | State | What is missing | Who can act now | Since (UTC) |\n|---|---|---|---|---|\n"
	groupFoot   = "\nEach pull request is judged as it is on its own page, its required checks on its own head; the group is as good as the worst of them. " +
		"For the checks that the branch requires of this group's commit GitHub itself waits.\n"
	// blockersNamed is how many pull requests a title names with what they lack.
	blockersNamed = 2
)

// RenderGroup is the check-runs that show the verdict on a merge group, "Merge
// Requirements" first, then one for each section that a member's policy has. What
// people wrote comes out harmless in them.
func RenderGroup(v Verdict) []Output {
	outs := []Output{renderGroup(v)}
	buf := outs[0].digest(nil)
	if v.SummaryOnly || v.Invalid || v.Observe {
		return outs
	}
	for _, id := range groupSections(v) {
		o := renderGroupSection(v, id)
		buf = o.digest(buf)
		outs = append(outs, o)
	}
	return outs
}

// groupSections are the sections that a check-run may be required of, as they come
// in the members' policies.
func groupSections(v Verdict) []string {
	var ids []string
	for _, r := range v.Results {
		for _, part := range r.Parts {
			if !r.Observed && hasRun(part.ID) && !slices.Contains(ids, part.ID) {
				ids = append(ids, part.ID)
			}
		}
	}
	return ids
}

func renderGroup(v Verdict) Output {
	o := Output{Name: RunMerge, Head: v.Head, Title: groupTitle(v.Results, "All merge requirements are met for ")}
	o.conclude(v.State)
	var b strings.Builder
	b.WriteString("This merge group brings " + list(memberNames(v.Results), 20) + ".\n\n")
	writeMembers(&b, v.Results)
	o.Summary = cut(b.String())
	return o
}

// renderGroupSection is one section over all members that have it.
func renderGroupSection(v Verdict, id string) Output {
	results := ofSection(v.Results, id)
	o := Output{Name: runName(id), Head: v.Head, Title: groupTitle(results, "Met for ")}
	state, enforced := Exempt, false
	for _, r := range results {
		if !r.Observed {
			state, enforced = worse(state, r.State), true
		}
	}
	if !enforced {
		// For information: it must not hold up a merge that requires it.
		state, o.Title = Met, "For information: "+o.Title
	}
	o.conclude(state)
	var b strings.Builder
	writeMembers(&b, results)
	var controls []string
	for _, r := range results {
		controls = union(controls, r.Parts[0].Controls)
	}
	if len(controls) > 0 {
		b.WriteString("\nEvidence for " + strings.Join(controls, ", ") + ".\n")
	}
	o.Summary = cut(b.String())
	return o
}

// ofSection is the members' results as far as a section goes.
func ofSection(members []Result, id string) []Result {
	var out []Result
	for _, m := range members {
		i := slices.IndexFunc(m.Parts, func(p Result) bool { return p.ID == id })
		if i < 0 {
			continue
		}
		p := m.Parts[i]
		out = append(out, Result{
			ID: m.ID, Name: m.Name, State: p.State, Unknown: p.Unknown, Observed: m.Observed || p.Observed,
			Summary: p.Summary, Can: p.Can, Since: p.Since, Parts: []Result{p},
		})
	}
	return out
}

// groupTitle names the pull requests that hold a group up, and what the first of
// them lack.
func groupTitle(members []Result, met string) string {
	var blocked []string
	var names []string
	for _, state := range [...]State{Unmet, Waiting} {
		for _, r := range members {
			if r.Observed || r.State != state {
				continue
			}
			names = append(names, memberName(r))
			says := " is not met: "
			if r.State == Waiting {
				says = " is waiting: "
			}
			blocked = append(blocked, memberName(r)+says+Plain(r.Summary))
		}
	}
	switch {
	case len(blocked) > blockersNamed:
		return list(names, 8) + " are not met"
	case len(blocked) > 0:
		return strings.Join(blocked, " ")
	}
	return met + list(memberNames(members), 8)
}

// memberName is what a person calls a member: "#12", or what it is where it is none.
func memberName(r Result) string {
	if n := memberNumber(r.ID); n > 0 {
		return fmt.Sprintf("#%d", n)
	}
	return "The group"
}

func memberNames(members []Result) []string {
	var out []string
	for _, r := range members {
		out = append(out, memberName(r))
	}
	return out
}

// writeMembers writes a line for each member, and of those that hold the group up
// what their requirements came to.
func writeMembers(b *strings.Builder, members []Result) {
	b.WriteString(groupHeader)
	for i := range members {
		writeMemberRow(b, &members[i])
	}
	for i := range members {
		if r := &members[i]; !r.State.Passes() && len(r.Parts) > 0 {
			writeMember(b, r, r.Parts)
		}
	}
	b.WriteString(groupFoot)
}

func writeMemberRow(b *strings.Builder, r *Result) {
	b.WriteString("| ")
	writeMarkdown(b, r.Name)
	writeCells(b, r, r.Observed)
}

// writeMember writes what a member's requirements came to, under its name.
func writeMember(b *strings.Builder, r *Result, parts []Result) {
	b.WriteString("\n**")
	writeMarkdown(b, r.Name)
	b.WriteString("**\n\n" + tableHeader)
	for i := range parts {
		writeRows(b, &parts[i], parts[i].Observed || r.Observed)
	}
	for i := range parts {
		writeNotes(b, &parts[i])
	}
}
