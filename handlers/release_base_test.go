package handlers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// bringsCommit says whether a commit is among what the release brings.
func (s *ship) bringsCommit(sha string) bool {
	s.t.Helper()
	_, list := s.brings()
	return slices.ContainsFunc(list, func(b checks.Brought) bool { return slices.Contains(b.Commits, sha) })
}

// TestAMovedTagHidesNothing: whoever may move the tag of an old release, or the one that
// the policy names as the baseline, must not choose by that what is looked at.
func TestAMovedTagHidesNothing(t *testing.T) {
	for what, policy := range map[string]string{
		"an old release": shipPolicy,
		"the baseline":   strings.Replace(shipPolicy, "  promoter: rm\n", "  promoter: rm\n  baseline: v0.9.0\n", 1),
	} {
		t.Run(what, func(t *testing.T) {
			s, tag := newShip(t, shipPolicy), "v1.0.0"
			if what == "the baseline" {
				tag = "v0.9.0"
				s.repo.Release("v1.0.0").Delete("tara")
				s.put("tara", tag, s.old)
				s.policy(policy)
				s.sweep()
				s.cut() // looked at, and found to begin there
				s.tag = "v1.2.0"
			}
			bad := s.push("bob", "main", map[string]string{"bad.go": "package bad\n"})
			s.put("bob", tag, bad)
			s.push("bob", "main", map[string]string{"good.go": "package good\n"})
			s.cut()
			s.sweep()
			if e, _ := s.brings(); !s.bringsCommit(bad) || e.Base != s.old {
				t.Errorf("it brings %d commits since %s (%s), not what was put there past it", e.Total, e.BaseTag, e.Base)
			}
		})
	}
}

// TestAReleaseBeginsAtTheLastOneOfBeforeWhateverItsTagIsCalled: what was out before
// handrail was told of releases was called as people liked.
func TestAReleaseBeginsAtTheLastOneOfBeforeWhateverItsTagIsCalled(t *testing.T) {
	s := newShip(t, shipPolicy[:strings.Index(shipPolicy, "release:")])
	last := s.push("alice", "main", map[string]string{"last.go": "package last\n"})
	s.put("tara", "stable-7", last)
	if _, err := s.repo.NewRelease(sim.NewRelease{By: "tara", Tag: "stable-7", Name: "7"}); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Minute)
	s.policy(shipPolicy)
	s.settle()
	s.pass(time.Minute)
	s.cut()
	if e, _ := s.brings(); e.Base != last || e.BaseTag != "stable-7" {
		t.Errorf("it begins at %s (%s), want %s", e.Base, e.BaseTag, last)
	}
}

// TestWhatWasPublishedPastHandrailIsNoBaseWhenThePolicyNamesOtherTags: handrail is told
// of releases once, and not anew whenever its policy changes.
func TestWhatWasPublishedPastHandrailIsNoBaseWhenThePolicyNamesOtherTags(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.sweep()
	bad := s.push("bob", "main", map[string]string{"bad.go": "package bad\n"})
	s.put("bob", "x1", bad)
	if _, err := s.repo.NewRelease(sim.NewRelease{By: "bob", Tag: "x1", Name: "by hand"}); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Minute)
	s.policy(strings.Replace(shipPolicy, `tags: ["v*"]`, `tags: ["v*", "w*"]`, 1))
	s.settle()
	s.pass(time.Minute)
	s.cut()
	s.sweep()
	if e, _ := s.brings(); !s.bringsCommit(bad) || e.Base != s.old {
		t.Errorf("it brings %d commits since %s", e.Total, e.BaseTag)
	}
}

// TestManyReleasesByHandDoNotHideThatANewerOneIsOut: else whoever may publish could
// have an old release deployed again that nobody has decided to roll back to.
func TestManyReleasesByHandDoNotHideThatANewerOneIsOut(t *testing.T) {
	s, _ := promotedShip(t)
	s.tag = "v1.2.0"
	s.push("bob", "main", map[string]string{"newer.go": "package newer\n"})
	s.cut()
	s.sign()
	s.acts(checks.Act{Kind: checks.ActPromote, By: user("rita")})
	s.is(checks.PhaseReleased)
	for i := range 10 {
		s.pass(time.Second)
		tag := fmt.Sprintf("junk-%d", i)
		s.put("bob", tag, s.old)
		if _, err := s.repo.NewRelease(sim.NewRelease{By: "bob", Tag: tag, Name: tag}); err != nil {
			t.Fatal(err)
		}
	}
	s.tag = "v1.1.0"
	_, d := s.job("production")
	s.settle()
	if got := d.Now().Gate; got != "rejected" {
		t.Errorf("a job for the older release is %s: %v", got, d.Now().Comments)
	}
}
