package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

func TestAVerdictOnAMergeGroupIsReplayedFromItsRecord(t *testing.T) {
	m := newMeter(t, meterPolicy)
	m.repo.SetRules("main", sim.Rules{Checks: []sim.RequiredCheck{{Name: checks.RunMerge, App: m.gh.App().ID}, {Name: "build"}}})
	m.repo.SetQueue("main", sim.Queue{})
	p := m.met(3)
	m.must(p.Enqueue("bob"))
	m.settle()
	rows, err := m.store.List(t.Context(), store.Filter{Kind: store.KindVerdict})
	m.must(err)
	groups := 0
	for _, row := range rows {
		_, body, err := m.store.Entry(t.Context(), row.Seq)
		m.must(err)
		again, err := replay(body)
		if err != nil || len(again.differences) > 0 || again.reworded {
			t.Errorf("%s: %v %v", row.Subject, again, err)
		}
		if !strings.HasPrefix(row.Subject, "group/") {
			continue
		}
		groups++
		// Another snapshot must make another verdict.
		changed := strings.Replace(string(body), `"state":"APPROVED"`, `"state":"DISMISSED"`, 1)
		if again, err := replay([]byte(changed)); err != nil || len(again.differences) == 0 || changed == string(body) || !json.Valid([]byte(changed)) {
			t.Errorf("without its approval %s is the same: %v", row.Subject, err)
		}
	}
	if groups == 0 {
		t.Error("no verdict on a group is recorded")
	}
}
