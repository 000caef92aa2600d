package store

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func TestTheNewestOfWhatRunsSendCountsForEachNameAndWorkflow(t *testing.T) {
	w := open(t)
	job, r, _, _ := w.approved("v1")
	w.finish(job, FinishInfo{}, at(6))
	n := 0
	token := func() checks.RunToken {
		n++
		return checks.RunToken{ID: fmt.Sprint("token", n), Expires: at(1000), RepoID: acme.ID}
	}
	send := func(u ArtifactUpload, fresh bool) (seq int64) {
		t.Helper()
		u.RepoID, u.Attempt, u.SHA = acme.ID, 1, sha("a")
		keep := w.KeepArtifact
		if u.Found != nil {
			keep = w.KeepArtifactScan
		}
		seq, got, err := keep(w.ctx, u, token(), at(10))
		if err != nil || got != fresh || seq == 0 {
			t.Errorf("%+v is fresh %v, entry %d: %v", u, got, seq, err)
		}
		return seq
	}
	image := ArtifactUpload{Run: 1, Workflow: "image.yml", Name: "ghcr.io/acme/app", Digest: "sha256:1"}
	first := send(image, true)
	if again := send(image, false); again != first {
		t.Errorf("sent again it is entry %d, which was %d", again, first)
	}
	w.finish(w.claimRelease("v1", 11), FinishInfo{}, at(11))
	w.idle(at(12))
	image.Run, image.Digest = 2, "sha256:2"
	second := send(image, true)
	image.Run, image.Workflow = 5, "other.yml"
	third := send(image, true)
	scan := ArtifactUpload{Run: 3, Workflow: "image.yml", Digest: "sha256:2", Report: "r1", Found: map[string]int{"high": 2}}
	send(scan, true)
	scan.Run, scan.Report, scan.Found = 4, "r2", map[string]int{}
	fourth := send(scan, true)
	send(scan, false)
	scan.Report, scan.Found = "r3", map[string]int{"low": 1} // by another tool in the same run
	fifth := send(scan, true)
	want := []checks.ReleaseArtifact{
		{Name: "ghcr.io/acme/app", Digest: "sha256:2", From: string(checks.FromUpload), Run: 2, Workflow: "image.yml", Seq: second},
		{Name: "ghcr.io/acme/app", Digest: "sha256:2", From: string(checks.FromUpload), Run: 5, Workflow: "other.yml", Seq: third},
		{Digest: "sha256:2", From: string(checks.FromScan), Run: 4, Workflow: "image.yml", Seq: fourth, ScannedRead: true, Scanned: map[string]int{}},
		{Digest: "sha256:2", From: string(checks.FromScan), Run: 4, Workflow: "image.yml", Seq: fifth, ScannedRead: true, Scanned: map[string]int{"low": 1}},
	}
	if diff := cmp.Diff(want, w.knows(r).Artifacts); diff != "" {
		t.Error(diff)
	}
	if k, err := w.ReleaseKnown(w.ctx, rel("v2"), sha("b"), sha("b")); err != nil || len(k.Artifacts) != 0 {
		t.Errorf("another commit has %+v %v", k.Artifacts, err)
	}
	row, _, err := w.Entry(w.ctx, first)
	w.ok(err)
	if row.Kind != KindArtifact || row.Subject != "release/v1" || w.logged(KindArtifactScan) != 3 {
		t.Errorf("it is entry %+v", row)
	}
	used := checks.RunToken{ID: "token1", Expires: at(1000), RepoID: acme.ID}
	if _, _, err := w.KeepArtifact(w.ctx, image, used, at(20)); !errors.Is(err, ErrUsed) {
		t.Errorf("by a used token: %v", err)
	}
	for i := range UploadsTaken {
		send(ArtifactUpload{Run: 9, Workflow: "image.yml", Name: fmt.Sprint("file", i), Digest: "sha256:3"}, true)
	}
	late := ArtifactUpload{RepoID: acme.ID, Run: 9, Attempt: 1, SHA: sha("a"), Name: "one more", Digest: "sha256:3"}
	if _, _, err := w.KeepArtifact(w.ctx, late, token(), at(20)); !errors.Is(err, ErrCrowded) {
		t.Errorf("one too many: %v", err)
	}
	w.verifies()
}
