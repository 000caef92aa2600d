package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// mergedWith has a pull request judged in a state, and merged. change says what is else
// to be known of the merge.
func (w *world) mergedWith(number int, state checks.State, change func(m *Merge, o **Opening)) {
	w.t.Helper()
	now := at(float64(number * 100))
	w.ok(w.Touch(w.ctx, pr(number), Known{}, "test", now, now))
	job := w.claim(now)
	r := record(pull(number, sha("a"), now), state)
	r.Verdict.Results[0].Parts[0].Summary = "Let pass by rosa until 12:00: it burns. What was not met: QA signs."
	r.Verdict.Results[0].Parts[0].Name = "QA"
	e, err := w.Record(w.ctx, job, r, now)
	w.ok(err)
	m := Merge{At: now, By: root, Head: sha("a"), Base: "main", Enforced: true, Compliant: state.Passes(), Verdict: e.Seq, How: "Verdict says so."}
	var o *Opening
	if change != nil {
		change(&m, &o)
	}
	_, err = w.RecordMerge(w.ctx, job, m, o, now)
	w.ok(err)
	w.finish(job, FinishInfo{}, now)
}

func bypassing(number int) func(*Merge, **Opening) {
	return func(m *Merge, o **Opening) {
		*o = &Opening{Kind: FindingBypass, Fact: fmt.Sprint(number), Detail: FindingDetail{What: "root merged it.", By: root, Missing: []string{"QA: nobody signed."}}}
	}
}

// world of merges: what each pull request's record has to say.
func (w *world) merges() map[int]checks.EvidenceState {
	judged := func(state checks.State, compliant bool) func(*Merge, **Opening) {
		return func(m *Merge, _ **Opening) {
			r := record(pull(1, sha("a"), at(1)), state)
			r.Verdict.Results[0].Parts[0].Summary = "Let pass by rosa until 12:00: it burns."
			m.Judged, m.Compliant, m.Verdict = &r, compliant, 0
		}
	}
	w.mergedWith(1, checks.Met, nil)
	w.mergedWith(2, checks.Exempt, nil)
	w.mergedWith(3, checks.Overridden, nil)
	w.mergedWith(4, checks.Unmet, bypassing(4))
	w.mergedWith(5, checks.Met, func(m *Merge, _ **Opening) { m.Enforced, m.How = false, "The policy only observes." })
	w.mergedWith(6, checks.Unmet, judged(checks.Met, true))
	w.mergedWith(7, checks.Unmet, judged(checks.Overridden, true))
	w.mergedWith(8, checks.Unmet, func(m *Merge, _ **Opening) { m.How = "The policy does not watch main for bypasses." })
	w.mergedWith(9, checks.Unmet, bypassing(9))
	_, err := w.CloseFinding(w.ctx, Closing{ID: 2, By: rosa, Reason: "agreed"}, at(1000))
	w.ok(err)
	w.mergedWith(10, checks.Overridden, func(m *Merge, _ **Opening) { m.Compliant = false }) // it had ended by then
	w.mergedWith(11, checks.Unmet, func(m *Merge, _ **Opening) { m.Verdict = 0 })
	w.mergedWith(12, checks.Met, func(m *Merge, _ **Opening) { m.Verdict = 0 }) // says that it is met and not by what
	return map[int]checks.EvidenceState{
		1: checks.EvidenceMet, 2: checks.EvidenceMet, 3: checks.EvidenceOverridden, 4: checks.EvidenceBypassed, 5: checks.EvidenceUnknown, 6: checks.EvidenceMet,
		7: checks.EvidenceOverridden, 8: checks.EvidenceUnknown, 9: checks.EvidenceBypassed, 10: checks.EvidenceUnknown, 11: checks.EvidenceUnknown, 12: checks.EvidenceUnknown,
	}
}

