package checks

import (
	"fmt"
	"slices"
)

// PlanGroup is what remains to be written so that GitHub shows the verdict on a
// merge group, on the group's commit. It is empty when GitHub already does. As on a
// pull request what takes away comes first and "Merge Requirements" is granted last;
// a group has no labels.
func PlanGroup(v Verdict, g Group) []Action {
	if g.Gone || g.Head == "" || g.Repo.Archived {
		return nil
	}
	pull := g.Surface()
	var outs []Output
	if !v.Observe {
		outs = RenderGroup(v)
		if outs[0].Conclusion == "success" {
			outs = append(outs[1:], outs[0])
		}
	}
	outs = append(outs, groupLeft(outs, &pull)...)
	var plan []Action
	for _, grants := range [...]bool{false, true} {
		for i := range outs {
			if o := &outs[i]; grants == (o.Conclusion == "success") {
				if a, due := planRun(o, &pull); due {
					plan = append(plan, a)
				}
			}
		}
	}
	return plan
}

// groupLeft is what becomes of open runs that no section has any more.
func groupLeft(outs []Output, pull *Pull) []Output {
	var left []Output
	for i := range pull.Runs {
		r := &pull.Runs[i]
		named := func(o Output) bool { return o.Name == r.Name }
		if !own(r, pull) || !mergeName(r.Name) || slices.ContainsFunc(outs, named) || slices.ContainsFunc(left, named) ||
			newest(r.Name, pull).Status == "completed" {
			continue
		}
		o := Output{
			Name: r.Name, Head: pull.Head.SHA, Status: "completed", Conclusion: "neutral",
			Title: "No longer part of the policy", Summary: "The policy does not ask for this any more.",
		}
		o.digest(nil)
		left = append(left, o)
	}
	return left
}

// PlanGroupFailure is what to write when a merge group could not be judged, again
// and again, for a reason that is handrail's or GitHub's. It never looks like a
// verdict: "Merge Requirements" is open and says why, until the queue's time for it
// is over.
func PlanGroupFailure(g Group, why string, tries int) []Action {
	if g.Gone || g.Head == "" || g.Repo.Archived {
		return nil
	}
	pull := g.Surface()
	o := Output{
		Name: RunMerge, Head: g.Head, Status: "in_progress",
		Title: "Could not be judged; handrail keeps trying",
		Summary: "handrail could not find out whether the pull requests of this merge group meet their requirements. " +
			"This is no verdict on any of them.\n\n" +
			"The reason: " + Markdown(why) + "\n\n" +
			"If it stays like this, GitHub takes the group apart when the queue's time for checks is over, and whoever runs handrail " +
			"finds the same reason in its log and under `/metrics`.\n",
		Footer: fmt.Sprintf("Tried %s so far.", count(tries, "time")),
	}
	o.digest(nil)
	if a, due := planRun(&o, &pull); due {
		return []Action{a}
	}
	return nil
}
