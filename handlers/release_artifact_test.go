package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// imagePolicy wants an image of the tag's build, and that a scan of it finds nothing bad.
var imagePolicy = strings.NewReplacer(
	"  promoter: rm\n", "  promoter: rm\n  artifacts: [{name: ghcr.io/acme/shop, from: upload, workflow: image.yml}]\n",
	"{role: sec}], environment: production}", "{role: sec}], environment: production, scan: high}",
).Replace(shipPolicy)

// builds starts the run of a workflow on the release's tag.
func (s *ship) builds(file string) *sim.WorkflowRun {
	s.t.Helper()
	run, err := s.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/" + file, Tag: s.tag, By: "tara", Started: true})
	if err != nil {
		s.t.Fatal(err)
	}
	s.settle()
	return run
}

// result is what the last verdict says of a part of the release.
func (s *ship) result(id string) checks.Result {
	s.t.Helper()
	last, found, err := s.store.ReleaseRecord(s.t.Context(), s.at())
	if err != nil || !found {
		s.t.Fatalf("no verdict is recorded: %v", err)
	}
	var find func([]checks.Result) (checks.Result, bool)
	find = func(all []checks.Result) (checks.Result, bool) {
		for _, r := range all {
			if r.ID == id {
				return r, true
			}
			if part, ok := find(r.Parts); ok {
				return part, true
			}
		}
		return checks.Result{}, false
	}
	r, ok := find(last.ReleaseVerdict.Results)
	if !ok {
		s.t.Fatalf("the verdict has no %s: %+v", id, last.ReleaseVerdict.Results)
	}
	return r
}

func (s *ship) says(id string, state checks.State, text string) {
	s.t.Helper()
	if r := s.result(id); r.State != state || !strings.Contains(r.Summary, text) {
		s.t.Errorf("%s is %s: %s; want %s and %q", id, r.State, r.Summary, state, text)
	}
}

// TestAReleaseHasTheImageThatItsBuildHasSent and no other, and waits for a scan of it that
// finds nothing bad.
func TestAReleaseHasTheImageThatItsBuildHasSent(t *testing.T) {
	s := newShip(t, imagePolicy)
	s.merged("one")
	s.cut()
	to := newPost(s.rig)
	s.says("release/artifacts", checks.Waiting, "has not been uploaded by the tag's build")
	before := s.at().Candidate
	if a := to.image(s.builds("evil.yml"), otherDigest); a.status != http.StatusOK {
		t.Fatalf("%+v", a)
	}
	s.settle()
	if now := s.at().Candidate; now != before {
		t.Error("an image of another workflow made another candidate")
	}
	s.acts(checks.Act{Kind: checks.ActSign, Role: "qa", By: user("quinn")})
	s.is(checks.PhaseSigning)

	build := s.builds("image.yml")
	if a := to.image(build, imageDigest); a.status != http.StatusOK {
		t.Fatalf("%+v", a)
	}
	s.settle()
	if now := s.at().Candidate; now == before {
		t.Error("the image is not part of the candidate")
	}
	s.is(checks.PhaseCandidate) // quinn signed another one
	s.says("release/artifacts", checks.Met, "")
	s.sign()
	s.is(checks.PhaseSigning)
	s.says("release/production/scan", checks.Waiting, "has not uploaded a scan")
	to.scanned(build, imageDigest, sarifOf("9.8", "3"))
	to.scanned(build, imageDigest, sarifOf("3"))
	to.scanned(build, otherDigest, sarifOf())
	to.scanned(s.builds("evil.yml"), imageDigest, sarifOf())
	s.settle()
	s.says("release/production/scan", checks.Unmet, "high or worse")
	s.is(checks.PhaseSigning)
	to.scanned(s.builds("image.yml"), imageDigest, sarifOf("3"))
	s.settle()
	s.is(checks.PhaseApproved)
	s.acts(checks.Act{Kind: checks.ActPromote, By: user("rita")})
	s.is(checks.PhaseReleased)
	if kinds := s.kinds(); !slices.Contains(kinds, "release.void") || !slices.Contains(kinds, "release.promoted") {
		t.Errorf("the log has %v", kinds)
	}
	s.sound()
}
