package checks_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

const groupText = "version: 1\nreview:\n  sign_offs:\n    - {name: Code review, role: reviewer}\n"

// member is a pull request as a group reads it, and approved unless it is not.
func member(number int, approved bool) checks.Member {
	head := fmt.Sprintf("%040d", number)
	p := checks.Pull{
		At: start, Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop"}, Number: number, Title: fmt.Sprintf("change %d", number), Open: true,
		Author: checks.Actor{Login: "alice", ID: 5}, Base: checks.Ref{Name: "main", SHA: "base"}, Head: checks.Ref{Name: "topic", SHA: head},
		People:  map[string]checks.Person{"bob": {Login: "bob", Permission: "write"}, "alice": {Login: "alice", Permission: "write"}},
		Commits: []checks.Commit{{SHA: head, Author: checks.Signature{Login: "alice"}, Committer: checks.Signature{Login: "alice"}}}, CommitCount: 1,
		FilesRead: true, AppID: 99, Memory: checks.Memory{Heads: []checks.Head{{SHA: head, Since: start, Sender: "alice"}}},
	}
	if approved {
		p.Reviews = []checks.Review{{ID: 1, Author: checks.Actor{Login: "bob", ID: 6}, State: "APPROVED", Commit: head, Submitted: start}}
	}
	return checks.Member{Number: number, Pull: p, Sources: []checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: groupText}}}
}

func groupOf(members ...checks.Member) checks.Group {
	return checks.Group{
		At: start, Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop"}, Name: "gh-readonly-queue/main/pr-9-base",
		Base: checks.Ref{Name: "main", SHA: "base"}, Head: "group", AppID: 99, Members: members,
	}
}

func judgeGroup(g checks.Group) checks.Verdict {
	var policies []checks.Policy
	for _, m := range g.Members {
		policies = append(policies, config.Policy(m.Sources, config.Defaults{}))
	}
	return checks.JudgeGroup(g, policies)
}

func with(m checks.Member, change func(*checks.Member)) checks.Member {
	change(&m)
	return m
}

func TestAGroupIsAsGoodAsItsWorstPullRequestAndNamesIt(t *testing.T) {
	policy := func(text string) func(*checks.Member) {
		return func(m *checks.Member) {
			m.Sources = []checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: text}}
		}
	}
	for name, c := range map[string]struct {
		group checks.Group
		state checks.State
		title string
	}{
		"all met":        {groupOf(member(1, true), member(2, true)), checks.Met, "All merge requirements are met for #1 and #2"},
		"one waits":      {groupOf(member(1, true), member(2, false)), checks.Waiting, "#2 is waiting: Code review: Needs an approval"},
		"two wait":       {groupOf(member(1, false), member(2, false)), checks.Waiting, "#1 is waiting: Code review"},
		"three wait":     {groupOf(member(1, false), member(2, false), member(3, false)), checks.Waiting, "#1, #2 and #3 are not met"},
		"nobody":         {groupOf(), checks.Unmet, "The group is not met: It cannot be told which pull requests"},
		"merged already": {groupOf(with(member(1, false), func(m *checks.Member) { m.Pull.Open, m.Pull.Merged = false, true }), member(2, true)), checks.Met, "are met for #1 and #2"},
		"all merged":     {groupOf(with(member(1, false), func(m *checks.Member) { m.Pull.Open, m.Pull.Merged = false, true })), checks.Exempt, "are met for #1"},
		"one closed":     {groupOf(member(1, true), with(member(2, true), func(m *checks.Member) { m.Pull.Open = false })), checks.Unmet, "#2 is not met: It was closed"},
		"a draft":        {groupOf(member(1, true), with(member(2, true), func(m *checks.Member) { m.Pull.Draft = true })), checks.Waiting, "#2 is waiting: Draft"},
		"changes requested": {groupOf(member(1, true), with(member(2, true), func(m *checks.Member) { m.Pull.Reviews[0].State = "CHANGES_REQUESTED" })),
			checks.Unmet, "#2 is not met: "},
		"shared commit":  {groupOf(with(member(1, true), func(m *checks.Member) { m.Pull.Siblings = []checks.Sibling{{Number: 8}} })), checks.Waiting, "#1 is waiting: Shared commit"},
		"invalid policy": {groupOf(member(1, true), with(member(2, true), policy("nonsense: true\n"))), checks.Unmet, "#2 is not met: Policy"},
		"no policy text": {groupOf(member(1, true), with(member(2, false), func(m *checks.Member) { m.Sources = []checks.Source{{Broken: "it is too large"}} })), checks.Unmet, "#2 is not met: Policy"},
		"nothing in it":  {groupOf(checks.Member{}), checks.Unmet, "The group is not met"},
	} {
		v := judgeGroup(c.group)
		runs := checks.RenderGroup(v)
		if v.State != c.state || !strings.Contains(runs[0].Title, c.title) || runs[0].Conclusion == "success" != c.state.Passes() || runs[0].Head != "group" {
			t.Errorf("%s: %s, %+v", name, v.State, runs[0])
		}
		if strings.Contains(runs[0].Title, "#1 is") && name != "two wait" && name != "shared commit" {
			t.Errorf("%s: blamed is who is met: %s", name, runs[0].Title)
		}
	}
}

