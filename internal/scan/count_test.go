package scan_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
)

// image is a report as Trivy writes it of a container image, shortened: its severity is
// in the rules' properties, and its places are in the image.
const image = `{"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [{
 "tool": {"driver": {"name": "Trivy", "rules": [
  {"id": "CVE-2026-1", "defaultConfiguration": {"level": "error"}, "properties": {"security-severity": "9.8"}},
  {"id": "CVE-2026-2", "defaultConfiguration": {"level": "warning"}, "properties": {"security-severity": "5.5"}},
  {"id": "CVE-2026-3", "defaultConfiguration": {"level": "note"}, "properties": {"security-severity": "2.0"}},
  {"id": "own", "defaultConfiguration": {"level": "warning"}}, {"id": "worse"}]}},
 "results": [
  {"ruleId": "CVE-2026-1", "ruleIndex": 0, "level": "error", "message": {"text": "openssl"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "acme/app", "uriBaseId": "ROOTPATH"}, "region": {"startLine": 1}}}]},
  {"ruleId": "CVE-2026-1", "ruleIndex": 0, "level": "error", "message": {"text": "libssl"}, "suppressions": [{"kind": "external"}]},
  {"ruleId": "CVE-2026-2", "ruleIndex": 1, "message": {"text": "zlib"}},
  {"ruleId": "CVE-2026-3", "ruleIndex": 2, "level": "note", "message": {"text": "tar"}},
  {"ruleId": "own", "ruleIndex": 3, "message": {"text": "runs as root"}},
  {"ruleId": "worse", "level": "error", "message": {"text": "a shell"}},
  {"ruleId": "own", "kind": "pass", "message": {"text": "has a user"}},
  {"level": "error"}]}]}`

func TestAScanOfAnImageIsCountedBySeverity(t *testing.T) {
	found, tools, err := scan.Count("image.json", strings.NewReader(image), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"critical": 2, "high": 1, "medium": 1, "low": 1, checks.Unrated: 2}
	if d := cmp.Diff(want, found); d != "" || len(tools) != 1 || tools[0] != "Trivy" {
		t.Errorf("by %v: %s", tools, d)
	}
	empty := `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "B"}}, "results": []}, {"tool": {"driver": {"name": "A"}}, "results": []}, {"tool": {"driver": {"name": "B"}}, "results": []}]}`
	if found, tools, err = scan.Count("x.sarif", strings.NewReader(empty), nil); err != nil || found == nil || len(found) != 0 || strings.Join(tools, " ") != "A B" {
		t.Errorf("nothing found: %v by %v, %v", found, tools, err)
	}
}

func TestWhatIsNoScanOfAnImageIsNotCounted(t *testing.T) {
	for text, want := range map[string]string{
		"":        "no SARIF",
		"{}":      "no SARIF",
		"SF:a.js": "no SARIF",
		`{"version": "2.0.0", "runs": [{"tool": {}, "results": []}]}`:         "2.1.0",
		`{"version": "2.1.0", "runs": []}`:                                    "no run",
		`{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "X"}}}]}`: "no list of results",
		`{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "X"}}, "invocations": [{"executionSuccessful": false}], "results": []}]}`:     "failed",
		`{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "X"}}, "results": [{"ruleId": "a", "message": {"text": "b"}}`:                 "line 1",
		`{"version": "2.1.0", "runs": [{"externalPropertyFileReferences": {"results": [{}]}, "tool": {"driver": {"name": "X"}}, "results": []}]}`: "other files",
	} {
		found, _, err := scan.Count("image.json", strings.NewReader(text), nil)
		if err == nil || !strings.Contains(err.Error(), want) || found != nil {
			t.Errorf("%s: %v, %v", text, found, err)
		}
	}
}

// TestTheSamplesAreCounted as many results as other readers see in them.
func TestTheSamplesAreCounted(t *testing.T) {
	for _, name := range []string{"gosec", "gitleaks", "flawfinder", "staticcheck"} {
		f, err := os.Open("../../fixtures/sarif/" + name + ".sarif")
		if err != nil {
			t.Fatal(err)
		}
		found, tools, err := scan.Count(name+".sarif", f, nil)
		f.Close()
		total := 0
		for _, n := range found {
			total += n
		}
		if err != nil || total == 0 || len(tools) != 1 {
			t.Errorf("%s: %v by %v, %v", name, found, tools, err)
		}
	}
}
