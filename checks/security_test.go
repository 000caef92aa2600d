package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// scanned is a pull request whose scan is known: number 7, whose head "c1"
// changes src/a.go, and in which nothing was found. The role security is of
// @acme/infosec, sue and tom.
type scanned struct {
	*scene
	rules *SecurityRules
	scan  Scan
	t     *testing.T
}

func newScanned(t *testing.T) *scanned {
	s := &scanned{scene: newScene().team("acme/infosec", "sue", "tom").can("sue", "write").can("tom", "write"), rules: NewSecurity(), t: t}
	s.rules.UseRoles(demoRoles())
	s.rules.Alerts.Kinds = []AlertKind{}
	s.scan = Scan{Engine: "e1", Whole: &PatchScan{Files: 1, Lines: 10}, Scanned: 1}
	return s
}

// pull is the snapshot, with what was found.
func (s *scanned) pull() Pull {
	p := s.Pull
	p.Scans = map[string]Scan{s.rules.scanning().Key(): s.scan}
	return p
}

// judged judges, and says everything that is said: every result in one text.
func (s *scanned) judged() Result {
	s.t.Helper()
	if w := s.rules.Wants(s.pull()); !w.None() {
		s.t.Errorf("the snapshot lacks %+v", w)
	}
	r := s.rules.Eval(s.pull())
	speaks(s.t, r)
	return r
}

// speaks checks that a result says what is missing in sentences, and who can act.
func speaks(t *testing.T, r Result) {
	t.Helper()
	if !r.State.Passes() && len(r.Can) == 0 {
		t.Errorf("%s is %s and names nobody who can act", r.ID, r.State)
	}
	for _, s := range append([]string{r.Summary}, r.Notes...) {
		if !strings.HasSuffix(s, ".") || strings.Contains(s, "..") || strings.Contains(s, "  ") || len([]rune(s)) > sentenceLimit {
			t.Errorf("%s does not speak in sentences: %q", r.ID, s)
		}
	}
	for _, p := range r.Parts {
		speaks(t, p)
	}
}

// secretIn is a secret of a provider at a line of a file, "src/a.go:3".
func secretIn(place string, digest byte) Secret {
	path, line, _ := strings.Cut(place, ":")
	s := Secret{Digest: strings.Repeat(string(digest), 64), Rule: "aws-access-token", Title: "AWS access key", Path: path}
	_, _ = fmt.Sscan(line, &s.Line)
	return s
}

func weakly(s Secret) Secret {
	s.Weak, s.Rule, s.Title = true, "generic-api-key", "Generic API key"
	return s
}

func TestSecurityHasThreeAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*scanned)
		state  State
		said   string
	}{
		{"nothing is found", func(*scanned) {}, Met, "Nothing in this change asks for one."},
		{"a secret", func(s *scanned) { s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')} }, Unmet, "src/a.go:3 holds a secret (AWS access key, s-aaaaaaaaaaaa). Revoke it"},
		{"what may be a secret", func(s *scanned) { s.scan.Whole.Secrets = []Secret{weakly(secretIn("src/a.go:3", 'a'))} }, Waiting, "src/a.go:3 holds what may be a secret (Generic API key, s-aaaaaaaaaaaa). Needs an approval from @acme/infosec"},
		{"sure in one place", func(s *scanned) {
			s.scan.Whole.Secrets = []Secret{weakly(secretIn("src/a.go:3", 'a')), secretIn("src/a.go:9", 'a')}
		}, Unmet, "src/a.go:3 holds a secret"},
		{"in the history", func(s *scanned) {
			s.scan.Commits = []CommitScan{{SHA: "c0ffee00", Secrets: []Secret{secretIn("x.env:3", 'a')}}}
		}, Unmet, "Commit c0ffee0 adds a secret (AWS access key, s-aaaaaaaaaaaa) in x.env:3, which is gone at the head and still in the history"},
		{"in the description", func(s *scanned) {
			s.Redacted = []Secret{{Digest: strings.Repeat("a", 64), Rule: "x", In: InBody}}
		}, Unmet, "The description holds a secret (x, s-aaaaaaaaaaaa). Revoke it where it was issued, and take it out of the description."},
		{"in a commit message", func(s *scanned) { s.Redacted = []Secret{{Rule: "x", In: InMessage, Of: "c1"}} }, Unmet, "The message of commit c1 holds a secret"},
		{"in the proposed policy", func(s *scanned) { s.Redacted = []Secret{{Rule: "x", In: InPolicy}} }, Unmet, "The policy that this change brings holds a secret"},
		{"in anybody's comment", func(s *scanned) { s.Redacted = []Secret{{Rule: "x", In: InComment, Of: "9"}} }, Met, "It is not part of what is merged, and so holds up nothing"},
		{"in a text of an unknown kind", func(s *scanned) { s.Redacted = []Secret{{Rule: "x", In: "tag"}} }, Unmet, "A tag holds a secret"},
		{"secrets ask only", func(s *scanned) {
			s.rules.Secrets = RespondReview
			s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')}
		}, Waiting, "1 text that may be one asks for a security review"},
		{"hidden characters", func(s *scanned) {
			s.scan.Whole.Hidden = []Spot{{Path: "src/a.go", Line: 3, Kind: "bidirectional", What: "U+202E"}, {Path: "src/a.go", Line: 5, Kind: "bidirectional", What: "U+202E"}}
		}, Unmet, "src/a.go has characters that change the order in which others show (U+202E) on lines 3 and 5: what runs may be other than what is shown. Take it out."},
		{"hidden characters ask only", func(s *scanned) {
			s.rules.HiddenCharacters = RespondReview
			s.scan.Whole.Hidden = []Spot{{Path: "src/a.go", Line: 3, Kind: "zero-width", What: "U+200B"}}
		}, Waiting, "src/a.go has characters that show nothing (U+200B) on line 3."},
		{"characters that steer a terminal", func(s *scanned) {
			s.scan.Whole.Hidden = []Spot{{Path: "src/a.golden", Line: 3, Kind: "control", What: "U+001B ESCAPE"}}
		}, Waiting, "src/a.golden has characters that show nothing or steer a terminal (U+001B ESCAPE) on line 3."},
		{"characters that steer a terminal beside hidden ones", func(s *scanned) {
			s.scan.Whole.Hidden = []Spot{{Path: "src/a.go", Line: 3, Kind: "control", What: "U+001B"}, {Path: "src/a.go", Line: 3, Kind: "tag", What: "U+E0001"}}
		}, Unmet, "src/a.go has characters that show nothing (U+E0001) on line 3: what runs may be other than what is shown. Take it out."},
		{"watched code", func(s *scanned) {
			s.scan.Whole.Watched = []Spot{{Path: "src/a.go", Line: 3, Kind: "function", What: "exec.Command"}}
		}, Waiting, "src/a.go calls “exec.Command” on line 3."},
		{"watched code that goes", func(s *scanned) {
			s.scan.Whole.Watched = []Spot{{Path: "src/a.go", Line: 3, Kind: "class", What: "Cipher", Gone: true}}
		}, Waiting, "src/a.go loses what uses the class “Cipher” (line 3 before)."},
		{"a suppression", func(s *scanned) {
			s.scan.Whole.Silenced = []Spot{{Path: "src/a.go", Line: 3, What: "nosemgrep"}}
		}, Waiting, "src/a.go tells a scanner to overlook something (“nosemgrep”) on line 3."},
		{"suppressions block", func(s *scanned) {
			s.rules.Suppressions = RespondBlock
			s.scan.Whole.Silenced = []Spot{{Path: "src/a.go", Line: 3, What: "nosemgrep"}}
		}, Unmet, "which the policy allows nobody; take it back"},
		{"suppressions are nothing", func(s *scanned) {
			s.rules.Suppressions = RespondOff
			s.scan.Whole.Silenced = []Spot{{Path: "src/a.go", Line: 3, What: "nosemgrep"}}
		}, Met, ""},
		{"a binary", func(s *scanned) { s.scan.Whole.Odd = []Oddity{{"x.bin", OddBinary}} }, Waiting, "x.bin is a binary file."},
		{"a submodule blocks", func(s *scanned) {
			s.rules.Opaque = RespondBlock
			s.scan.Whole.Odd = []Oddity{{"lib", OddSubmodule}}
		}, Unmet, "lib is a submodule, whose content is elsewhere, which cannot be looked at as text"},
		{"one line that is a file", func(s *scanned) { s.scan.Whole.Odd = []Oddity{{"src/a.go", OddLoneLine}} }, Met, ""},
		{"one line that is a link", func(s *scanned) {
			s.Files[0].Mode = "120000"
			s.scan.Whole.Odd = []Oddity{{"src/a.go", OddLoneLine}}
		}, Waiting, "src/a.go is a symbolic link."},
		{"one line that may be a link", func(s *scanned) {
			s.Files[0].Mode = "?"
			s.scan.Whole.Odd = []Oddity{{"src/a.go", OddLoneLine}}
		}, Waiting, "src/a.go may be a symbolic link: its mode could not be read."},
		{"not all lines are shown", func(s *scanned) { s.scan.Whole.Incomplete = []string{"GitHub shows no lines of dist/app.js"} }, Waiting, "Not all of the change could be scanned: GitHub shows no lines of dist/app.js."},
		{"not all of a commit is shown", func(s *scanned) {
			s.scan.Commits = []CommitScan{{SHA: "c1", Incomplete: []string{"it was too large"}}}
		}, Waiting, "Not all of commit c1 could be scanned: it was too large."},
		{"more was found than is kept", func(s *scanned) { s.scan.Whole.More = 7 }, Waiting, "More was found than is listed: 7 places are left out."},
		{"a commit was left out", func(s *scanned) { s.scan.Scanned = 0 }, Waiting, "Only 0 of 1 commit could be scanned."},
		{"no commit of many is known", func(s *scanned) { s.CommitCount = 300 }, Unmet, "GitHub lists only 1 of 300 commits, so the others could not be scanned."},
		{"files are cut", func(s *scanned) { s.FileCount = 4000 }, Waiting, "GitHub does not list every changed file, so the others could not be scanned."},
		{"nothing is looked for", func(s *scanned) {
			s.rules.Secrets, s.rules.WeakSecrets, s.rules.HiddenCharacters = RespondOff, RespondOff, RespondOff
			s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')}
		}, Exempt, "The policy asks for no search."},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScanned(t)
			c.change(s)
			expect(t, s.judged(), c.state, c.said)
		})
	}
}

