package checks

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// reported is a scanned pull request whose workflow scan.yml left a report of
// gosec, with these new findings.
func reported(t *testing.T, found ...Finding) *scanned {
	s := newScanned(t)
	s.rules.SARIF = &SARIFRules{Reports: []ReportRule{{Workflow: "scan.yml"}}}
	s.scan.SARIF = &Findings{
		Gathering: Gathering{
			Runs: []WorkflowRun{workflow(1, "scan.yml=success")}, Read: true, Tested: "c1",
			Reports: []Report{{Run: 1, Artifact: 11, Name: "sarif", File: "gosec.sarif", Format: "SARIF"}},
		},
		New: found, Against: "ba5e", Old: 3, Tools: []ToolRun{{Tool: "gosec", Version: "2.2", Results: 3}},
	}
	return s
}

// rated is a finding in line 5 of the changed file; "7.5" is its rating, other
// words are its level.
func rated(rating string) Finding {
	f := Finding{ID: "f-" + rating, Tool: "gosec", Rule: "G101", Text: "It is bad.", Path: "src/a.go", Line: 5, AtHead: true}
	if whole, tenth, ok := strings.Cut(rating, "."); ok {
		f.Rated, f.Severity = true, int(tenth[0]-'0')
		for _, c := range whole {
			f.Severity += 10 * int(c-'0')
		}
		if whole == "10" {
			f.Severity = 100
		}
	} else {
		f.Level = rating
	}
	return f
}

func TestNewFindingsCountByTheirRating(t *testing.T) {
	for _, c := range []struct {
		rating, block, review string
		state                 State
	}{
		{"10.0", "", "", Unmet}, {"7.0", "", "", Unmet}, {"6.9", "", "", Waiting}, {"4.0", "", "", Waiting}, {"3.9", "", "", Met}, {"0.0", "", "", Met},
		{"error", "", "", Unmet}, {"warning", "", "", Waiting}, {"note", "", "", Waiting}, {"", "", "", Waiting},
		{"8.9", "critical", "", Waiting}, {"9.0", "critical", "", Unmet}, {"error", "critical", "", Waiting}, {"4.0", "medium", "", Unmet}, {"0.1", "low", "", Unmet}, {"0.0", "low", "", Met}, {"0.0", "none", "", Unmet},
		{"10.0", "off", "", Waiting}, {"10.0", "off", "off", Met}, {"warning", "off", "off", Met}, {"6.9", "", "off", Met}, {"warning", "", "off", Waiting}, {"0.1", "", "low", Waiting}, {"0.0", "", "none", Waiting},
		{"0.0", "nonsense", "", Unmet},
	} {
		s := reported(t, rated(c.rating))
		s.rules.SARIF.Block, s.rules.SARIF.Review = Severity(c.block), Severity(c.review)
		if r := s.judged(); r.State != c.state {
			t.Errorf("%s with block %q and review %q is %s, not %s: %s", c.rating, c.block, c.review, r.State, c.state, allText(r))
		}
	}
}

func TestARequiredLookThatNeverComesIsSaidAndNotWaitedForForEver(t *testing.T) {
	s := newScanned(t)
	s.rules.Alerts = AlertRules{Kinds: []AlertKind{}, Require: []AlertKind{CodeScanning}}
	s.scan.Alerts = []Alerts{{Kind: CodeScanning, Pending: true}}
	s.Memory.Heads = []Head{{SHA: s.Head.SHA, Since: s.At.Add(-20 * time.Minute)}}
	if r := s.judged(); r.State != Waiting || !r.Until.Equal(s.At.Add(40*time.Minute)) {
		t.Errorf("%s until %s: %s", r.State, r.Until, allText(r))
	}
	s.Memory.Heads[0].Since = s.At.Add(-time.Hour)
	expect(t, s.judged(), Unmet, "GitHub has not looked at this head within 60 minutes by code scanning", "It must run for pull requests, not only after a merge")
}

