package store

import (
	"errors"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

var root = checks.Actor{Login: "root", ID: 1}

// bypassed is the merge of #1 while it was not met.
func bypassed() (Merge, *Opening) {
	m := Merge{At: at(1), By: root, Head: sha("a"), Base: "main", Commit: sha("b"), Enforced: true, How: "it was not met"}
	return m, &Opening{Kind: FindingBypass, Fact: "1 " + sha("a"), Source: "guid", Detail: FindingDetail{What: "root merged #1", By: root, Pull: 1, Late: true}}
}

func (w *world) findings() (open, all int64) {
	w.t.Helper()
	return w.count(`SELECT count(*) FROM findings WHERE closed = 0`), w.count(`SELECT count(*) FROM findings`)
}

func (w *world) logged(kind Kind) int64 {
	w.t.Helper()
	return w.count(`SELECT count(*) FROM entries WHERE kind = ?`, string(kind))
}

func TestAMergeAndItsFindingAreWrittenTogetherAndOnceAlsoAfterARestart(t *testing.T) {
	w := open(t)
	w.ok(w.Touch(w.ctx, pr(1), Known{}, "test", at(0), at(0)))
	job := w.claim(at(1))
	m, o := bypassed()
	if _, err := w.RecordMerge(w.ctx, job, m, o, at(90)); !errors.Is(err, ErrLost) {
		t.Fatalf("without its lease it says %v", err)
	}
	if _, all := w.findings(); all != 0 || w.logged(KindMerged) != 0 {
		t.Fatal("something of it was written without the lease")
	}
	job = w.claim(at(100))
	for i := range 3 {
		id, err := w.RecordMerge(w.ctx, job, m, o, at(101))
		w.ok(err)
		if (id == 1) != (i == 0) {
			t.Errorf("time %d it opened %d", i, id)
		}
		w.ok(w.Close())
		w.reopen()
	}
	if open, all := w.findings(); open != 1 || all != 1 || w.logged(KindMerged) != 1 || w.logged(KindBypass) != 1 {
		t.Errorf("%d of %d findings are open, %d and %d entries", open, all, w.logged(KindMerged), w.logged(KindBypass))
	}
	got, found, err := w.Merged(w.ctx, pr(1))
	if err != nil || !found || !got.Enforced {
		t.Errorf("%+v %v %v", got, found, err)
	}
	w.verifies()
}

func TestAClosedFindingIsClosedOnceOnRecordAndTheSameFactOpensNoOther(t *testing.T) {
	w := open(t)
	w.ok(w.Touch(w.ctx, pr(1), Known{}, "test", at(0), at(0)))
	job := w.claim(at(1))
	_, o := bypassed()
	id, err := w.OpenFinding(w.ctx, job, *o, at(1))
	w.ok(err)
	olga := checks.Actor{Login: "olga", ID: 9}
	for name, c := range map[string]Closing{
		"nobody":             {ID: id, Reason: "agreed"},
		"no reason":          {ID: id, By: olga, Reason: " \n"},
		"another one":        {ID: id + 1, By: olga, Reason: "agreed"},
		"another's":          {ID: id, By: olga, Reason: "agreed", Subject: pr(2)},
		"another repository": {ID: id, By: olga, Reason: "agreed", Subject: checks.Subject{RepoID: 8, Number: 1}},
	} {
		if _, err := w.CloseFinding(w.ctx, c, at(2)); err == nil {
			t.Errorf("%s: it was closed", name)
		}
	}
	f, err := w.CloseFinding(w.ctx, Closing{ID: id, By: olga, Reason: "agreed", Source: "command", Subject: pr(1)}, at(3))
	w.ok(err)
	row, body, err := w.Entry(w.ctx, f.ClosedEntry)
	w.ok(err)
	if row.Kind != KindBypass || row.Actor != olga || row.Subject != "pull/1" || string(body) != `{"finding":1,"kind":"bypass","closed":true,"reason":"agreed"}` {
		t.Errorf("the log has %+v %s", row, body)
	}
	if _, err := w.CloseFinding(w.ctx, Closing{ID: id, By: olga, Reason: "again"}, at(4)); !errors.Is(err, ErrNoFinding) {
		t.Errorf("closing it again says %v", err)
	}
	if again, err := w.OpenFinding(w.ctx, job, *o, at(5)); err != nil || again != 0 {
		t.Errorf("it was opened again as %d, %v", again, err)
	}
	if open, err := w.OpenFindings(w.ctx); err != nil || len(open) != len(FindingKinds) || open[FindingBypass] != 0 {
		t.Errorf("open are %v, %v", open, err)
	}
	w.verifies()
}

// branchJob is a look at main.
func branchJob(w *world) Job {
	w.t.Helper()
	main := checks.Subject{Installation: installation, RepoID: acme.ID, Owner: acme.Owner, Repo: acme.Name, Kind: checks.KindBranch, Name: "main"}
	w.ok(w.Touch(w.ctx, main, Known{}, "test", at(0), at(0)))
	return w.claim(at(1))
}

func push(fact string, past bool, commits ...string) Opening {
	return Opening{Kind: FindingPush, Fact: "main " + fact, Past: past, Detail: FindingDetail{What: "pushed", Branch: "main", Commits: commits}}
}

func TestCommitsThatAFindingIsAboutAreNoneOfAnothers(t *testing.T) {
	w := open(t)
	job := branchJob(w)
	see := func(o ...Opening) []int64 {
		opened, err := w.SeeBranch(w.ctx, job, BranchSeen{Now: Branch{Name: "main", SHA: sha("a"), Protection: ProtectionNone}, At: at(1), Findings: o}, at(1))
		w.ok(err)
		return opened
	}
	if got := see(push("2", false, "2", "1")); len(got) != 1 {
		t.Fatalf("opened %v", got)
	}
	if got := see(push("1", false, "1"), push("21", false, "2", "1")); len(got) != 0 {
		t.Errorf("opened %v for known commits", got)
	}
	got := see(push("3", false, "3", "2", "1"))
	if len(got) != 1 {
		t.Fatalf("opened %v for a new commit", got)
	}
	if f, err := w.Finding(w.ctx, got[0]); err != nil || len(f.Detail.Commits) != 1 || f.Detail.Commits[0] != "3" {
		t.Errorf("it is about %+v, %v", f.Detail, err)
	}
}

func TestALateEventIsTheFindingThatTheSweepMadeAndNotTheNext(t *testing.T) {
	w := open(t)
	job := branchJob(w)
	force := func(fact string, late, past bool) int {
		o := Opening{Kind: FindingForce, Fact: fact, Past: past, Detail: FindingDetail{What: "forced", Branch: "main", Late: late}}
		opened, err := w.SeeBranch(w.ctx, job, BranchSeen{Now: Branch{Name: "main", SHA: sha("a"), Protection: ProtectionNone}, At: at(1), Findings: []Opening{o}}, at(1))
		w.ok(err)
		return len(opened)
	}
	if n := force("swept", true, false); n != 1 {
		t.Fatalf("opened %d", n)
	}
	if n := force("its event", false, true); n != 0 {
		t.Error("its own event became a finding")
	}
	if n := force("another event", false, true); n != 1 {
		t.Error("an event about something else was taken for it")
	}
	if n := force("now", false, false); n != 1 {
		t.Error("a new one was taken for an old one")
	}
}

func TestMovesAreKeptOnlyOfRefsThatAreWatched(t *testing.T) {
	w := open(t)
	repo := acme
	repo.DefaultBranch = "main"
	send := func(f RefMoved) {
		w.n++
		d := Delivery{AppID: 1, GUID: "push-" + string(rune('a'+w.n)), Event: "push", Body: []byte("{}"), ReceivedAt: at(1), Installation: installation, Repo: repo, Facts: []Fact{f}}
		if _, err := w.Receive(w.ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	moves := func(ref string) int {
		all, err := w.RefMoves(w.ctx, acme.ID, ref)
		w.ok(err)
		return len(all)
	}
	send(RefMoved{Ref: "heads/main", Before: sha("a"), After: sha("b"), By: root})
	send(RefMoved{Ref: "heads/topic", Before: sha("a"), After: sha("b"), By: root})
	send(RefMoved{Ref: "tags/v1", Before: sha("a"), After: sha("b"), By: root})
	if moves("heads/main") != 1 || moves("heads/topic") != 0 || moves("tags/") != 0 || w.logged(KindRefMoved) != 1 {
		t.Error("what is not known yet is not the default branch alone")
	}
	job := branchJob(w)
	_, err := w.SeeBranch(w.ctx, job, BranchSeen{Now: Branch{Name: "main", SHA: sha("b"), Protection: ProtectionNone}, At: at(1),
		Watching: &Watching{Default: "main", Branches: []string{"release/*"}, Tags: []string{"v*"}}}, at(1))
	w.ok(err)
	for _, ref := range []string{"heads/main", "heads/release/1", "heads/topic", "tags/v1"} {
		send(RefMoved{Ref: ref, Before: sha("a"), After: sha("b"), By: root})
	}
	send(RefMoved{Ref: "heads/main", Before: sha("a"), After: sha("b"), By: root, Anyhow: true})
	if moves("heads/main") != 2 || moves("heads/release/1") != 1 || moves("heads/topic") != 0 || moves("tags/") != 1 {
		t.Errorf("main %d, release %d, topic %d, tags %d", moves("heads/main"), moves("heads/release/1"), moves("heads/topic"), moves("tags/"))
	}
}
