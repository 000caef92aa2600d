package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// releasePolicy is one for releases: quinn signs first, then rita, who may also promote;
// sam is whom emergencies are shown to afterwards.
const releasePolicy = `version: 1
roles:
  qa: {users: [quinn]}
  rm: {users: [rita, quinn]}
  security: {users: [sam, quinn]}
review: {mode: observe, sign_offs: []}
release:
  tags: ["v*", "app/*"]
  stages:
    - {name: development, sign_offs: [{role: qa}]}
    - {name: production, sign_offs: [{role: rm}], environment: production}
  promoter: rm
  evidence: {bypassed: show, unknown: show, no_pull_request: show}
  emergency: {role: rm, follow_up: 7d, follow_up_role: security}
`

// releasePeople are those on the stage of releases; tara puts the tags there.
var releasePeople = []string{"tara", "quinn", "rita", "sam", "mallory"}

// stageReleases gives a repository of acme a policy for releases, and the App what it
// may do then.
func stageReleases(gh *sim.GitHub, repo *sim.Repo) error {
	for name, level := range map[string]string{"contents": "write", "issues": "write", "deployments": "write", "actions": "write"} {
		gh.SetPermission(name, level)
	}
	gh.Org("acme").AddMember(releasePeople...)
	for _, l := range releasePeople {
		repo.Allow(l, "write")
	}
	_, err := repo.Push(sim.Push{By: "alice", Branch: "main", Message: "Have releases", Files: map[string]string{checks.PolicyPath: releasePolicy}})
	return err
}

// cutRelease is a draft with a file, and a tag of tara's on a commit of its own branch:
// what comes of one release says nothing about another.
func cutRelease(repo *sim.Repo, tag string) error {
	name := strings.ReplaceAll(tag, "/", "-")
	sha, err := repo.Push(sim.Push{By: "alice", Branch: "release-" + name, Message: "Work on " + tag, Files: map[string]string{name + ".go": "package shop\n"}})
	if err != nil {
		return err
	}
	rel, err := repo.NewRelease(sim.NewRelease{By: "tara", Tag: tag, Name: tag, Draft: true})
	if err != nil {
		return err
	}
	if _, err := rel.Upload("tara", "shop.tar.gz", []byte("the shop "+tag)); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	return repo.PushTags("tara", sim.NewTag{Name: tag, SHA: sha, Annotated: true, Tagger: "tara"})
}

// stageExamples lets the handrail of a job have the releases that the examples of the
// command line speak of, each as far as its example wants it. The token is of somebody
// who may do all that they do.
func stageExamples(t *testing.T, j *job) (token string) {
	t.Helper()
	repo := j.github.Org("acme").Repo("shop")
	sub, err := j.server.hub.Find(t.Context(), "acme", "shop", 0)
	j.must(err)
	j.must(stageReleases(j.github, repo))
	j.must(j.github.Settle(t.Context()))
	phase := func(tag string, want checks.Phase) {
		t.Helper()
		j.must(poll(tag+" is not "+string(want), func() bool {
			row, err := j.server.store.ReleaseOf(t.Context(), "acme/shop", tag)
			return err == nil && row.Phase == want
		}))
	}
	j.must(poll("the policy for releases is not read", func() bool {
		_ = j.github.Settle(t.Context())
		w, known, err := j.server.store.Watching(t.Context(), sub.RepoID)
		return err == nil && known && len(w.Releases) > 0
	}))
	cut := func(tags ...string) {
		t.Helper()
		for _, tag := range tags {
			j.must(cutRelease(repo, tag))
		}
		for _, tag := range tags {
			phase(tag, checks.PhaseCandidate)
		}
	}
	act := func(login, tag string, a checks.Act) {
		t.Helper()
		row, err := j.server.store.ReleaseOf(t.Context(), "acme/shop", tag)
		j.must(err)
		a.By, err = j.server.hub.Whose(t.Context(), j.github.PersonToken(login))
		j.must(err)
		a.Candidate = row.Candidate
		_, err = j.server.flow.ActOn(t.Context(), "acme", "shop", tag, a)
		j.must(err)
	}
	approve := func(tag string) {
		t.Helper()
		act("quinn", tag, checks.Act{Kind: checks.ActSign, Role: "qa"})
		act("rita", tag, checks.Act{Kind: checks.ActSign, Role: "rm"})
		phase(tag, checks.PhaseApproved)
	}
	cut("v1.2.0", "v1.3.0", "v1.3.1")
	act("rita", "v1.3.1", checks.Act{Kind: checks.ActEmergency, Reason: "it was down"})
	for _, tag := range []string{"v1.2.0", "v1.3.0"} {
		approve(tag)
		act("rita", tag, checks.Act{Kind: checks.ActPromote})
	}
	for _, tag := range []string{"v1.2.0", "v1.3.0", "v1.3.1"} {
		phase(tag, checks.PhaseReleased)
	}
	// What they bring is counted from those that are out.
	cut("v1.4.0", "v1.5.0", "v1.6.0", "v1.7.0")
	approve("v1.4.0")
	act("quinn", "v1.5.0", checks.Act{Kind: checks.ActSign, Role: "qa"})
	phase("v1.5.0", checks.PhaseSigning)
	return j.github.PersonToken("quinn")
}

