package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func spoken(kind checks.ActKind, role checks.RoleName, comment int, when float64) checks.Act {
	return checks.Act{Kind: kind, Role: role, By: quinn, At: at(when), Via: checks.ByComment, Ref: fmt.Sprint(comment), Candidate: sha("c"), Reason: "because"}
}

func TestWhatIsSaidIsKeptOnceInTheOrderOfTheLog(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	w.seen(job, release("v1", sha("a"), at(2)))
	one, two := spoken(checks.ActSign, "qa", 5, 3), spoken(checks.ActSign, "security", 5, 3) // two lines of one comment
	three := spoken(checks.ActAccept, "", 6, 4)
	three.Evidence = "digest of the evidence"
	var all []checks.Act
	for _, acts := range [][]checks.Act{{one, two}, {two, one}, {one, two, three}, {}} {
		var err error
		all, err = w.KeepActs(w.ctx, job, acts, at(10))
		w.ok(err)
	}
	again, err := w.KeepActs(w.ctx, job, all, at(11)) // as they were given back
	w.ok(err)
	if !slices.Equal(all, again) || len(all) != 3 {
		t.Fatalf("kept are %+v, then %+v", all, again)
	}
	for i, want := range []checks.Act{one, two, three} {
		want.Seq = all[i].Seq
		if diff := cmp.Diff(want, all[i]); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
		row, body, err := w.Entry(w.ctx, all[i].Seq)
		w.ok(err)
		var logged checks.Act
		w.ok(json.Unmarshal(body, &logged))
		want.Seq = 0
		if row.Actor.Login != "quinn" || row.Subject != "release/v1" || !cmp.Equal(want, logged) {
			t.Errorf("the log has %+v %s", row, body)
		}
	}
	if a, b := w.logged(KindSigned), w.logged(KindAccepted); a != 2 || b != 1 {
		t.Errorf("%d and %d entries", a, b)
	}
	w.verifies()
}

func TestAnEditedCommentIsMarkedAndStaysAsItWasFirstHeard(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	w.seen(job, release("v1", sha("a"), at(2)))
	first, err := w.KeepActs(w.ctx, job, []checks.Act{spoken(checks.ActSign, "qa", 5, 3)}, at(4))
	w.ok(err)
	edited := spoken(checks.ActSign, "qa", 5, 3)
	edited.Edited, edited.Reason, edited.Candidate = true, "another", sha("d")
	for range 2 {
		all, err := w.KeepActs(w.ctx, job, []checks.Act{edited}, at(5))
		w.ok(err)
		want := first[0]
		want.Edited = true
		if len(all) != 1 || all[0] != want {
			t.Errorf("it is %+v", all)
		}
	}
	unedited := spoken(checks.ActSign, "qa", 5, 3) // as an answer from before tells it
	all, err := w.KeepActs(w.ctx, job, []checks.Act{unedited}, at(6))
	w.ok(err)
	if !all[0].Edited || w.logged(KindActEdited) != 1 {
		t.Errorf("edited is %v, with %d entries", all[0].Edited, w.logged(KindActEdited))
	}
}

func TestAPressOfAButtonIsAnActOfItsCandidateAlsoOfAnOldOne(t *testing.T) {
	w := open(t)
	w.releasing()
	job := w.put("v1", sha("a"), 0)
	old := w.seen(job, release("v1", sha("a"), at(2)))
	moved := w.seen(job, release("v1", sha("b"), at(3)))
	w.finish(job, FinishInfo{}, at(3))
	other := w.put("v2", sha("a"), 4)
	annotated := release("v2", sha("a"), at(6))
	annotated.Tag.OID, annotated.Tag.Annotated = sha("2"), true
	w.seen(other, annotated)
	w.finish(other, FinishInfo{}, at(6))
	press := func(head, identifier, name string, when float64) {
		w.deliver(at(when), nil, ButtonPressed{Run: 900, Name: name, Head: head, Identifier: identifier, By: quinn, At: at(when)})
	}
	press(sha("b"), "sign:"+moved[:12], checks.RunStagePrefix+"production", 10)
	press(sha("a"), "reject:"+old[:12], checks.RunStagePrefix+"production", 11) // v1's, though v2 is newer there
	press(sha("b"), "promote:"+moved[:12], checks.RunRelease, 12)
	press(sha("a"), "sign:ffffffffffff", checks.RunStagePrefix+"qa", 13)  // nobody's: the newest at the commit
	press(sha("c"), "sign:"+moved[:12], checks.RunStagePrefix+"qa", 14)   // no release at that commit
	press(sha("b"), "delete:"+moved[:12], checks.RunStagePrefix+"qa", 15) // no such button
	press(sha("b"), "", checks.RunStagePrefix+"qa", 16)
	one, two := w.knows(release("v1", sha("b"), at(20))).Acts, w.knows(release("v2", sha("a"), at(20))).Acts
	want := []checks.Act{
		{Kind: checks.ActSign, Stage: "production", By: quinn, At: at(10), Via: checks.ByButton, Ref: "900", Candidate: moved[:12]},
		{Kind: checks.ActReject, Stage: "production", By: quinn, At: at(11), Via: checks.ByButton, Ref: "900", Candidate: old[:12]},
		{Kind: checks.ActPromote, By: quinn, At: at(12), Via: checks.ByButton, Ref: "900", Candidate: moved[:12]},
	}
	for i := range one {
		one[i].Seq = 0
	}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Errorf("of v1: %s", diff)
	}
	if len(two) != 1 || two[0].Stage != "qa" || two[0].Candidate != "ffffffffffff" {
		t.Errorf("of v2: %+v", two)
	}
	w.verifies()
}

func TestWhatIsDoneByTheCommandLineIsOnRecordAndMakesTheReleaseDue(t *testing.T) {
	w := open(t)
	w.releasing()
	act := checks.Act{Kind: checks.ActReject, By: quinn, At: at(5), Via: checks.ByCommand, Candidate: sha("c"), Reason: "it does not start"}
	if _, err := w.Act(w.ctx, rel("v1"), act, "command", at(5)); !errors.Is(err, ErrUnknown) {
		t.Errorf("about a release that nobody knows: %v", err)
	}
	job := w.put("v1", sha("a"), 6)
	w.seen(job, release("v1", sha("a"), at(7)))
	w.finish(job, FinishInfo{}, at(8))
	first, err := w.Act(w.ctx, rel("v1"), act, "command", at(10))
	w.ok(err)
	w.finish(w.claimRelease("v1", 11), FinishInfo{}, at(11))
	second, err := w.Act(w.ctx, rel("v1"), act, "command", at(12))
	w.ok(err)
	if first.Seq == 0 || second.Seq == first.Seq {
		t.Errorf("said twice it is entry %d and entry %d", first.Seq, second.Seq)
	}
	act.Ref = "key-of-the-request"
	third, err := w.Act(w.ctx, rel("v1"), act, "command", at(13))
	w.ok(err)
	again, err := w.Act(w.ctx, rel("v1"), act, "command", at(14))
	w.ok(err)
	if third.Seq != again.Seq || w.logged(KindRejected) != 3 {
		t.Errorf("a request that is sent again is entry %d and entry %d, of %d", third.Seq, again.Seq, w.logged(KindRejected))
	}
	act.Kind = "dance"
	if _, err := w.Act(w.ctx, rel("v1"), act, "command", at(15)); err == nil {
		t.Error("what is no act is kept")
	}
}