func TestWhatIsNotScannedYetIsNoPass(t *testing.T) {
	s := newScanned(t)
	p := s.pull()
	p.Scans = nil
	if w := s.rules.Wants(p); len(w.Scans) != 1 || w.Scans[0].Key() != s.rules.scanning().Key() {
		t.Errorf("what is missing is not asked for: %+v", w)
	}
	r := s.rules.Eval(p)
	expect(t, r, Unmet, "the change has not been scanned yet")
	if !r.Unknown || part(r, reviewID).ID != "" {
		t.Errorf("it is said of an unscanned change that %s", allText(r))
	}
	p.FilesRead = false
	if w := s.rules.Wants(p); !w.None() {
		t.Errorf("before the files are read it is asked for %+v", w)
	}
	expect(t, s.rules.Eval(p), Unmet, "the changed files have not been read yet")

	s.scan.Scanned, s.scan.Left = 120, 130
	r = s.judged()
	expect(t, r, Waiting, "Not every commit has been scanned yet")
	if r.Progress != "120 of 250 commits are scanned." || !r.Until.Equal(s.At.Add(5*time.Second)) {
		t.Errorf("progress %q, again at %s", r.Progress, r.Until)
	}
	s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')}
	expect(t, s.judged(), Unmet, "holds a secret")
}

