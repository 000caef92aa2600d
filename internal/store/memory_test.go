package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// look claims a pull request, which must be due, observes a reading and recalls.
func (w *world) look(p *checks.Pull) Job {
	w.t.Helper()
	job := w.claim(p.At)
	w.ok(w.Observe(w.ctx, job, p, p.At))
	w.ok(w.Recall(w.ctx, job.Subject, p))
	return job
}

// reading makes a pull request due, looks at it and finishes.
func (w *world) reading(p checks.Pull) checks.Pull {
	w.t.Helper()
	w.ok(w.Touch(w.ctx, pr(p.Number), Known{}, "test", p.At, p.At))
	w.finish(w.look(&p), FinishInfo{Pull: &p}, p.At)
	return p
}

func comment(id int64, created time.Time, text string) checks.Comment {
	return checks.Comment{ID: id, Author: checks.Actor{Login: "Bob"}, Body: text, Created: created}
}

func TestACommentBelongsToTheHeadItWasWrittenAt(t *testing.T) {
	w := open(t)
	w.deliver(at(0), nil,
		HeadMoved{Number: 3, SHA: sha("a"), At: at(0), Opened: true},
		HeadMoved{Number: 3, SHA: sha("b"), Before: sha("a"), Sender: "Eve", At: at(100)})
	p := pull(3, sha("b"), at(300))
	p.Comments = []checks.Comment{
		comment(1, at(0), "+1"),   // in the second of the opening: nothing was the head before
		comment(2, at(99), "+1"),  // certainly before the push
		comment(3, at(100), "+1"), // in the second of the push
		comment(4, at(101), "+1"), // certainly after it
	}
	p = w.reading(p)
	want := map[string]string{"comment/1": sha("a"), "comment/2": sha("a"), "comment/3": "", "comment/4": sha("b")}
	for key, head := range want {
		if got := p.Memory.Seen[key].Head; got != head {
			t.Errorf("%s belongs to %.1q; want %.1q", key, got, head)
		}
	}
	heads := []checks.Head{{SHA: sha("a"), Since: at(0)}, {SHA: sha("b"), Since: at(101), Sender: "Eve"}}
	if diff := cmp.Diff(heads, p.Memory.Heads); diff != "" {
		t.Errorf("the heads are wrong:\n%s", diff)
	}
}

func TestACommentFromATimeWithoutARecordBelongsToNoHead(t *testing.T) {
	w := open(t)
	p := pull(3, sha("b"), at(300))
	p.Comments = []checks.Comment{comment(1, at(200), "+1"), comment(2, at(300), "+1")}
	p = w.reading(p)
	for _, key := range []string{"comment/1", "comment/2"} {
		if got := p.Memory.Seen[key]; got.Head != "" || got.Text != "+1" || got.Base != "main" {
			t.Errorf("%s = %+v", key, got)
		}
	}
	// From the second after the reading on the head is known.
	p.At, p.UpdatedAt = at(400), at(350)
	p.Comments = append(p.Comments, comment(3, at(301), "+1"))
	p = w.reading(p)
	if got := p.Memory.Seen["comment/3"].Head; got != sha("b") {
		t.Errorf("a comment after the first reading belongs to %.1q", got)
	}
	// A push that no event told of came at any time after that reading.
	p = pull(3, sha("c"), at(500))
	p.Comments = []checks.Comment{comment(3, at(301), "+1"), comment(4, at(450), "+1"), comment(5, at(501), "+1")}
	p = w.reading(p)
	for key, head := range map[string]string{"comment/3": sha("b"), "comment/4": "", "comment/5": sha("c")} {
		if got := p.Memory.Seen[key].Head; got != head {
			t.Errorf("%s belongs to %.1q; want %.1q", key, got, head)
		}
	}
	// Its event comes late and makes certain what was not.
	w.deliver(at(600), nil, HeadMoved{Number: 3, SHA: sha("c"), Before: sha("b"), Sender: "Eve", At: at(440)})
	p = w.reading(p)
	if got := p.Memory.Seen["comment/4"].Head; got != sha("c") {
		t.Errorf("after the late event comment/4 belongs to %.1q", got)
	}
	if n := len(p.Memory.Heads); n != 2 {
		t.Errorf("there are %d heads; want 2: %+v", n, p.Memory.Heads)
	}
}

