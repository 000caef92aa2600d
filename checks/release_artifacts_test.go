package checks_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func sentArtifact(name, digest, workflow string, seq int64) checks.ReleaseArtifact {
	return checks.ReleaseArtifact{From: string(checks.FromUpload), Name: name, Digest: digest, Workflow: ".github/workflows/" + workflow, Run: seq, Seq: seq}
}

func sentScan(digest, workflow string, seq int64, found map[string]int) checks.ReleaseArtifact {
	return checks.ReleaseArtifact{From: string(checks.FromScan), Digest: digest, Workflow: ".github/workflows/" + workflow, Seq: seq, Scanned: found, ScannedRead: true}
}

func TestOnlyWhatThePolicyNamesIsAnArtifact(t *testing.T) {
	own := checks.NewReleaseRules()
	own.Artifacts = []checks.ArtifactRule{{Name: "app_*.tar.gz"}, {Name: "ghcr.io/acme/app", From: checks.FromUpload, Workflow: "image.yml"}}
	floor := checks.NewReleaseRules()
	floor.Artifacts = []checks.ArtifactRule{{Name: "ghcr.io/acme/*", From: checks.FromUpload}}
	page := checks.ReleasePage{Assets: []checks.Asset{{Name: "app_linux.tar.gz", Digest: "sha256:a1"}, {Name: "app_mac.tar.gz"}, {Name: "notes.md", Digest: "sha256:a3"}}}
	sent := []checks.ReleaseArtifact{
		sentArtifact("ghcr.io/acme/app", "sha256:b1", "image.yml", 3), sentArtifact("ghcr.io/acme/app", "sha256:b2", "evil.yml", 4),
		sentArtifact("ghcr.io/acme/app", "sha256:b1", "image.yml", 9), // the same, of another run
		sentArtifact("docker.io/acme/app", "sha256:b3", "image.yml", 5), sentArtifact("app_linux.tar.gz", "sha256:b4", "image.yml", 6),
		sentScan("sha256:b1", "evil.yml", 7, map[string]int{"low": 9}), sentScan("sha256:b1", "image.yml", 8, map[string]int{"high": 1, "low": 2, "none": 0}),
		sentScan("sha256:b1", "image.yml", 10, map[string]int{"low": 1, "medium": 4}), sentScan("", "image.yml", 11, map[string]int{"low": 1}),
		sentScan("sha256:a1", "image.yml", 12, map[string]int{}),
	}
	type line struct {
		Rule, Name, Digest string
		Seq                int64
		Read               bool
		Found              map[string]int
	}
	want := []line{
		{"app_*.tar.gz", "app_linux.tar.gz", "sha256:a1", 0, true, map[string]int{}},
		{"app_*.tar.gz", "app_mac.tar.gz", "", 0, false, nil},
		{"ghcr.io/acme/*", "ghcr.io/acme/app", "sha256:b1", 3, true, map[string]int{"high": 1, "low": 9, "medium": 4}},
		{"ghcr.io/acme/*", "ghcr.io/acme/app", "sha256:b2", 4, false, nil},
		{"ghcr.io/acme/app", "ghcr.io/acme/app", "sha256:b1", 3, true, map[string]int{"high": 1, "low": 2, "medium": 4}},
	}
	p := checks.Policy{Release: own, FloorRelease: floor}
	for range 2 {
		var got []line
		for _, a := range p.NamedArtifacts(page, sent) {
			got = append(got, line{a.Rule, a.Name, a.Digest, a.Seq, a.ScannedRead, a.Scanned})
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		slices.Reverse(sent)
		slices.Reverse(page.Assets)
	}
	if got := (checks.Policy{}).NamedArtifacts(page, sent); len(got) != 0 {
		t.Errorf("where no policy names any: %+v", got)
	}
}

func TestAFindingHasASeverityInAWord(t *testing.T) {
	for _, c := range []struct {
		f    checks.Finding
		want string
	}{
		{checks.Finding{Severity: 100, Rated: true}, "critical"}, {checks.Finding{Severity: 90, Rated: true}, "critical"}, {checks.Finding{Severity: 89, Rated: true}, "high"},
		{checks.Finding{Severity: 69, Rated: true}, "medium"}, {checks.Finding{Severity: 1, Rated: true}, "low"}, {checks.Finding{Rated: true, Level: "warning"}, "none"},
		{checks.Finding{Level: "error"}, "high"}, {checks.Finding{Level: "warning"}, checks.Unrated}, {checks.Finding{Severity: 101, Rated: true}, checks.Unrated},
		{checks.Finding{Severity: -1, Rated: true}, checks.Unrated}, {checks.Finding{}, checks.Unrated},
	} {
		if got := checks.SeverityWord(c.f); got != c.want {
			t.Errorf("%+v: %q, want %q", c.f, got, c.want)
		}
	}
}
