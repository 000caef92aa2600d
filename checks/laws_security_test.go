package checks_test

import (
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

// securities are sections that random policies have, each stricter than the one
// before it.
var securities = []string{
	"security: {role: qa, secrets: review, weak_secrets: 'off', hidden_characters: 'off', suppressions: 'off', opaque: 'off', watch: {defaults: false}, alerts: {kinds: []}, suppress: [{rule: npm-token, files: ['docs/**'], reason: Made up, until: 2026-04-01T00:00:00Z}]}\n",
	"security: {role: qa, watch: {files: ['auth/**'], defaults: false}, alerts: {block: critical, review: high}, suppress: [{rule: npm-token, files: ['docs/**'], reason: Made up, until: 2026-04-01T00:00:00Z}]}\n",
	"security: {role: qa, watch: {files: ['auth/**']}, sarif: {block: critical, self_declared: accept}}\n",
	"security: {role: qa, weak_secrets: block, suppressions: block, opaque: block, sarif: {tools: [gosec]}, alerts: {require: [dependencies]}}\n",
	"security: {role: qa, count: 2, weak_secrets: block, suppressions: block, opaque: block, sarif: {block: none, review: none, tools: [gosec]}, alerts: {block: low, require: [dependencies, secret_scanning]}}\n",
}

var securityKeys = sync.OnceValue(func() []string {
	var keys []string
	for _, section := range securities {
		p := config.Policy([]checks.Source{{Path: checks.PolicyPath, Text: "version: 1\nroles: {qa: {team: acme/qa, say: ['QA +1']}}\n" + section}}, config.Defaults{})
		for _, s := range p.Need().Scans {
			keys = append(keys, s.Key())
		}
	}
	return distinct(keys, func(s string) string { return s })
})

func digest(t *rapid.T) string {
	return strings.Repeat(pick(t, []string{"a", "b", "c"}, "digest"), 64)
}

func secret(t *rapid.T) checks.Secret {
	return checks.Secret{
		Digest: digest(t), Rule: pick(t, []string{"npm-token", "aws"}, "secret rule"), Title: pick(t, []string{"", "npm access token"}, "secret title"),
		Weak: rapid.Bool().Draw(t, "weak"), Path: pick(t, paths, "secret path"), Line: rapid.IntRange(1, 9).Draw(t, "secret line"),
	}
}

func spot(t *rapid.T) checks.Spot {
	return checks.Spot{
		Path: pick(t, paths, "spot path"), Line: rapid.IntRange(0, 9).Draw(t, "spot line"), Gone: rapid.Bool().Draw(t, "gone"),
		Kind: pick(t, []string{"function", "keyword", "class", "bidirectional"}, "spot kind"), What: pick(t, []string{"exec", "password"}, "what"),
	}
}

func oddity(t *rapid.T) checks.Oddity {
	kinds := []checks.OddKind{checks.OddBinary, checks.OddSubmodule, checks.OddSymlink, checks.OddLoneLine}
	return checks.Oddity{Path: pick(t, paths, "odd path"), Kind: pick(t, kinds, "odd kind")}
}

func finding(t *rapid.T) checks.Finding {
	return checks.Finding{
		ID: pick(t, []string{"f-1", "f-2", "f-3"}, "finding"), Tool: "gosec", Rule: pick(t, []string{"G101", "G201"}, "rule"), Text: "it is bad",
		Path: pick(t, append(paths, ""), "finding path"), Line: rapid.IntRange(0, 9).Draw(t, "finding line"), Severity: rapid.IntRange(0, 100).Draw(t, "severity"),
		Rated: rapid.Bool().Draw(t, "rated"), Level: pick(t, []string{"", "error", "warning", "note"}, "level"), AtHead: rapid.Bool().Draw(t, "finding at head"),
	}
}

// scanIt gives a snapshot something that was scanned, which is the same whoever
// asks.
func scanIt(t *rapid.T, p *checks.Pull) {
	s := checks.Scan{Engine: pick(t, []string{"e1", "e1", "e1", ""}, "engine"), Scanned: len(p.Commits), Left: pick(t, []int{0, 0, 0, 3}, "left")}
	if rapid.IntRange(0, 5).Draw(t, "whole") > 0 {
		s.Whole = &checks.PatchScan{
			Secrets: some(t, 1, "secrets", func() checks.Secret { return secret(t) }), Hidden: some(t, 1, "hidden", func() checks.Spot { return spot(t) }),
			Watched: some(t, 3, "watched", func() checks.Spot { return spot(t) }), Silenced: some(t, 1, "silenced", func() checks.Spot { return spot(t) }),
			Odd: some(t, 1, "odd", func() checks.Oddity { return oddity(t) }), Incomplete: some(t, 1, "incomplete", func() string { return "GitHub shows no lines of x" }),
		}
	}
	for _, c := range p.Commits {
		s.Commits = append(s.Commits, checks.CommitScan{SHA: c.SHA, Secrets: some(t, 1, "commit secrets", func() checks.Secret { return secret(t) })})
	}
	s.SARIF = &checks.Findings{
		Gathering: checks.Gathering{Runs: []checks.WorkflowRun{fineRun(p, 1, "ci.yml")}, Read: true, Tested: p.Head.SHA, Reports: []checks.Report{{Run: 1, Name: "sarif", Format: "SARIF", Files: 1}}},
		New:       some(t, 2, "findings", func() checks.Finding { return finding(t) }), Old: 3, Against: pick(t, []string{"", "base"}, "against"),
		Tools: []checks.ToolRun{{Tool: "gosec", Failed: pick(t, []string{"", "", "", "no results"}, "failed")}},
	}
	for _, k := range []checks.AlertKind{checks.CodeScanning, checks.DependencyReview, checks.SecretScanning} {
		s.Alerts = append(s.Alerts, checks.Alerts{Kind: k, Missing: pick(t, []string{"", "", "this App may not read them"}, "missing"), Pending: rapid.IntRange(0, 5).Draw(t, "pending") == 0,
			New: some(t, 1, "alerts", func() checks.Finding { return finding(t) })})
	}
	p.Redacted = some(t, 1, "redacted", func() checks.Secret {
		r := secret(t)
		r.Path, r.In, r.Of = "", pick(t, []string{checks.InBody, checks.InComment, checks.InMessage}, "in"), "1"
		return r
	})
	p.Scans = map[string]checks.Scan{}
	for _, key := range securityKeys() {
		if rapid.IntRange(0, 9).Draw(t, "asked") > 0 {
			p.Scans[key] = s
		}
	}
	p.Memory.Security.Given = rapid.Bool().Draw(t, "security label given")
	if rapid.IntRange(0, 3).Draw(t, "security label") == 0 {
		p.Labels = append(p.Labels, checks.LabelSecurity)
	}
}

// clear makes what was scanned of a snapshot clean, but for what is watched.
func clearScan(t *rapid.T, p *checks.Pull) {
	if rapid.IntRange(0, 2).Draw(t, "clear") == 0 {
		return
	}
	p.Redacted = nil
	for _, key := range securityKeys() {
		s := p.Scans[key]
		watched := []checks.Spot(nil)
		if s.Whole != nil {
			watched = s.Whole.Watched
		}
		s.Engine, s.Left, s.Scanned, s.Commits, s.Alerts = "e1", 0, 1, nil, nil
		s.Whole = &checks.PatchScan{Watched: watched, Files: 1, Lines: 9}
		s.SARIF = &checks.Findings{Gathering: checks.Gathering{Runs: []checks.WorkflowRun{fineRun(p, 1, "ci.yml")}, Read: true, Tested: p.Head.SHA,
			Reports: []checks.Report{{Run: 1, Name: "sarif", Format: "SARIF"}}}, Old: 3, Against: "base", Tools: []checks.ToolRun{{Tool: "gosec"}}}
		for _, k := range []checks.AlertKind{checks.CodeScanning, checks.DependencyReview, checks.SecretScanning} {
			s.Alerts = append(s.Alerts, checks.Alerts{Kind: k})
		}
		p.Scans[key] = s
	}
}

// shuffledScans is the same in another order.
func shuffledScans(r *rand.Rand, in map[string]checks.Scan) map[string]checks.Scan {
	out := map[string]checks.Scan{}
	for key, s := range in {
		if s.Whole != nil {
			w := *s.Whole
			w.Secrets, w.Hidden, w.Watched, w.Silenced, w.Odd = mixed(r, w.Secrets), mixed(r, w.Hidden), mixed(r, w.Watched), mixed(r, w.Silenced), mixed(r, w.Odd)
			s.Whole = &w
		}
		if s.SARIF != nil {
			f := *s.SARIF
			f.New, f.Tools, f.Reports = mixed(r, f.New), mixed(r, f.Tools), mixed(r, f.Reports)
			s.SARIF = &f
		}
		s.Commits, s.Alerts = mixed(r, s.Commits), mixed(r, s.Alerts)
		out[key] = s
	}
	return out
}

func TestLawMoreThatIsFoundNeverHelps(t *testing.T) {
	worse := 0
	untilTried(t, &worse, func(t *rapid.T) { worse += foundMore(t) })
	if worse == 0 {
		t.Error("nothing that was found ever made a verdict worse, so the law was not tried")
	}
}

// foundMore returns 1 when what is found besides makes the verdict worse.
func foundMore(t *rapid.T) int {
	section, pull := pick(t, securities, "section"), snapshot(t)
	before := securityState(t, section, pull)
	more := pull
	more.Scans = map[string]checks.Scan{}
	what := rapid.IntRange(0, 12).Draw(t, "more of")
	add := func(s *checks.Scan, w *checks.PatchScan, f *checks.Findings) {}
	switch what {
	case 0, 1:
		x := secret(t)
		add = func(_ *checks.Scan, w *checks.PatchScan, _ *checks.Findings) {
			w.Secrets = append(w.Secrets[:len(w.Secrets):len(w.Secrets)], x)
		}
	case 2:
		x := spot(t)
		add = func(_ *checks.Scan, w *checks.PatchScan, _ *checks.Findings) {
			w.Hidden = append(w.Hidden[:len(w.Hidden):len(w.Hidden)], x)
		}
	case 3:
		x := spot(t)
		add = func(_ *checks.Scan, w *checks.PatchScan, _ *checks.Findings) {
			w.Watched = append(w.Watched[:len(w.Watched):len(w.Watched)], x)
		}
	case 4:
		x := spot(t)
		add = func(_ *checks.Scan, w *checks.PatchScan, _ *checks.Findings) {
			w.Silenced = append(w.Silenced[:len(w.Silenced):len(w.Silenced)], x)
		}
	case 5:
		x := oddity(t)
		add = func(_ *checks.Scan, w *checks.PatchScan, _ *checks.Findings) {
			w.Odd = append(w.Odd[:len(w.Odd):len(w.Odd)], x)
		}
	case 6:
		add = func(_ *checks.Scan, w *checks.PatchScan, _ *checks.Findings) { w.More++ }
	case 7:
		x := checks.CommitScan{SHA: pick(t, shas, "commit"), Secrets: []checks.Secret{secret(t)}}
		add = func(s *checks.Scan, _ *checks.PatchScan, _ *checks.Findings) {
			s.Commits = append(s.Commits[:len(s.Commits):len(s.Commits)], x)
		}
	case 8, 9:
		x := finding(t)
		add = func(_ *checks.Scan, _ *checks.PatchScan, f *checks.Findings) {
			f.New = append(f.New[:len(f.New):len(f.New)], x)
		}
	case 10:
		add = func(_ *checks.Scan, _ *checks.PatchScan, f *checks.Findings) { f.Skipped++ }
	case 11:
		add = func(_ *checks.Scan, _ *checks.PatchScan, f *checks.Findings) {
			f.Tools = append(f.Tools[:len(f.Tools):len(f.Tools)], checks.ToolRun{Tool: "semgrep", Failed: "the run has no list of results"})
		}
	case 12:
		more.Comments = append(more.Comments[:len(more.Comments):len(more.Comments)], checks.Comment{ID: 9999, Author: actor(t), Body: "Security review required", Created: moment(t)})
	}
	for key, s := range pull.Scans {
		w, f := checks.PatchScan{}, *s.SARIF
		if s.Whole != nil {
			w = *s.Whole
		}
		add(&s, &w, &f)
		if s.Whole != nil {
			s.Whole = &w
		}
		s.SARIF = &f
		more.Scans[key] = s
	}
	after := securityState(t, section, more)
	if after > before && !(before.Passes() && after.Passes()) {
		t.Fatalf("with %swhat was found besides (%d) makes %s of %s", section, what, after, before)
	}
	if after < before {
		return 1
	}
	return 0
}

func TestLawAStricterSecuritySectionNeverHelps(t *testing.T) {
	met := 0
	untilTried(t, &met, func(t *rapid.T) {
		pull := snapshot(t)
		at := rapid.IntRange(1, len(securities)-1).Draw(t, "stricter")
		before, after := securityState(t, securities[at-1], pull), securityState(t, securities[at], pull)
		same := true // what was scanned is the same whoever asks, if all asked
		for _, key := range securityKeys() {
			_, asked := pull.Scans[key]
			same = same && asked
		}
		if same && after > before && !before.Passes() {
			t.Fatalf("with %sthe security is %s, with %s%s", securities[at-1], before, securities[at], after)
		}
		if before.Passes() {
			met++
		}
	})
	if met == 0 {
		t.Error("no security was ever met, so the law was not tried")
	}
}

func TestLawWhatWasNotScannedNeverPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		section, pull := pick(t, securities[1:], "section"), snapshot(t)
		none := checks.Scan{Scanned: rapid.IntRange(0, 9).Draw(t, "scanned"), Left: rapid.IntRange(0, 9).Draw(t, "left")}
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			pull.Scans = nil
		case 1:
			none.Whole = &checks.PatchScan{}
		case 2:
			none.Engine = "e1"
		}
		for key := range pull.Scans {
			pull.Scans[key] = none
		}
		if s := securityState(t, section, pull); s.Passes() {
			t.Fatalf("with %san unscanned change is %s", section, s)
		}
	})
}

