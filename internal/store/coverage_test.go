package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

func TestWhatReportsSaidIsKeptPerPullRequestBranchAndSelection(t *testing.T) {
	w := open(t)
	of := CoverageOf{RepoID: 7, SHA: sha("a"), Number: 3, Key: "k1"}
	g := Gathered{
		Inputs: "one", Set: []byte{1, 2}, About: "about", Trail: Trail{Tip: sha("b"), Start: sha("c"), StartAt: at(5), Line: []string{sha("c")}},
		Got: checks.Coverage{
			Gathering: checks.Gathering{Runs: []checks.WorkflowRun{{ID: 1}}, Read: true, Tested: sha("d"), Onto: sha("e")}, Total: checks.Totals{All: 9, Hit: 8},
			Files: []checks.FileCoverage{{Path: "a.go", Hit: checks.Spans{{Start: 1, End: 4}}}}, Base: &checks.BaseCoverage{Start: sha("c")},
		},
	}
	w.ok(w.KeepGathered(w.ctx, of, g, at(1)))
	got, found, err := w.Gathered(w.ctx, of)
	w.ok(err)
	g.Got.Runs, g.Used = nil, at(1) // the runs are asked for each time
	if !found || !reflect.DeepEqual(got, g) {
		t.Errorf("kept %+v, read %+v", g, got)
	}
	for _, other := range []CoverageOf{
		{RepoID: 8, SHA: of.SHA, Number: 3, Key: "k1"}, {RepoID: 7, SHA: sha("f"), Number: 3, Key: "k1"}, {RepoID: 7, SHA: of.SHA, Number: 4, Key: "k1"},
		{RepoID: 7, SHA: of.SHA, Branch: "main", Key: "k1"}, {RepoID: 7, SHA: of.SHA, Number: 3, Key: "k2"},
	} {
		if _, found, err := w.Gathered(w.ctx, other); err != nil || found {
			t.Errorf("%+v is found as well (%v)", other, err)
		}
	}
	g.Inputs, g.Set = "two", []byte{3}
	w.ok(w.KeepGathered(w.ctx, of, g, at(2)))
	if got, _, err = w.Gathered(w.ctx, of); err != nil || got.Inputs != "two" || len(got.Set) != 1 {
		t.Errorf("after another reading: %+v, %v", got, err)
	}
	if n := w.count(`SELECT count(*) FROM coverage_sets`); n != 1 {
		t.Errorf("%d rows", n)
	}
	if err := w.KeepGathered(w.ctx, CoverageOf{RepoID: 7, SHA: of.SHA, Key: "k1"}, g, at(2)); err == nil {
		t.Error("what is neither a pull request's nor a branch's was kept")
	}
}

// report is a report's text, with a secret that lies where reports do only.
func (w *world) report(body string) string {
	if w.planted == "" {
		w.planted = w.guard.Secret("report")
	}
	return body + " " + w.planted
}

// sentBy is a report of run 11, with a token of its own.
func (w *world) sentBy(name, body string) (bool, error) {
	w.n++
	token := checks.RunToken{ID: "jti-" + string(rune('a'+w.n)), Expires: at(600)}
	return w.Upload(w.ctx, Upload{RepoID: 7, Run: 11, Attempt: 1, Name: name, SHA: sha("a"), Tested: sha("d"), Format: "LCOV", Files: 2}, []byte(w.report(body)), token, at(1))
}

func (w *world) known(number int, head string) {
	w.deliver(start, []Touch{{Number: number}}, PullChanged{Number: number, Open: true, Head: head, Base: "main"})
	w.finish(w.claim(at(1)), FinishInfo{}, at(1))
}