func TestWhatIsNotScannedIsNoPassEvenWhereLittleIsLookedFor(t *testing.T) {
	for _, change := range []func(*SecurityRules){
		func(r *SecurityRules) {},
		func(r *SecurityRules) { r.Secrets, r.WeakSecrets = RespondOff, RespondOff },
		func(r *SecurityRules) { r.HiddenCharacters = RespondOff },
		func(r *SecurityRules) {
			r.Secrets, r.WeakSecrets, r.HiddenCharacters = RespondOff, RespondOff, RespondOff
		},
	} {
		s := newScanned(t)
		change(s.rules)
		p := s.pull()
		for _, scan := range []Scan{{}, {Engine: "e1"}, {Whole: &PatchScan{}}, {Engine: "e1", Left: 3}, {Engine: "e1", Left: 3, Whole: &PatchScan{}}} {
			p.Scans = map[string]Scan{s.rules.scanning().Key(): scan}
			r := s.rules.Eval(p)
			speaks(t, r)
			if r.State.Passes() {
				t.Errorf("%+v passes with %+v: %s", scan, s.rules, allText(r))
			}
		}
		p.Scans = nil
		if r := s.rules.Eval(p); r.State.Passes() {
			t.Errorf("nothing was scanned, and %+v passes: %s", s.rules, allText(r))
		}
	}
}

func TestAScanGoesOnWhateverBlocksAlready(t *testing.T) {
	s := newScanned(t)
	s.scan.Left, s.scan.Whole.Secrets = 3, []Secret{secretIn("src/a.go:3", 'a')}
	for next, want := range map[time.Time]time.Time{{}: s.At.Add(scanAgain), s.At.Add(-time.Hour): s.At.Add(scanAgain), s.At.Add(time.Hour): s.At.Add(time.Hour)} {
		s.scan.Next = next
		if r := s.judged(); r.State != Unmet || !r.Until.Equal(want) {
			t.Errorf("%s until %s, want it to go on at %s", r.State, r.Until, want)
		}
	}
	s.scan.Left, s.scan.Next = 0, time.Time{}
	if r := s.judged(); !r.Until.IsZero() {
		t.Errorf("a scan that is over goes on at %s", r.Until)
	}
}

func TestASecretIsSaidOnceAndPointedAtOnlyAtTheHead(t *testing.T) {
	s := newScanned(t)
	s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')}
	s.scan.Commits = []CommitScan{{SHA: "c1", Secrets: []Secret{secretIn("src/a.go:3", 'a')}}, {SHA: "c0", Secrets: []Secret{secretIn("src/b.go:8", 'b')}}}
	r := part(s.judged(), "security/secrets")
	expect(t, r, Unmet, "2 secrets are in this change, the first: src/a.go:3 holds a secret", "Commit c0 adds a secret", `"/suppress s-aaaaaaaaaaaa REASON"`)
	if len(r.Annotations) != 1 || r.Annotations[0].Path != "src/a.go" || r.Annotations[0].Level != "failure" {
		t.Errorf("%+v", r.Annotations)
	}
	if n := strings.Count(allText(r), "s-aaaaaaaaaaaa"); n != 3 { // the sentence, the note, how to let it pass
		t.Errorf("it is said %d times:\n%s", n, allText(r))
	}
}

func TestAnAnnotationIsOnALineAndThereAreNotTooMany(t *testing.T) {
	s := newScanned(t)
	for i := range 150 {
		s.scan.Whole.Watched = append(s.scan.Whole.Watched, Spot{Path: "src/a.go", Line: i + 1, Kind: "keyword", What: "password"})
		s.scan.Whole.Silenced = append(s.scan.Whole.Silenced, Spot{Path: "src/a.go", Line: i + 1, What: "NOSONAR"})
	}
	s.scan.Whole.Watched = append(s.scan.Whole.Watched, Spot{Path: "src/a.go", Line: 900, Gone: true, Kind: "keyword", What: "password"}, Spot{Path: "src/a.go", Kind: "keyword", What: "password"})
	r := part(s.judged(), reviewID)
	if len(r.Annotations) != annotationLimit || slices.ContainsFunc(r.Annotations, func(a Annotation) bool { return a.Start == 0 || a.Start == 900 }) {
		t.Errorf("%d annotations", len(r.Annotations))
	}
	expect(t, r, Waiting, "says “password” on lines 1, 2, 3, 4 and 146 more")
}