func TestPushesTellTheSameStoryInAnyOrder(t *testing.T) {
	moves := []HeadMoved{
		{Number: 3, SHA: sha("a"), At: at(0), Opened: true},
		{Number: 3, SHA: sha("b"), Before: sha("a"), At: at(10)},
		{Number: 3, SHA: sha("c"), Before: sha("b"), At: at(10)}, // within one second
		{Number: 3, SHA: sha("a"), Before: sha("c"), At: at(20)}, // forced back
	}
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 1, 3, 0, 2, 2}} {
		w := open(t)
		for _, i := range order {
			w.deliver(at(30), nil, moves[i])
		}
		p := w.reading(pull(3, sha("a"), at(60)))
		var got string
		for _, h := range p.Memory.Heads {
			got += h.SHA[:1]
		}
		if got != "abca" {
			t.Errorf("in the order %v the heads are %s; want abca", order, got)
		}
		if last := p.Memory.Heads[3].Since; !last.Equal(at(21)) {
			t.Errorf("in the order %v the last head is since %s", order, last.Sub(start))
		}
	}
}

func TestAReadingOlderThanAnEventIsNotKept(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}}, HeadMoved{Number: 3, SHA: sha("a"), At: at(0), Opened: true})
	w.deliver(at(100), []Touch{{Number: 3}}, HeadMoved{Number: 3, SHA: sha("b"), Before: sha("a"), At: at(100)})
	p := pull(3, sha("a"), at(101))
	p.UpdatedAt = at(100) // something else in the second of the push
	job := w.look(&p)
	if last := p.Memory.Heads[len(p.Memory.Heads)-1]; last.SHA != sha("b") || !p.UpdatedAt.Before(last.Since) {
		t.Errorf("the last head is %+v", last)
	}
	if n := w.count(`SELECT count(*) FROM subjects WHERE head = ?`, sha("b")); n != 1 {
		t.Error("the old reading moved the head back")
	}
	w.finish(job, FinishInfo{}, at(102))
	// The same head in a newer state is a push whose event is yet to come.
	p.UpdatedAt = at(150)
	p = w.reading(p)
	if last := p.Memory.Heads[len(p.Memory.Heads)-1]; last.SHA != sha("a") {
		t.Errorf("the last head is %+v", last)
	}
}

func TestATextIsNotEditedByWhatIsTakenOutOfItAsASecret(t *testing.T) {
	for _, c := range []struct {
		first, now string
		edited     bool
		kept       string
	}{
		{"key: k1\n+1", "key: [redacted: npm-token]\n+1", false, "key: [redacted: npm-token]\n+1"},
		{"key: [redacted: npm-token]\n+1", "key: k1\n+1", false, "key: [redacted: npm-token]\n+1"},
		{"[redacted: a] and k2", "[redacted: b] and [redacted: c]", false, "[redacted: b] and [redacted: c]"},
		{"key: k1\nno", "key: [redacted: npm-token]\n+1", true, "key: k1\nno"},
		{"k1 k1", "[redacted: a] k1 k1", true, "k1 k1"},
		{"a", "b", true, "a"},
	} {
		w := open(t)
		p := pull(3, sha("a"), at(300))
		for _, text := range []string{c.first, c.now} {
			p.Comments = []checks.Comment{comment(1, at(200), text)}
			p = w.reading(p)
		}
		if got := p.Memory.Seen["comment/1"]; got.Edited != c.edited || got.Text != c.kept {
			t.Errorf("%q, then %q: %+v", c.first, c.now, got)
		}
	}
}

