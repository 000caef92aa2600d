package handlers

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
)

// unending is a scan that ends only when it must.
type unending struct{ *scan.Scanner }

func (unending) Secrets(ctx context.Context, _ checks.Patch) (checks.CommitScan, error) {
	<-ctx.Done()
	return checks.CommitScan{}, ctx.Err()
}

// bare is a commit without any file.
type bare struct{ Patches }

func (bare) CommitPatch(context.Context, checks.Subject, string) (checks.Patch, error) {
	return checks.Patch{}, nil
}

func TestACommitWhoseScanDoesNotEndIsNotBegunAgainForEver(t *testing.T) {
	i := NewInspector(bare{}, unending{scan.New([]byte("key"))}, CommitsAtOnce)
	i.limit = time.Millisecond
	k := inspection{Inspector: i, gathering: &gathering{pull: &checks.Pull{}}}
	found, _, err := k.commit(t.Context(), "c1")
	if err != nil || found.SHA != "c1" || len(found.Incomplete) != 1 {
		t.Errorf("found %+v, %v; want that it is incomplete, which asks for a review", found, err)
	}
	round, cancel := context.WithCancel(t.Context())
	cancel()
	if found, _, err := k.commit(round, "c1"); err == nil {
		t.Errorf("a round that ends keeps %+v of a commit that it has not looked at", found)
	}
}

// slow are patches that nobody lives to see.
type slow struct{ Patches }

func (slow) CommitPatch(ctx context.Context, _ checks.Subject, _ string) (checks.Patch, error) {
	<-ctx.Done()
	return checks.Patch{}, ctx.Err()
}

func TestACommitThatTakesAWholeRoundIsAFailureThatPeopleSee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := inspection{Inspector: NewInspector(slow{}, nil, CommitsAtOnce), gathering: &gathering{pull: &checks.Pull{}}, archive: NoRecord{}}
		var out checks.Scan
		if err := k.round(t.Context(), &out, []string{"c1", "c2"}); err == nil || out.Left != 2 {
			t.Errorf("%v, %d left; the next round would do no better", err, out.Left)
		}
	})
}

func TestARoundForWhichThereIsNoRoomIsNotAskedForAtOnceAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := NewInspector(bare{}, nil, CommitsAtOnce)
		for range inspections {
			if _, err := i.rounds.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		at := time.Now()
		k := inspection{Inspector: i, gathering: &gathering{pull: &checks.Pull{At: at}}, archive: NoRecord{}}
		var out checks.Scan
		if err := k.round(t.Context(), &out, []string{"c1"}); err != nil || out.Left != 1 {
			t.Fatal(err, out.Left)
		}
		if wait := out.Next.Sub(at); wait < turnAfter || wait > 2*turnAfter {
			t.Errorf("it is asked for again after %s", wait)
		}
	})
}