func securityState(t *rapid.T, section string, pull checks.Pull) checks.State {
	for _, r := range checks.Judge(policy(t, "version: 1\nroles:\n  qa: {team: acme/qa, say: ['QA +1']}\n"+section), pull).Results {
		if r.ID == "security" {
			return r.State
		}
	}
	t.Fatal("there is no security")
	return checks.Unmet
}

// reviewOpen says whether a verdict has a security review, and whether it is
// still needed.
func reviewOpen(v checks.Verdict) (open, known bool) {
	for _, r := range v.Results {
		for _, p := range r.Parts {
			if p.ID == "security/review" {
				return !p.State.Passes(), true
			}
		}
	}
	return false, false
}

func TestALabelOfASecurityReviewThatIsSetByHandIsPutRightThreeTimesAnHour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pull := snapshot(t)
		pull.Open, pull.Memory.Security = true, checks.LabelMemory{}
		p := policy(t, "version: 1\nroles:\n  qa: {team: acme/qa, say: ['QA +1']}\n"+securities[1])
		v := checks.Judge(p, pull)
		open, known := reviewOpen(v)
		if !known || open {
			return
		}
		pull.Labels = append(remove(pull.Labels, checks.LabelSecurity), strings.ToUpper(checks.LabelSecurity))
		if !plans(checks.Plan(v, pull), checks.RemoveLabel) {
			t.Fatalf("the label stays: %s", encode(checks.Plan(v, pull)))
		}
		for i := range 3 {
			pull.Memory.Security.Repairs = append(pull.Memory.Security.Repairs, pull.At.Add(-time.Duration(i)*time.Minute))
		}
		v = checks.Judge(p, pull)
		if plans(checks.Plan(v, pull), checks.RemoveLabel) || !strings.Contains(fmt.Sprint(v.Results), "somebody keeps changing it") {
			t.Fatalf("a war over the label: %s", encode(checks.Plan(v, pull)))
		}
	})
}

func plans(plan []checks.Action, kind checks.Kind) bool {
	for _, a := range plan {
		if a.Kind == kind && a.Label == checks.LabelSecurity {
			return true
		}
	}
	return false
}