func TestWatchedFilesAskByTheirNewAndTheirOldPath(t *testing.T) {
	for _, c := range []struct {
		files, said string
		state       State
	}{
		{"src/a.go", "", Met},
		{".github/handrail.yml", "is the policy", Waiting},
		{"docs/CODEOWNERS", "says who owns code", Waiting},
		{".github/workflows/ci.yml", "runs in CI", Waiting},
		{".github/actions/x/action.yml", "runs in CI", Waiting},
		{"-.github/workflows/ci.yml", "runs in CI", Waiting},
		{".github/workflows/ci.yml->old/ci.yml", ".github/workflows/ci.yml runs in CI", Waiting},
		{"Dockerfile", "says what a container is made of", Waiting},
		{"build/Dockerfile.prod", "says what a container is made of", Waiting},
		{"infra/main.tf", "describes infrastructure", Waiting},
		{"deploy/charts/shop/values.yaml", "describes infrastructure", Waiting},
		{"src/auth/login.go", "is about who may do what", Waiting},
		{"auth/login.go", "is about who may do what", Waiting},
		{"src/author/login.go", "", Met},
		{"docs/auth/guide.md", "", Met},
		{"lib/crypto.py", "is about cryptography", Waiting},
		{"go.sum", "go.sum is changed without go.mod beside it", Waiting},
		{"go.sum go.mod", "", Met},
		{"a/go.sum b/go.mod", "a/go.sum is changed without go.mod", Waiting},
		{"web/pnpm-lock.yaml", "is changed without package.json or pnpm-workspace.yaml beside it", Waiting},
		{"Gemfile.lock shop.gemspec", "", Met},
		{"-yarn.lock", "", Met},
	} {
		s := newScanned(t)
		s.files(strings.Fields(c.files)...)
		expect(t, s.judged(), c.state, c.said)
	}
	s := newScanned(t)
	s.files("src/auth/login.go", "billing/a.go", "vendor/x/auth/b.go", "vendor/x/go.sum")
	s.rules.Watch = Watch{Files: []Glob{"billing/**"}, Exclude: []Glob{"vendor/**"}}
	if text := allText(s.judged()); !strings.Contains(text, "billing/a.go is watched by the policy (billing/**)") || strings.Contains(text, "login.go") {
		t.Errorf("without the defaults: %s", text)
	}
	s.rules.Watch.Defaults = true
	if text := allText(s.judged()); !strings.Contains(text, "login.go") || strings.Contains(text, "vendor") {
		t.Errorf("with the defaults: %s", text)
	}
}

func TestChangedScannerSettingsAskForAReview(t *testing.T) {
	for _, file := range []string{".semgrepignore", "sub/.gitleaks.toml", ".golangci.yml", "sonar-project.properties", ".trivyignore", ".trivyignore.yaml", ".snyk", ".github/codeql/config.yml", ".eslintrc.json"} {
		expect(t, newScanned(t).withFiles(file).judged(), Waiting, file+" tells a scanner what to look at")
	}
	expect(t, newScanned(t).withFiles("-.semgrepignore").judged(), Waiting)
	expect(t, newScanned(t).withFiles("src/semgrepignore.go").judged(), Met)
}

func (s *scanned) withFiles(specs ...string) *scanned {
	s.files(specs...)
	return s
}