func TestAMemberWithoutAPolicyDoesNotPass(t *testing.T) {
	if v := checks.JudgeGroup(groupOf(member(1, true), member(2, true)), nil); v.State.Passes() {
		t.Errorf("it is %s", v.State)
	}
}

func TestWhatOnlyObservesHoldsNoGroupUpAndPostsNothingByItself(t *testing.T) {
	observe := func(m *checks.Member) {
		m.Sources = []checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: "mode: observe\n" + groupText}}
	}
	v := judgeGroup(groupOf(with(member(1, false), observe), member(2, true)))
	if v.State != checks.Met || v.Observe {
		t.Errorf("beside one that observes: %s", v.State)
	}
	g := groupOf(with(member(1, false), observe), with(member(2, true), observe))
	if v := judgeGroup(g); !v.Observe || len(checks.PlanGroup(v, g)) != 0 {
		t.Errorf("all observe: %+v, planned %+v", v.State, checks.PlanGroup(v, g))
	}
}

func TestEachSectionOfTheMembersHasItsRunOnTheGroup(t *testing.T) {
	text := groupText + "status:\n  require: [build]\ncompliance:\n  mode: observe\n  title: conventional\n"
	section := func(m *checks.Member) {
		m.Sources = []checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: text}}
	}
	g := groupOf(with(member(1, true), section), member(2, true))
	var got []string
	for _, o := range checks.RenderGroup(judgeGroup(g)) {
		got = append(got, o.Name+" "+strings.Trim(o.Status+" "+o.Conclusion, " "))
	}
	want := []string{
		"Merge Requirements in_progress", "handrail/review completed success", "handrail/status in_progress", "handrail/compliance completed success",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("runs (-want +got):\n%s", d)
	}
}

