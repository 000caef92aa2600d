package scan

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

const oneResult = `{"ruleId":"r2","message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{"startLine":3}}}]}`

// archiveOf is a zip archive of names, each with its text.
func archiveOf(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAnArtifactIsReadFileByFile(t *testing.T) {
	clean, found := sarifOf(oneTool, `"results":[]`), sarifOf(oneTool, `"results":[`+oneResult+`,1]`)
	tree := checks.Tree{Files: map[string]string{"a.go": "blob"}}
	for name, c := range map[string]struct {
		files []string
		globs []checks.Glob
		want  []checks.Report
	}{
		"by what they hold": {
			[]string{"b/x.sarif", found, "b/y.json", clean, "b/package.json", "{}", "b/z.html", "<html>", "b/notes.txt", "hello"}, nil,
			[]checks.Report{{File: "b/x.sarif", Format: "SARIF", Files: 1}, {File: "b/y.json", Format: "SARIF"}},
		},
		"by the policy's globs": {
			[]string{"b/x.sarif", found, "b/y.json", clean}, []checks.Glob{"**/*.json"},
			[]checks.Report{{File: "b/y.json", Format: "SARIF"}},
		},
		"one is broken": {
			[]string{"x.sarif", found, "y.sarif", ""}, nil,
			[]checks.Report{{File: "x.sarif", Format: "SARIF", Files: 1}, {File: "y.sarif", Format: "SARIF", Problem: "SARIF, line 1: the file holds no object"}},
		},
		"none is SARIF": {
			[]string{"a.json", "{}", "b.css", "b"}, nil,
			[]checks.Report{{Foreign: true, Problem: "it holds no SARIF report that handrail understands: found a.json, b.css"}},
		},
		"empty": {nil, nil, []checks.Report{{Foreign: true, Problem: "it holds no file that may be a SARIF report"}}},
	} {
		for i := range c.want {
			c.want[i].Run, c.want[i].Artifact, c.want[i].Name = 7, 9, "sarif"
		}
		_, got := reported(t, tree, checks.ReportSource{Run: 7, Artifact: 9, Name: "sarif", Archive: true, Files: c.globs, Data: archiveOf(t, c.files...)})
		if d := cmp.Diff(c.want, got.Reports); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	_, got := reported(t, tree, checks.ReportSource{Archive: true, Data: []byte("hello")})
	if len(got.Reports) != 1 || got.Reports[0].Foreign || !strings.HasPrefix(got.Reports[0].Problem, "the archive is damaged") {
		t.Errorf("%+v", got.Reports)
	}
}

// Two workflows, or one that was run again, may leave the same.
func TestReportsArePutTogetherInAnyOrder(t *testing.T) {
	other := strings.Replace(sarifOf(oneTool, `"results":[`+oneResult+`]`), `"name":"X"`, `"name":"Y","version":"2"`, 1)
	sources := []checks.ReportSource{
		{Run: 1, Artifact: 2, Name: "a", Archive: true, Data: archiveOf(t, "x.sarif", sarifOf(oneTool, `"results":[`+oneResult+`,`+oneResult+`]`), "y.sarif", other)},
		{Run: 1, Artifact: 3, Name: "b.sarif", Data: []byte(sarifOf(oneTool, `"results":[`+oneResult+`,7]`))},
		{Run: 2, Name: "c.sarif", Data: []byte(sarifOf(oneTool))},
	}
	tree := checks.Tree{Files: map[string]string{"a.go": "blob"}}
	all, got := reported(t, tree, sources...)
	again, same := reported(t, tree, sources[2], sources[1], sources[0], sources[1])
	if d := cmp.Diff(got, same); d != "" || len(again) != len(all) {
		t.Error(d)
	}
	want := []checks.ToolRun{ // the one that failed comes first
		{Tool: "X", Failed: "the run has no list of results"}, {Tool: "X", Results: 1}, {Tool: "X", Results: 2}, {Tool: "Y", Version: "2", Results: 1},
	}
	if d := cmp.Diff(want, got.Tools); d != "" || len(all) != 2 || got.Skipped != 1 || got.Resolved != 1 {
		t.Errorf("%s; %d findings; %+v", d, len(all), got)
	}
}

func TestFindingsAreNotGuessedWhereNoFilesAreListed(t *testing.T) {
	all, got := reported(t, checks.Tree{}, checks.ReportSource{Name: "a.sarif", Data: []byte(sarifOf(oneTool, `"results":[`+oneResult+`]`))})
	if got.Unplaced == "" || got.Unresolved != 1 || len(all) != 1 || all[0].path != "a.go" || all[0].known {
		t.Errorf("%+v %+v", got, all)
	}
}

func TestReportsAreBoundedTogetherNotOnlyOneByOne(t *testing.T) {
	results := func(n int, text string) []byte {
		one := `{"ruleId":"r2","message":{"text":"` + text + `"}}`
		return []byte(sarifOf(oneTool, `"results":[`+strings.Repeat(one+",", n-1)+one+`]`))
	}
	problems := func(r *Reports, sources ...[]byte) (out []string) {
		for i, s := range sources {
			if err := r.Add(t.Context(), checks.ReportSource{Run: int64(i), Name: "x.sarif", Data: s}); err != nil {
				t.Fatal(err)
			}
		}
		for _, n := range r.notes {
			out = append(out, n.Problem)
		}
		return out
	}
	many := NewReports()
	many.findings = 5
	if d := cmp.Diff([]string{"", "the reports hold more than 200000 results together", ""}, problems(many, results(3, "m"), results(3, "m"), results(2, "m"))); d != "" {
		t.Error(d)
	}
	long := NewReports()
	long.texts = 1000
	if d := cmp.Diff([]string{"", "the results of the reports hold more than 64 MiB of text together"}, problems(long, results(5, "m"), results(20, strings.Repeat("m", 60)))); d != "" {
		t.Error(d)
	}
	large := NewReports()
	large.left = 2000
	if d := cmp.Diff([]string{"", "the reports are larger than 256 MiB together"}, problems(large, results(2, "m"), results(20, strings.Repeat("m", 60)))); d != "" {
		t.Error(d)
	}
}

func TestReadingReportsStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := NewReports()
	err := r.Add(ctx, checks.ReportSource{Name: "x.sarif", Data: []byte(sarifOf(oneTool, `"results":[]`))})
	if !errors.Is(err, context.Canceled) || len(r.notes) > 0 || len(r.seen) > 0 {
		t.Errorf("%v %+v", err, r.notes)
	}
}

// A message may quote the secret that the tool found.
func TestSecretsAreTakenOutOfMessagesBeforeTheyAreKept(t *testing.T) {
	r := NewReports()
	r.scrub = func(text string) string { return strings.ReplaceAll(text, "opensesame", "[redacted]") }
	long := strings.Repeat("x", 295)
	text := sarifOf(oneTool, `"invocations":[{"executionSuccessful":false,"exitCodeDescription":"bad opensesame"}]`,
		`"results":[{"ruleId":"opensesame","locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/opensesame"}}}],"message":{"text":"found open\u200bsesame"}},{"ruleId":"r2","message":{"text":"`+long+`opensesame"}}]`)
	if err := r.Add(t.Context(), checks.ReportSource{Name: "opensesame.sarif", Data: []byte(text)}); err != nil {
		t.Fatal(err)
	}
	set, got, err := r.Done(checks.Tree{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := decodeFindings(set)
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	for _, e := range all {
		if strings.Contains(fmt.Sprint(e), "opens") {
			t.Error(e)
		}
	}
	if strings.Contains(fmt.Sprint(got), "opens") {
		t.Error(got)
	}
	if got.Tools[0].Failed != "the tool says that it failed: bad [redacted]" {
		t.Error(got.Tools)
	}
}

// What a hostile report has many of neither takes long nor fills the snapshot.
func TestAHostileReportIsToldOfInFewWords(t *testing.T) {
	var runs []string
	for i := range maxToolRuns {
		failed := i == 50
		runs = append(runs, fmt.Sprintf(`{"tool":{"driver":{"name":"%03d%s"}},"invocations":[{"executionSuccessful":%t}],"results":[]}`, i, strings.Repeat("n", 500), !failed))
	}
	var sources []checks.ReportSource
	for i := range 5 {
		text := `{"version":"2.1.0","runs":[` + strings.ReplaceAll(strings.Join(runs, ","), `"name":"`, fmt.Sprintf(`"name":"%d`, i)) + `]}`
		sources = append(sources, checks.ReportSource{Run: int64(i), Name: "x.sarif", Data: []byte(text)})
	}
	_, got := reported(t, checks.Tree{}, sources...)
	failed := 0
	for _, r := range got.Tools {
		if r.Failed != "" {
			failed++
		}
		if len(r.Tool) > 110 {
			t.Fatal(r.Tool)
		}
	}
	if len(got.Tools) != mostTools || failed != 5 {
		t.Errorf("%d runs are told of, %d of them failed", len(got.Tools), failed)
	}
}

// A report of a scanner for secrets quotes the secret: whoever reads the set, or
// the id of a finding, must not be able to guess what it was.
func TestWhatAReportQuotesIsHashedUnderTheServersKey(t *testing.T) {
	quoted := sarifOf(oneTool, `"results":[{"ruleId":"r2","message":{"text":"a password"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{"startLine":3,"snippet":{"text":"opensesame"}}}}]}]`)
	ids := map[string]bool{}
	for _, key := range []seal{nil, seal("one"), seal("two"), seal("two")} {
		r := NewReports()
		r.seal = key
		if err := r.Add(t.Context(), checks.ReportSource{Name: "x.sarif", Data: []byte(quoted)}); err != nil {
			t.Fatal(err)
		}
		set, _, err := r.Done(checks.Tree{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Compare(set, nil, nil)
		if err != nil || len(got.New) != 1 {
			t.Fatal(got, err)
		}
		ids[got.New[0].ID] = true
	}
	if len(ids) != 3 {
		t.Errorf("%d ids of three keys: %v", len(ids), ids)
	}
}

func TestAScannersReportsHoldNoSecretOfAMessage(t *testing.T) {
	sum := sha256.Sum256([]byte("no token of anybody"))
	token := "ghp_" + hex.EncodeToString(sum[:])[:36]
	r := New([]byte("key")).Reports()
	text := sarifOf(oneTool, `"results":[{"ruleId":"opensesame","locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/opensesame"}}}],"message":{"text":"found `+token+` in a.go"}}]`)
	if err := r.Add(t.Context(), checks.ReportSource{Name: "x.sarif", Data: []byte(text)}); err != nil {
		t.Fatal(err)
	}
	set, _, err := r.Done(checks.Tree{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := decodeFindings(set)
	if err != nil || len(all) != 1 || strings.Contains(all[0].text, token[:12]) || !strings.Contains(all[0].text, "redacted") {
		t.Fatal(all, err)
	}
}
