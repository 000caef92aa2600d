package checks

import (
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestStale1_AnApprovalOfTheHeadHolds(t *testing.T) {
	for _, kind := range []Staleness{"", StaleContent, StaleHead, StaleNever} {
		expect(t, judged(newScene().approved("bob"), rulesOf(SignOff{Role: "reviewer", Stale: kind})), Met)
	}
}

func TestStale2_TheSameFilesCarryAnApprovalOverAndOtherFilesDoNot(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []string
		want          State
		words         string
	}{
		"amended message":   {[]string{"a", "b"}, []string{"a", "b"}, Met, "carried over from c1: your 2 files are identical"},
		"one file":          {[]string{"a"}, []string{"a"}, Met, "carried over from c1: your 1 file is identical"},
		"another order":     {[]string{"a", "b"}, []string{"b", "a"}, Met, "carried over"},
		"another content":   {[]string{"a=1", "b"}, []string{"a=2", "b"}, Waiting, "a changed"},
		"a new file":        {[]string{"a"}, []string{"a", "+b"}, Waiting, "b is new"},
		"a file less":       {[]string{"a", "b"}, []string{"a"}, Waiting, "b is no longer changed"},
		"deleted since":     {[]string{"a=1"}, []string{"-a=1"}, Waiting, "a changed"},
		"renamed since":     {[]string{"b=1"}, []string{"a->b=1"}, Waiting, "b changed"},
		"many files":        {[]string{"z"}, []string{"a", "b", "c", "d", "e"}, Waiting, "and 3 more"},
		"still all deleted": {[]string{"-a"}, []string{"-a"}, Met, "carried over"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene().files(c.before...).approved("bob").push("c2", "ann", c.after...)
			expect(t, judged(s, rulesOf()), c.want, c.words)
		})
	}
}

func TestStale2_AChangedModeEndsAnApprovalAndIsAskedForOnlyWhenAllElseIsEqual(t *testing.T) {
	s := newScene().approved("bob").push("c2", "ann")
	s.Files[0].Mode = "100755"
	expect(t, judged(s, rulesOf()), Waiting, "src/a.go changed")
	s.Files[0].Mode = "?"
	expect(t, judged(s, rulesOf()), Waiting)
	if w := rulesOf().Wants(s.Pull); !w.None() {
		t.Errorf("asks again for what cannot be read: %+v", w)
	}
	s.Files[0].Mode = ""
	s.Memory.Changes["c1"].Files[0].Mode = ""
	expect(t, judged(s, rulesOf()), Waiting)
	want := map[string][]string{"c1": {"src/a.go"}, "c2": {"src/a.go"}}
	if d := cmp.Diff(want, rulesOf().Wants(s.Pull).Modes); d != "" {
		t.Errorf("asks for modes (-want +got):\n%s", d)
	}
	s.Files[0].SHA = "other"
	if w := rulesOf().Wants(s.Pull); !w.None() {
		t.Errorf("asks for modes of different files: %+v", w)
	}
}

func TestStale2_WhatAnApprovalHasSeenIsAskedForOnceAndNeverGuessed(t *testing.T) {
	s := newScene().approved("bob").push("c2", "ann")
	delete(s.Memory.Changes, "c1")
	expect(t, judged(s, rulesOf()), Waiting, "cannot be compared")
	if d := cmp.Diff([]string{"c1"}, rulesOf().Wants(s.Pull).Changes); d != "" {
		t.Errorf("asks for (-want +got):\n%s", d)
	}
	s.Memory.Changes["c1"] = Change{Base: "main", Files: s.Files}
	expect(t, judged(s, rulesOf()), Waiting)
	if w := rulesOf().Wants(s.Pull); !w.None() {
		t.Errorf("asks again for what is not known in full: %+v", w)
	}
	// A stranger's approval is not worth a question.
	s = newScene().can("eve", "read").approved("eve").push("c2", "ann")
	delete(s.Memory.Changes, "c1")
	if w := rulesOf().Wants(s.Pull); !w.None() {
		t.Errorf("asks for a stranger's sake: %+v", w)
	}
}

func TestStale2_ACutFileListCarriesNothingOver(t *testing.T) {
	s := newScene().approved("bob").push("c2", "ann")
	s.FileCount = 3001
	expect(t, judged(s, rulesOf()), Waiting)
	s = newScene().approved("bob").push("c2", "ann")
	s.FilesRead = false
	expect(t, judged(s, rulesOf()), Waiting)
}

func TestStale3_TheFilesTheCommitsAndWhomToAskAreNamed(t *testing.T) {
	s := newScene().approved("bob").push("c2", "ann", "src/a.go=2").push("c3", "ann", "src/a.go=2", "+src/b.go")
	r := judged(s, rulesOf())
	expect(t, r, Waiting, "bob's approval of c1 is stale: src/a.go changed and src/b.go is new (pushed since: c2 and c3); ask bob again")
	if can := part(r, "review/code-review").Can; len(can) == 0 || can[0] != "@bob" {
		t.Errorf("who can act: %v", can)
	}
}

