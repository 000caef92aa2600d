package store

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func TestReleasesAreListedAPageAtATimeByWhatIsAskedFor(t *testing.T) {
	w := open(t)
	w.releasing()
	phases := []checks.Phase{checks.PhaseSigning, checks.PhaseDeployed, checks.PhaseSigning, checks.PhaseRejected, checks.PhaseGathering}
	for i, phase := range phases {
		tag, commit := fmt.Sprint("v", i), sha(fmt.Sprint(i))
		job := w.put(tag, commit, float64(10*i))
		r := release(tag, commit, at(float64(10*i+2)))
		w.seen(job, r)
		_, err := w.KeepEvidence(w.ctx, job, checks.ReleaseEvidence{Digest: tag}, []checks.Brought{{Number: i}, {Number: 7}}, at(float64(10*i+2)))
		w.ok(err)
		if i < 4 {
			_, err = w.Record(w.ctx, job, releaseRecord(r, phase), at(float64(10*i+3)))
			w.ok(err)
		}
		w.finish(job, FinishInfo{}, at(float64(10*i+3)))
	}
	for name, c := range map[string]struct {
		f    ReleaseFilter
		want []string
	}{
		"all that were judged": {ReleaseFilter{}, []string{"v3", "v2", "v1", "v0"}},
		"of the repository":    {ReleaseFilter{Repo: "Acme/Shop"}, []string{"v3", "v2", "v1", "v0"}},
		"by phase":             {ReleaseFilter{Phase: checks.PhaseSigning}, []string{"v2", "v0"}},
		"in progress":          {ReleaseFilter{Live: true}, []string{"v3", "v2", "v0"}},
		"by tag":               {ReleaseFilter{Repo: "acme/shop", Tag: "v1"}, []string{"v1"}},
		"with a pull request":  {ReleaseFilter{Repo: "acme/shop", Pull: 2}, []string{"v2"}},
	} {
		var got []string
		for f := c.f; ; {
			f.Limit = 2
			rows, err := w.Releases(w.ctx, f)
			w.ok(err)
			for _, r := range rows {
				got = append(got, r.Tag)
				f.After = r.Cursor()
			}
			if len(rows) < 2 {
				break
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	row, err := w.ReleaseOf(w.ctx, "acme/shop", "v3")
	w.ok(err)
	r := release("v3", sha("3"), at(32))
	if row.Phase != checks.PhaseRejected || row.Candidate != candidate(r).Digest || !row.Since.Equal(at(32)) || row.Commit != sha("3") || row.Subject.Installation != installation ||
		row.State != checks.Unmet || !row.At.Equal(at(32)) || row.Verdict == 0 || row.Repo != "acme/shop" {
		t.Errorf("v3 is %+v", row)
	}
	rec, found, err := w.ReleaseRecord(w.ctx, row)
	if err != nil || !found || rec.ReleaseVerdict.Tag != "v3" || rec.Release.Tag.Commit != sha("3") || rec.Verdict.Results != nil {
		t.Errorf("its record is %+v %v %v", rec, found, err)
	}
	if entries, err := w.List(w.ctx, Filter{Repo: "acme/shop", Release: "v3"}); err != nil || len(entries) != 4 { // delivery, candidate, evidence, verdict
		t.Errorf("its log is %+v %v", entries, err)
	}
	for _, tag := range []string{"v9", ""} {
		if _, err := w.ReleaseOf(w.ctx, "acme/shop", tag); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", tag, err)
		}
	}
	if _, err := w.ReleaseOf(w.ctx, "acme/other", "v1"); !errors.Is(err, ErrUnknown) {
		t.Errorf("of another repository: %v", err)
	}
	if _, err := w.Decision(w.ctx, "acme", "shop", "v1"); !errors.Is(err, ErrNoDecision) {
		t.Errorf("the decision on one that was not promoted: %v", err)
	}
	if _, err := w.Releases(w.ctx, ReleaseFilter{After: "nonsense"}); err == nil {
		t.Error("a page that ends nowhere is listed")
	}
}

func TestWhoSignedWhatIsListedByWhateverIsAskedFor(t *testing.T) {
	w := open(t)
	job, r, digest, acts := w.approved("v1")
	_, err := w.Record(w.ctx, job, promotion(r, digest, acts), at(6))
	w.ok(err)
	byRosa := spoken(checks.ActReject, "", 9, 50)
	byRosa.By = rosa
	_, err = w.KeepActs(w.ctx, job, []checks.Act{byRosa}, at(50))
	w.ok(err)
	for name, c := range map[string]struct {
		f    ActFilter
		want int
	}{
		"all": {ActFilter{}, 4}, "of the repository": {ActFilter{Repo: "acme/shop"}, 4}, "of the release": {ActFilter{Repo: "acme/shop", Tag: "v1"}, 4}, "of another": {ActFilter{Tag: "v2"}, 0},
		"by kind": {ActFilter{Kind: checks.ActSign}, 2}, "by whom": {ActFilter{By: "ROSA"}, 1}, "that count": {ActFilter{Counts: true}, 2},
		"since": {ActFilter{Since: at(4)}, 3}, "until": {ActFilter{Until: at(4)}, 1}, "behind": {ActFilter{After: acts[1].Seq}, 2}, "so many": {ActFilter{Limit: 1}, 1},
	} {
		rows, err := w.SignOffs(w.ctx, c.f)
		w.ok(err)
		if len(rows) != c.want {
			t.Errorf("%s: %+v", name, rows)
		}
		for _, row := range rows {
			if row.Tag != "v1" || row.Repo != "acme/shop" || row.RepoID != acme.ID {
				t.Errorf("%s: %+v", name, row)
			}
		}
	}
	if _, err := w.SignOffs(w.ctx, ActFilter{Repo: "acme/other"}); !errors.Is(err, ErrUnknown) {
		t.Errorf("of a repository that nobody knows: %v", err)
	}
}

func TestReleasesThatAreOutAreToldToTheOthers(t *testing.T) {
	w := open(t)
	job, r, digest, acts := w.approved("v1")
	_, err := w.Record(w.ctx, job, promotion(r, digest, acts), at(6))
	w.ok(err)
	w.ok(w.MarkReleased(w.ctx, job, at(8)))
	w.ok(w.ObserveRelease(w.ctx, job, &checks.Release{Repo: r.Repo, Tag: checks.Tag{Name: "v1", OID: sha("f"), Commit: sha("f")}}, at(9))) // moved since
	w.finish(job, FinishInfo{}, at(9))
	other := w.put("v2", sha("b"), 10)
	two := release("v2", sha("b"), at(12))
	w.seen(other, two)
	if diff := cmp.Diff([]checks.Out{{Tag: "v1", Commit: sha("a"), At: at(8)}}, w.knows(two).Outs); diff != "" {
		t.Error(diff)
	}
	if outs := w.knows(r).Outs; len(outs) != 0 {
		t.Errorf("to itself it is told %+v", outs)
	}
}