func TestNamesOfGroupsSayWhereTheyGo(t *testing.T) {
	for name, want := range map[string]string{
		"gh-readonly-queue/main/pr-12-abc": "main 12", "gh-readonly-queue/release/1/pr-3-abc": "release/1 3", "gh-readonly-queue/a/pr-1-b/pr-2-c": "a/pr-1-b 2",
		"gh-readonly-queue/main/pr-x-abc": "main 0", "main": " 0", "gh-readonly-queue/main": " 0", "gh-readonly-queue//pr-1-a": " 0", "gh-readonly-queue/main/pr-1-a/b": " 0", "": " 0",
	} {
		if got := fmt.Sprint(checks.GroupBase(name), " ", checks.GroupPull(name)); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestAGroupThatIsGoneOrInAnArchiveIsNotWrittenTo(t *testing.T) {
	for _, g := range []checks.Group{{Gone: true, Head: "x"}, {}, {Head: "x", Repo: checks.Repo{Archived: true}}} {
		if p, q := checks.PlanGroup(judgeGroup(g), g), checks.PlanGroupFailure(g, "broken", 3); len(p)+len(q) != 0 {
			t.Errorf("%+v: %+v %+v", g, p, q)
		}
	}
}

func TestThatAGroupCannotBeJudgedIsShownOnceAndGoesWithAVerdict(t *testing.T) {
	g := groupOf(member(1, true))
	plan := checks.PlanGroupFailure(g, "GitHub is down <!-- -->", 3)
	if len(plan) != 1 || plan[0].Run.Status != "in_progress" || plan[0].Run.Conclusion != "" {
		t.Fatalf("%+v", plan)
	}
	g.Runs = ran(g, plan)
	if left := checks.PlanGroupFailure(g, "GitHub is down <!-- -->", 4); len(left) != 0 {
		t.Errorf("it is shown again: %+v", left)
	}
	plan = checks.PlanGroup(judgeGroup(g), g)
	if last := plan[len(plan)-1]; last.Kind != checks.UpdateRun || last.Run.Conclusion != "success" || last.Run.Name != checks.RunMerge {
		t.Errorf("%+v", plan)
	}
}

// ran is the runs on a group after a plan.
func ran(g checks.Group, plan []checks.Action) []checks.Run {
	runs := slices.Clone(g.Runs)
	for i, a := range plan {
		if a.Kind == checks.UpdateRun {
			runs = slices.DeleteFunc(runs, func(r checks.Run) bool { return r.ID == a.RunID })
		}
		runs = append(runs, checks.Run{ID: fmt.Sprint("CR_", len(runs), i), DatabaseID: int64(1000*len(runs) + i), Name: a.Run.Name, AppID: g.AppID, Started: g.At,
			Status: a.Run.Status, Conclusion: a.Run.Conclusion, ExternalID: a.Run.ExternalID})
	}
	return runs
}

func TestLawsOfGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawPolicy(t)
		sources := []checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: text(d.signOffs, d.codeowners, d.extra)}}
		g := groupOf(some(t, 3, "members", func() checks.Member { return checks.Member{Pull: snapshot(t), Sources: sources} })...)
		for i := range g.Members {
			m := &g.Members[i]
			m.Number = i + 1
			m.Pull.Number, m.Pull.Merged = i+1, !m.Pull.Open && rapid.Bool().Draw(t, "merged")
		}
		v := judgeGroup(g)
		var again checks.Group
		stored, err := json.Marshal(g)
		if err == nil {
			err = json.Unmarshal(stored, &again)
		}
		if err != nil {
			t.Fatal(err)
		}
		same(t, v, judgeGroup(again))
		for i, j := 0, len(again.Members)-1; i < j; i, j = i+1, j-1 {
			again.Members[i], again.Members[j] = again.Members[j], again.Members[i]
		}
		same(t, v, judgeGroup(again))
		worstOf(t, g, v)
		more := g
		more.Members = append(slices.Clip(g.Members), checks.Member{Number: 99, Pull: snapshot(t), Sources: sources})
		if w := judgeGroup(more); len(g.Members) > 0 && w.State > v.State {
			t.Fatalf("with one more the group is %s, without %s", w.State, v.State)
		}
		plan := checks.PlanGroup(v, g)
		safeOrder(t, v, plan)
		g.Runs = ran(g, plan)
		if left := checks.PlanGroup(judgeGroup(g), g); len(left) != 0 {
			t.Fatalf("after %s\nthere is left %s", encode(plan), encode(left))
		}
	})
}

// worstOf holds a group to what its members are by themselves.
func worstOf(t *rapid.T, g checks.Group, v checks.Verdict) {
	for _, m := range g.Members {
		own := checks.Judge(config.Policy(m.Sources, config.Defaults{}), m.Pull)
		if m.Pull.Open && v.State > own.State || !m.Pull.Open && !m.Pull.Merged && v.State.Passes() {
			t.Fatalf("#%d is %s, and its group %s", m.Number, own.State, v.State)
		}
	}
	if len(g.Members) == 0 && v.State.Passes() {
		t.Fatal("nobody is in it, and it passes")
	}
}

// Each fixture is a policy.yml, a group.json, and the want.txt that people see on
// the group's commit.
func TestWhatPeopleSeeOfAGroupIsAsInTheFixtures(t *testing.T) {
	files, err := filepath.Glob("../fixtures/groups/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d fixtures: %v", len(files), err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g checks.Group
		if err := json.Unmarshal(part(archive, "group.json").Data, &g); err != nil {
			t.Fatal(err)
		}
		for i := range g.Members {
			g.Members[i].Sources = []checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: string(part(archive, "policy.yml").Data)}}
		}
		var b strings.Builder
		for _, o := range checks.RenderGroup(judgeGroup(g)) {
			fmt.Fprintf(&b, "%s (%s): %s\n\n%s\n", o.Name, strings.Trim(o.Status+" "+o.Conclusion, " "), o.Title, o.Summary)
		}
		want := part(archive, "want.txt")
		if *update {
			want.Data = []byte(b.String())
			if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff(string(want.Data), b.String()); d != "" {
			t.Errorf("%s: run with -update when this is meant (-want +got):\n%s", file, d)
		}
	}
}
