package handlers_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

func TestWhatAnActLacksIsSaidAndNothingIsKept(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.cut()
	now := s.at().Candidate
	before := len(s.kinds())
	for what, c := range map[string]struct {
		act  checks.Act
		want string
	}{
		"an unknown kind":            {checks.Act{Kind: "dance", By: user("rita")}, "nothing that can be done"},
		"nobody":                     {checks.Act{Kind: checks.ActSign, Candidate: now}, "Nobody is named"},
		"a sign-off of no candidate": {checks.Act{Kind: checks.ActSign, Role: "rm", By: user("rita")}, "candidate is needed"},
		"a promotion of none":        {checks.Act{Kind: checks.ActPromote, By: user("rita")}, "candidate is needed"},
		"a sign-off of another":      {checks.Act{Kind: checks.ActSign, Role: "rm", By: user("rita"), Candidate: strings.Repeat("0", 12)}, "is " + now[:12] + " by now"},
		"too few digits":             {checks.Act{Kind: checks.ActSign, Role: "rm", By: user("rita"), Candidate: now[:11]}, "by now"},
		"a rejection for no reason":  {checks.Act{Kind: checks.ActReject, By: user("rita"), Reason: " "}, "A reason is needed"},
		"a revocation for none":      {checks.Act{Kind: checks.ActRevoke, Role: "rm", By: user("rita")}, "A reason is needed"},
		"an emergency for none":      {checks.Act{Kind: checks.ActEmergency, By: user("rita")}, "A reason is needed"},
		"a failure for none":         {checks.Act{Kind: checks.ActFail, By: user("rita")}, "A reason is needed"},
		"a reason without end":       {checks.Act{Kind: checks.ActReject, By: user("rita"), Reason: strings.Repeat("x", 5000)}, "longer than"},
	} {
		_, err := s.flow.ActOn(t.Context(), "acme", "shop", s.tag, c.act)
		if said, is := handlers.IsActFault(err); !is || !strings.Contains(said, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.flow.ActOn(t.Context(), "acme", "shop", "v7", checks.Act{Kind: checks.ActReject, By: user("rita"), Reason: "no"}); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("a release that nobody knows: %v", err)
	}
	if n := len(s.kinds()); n != before {
		t.Errorf("%d entries were added", n-before)
	}
}

// refused says why acts of a kind count for nothing.
func (s *ship) refused(kind checks.ActKind) (out []string) {
	s.t.Helper()
	rows, err := s.store.SignOffs(s.t.Context(), store.ActFilter{Repo: "acme/shop", Tag: s.tag, Kind: kind})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, row := range rows {
		if !row.Counts {
			out = append(out, row.By.Login+": "+row.Refused)
		}
	}
	return out
}

func TestWhatIsSaidAboutAnEarlierCandidateCountsForNothingAndIsSaid(t *testing.T) {
	s := newShip(t, shipPolicy)
	rel := s.cut()
	_, commit := s.repo.TagAt(s.tag)
	old, _ := s.group(commit, "handrail/release/development")
	s.comment("rita", "/sign-off rm")
	if _, err := rel.Upload("tara", "more.tar.gz", []byte("more")); err != nil { // of which no event tells
		t.Fatal(err)
	}
	s.sweep()
	s.gh.FindRun(old.ID).Act("quinn", old.Actions[0])
	s.settle()
	s.is(checks.PhaseCandidate)
	got := strings.Join(s.refused(checks.ActSign), "\n")
	for _, want := range []string{"rita", "quinn", "more.tar.gz was added"} {
		if !strings.Contains(got, want) {
			t.Errorf("what is refused does not say %q:\n%s", want, got)
		}
	}
	s.sound()
}

func TestACommentThatIsEditedCountsForNothing(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.cut()
	s.comment("quinn", "/sign-off qa")
	c := s.comment("rita", "/sign-off rm")
	s.acts(checks.Act{Kind: checks.ActSign, Role: "sec", By: user("sam")})
	s.is(checks.PhaseApproved)
	c.Edit("rita", "/sign-off rm, I think")
	s.settle()
	s.is(checks.PhaseSigning)
	if !slices.Contains(s.kinds(), "sign-off.edited") {
		t.Errorf("the log has %v", s.kinds())
	}
	s.sound()
}

func TestASecretInWhatIsSaidOnTheIssueIsKeptNowhere(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.cut()
	s.comment("rita", "/reject the token "+s.guard.Secret("comment")+" is in it")
	s.is(checks.PhaseRejected)
	s.acts(checks.Act{Kind: checks.ActRevoke, Role: "rejection", By: user("rita"), Reason: "it is revoked: " + s.guard.Secret("reason")})
	s.is(checks.PhaseCandidate)
}

func TestOfTwoReleasesAtOneCommitOneHasTheCheckRuns(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.cut()
	s.pass(2 * time.Second)
	other := &ship{rig: s.rig, tag: "v1.1.0-rc.1"}
	other.put("tara", other.tag, s.repo.Branch("main"))
	s.settle()
	newest, _ := s.group(s.repo.Branch("main"), checks.RunRelease)
	if !strings.Contains(newest.Title+newest.Summary, other.tag) {
		t.Errorf("the newest has no check-run: %s", newest.Title)
	}
	if all, _ := s.requests(s.settle); all != 0 {
		t.Errorf("the two write over each other: %d requests at rest", all)
	}
	s.repo.DeleteTag("tara", other.tag)
	s.settle()
	back, _ := s.group(s.repo.Branch("main"), checks.RunRelease)
	if strings.Contains(back.Title+back.Summary, other.tag) || !strings.Contains(back.Summary, s.at().Candidate[:12]) {
		t.Errorf("the one that is left does not have it: %s", back.Title)
	}
	s.button("quinn", "handrail/release/development", "sign")
	s.is(checks.PhaseSigning)
	s.sound()
}

func TestAPolicyThatObservesReleasesRecordsThemAndWritesNothing(t *testing.T) {
	s := newShip(t, strings.Replace(shipPolicy, "release:\n", "release:\n  mode: observe\n", 1))
	_, writes := s.requests(func() {
		s.cut()
		s.job("production")
		s.sign()
		s.acts(checks.Act{Kind: checks.ActPromote, By: user("rita")})
	})
	if writes != 0 {
		t.Errorf("%d writes", writes)
	}
	if s.at().Verdict == 0 || s.at().PromotedSeq != 0 {
		t.Errorf("it is %+v", s.at())
	}
	s.sound()
}

func TestAReleaseThatCannotBeJudgedSaysSoAndLetsNothingThrough(t *testing.T) {
	s, _ := promotedShip(t)
	heal := s.gh.Fail(sim.Fault{When: func(q sim.Request) bool {
		return strings.HasSuffix(q.Path, "/graphql") && q.Mentions("isDraft") && q.Mentions("publishedAt")
	}, Do: []sim.Failure{sim.Status(502)}})
	s.tag = "v1.2.0"
	s.put("tara", s.tag, s.push("bob", "main", map[string]string{"b.go": "package b\n"}))
	s.work(time.Minute)
	run, state := s.group(s.repo.Branch("main"), checks.RunRelease)
	if state != waiting || !strings.Contains(run.Title, "Could not be judged") {
		t.Errorf("it shows %s %s", state, run.Title)
	}
	heal()
	s.pass(time.Hour)
	s.settle()
	s.is(checks.PhaseCandidate)
	s.sound()
}

// A replica that has not heard of the push would make a candidate of where the tag was.
func TestATagIsNotReadFromAReplicaThatHasNotHeardOfItsPush(t *testing.T) {
	s := newShip(t, shipPolicy)
	f := &forge{Forge: s.flow.Forge}
	s.flow.Forge = f
	s.cut()
	lags := 3
	var old checks.Tag
	f.release = func(r *checks.Release) {
		if old.OID == "" {
			old = r.Tag
		}
		if lags > 0 {
			lags--
			r.Tag = old
		}
	}
	first := len(s.kinds())
	s.pass(2 * time.Second)
	s.sweep() // reads once
	lags = 3
	s.put("tara", s.tag, s.push("bob", "main", map[string]string{"b.go": "package b\n"}))
	s.settle()
	if _, commit := s.repo.TagAt(s.tag); s.at().Commit != commit {
		t.Errorf("it is looked at %s, and the tag is at %s", s.at().Commit, commit)
	}
	voids := strings.Count(strings.Join(s.kinds()[first:], " "), "release.void")
	if voids != 1 || s.failing() != 0 {
		t.Errorf("%d candidates ended, %d tries failed", voids, s.failing())
	}
	s.sound()
}

func TestAReleaseWaitsWhileThePolicyCannotBeReadAndGoesOnAfterwards(t *testing.T) {
	s := newShip(t, shipPolicy)
	f := &forge{Forge: s.flow.Forge}
	s.flow.Forge = f
	s.cut()
	s.sign()
	s.is(checks.PhaseApproved)
	_, commit := s.repo.TagAt(s.tag)
	labels := func() []string { return s.repo.Issue(s.at().Issue).Now().Labels }
	if !slices.Contains(labels(), checks.LabelRelease) {
		t.Errorf("an approved release has the labels %q", labels())
	}
	s.policy("release: [\n")
	s.work(time.Minute)
	if slices.Contains(labels(), checks.LabelRelease) {
		t.Error("what cannot be judged is still said to be met")
	}
	if run, state := s.group(commit, checks.RunRelease); state != waiting || !strings.Contains(run.Title, "Could not be judged") {
		t.Errorf("it shows %s %s", state, run.Title)
	}
	before := s.tag
	s.tag = "v1.2.0" // made meanwhile
	s.put("tara", s.tag, commit)
	s.work(time.Minute)
	s.policy(shipPolicy)
	s.pass(time.Hour)
	s.settle()
	s.is(checks.PhaseCandidate)
	s.tag = before
	s.is(checks.PhaseApproved)
	if !slices.Contains(labels(), checks.LabelRelease) {
		t.Errorf("approved again it has the labels %q", labels())
	}
	s.sound()
}

func TestADraftWithoutItsTagIsNoReleaseYet(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.draft()
	s.settle()
	s.sweep()
	if rows, err := s.store.Releases(t.Context(), store.ReleaseFilter{Repo: "acme/shop"}); err != nil || len(rows) != 0 {
		t.Errorf("%+v are releases: %v", rows, err)
	}
	s.put("tara", s.tag, s.repo.Branch("main"))
	s.settle()
	s.is(checks.PhaseCandidate)
}
