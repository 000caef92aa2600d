package checks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/handrail-bot/handrail/checks"
)

// Each fixture is a policy.yml (and a floor.yml), a release.json, and the want.txt that
// people would see. In release.json the word CANDIDATE stands for the digest of the
// candidate that it is about, as acts and the memory name it.
func TestWhatPeopleSeeOfAReleaseIsAsInTheFixtures(t *testing.T) {
	asInFixtures(t, "releases", func(t *testing.T, archive *txtar.Archive) string {
		policy := policyOf(archive)
		return releaseSeen(t, policy, releaseOf(t, archive, policy))
	})
}

// releaseOf reads the release of a fixture. What it holds for each release unless it says
// otherwise is in common.json.
func releaseOf(t *testing.T, a *txtar.Archive, policy checks.Policy) checks.Release {
	t.Helper()
	common, err := os.ReadFile("../fixtures/releases/common.json")
	if err != nil {
		t.Fatal(err)
	}
	read := func(digest string) checks.Release {
		var r checks.Release
		for _, text := range [][]byte{common, part(a, "release.json").Data} {
			d := json.NewDecoder(strings.NewReader(strings.ReplaceAll(string(bytes.TrimSpace(text)), "CANDIDATE", digest)))
			d.DisallowUnknownFields()
			if err := d.Decode(&r); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	r := read(strings.Repeat("0", 64))
	c := r.Candidate(policy)
	r = read(c.Digest())
	for i := range r.Memory.Candidates {
		if p := &r.Memory.Candidates[i]; p.Digest == c.Digest() {
			p.Candidate = c
		}
	}
	return r
}

// releaseSeen is what GitHub would show: the plan, the check-runs, the tracking issue,
// comments and answers.
func releaseSeen(t *testing.T, policy checks.Policy, r checks.Release) string {
	t.Helper()
	if policy.Invalid() {
		for _, q := range policy.Problems {
			t.Log(q.String())
		}
	}
	if w := checks.ReleaseWants(policy, r); !w.None() {
		t.Errorf("the snapshot lacks %+v", w)
	}
	v := checks.JudgeRelease(policy, r)
	plan := checks.PlanRelease(policy, v, r)
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s", v.Phase, v.State)
	for _, e := range []string{"staging", "production"} {
		if w, ok := v.Environments[e]; ok {
			fmt.Fprintf(&b, "\n%s: %s %s", e, w.State, w.Why)
		}
	}
	b.WriteString("\n\nPlan:\n")
	for _, a := range plan {
		fmt.Fprintf(&b, "- %s\n", strings.TrimSpace(string(a.Kind)+" "+a.Run.Name+" "+strings.Join(a.Remind, ", ")))
		if a.Start != nil {
			fmt.Fprintf(&b, "  %s at %s with %v\n", a.Start.Workflow, a.Start.Ref, a.Start.Inputs)
		}
	}
	for i, o := range checks.RenderRelease(policy, v, r) {
		fmt.Fprintf(&b, "\n=== %s (%s): %s", o.Name, strings.TrimSpace(o.Status+" "+o.Conclusion), o.Title)
		for _, button := range o.Buttons {
			fmt.Fprintf(&b, " [%s]", button.Label)
		}
		if b.WriteString("\n\n"); i == 0 || strings.HasSuffix(o.Name, "production") {
			b.WriteString(o.Summary + o.Footer + "\n")
		}
	}
	i := checks.ReleaseIssue(policy, v, r)
	fmt.Fprintf(&b, "\n=== Issue %q, open: %v, labels: %v\n\n%s\n", i.Title, i.Open, i.Labels, i.Body)
	for _, a := range plan {
		switch a.Kind {
		case checks.CommentIssue:
			fmt.Fprintf(&b, "\n=== Comment\n\n%s\n", a.Body)
		case checks.AnswerGate:
			fmt.Fprintf(&b, "\n=== %s of run %d: %s\n\n%s\n", a.Gate.Environment, a.Gate.RunID, a.Gate.State, a.Gate.Comment)
		case checks.CreateRun:
			if a.Run.Head != r.Tag.Commit {
				fmt.Fprintf(&b, "\n=== %s at %.7s: %s\n\n%s\n", a.Run.Name, a.Run.Head, a.Run.Title, a.Run.Summary)
			}
		}
	}
	return b.String()
}
