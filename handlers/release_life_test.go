package handlers_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// The whole life of a release: what it brings, signed by button, voided by a moved tag,
// signed again by button, comment and command, promoted, published, deployed.
func TestAReleaseIsSignedVoidedSignedAgainPromotedPublishedAndDeployed(t *testing.T) {
	s := newShip(t, shipPolicy)
	p := s.merged("one")
	s.push("bob", "main", map[string]string{"direct.go": "package a\n"})
	rel := s.cut()
	s.is(checks.PhaseCandidate)
	e, brought, _, err := s.store.BroughtIn(t.Context(), "acme/shop", s.tag, store.BroughtFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if e.BaseTag != "v1.0.0" || e.Base != s.old || !e.Done && e.Total == 0 {
		t.Errorf("it is counted from %s at %s", e.BaseTag, e.Base)
	}
	if e.Counts[checks.EvidenceNoPull] == 0 || len(brought) == 0 {
		t.Errorf("it brings %+v, counted %v", brought, e.Counts)
	}
	if i := indexOf(brought, p.Number); i < 0 || brought[i].State != checks.EvidenceMet {
		t.Errorf("#%d is %+v", p.Number, brought)
	}
	s.button("quinn", "handrail/release/development", "sign")
	s.is(checks.PhaseSigning)

	// The tag is moved: what was signed ends, and the record says why.
	first := s.at().Candidate
	s.pass(2 * time.Second)
	s.put("tara", s.tag, s.push("bob", "main", map[string]string{"late.go": "package a\n"}))
	s.settle()
	s.is(checks.PhaseCandidate)
	if now := s.at().Candidate; now == first {
		t.Error("the tag was moved, and the candidate is the same")
	}
	s.button("quinn", "handrail/release/development", "sign")
	s.comment("rita", "/sign-off rm")
	s.is(checks.PhaseSigning)
	s.acts(checks.Act{Kind: checks.ActSign, Role: "sec", By: user("sam")})
	s.is(checks.PhaseApproved)
	if rel.Now().Draft != true {
		t.Fatal("the draft was published before anybody promoted the release")
	}
	run, d := s.job("production")
	s.settle()
	if got := d.Now().Gate; got != "waiting" {
		t.Errorf("the job for production is %s before the promotion", got)
	}
	s.button("rita", checks.RunRelease, "promote")
	s.is(checks.PhaseReleased)
	if rel.Now().Draft {
		t.Error("the draft is not published")
	}
	if got := d.Now().Gate; got != "approved" {
		t.Errorf("the job for production is %s: %v", got, d.Now().Comments)
	}
	run.Finish("success")
	s.settle()
	s.is(checks.PhaseDeployed)
	want := []string{
		"release.candidate", "release.evidence", "sign-off.signed", "release.void", "release.candidate", "release.evidence",
		"sign-off.signed", "sign-off.signed", "sign-off.signed", "release.asked", "release.promoted", "release.released", "deployment",
	}
	if d := cmp.Diff(want, s.kinds()); d != "" {
		t.Errorf("the log about it (-want +got):\n%s", d)
	}
	if all, _ := s.requests(s.settle); all != 0 {
		t.Errorf("at rest %d requests are made", all)
	}
	s.sound()
}

func indexOf(list []checks.Brought, number int) int {
	for i, b := range list {
		if b.Number == number {
			return i
		}
	}
	return -1
}

func TestAnEmergencyIsPromotedAtOnceAndOwedALookWhichIsAFindingWhenItIsLate(t *testing.T) {
	for _, looked := range []bool{true, false} {
		s := newShip(t, shipPolicy)
		rel := s.cut()
		s.comment("rita", "/break-glass the shop is down")
		s.is(checks.PhaseReleased)
		if rel.Now().Draft {
			t.Fatal("it is not published")
		}
		if looked {
			s.pass(24 * time.Hour)
			s.comment("sam", "/follow-up I have looked at it")
		}
		s.pass(7 * 24 * time.Hour)
		s.settle()
		list, err := s.store.Findings(t.Context(), store.FindingFilter{})
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, f := range list {
			if f.Kind == store.FindingUnchecked {
				found++
			}
		}
		if found != map[bool]int{true: 0, false: 1}[looked] {
			t.Errorf("looked at %v: %d findings that nobody looked at it", looked, found)
		}
		s.sound()
	}
}

func TestAReleaseOfARepositoryWithoutTheSectionCostsNothing(t *testing.T) {
	s := newShip(t, rigPolicy)
	all, _ := s.requests(func() {
		s.put("tara", "v1.1.0", s.repo.Branch("main"))
		s.settle()
	})
	if all != 0 {
		t.Errorf("a tag of a repository without releases takes %d requests", all)
	}
	s.requests(s.sweep)
	if all, _ := s.requests(s.sweep); all > 4 {
		t.Errorf("a sweep takes %d requests", all)
	}
}

func TestOldTagsAreNoReleasesWhenHandrailFirstHearsOfReleases(t *testing.T) {
	r := newRig(t, sim.Options{})
	r.gh.SetPermission("contents", "write")
	var tags []sim.NewTag
	for i := range 40 {
		tags = append(tags, sim.NewTag{Name: "v" + string(rune('0'+i/10)) + "." + string(rune('0'+i%10)), SHA: r.repo.Branch("main")})
	}
	if err := r.repo.PushTags("alice", tags...); err != nil {
		t.Fatal(err)
	}
	if _, err := r.repo.NewRelease(sim.NewRelease{By: "alice", Tag: "v3.9", Draft: true}); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.policy(shipPolicy)
	r.settle()
	r.sweep()
	rows, err := r.store.Releases(t.Context(), store.ReleaseFilter{Repo: "acme/shop"})
	if err != nil || len(rows) != 1 || rows[0].Tag != "v3.9" {
		t.Errorf("of 40 old tags, one with a draft, %d are releases: %+v %v", len(rows), rows, err)
	}
	// Four tags in one push send no event; a sweep finds them.
	if err := r.repo.PushTags("alice", sim.NewTag{Name: "v9", SHA: r.repo.Branch("main")}, sim.NewTag{Name: "v9.1", SHA: r.repo.Branch("main")},
		sim.NewTag{Name: "v9.2", SHA: r.repo.Branch("main")}, sim.NewTag{Name: "other", SHA: r.repo.Branch("main")}); err != nil {
		t.Fatal(err)
	}
	r.settle()
	if rows, _ := r.store.Releases(t.Context(), store.ReleaseFilter{Repo: "acme/shop"}); len(rows) != 1 {
		t.Errorf("%d are releases before the sweep", len(rows))
	}
	r.sweep()
	rows, err = r.store.Releases(t.Context(), store.ReleaseFilter{Repo: "acme/shop"})
	if err != nil || len(rows) != 4 {
		t.Errorf("after the sweep %d are releases: %v", len(rows), err)
	}
}
