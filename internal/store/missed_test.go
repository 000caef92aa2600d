package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func missedDelivery(n int, event, action string) checks.MissedDelivery {
	return checks.MissedDelivery{ID: int64(n), GUID: fmt.Sprintf("guid-%d", n), Event: event, Action: action, At: at(float64(n))}
}

// due are the GUIDs that are to be asked for.
func (w *world) due(now time.Time) (guids []string) {
	w.t.Helper()
	list, _, err := w.DueMissed(w.ctx, 1, 100, now)
	w.ok(err)
	for _, m := range list {
		guids = append(guids, m.GUID)
	}
	return guids
}

func (w *world) keepMissed(now time.Time, list ...checks.MissedDelivery) int {
	w.t.Helper()
	n, err := w.KeepMissed(w.ctx, 1, list, at(0), now)
	w.ok(err)
	return n
}

func TestAMissedDeliveryIsOnRecordOnceAndForgottenWhenItComes(t *testing.T) {
	w := open(t)
	w.deliver(at(0), nil) // guid-1
	known, lost := missedDelivery(1, "push", ""), missedDelivery(2, "check_run", "requested_action")
	if n := w.keepMissed(at(10), known, lost); n != 1 {
		t.Errorf("%d are missed, want the one that is not here", n)
	}
	newer := lost
	newer.ID, newer.Again = 9, true
	if n := w.keepMissed(at(20), newer); n != 0 {
		t.Errorf("%d more are missed though it is the same", n)
	}
	list, more, err := w.DueMissed(w.ctx, 1, 1, at(20))
	w.ok(err)
	want := []checks.MissedDelivery{{ID: 9, GUID: "guid-2", Event: "check_run", Action: "requested_action", At: at(2)}}
	if diff := cmp.Diff(want, list); diff != "" || more {
		t.Errorf("due (more: %v):\n%s", more, diff)
	}
	if n := w.logged(KindReconciled); n != 1 {
		t.Errorf("the log has %d entries about it", n)
	}
	w.deliver(at(30), nil) // guid-2
	if got := w.due(at(30)); len(got) != 0 {
		t.Errorf("%v is asked for though it came", got)
	}
	w.keepMissed(at(40), newer)
	if n := w.count(`SELECT count(*) FROM missed_deliveries`); n != 0 {
		t.Errorf("%d are remembered", n)
	}
	if got, _, err := w.DueMissed(w.ctx, 2, 9, at(40)); err != nil || len(got) != 0 {
		t.Errorf("another App asks for %v: %v", got, err)
	}
	w.verifies()
}

func TestAMissedDeliveryIsAskedForNineTimesAtMostEachAfterTwiceTheWait(t *testing.T) {
	w := open(t)
	w.keepMissed(at(0), missedDelivery(1, "push", ""))
	var waits []string
	asked := time.Duration(0)
	for now := time.Duration(0); now < 10*24*time.Hour; now += 10 * time.Minute {
		if len(w.due(start.Add(now))) == 0 {
			continue
		}
		w.ok(w.AskForMissed(w.ctx, 1, "guid-1", start.Add(now)))
		waits = append(waits, (now - asked).String())
		asked = now
		w.keepMissed(start.Add(now), missedDelivery(1, "push", "")) // it failed again
	}
	const want = "0s 10m0s 20m0s 40m0s 1h20m0s 2h40m0s 5h20m0s 10h40m0s 21h20m0s"
	if got := strings.Join(waits, " "); got != want {
		t.Errorf("it was asked for after %s, want %s", got, want)
	}
	w.keepMissed(start.Add(15 * 24 * time.Hour))
	if n := w.count(`SELECT count(*) FROM missed_deliveries`); n != 0 {
		t.Errorf("%d are remembered after GitHub has forgotten them", n)
	}
}

func TestWhatCannotBeReadOtherwiseIsAskedForFirst(t *testing.T) {
	w := open(t)
	w.keepMissed(at(0), missedDelivery(1, "push", ""), missedDelivery(2, "star", "created"), missedDelivery(3, "check_run", "requested_action"),
		missedDelivery(4, "deployment_protection_rule", "requested"))
	w.ok(w.AskForMissed(w.ctx, 1, "guid-1", at(0)))
	w.ok(w.GiveUpMissed(w.ctx, 1, "guid-9")) // unknown: nothing
	got := w.due(at(600))
	if diff := cmp.Diff([]string{"guid-3", "guid-4", "guid-2", "guid-1"}, got); diff != "" {
		t.Error(diff)
	}
	if list, more, err := w.DueMissed(w.ctx, 1, 3, at(600)); err != nil || len(list) != 3 || !more {
		t.Errorf("%d of 3 are due, more: %v, %v", len(list), more, err)
	}
	w.ok(w.GiveUpMissed(w.ctx, 1, "guid-4"))
	if got := w.due(at(600)); len(got) != 3 {
		t.Errorf("%v are due though one was given up", got)
	}
}

func TestTheNextLookBeginsWhereTheLastEndedAlsoAfterARestart(t *testing.T) {
	w := open(t)
	if since, known, err := w.DeliveriesSince(w.ctx, 1); err != nil || known || !since.IsZero() {
		t.Errorf("somebody looked until %s: %v %v", since, known, err)
	}
	_, err := w.KeepMissed(w.ctx, 1, nil, time.Time{}, at(0)) // nothing was ever delivered
	w.ok(err)
	if since, known, err := w.DeliveriesSince(w.ctx, 1); err != nil || !known || !since.IsZero() {
		t.Errorf("looked until %s: %v %v", since, known, err)
	}
	for _, until := range []time.Time{at(50), at(40)} {
		_, err := w.KeepMissed(w.ctx, 1, nil, until, at(60))
		w.ok(err)
	}
	w.ok(w.Store.Close())
	w.reopen()
	if since, _, err := w.DeliveriesSince(w.ctx, 1); err != nil || !since.Equal(at(50)) {
		t.Errorf("looked until %s: %v", since, err)
	}
}

func TestAnOlderDatabaseLooksFromItsNewestDeliveryOn(t *testing.T) {
	w := olderDatabase(t,
		`INSERT INTO deliveries (app_id, guid, received, event, action, size, digest) VALUES
			(1, 'a', 2000000, 'push', '', 1, x'00'), (1, 'b', 3000000, 'push', '', 1, x'00')`)
	w.reopen()
	t.Cleanup(func() { w.Store.Close() })
	if since, known, err := w.DeliveriesSince(w.ctx, 1); err != nil || !known || !since.Equal(moment(2400000)) {
		t.Errorf("looks from %s on: %v %v", since, known, err)
	}
	if _, known, err := w.DeliveriesSince(w.ctx, 2); err != nil || known {
		t.Errorf("another App has looked: %v %v", known, err)
	}
}
