package store

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// found has a sweep find tags, and gives the releases that are due then.
func (w *world) found(now float64, tags ...checks.ReleaseGlance) string {
	w.t.Helper()
	n, err := w.FoundReleases(w.ctx, installation, acme, tags, true, at(now))
	w.ok(err)
	jobs, err := w.Claim(w.ctx, 100, time.Minute, at(now+1))
	w.ok(err)
	var names []string
	for _, job := range jobs {
		names = append(names, job.Subject.Name)
		w.finish(job, FinishInfo{}, at(now+1))
	}
	slices.Sort(names)
	if n != len(names) {
		w.t.Errorf("%d are said to be due, and %q are", n, names)
	}
	return strings.Join(names, " ")
}

func tagAt(name, oid string) checks.ReleaseGlance {
	return checks.ReleaseGlance{Tag: name, OID: oid, Commit: oid}
}

func TestTheFirstSweepMakesNoReleaseOfOldTags(t *testing.T) {
	w := open(t)
	w.releasing()
	draft, waiting := tagAt("v4", sha("4")), tagAt("v5", sha("5"))
	draft.Page, draft.Draft = 8, true
	waiting.Gates = []checks.Gate{{RunID: 3, Environment: "production"}}
	w.finish(w.put("v3", sha("3"), 0), FinishInfo{}, at(1)) // an event was there before
	tags := []checks.ReleaseGlance{tagAt("v1", sha("1")), tagAt("v2", sha("2")), tagAt("v3", sha("3")), draft, waiting, tagAt("nightly", sha("1"))}
	if got := w.found(10, tags...); got != "v3 v4 v5" {
		t.Errorf("due are %q", got)
	}
	if got := w.found(20, tags...); got != "" {
		t.Errorf("as before are %q", got)
	}
	if k, err := w.ReleaseKnown(w.ctx, rel("v5"), sha("5"), sha("5")); err != nil || len(k.Unverified) != 1 || k.Unverified[0].RunID != 3 {
		t.Errorf("of the job that waits is known %+v %v", k, err)
	}
	if watch, _, err := w.Watching(w.ctx, acme.ID); err != nil || !watch.ReleasesSince.Equal(at(10)) || !slices.Equal(watch.Releases, []string{"v*"}) {
		t.Errorf("watched is %+v %v", watch, err)
	}
}

func TestASweepMakesDueWhatIsNotAsItWasSeen(t *testing.T) {
	w := open(t)
	w.releasing()
	w.found(0)
	tag := tagAt("v1", sha("1"))
	now := 0.0
	check := func(what, want string, tags ...checks.ReleaseGlance) {
		t.Helper()
		now += 10
		if got := w.found(now, tags...); got != want {
			t.Errorf("%s: due are %q, want %q", what, got, want)
		}
	}
	check("new", "v1", tag)
	check("as before", "", tag)
	tag.OID, tag.Commit = sha("2"), sha("2")
	check("moved", "v1", tag)
	tag.Page, tag.Draft = 8, true
	check("a draft", "v1", tag)
	tag.Draft = false
	check("published", "v1", tag)
	tag.Assets = 1
	check("a file", "v1", tag)
	tag.Updated = at(5)
	check("another file", "v1", tag)
	tag.Gates = []checks.Gate{{RunID: 3, Environment: "production"}}
	check("a job waits", "v1", tag)
	check("it waits still", "", tag)
	w.ok(w.change(w.ctx, func(t *txn) error { return t.exec0(`UPDATE gates SET answered = 'approved'`) }))
	check("it waits though it was answered", "v1", tag)
	check("gone", "v1")
	job := Job{}
	w.deliver(at(now+5), []Touch{{Kind: checks.KindRelease, Name: "v1"}})
	job = w.claimRelease("v1", now+6)
	r := release("v1", "", at(now+6))
	r.Tag.Gone = true
	w.ok(w.ObserveRelease(w.ctx, job, &r, at(now+6)))
	w.finish(job, FinishInfo{}, at(now+6))
	check("known to be gone", "")
	check("there again", "v1", tag)
	if n, err := w.FoundReleases(w.ctx, installation, acme, nil, false, at(now+20)); err != nil || n != 0 {
		t.Errorf("of a list that is not whole %d are missing: %v", n, err)
	}
	w.releasing("release-*")
	check("no release any more", "")
}

