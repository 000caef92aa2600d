package checks

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// ci is a run of GitHub Actions, "name" still running or "name=conclusion".
func ci(id int64, spec string) Run {
	name, conclusion, done := strings.Cut(spec, "=")
	r := Run{ID: fmt.Sprint("CR_", id), DatabaseID: id, Name: name, AppID: 15368, App: "github-actions", Status: "in_progress", Started: noon.Add(time.Duration(id) * time.Second)}
	if done {
		r.Status, r.Conclusion = "completed", conclusion
	}
	return r
}

// posted is a commit status made by an account.
func posted(creator, spec string) Run {
	r := ci(0, spec)
	r.ID, r.AppID, r.App, r.Context, r.Creator = "SC_"+r.Name, 0, "", true, creator
	return r
}

func withRuns(runs ...Run) Pull {
	p := openPull()
	p.Runs = runs
	return p
}

func require(names ...string) *Status {
	s := NewStatus()
	for _, n := range names {
		name, app, _ := strings.Cut(n, "@")
		s.Require = append(s.Require, RequiredCheck{Name: name, App: AppRef(app)})
	}
	return s
}

func TestOnlySuccessOfARequiredCheckPasses(t *testing.T) {
	for conclusion, text := range map[string]string{
		"success": "", "failure": "build has failed.", "cancelled": "build was cancelled, so it has shown nothing.", "timed_out": "build timed out.",
		"neutral": "build ended neutral, which does not pass here.", "skipped": "build was skipped, which does not pass here.",
		"action_required": "build wants somebody to act on it.", "stale": "build was given up by GitHub before it finished.",
		"startup_failure": "build could not be started.", "": `build ended with "", which does not pass.`, "SUCCESS": `build ended with "SUCCESS", which does not pass.`,
	} {
		r := require("build").Eval(withRuns(ci(1, "build="+conclusion)))
		want := Unmet
		if conclusion == "success" {
			want, text = Met, "build has passed."
		}
		if r.State != want || r.Summary != text {
			t.Errorf("%q: %s, %q", conclusion, r.State, r.Summary)
		}
	}
}

func TestNeutralAndSkippedPassOnlyWhenThePolicyListsThem(t *testing.T) {
	s := &Status{Require: []RequiredCheck{{Name: "build", Allow: []Conclusion{"skipped"}}}, BranchRules: true}
	for conclusion, want := range map[string]State{"skipped": Met, "neutral": Unmet, "failure": Unmet, "cancelled": Unmet} {
		pull := withRuns(ci(1, "build="+conclusion))
		pull.BranchRequires = []Required{{Name: "build", AppID: 15368}}
		if r := s.Eval(pull); r.State != want {
			t.Errorf("%s: %s, %s", conclusion, r.State, r.Summary)
		}
	}
	var c Conclusion
	for _, word := range []string{"failure", "success", "cancelled", ""} {
		if c.UnmarshalText([]byte(word)) == nil {
			t.Errorf("a policy may let %q pass", word)
		}
	}
}

func TestMissingPendingAndFailedAreToldApart(t *testing.T) {
	r := require("a", "b", "c", "d").Eval(withRuns(ci(1, "a=failure"), ci(2, "b"), ci(3, "d=success")))
	if r.State != Unmet || r.Summary != "a has failed." {
		t.Errorf("%s: %q", r.State, r.Summary)
	}
	if want := "2 of 4 required checks have finished. Still running: b. Not reported yet: c."; r.Progress != want {
		t.Errorf("progress %q, want %q", r.Progress, want)
	}
	if who := strings.Join(r.Can, "; "); who != "the author; whoever re-runs a" {
		t.Errorf("who can act: %s", who)
	}
}

func TestChecksThatFinishOneByOneChangeNothingThatIsWritten(t *testing.T) {
	var names []string
	for i := range 32 {
		names = append(names, fmt.Sprintf("check-%02d", i))
	}
	s, pull := require(names...), openPull()
	pull.Memory.Heads = []Head{{SHA: pull.Head.SHA, Since: pull.At.Add(-time.Minute)}}
	texts := map[string]bool{}
	progress := map[string]bool{}
	for done := range 33 {
		for started := range 33 {
			if started < done {
				continue
			}
			pull.Runs = nil
			for i := range started {
				spec := names[i]
				if i < done {
					spec += "=success"
				}
				pull.Runs = append(pull.Runs, ci(int64(i+1), spec))
			}
			r := s.Eval(pull)
			texts[fmt.Sprint(r.State, r.Summary, r.Notes, r.Can, r.Parts)] = true
			progress[r.Progress] = true
		}
	}
	if len(texts) != 2 {
		t.Errorf("what is written has %d forms: %v", len(texts), texts)
	}
	if len(progress) < 500 {
		t.Errorf("only %d forms of progress", len(progress))
	}
}

func TestACheckThatNeverComesIsNamedAfterAnHour(t *testing.T) {
	pull := withRuns(ci(1, "build=success"))
	pull.Memory.Heads = []Head{{SHA: pull.Head.SHA, Since: pull.At.Add(-59 * time.Minute)}}
	r := require("build", "ci/travis").Eval(pull)
	if r.State != Waiting || strings.Contains(r.Summary, "ci/travis") || !r.Until.Equal(pull.At.Add(time.Minute)) {
		t.Errorf("before: %s %q until %v", r.State, r.Summary, r.Until)
	}
	pull.At = r.Until
	r = require("build", "ci/travis").Eval(pull)
	if r.State != Waiting || !strings.HasSuffix(r.Summary, "never reported for this commit: ci/travis.") || !r.Until.IsZero() {
		t.Errorf("after: %s %q until %v", r.State, r.Summary, r.Until)
	}
}

