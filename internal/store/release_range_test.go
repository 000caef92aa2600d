package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// grown are n commits, each of one of a few people.
func grown(n, from int) []checks.RangeCommit {
	out := make([]checks.RangeCommit, n)
	for i := range out {
		k := from + i
		out[i] = checks.RangeCommit{
			SHA: fmt.Sprintf("%040x", k), Subject: fmt.Sprintf("Sell thing %d", k),
			People: []checks.Actor{{Login: fmt.Sprint("person", k%40), ID: int64(k % 40)}}, Nameless: k%10 == 0,
		}
	}
	return out
}

func mapped(commits []checks.RangeCommit) map[string]checks.RangeCommit {
	out := map[string]checks.RangeCommit{}
	for i, c := range commits {
		n := i*2/5 + 1
		out[c.SHA] = checks.RangeCommit{SHA: c.SHA, Pulls: []checks.RangePull{{
			Number: n, RepoID: acme.ID, Title: fmt.Sprintf("Sell more of %d", n), Author: checks.Actor{Login: "ann", ID: 5}, Base: "main", Merged: true,
			MergeCommit: fmt.Sprintf("%040x", n), MergedAt: at(float64(n)),
		}}}
	}
	return out
}

func (w *world) progress(base, head string) RangeProgress {
	w.t.Helper()
	p, err := w.Range(w.ctx, acme.ID, base, head)
	w.ok(err)
	return p
}

