package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Group is a merge group of a merge queue as it was at one moment: the commit
// that GitHub made of pull requests which are to be merged together. It holds the
// snapshots of all of them, so that the verdict on it can be worked out again.
type Group struct {
	At   time.Time `json:"at"` // GitHub's clock
	Repo Repo      `json:"repo"`
	// Name is the group's branch, gh-readonly-queue/BASE/pr-N-SHA.
	Name string `json:"name"`
	// Base is the branch that the group is to be merged into, as it is now.
	Base Ref `json:"base"`
	// Head is the group's commit, on which its check-runs are.
	Head string `json:"head"`
	// Gone: there is no such group any more. It was merged, or taken apart.
	Gone bool `json:"gone,omitzero"`
	// Members are the pull requests whose changes the head brings to the base: the
	// group's own and all that are before it in the queue.
	Members []Member `json:"members,omitzero"`
	// Runs are our newest check-runs of each name on the head.
	Runs  []Run `json:"runs,omitzero"`
	AppID int64 `json:"app_id,omitzero"` // handrail's own
	// Reruns are requests, by button, to make check-runs anew.
	Reruns []Rerun `json:"reruns,omitzero"`
}

// Member is a pull request in a merge group, and the policy texts it is judged by.
type Member struct {
	Number  int      `json:"number"`
	Sources []Source `json:"sources,omitzero"`
	Pull    Pull     `json:"pull"`
}

// GroupPrefix is what the branches of merge groups begin with.
const GroupPrefix = "gh-readonly-queue/"

// GroupBase is the branch that a merge group is to be merged into, by its name,
// gh-readonly-queue/BASE/pr-N-SHA; "" for another name.
func GroupBase(name string) string {
	rest, ok := strings.CutPrefix(name, GroupPrefix)
	i := strings.LastIndex(rest, "/pr-")
	if !ok || i <= 0 || strings.Contains(rest[i+1:], "/") {
		return ""
	}
	return rest[:i]
}