func TestWhatIsOnRecordOfAMergeIsToldForEachWayInWhichItMayHaveBeen(t *testing.T) {
	for _, before := range []bool{false, true} {
		w := open(t)
		want := w.merges()
		if before { // as the rows were before they said by themselves
			w.ok(w.change(w.ctx, func(t *txn) error { return t.exec0(`UPDATE merged_pulls SET compliant = NULL, state = ''`) }))
		}
		numbers := []int{99, 1, 1}
		for n := range want {
			numbers = append(numbers, n)
		}
		got, err := w.PullRecords(w.ctx, acme.ID, numbers)
		w.ok(err)
		for n, state := range want {
			if got[n].State != state || state != checks.EvidenceMet && got[n].Why == "" || got[n].Seq == 0 {
				t.Errorf("rows from before %v: #%d is %+v; want %q", before, n, got[n], state)
			}
		}
		if _, there := got[99]; there || len(got) != len(want) {
			t.Errorf("of #99, which nobody has heard of, is on record %+v", got[99])
		}
		for n, words := range map[int]string{3: "QA: Let pass by rosa", 4: "Missing: QA: nobody signed.", 7: "it burns", 9: "rosa closed the finding: agreed", 5: "only observes"} {
			if !strings.Contains(got[n].Why, words) {
				t.Errorf("of #%d it says %q, without %q", n, got[n].Why, words)
			}
		}
		if other, err := w.PullRecords(w.ctx, 8, numbers); err != nil || len(other) != 0 {
			t.Errorf("of another repository is on record %+v %v", other, err)
		}
	}
}

func TestOfAnExpungedMergeNothingIsClaimed(t *testing.T) {
	w := open(t)
	w.mergedWith(1, checks.Overridden, nil)
	for _, seq := range []int64{1, 2} {
		_, err := w.Expunge(w.ctx, seq, root, "the law", at(900))
		w.ok(err)
	}
	got, err := w.PullRecords(w.ctx, acme.ID, []int{1})
	w.ok(err)
	if got[1].State != checks.EvidenceUnknown || !strings.Contains(got[1].Why, "expunged") {
		t.Errorf("it is %+v", got[1])
	}
}

func TestAMergeThatIsLookedAtLateMakesTheReleasesDueThatBringIt(t *testing.T) {
	w := open(t)
	w.releasing()
	for _, tag := range []string{"v1", "v2"} {
		job := w.put(tag, sha("a"), 0)
		r := release(tag, sha("a"), at(2))
		w.seen(job, r)
		_, err := w.KeepEvidence(w.ctx, job, checks.ReleaseEvidence{Digest: "d"}, []checks.Brought{{Number: 5}}, at(3))
		w.ok(err)
		if tag == "v2" {
			_, err = w.Record(w.ctx, job, releaseRecord(r, checks.PhaseReleased), at(3))
			w.ok(err)
		}
		w.finish(job, FinishInfo{}, at(4))
	}
	jobs, err := w.Claim(w.ctx, 9, 60e9, at(5))
	w.ok(err)
	for _, job := range jobs {
		w.finish(job, FinishInfo{}, at(5)) // v1, since v2 has its commit
	}
	w.mergedWith(5, checks.Met, nil)
	w.claimRelease("v1", 501)
	w.idle(at(502))
}

// BenchmarkPullRecords reads what is on record of 2,000 pull requests among 100,000
// entries: each fourth overridden, each tenth bypassed.
func BenchmarkPullRecords(b *testing.B) {
	w := open(b)
	w.bulk(100_000, payload(300))
	w.ok(w.change(w.ctx, func(t *txn) error { return t.keepRepo(acme, installation) }))
	numbers := make([]int, 2000)
	for i := range numbers {
		n := i + 1
		numbers[i] = n
		state := checks.Met
		var change func(*Merge, **Opening)
		switch {
		case n%10 == 0:
			state, change = checks.Unmet, bypassing(n)
		case n%4 == 0:
			state = checks.Overridden
		}
		w.mergedWith(n, state, change)
	}
	for _, name := range []string{"now", "rows from before"} {
		b.Run(name, func(b *testing.B) {
			if name != "now" {
				w.ok(w.change(w.ctx, func(t *txn) error { return t.exec0(`UPDATE merged_pulls SET compliant = NULL, state = ''`) }))
			}
			b.ReportAllocs()
			for b.Loop() {
				got, err := w.PullRecords(w.ctx, acme.ID, numbers)
				w.ok(err)
				if len(got) != 2000 || got[10].State != checks.EvidenceBypassed || got[4].State != checks.EvidenceOverridden || got[3].State != checks.EvidenceMet {
					b.Fatal(got[10], got[4], got[3])
				}
			}
		})
	}
}
