package checks

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

// bigPull is a pull request of 100 files and 10 reviews.
func bigPull() (*scene, *ReviewRules) {
	s := newScene().team("acme/qa", "p1", "p2", "p3", "p4").team("acme/platform", "p5", "p6").team("acme/web", "p7", "p8")
	var specs []string
	for i := range 100 {
		specs = append(specs, fmt.Sprintf("src/%s/module%d/file%02d.%s", []string{"api", "web", "core", "lib"}[i%4], i%7, i, []string{"go", "ts", "md"}[i%3]))
	}
	s.files(specs...)
	for i := range 9 {
		s.approved(fmt.Sprintf("p%d", i+1))
		if i == 3 {
			s.push("c2", "ann")
		}
	}
	s.review("p1", "COMMENTED", "Nice, but a question about the second function.\n\nQA +1")
	for range 5 {
		s.said("ann", "Thank you for looking at this, I have changed it as you asked for.")
	}
	r := rulesOf(
		SignOff{Name: "Code review", Role: "reviewer"},
		SignOff{Name: "QA", Role: "qa", Unless: &Condition{OnlyFiles: []Glob{"docs/**"}}},
		SignOff{Name: "Infrastructure", Role: "platform", When: &Condition{Files: []Glob{"deploy/**", "**/*.tf"}}},
		SignOff{Name: "High risk", Role: "reviewer", Count: 2, When: &Condition{LinesOver: new(500)}},
	)
	r.CodeOwners = true
	s.Lines = 900
	s.owners("# who owns what", "* @p1", "*.md @p9", "/src/api/ @p2 @acme/web", "/src/web/ @acme/web", "/src/core/ @p3", "/docs/ @p4", "Makefile @p5", "/deploy/ @acme/platform", "*.tf @acme/platform")
	return s, r
}

func TestTheBigPullRequestIsMet(t *testing.T) {
	s, r := bigPull()
	expect(t, judged(s, r), Met)
}

func BenchmarkReview(b *testing.B) {
	s, r := bigPull()
	b.ReportAllocs()
	for b.Loop() {
		if r.Eval(s.Pull).State != Met {
			b.Fatal("not met")
		}
	}
}

// bigPolicy is the big pull request's, with required checks and a title.
func bigPolicy(s *scene, r *ReviewRules) Policy {
	s.Title = "feat(checkout): say what is missing"
	s.Runs = nil
	for i, name := range []string{"build", "lint", "test", "ci/travis"} {
		s.Runs = append(s.Runs, Run{ID: "CR_" + name, DatabaseID: int64(i + 1), Name: name, AppID: 15368, App: "github-actions", Status: "completed", Conclusion: "success", Started: noon})
	}
	status := NewStatus()
	status.Require = []RequiredCheck{{Name: "ci/travis"}, {Name: "build", App: "github-actions"}}
	s.BranchRequires = []Required{{Name: "lint"}, {Name: "test", AppID: 15368}, {Name: RunMerge, AppID: s.AppID}}
	return Policy{Sections: []Section{
		{Name: "review", Checks: []Check{r}}, {Name: "status", Checks: []Check{status}}, {Name: "compliance", Checks: []Check{NewTitle()}},
	}}
}

func BenchmarkJudgeAndPlan(b *testing.B) {
	s, r := bigPull()
	policy := bigPolicy(s, r)
	if v := Judge(policy, s.Pull); v.State != Met || len(Plan(v, s.Pull)) != 5 {
		b.Fatalf("%s, %v", v.State, kinds(Plan(v, s.Pull)))
	}
	b.ReportAllocs()
	for b.Loop() {
		Plan(Judge(policy, s.Pull), s.Pull)
	}
}

// BenchmarkCalibration is a fixed piece of work of the same kind, to tell a slow
// machine from slow code.
func BenchmarkCalibration(b *testing.B) {
	text := strings.Repeat("a line of text, as people write it | with marks\n", 200)
	b.ReportAllocs()
	for b.Loop() {
		sum := sha256.Sum256([]byte(text))
		if strings.Count(text, "|") != 200 || sum[0] == sum[1] && sum[1] == sum[2] && sum[2] == sum[3] {
			b.Fatal("the text changed")
		}
	}
}
