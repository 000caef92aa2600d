package store

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

func TestAKeyForAPurposeStaysAndIsNoneForAnother(t *testing.T) {
	w := open(t)
	one, other := w.Secret("findings"), w.Secret("something else")
	if len(one) != 32 || bytes.Equal(one, other) {
		t.Errorf("keys of %d bytes, equal: %v", len(one), bytes.Equal(one, other))
	}
	w.ok(w.Close())
	w.reopen()
	if !bytes.Equal(w.Secret("findings"), one) {
		t.Error("it is another after a restart")
	}
	read, err := OpenReadOnly(w.ctx, w.path)
	w.ok(err)
	defer read.Close()
	if !bytes.Equal(read.Secret("findings"), one) {
		t.Error("it is another for those who only read")
	}
	if bytes.Equal(open(t).Secret("findings"), one) {
		t.Error("two logs have the same key")
	}
}

func TestWhatAScanFoundIsKeptPerContentAndEngine(t *testing.T) {
	w := open(t)
	of := ScanOf{RepoID: 7, Key: "k", Engine: "e1"}
	found := checks.PatchScan{Secrets: []checks.Secret{{Digest: "d", Rule: "r", Path: "a.go", Line: 3}}, Files: 2, Lines: 9}
	w.ok(w.KeepScan(w.ctx, of, found, at(1)))
	got, used, ok, err := w.Scan(w.ctx, of)
	w.ok(err)
	if !ok || !reflect.DeepEqual(got, found) || !used.Equal(at(1)) {
		t.Errorf("kept %+v, read %+v at %s", found, got, used)
	}
	for _, other := range []ScanOf{{8, "k", "e1"}, {7, "l", "e1"}, {7, "k", "e2"}} {
		if _, _, ok, err := w.Scan(w.ctx, other); ok || err != nil {
			t.Errorf("%+v is found as well (%v)", other, err)
		}
	}
}

func TestScansOfCommitsAreKeptByCommitAndEngine(t *testing.T) {
	w := open(t)
	clean, odd := checks.CommitScan{SHA: sha("a")}, checks.CommitScan{SHA: sha("b"), Incomplete: []string{"no"}}
	w.ok(w.KeepCommitScan(w.ctx, 7, "e1", clean, at(1)))
	w.ok(w.KeepCommitScan(w.ctx, 7, "e1", odd, at(1)))
	got, stale, err := w.CommitScans(w.ctx, 7, "e1", []string{clean.SHA, odd.SHA, sha("c")}, at(2))
	w.ok(err)
	if want := map[string]checks.CommitScan{clean.SHA: clean, odd.SHA: odd}; !reflect.DeepEqual(got, want) || len(stale) != 0 {
		t.Errorf("read %+v, stale %v", got, stale)
	}
	for _, other := range []struct {
		repo   int64
		engine string
	}{{8, "e1"}, {7, "e2"}} {
		if got, _, err := w.CommitScans(w.ctx, other.repo, other.engine, []string{clean.SHA}, at(2)); len(got) != 0 || err != nil {
			t.Errorf("%+v: %v, %v", other, got, err)
		}
	}
	later := at(1).Add(25 * time.Hour)
	_, stale, err = w.CommitScans(w.ctx, 7, "e1", []string{clean.SHA}, later)
	w.ok(err)
	w.ok(w.UsedCommitScans(w.ctx, 7, "e1", stale, later))
	if _, again, err := w.CommitScans(w.ctx, 7, "e1", []string{clean.SHA}, later); len(stale) != 1 || len(again) != 0 || err != nil {
		t.Errorf("stale %v, after its use %v, %v", stale, again, err)
	}
}

func TestAnAnswerAboutAlertsIsOfUseUntilAnEventOrForAWhile(t *testing.T) {
	w := open(t)
	w.known(3, sha("a"))
	of := AlertsOf{RepoID: acme.ID, Number: 3, Head: sha("a"), Base: "main", Kind: checks.CodeScanning}
	keep := func(asked time.Time) {
		w.ok(w.KeepAlerts(w.ctx, of, checks.Alerts{Kind: checks.CodeScanning, Old: 2}, asked))
	}
	known := func(of AlertsOf, since time.Time) bool {
		a, ok, err := w.Alerts(w.ctx, of, since)
		w.ok(err)
		return ok && a.Old == 2
	}
	keep(at(10))
	if !known(of, at(9)) || known(of, at(10)) {
		t.Error("it is believed for the wrong time")
	}
	for _, other := range []AlertsOf{
		{acme.ID, 3, sha("b"), "main", of.Kind}, {acme.ID, 3, sha("a"), "release", of.Kind}, {acme.ID, 4, sha("a"), "main", of.Kind},
		{acme.ID, 3, sha("a"), "main", checks.SecretScanning}, {acme.ID + 1, 3, sha("a"), "main", of.Kind},
	} {
		if known(other, at(9)) {
			t.Errorf("%+v is known as well", other)
		}
	}
	w.deliver(at(11), nil, AlertsChanged{})
	if known(of, at(9)) {
		t.Error("an event told that it is out of date")
	}
	keep(at(10)) // asked before the event, answered after it
	if known(of, at(9)) {
		t.Error("an answer from before the event is believed")
	}
	keep(at(12))
	if !known(of, at(9)) {
		t.Error("an answer from after the event is not believed")
	}
}