func TestOnceAPolicyHasNoReleasesTheNextThatHasBeginsAnew(t *testing.T) {
	w := open(t)
	w.releasing()
	w.found(0, tagAt("v1", sha("1")))
	w.ok(w.change(w.ctx, func(t *txn) error { return t.keepWatching(acme.ID, Watching{Default: "main"}) }))
	if n := w.count(`SELECT count(*) FROM release_glances`); n != 0 {
		t.Errorf("%d tags are remembered", n)
	}
	w.releasing()
	if got := w.found(20, tagAt("v1", sha("1")), tagAt("v2", sha("2"))); got != "" {
		t.Errorf("due are %q, which were there before", got)
	}
}

func TestADeploymentThatNoReleaseAllowedIsFoundOnce(t *testing.T) {
	w := open(t)
	job, r, digest, acts := w.approved("v1")
	r.At = at(20)
	_, err := w.Record(w.ctx, job, promotion(r, digest, acts), at(20))
	w.ok(err)
	send := func(id int64, environment, state, commit string, when float64) {
		w.deliver(at(when), nil, Deployed{ID: id, Environment: environment, State: state, Commit: commit, At: at(when)})
	}
	send(1, "production", "success", sha("a"), 10) // before it was approved
	send(2, "Production", "success", sha("a"), 30) // allowed; the same name
	send(3, "staging", "success", sha("a"), 31)    // not allowed there
	send(4, "production", "success", sha("f"), 32) // another commit
	send(5, "production", "failure", sha("f"), 33) // and not there
	send(6, "playground", "success", sha("f"), 34) // nobody guards that
	send(4, "production", "inactive", sha("f"), 35)
	send(4, "production", "success", sha("f"), 32) // doubled, and late
	list := func(before float64) (ids []int64) {
		found, err := w.Strangers(w.ctx, acme.ID, []string{"production", "staging"}, at(before))
		w.ok(err)
		for _, d := range found {
			ids = append(ids, d.ID)
			if row, _, err := w.Entry(w.ctx, d.Seq); err != nil || row.Kind != KindDeployment {
				t.Errorf("deployment %d is entry %+v: %v", d.ID, row, err)
			}
		}
		return ids
	}
	if got := list(100); !slices.Equal(got, []int64{1, 3, 4}) {
		t.Errorf("found are %v", got)
	}
	if got := list(31); !slices.Equal(got, []int64{1}) {
		t.Errorf("of those from before are found %v", got)
	}
	for i, open := range []func(Opening) (int64, error){
		func(o Opening) (int64, error) { return w.OpenFinding(w.ctx, job, o, at(30)) },
		func(o Opening) (int64, error) { return w.OpenStrange(w.ctx, acme.ID, o, at(30)) },
	} {
		for k := range 2 {
			id, err := open(Opening{Kind: FindingDeployment, Fact: StrangeFact(int64(3 + i)), Detail: FindingDetail{What: "It is there."}})
			w.ok(err)
			if (id != 0) != (k == 0) {
				t.Errorf("time %d it opens %d", k, id)
			}
		}
	}
	if got := list(100); !slices.Equal(got, []int64{1}) {
		t.Errorf("found again are %v", got)
	}
	if n := w.logged(KindDeployment); n != 5+2 { // and two findings
		t.Errorf("%d entries tell of deployments", n)
	}
	if k := w.knows(r); len(k.Deployments) != 3 || k.Deployments[1].State != "success" {
		t.Errorf("of the release is known %+v", k.Deployments)
	}
	w.verifies()
}

