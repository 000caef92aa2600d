package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const replayedReleases = meterPolicy + `release:
  tags: ["v*"]
  stages:
    - {name: production, sign_offs: [{role: qa}]}
  evidence: {unknown: show, no_pull_request: show}
  promote: approved
`

func TestAVerdictOnAReleaseIsReplayedFromItsRecord(t *testing.T) {
	m := newMeter(t, replayedReleases)
	for _, name := range []string{"contents", "issues"} {
		m.gh.SetPermission(name, "write")
	}
	m.flow.SweepOnce(t.Context()) // it learns that there are releases
	m.settle()
	m.must(m.repo.Tag("alice", "v1", m.repo.Branch("main"), true))
	m.settle()
	row, err := m.store.ReleaseOf(t.Context(), "acme/shop", "v1")
	m.must(err)
	act := checks.Act{Kind: checks.ActSign, Role: "qa", By: checks.Actor{Login: "carol"}, At: m.now(), Via: checks.ByCommand, Candidate: row.Candidate}
	_, err = m.store.Act(t.Context(), row.Subject, act, "command", m.now())
	m.must(err)
	m.settle()
	rows, err := m.store.List(t.Context(), store.Filter{Kind: store.KindVerdict, Release: "v1"})
	m.must(err)
	signed := 0
	for _, row := range rows {
		_, body, err := m.store.Entry(t.Context(), row.Seq)
		m.must(err)
		again, err := replay(body)
		if err != nil || len(again.differences) > 0 || again.reworded {
			t.Errorf("entry %d: %v %v", row.Seq, again, err)
		}
		if !strings.Contains(string(body), `"signed":[`) {
			continue
		}
		signed++
		// Another snapshot must make another verdict.
		changed := strings.ReplaceAll(string(body), `"acts":[{"kind":"sign"`, `"acts":[{"kind":"revoke"`)
		if again, err := replay([]byte(changed)); err != nil || len(again.differences) == 0 || changed == string(body) || !json.Valid([]byte(changed)) {
			t.Errorf("without its sign-off entry %d is the same: %v", row.Seq, err)
		}
	}
	if len(rows) < 2 || signed == 0 {
		t.Errorf("of %d verdicts on the release %d have a sign-off", len(rows), signed)
	}
}

func TestARecordOfAReleaseWithoutItsVerdictIsNotReplayed(t *testing.T) {
	if _, err := replay([]byte(`{"release":{"tag":{"name":"v1"}}}`)); err == nil {
		t.Error("it is")
	}
}
