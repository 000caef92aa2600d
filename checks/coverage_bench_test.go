package checks

import (
	"fmt"
	"testing"
)

// wideMeasured is a pull request of 100 files, 40 added lines each, 2 of them
// missed, and two workflows.
func wideMeasured() *measured {
	m := newMeasured().project(8000, 50).based(BaseCoverage{Start: "base000000", Commit: "base000000", Total: Totals{All: 90000, Hit: 81000}})
	m.rules.Reports = append(m.rules.Reports, ReportRule{Workflow: "web.yml"})
	m.cov.Runs = append(m.cov.Runs, workflow(2, "web.yml=success"), workflow(3, "lint.yml=success"))
	m.cov.Reports = append(m.cov.Reports, Report{Run: 2, Artifact: 12, Name: "coverage-web", File: "lcov.info", Format: "LCOV", Files: 300})
	m.cov.Total = Totals{All: 92000, Hit: 82600}
	m.cov.Files, m.Files = nil, nil
	for i := range 100 {
		path := fmt.Sprintf("src/module%d/file%02d.%s", i%7, i, []string{"go", "ts", "py"}[i%3])
		m.Files = append(m.Files, File{Path: path, Status: "modified", Additions: 40, Deletions: 12})
		m.cov.Files = append(m.cov.Files, fileOf(path, "10-30,41-50", "31", "51,60-60"))
	}
	m.FileCount = len(m.Files)
	return m
}

func TestTheWidePullRequestIsMet(t *testing.T) {
	r := wideMeasured().judged(t)
	wantCoverage(t, "wide", r, Met, "94.11 % of the 3400 added lines that can run are covered", "It drops by")
	if n := len(part(r, "coverage/patch").Annotations); n != annotationLimit {
		t.Errorf("%d annotations", n)
	}
}

func BenchmarkCoverage(b *testing.B) {
	m := wideMeasured()
	pull := m.pull()
	b.ReportAllocs()
	for b.Loop() {
		if m.rules.Eval(pull).State != Met {
			b.Fatal("not met")
		}
	}
}