func TestTheLastWordOnADeploymentHoldsInWhateverOrderItComes(t *testing.T) {
	words := []Deployed{
		{State: "queued", At: at(1)}, {State: "in_progress", At: at(2)}, {State: "success", At: at(2)}, {State: "inactive", At: at(9)},
	}
	for name, order := range map[string][]int{"in order": {0, 1, 2, 3}, "backwards": {3, 2, 1, 0}, "mixed": {2, 1, 2, 3, 0}, "without the last": {1, 2, 1, 0}, "doubled": {0, 0, 2, 2, 3, 3}} {
		w := open(t)
		job, r, _, _ := w.approved("v1")
		for _, i := range order {
			f := words[i]
			f.ID, f.Environment, f.Commit = 7, "production", sha("a")
			w.deliver(at(20), nil, f)
		}
		want := "inactive"
		if name == "without the last" {
			want = "success"
		}
		k := w.knows(r)
		if len(k.Deployments) != 1 || k.Deployments[0].State != want || w.logged(KindDeployment) != 1 {
			t.Errorf("%s: it is %+v, with %d entries", name, k.Deployments, w.logged(KindDeployment))
		}
		// Read from GitHub it is the same again.
		list, err := w.KeepDeployments(w.ctx, job, sha("a"), []checks.Deployment{{ID: 7, Environment: "production", State: want, At: k.Deployments[0].At},
			{ID: 8, Environment: "staging", State: "success", At: at(30)}}, at(31))
		w.ok(err)
		if len(list) != 2 || list[0] != k.Deployments[0] || w.logged(KindDeployment) != 2 {
			t.Errorf("%s: read it is %+v, with %d entries", name, list, w.logged(KindDeployment))
		}
	}
}

func TestAFollowUpClosesWhatIsOpenAboutTheReleaseAndNothingElse(t *testing.T) {
	w := open(t)
	job, _, _, _ := w.approved("v1")
	for _, kind := range []FindingKind{FindingUnchecked, FindingRelease, FindingDeployment} {
		_, err := w.OpenFinding(w.ctx, job, Opening{Kind: kind, Fact: "v1", Detail: FindingDetail{What: "It is."}}, at(6))
		w.ok(err)
	}
	act := checks.Act{Kind: checks.ActFollowUp, By: quinn, Reason: "it was needed"}
	for range 2 {
		w.ok(w.ReleaseFollowedUp(w.ctx, job, act, at(7)))
	}
	list, err := w.Findings(w.ctx, FindingFilter{})
	w.ok(err)
	for _, f := range list {
		closed := f.By == "quinn" && f.Reason == "it was needed" && f.Subject == "release/v1"
		if closed != (f.Kind != FindingDeployment) {
			t.Errorf("%s is %+v", f.Kind, f)
		}
	}
	if n := w.logged(KindWaiver) + w.logged(KindBypass); n != 4 {
		t.Errorf("%d entries", n)
	}
}

func TestWhatIsOfNoReleaseGoesInTimeAndWhatIsStays(t *testing.T) {
	w := open(t)
	job, r, _, _ := w.approved("v1")
	w.deliver(at(10), nil, TagPut{Name: "v9", OID: sha("9"), By: rosa, At: at(10)}, GateAsked{RunID: 1, Environment: "production", Commit: sha("a")},
		Deployed{ID: 1, Environment: "production", State: "success", Commit: sha("a"), At: at(10)}, Deployed{ID: 2, Environment: "production", State: "success", Commit: sha("f"), At: at(10)})
	w.ok(w.KeepRangePage(w.ctx, job, "", sha("a"), 1, 0, grown(1, 0), at(11)))
	w.ok(w.KeepRelation(w.ctx, acme.ID, sha("b"), sha("a"), checks.Relation{}, at(11)))
	tables := []string{"gates", "deployments", "tag_puts", "ranges", "range_commits", "relation_cache"}
	rows := func() (out []int64) {
		for _, table := range tables {
			out = append(out, w.count(`SELECT count(*) FROM `+table))
		}
		return out
	}
	for _, c := range []struct {
		days float64
		want []int64
	}{{0, []int64{1, 2, 2, 1, 1, 1}}, {29, []int64{1, 2, 2, 1, 1, 1}}, {32, []int64{0, 2, 2, 1, 1, 0}}, {91, []int64{0, 1, 1, 0, 0, 0}}} {
		w.ok(w.Prune(w.ctx, at(c.days*86400+20)))
		if got := rows(); !slices.Equal(got, c.want) {
			t.Errorf("after %v days %q have %v rows, want %v", c.days, tables, got, c.want)
		}
	}
	if k := w.knows(r); k.Pusher != rosa || len(k.Deployments) != 1 || len(k.Acts) != 3 {
		t.Errorf("of the release is known %+v", k)
	}
	w.verifies()
}