func TestARangeGoesOnWhereItWasAfterACrash(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	base, head := sha("b"), sha("a")
	if p := w.progress(base, head); p != (RangeProgress{NextPage: 1}) {
		t.Errorf("nothing of it is known, and it is %+v", p)
	}
	all := grown(250, 0)
	for i, c := range []struct{ from, to, next int }{{0, 100, 2}, {100, 200, 3}, {100, 200, 3}, {200, 250, 0}} {
		w.ok(w.KeepRangePage(w.ctx, job, base, head, 250, c.next, all[c.from:c.to], at(2)))
		w.ok(w.Close())
		w.reopen()
		if p := w.progress(base, head); p.Listed != c.to || p.NextPage != c.next || p.Total != 250 || p.Whole || p.Mapped != 0 {
			t.Errorf("after page %d it is %+v", i, p)
		}
	}
	found := mapped(all)
	for rounds := 0; ; rounds++ {
		left, err := w.UnmappedCommits(w.ctx, acme.ID, base, head, 90)
		w.ok(err)
		if len(left) == 0 {
			if rounds != 3 {
				t.Errorf("it took %d rounds", rounds)
			}
			break
		}
		some := map[string]checks.RangeCommit{}
		for _, sha := range left {
			some[sha] = found[sha]
		}
		w.ok(w.KeepRangePulls(w.ctx, job, base, head, some, at(3)))
	}
	if p := w.progress(base, head); !p.Whole || p.Mapped != 250 {
		t.Errorf("in the end it is %+v", p)
	}
	want := slices.Clone(all)
	for i := range want {
		want[i].Pulls = found[want[i].SHA].Pulls
	}
	got, err := w.RangeCommits(w.ctx, acme.ID, base, head)
	w.ok(err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhoWorkedOnACommitIsWhoTheSecondAnswerSays(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	ann, bob := checks.Actor{Login: "ann", ID: 5}, checks.Actor{Login: "bob", ID: 6, Bot: true}
	commits := []checks.RangeCommit{{SHA: sha("1"), People: []checks.Actor{ann}}, {SHA: sha("2"), Nameless: true}, {SHA: sha("3"), People: []checks.Actor{ann}}}
	w.ok(w.KeepRangePage(w.ctx, job, "", sha("a"), 3, 0, commits, at(2)))
	w.ok(w.KeepRangePulls(w.ctx, job, "", sha("a"), map[string]checks.RangeCommit{
		sha("1"): {People: []checks.Actor{ann, bob}}, sha("2"): {People: []checks.Actor{bob}, Pulls: []checks.RangePull{{Number: 7}, {Number: 7, RepoID: 8}}, Cut: true}, sha("3"): {},
	}, at(3)))
	got, err := w.RangeCommits(w.ctx, acme.ID, "", sha("a"))
	w.ok(err)
	want := []checks.RangeCommit{
		{SHA: sha("1"), People: []checks.Actor{ann, bob}},
		{SHA: sha("2"), People: []checks.Actor{bob}, Pulls: []checks.RangePull{{Number: 7}, {Number: 7, RepoID: 8}}, Cut: true},
		{SHA: sha("3"), People: []checks.Actor{ann}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnOldRangeGoesWhenAnotherOfItsReleaseIsWhole(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	one, two := grown(3, 0), grown(2, 100)
	w.ok(w.KeepRangePage(w.ctx, job, sha("b"), sha("a"), 3, 0, one, at(2)))
	w.ok(w.KeepRangePulls(w.ctx, job, sha("b"), sha("a"), mapped(one), at(2)))
	w.ok(w.KeepRangePage(w.ctx, job, sha("b"), sha("c"), 2, 0, two, at(3)))
	if p := w.progress(sha("b"), sha("a")); !p.Whole {
		t.Error("it goes before the other is whole")
	}
	w.ok(w.KeepRangePulls(w.ctx, job, sha("b"), sha("c"), mapped(two), at(3)))
	if p := w.progress(sha("b"), sha("a")); p.Listed != 0 {
		t.Error("the old range is there still")
	}
	if n := w.count(`SELECT count(*) FROM range_commits`); n != 2 {
		t.Errorf("%d commits are kept", n)
	}
	if n := w.count(`SELECT count(*) FROM range_pulls`); n != 1 {
		t.Errorf("%d pull requests are kept", n)
	}
}

func TestHowCommitsStandToEachOtherIsAskedOnce(t *testing.T) {
	w := open(t)
	w.ok(w.KeepRelation(w.ctx, acme.ID, sha("b"), sha("a"), checks.Relation{Known: true, Ahead: 7, Base: sha("0"), New: []string{sha("9")}}, at(0)))
	w.ok(w.KeepRelation(w.ctx, acme.ID, sha("c"), sha("a"), checks.Relation{}, at(0)))
	w.ok(w.KeepRelation(w.ctx, acme.ID, sha("a"), sha("d"), checks.Relation{Known: true}, at(0)))
	got, err := w.Relations(w.ctx, acme.ID, sha("a"))
	w.ok(err)
	want := map[string]checks.Relation{sha("b"): {Known: true, Ahead: 7, Base: sha("0")}, sha("c"): {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAReleaseBringsIsOnRecordOnceWithTheWholeList(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	w.seen(job, release("v1", sha("a"), at(2)))
	if _, _, _, err := w.BroughtIn(w.ctx, "acme/shop", "v1", BroughtFilter{}); !errors.Is(err, ErrNoEvidence) {
		t.Errorf("before anything is: %v", err)
	}
	brought := []checks.Brought{
		{Number: 1, State: checks.EvidenceMet, Commits: []string{sha("1")}}, {Number: 2, State: checks.EvidenceOverridden, Why: "root: it burns"},
		{Number: 3, State: checks.EvidenceUnknown}, {Commits: []string{sha("4")}, State: checks.EvidenceNoPull},
	}
	e := checks.ReleaseEvidence{Digest: "d1", Total: 4, Gathered: 4, Done: true, Head: sha("a")}
	first, err := w.KeepEvidence(w.ctx, job, e, brought, at(3))
	w.ok(err)
	again, err := w.KeepEvidence(w.ctx, job, e, brought, at(4))
	w.ok(err)
	if again != first || w.logged(KindReleaseEvidence) != 1 {
		t.Errorf("it is entry %d, then %d", first, again)
	}
	for name, c := range map[string]struct {
		f    BroughtFilter
		want int
	}{"all": {want: 4}, "odd": {f: BroughtFilter{Odd: true}, want: 3}, "unknown": {f: BroughtFilter{Any: true}, want: 1},
		"overridden": {f: BroughtFilter{Any: true, State: checks.EvidenceOverridden}, want: 1}} {
		got, list, seq, err := w.BroughtIn(w.ctx, "acme/shop", "v1", c.f)
		if err != nil || len(list) != c.want || seq != first || got.Total != 4 || got.Seq != first {
			t.Errorf("%s: %+v %+v %d %v", name, got, list, seq, err)
		}
	}
	e.Digest = "d2"
	second, err := w.KeepEvidence(w.ctx, job, e, brought[:1], at(5))
	w.ok(err)
	if _, list, seq, err := w.BroughtIn(w.ctx, "acme/shop", "v1", BroughtFilter{}); err != nil || seq != second || len(list) != 1 {
		t.Errorf("after another it is %+v of %d %v", list, seq, err)
	}
	if n := w.count(`SELECT count(*) FROM release_pulls`); n != 1 {
		t.Errorf("%d pull requests are said to be in it", n)
	}
	_, err = w.Expunge(w.ctx, second, root, "the law", at(6))
	w.ok(err)
	if _, _, _, err := w.BroughtIn(w.ctx, "acme/shop", "v1", BroughtFilter{}); !errors.Is(err, ErrExpunged) {
		t.Errorf("expunged: %v", err)
	}
	e.Digest = ""
	if _, err := w.KeepEvidence(w.ctx, job, e, nil, at(7)); err == nil {
		t.Error("what has no digest is kept")
	}
}

func TestOfAPromotedReleaseIsToldWhatWasKnownWhenItWas(t *testing.T) {
	w := open(t)
	job, r, digest, acts := w.approved("v1")
	seq, err := w.KeepEvidence(w.ctx, job, checks.ReleaseEvidence{Digest: "d1"}, []checks.Brought{{Number: 1}}, at(5))
	w.ok(err)
	v := promotion(r, digest, acts)
	v.Decision.Evidence.Seq = seq
	_, err = w.Record(w.ctx, job, v, at(6))
	w.ok(err)
	_, err = w.KeepEvidence(w.ctx, job, checks.ReleaseEvidence{Digest: "d2"}, []checks.Brought{{Number: 1}, {Number: 2}}, at(7))
	w.ok(err)
	if _, list, at, err := w.BroughtIn(w.ctx, "acme/shop", "v1", BroughtFilter{}); err != nil || at != seq || len(list) != 1 {
		t.Errorf("it brings %+v by %d: %v", list, at, err)
	}
}

// BenchmarkRangeCommits reads 5,000 commits of 2,000 pull requests. Goal: under 50 ms.
func BenchmarkRangeCommits(b *testing.B) {
	w := open(b)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	all := grown(5000, 0)
	for page := range slices.Chunk(all, 100) {
		w.ok(w.KeepRangePage(w.ctx, job, sha("b"), sha("a"), 5000, 1, page, at(2)))
	}
	w.ok(w.KeepRangePulls(w.ctx, job, sha("b"), sha("a"), mapped(all), at(3)))
	b.ReportAllocs()
	for b.Loop() {
		got, err := w.RangeCommits(w.ctx, acme.ID, sha("b"), sha("a"))
		w.ok(err)
		if len(got) != 5000 || got[4999].Pulls[0].Number != 2000 {
			b.Fatal(len(got))
		}
	}
}

func TestWhatAReleaseBringsIsThereSinceItBroughtSomethingElse(t *testing.T) {
	w := open(t)
	job, _, _, _ := w.approved("v1")
	for i, step := range []struct {
		digest string
		want   float64 // seconds
	}{{"d1", 10}, {"d1", 10}, {"d2", 12}, {"d2", 12}, {"d1", 14}, {"d1", 14}} {
		e := checks.ReleaseEvidence{Digest: step.digest, Since: at(float64(10 + i))}
		_, err := w.KeepEvidence(w.ctx, job, e, nil, at(1))
		w.ok(err)
		if got, err := w.EvidenceSince(w.ctx, job.Subject, step.digest); err != nil || !got.Equal(at(step.want)) {
			t.Errorf("step %d: %s is there since %v, want %v: %v", i, step.digest, got, at(step.want), err)
		}
	}
	if got, err := w.EvidenceSince(w.ctx, job.Subject, "d3"); err != nil || !got.IsZero() {
		t.Errorf("what was never brought is there since %v: %v", got, err)
	}
}