// GroupPull is the number of the pull request that a merge group is named after, the
// last in it; 0 for a name that is none of a group.
func GroupPull(name string) int {
	base := GroupBase(name)
	if base == "" {
		return 0
	}
	digits, _, _ := strings.Cut(name[len(GroupPrefix)+len(base)+len("/pr-"):], "-")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// GroupGlance is what a sweep sees of a merge group.
type GroupGlance struct{ Name, Head string }

// IDGroup is the result that says that a group's members cannot be told. Those of
// its members have the ids "pull/" and their numbers.
const IDGroup = "group"

// JudgeGroup judges each member of a merge group by its policy, the one at the same
// place in policies, as it is judged by itself. The group is as good as its worst
// member, and one without members does not pass.
//
// A member's required checks are those on its own head: for the checks that a branch
// requires of the group's commit GitHub itself waits.
func JudgeGroup(g Group, policies []Policy) Verdict {
	v := Verdict{Head: g.Head, At: g.At, Observe: len(g.Members) > 0, SummaryOnly: true}
	observed := make([]bool, len(g.Members))
	for i, m := range g.Members {
		var p Policy
		if i < len(policies) {
			p = policies[i]
		}
		one := judgeMember(m, p)
		observed[i] = one.Observe
		v.Observe = v.Observe && one.Observe
		v.Invalid = v.Invalid || one.Invalid
		v.SummaryOnly = v.SummaryOnly && (one.SummaryOnly || one.Observe)
		if !one.Until.IsZero() && (v.Until.IsZero() || one.Until.Before(v.Until)) {
			v.Until = one.Until
		}
		v.Results = append(v.Results, memberResult(m, one))
	}
	for i := range v.Results {
		v.Results[i].Observed = observed[i] && !v.Observe
	}
	slices.SortStableFunc(v.Results, func(a, b Result) int { return memberNumber(a.ID) - memberNumber(b.ID) })
	if len(g.Members) == 0 {
		v.Results = []Result{nobodyIn()}
	}
	v.Own = worst(v.Results)
	v.State = v.Own
	return v
}

// judgeMember is a member's own verdict. One that is merged by now needs nothing
// more; one that was closed is not to be merged.
func judgeMember(m Member, p Policy) Verdict {
	switch {
	case m.Pull.Merged:
		return Verdict{State: Exempt, At: m.Pull.At}
	case !m.Pull.Open:
		return Verdict{State: Unmet, At: m.Pull.At}
	}
	return Judge(p, m.Pull)
}

// memberResult is what a member's verdict adds to its group: one result, with the
// sections' as its parts.
func memberResult(m Member, v Verdict) Result {
	r := Result{
		ID: memberID(m.Number), Name: fmt.Sprintf("#%d %s", m.Number, Plain(m.Pull.Title)),
		State: v.State, Since: m.Pull.At, Until: v.Until,
	}
	switch {
	case m.Pull.Merged:
		r.Summary = "It is merged already."
		return r
	case !m.Pull.Open:
		r.Summary = "It was closed, but its changes are in this group."
		r.Can = []string{"whoever may take it out of the merge queue"}
		return r
	}
	for _, part := range v.Results {
		if part.ID != IDLabel && part.ID != IDReviewLabel { // a group has no labels
			r.Parts = append(r.Parts, part)
		}
	}
	for _, part := range r.Parts {
		if !part.Observed && !part.State.Passes() {
			r.Unknown, r.Can = r.Unknown || part.Unknown, union(r.Can, part.Can)
		}
	}
	r.Summary, r.Since = memberSummary(r), memberSince(r)
	return r
}

// memberSummary is what is missing of a pull request, the worst first.
func memberSummary(r Result) string {
	if r.State.Passes() {
		if r.State == Overridden {
			return "Its requirements are met, some by an override."
		}
		return "All its requirements are met."
	}
	var worstPart *Result
	n := 0
	for _, part := range leaves(r.Parts, nil) {
		if part.State.Passes() {
			continue
		}
		n++
		if worstPart == nil || part.State < worstPart.State {
			worstPart = part
		}
	}
	switch {
	case worstPart == nil:
		return "Its policy judged nothing."
	case n == 1:
		return worstPart.Name + ": " + worstPart.Summary
	}
	return fmt.Sprintf("%s: %s And %s more.", worstPart.Name, worstPart.Summary, count(n-1, "requirement"))
}

// leaves are the results without parts that block, or could.
func leaves(results []Result, into []*Result) []*Result {
	for i := range results {
		switch r := &results[i]; {
		case r.Observed:
		case len(r.Parts) > 0:
			into = leaves(r.Parts, into)
		default:
			into = append(into, r)
		}
	}
	return into
}

// memberSince is since when a pull request is as it is: since the first of what
// holds it up, or since the last of what it needed was there.
func memberSince(r Result) time.Time {
	since := r.Since
	first := true
	for _, part := range r.Parts {
		switch {
		case part.Observed || r.State.Passes() != part.State.Passes():
		case first, r.State.Passes() == part.Since.After(since):
			since, first = part.Since, false
		}
	}
	return since
}

// nobodyIn is the result of a group whose members are not known.
func nobodyIn() Result {
	return Result{
		ID: IDGroup, Name: "Merge group", State: Unmet, Unknown: true,
		Summary: "It cannot be told which pull requests are in this merge group, so it does not pass.",
		Can:     []string{"whoever may take pull requests out of the merge queue and put them back"},
	}
}

func memberID(number int) string { return fmt.Sprintf("pull/%d", number) }

// memberNumber is the number in a member's id; 0 for another id.
func memberNumber(id string) int {
	var n int
	_, _ = fmt.Sscanf(id, "pull/%d", &n) // the id is our own
	return n
}

// Surface is the group in the shape of a pull request, as far as writing
// check-runs on its head needs one: it has neither number nor labels.
func (g Group) Surface() Pull {
	return Pull{
		At: g.At, Repo: g.Repo, Open: !g.Gone, Base: g.Base, Head: Ref{Name: g.Name, SHA: g.Head, RepoID: g.Repo.ID},
		Runs: g.Runs, AppID: g.AppID, Memory: Memory{Reruns: g.Reruns},
	}
}
