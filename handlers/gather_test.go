package handlers

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

func TestNoMoreThanTwoReadReportsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGatherer(nil, Reports{})
		var leave [gatherings]func()
		for i := range leave {
			var err error
			if leave[i], err = g.room.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		if _, err := g.room.enter(t.Context()); !errors.Is(err, errNoRoom) || time.Since(start) != roomWait {
			t.Errorf("one too many: %v after %s", err, time.Since(start))
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := g.room.enter(over); !errors.Is(err, context.Canceled) {
			t.Errorf("one that is not wanted any more: %v", err)
		}
		time.AfterFunc(time.Second, leave[0])
		if _, err := g.room.enter(t.Context()); err != nil {
			t.Errorf("after one has left: %v", err)
		}
	})
}

func TestTheMergeThatARunTestedIsTheLastThatWasSeenByThen(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 1, 12, minute, 0, 0, time.UTC) }
	merge := func(sha string, minute int) checks.TestMerge {
		return checks.TestMerge{SHA: sha, Onto: "onto", Head: "head", Since: at(minute)}
	}
	now := checks.TestMerge{SHA: "now", Onto: "onto", Head: "head"}
	for _, c := range []struct {
		name   string
		seen   []checks.TestMerge
		now    checks.TestMerge
		minute int
		want   string
		moved  int // the minute at which it was retargeted
	}{
		{"none was ever seen", nil, checks.TestMerge{}, 0, "", 0},
		{"only the present one is known", nil, now, 0, "now", 0},
		{"the present one is of another head", nil, checks.TestMerge{SHA: "x", Onto: "onto", Head: "old"}, 0, "", 0},
		{"seen before", []checks.TestMerge{merge("a", 1), merge("b", 5), merge("c", 20)}, now, 10, "b", 0},
		{"seen a little later", []checks.TestMerge{merge("a", 1), merge("b", 11), merge("c", 20)}, now, 10, "b", 0},
		{"all were seen later", []checks.TestMerge{merge("a", 12), merge("b", 20)}, now, 10, "a", 0},
		{"of another head", []checks.TestMerge{{SHA: "x", Onto: "onto", Head: "old", Since: at(1)}}, now, 10, "now", 0},
		{"retargeted after the run", []checks.TestMerge{merge("a", 1), merge("b", 10)}, now, 9, "a", 10},
		{"retargeted after the run, not seen before", []checks.TestMerge{merge("b", 10), merge("c", 11)}, now, 10, "", 10},
		{"retargeted before the run", []checks.TestMerge{merge("a", 1), merge("b", 10), merge("c", 13)}, now, 11, "c", 10},
		{"retargeted before the run, not seen since", []checks.TestMerge{merge("a", 1)}, now, 11, "now", 10},
	} {
		pull := checks.Pull{Head: checks.Ref{SHA: "head"}, Merge: c.now}
		if c.moved > 0 {
			pull.BaseChangedAt = at(c.moved)
		}
		pull.Memory.Merges = c.seen
		k := look{gathering: &gathering{pull: &pull}}
		if m, ok := k.mergeAt(checks.WorkflowRun{Created: at(c.minute)}); m.SHA != c.want && ok || ok != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", c.name, m.SHA, ok, c.want)
		}
	}
}
