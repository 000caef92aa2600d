package store

import (
	"slices"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

func (w *world) candidates(r checks.Release) (list []checks.PastCandidate) {
	w.t.Helper()
	return w.knows(r).Memory.Candidates
}

func TestACandidateIsKeptOnceAndAnotherOneVoidsItOnRecord(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	one := release("v1", sha("a"), at(2))
	first := w.seen(job, one)
	for range 3 {
		w.seen(job, one)
	}
	if w.logged(KindReleaseCandidate) != 1 || w.logged(KindReleaseVoid) != 0 {
		t.Errorf("seen four times it has %d and %d entries", w.logged(KindReleaseCandidate), w.logged(KindReleaseVoid))
	}
	w.ok(w.ShownCandidate(w.ctx, job, first, at(3), at(3)))
	w.ok(w.ShownCandidate(w.ctx, job, first, at(9), at(9)))
	moved := release("v1", sha("b"), at(10))
	second := w.seen(job, moved)
	list := w.candidates(moved)
	if len(list) != 2 || list[0].Digest != first || list[1].Digest != second {
		t.Fatalf("the candidates are %+v", list)
	}
	if c := list[0]; !c.Shown.Equal(at(3)) || !c.Ended.Equal(at(10)) || c.Why != "The tag was moved." || c.Commit != sha("a") || !c.Since.Equal(at(2)) {
		t.Errorf("the first is %+v", c)
	}
	if c := list[1]; !c.Ended.IsZero() || !c.Shown.IsZero() || c.Commit != sha("b") {
		t.Errorf("the second is %+v", c)
	}
	w.ok(w.ShownCandidate(w.ctx, job, first, at(11), at(11))) // came late: it is over
	if c := w.candidates(moved)[0]; !c.Shown.Equal(at(3)) {
		t.Errorf("a candidate that is over was shown at %s", c.Shown)
	}
	w.ok(w.SeeCandidate(w.ctx, job, checks.PastCandidate{}, "", at(12)))
	list = w.candidates(moved)
	if c := list[1]; c.Ended.IsZero() || c.Why == "" || len(list) != 2 {
		t.Errorf("ended without another it is %+v", list)
	}
	if w.logged(KindReleaseVoid) != 2 {
		t.Errorf("%d entries say that one is void", w.logged(KindReleaseVoid))
	}
	w.verifies()
}

func TestATagThatIsDeletedAndMadeAgainAtTheSameCommitIsAnotherCandidate(t *testing.T) {
	for name, events := range map[string][]Fact{
		"in order":        {TagDeleted{Name: "v1", OID: sha("a"), By: quinn, At: at(10)}, TagPut{Name: "v1", OID: sha("a"), By: quinn, At: at(11)}},
		"the other order": {TagPut{Name: "v1", OID: sha("a"), By: quinn, At: at(11)}, TagDeleted{Name: "v1", OID: sha("a"), By: quinn, At: at(10)}},
		"doubled": {TagDeleted{Name: "v1", OID: sha("a"), By: quinn, At: at(10)}, TagPut{Name: "v1", OID: sha("a"), By: quinn, At: at(11)},
			TagDeleted{Name: "v1", OID: sha("a"), By: quinn, At: at(10)}},
		"no object told": {TagDeleted{Name: "v1", By: quinn, At: at(10)}},
	} {
		w := open(t)
		w.releasing()
		job := w.put("v1", sha("a"), 0)
		r := release("v1", sha("a"), at(2))
		digest := w.seen(job, r)
		w.finish(job, FinishInfo{}, at(3))
		for i, fact := range events {
			w.deliver(at(float64(10+i)), []Touch{{Kind: checks.KindRelease, Name: "v1"}}, fact)
		}
		job = w.claimRelease("v1", 20)
		r.At = at(20)
		w.seen(job, r)
		list := w.candidates(r)
		if len(list) != 2 || list[0].Digest != digest || list[1].Digest != digest || list[0].Ended.IsZero() || !list[1].Ended.IsZero() {
			t.Errorf("%s: the candidates are %+v", name, list)
		}
		if list[0].Why != "quinn deleted the tag." || w.logged(KindReleaseVoid) != 1 {
			t.Errorf("%s: it ended since %q, with %d entries", name, list[0].Why, w.logged(KindReleaseVoid))
		}
	}
}

func TestADeletionOfWhereTheTagIsNoMoreEndsNothing(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("b"), 0)
	r := release("v1", sha("b"), at(2))
	w.seen(job, r)
	w.deliver(at(5), nil, TagDeleted{Name: "v1", OID: sha("a"), By: quinn, At: at(1)}, TagDeleted{Name: "v9", OID: sha("a"), By: quinn, At: at(1)})
	if list := w.candidates(r); len(list) != 1 || !list[0].Ended.IsZero() {
		t.Errorf("the candidates are %+v", list)
	}
}

func TestWhoPutATagWhereItIsIsToldByItsObject(t *testing.T) {
	w := open(t)
	w.releasing()
	put := func(oid string, by checks.Actor, when float64) {
		w.deliver(at(when), nil, TagPut{Name: "v1", OID: oid, Commit: sha("a"), By: by, At: at(when)})
	}
	put(sha("1"), rosa, 0)
	put(sha("2"), quinn, 1)
	put(sha("1"), quinn, 2)
	put(sha("3"), rosa, 3)
	w.deliver(at(4), nil, TagDeleted{Name: "v1", OID: sha("3"), By: rosa, At: at(4)})
	for oid, want := range map[string]checks.Actor{sha("1"): quinn, sha("2"): quinn, sha("3"): rosa, sha("4"): {}, "": {}} {
		k, err := w.ReleaseKnown(w.ctx, rel("v1"), sha("a"), oid)
		w.ok(err)
		if k.Pusher != want || !k.Heard.Equal(at(4)) || k.HeardOID != "" {
			t.Errorf("at %.3s it was put by %q, heard last %s %q", oid, k.Pusher.Login, k.Heard, k.HeardOID)
		}
	}
	if k, err := w.ReleaseKnown(w.ctx, rel("v2"), sha("a"), sha("1")); err != nil || k.Pusher.Login != "" || !k.Heard.IsZero() || slices.Contains([]bool{k.Memory.Emergency}, true) {
		t.Errorf("of another tag is known %+v %v", k, err)
	}
}