func TestTheModeOfWhatMayBeALinkIsAskedForOnce(t *testing.T) {
	s := newScanned(t)
	s.scan.Whole.Odd = []Oddity{{"src/a.go", OddLoneLine}, {"src/a.go", OddBinary}}
	s.Files[0].Mode = ""
	if w := s.rules.Wants(s.pull()); len(w.Modes) != 1 || !slices.Equal(w.Modes["c1"], []string{"src/a.go"}) {
		t.Errorf("asked for is %+v", w)
	}
	for _, mode := range []string{"?", "100644", "120000", "gone"} {
		s.Files[0].Mode = mode
		if w := s.rules.Wants(s.pull()); !w.None() {
			t.Errorf("with the mode %s there is asked for %+v", mode, w)
		}
	}
	s.rules.Opaque, s.Files[0].Mode = RespondOff, ""
	if w := s.rules.Wants(s.pull()); !w.None() {
		t.Errorf("where it does not matter there is asked for %+v", w)
	}
}

func TestNothingOfHostileTextIsAlive(t *testing.T) {
	s := newScanned(t)
	evil := "src/\u202e@acme/x|[y](http://z).go"
	s.files(evil)
	s.scan.Whole = &PatchScan{
		Secrets: []Secret{{Digest: strings.Repeat("a", 64), Rule: evil, Title: evil, Path: evil, Line: 1}}, Hidden: []Spot{{Path: evil, Line: 1, What: evil, Kind: evil}},
		Watched: []Spot{{Path: evil, Line: 1, What: evil, Kind: evil}}, Silenced: []Spot{{Path: evil, Line: 1, What: evil, Kind: evil}},
		Odd: []Oddity{{evil, OddKind(evil)}}, Incomplete: []string{evil},
	}
	f := Finding{ID: evil, Tool: evil, Rule: evil, Text: evil, Path: evil, Line: 1, Level: evil, URL: evil}
	s.scan.Commits = []CommitScan{{SHA: evil, Secrets: []Secret{{Rule: evil, Path: evil}}, Incomplete: []string{evil}}}
	s.scan.Alerts = []Alerts{{Kind: CodeScanning, New: []Finding{f}}, {Kind: DependencyReview, Missing: evil}, {Kind: SecretScanning, Missing: evil}}
	s.rules.Alerts.Kinds = nil
	s.rules.SARIF = &SARIFRules{Tools: []string{evil}}
	s.scan.SARIF = &Findings{Gathering: Gathering{Runs: []WorkflowRun{workflow(1, "scan.yml=success")}, Read: true, Tested: "c1", Reports: []Report{{Run: 1, Name: evil, File: evil}}, Unresolved: 1, Odd: []string{evil}},
		New: []Finding{f}, Tools: []ToolRun{{Tool: evil, Version: evil, Failed: evil}}, Against: evil}
	for range 3 {
		for _, o := range Render(Judge(Policy{Sections: []Section{{Name: "security", Checks: []Check{s.rules}}}}, s.pull())) {
			for _, bad := range []string{"\u202e", "@acme/x", "](http", "x|["} {
				if strings.Contains(o.Summary, bad) {
					t.Errorf("%q is in %s:\n%s", bad, o.Name, o.Summary)
				}
			}
			for _, a := range o.Annotations {
				if strings.Contains(a.Message+a.Title, "\u202e") {
					t.Errorf("%+v", a)
				}
			}
		}
		// The reports become better, so that more is said of them.
		if s.scan.SARIF.Tools[0].Failed == "" {
			s.rules.SARIF.Tools = nil
		}
		s.scan.SARIF.Tools[0].Failed = ""
	}
}

func TestTheFloorsSecurityReviewHasTheLabelToo(t *testing.T) {
	own, floor := newScanned(t), newScanned(t)
	floor.rules.Watch.Files = []Glob{"src/**"}
	policy := Policy{Sections: []Section{{Name: "security", Checks: []Check{Beside{Check: own.rules}, Floor{Check: floor.rules}}}}}
	p := own.pull()
	p.Scans[floor.rules.scanning().Key()] = floor.scan
	v := Judge(policy, p)
	expect(t, part(v.Results[0], "security/floor/review"), Waiting)
	expect(t, part(v.Results[0], reviewID), Exempt)
	if plan := Plan(v, p); !slices.ContainsFunc(plan, func(a Action) bool { return a.Kind == AddLabel && a.Label == LabelSecurity }) {
		t.Errorf("%+v", plan)
	}
}
