package hub_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/sim"
)

// alerts reads one kind of alert on the pull request as it is now.
func (w *world) alerts(kind checks.AlertKind) checks.Alerts {
	w.t.Helper()
	pull, _ := w.read(checks.Need{})
	got, err := w.hub.Alerts(w.t.Context(), w.subj, &pull, kind)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

// granted is a world whose App may read all kinds of alerts.
func granted(t *testing.T) *world {
	w := newWorld(t)
	w.gh.SetPermission("security_events", "read")
	w.gh.SetPermission("secret_scanning_alerts", "read")
	w.gh.RevokeTokens()
	return w
}

func (w *world) scan(ref string, alerts ...sim.CodeAlert) {
	w.t.Helper()
	if err := w.shop.UploadCodeScan(sim.CodeScan{Ref: ref, Alerts: alerts}); err != nil {
		w.t.Fatal(err)
	}
}

// ids are the findings' ids.
func ids(a checks.Alerts) string {
	var out []string
	for _, f := range a.New {
		out = append(out, f.ID)
	}
	return strings.Join(out, " ")
}

var (
	stale = sim.CodeAlert{Rule: "go/stale", Text: "stale", Path: "a.go", Line: 1}
	fresh = sim.CodeAlert{Rule: "go/sql", Text: "built from input", Path: "b.go", Line: 1, Severity: "error", Level: "high"}
)

const mergeRef, headRef = "refs/pull/1/merge", "refs/pull/1/head"

func TestACodeScanningAlertIsNewWhereTheBaseDoesNotHaveIt(t *testing.T) {
	w := granted(t)
	w.scan("refs/heads/main", stale)
	w.scan(mergeRef, stale, fresh)
	got := w.alerts(checks.CodeScanning)
	if ids(got) != "code-scanning-2" || got.Old != 1 || got.Missing != "" || got.Pending {
		t.Fatalf("%+v", got)
	}
	f := got.New[0]
	if f.Severity != 70 || !f.Rated || f.Level != "error" || f.Path != "b.go" || f.Line != 1 || f.Tool != "CodeQL" || f.Rule != "go/sql" ||
		f.Text != "built from input" || f.URL != w.gh.URL()+"/acme/shop/security/code-scanning/2" || f.AtHead {
		t.Errorf("%+v", f)
	}
	w.shop.DismissCodeAlert(2)
	if got := w.alerts(checks.CodeScanning); len(got.New) != 0 || got.Old != 1 {
		t.Errorf("dismissed: %+v", got)
	}
}

func TestAHeadThatWasNotLookedAtIsPendingAndNotClean(t *testing.T) {
	w := granted(t)
	w.scan("refs/heads/main", stale)
	if got := w.alerts(checks.CodeScanning); !got.Pending || got.Missing != "" {
		t.Errorf("before the first analysis: %+v", got)
	}
	w.scan(mergeRef, stale)
	if got := w.alerts(checks.CodeScanning); got.Pending {
		t.Errorf("after it: %+v", got)
	}
	w.push("main", map[string]string{"later.txt": "x\n"})
	if got := w.alerts(checks.CodeScanning); got.Pending {
		t.Errorf("the base has moved, the head has not: %+v", got)
	}
	w.push("feature", map[string]string{"c.go": "package c\n"})
	if got := w.alerts(checks.CodeScanning); !got.Pending {
		t.Errorf("a new head: %+v", got)
	}
	w.scan(headRef, fresh)
	got := w.alerts(checks.CodeScanning)
	if got.Pending || ids(got) != "code-scanning-2" || !got.New[0].AtHead {
		t.Errorf("looked at by its own ref: %+v", got)
	}
}

func TestOneToolOfTwoIsNotAllThatLooksAtTheBase(t *testing.T) {
	w := granted(t)
	upload := func(ref, tool string) {
		if err := w.shop.UploadCodeScan(sim.CodeScan{Ref: ref, Tool: tool}); err != nil {
			t.Fatal(err)
		}
	}
	upload("refs/heads/main", "CodeQL")
	upload("refs/heads/main", "gosec")
	upload(mergeRef, "CodeQL")
	if got := w.alerts(checks.CodeScanning); !got.Pending {
		t.Errorf("%+v", got)
	}
	upload(headRef, "gosec")
	if got := w.alerts(checks.CodeScanning); got.Pending || got.Missing != "" {
		t.Errorf("%+v", got)
	}
}

func TestVulnerablePackagesThatComeInAreNewAndThoseThatStayAreNot(t *testing.T) {
	w := newWorld(t) // contents is all it takes
	for _, v := range []sim.Vulnerability{
		{Ecosystem: "pip", Package: "paint", Version: "1.0", Severity: "high", Advisory: "GHSA-1", Summary: "peels"},
		{Ecosystem: "pip", Package: "paint", Version: "1.1", Severity: "high", Advisory: "GHSA-1", Summary: "peels"},
		{Ecosystem: "pip", Package: "glue", Version: "2.0", Severity: "moderate", Advisory: "GHSA-2", Summary: "sticks"},
		{Ecosystem: "pip", Package: "glue", Version: "2.0", Severity: "critical", Advisory: "GHSA-3", Summary: "burns"},
	} {
		w.gh.AddVulnerability(v)
	}
	base := w.push("main", map[string]string{"requirements.txt": "paint==1.0\n"})
	w.commit(sim.Push{Branch: "feature", Parents: []string{base}, Files: map[string]string{"requirements.txt": "paint==1.1\nglue==2.0\nsafe==1.0\n"}})
	got := w.alerts(checks.DependencyReview)
	if len(got.New) != 2 || got.Old != 1 || got.Missing != "" {
		t.Fatalf("%+v", got)
	}
	for i, want := range []checks.Finding{
		{Rule: "GHSA-3", Severity: 90, Text: "glue 2.0 (pip): burns"}, {Rule: "GHSA-2", Severity: 40, Text: "glue 2.0 (pip): sticks"},
	} {
		f := got.New[i]
		if f.Rule != want.Rule || f.Severity != want.Severity || !f.Rated || f.Text != want.Text || f.Path != "requirements.txt" ||
			f.URL != w.gh.URL()+"/advisories/"+want.Rule || !strings.HasPrefix(f.ID, "d-") {
			t.Errorf("%+v", f)
		}
	}
	if got.New[0].ID == got.New[1].ID {
		t.Error("two vulnerabilities have one id")
	}
}

func TestASecretAlertIsNewWhereItsPlaceIsThePullRequests(t *testing.T) {
	w := granted(t)
	mine, old := w.pr.Head(), w.shop.Branch("main")
	comment := w.pr.Comment("alice", "see")
	for name, places := range map[string][]sim.SecretPlace{
		"commit":           {{Commit: mine, Path: "b.go"}},
		"later place":      {{Commit: old, Path: "a.go"}, {Commit: mine, Path: "b.go"}},
		"description":      {{Pull: w.pr}},
		"comment":          {{Comment: comment}},
		"elsewhere":        {{Commit: old, Path: "a.go"}},
		"elsewhere, twice": {{Commit: old, Path: "a.go"}, {Commit: old, Path: "README.md"}},
	} {
		if _, err := w.shop.AddSecretAlert(sim.SecretAlert{Type: name, Secret: "never shown", Places: places}); err != nil {
			t.Fatal(err)
		}
	}
	n, err := w.shop.AddSecretAlert(sim.SecretAlert{Type: "resolved", Places: []sim.SecretPlace{{Commit: mine, Path: "b.go"}}})
	if err != nil {
		t.Fatal(err)
	}
	w.shop.ResolveSecretAlert(n)
	got := w.alerts(checks.SecretScanning)
	found := map[string]bool{}
	for _, f := range got.New {
		found[f.Rule] = true
		if f.Rule == "commit" && (f.Path != "b.go" || f.Line != 1 || !f.AtHead || f.Level != "error") {
			t.Errorf("%+v", f)
		}
	}
	if len(got.New) != 4 || got.Old != 2 || found["elsewhere"] || found["elsewhere, twice"] || found["resolved"] || got.Missing != "" {
		t.Errorf("%+v", got)
	}
}

func TestWhatTheInstallationMayNotReadIsNotAskedFor(t *testing.T) {
	w := newWorld(t)
	for kind, permission := range map[checks.AlertKind]string{checks.CodeScanning: "security_events", checks.SecretScanning: "secret_scanning_alerts"} {
		pull, _ := w.read(checks.Need{})
		w.gh.ClearRequests()
		got, err := w.hub.Alerts(t.Context(), w.subj, &pull, kind)
		if err != nil || !strings.Contains(got.Missing, permission) || w.gh.Count(nil) != 0 {
			t.Errorf("%+v after %d requests, %v", got, w.gh.Count(nil), err)
		}
	}
	w = granted(t) // the token says so; then it is taken away
	w.scan(mergeRef, fresh)
	if got := w.alerts(checks.CodeScanning); got.Missing != "" || len(got.New) != 1 {
		t.Errorf("%+v", got)
	}
	w.gh.SetPermission("security_events", "")
	if got := w.alerts(checks.CodeScanning); !strings.Contains(got.Missing, "not accessible") {
		t.Errorf("%+v", got)
	}
}

func TestAFeatureThatTheRepositoryLacksIsMissing(t *testing.T) {
	for kind, f := range map[checks.AlertKind]sim.Feature{
		checks.CodeScanning: sim.CodeScanning, checks.DependencyReview: sim.DependencyGraph, checks.SecretScanning: sim.SecretScanning,
	} {
		w := granted(t)
		w.scan(mergeRef, fresh)
		w.shop.SetFeature(f, false)
		if got := w.alerts(kind); got.Missing == "" || len(got.New) > 0 {
			t.Errorf("%+v", got)
		}
		n := len(w.gh.Requests())
		w.shop.SetFeature(f, true)
		if got := w.alerts(kind); got.Missing == "" || len(w.gh.Requests()) != n+1 { // the verdict's own
			t.Errorf("asked again at once: %+v", got)
		}
	}
	w := granted(t)
	if got := w.alerts(checks.CodeScanning); !strings.Contains(got.Missing, "no analysis found") {
		t.Errorf("a repository that nothing ever looked at: %+v", got)
	}
}

func TestAlertsAreCountedApartAndYield(t *testing.T) {
	for kind, name := range map[checks.AlertKind]string{
		checks.CodeScanning: "alerts code-scanning", checks.DependencyReview: "alerts dependencies", checks.SecretScanning: "alerts secret-scanning",
	} {
		w := granted(t)
		w.scan("refs/heads/main", stale)
		w.scan(mergeRef, stale, fresh)
		w.alerts(kind)
		if n := w.hub.Counts()[hub.Operation{Kind: hub.REST, Name: name}]; n == 0 || n > 5 {
			t.Errorf("%s was counted %d times", name, n)
		}
		for _, f := range []sim.Failure{sim.Status(500), sim.Cut(), sim.Short()} {
			remove := w.gh.Fail(sim.Fault{When: func(q sim.Request) bool {
				return strings.Contains(q.Path, "scanning") || strings.Contains(q.Path, "dependency")
			}, Do: []sim.Failure{f}})
			pull, _ := w.read(checks.Need{})
			got, err := w.hub.Alerts(t.Context(), w.subj, &pull, kind)
			if _, ok := errors.AsType[*hub.Error](err); !ok {
				t.Errorf("%s, %v: %+v", name, f, got)
			}
			remove()
		}
		w.gh.SetBudget(w.subj.Installation, "core", 1000, time.Now().Add(2*time.Hour))
		pull, _ := w.read(checks.Need{})
		if _, err := w.hub.Between(t.Context(), w.subj, pull.Base.SHA, pull.Head.SHA); err != nil {
			t.Fatal(err)
		}
		_, err := w.hub.Alerts(t.Context(), w.subj, &pull, kind)
		if e, ok := errors.AsType[*hub.Error](err); !ok || !e.HasYielded() {
			t.Errorf("%s does not yield: %v", name, err)
		}
	}
}