func TestTheFirstTextIsTheWebhooksAndStays(t *testing.T) {
	w := open(t)
	p := pull(3, sha("a"), at(10))
	p.People = map[string]checks.Person{"bob": {Login: "Bob", Permission: "write"}}
	p.Comments = []checks.Comment{comment(1, at(5), "QA +1"), comment(2, at(5), "fine"), comment(3, at(5), "+1")}
	w.deliver(at(6), nil, Said{Number: 3, Key: "comment/1", Author: "Bob", Text: "wait", Created: at(5)})
	w.reading(p)
	// This one's event comes after the reading that saw it, edited already.
	w.deliver(at(11), nil, Said{Number: 3, Key: "comment/2", Author: "Bob", Text: "no", Created: at(5)})
	w.deliver(at(12), nil, Unsaid{Number: 3, Key: "comment/4", Before: "-1"}, Unsaid{Number: 3, Key: "comment/3", Deleted: true})
	p.Comments = append(p.Comments, comment(4, at(5), "+1"))
	p.At = at(20)
	p.People["bob"] = checks.Person{Login: "Bob", Permission: "read"}
	p = w.reading(p)
	want := map[string]checks.Seen{
		"comment/1": {Text: "wait", Base: "main", Permission: "write", Edited: true},
		"comment/2": {Text: "no", Base: "main", Permission: "write", Edited: true},
		"comment/3": {Text: "+1", Base: "main", Permission: "write"},
		"comment/4": {Text: "-1", Base: "main", Permission: "read", Edited: true},
	}
	if diff := cmp.Diff(want, p.Memory.Seen); diff != "" {
		t.Error(diff)
	}
}

