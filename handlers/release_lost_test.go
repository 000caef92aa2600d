package handlers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

func TestAReleaseEndsTheSameThoughEventsComeDoubledAndReordered(t *testing.T) {
	want := newShip(t, shipPolicy).live()
	s := newShip(t, shipPolicy)
	s.gh.SetMishaps(sim.Mishaps{Double: 1, Reorder: 1})
	if d := cmp.Diff(want, s.live()); d != "" {
		t.Errorf("doubled and reordered events (-want +got):\n%s", d)
	}
	s.sound()
}

// What nobody is told of, a sweep finds: all but who put the tag there and what was done
// by button, which only the event tells.
func TestAReleaseEndsTheSameThoughNoEventArrives(t *testing.T) {
	const policy = shipPolicy + "  unattributed: allow\n"
	want := newShip(t, policy).live()
	s := newShip(t, policy)
	said := func(f func()) { s.lost(f); s.sweep() }
	var rel *sim.Release
	var run *sim.WorkflowRun
	var d *sim.Deployment
	said(func() { rel = s.draft(); s.put("tara", s.tag, s.repo.Branch("main")) })
	s.pass(3 * time.Second)
	said(func() { s.repo.Issue(s.at().Issue).Comment("quinn", "/sign-off qa") })
	s.acts(checks.Act{Kind: checks.ActSign, Role: "rm", By: user("rita")})
	s.acts(checks.Act{Kind: checks.ActSign, Role: "sec", By: user("sam")})
	said(func() { run, d = s.job("production") })
	s.acts(checks.Act{Kind: checks.ActPromote, By: user("rita")})
	said(func() { run.Finish("success") })
	got := s.lived(rel, d)
	for _, l := range []*lived{&want, &got} {
		slices.Sort(l.Log)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("without any event (-want +got):\n%s", d)
	}
	s.sound()
}

func TestFourTagsInOnePushAreFoundByTheSweepAndNobodyIsKnownToHavePutThemThere(t *testing.T) {
	s := newShip(t, shipPolicy)
	var tags []sim.NewTag
	for _, name := range []string{"v1.1.0", "v1.1.1", "v1.1.2", "v1.1.3"} {
		tags = append(tags, sim.NewTag{Name: name, SHA: s.push("alice", "main", map[string]string{"a.go": "package a // " + name}), Annotated: true, Tagger: "tara"})
	}
	if err := s.repo.PushTags("tara", tags...); err != nil {
		t.Fatal(err)
	}
	s.settle()
	if rows, _ := s.store.Releases(t.Context(), store.ReleaseFilter{Repo: "acme/shop"}); len(rows) != 0 {
		t.Errorf("%d releases are known before the sweep", len(rows))
	}
	s.sweep()
	rows, err := s.store.Releases(t.Context(), store.ReleaseFilter{Repo: "acme/shop"})
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d releases are known: %v", len(rows), err)
	}
	for _, row := range rows {
		if row.Phase != checks.PhaseCandidate || row.State != checks.Unmet {
			t.Errorf("%s is %s, %s, though it is not known who put it there", row.Tag, row.Phase, row.State)
		}
	}
}

func TestAReleasePublishedByHandIsAFindingAndNeverLooksApproved(t *testing.T) {
	s := newShip(t, shipPolicy)
	rel, err := s.repo.NewRelease(sim.NewRelease{By: "tara", Tag: s.tag, Target: "main", Name: "by hand"}) // created, published and released at once
	if err != nil {
		t.Fatal(err)
	}
	_, d := s.job("production")
	s.settle()
	if run, state := s.group(s.repo.Branch("main"), checks.RunRelease); state != unmet {
		t.Errorf("it shows %s %s", state, run.Title)
	}
	if d.Now().Gate != "waiting" || rel.Now().Draft {
		t.Errorf("the job is %s", d.Now().Gate)
	}
	s.sweep()
	list, err := s.store.Findings(t.Context(), store.FindingFilter{Kind: store.FindingRelease})
	if err != nil || len(list) != 1 {
		t.Errorf("%d findings: %v", len(list), err)
	}
	s.pass(8 * 24 * time.Hour)
	s.settle()
	if list, _ := s.store.Findings(t.Context(), store.FindingFilter{Kind: store.FindingUnchecked}); len(list) != 1 {
		t.Errorf("nobody has looked at it for a week, which is %d findings", len(list))
	}
	s.sound()
}

func TestFilesChangedAfterTheReleaseAreAFindingAndNothingOfItLooksApproved(t *testing.T) {
	s, _ := promotedShip(t)
	if _, err := s.repo.Release(s.tag).Upload("bob", "evil.tar.gz", []byte("evil")); err != nil {
		t.Fatal(err)
	}
	s.settle()
	s.sweep()
	s.is(checks.PhaseCandidate)
	list, err := s.store.Findings(t.Context(), store.FindingFilter{Kind: store.FindingRelease})
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Detail.What, "was changed on GitHub after its release") {
		t.Errorf("findings: %+v %v", list, err)
	}
	last, _, err := s.store.ReleaseRecord(t.Context(), s.at())
	labels := s.repo.Issue(s.at().Issue).Now().Labels
	if err != nil || last.ReleaseVerdict.State.Passes() || slices.Contains(labels, checks.LabelRelease) {
		t.Errorf("it looks approved: %s, labels %v, %v", last.ReleaseVerdict.State, labels, err)
	}
	s.sound()
}

func TestADeploymentOfWhatNobodyPromotedIsAFindingOnce(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.cut()
	stranger := s.push("mallory", "side", map[string]string{"evil.go": "package evil\n"})
	for _, env := range []string{"production", "playground"} {
		d, err := s.repo.Deploy("mallory", env, stranger)
		if err != nil {
			t.Fatal(err)
		}
		d.SetStatus("mallory", "success")
	}
	s.settle()
	s.pass(5 * time.Minute)
	for range 2 {
		s.sweep()
	}
	list, err := s.store.Findings(t.Context(), store.FindingFilter{Kind: store.FindingDeployment})
	if err != nil || len(list) != 1 {
		t.Errorf("%d findings about deployments, want the one to production: %v", len(list), err)
	}
}

func TestATagThatIsMadeAgainAtTheSameCommitIsSignedAnew(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.draft()
	if err := s.repo.Tag("tara", s.tag, s.repo.Branch("main"), false); err != nil { // a light one: the same again
		t.Fatal(err)
	}
	s.settle()
	s.sign()
	s.is(checks.PhaseApproved)
	before := s.at().Candidate
	s.repo.DeleteTag("tara", s.tag)
	s.settle()
	s.is(checks.PhaseVoid)
	s.pass(2 * time.Second)
	if err := s.repo.Tag("tara", s.tag, s.repo.Branch("main"), false); err != nil {
		t.Fatal(err)
	}
	s.settle()
	s.is(checks.PhaseCandidate)
	if s.at().Candidate != before {
		t.Error("the same tag at the same commit, with the same files, is told by another digest")
	}
	s.sound()
}
