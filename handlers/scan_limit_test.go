package handlers

import (
	"context"
	"testing"
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