func TestAReviewKeepsItsCommitAndItsBase(t *testing.T) {
	w := open(t)
	p := pull(3, sha("b"), at(100))
	p.BaseChangedAt = at(50)
	review := func(id int64, submitted time.Time, commit string) checks.Review {
		return checks.Review{ID: id, Author: checks.Actor{Login: "Bob"}, State: "APPROVED", Commit: commit, Submitted: submitted}
	}
	p.Reviews = []checks.Review{review(1, at(40), sha("a")), review(2, at(50), sha("b")), review(3, at(60), sha("b"))}
	w.reading(p)
	p.Reviews[0].Commit = ""  // GitHub no longer says
	p.BaseChangedAt = at(120) // and it was retargeted again
	p.Base.Name, p.At = "next", at(130)
	p = w.reading(p)
	want := map[string]checks.Seen{"review/1": {Head: sha("a")}, "review/2": {Head: sha("b")}, "review/3": {Head: sha("b"), Base: "main"}}
	if diff := cmp.Diff(want, p.Memory.Seen); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAnApprovalHasSeenIsRemembered(t *testing.T) {
	w := open(t)
	files := []checks.File{{Path: "a.go", Status: "modified", SHA: "1", Mode: "100644"}}
	p := pull(3, sha("a"), at(10))
	p.Files, p.FilesRead, p.FileCount = files, true, 1
	p.Reviews = []checks.Review{{ID: 1, Author: checks.Actor{Login: "Bob"}, State: "APPROVED", Commit: sha("a"), Submitted: at(5)}}
	w.reading(p)

	later := pull(3, sha("b"), at(100))
	later.Reviews = p.Reviews
	later.FileCount = 2
	later = w.reading(later)
	want := map[string]checks.Change{sha("a"): {Base: "main", Whole: true, Files: []checks.File{{Path: "a.go", Status: "modified", SHA: "1"}}}}
	if diff := cmp.Diff(want, later.Memory.Changes); diff != "" {
		t.Errorf("the change at the approval is not what was read then:\n%s", diff)
	}

	// A list that GitHub cut is not the whole change.
	cut := pull(3, sha("c"), at(200))
	cut.Reviews = []checks.Review{{ID: 2, State: "APPROVED", Commit: sha("c"), Submitted: at(200)}}
	cut.Files, cut.FilesRead, cut.FileCount = files, true, 3001
	cut = w.reading(cut)
	cut = w.reading(cut)
	if c, ok := cut.Memory.Changes[sha("c")]; ok {
		t.Errorf("a cut list is remembered as the change: %+v", c)
	}
}

func TestWhatWasFetchedOnceIsNotFetchedAgain(t *testing.T) {
	w := open(t)
	w.ok(w.Touch(w.ctx, pr(3), Known{}, "test", at(0), at(0)))
	wants := checks.Wants{
		Files: true, Teams: []string{"acme/qa"}, Changes: []string{sha("c"), sha("d")},
		Modes: map[string][]string{sha("a"): {"a.go", "gone.go", "odd.go"}, sha("c"): {"a.go"}},
	}
	fetched := pull(3, sha("a"), at(1))
	fetched.FilesRead, fetched.FileCount = true, 3
	fetched.Files = []checks.File{{Path: "a.go", Mode: "100755"}, {Path: "gone.go", Mode: "gone"}, {Path: "odd.go", Mode: "?"}}
	fetched.Memory.Changes = map[string]checks.Change{
		sha("c"): {Base: "main", Whole: true, Files: []checks.File{{Path: "a.go", Mode: "100644"}}},
		sha("d"): {Base: "main"},
	}
	w.ok(w.Keep(w.ctx, pr(3), &fetched, wants, at(1)))

	p := pull(3, sha("a"), at(2))
	p.FileCount = 3
	w.ok(w.Fill(w.ctx, pr(3), &p, checks.Wants{Files: true}))
	w.ok(w.Fill(w.ctx, pr(3), &p, checks.Wants{Changes: wants.Changes}))
	w.ok(w.Fill(w.ctx, pr(3), &p, checks.Wants{Modes: wants.Modes}))
	want := fetched
	want.At, want.UpdatedAt = p.At, p.UpdatedAt
	want.Files[2].Mode = "" // could not be read: it is asked for again
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	// Another base commit is another difference.
	q := pull(3, sha("a"), at(2))
	q.FileCount, q.Base.SHA = 3, sha("9")
	w.ok(w.Fill(w.ctx, pr(3), &q, checks.Wants{Files: true}))
	if q.FilesRead {
		t.Error("the files of another base were taken")
	}
}

func TestTheNextReadingKnowsWhatTheLastOneNeeded(t *testing.T) {
	w := open(t)
	sources := []checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: "version: 1"}}
	w.ok(w.Touch(w.ctx, pr(3), Known{}, "test", at(0), at(0)))
	p := pull(3, sha("a"), at(0))
	p.People = map[string]checks.Person{"bob": {}, "ann": {}}
	w.finish(w.look(&p), FinishInfo{Sources: sources, Pull: &p}, at(1))
	// Another pull request on the same base has the sources, not the people.
	w.deliver(at(2), nil, PullChanged{Number: 4, Open: true, Base: "main"})
	for _, c := range []struct {
		number int
		logins []string
	}{{3, []string{"ann", "bob"}}, {4, []string{}}} {
		got, logins, err := w.Likely(w.ctx, pr(c.number))
		w.ok(err)
		if diff := cmp.Diff(sources, got) + cmp.Diff(c.logins, logins); diff != "" {
			t.Errorf("#%d:\n%s", c.number, diff)
		}
	}
	if got, logins, err := w.Likely(w.ctx, pr(5)); err != nil || got != nil || logins != nil {
		t.Errorf("an unknown pull request: %v %v %v", got, logins, err)
	}
}