func TestAReportIsTakenOnceAndItsPullRequestBecomesDue(t *testing.T) {
	w := open(t)
	w.known(3, sha("a"))
	before := w.count(`SELECT count(*) FROM entries`)
	fresh, err := w.sentBy("lcov.info", "one")
	w.ok(err)
	if !fresh {
		t.Error("the first report is not fresh")
	}
	job := w.claim(at(1))
	if job.Subject.Number != 3 {
		t.Errorf("due is %+v", job)
	}
	w.finish(job, FinishInfo{}, at(1))
	fresh, err = w.sentBy("lcov.info", "one")
	w.ok(err)
	if fresh || w.count(`SELECT count(*) FROM entries`) != before+1 {
		t.Error("the same report again changed something")
	}
	w.idle(at(1))
	w.verifies()
	rows, err := w.List(w.ctx, Filter{Kind: KindDelivery, Newest: true, Limit: 1})
	w.ok(err)
	if len(rows) != 1 || rows[0].Source != "upload" || rows[0].RepoID != 7 {
		t.Errorf("the log says %+v", rows)
	}
}

func TestOfReportsOfOneNameTheNewestCounts(t *testing.T) {
	w := open(t)
	w.known(3, sha("a"))
	for _, body := range []string{"one", "two"} {
		if _, err := w.sentBy("lcov.info", body); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.sentBy("b.info", "three")
	w.ok(err)
	list, err := w.Uploads(w.ctx, 7, sha("a"))
	w.ok(err)
	if len(list) != 2 || list[0].Name != "b.info" || list[1].Name != "lcov.info" || list[1].Tested != sha("d") || list[1].Size != len(w.report("two")) {
		t.Fatalf("reports: %+v", list)
	}
	body, err := w.UploadBody(w.ctx, list[1])
	w.ok(err)
	if string(body) != w.report("two") {
		t.Errorf("the report is %q", body)
	}
	_, err = w.sentBy("lcov.info", "four")
	w.ok(err)
	if _, err := w.UploadBody(w.ctx, list[1]); !errors.Is(err, ErrReplaced) {
		t.Errorf("a report that was replaced: %v", err)
	}
	if n := w.count(`SELECT count(*) FROM uploads WHERE name = 'lcov.info'`); n != 3 {
		t.Errorf("%d digests are kept", n)
	}
}

func TestATokenIsTakenOnceAlsoForAnotherReport(t *testing.T) {
	w := open(t)
	w.known(3, sha("a"))
	token := checks.RunToken{ID: "once", Expires: at(60)}
	u := Upload{RepoID: 7, Run: 11, Attempt: 1, Name: "a", SHA: sha("a")}
	_, err := w.Upload(w.ctx, u, []byte("one"), token, at(1))
	w.ok(err)
	u.Name = "b"
	if _, err := w.Upload(w.ctx, u, []byte("two"), token, at(1)); !errors.Is(err, ErrUsed) {
		t.Errorf("a used token: %v", err)
	}
	if list, err := w.Uploads(w.ctx, 7, sha("a")); err != nil || len(list) != 1 {
		t.Errorf("reports: %+v, %v", list, err)
	}
	if used, err := w.Used(w.ctx, "once"); err != nil || !used {
		t.Errorf("used: %v, %v", used, err)
	}
	if used, err := w.Used(w.ctx, "never"); err != nil || used {
		t.Errorf("a token nobody has seen is used: %v, %v", used, err)
	}
}

func TestARunThatSendsReportsWithoutEndIsStopped(t *testing.T) {
	w := open(t)
	w.known(3, sha("a"))
	for i := range UploadsTaken {
		if _, err := w.sentBy("n"+string(rune('A'+i)), "one"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.sentBy("more", "one"); !errors.Is(err, ErrCrowded) {
		t.Errorf("one more: %v", err)
	}
	if _, err := w.sentBy("nA", "one"); err != nil {
		t.Errorf("one that is there already: %v", err)
	}
}

func TestTestMergesOfTheHeadAreRecalledInTheOrderInWhichTheyWereSeen(t *testing.T) {
	w := open(t)
	w.deliver(start, []Touch{{Number: 3}})
	read := func(seconds float64, m checks.TestMerge) checks.Pull {
		p := pull(3, sha("a"), at(seconds))
		p.Merge = m
		return w.reading(p)
	}
	read(1, checks.TestMerge{SHA: sha("1"), Onto: sha("2"), Head: sha("a")})
	read(10, checks.TestMerge{SHA: sha("9"), Onto: sha("2"), Head: sha("b")}) // of an older head
	read(20, checks.TestMerge{})
	read(30, checks.TestMerge{SHA: sha("3"), Onto: sha("4"), Head: sha("a")})
	p := read(40, checks.TestMerge{SHA: sha("1"), Onto: sha("2"), Head: sha("a")})
	want := []checks.TestMerge{
		{SHA: sha("1"), Onto: sha("2"), Head: sha("a"), Since: at(1)}, {SHA: sha("3"), Onto: sha("4"), Head: sha("a"), Since: at(30)},
	}
	if !reflect.DeepEqual(p.Memory.Merges, want) {
		t.Errorf("recalled %+v, want %+v", p.Memory.Merges, want)
	}
}

func TestOfManyTestMergesTheFirstAndTheNewestAreRecalled(t *testing.T) {
	w := open(t)
	w.known(3, sha("a"))
	for i := range 100 {
		w.ok(w.change(w.ctx, func(t *txn) error {
			p := pull(3, sha("a"), at(float64(i)))
			p.Merge = checks.TestMerge{SHA: string(rune('A' + i)), Onto: "onto", Head: sha("a")}
			return t.keepMerge(pr(3), &p)
		}))
	}
	p := w.reading(pull(3, sha("a"), at(200)))
	if got := p.Memory.Merges; len(got) != mergesRecalled+1 || got[0].SHA != "A" || got[1].SHA != string(rune('A'+100-mergesRecalled)) || got[len(got)-1].SHA != string(rune('A'+99)) {
		t.Errorf("recalled %d: %+v", len(got), got)
	}
}

func TestANewBaseReportWakesOnlyThosePullRequestsThatLackOne(t *testing.T) {
	w := open(t)
	lacking := map[string]checks.Coverage{"k": {Gathering: checks.Gathering{Read: true}, Base: &checks.BaseCoverage{Start: sha("c")}}}
	having := map[string]checks.Coverage{"k": {Gathering: checks.Gathering{Read: true}, Base: &checks.BaseCoverage{Start: sha("c"), Commit: sha("c")}}}
	soon := map[string]checks.Coverage{"k": {Gathering: checks.Gathering{Read: true}, Base: &checks.BaseCoverage{Start: sha("c"), Commit: sha("d"), Pending: true}}}
	for number, c := range map[int]map[string]checks.Coverage{1: lacking, 2: having, 3: nil, 4: soon} {
		w.deliver(start, []Touch{{Number: number}}, PullChanged{Number: number, Open: true, Head: sha("a"), Base: "main"})
		p := pull(number, sha(string(rune('0'+number))), at(1))
		p.Coverage = c
		w.finish(w.look(&p), FinishInfo{Pull: &p}, at(1))
	}
	w.deliver(at(2), []Touch{{LacksBase: "main"}})
	if job, also := w.claim(at(2)), w.claim(at(2)); job.Subject.Number+also.Subject.Number != 5 {
		t.Errorf("woken are %+v and %+v", job.Subject, also.Subject)
	} else {
		w.finish(job, FinishInfo{}, at(2))
		w.finish(also, FinishInfo{}, at(2))
	}
	w.deliver(at(2), []Touch{{Number: 4}}, PullChanged{Number: 4, Open: true, Base: "release"})
	w.finish(w.claim(at(2)), FinishInfo{}, at(2))
	w.deliver(at(3), []Touch{{LacksBase: "main"}})
	job := w.claim(at(3))
	if job.Subject.Number != 1 {
		t.Errorf("woken is %+v", job.Subject)
	}
	w.idle(at(3))
	p := pull(1, sha("1"), at(4))
	p.Coverage = having
	w.finish(job, FinishInfo{Pull: &p}, at(4))
	w.deliver(at(5), []Touch{{LacksBase: "main"}})
	w.idle(at(5))
}

func TestABaseReportThatComesWhileSomebodyLooksForItIsNotMissed(t *testing.T) {
	w := open(t)
	w.known(1, sha("1"))
	w.deliver(at(2), []Touch{{Number: 1}})
	p := pull(1, sha("1"), at(2))
	p.Coverage = map[string]checks.Coverage{"k": {Gathering: checks.Gathering{Read: true}, Base: &checks.BaseCoverage{Start: sha("c")}}}
	job := w.look(&p)
	w.deliver(at(3), []Touch{{LacksBase: "main"}})
	w.finish(job, FinishInfo{Pull: &p}, at(4))
	w.claim(at(4))
}

func TestTheOwnerOfARepositoryIsWhomEventsName(t *testing.T) {
	w := open(t)
	if _, _, found, err := w.Sender(w.ctx, 7); err != nil || found {
		t.Errorf("a repository that nobody has heard of is found: %v", err)
	}
	w.deliver(at(1), nil)
	sub, owner, found, err := w.Sender(w.ctx, 7)
	w.ok(err)
	if want := (checks.Subject{Installation: installation, RepoID: 7, Owner: "acme", Repo: "shop"}); !found || sub != want || owner != 0 {
		t.Errorf("found %v: %+v of %d", found, sub, owner)
	}
	for i, say := range []int64{5, 0} {
		w.n++
		_, err := w.Receive(w.ctx, Delivery{AppID: 1, GUID: "o" + string(rune('0'+i)), Event: "push", Body: []byte("{}"), ReceivedAt: at(2), Repo: acme, Owner: say})
		w.ok(err)
	}
	if _, owner, _, err := w.Sender(w.ctx, 7); err != nil || owner != 5 {
		t.Errorf("the owner is %d, %v", owner, err)
	}
	w.deliver(at(3), nil, ReposRemoved{Repos: []checks.Repo{acme}})
	if _, _, found, err := w.Sender(w.ctx, 7); err != nil || found {
		t.Errorf("a repository that is gone is found: %v", err)
	}
}

func TestCoverageIsKeptForItsTimeOnly(t *testing.T) {
	w := open(t)
	w.known(3, sha("a"))
	_, err := w.sentBy("lcov.info", "one")
	w.ok(err)
	w.ok(w.KeepGathered(w.ctx, CoverageOf{RepoID: 7, SHA: sha("a"), Number: 3, Key: "k"}, Gathered{}, at(0)))
	left := func(after time.Duration) (sets, uploads, tokens int64) {
		w.ok(w.Prune(w.ctx, at(1).Add(after)))
		return w.count(`SELECT count(*) FROM coverage_sets`), w.count(`SELECT count(*) FROM uploads`), w.count(`SELECT count(*) FROM used_tokens`)
	}
	for _, c := range []struct {
		after                 time.Duration
		sets, uploads, tokens int64
	}{{time.Hour, 1, 1, 1}, {2 * time.Hour, 1, 1, 0}, {31 * 24 * time.Hour, 1, 0, 0}, {91 * 24 * time.Hour, 0, 0, 0}} {
		if s, u, k := left(c.after); s != c.sets || u != c.uploads || k != c.tokens {
			t.Errorf("after %s: %d sets, %d uploads, %d tokens", c.after, s, u, k)
		}
	}
	w.verifies()
}

func TestThatARunIsOverIsKnownForItsNewestAttempt(t *testing.T) {
	w := open(t)
	for i, attempt := range []int{1, 2, 1} {
		w.deliver(at(float64(10*i)), nil, RunEnded{SHA: sha("a"), Run: 5, Attempt: attempt})
	}
	ended := func(commit string, since float64) int {
		got, err := w.Ended(w.ctx, 7, commit, at(since))
		w.ok(err)
		return got[5]
	}
	if got := ended(sha("a"), 0); got != 2 {
		t.Errorf("attempt %d is over", got)
	}
	if ended(sha("b"), 0) != 0 || ended(sha("a"), 10) != 0 {
		t.Error("it is told of another commit, or for too long")
	}
	w.ok(w.Prune(w.ctx, at(20).Add(25*time.Hour)))
	if n := w.count(`SELECT count(*) FROM ended_runs`); n != 0 {
		t.Errorf("%d are kept", n)
	}
}
