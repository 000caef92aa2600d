package store

import (
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

func group(name string) checks.Subject {
	s := pr(0)
	s.Kind, s.Name = checks.KindGroup, name
	return s
}

func TestASubjectThatIsNoPullRequestTakesTheSameRoad(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Kind: checks.KindGroup, Name: "main/pr-7", At: sha("a")}})
	w.deliver(at(0), []Touch{{Kind: checks.KindBranch, Name: "main", Anyhow: true}})
	w.deliver(at(0), []Touch{{Kind: checks.KindGroup, Name: "main/pr-7", At: sha("b")}})
	first, second := w.claim(at(1)), w.claim(at(1))
	w.idle(at(1))
	if first.Subject.Kind != checks.KindGroup || first.Subject.Name != "main/pr-7" || first.Head != sha("b") || first.Gen != 2 {
		t.Errorf("claimed %+v", first)
	}
	if second.Subject.Kind != checks.KindBranch || second.Subject.Name != "main" || second.Subject.Number == first.Subject.Number {
		t.Errorf("claimed %+v", second)
	}
	entry, err := w.Append(w.ctx, Append{Kind: KindReconciled, Subject: first.Subject, Source: "test"}, at(1))
	w.ok(err)
	row, _, err := w.Entry(w.ctx, entry.Seq)
	w.ok(err)
	if row.Subject != "group/main/pr-7" {
		t.Errorf("the log calls it %q", row.Subject)
	}
	w.finish(first, FinishInfo{}, at(2))
	w.finish(second, FinishInfo{}, at(2))
	w.idle(at(100))
	w.ok(w.Touch(w.ctx, group("main/pr-7"), Known{}, "sweep", at(101), at(100)))
	if again := w.claim(at(102)); again.Subject.Number != first.Subject.Number {
		t.Errorf("claimed %+v, which was %+v", again.Subject, first.Subject)
	}
}

// What is done to all open pull requests must not reach other subjects.
func TestWhateverLooksForOpenPullRequestsPassesOthersOver(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Kind: checks.KindGroup, Name: "main/pr-7", At: sha("a")}})
	w.finish(w.claim(at(1)), FinishInfo{}, at(1))
	w.deliver(at(2), []Touch{{Repo: true}, {Head: sha("a")}, {Owner: "acme"}, {Installation: true}})
	w.ok(w.CloseOthers(w.ctx, pr(1).RepoID, map[int]bool{}, at(3)))
	w.idle(at(100))
	glances, err := w.Glances(w.ctx, pr(1).RepoID)
	w.ok(err)
	if len(glances) != 0 {
		t.Errorf("open are %v", glances)
	}
}