func TestAVerdictIsRemembered(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}}, RerunAsked{Head: sha("a"), Run: 17, At: at(0)})
	p := pull(3, sha("a"), at(1))
	job := w.look(&p)
	if diff := cmp.Diff([]checks.Rerun{{Run: 17, At: at(0)}}, p.Memory.Reruns); diff != "" {
		t.Error(diff)
	}
	plan := []checks.Action{{Kind: checks.CreateRun, Run: checks.Output{Name: checks.RunMerge}}, {Kind: checks.AddLabel, Label: checks.LabelMet, Repair: true}}
	e, err := w.Record(w.ctx, job, record(p, checks.Met, plan...), at(1))
	w.ok(err)
	w.ok(w.Posted(w.ctx, job, e.Seq, plan, []checks.Outcome{{Kind: checks.CreateRun, Name: checks.RunMerge}, {Kind: checks.AddLabel, Name: checks.LabelMet}}, at(2)))
	w.finish(job, FinishInfo{}, at(2))
	w.ok(w.Touch(w.ctx, pr(3), Known{}, "test", at(3), at(3)))
	p = pull(3, sha("a"), at(60))
	again := w.look(&p)
	if again.Digest != "digest-met" || !again.Enforced {
		t.Errorf("the next job does not know the verdict: %+v", again)
	}
	want := checks.Memory{
		Heads: []checks.Head{{SHA: sha("a"), Since: at(2)}}, Changes: map[string]checks.Change{}, Seen: map[string]checks.Seen{},
		Since:    map[string]checks.Since{"review": {State: checks.Met, At: at(1)}, "review/qa": {State: checks.Met, At: at(1)}},
		Labelled: true, LabelRepairs: []time.Time{at(1)},
	}
	if diff := cmp.Diff(want, p.Memory); diff != "" {
		t.Error(diff)
	}
	// An hour later the repair does not count any more.
	p.At = at(1).Add(time.Hour)
	w.ok(w.Recall(w.ctx, pr(3), &p))
	if len(p.Memory.LabelRepairs) != 0 {
		t.Errorf("repairs = %v", p.Memory.LabelRepairs)
	}
	if list, err := w.Statuses(w.ctx, 10); err != nil || len(list) != 1 || list[0].State != checks.Met || list[0].Verdict != e.Seq {
		t.Errorf("statuses = %+v, %v", list, err)
	}
}

func TestTheLabelIsOursOnlyWhenGitHubHasConfirmedOrNobodyAsked(t *testing.T) {
	add := []checks.Action{{Kind: checks.AddLabel, Label: checks.LabelMet}}
	remove := []checks.Action{{Kind: checks.RemoveLabel, Label: checks.LabelMet}}
	for _, c := range []struct {
		name    string
		plan    []checks.Action
		before  bool
		outcome *checks.Outcome // nil: handrail died before it heard
		want    bool
	}{
		{"added", add, false, &checks.Outcome{Kind: checks.AddLabel}, true},
		{"adding failed", add, false, &checks.Outcome{Kind: checks.AddLabel, Error: "no"}, false},
		{"died while adding", add, false, nil, true},
		{"removed", remove, true, &checks.Outcome{Kind: checks.RemoveLabel}, false},
		{"removing failed", remove, true, &checks.Outcome{Kind: checks.RemoveLabel, Error: "no"}, true},
	} {
		w := open(t)
		w.ok(w.Touch(w.ctx, pr(3), Known{}, "test", at(0), at(0)))
		p := pull(3, sha("a"), at(0))
		job := w.look(&p)
		if c.before {
			e, err := w.Record(w.ctx, job, record(p, checks.Met, add...), at(0))
			w.ok(err)
			w.ok(w.Posted(w.ctx, job, e.Seq, add, []checks.Outcome{{Kind: checks.AddLabel}}, at(0)))
		}
		e, err := w.Record(w.ctx, job, record(p, checks.Met, c.plan...), at(1))
		w.ok(err)
		if c.outcome != nil {
			w.ok(w.Posted(w.ctx, job, e.Seq, c.plan, []checks.Outcome{*c.outcome}, at(1)))
		}
		w.ok(w.Recall(w.ctx, pr(3), &p))
		if p.Memory.Labelled != c.want {
			t.Errorf("%s: labelled = %v; want %v", c.name, p.Memory.Labelled, c.want)
		}
	}
}