// recordRelease puts a promoted release, v1.4.0, on a record that no server uses.
func recordRelease(t *testing.T, path string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, now, commit := t.Context(), time.Now(), strings.Repeat("4f", 20)
	s, err := store.Open(ctx, path, store.Options{Origin: "test"})
	must(err)
	defer s.Close()
	sub := checks.Subject{RepoID: 1, Owner: "acme", Repo: "shop", Kind: checks.KindRelease, Name: "v1.4.0"}
	must(s.Touch(ctx, sub, store.Known{}, "test", now, now))
	jobs, err := s.Claim(ctx, 1, time.Minute, now)
	if err != nil || len(jobs) != 1 || jobs[0].Subject.Name != sub.Name {
		t.Fatal(jobs, err)
	}
	sources := []checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Commit: commit, Text: releasePolicy}}
	policy := config.Policy(sources, config.Defaults{})
	r := checks.Release{
		At: now, Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop", DefaultBranch: "main"},
		Tag: checks.Tag{Name: sub.Name, OID: commit, Commit: commit, Pusher: checks.Actor{Login: "tara", ID: 90}},
	}
	c := r.Candidate(policy)
	must(s.ObserveRelease(ctx, jobs[0], &r, now))
	must(s.SeeCandidate(ctx, jobs[0], checks.PastCandidate{Candidate: c, Digest: c.Digest(), Since: now.Add(-time.Hour)}, "", now))
	brought := []checks.Brought{{Number: 7, Title: "feat: all is well", Author: "alice", State: checks.EvidenceMet}, {Number: 6, Title: "feat: in a hurry", State: checks.EvidenceBypassed}}
	r.Evidence = checks.ReleaseEvidence{
		Head: commit, Total: 2, Gathered: 2, Done: true, Pulls: 2, Digest: strings.Repeat("e", 64), Odd: brought[1:],
		Counts: map[checks.EvidenceState]int{checks.EvidenceMet: 1, checks.EvidenceBypassed: 1},
	}
	r.Evidence.Seq, err = s.KeepEvidence(ctx, jobs[0], r.Evidence, brought, now)
	must(err)
	rita := checks.Act{Kind: checks.ActEmergency, By: checks.Actor{Login: "rita", ID: 91}, At: now.Add(-time.Minute), Via: checks.ByCommand, Candidate: c.Digest(), Reason: "it was down"}
	r.Acts, err = s.KeepActs(ctx, jobs[0], []checks.Act{rita}, now)
	must(err)
	r.People = map[string]checks.Person{"quinn": {Permission: "write"}, "rita": {Permission: "write"}, "sam": {Permission: "write"}}
	v := checks.JudgeRelease(policy, r)
	if v.Promote == nil {
		t.Fatalf("it is not promoted: %+v", v)
	}
	d := checks.Decide(policy, v, r)
	_, err = s.Record(ctx, jobs[0], store.Record{Release: &r, ReleaseVerdict: &v, Sources: sources, Decision: &d}, now)
	must(err)
	must(s.Finish(ctx, jobs[0], store.FinishInfo{}, now))
}