func TestFindingsAreSaidWithWhatTheyWereComparedWith(t *testing.T) {
	expect(t, reported(t).judged(), Met, "No new findings; compared with main at ba5e, which has 3 already.", "Scanned by gosec 2.2 (3 results).")
	s := reported(t, rated("8.6"), rated("5.0"))
	s.scan.SARIF.Behind = 2
	r := part(s.judged(), findingsNoun.id)
	expect(t, r, Unmet, "A new finding blocks: src/a.go:5: It is bad (gosec G101, high, 8.6; f-8.6); compared with main at ba5e, 2 commits before the change began, which has 3 already.", `"/suppress f-8.6 REASON"`)
	if len(r.Annotations) != 2 || r.Annotations[0].Level != "failure" || r.Annotations[1].Level != "warning" || r.Annotations[0].Message != "It is bad (high, 8.6)" {
		t.Errorf("%+v", r.Annotations)
	}
	s.scan.SARIF.Against = ""
	expect(t, s.judged(), Unmet, "compared by lines only, since no report of main to compare with was found")
	s.scan.SARIF.New[0].AtHead = false
	if r := part(s.judged(), findingsNoun.id); len(r.Annotations) != 1 {
		t.Errorf("a line is pointed at that is another one at the head: %+v", r.Annotations)
	}
	s.said("sue", "/suppress f-8.6 not reachable")
	expect(t, s.judged(), Waiting, "1 new finding asks for a security review; 1 is let pass; compared", "Finding f-8.6 (gosec G101 in src/a.go:5) is let pass until")
}

func TestAFailedOrMissingScanIsNoCleanOne(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*scanned)
		state  State
		said   string
	}{
		{"not looked for yet", func(s *scanned) { s.scan.SARIF = nil }, Unmet, "the SARIF reports have not been looked for yet"},
		{"still running", func(s *scanned) { s.scan.SARIF.Runs = []WorkflowRun{workflow(1, "scan.yml")} }, Waiting, "The SARIF report of scan.yml for c1 has not come yet."},
		{"the workflow failed", func(s *scanned) { s.scan.SARIF.Runs = []WorkflowRun{workflow(1, "scan.yml=failure")} }, Unmet, "scan.yml has failed; what scanners find in c1 is not known."},
		{"it never started", func(s *scanned) { s.scan.SARIF.Runs = nil }, Unmet, "so nothing is known of what scanners find in it."},
		{"it left nothing", func(s *scanned) { s.scan.SARIF.Reports = nil }, Unmet, "scan.yml gave no SARIF report for c1: it left no artifact called *sarif* and sent none."},
		{"of another name", func(s *scanned) {
			s.rules.SARIF.Artifacts, s.scan.SARIF.Reports = []Glob{"*.sarif", "scan"}, nil
		}, Unmet, "called *.sarif or scan and"},
		{"malformed", func(s *scanned) { s.scan.SARIF.Reports[0].Problem = "SARIF 2.0.0, 2.1.0 is read" }, Unmet, "“gosec.sarif” in the artifact “sarif” of scan.yml cannot be used: SARIF 2.0.0, 2.1.0 is read."},
		{"not read", func(s *scanned) { s.scan.SARIF.Read = false }, Unmet, "has not been read yet"},
		{"the tool failed", func(s *scanned) { s.scan.SARIF.Tools[0].Failed = "the run has no list of results" }, Unmet, "A scan failed, which is no clean one: gosec 2.2: the run has no list of results. Mend it, or run it again."},
		{"no tool", func(s *scanned) { s.scan.SARIF.Tools = nil }, Unmet, "the SARIF reports hold no run of a scanner"},
		{"a required tool", func(s *scanned) { s.rules.SARIF.Tools = []string{"Semgrep OSS", "GoSec"} }, Unmet, "No report is by Semgrep OSS, which the policy asks for; there are reports by gosec."},
		{"the required tools", func(s *scanned) { s.rules.SARIF.Tools = []string{"GOSEC"} }, Met, ""},
		{"results without sense", func(s *scanned) { s.scan.SARIF.Skipped = 2 }, Waiting, "2 results of the scanners made no sense and were left out."},
		{"files that are not there", func(s *scanned) { s.scan.SARIF.Unresolved, s.scan.SARIF.Odd = 2, []string{"/tmp/x.go"} }, Waiting, "2 files that the scanners name cannot be found in the repository, for example /tmp/x.go."},
		{"more than are kept", func(s *scanned) { s.scan.SARIF.More = 3 }, Waiting, "3 are left out."},
		{"a changed workflow", func(s *scanned) { s.files(".github/workflows/scan.yml"); s.rules.Watch.Defaults = false }, Waiting, "The reports are self-declared, since this pull request changes .github/workflows/scan.yml"},
		{"a changed workflow and a bad finding", func(s *scanned) {
			s.files(".github/workflows/scan.yml")
			s.scan.SARIF.New = []Finding{rated("9.0")}
		}, Unmet, "A new finding blocks"},
		{"changed settings are refused", func(s *scanned) {
			s.files(".semgrepignore")
			s.rules.SARIF.SelfDeclared = SelfDeclaredRefuse
		}, Unmet, "The reports are self-declared, since this pull request changes .semgrepignore"},
		{"a fork's are accepted", func(s *scanned) {
			s.Head.RepoID, s.scan.SARIF.Runs[0].HeadRepo = 2, 2
			s.rules.SARIF.SelfDeclared = SelfDeclaredAccept
		}, Met, "The reports are self-declared, since scan.yml ran for a fork; the policy accepts that."},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := reported(t)
			c.change(s)
			expect(t, s.judged(), c.state, c.said)
		})
	}
}

