package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// findingStore is a database with one open finding about a name that would change
// how the terminal shows others.
func findingStore(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "handrail.db")
	openFinding(t, path)
	return path
}

// openFinding opens a finding in a record.
func openFinding(t *testing.T, path string) {
	t.Helper()
	s, err := store.Open(t.Context(), path, store.Options{Origin: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	sub := checks.Subject{RepoID: 1, Owner: "acme", Repo: "shop", Number: 7}
	if err := s.Touch(t.Context(), sub, store.Known{}, "test", now, now); err != nil {
		t.Fatal(err)
	}
	jobs, err := s.Claim(t.Context(), 1, time.Minute, now)
	if err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err)
	}
	_, err = s.OpenFinding(t.Context(), jobs[0], store.Opening{Kind: store.FindingBypass, Fact: "7", Detail: store.FindingDetail{
		What: "ev\u202eil merged #7 into main\nwhile its requirements were waiting.", Pull: 7, Missing: []string{"Review: nobody has approved"},
	}}, now)
	if err != nil {
		t.Fatal(err)
	}
}

func ran(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestAFindingIsListedAndIsClosedByAPersonWithAReasonOnly(t *testing.T) {
	db := "--database=" + findingStore(t)
	code, out, _ := ran("audit", "findings", "--open", db)
	for _, w := range []string{"bypass", "acme/shop", "open", "il merged #7 into main while its requirements were waiting.", "missing: Review: nobody has approved"} {
		if code != 0 || !strings.Contains(out, w) {
			t.Errorf("%d: it does not say %q:\n%s", code, w, out)
		}
	}
	if strings.ContainsRune(out, '\u202e') {
		t.Error("a name turns the line round")
	}
	for _, args := range [][]string{
		{"close", "1"}, {"close", "1", "--by=olga"}, {"close", "1", "--reason=agreed"}, {"close", "1", "--by= ", "--reason=agreed"},
		{"close", "1", "--by=olga", "--reason= "}, {"close", "2", "--by=olga", "--reason=agreed"}, {"close", "x", "--by=olga", "--reason=agreed"},
		{"findings", "--kind=bypasses"}, {"findings", "--limit=0"},
	} {
		if code, out, errs := ran(append(append([]string{"audit"}, args...), db)...); code != exitError || errs == "" {
			t.Errorf("%v: %d %s%s", args, code, out, errs)
		}
	}
	if code, out, errs := ran("audit", "close", "#1", "--by=olga", "--reason=agreed with security", db); code != 0 || !strings.HasPrefix(out, "closed finding 1 by olga: entry ") {
		t.Fatalf("%d %s%s", code, out, errs)
	}
	if _, out, _ := ran("audit", "findings", "--open", db); strings.Contains(out, "bypass") {
		t.Errorf("it is still open:\n%s", out)
	}
	if _, out, _ := ran("audit", "findings", db); !strings.Contains(out, "by olga: agreed with security") {
		t.Errorf("it does not say who closed it:\n%s", out)
	}
	if _, out, _ := ran("audit", "findings", "--json", db); !strings.Contains(out, `"closed_by":"olga","reason":"agreed with security"`) {
		t.Errorf("%s", out)
	}
	if code, out, errs := ran("audit", "verify", db); code != 0 {
		t.Errorf("the log does not verify: %s%s", out, errs)
	}
}