func TestStale3_AFileWhoseModeWasNotAskedForIsNotNamed(t *testing.T) {
	s := newScene().push("c2", "ann", "src/a.go=2", "+src/b.go").approved("bob").push("c3", "ann", "src/a.go=3", "+src/b.go")
	for i := range s.Files {
		s.Files[i].Mode = ""
	}
	expect(t, judged(s, rulesOf()), Waiting, "bob's approval of c2 is stale: src/a.go changed (pushed since: c3); ask bob again")
}

func TestStale3_AForcePushBackToAnOlderCommitThatNobodyApprovedIsStale(t *testing.T) {
	s := newScene().push("c2", "ann", "src/a.go=2").approved("bob")
	s.push("c1", "ann", "src/a.go=1")
	expect(t, judged(s, rulesOf()), Waiting, "src/a.go changed")
}

func TestStale_PushThenRevertKeepsTheApproval(t *testing.T) {
	s := newScene().approved("bob").push("c2", "ann", "src/a.go=2").push("c3", "ann", "src/a.go")
	expect(t, judged(s, rulesOf()), Met, "carried over from c1")
}

func TestStale_EachRuleLooksOnlyAtItsOwnFiles(t *testing.T) {
	deploy := SignOff{Name: "Infra", Role: "reviewer", When: &Condition{Files: []Glob{"deploy/**"}}}
	s := newScene().files("src/a.go=1", "deploy/x.yaml").owners("/src/ @bob", "/deploy/ @bob").approved("bob").push("c2", "ann", "src/a.go=2", "deploy/x.yaml")
	expect(t, judged(s, rulesOf(deploy)), Met, "carried over from c1: your 1 file is identical")
	expect(t, judged(s, rulesOf()), Waiting)
	expect(t, judged(s, ownersOnly()), Waiting, "1 file (src/a.go) still needs an approval of @bob", "carried over from c1: your 1 file is identical")
	s.push("c3", "ann", "src/a.go=2", "deploy/x.yaml", "+deploy/y.yaml")
	expect(t, judged(s, rulesOf(deploy)), Waiting, "deploy/y.yaml is new")
}

func TestStale_ByHeadAnyPushEndsAnApprovalAndByNeverNone(t *testing.T) {
	s := newScene().approved("bob").push("c2", "ann")
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Stale: StaleHead})), Waiting, "the head is now c2")
	s.push("c3", "ann", "other")
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Stale: StaleNever})), Met)
}

func TestStale_RetargetingEndsApprovalsUnlessTheFilesAreTheSameAgainstTheNewBase(t *testing.T) {
	retargeted := func(specs ...string) *scene {
		s := newScene().approved("bob")
		s.Base.Name, s.BaseChangedAt = "release", noon
		s.Files = filesOf(specs...)
		s.FileCount = len(s.Files)
		return s
	}
	expect(t, judged(retargeted("src/a.go"), rulesOf()), Met, "carried over")
	expect(t, judged(retargeted("src/a.go=2"), rulesOf()), Waiting, "the base branch was changed from main to release", "ask bob again")
	s := retargeted("src/a.go")
	s.Memory.Seen = nil
	expect(t, judged(s, rulesOf()), Waiting, "the base branch was changed since")
	s = retargeted("src/a.go")
	s.remember() // read only against the new base: what bob has seen is not known
	expect(t, judged(s, rulesOf()), Waiting)
	if w := rulesOf().Wants(s.Pull); !w.None() {
		t.Errorf("asks for what a new answer cannot tell: %+v", w)
	}
	s = newScene()
	s.BaseChangedAt = s.clock
	s.approved("bob")
	s.Memory.Seen = nil
	expect(t, judged(s, rulesOf()), Met)
}

func TestAReviewWhoseCommitGitHubForgotIsStale(t *testing.T) {
	s := newScene().approved("bob")
	s.Reviews[0].Commit = ""
	expect(t, judged(s, rulesOf()), Waiting, "not known which commit")
}

func TestFingerprintsAreSetsAndWhatIsUnknownEqualsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		paths := []string{"a", "b", "c", "d"}
		var files []File
		for _, p := range paths[:rapid.IntRange(0, 4).Draw(t, "files")] {
			files = append(files, File{
				Path: p, SHA: rapid.SampledFrom([]string{"1", "2"}).Draw(t, "sha"), Mode: rapid.SampledFrom([]string{"100644", "100755"}).Draw(t, "mode"),
				Status: rapid.SampledFrom([]string{"modified", "added"}).Draw(t, "status"),
			})
		}
		mixed := append([]File(nil), files...)
		r := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if compareFiles(files, mixed, &scope{}) != alike {
			t.Fatalf("%v and %v differ", files, mixed)
		}
		if len(mixed) == 0 {
			return
		}
		i := rapid.IntRange(0, len(mixed)-1).Draw(t, "which")
		f := &mixed[i]
		want := unlike
		switch rapid.IntRange(0, 6).Draw(t, "change") {
		case 0:
			f.SHA += "x"
		case 1:
			f.Mode = "120000"
		case 2:
			f.Status = "removed"
		case 3:
			f.Previous = "old"
		case 4:
			f.Mode = "?"
		case 5:
			mixed = append(mixed[:i], mixed[i+1:]...)
		case 6:
			f.Mode, want = "", unsure
		}
		if got := compareFiles(files, mixed, &scope{}); got != want {
			t.Fatalf("%v and %v: %d, want %d", files, mixed, got, want)
		}
	})
}
