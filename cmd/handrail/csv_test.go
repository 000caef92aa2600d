package main

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

func TestASpreadsheetTakesNoCellForAFormulaAndEveryCellComesBackWhole(t *testing.T) {
	var out strings.Builder
	rows := [][]string{
		{"plain", "", "a,b", `say "x"`, "two\nlines"},
		{"=1+1", "+1", "-1", "@x", "\t=1"},
		{"\x1b[2J", "a\u202eb", "it's = fine", "'=x", "\r=1"},
	}
	if err := printCSV(&out, rows); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"plain", "", "a,b", `say "x"`, "two\nlines"},
		{"'=1+1", "'+1", "'-1", "'@x", "'\t=1"},
		{"\ufffd[2J", "a\ufffdb", "it's = fine", "'=x", "'\ufffd=1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if lines := strings.Count(out.String(), "\r\n"); lines < 3 {
		t.Errorf("%d lines end as RFC 4180 has it: %q", lines, out.String())
	}
}

func TestAChangeIsWrittenTheSameInEveryFormAndHostileTextStaysHarmless(t *testing.T) {
	hostile := "=HYPERLINK(\"http://evil\")\x1b[31m\u202e| x"
	list := []checks.Brought{{Number: 7, Title: hostile, Author: "alice", Commits: []string{"abc"}, State: checks.EvidenceBypassed, Why: hostile}, {Title: hostile}}
	for _, form := range [][2]bool{{}, {true, false}, {false, true}} {
		var out strings.Builder
		if err := printBrought(&out, list, form[0], form[1]); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(out.String(), "\x1b\u202e") || !strings.Contains(out.String(), "HYPERLINK") {
			t.Errorf("%v: %q", form, out.String())
		}
		if form[1] && strings.Contains(out.String(), `,"=HYPER`) {
			t.Errorf("a formula: %q", out.String())
		}
	}
}