func TestWhatIsNotUsedForLongGoes(t *testing.T) {
	w := open(t)
	w.ok(w.KeepScan(w.ctx, ScanOf{7, "old", "e"}, checks.PatchScan{}, at(0)))
	w.ok(w.KeepCommitScan(w.ctx, 7, "e", checks.CommitScan{SHA: sha("a")}, at(0)))
	w.ok(w.KeepAlerts(w.ctx, AlertsOf{RepoID: 7, Number: 3, Kind: checks.CodeScanning}, checks.Alerts{}, at(0)))
	rows := func() int64 {
		return w.count(`SELECT (SELECT count(*) FROM scans) + (SELECT count(*) FROM commit_scans) + (SELECT count(*) FROM alert_answers)`)
	}
	w.ok(w.Prune(w.ctx, at(0).Add(23*time.Hour)))
	if n := rows(); n != 3 {
		t.Errorf("%d rows within a day, want 3", n)
	}
	w.ok(w.Prune(w.ctx, at(0).Add(scansKept-time.Hour)))
	if n := rows(); n != 2 {
		t.Errorf("%d rows within the time, want 2", n)
	}
	w.ok(w.Prune(w.ctx, at(0).Add(scansKept+time.Hour)))
	if n := rows(); n != 0 {
		t.Errorf("%d rows after it", n)
	}
}

func TestEachLabelIsRememberedByItself(t *testing.T) {
	for _, c := range []struct {
		name    string
		plan    []checks.Action
		outcome []checks.Outcome
		want    [2]bool // the first label, the second
	}{
		{"died while adding", []checks.Action{{Kind: checks.AddLabel, Label: checks.LabelSecurity}}, nil, [2]bool{false, true}},
		{"one comes, one goes", []checks.Action{{Kind: checks.AddLabel, Label: checks.LabelSecurity}, {Kind: checks.RemoveLabel, Label: checks.LabelMet}},
			[]checks.Outcome{{Kind: checks.AddLabel, Name: checks.LabelSecurity}, {Kind: checks.RemoveLabel, Name: checks.LabelMet}}, [2]bool{false, true}},
		{"one fails", []checks.Action{{Kind: checks.AddLabel, Label: checks.LabelSecurity}, {Kind: checks.AddLabel, Label: checks.LabelMet}},
			[]checks.Outcome{{Kind: checks.AddLabel, Name: checks.LabelSecurity, Error: "no"}, {Kind: checks.AddLabel, Name: checks.LabelMet}}, [2]bool{true, false}},
	} {
		w := open(t)
		w.ok(w.Touch(w.ctx, pr(3), Known{}, "test", at(0), at(0)))
		p := pull(3, sha("a"), at(0))
		job := w.look(&p)
		e, err := w.Record(w.ctx, job, record(p, checks.Met, c.plan...), at(0))
		w.ok(err)
		if c.outcome != nil {
			w.ok(w.Posted(w.ctx, job, e.Seq, c.plan, c.outcome, at(0)))
		}
		w.ok(w.Recall(w.ctx, pr(3), &p))
		if got := [2]bool{p.Memory.Labelled, p.Memory.Security.Given}; got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRepairsOfOneLabelAreNoneOfTheOther(t *testing.T) {
	w := open(t)
	w.ok(w.Touch(w.ctx, pr(3), Known{}, "test", at(0), at(0)))
	p := pull(3, sha("a"), at(0))
	job := w.look(&p)
	plan := []checks.Action{{Kind: checks.AddLabel, Label: checks.LabelSecurity, Repair: true}, {Kind: checks.RemoveLabel, Label: checks.LabelMet}}
	e, err := w.Record(w.ctx, job, record(p, checks.Met, plan...), at(0))
	w.ok(err)
	w.ok(w.Posted(w.ctx, job, e.Seq, plan, []checks.Outcome{
		{Kind: checks.AddLabel, Name: checks.LabelSecurity}, {Kind: checks.RemoveLabel, Name: checks.LabelMet},
	}, at(0)))
	w.ok(w.Recall(w.ctx, pr(3), &p))
	if m := p.Memory; len(m.LabelRepairs) != 0 || len(m.Security.Repairs) != 1 {
		t.Errorf("repairs of the first %v, of the second %v", m.LabelRepairs, m.Security.Repairs)
	}
}

func TestAPullRequestThatLacksTheBasesFindingsIsWokenByThem(t *testing.T) {
	for name, c := range map[string]struct {
		found *checks.Findings
		want  bool
	}{
		"not asked for": {nil, false},
		"none":          {&checks.Findings{}, true},
		"nearer soon":   {&checks.Findings{Against: sha("b"), BasePending: true}, true},
		"compared":      {&checks.Findings{Against: sha("b")}, false},
	} {
		p := checks.Pull{Scans: map[string]checks.Scan{"k": {SARIF: c.found}}}
		if lacksBase(&p) != c.want {
			t.Errorf("%s: lacks %v, want %v", name, !c.want, c.want)
		}
	}
}