func TestSiblingsSeeEachOthersVerdicts(t *testing.T) {
	w := open(t)
	for n := 1; n <= 2; n++ {
		w.deliver(at(0), nil, HeadMoved{Number: n, SHA: sha("a"), At: at(0), Opened: true})
	}
	w.deliver(at(0), []Touch{{Number: 1}})
	p := pull(1, sha("a"), at(1))
	job := w.look(&p)
	if diff := cmp.Diff([]checks.Sibling{{Number: 2}}, p.Siblings); diff != "" {
		t.Errorf("one that was not judged yet:\n%s", diff)
	}
	_, err := w.Record(w.ctx, job, record(p, checks.Waiting), at(1))
	w.ok(err)
	w.finish(job, FinishInfo{}, at(1))
	other := w.claim(at(2))
	if other.Subject.Number != 2 {
		t.Fatalf("claimed %s; want the sibling", other.Subject)
	}
	q := pull(2, sha("a"), at(2))
	w.ok(w.Recall(w.ctx, pr(2), &q))
	want := []checks.Sibling{{Number: 1, State: checks.Waiting, Judged: true, Summary: "One approval is missing."}}
	if diff := cmp.Diff(want, q.Siblings); diff != "" {
		t.Error(diff)
	}
	_, err = w.Record(w.ctx, other, record(q, checks.Met), at(2))
	w.ok(err)
	w.finish(other, FinishInfo{}, at(2))
	// 1 looks once more, and since nothing of it changes 2 does not.
	first := w.claim(at(3))
	_, err = w.Record(w.ctx, first, record(p, checks.Waiting), at(3))
	w.ok(err)
	w.finish(first, FinishInfo{}, at(3))
	w.idle(at(4))
}

func TestOldBodiesGoAndTheLogStays(t *testing.T) {
	w := open(t)
	d := w.deliver(at(0), []Touch{{Number: 3}})
	w.finish(w.claim(at(0)), FinishInfo{}, at(0))
	day := 24 * time.Hour
	for _, c := range []struct {
		after         time.Duration
		bodies, known int64
	}{{2 * day, 1, 1}, {4 * day, 0, 1}, {31 * day, 0, 0}} {
		w.ok(w.Prune(w.ctx, start.Add(c.after)))
		bodies := w.count(`SELECT count(*) FROM deliveries WHERE body IS NOT NULL`)
		known := w.count(`SELECT count(*) FROM deliveries WHERE guid = ?`, d.GUID)
		if bodies != c.bodies || known != c.known {
			t.Errorf("after %s: %d bodies, %d digests; want %d, %d", c.after, bodies, known, c.bodies, c.known)
		}
	}
	if n := w.count(`SELECT count(*) FROM work`); n != 0 {
		t.Errorf("%d settled rows of work are left", n)
	}
	if n := w.count(`SELECT count(*) FROM entries`); n != 1 {
		t.Errorf("the log has %d entries; want 1", n)
	}
	w.verifies()
}

func TestAReadOnlyStoreChangesNothing(t *testing.T) {
	w := open(t)
	w.deliver(at(0), []Touch{{Number: 3}})
	r, err := OpenReadOnly(w.ctx, w.path)
	w.ok(err)
	defer r.Close()
	if _, err := r.Append(w.ctx, Append{Kind: KindConfig}, at(1)); !errors.Is(err, ErrReadOnly) {
		t.Errorf("appending: %v", err)
	}
	if _, err := r.read.Exec(`DELETE FROM work`); err == nil {
		t.Error("the connection can write")
	}
	if report, err := r.Verify(w.ctx, nil); err != nil || !report.OK() {
		t.Errorf("verify: %v %v", report.Problems, err)
	}
}
