package config

import (
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// shown are pull requests, made of a smooth one, by which a weaker key lets
// something pass that the floor's value does not.
var shown = map[string]func(*checks.Pull){
	"the file observes":  func(p *checks.Pull) { p.Title = "WIP" },
	"a section observes": func(p *checks.Pull) { p.Title = "WIP" },
	"a control is off":   func(p *checks.Pull) { p.Labels = []string{"wip"} },
	"fewer people":       func(p *checks.Pull) { approved(p, "bob") },
	"no people":          func(p *checks.Pull) { approved(p, "bob") },
	"another role":       func(p *checks.Pull) { team(p, "dave"); approved(p, "carol") },
	"authors may sign":   func(p *checks.Pull) { team(p, "ann", "bob"); approved(p, "ann") },
	"it never ends":      func(p *checks.Pull) { approvedBefore(p, checks.File{Path: "a.go", SHA: "f0"}) },
	"it ends later":      func(p *checks.Pull) { approvedBefore(p, p.Files...) },
	"anybody's commits":  func(p *checks.Pull) { approvedBefore(p, p.Files...); p.Commits[0].Author.Login = "" },
	"requests do not reset": func(p *checks.Pull) {
		approved(p, "bob")
		p.Requested = []string{"bob"}
	},
	"less often":                   func(p *checks.Pull) { approved(p) },
	"on fewer files":               func(p *checks.Pull) { moved(p, "b"); approved(p) },
	"on larger changes":            func(p *checks.Pull) { p.Lines = 150; approved(p) },
	"with one more key":            func(p *checks.Pull) { moved(p, "a"); approved(p) },
	"with more left out":           func(p *checks.Pull) { moved(p, "b"); approved(p) },
	"an exemption":                 func(p *checks.Pull) { moved(p, "docs/x"); approved(p) },
	"a wider exemption":            func(p *checks.Pull) { moved(p, "b"); approved(p) },
	"an exemption of one key less": func(p *checks.Pull) { moved(p, "a"); approved(p) },
	"no code owners":               func(p *checks.Pull) { approved(p) },
	"the default's sign-off":       func(p *checks.Pull) { approved(p, "ann") },
	"a conclusion that passes":     func(p *checks.Pull) { p.Runs[0].Conclusion = "skipped" },
	"without the branch's rules":   func(p *checks.Pull) { p.BranchRequires = []checks.Required{{Name: "other"}} },
	"secrets for information":      func(p *checks.Pull) { secret(p, "2") },
	"a suppression":                func(p *checks.Pull) { secret(p, "1") },
	"a longer suppression":         func(p *checks.Pull) { secret(p, "1"); p.At = time.Date(2026, 6, 10, 0, 0, 0, 0, time.UTC) },
	"findings from higher on": func(p *checks.Pull) {
		scans(p, func(s *checks.Scan) { s.SARIF.New = []checks.Finding{{ID: "f", Severity: 80, Rated: true}} })
	},
	"alerts never": func(p *checks.Pull) {
		scans(p, func(s *checks.Scan) { s.Alerts[0].New = []checks.Finding{{ID: "f", Severity: 80, Rated: true}} })
	},
	"alerts of fewer kinds": func(p *checks.Pull) {
		scans(p, func(s *checks.Scan) {
			for i := range s.Alerts {
				if s.Alerts[i].Kind == checks.DependencyReview {
					s.Alerts[i].New = []checks.Finding{{ID: "f", Severity: 80, Rated: true}}
				}
			}
		})
	},
	"files nobody watches": func(p *checks.Pull) { moved(p, "auth/x.go"); team(p, "dave"); approved(p, "bob") },
	"the usual unwatched":  func(p *checks.Pull) { moved(p, "auth/x.go"); team(p, "dave"); approved(p, "bob") },
	"another reviewer":     func(p *checks.Pull) { moved(p, "auth/x.go"); team(p, "dave"); approved(p, "carol") },
	"fewer lines covered":  func(p *checks.Pull) { covered(p, "a.go", 7999, 10000) },
	"more lines missed":    func(p *checks.Pull) { covered(p, "a.go", 2, 3) },
	"a deeper drop": func(p *checks.Pull) {
		covered(p, "a.go", 10, 10)
		for k, c := range p.Coverage {
			c.Total, c.Base.Total = checks.Totals{All: 1000, Hit: 985}, checks.Totals{All: 1000, Hit: 1000}
			p.Coverage[k] = c
		}
	},
	"files not measured":   func(p *checks.Pull) { moved(p, "gen/a.go"); covered(p, "gen/a.go", 0, 3) },
	"new files unmeasured": unmeasured,
	"half-covered lines": func(p *checks.Pull) {
		covered(p, "a.go", 0, 0)
		for _, c := range p.Coverage {
			c.Files[0].Added, c.Files[0].Hit, c.Files[0].Partial = 3, nil, checks.Spans{{Start: 1, End: 3}}
		}
	},
	"a higher limit":             func(p *checks.Pull) { value(p, "a.go", "1288490188"); team(p, "dave"); approved(p, "bob") },
	"a limit of fewer files":     func(p *checks.Pull) { value(p, "b", "2147483648"); team(p, "dave"); approved(p, "bob") },
	"a limit of two roles":       func(p *checks.Pull) { value(p, "a", "2147483648"); approved(p, "bob") },
	"fewer signers of a path":    func(p *checks.Pull) { moved(p, "a"); approved(p, "bob") },
	"a freeze of some branches":  func(p *checks.Pull) { p.Base.Name = "dev" },
	"a shorter freeze":           func(*checks.Pull) {},
	"a freeze with a way out":    func(*checks.Pull) {},
	"more types of titles":       func(p *checks.Pull) { p.Title = "x: y" },
	"tickets that may be closed": func(p *checks.Pull) { p.Title = "feat: x" },
	"tickets of elsewhere":       func(p *checks.Pull) { p.Closing[0].Repo = "x/y" },
	"changes without a ticket":   func(p *checks.Pull) { p.Closing = nil; moved(p, "docs/x") },
	"larger changes":             func(p *checks.Pull) { p.Files[0].Additions, p.Lines = 501, 501; approved(p, "bob") },
	"another checklist": func(p *checks.Pull) {
		p.Texts["a.md"] = checks.Text{Text: "- [ ] A <!-- handrail:a/a -->\n"}
		p.Texts["b.md"] = checks.Text{Text: "- [ ] B <!-- handrail:b/b -->\n"}
		p.Body = "- [x] B <!-- handrail:b/b -->\n"
	},
	"a checklist for some": func(p *checks.Pull) {
		p.Texts["a.md"] = checks.Text{Text: "- [ ] A <!-- handrail:a/a -->\n"}
	},
	"reports of anybody": func(p *checks.Pull) {
		approvedBefore(p, p.Files...)
		p.Head.RepoID = 2
		for k, c := range p.Coverage {
			c.Runs[0].HeadRepo, c.Runs[1].HeadRepo = 2, 2
			p.Coverage[k] = c
		}
	},
}

func approved(p *checks.Pull, by ...string) {
	p.Reviews = nil
	for i, login := range by {
		p.Reviews = append(p.Reviews, checks.Review{ID: int64(i + 1), Author: checks.Actor{Login: login}, State: "APPROVED", Commit: "c1", Submitted: p.At.Add(-time.Hour)})
	}
}

// approvedBefore: everybody approved an earlier head, at which these files were
// changed.
func approvedBefore(p *checks.Pull, files ...checks.File) {
	for i := range p.Reviews {
		p.Reviews[i].Commit, p.Reviews[i].Submitted = "c0", p.At.Add(-5*time.Hour)
	}
	p.Memory.Heads = append([]checks.Head{{SHA: "c0", Since: p.At.Add(-9 * time.Hour)}}, p.Memory.Heads...)
	p.Memory.Changes = map[string]checks.Change{"c0": {Base: "main", Files: files, Whole: true}}
}

func team(p *checks.Pull, members ...string) {
	p.Teams["acme/qa"] = checks.Team{Name: "acme/qa", Found: true, Members: members}
}

func moved(p *checks.Pull, path string) { p.Files[0].Path = path }

func scans(p *checks.Pull, f func(*checks.Scan)) {
	for k, s := range p.Scans {
		f(&s)
		p.Scans[k] = s
	}
}

func secret(p *checks.Pull, digest string) {
	scans(p, func(s *checks.Scan) {
		s.Whole.Secrets = []checks.Secret{{Digest: digest, Rule: "npm-token", Path: "a.go", Line: 1}}
	})
}

// covered: of the lines that are added to a file some are covered.
func covered(p *checks.Pull, path string, hit, all int) {
	for k, c := range p.Coverage {
		f := checks.FileCoverage{Path: path, Measured: true, Added: all, AtHead: true}
		if hit > 0 {
			f.Hit = checks.Spans{{Start: 1, End: hit}}
		}
		if hit < all {
			f.Miss = checks.Spans{{Start: hit + 1, End: all}}
		}
		c.Files = []checks.FileCoverage{f}
		p.Coverage[k] = c
	}
}

func unmeasured(p *checks.Pull) {
	p.Files[0].Status = "added"
	for k, c := range p.Coverage {
		c.Files = []checks.FileCoverage{{Path: "a.go", New: true, Added: 5}}
		p.Coverage[k] = c
	}
}

// value: a value is above a gibibyte that was not there before.
func value(p *checks.Pull, path, amount string) {
	moved(p, path)
	for k := range p.Values {
		p.Values[k] = checks.Values{Engine: "e1", Files: []checks.ValueFile{{Path: path, Format: "yaml", Head: []checks.Value{{Key: "x.memory", Text: amount, Amount: amount, Line: 1}}}}}
	}
}

func TestAWeakerKeyWouldLetSomethingPass(t *testing.T) {
	for _, c := range weaker {
		f := shown[c.name]
		if f == nil {
			t.Errorf("%s: nothing shows it", c.name)
			continue
		}
		floor, own := Policy([]checks.Source{ownFile(floorRoles + c.floor + "\n")}, Defaults{}), Policy([]checks.Source{ownFile(ownRoles + c.own + "\n")}, Defaults{})
		p := clone(smooth(floor, own))
		f(&p)
		if v := checks.Judge(floor, p); v.State.Passes() {
			t.Errorf("%s: the floor's value lets it pass", c.name)
		}
		if v := checks.Judge(own, p); !v.State.Passes() && !own.Observe {
			t.Errorf("%s: the weaker value does not let it pass: %+v", c.name, v.Results)
		}
	}
}