func TestTheNewestRunOfANameCounts(t *testing.T) {
	queued := ci(9, "build")
	queued.Status, queued.Started = "queued", time.Time{}
	for name, c := range map[string]struct {
		runs []Run
		want State
	}{
		"re-run and passed":     {[]Run{ci(2, "build=success"), ci(1, "build=failure")}, Met},
		"re-run and failed":     {[]Run{ci(1, "build=success"), ci(2, "build=failure")}, Unmet},
		"re-run and running":    {[]Run{ci(1, "build=success"), ci(2, "build")}, Waiting},
		"re-run and not begun":  {[]Run{ci(1, "build=success"), queued}, Waiting},
		"same time, higher one": {[]Run{{Name: "build", DatabaseID: 2, Status: "completed", Conclusion: "failure"}, {Name: "build", DatabaseID: 1, Status: "completed", Conclusion: "success"}}, Unmet},
	} {
		if r := require("build").Eval(withRuns(c.runs...)); r.State != c.want {
			t.Errorf("%s: %s, %q", name, r.State, r.Summary)
		}
	}
}

func TestACheckAndAStatusOfOneNameMustBothPass(t *testing.T) {
	for _, c := range []struct {
		run, status string
		want        State
	}{{"build=success", "build=success", Met}, {"build=success", "build=failure", Unmet}, {"build=failure", "build=success", Unmet}, {"build=success", "build", Waiting}} {
		if r := require("build").Eval(withRuns(ci(1, c.run), posted("travis", c.status))); r.State != c.want {
			t.Errorf("%s and %s: %s", c.run, c.status, r.State)
		}
	}
}

func TestACheckCountsOnlyFromTheAppThatThePolicyNames(t *testing.T) {
	forged := ci(5, "build=success")
	forged.AppID, forged.App = 666, "evil"
	for _, c := range []struct {
		require string
		runs    []Run
		want    State
	}{
		{"build@github-actions", []Run{forged}, Waiting},
		{"build@github-actions", []Run{forged, ci(1, "build=failure")}, Unmet},
		{"build@github-actions", []Run{ci(1, "build=success")}, Met},
		{"build@GitHub-Actions", []Run{ci(1, "build=success")}, Met},
		{"build@15368", []Run{ci(1, "build=success")}, Met},
		{"build@15368", []Run{forged}, Waiting},
		{"build@travis-ci", []Run{posted("travis-ci[bot]", "build=success")}, Met},
		{"build@travis-ci", []Run{posted("travis-ci", "build=success")}, Waiting},
		{"build", []Run{forged, ci(1, "build=failure")}, Unmet},
		{"Build", []Run{ci(1, "build=success")}, Waiting},
	} {
		if r := require(c.require).Eval(withRuns(c.runs...)); r.State != c.want {
			t.Errorf("%s: %s, %q", c.require, r.State, r.Summary)
		}
	}
}

func TestWhatTheBranchRequiresIsRequiredUnlessItIsOurs(t *testing.T) {
	pull := withRuns(ci(1, "build=success"))
	pull.BranchRequires = []Required{{Name: RunMerge}, {Name: "handrail/review", AppID: pull.AppID}, {Name: "build", AppID: 15368}}
	if r := NewStatus().Eval(pull); r.State != Met {
		t.Errorf("%s: %q", r.State, r.Summary)
	}
	pull.BranchRequires = append(pull.BranchRequires, Required{Name: "lint"})
	if r := NewStatus().Eval(pull); r.State != Waiting {
		t.Errorf("with lint: %s", r.State)
	}
	if r := (&Status{Require: []RequiredCheck{{Name: "build"}}}).Eval(pull); r.State != Met {
		t.Errorf("without branch_rules: %s", r.State)
	}
	pull.BranchRequires = []Required{{Name: RunMerge, AppID: 4711}}
	if r := NewStatus().Eval(pull); r.State != Waiting {
		t.Errorf("another App's check of our name: %s", r.State)
	}
	pull.BranchRequires = []Required{{Name: "deploy", AppID: 5}}
	for creator, want := range map[string]State{"netlify[bot]": Met, "mallory": Waiting} {
		pull.Runs = []Run{posted(creator, "deploy=success")}
		if r := NewStatus().Eval(pull); r.State != want {
			t.Errorf("a status of %s for a pinned check: %s", creator, r.State)
		}
	}
}

func TestNothingRequiredIsSaidToBeSo(t *testing.T) {
	if r := NewStatus().Eval(withRuns(ci(1, "build=failure"))); r.State != Exempt || r.Summary != "No checks of others are required." {
		t.Errorf("%s: %q", r.State, r.Summary)
	}
}

func TestOurOwnRunsAreNoEvidence(t *testing.T) {
	pull := openPull()
	r := ci(1, "build=success")
	r.AppID = pull.AppID
	pull.Runs = []Run{r}
	if got := require("build").Eval(pull); got.State != Waiting {
		t.Errorf("a run of our own passes as a check of others: %s", got.State)
	}
	if f := require("handrail/review", RunMerge, "build").Faults(); len(f) != 2 {
		t.Errorf("faults: %v", f)
	}
}
