package hub_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/sim"
)

const numbers = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"

// commit makes a commit on a branch.
func (w *world) commit(p sim.Push) string {
	w.t.Helper()
	p.By = "alice"
	sha, err := w.shop.Push(p)
	if err != nil {
		w.t.Fatal(err)
	}
	return sha
}

func (w *world) patch(sha string) checks.Patch {
	w.t.Helper()
	p, err := w.hub.CommitPatch(w.t.Context(), w.subj, sha)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// lines is what a patch adds, file by file: "path: line line".
func lines(t *testing.T, p checks.Patch) string {
	t.Helper()
	var out []string
	for _, f := range p.Files {
		all, ok := f.Lines()
		if !ok && f.Text != "" {
			t.Errorf("the patch of %s cannot be read", f.Path)
		}
		text := f.Path + ":"
		for _, l := range all {
			if l.Kind == '+' {
				text += " " + l.Text
			}
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func TestWhatACommitAddsIsReadThoughALaterOneTakesItAway(t *testing.T) {
	w := newWorld(t)
	first := w.push("feature", map[string]string{"key.txt": "key\n"})
	w.commit(sim.Push{Branch: "feature", Delete: []string{"key.txt"}})
	w.gh.ClearRequests()
	p := w.patch(first)
	if got := lines(t, p); got != "key.txt: key" || p.Commit != first || len(p.Parents) != 1 || p.Cut {
		t.Errorf("%s of %+v", got, p)
	}
	if n := w.gh.Count(nil); n != 1 {
		t.Errorf("%d requests", n)
	}
	pull, _ := w.read(checks.Need{})
	whole, err := w.hub.PullPatch(t.Context(), w.subj, &pull)
	if err != nil || lines(t, whole) != "b.go: package b" {
		t.Errorf("%s, %v", lines(t, whole), err)
	}
}

func TestAMergeCountsForWhatNeitherSideBrings(t *testing.T) {
	w := newWorld(t)
	w.push("main", map[string]string{"n.txt": numbers})
	w.commit(sim.Push{Branch: "feature", Parents: []string{w.shop.Branch("main")}, Files: map[string]string{"f.txt": "feature\n"}})
	mine := w.push("feature", map[string]string{"n.txt": strings.Replace(numbers, "1", "one", 1)})
	theirs := w.push("main", map[string]string{"n.txt": strings.Replace(numbers, "9", "nine", 1), "main.txt": "main\n"})
	both := strings.NewReplacer("1", "one", "9", "nine").Replace(numbers)
	merge := func(files map[string]string) string {
		return w.commit(sim.Push{Branch: "feature", Parents: []string{mine, theirs}, Files: files})
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string
		calls int
	}{
		// The first parent's one.txt and the like are in it already; "one" is what
		// the pull request adds, seen when it was.
		"clean":                          {map[string]string{"n.txt": both, "main.txt": "main\n"}, "n.txt: one", 2},
		"evil":                           {map[string]string{"n.txt": both, "main.txt": "main\n", "evil.txt": "evil\n"}, "evil.txt: evil; n.txt: one", 2},
		"evil in what only main changed": {map[string]string{"n.txt": both, "main.txt": "main\nevil\n"}, "main.txt: evil; n.txt: one", 2},
		"evil in what only we changed":   {map[string]string{"n.txt": both, "main.txt": "main\n", "f.txt": "evil\n"}, "f.txt: evil; n.txt: one", 2},
		"a conflict that was settled":    {map[string]string{"n.txt": "evil\n" + both, "main.txt": "main\n"}, "n.txt: evil one", 2},
		"ours":                           {nil, "", 1},
	} {
		sha := merge(c.files)
		w.gh.ClearRequests()
		p := w.patch(sha)
		if got := lines(t, p); got != c.want || len(p.Parents) != 2 || p.Cut {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if n := w.gh.Count(nil); n != c.calls {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}

func TestAMergeOfUnrelatedWorkOfTheBaseBringsNothing(t *testing.T) {
	w := newWorld(t)
	w.push("main", map[string]string{"main.txt": "main\n"})
	if _, err := w.pr.UpdateBranch("alice"); err != nil {
		t.Fatal(err)
	}
	if p := w.patch(w.pr.Head()); len(p.Files) != 0 || len(p.Parents) != 2 {
		t.Errorf("%+v", p)
	}
}

func TestFilesThatAreNoTextComeWithoutOneAndAreStillThere(t *testing.T) {
	w := newWorld(t)
	module := strings.Repeat("ab", 20)
	sha := w.commit(sim.Push{Branch: "feature", Files: map[string]string{
		"bin": "\x00\x01", "module": module, "link": "../../etc/passwd", "empty": "", "large": strings.Repeat("x\n", 20001),
	}, Modes: map[string]string{"module": "160000", "link": "120000"}})
	texts := map[string]string{}
	for _, f := range w.patch(sha).Files {
		texts[f.Path] = f.Text
		if f.Path == "module" && f.SHA != module {
			t.Errorf("the submodule is %s", f.SHA)
		}
	}
	for path, want := range map[string]string{
		"bin": "", "large": "", "empty": "",
		"module": "@@ -0,0 +1 @@\n+Subproject commit " + module,
		"link":   "@@ -0,0 +1 @@\n+../../etc/passwd\n\\ No newline at end of file",
	} {
		if got, there := texts[path]; !there || got != want {
			t.Errorf("%s: %q, there %v", path, got, there)
		}
	}
}

func TestACommitOfManyFilesIsReadPageByPage(t *testing.T) {
	w := newWorld(t)
	files := map[string]string{}
	for i := range 650 {
		files[fmt.Sprintf("d/%03d.txt", i)] = fmt.Sprintln(i)
	}
	sha := w.push("feature", files)
	w.gh.ClearRequests()
	p := w.patch(sha)
	if len(p.Files) != 650 || p.Cut || w.gh.Count(nil) != 3 {
		t.Errorf("%d files, cut %v, in %d requests", len(p.Files), p.Cut, w.gh.Count(nil))
	}
	pull, _ := w.read(checks.Need{})
	whole, err := w.hub.PullPatch(t.Context(), w.subj, &pull)
	if err != nil || len(whole.Files) != 651 || whole.Cut {
		t.Errorf("%d files, cut %v, %v", len(whole.Files), whole.Cut, err)
	}
}

func TestAHeadThatMovesWhileItIsReadIsNoticed(t *testing.T) {
	w := newWorld(t)
	pull, _ := w.read(checks.Need{})
	w.push("feature", map[string]string{"c.go": "package c\n"})
	_, err := w.hub.PullPatch(t.Context(), w.subj, &pull)
	if e, ok := errors.AsType[*hub.Error](err); !ok || !e.HasMoved() {
		t.Errorf("%v", err)
	}
}

func TestACommitIsReadInSpiteOfPassingFailuresAndGivenUpOtherwise(t *testing.T) {
	w := newWorld(t)
	sha := w.push("feature", map[string]string{"key.txt": "key\n"})
	// An answer that broke off is not asked for again, since it may do so each time.
	commits := func(q sim.Request) bool { return strings.HasPrefix(q.Path, "/repos/acme/shop/commits/") }
	for _, f := range []sim.Failure{sim.Status(502), sim.Cut(), sim.Status(500).After(), sim.Status(401), sim.Short()} {
		w.gh.Fail(sim.Fault{When: commits, Times: 1, Do: []sim.Failure{f}})
		if p, err := w.hub.CommitPatch(t.Context(), w.subj, sha); f != sim.Short() && (err != nil || lines(t, p) != "key.txt: key") {
			t.Errorf("%v: %+v, %v", f, p, err)
		}
		remove := w.gh.Fail(sim.Fault{When: commits, Do: []sim.Failure{f}})
		if p, err := w.hub.CommitPatch(t.Context(), w.subj, sha); err == nil {
			t.Errorf("%v: %+v", f, p)
		}
		remove()
	}
	if _, err := w.hub.CommitPatch(t.Context(), w.subj, strings.Repeat("ab", 20)); !unusable(err) {
		t.Errorf("a commit that nobody has: %v", err)
	}
}

func unusable(err error) bool {
	_, ok := errors.AsType[*hub.Fault](err)
	return ok
}

func TestScansStopWhereVerdictsNeedTheRestOfTheHour(t *testing.T) {
	w := newWorld(t)
	reset := time.Now().Add(2 * time.Hour) // later than what was seen before
	w.gh.SetBudget(w.subj.Installation, "core", 900, reset)
	if _, err := w.hub.Between(t.Context(), w.subj, w.shop.Branch("main"), w.pr.Head()); err != nil {
		t.Fatal(err)
	}
	_, patch := w.hub.CommitPatch(t.Context(), w.subj, w.pr.Head())
	_, blob := w.hub.Blob(w.hub.After(t.Context()), w.subj, strings.Repeat("ab", 20), 1)
	_, tree := w.hub.Tree(w.hub.After(t.Context()), w.subj, w.pr.Head())
	for _, err := range []error{patch, blob, tree} {
		e, ok := errors.AsType[*hub.Error](err)
		if !ok || !e.HasYielded() || e.LimitReached() || e.RetryAt().Unix() != reset.Unix() {
			t.Errorf("%v", err)
		}
	}
	pull, _ := w.read(checks.Need{})
	if _, err := w.hub.PullPatch(t.Context(), w.subj, &pull); err != nil {
		t.Errorf("a verdict's own reading: %v", err)
	}
	for op, want := range map[string]int{"commit-patch": 0, "pull-patch": 1} {
		if n := w.hub.Counts()[hub.Operation{Kind: hub.REST, Name: op}]; n != want {
			t.Errorf("%s was counted %d times", op, n)
		}
	}
}

func TestTheSecurityLabelIsGivenAndTakenWithinTheRequestsOfTheRuns(t *testing.T) {
	w := newWorld(t)
	pull, _ := w.read(checks.Need{})
	run := checks.Action{Kind: checks.CreateRun, Run: checks.Output{Name: checks.RunMerge, Head: pull.Head.SHA, Status: "completed", Conclusion: "failure", Title: "t", Summary: "s", ExternalID: "hr1-a"}}
	give := checks.Action{Kind: checks.AddLabel, Label: checks.LabelSecurity}
	take := checks.Action{Kind: checks.RemoveLabel, Label: checks.LabelSecurity}
	for i, c := range []struct {
		do    checks.Action
		calls int
		has   bool
	}{{give, 2, true}, {take, 1, false}, {give, 1, true}} { // made once, with the runs
		pull, _ = w.read(checks.Need{})
		w.gh.ClearRequests()
		if _, err := w.hub.Publish(t.Context(), w.subj, pull, []checks.Action{run, c.do}); err != nil {
			t.Fatal(err)
		}
		if n := w.gh.Count(nil); n != c.calls || w.pr.HasLabel(checks.LabelSecurity) != c.has {
			t.Errorf("step %d: %d requests, labels %v", i, n, w.pr.Labels())
		}
	}
	list, _, _, err := w.hub.OpenPulls(t.Context(), w.subj.Installation, pull.Repo, "")
	if err != nil || len(list) != 1 || !list[0].Reviewing || list[0].Labelled {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestARefusedRunKeepsBackTheLabelThatGrantsAndNotTheOneThatWarns(t *testing.T) {
	w := newWorld(t)
	pull, _ := w.read(checks.Need{})
	w.gh.Fail(sim.Fault{Times: 1, When: func(q sim.Request) bool { return slices.Contains(q.Mutations, "createCheckRun") }, Do: []sim.Failure{sim.Partial("createCheckRun")}})
	_, err := w.hub.Publish(t.Context(), w.subj, pull, []checks.Action{
		{Kind: checks.CreateRun, Run: checks.Output{Name: checks.RunMerge, Head: pull.Head.SHA, Status: "completed", Conclusion: "success", Title: "t", Summary: "s", ExternalID: "hr1-a"}},
		{Kind: checks.AddLabel, Label: checks.LabelSecurity}, {Kind: checks.AddLabel, Label: checks.LabelMet},
	})
	if err == nil || !w.pr.HasLabel(checks.LabelSecurity) || w.pr.HasLabel(checks.LabelMet) {
		t.Errorf("%v, labels %v", err, w.pr.Labels())
	}
}
