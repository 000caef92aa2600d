package handlers_test

import (
	"context"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// long makes main longer by so many commits, and most of them came by pull requests.
func (s *ship) long(commits, pulls, direct int) {
	s.t.Helper()
	if _, err := s.repo.Grow(sim.Growth{Commits: commits, Pulls: pulls, Direct: direct}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *ship) brings() (checks.ReleaseEvidence, []checks.Brought) {
	s.t.Helper()
	e, list, _, err := s.store.BroughtIn(s.t.Context(), "acme/shop", s.tag, store.BroughtFilter{})
	if err != nil {
		s.t.Fatal(err)
	}
	return e, list
}

// GitHub lists a hundred commits a request, and says of 150 where they came from: with
// the rest of an evaluation there may be one request for 50 commits.
func TestALongRangeIsGatheredWithFewRequestsAndLittleMemory(t *testing.T) {
	const commits, pulls, direct = 5000, 2000, 5
	s := newShip(t, shipPolicy)
	s.long(commits, pulls, direct)
	f := &forge{Forge: s.flow.Forge}
	s.flow.Forge = f
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	runtime.GC()
	before, most := heap(), uint64(0)
	f.page = func(int) error { most = max(most, heap()); return nil }
	f.publishRelease = func([]checks.Action) { most = max(most, heap()) }
	s.put("tara", s.tag, s.repo.Branch("main"))
	all, _ := s.requests(s.settle)
	e, list := s.brings()
	if e.Total != commits+1 { // and the policy's own commit
		t.Errorf("it brings %d commits, want %d", e.Total, commits+1)
	}
	if e.Pulls != pulls || len(list) < pulls+direct {
		t.Errorf("it brings %d pull requests, and %d changes are listed", e.Pulls, len(list))
	}
	if limit := e.Total / 50; all > limit {
		t.Errorf("%d requests are made for %d commits, more than %d", all, e.Total, limit)
	}
	// What the stand-in allocates to answer is in it, too.
	if grown := (most - before) >> 20; grown > 200 {
		t.Errorf("it takes %d MB", grown)
	}
	t.Logf("%d commits of %d pull requests: %d requests, %d MB", e.Total, e.Pulls, all, (most-before)>>20)
}

func TestProgressOfGatheringIsShownAndACrashInTheMiddleGoesOnWhereItWas(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.long(420, 160, 100)
	f := &forge{Forge: s.flow.Forge}
	s.flow.Forge = f
	pages := map[int]int{}
	crash := true
	f.page = func(page int) error {
		pages[page]++
		if crash && page == 3 {
			return store.ErrLost // whoever had the lease is silent from here on
		}
		return nil
	}
	s.put("tara", s.tag, s.repo.Branch("main"))
	s.work(10 * time.Second)
	if pages[2] != 1 || pages[3] == 0 {
		t.Fatalf("pages are read %v times", pages)
	}
	crash = false
	s.work(3 * time.Minute) // the lease runs out
	s.settle()
	// The first page is asked for also to see how many commits there are.
	if pages[2] != 1 || pages[3] != 2 {
		t.Errorf("pages are read %v times: it did not go on where it was", pages)
	}
	if e, _ := s.brings(); e.Total != 421 {
		t.Errorf("it brings %d commits", e.Total)
	}
}

func TestARangeThatTakesManySlicesSaysHowFarItIs(t *testing.T) {
	s := newShip(t, shipPolicy)
	s.long(700, 200, 20)
	f := &forge{Forge: s.flow.Forge}
	s.flow.Forge = f
	f.page = func(int) error { s.skew.Add(int64(12 * time.Second)); return nil } // GitHub is slow
	var shown []string
	f.publishRelease = func(plan []checks.Action) {
		for _, a := range plan {
			if a.Run.Name == checks.RunRelease {
				shown = append(shown, a.Run.Status+" "+a.Run.Title)
			}
		}
	}
	s.put("tara", s.tag, s.repo.Branch("main"))
	s.settle()
	told := strings.Join(shown, "\n")
	if !regexp.MustCompile(`in_progress .*[1-6]\d\d of 701`).MatchString(told) {
		t.Errorf("the check-run says:\n%s", told)
	}
	if e, _ := s.brings(); e.Total != 701 {
		t.Errorf("it brings %d commits", e.Total)
	}
	s.is(checks.PhaseCandidate)
}

// RangePulls is the stand-in's, with something in it.
func (f *forge) RangePulls(ctx context.Context, s checks.Subject, shas []string) (map[string]checks.RangeCommit, error) {
	if f.page != nil {
		if err := f.page(0); err != nil {
			return nil, err
		}
	}
	return f.Forge.RangePulls(ctx, s, shas)
}

// Release is the stand-in's, with something in it.
func (f *forge) Release(ctx context.Context, s checks.Subject, issue int) (checks.Release, []checks.Source, error) {
	r, sources, err := f.Forge.Release(ctx, s, issue)
	if f.release != nil && err == nil {
		f.release(&r)
	}
	return r, sources, err
}

// RangePage is the stand-in's, with something in it.
func (f *forge) RangePage(ctx context.Context, s checks.Subject, base, head string, page int) ([]checks.RangeCommit, int, int, error) {
	if f.page != nil {
		if err := f.page(page); err != nil {
			return nil, 0, 0, err
		}
	}
	return f.Forge.RangePage(ctx, s, base, head, page)
}

// PublishRelease is the stand-in's, overheard.
func (f *forge) PublishRelease(ctx context.Context, s checks.Subject, r checks.Release, plan []checks.Action) ([]checks.Outcome, error) {
	if f.publishRelease != nil {
		f.publishRelease(plan)
	}
	if f.crashed {
		return nil, store.ErrLost
	}
	return f.Forge.PublishRelease(ctx, s, r, plan)
}