func TestSelfDeclaredFindingsCountOnceSomebodyHasApprovedTheHead(t *testing.T) {
	s := reported(t)
	s.Head.RepoID, s.scan.SARIF.Runs[0].HeadRepo = 2, 2
	expect(t, s.judged(), Waiting, "they count once somebody with write access who did not work on this change has approved c1 itself", "As the reports stand: No new findings")
	s.approved("bob")
	delete(s.People, "bob")
	if w := s.rules.Wants(s.pull()); !slices.Contains(w.Users, "bob") {
		t.Errorf("bob's permission is not asked for: %+v", w)
	}
	s.can("bob", "write")
	r := s.judged()
	expect(t, r, Met, "they count, since bob approved c1")
	if e := part(r, findingsNoun.id).Evidence; len(e) != 2 || e[1].Login != "bob" {
		t.Errorf("%+v", e)
	}
}

func TestGitHubsAlerts(t *testing.T) {
	none := []Alerts{{Kind: CodeScanning, Missing: "this App may not read them"}, {Kind: DependencyReview, Missing: "it is switched off"}, {Kind: SecretScanning, Missing: "this App may not read them"}}
	with := func(i int, change func(*Alerts)) []Alerts {
		out := slices.Clone(none)
		out[i].Missing = ""
		change(&out[i])
		return out
	}
	for _, c := range []struct {
		name    string
		alerts  []Alerts
		require []AlertKind
		state   State
		said    string
	}{
		{"none is available", none, nil, Met, "The review of dependencies is not available: it is switched off."},
		{"a required one is not", none, []AlertKind{DependencyReview}, Unmet, "the review of dependencies is not available: it is switched off"},
		{"none was read", nil, nil, Waiting, "GitHub has not been asked yet about code scanning"},
		{"clean", with(0, func(a *Alerts) { a.Old = 2 }), nil, Met, "No new alerts; 2 are older than this change."},
		{"pending", with(0, func(a *Alerts) { a.Pending = true }), nil, Met, "GitHub has not looked at this head yet by code scanning."},
		{"pending for long and required", with(0, func(a *Alerts) { a.Pending = true }), []AlertKind{CodeScanning}, Unmet, "the policy requires that it has"},
		{"a bad one", with(1, func(a *Alerts) { a.New = []Finding{rated("9.8")} }), nil, Unmet, "A new alert blocks: src/a.go:5"},
		{"a middling one", with(2, func(a *Alerts) { a.New = []Finding{rated("5.0")} }), nil, Waiting, "1 new alert asks for a security review"},
		{"a bad one and a required one missing", with(1, func(a *Alerts) { a.New = []Finding{rated("9.8")} }), []AlertKind{SecretScanning}, Unmet, "Secret scanning is not available"},
		{"a bad one in a list that is not all", with(1, func(a *Alerts) { a.Missing, a.New = "GitHub has more than 1000 of them", []Finding{rated("9.8")} }), nil, Unmet, "A new alert blocks: src/a.go:5"},
		{"a bad one in a required list that is not all", with(1, func(a *Alerts) { a.Missing, a.New = "GitHub has more than 1000 of them", []Finding{rated("9.8")} }), []AlertKind{DependencyReview}, Unmet, "A new alert blocks: src/a.go:5"},
		{"more than are kept of a list that is not all", with(1, func(a *Alerts) { a.Missing, a.More = "GitHub has more than 1000 of them", 4 }), nil, Waiting, "4 are left out"},
		{"more than are kept", with(1, func(a *Alerts) { a.More = 4 }), nil, Waiting, "4 are left out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScanned(t)
			s.rules.Alerts = AlertRules{Require: c.require}
			s.scan.Alerts = c.alerts
			expect(t, s.judged(), c.state, c.said)
		})
	}
	s := newScanned(t)
	s.rules.Alerts = AlertRules{Kinds: []AlertKind{SecretScanning}, Require: []AlertKind{CodeScanning}}
	if kinds := s.rules.scanning().Alerts; !slices.Equal(kinds, []AlertKind{CodeScanning, SecretScanning}) {
		t.Errorf("asked for are %v", kinds)
	}
}
