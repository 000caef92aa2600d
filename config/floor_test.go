package config_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

func repoFile(text string) checks.Source {
	return checks.Source{Repo: "acme/shop", Path: checks.PolicyPath, Text: text}
}

func floorFile(text string) checks.Source {
	return checks.Source{Repo: "acme/.github", Path: checks.FloorPath, Text: text, Floor: true}
}

var (
	noRepo  = checks.Source{Repo: "acme/shop", Path: checks.PolicyPath, Absent: true}
	noFloor = checks.Source{Repo: "acme/.github", Path: checks.FloorPath, Absent: true, Floor: true}
)

// ready is a pull request that a lenient policy lets pass.
func ready() checks.Pull {
	return checks.Pull{
		At: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop"}, Number: 7, Open: true,
		Title: "feat: x", Author: checks.Actor{Login: "ann"}, Head: checks.Ref{Name: "topic", SHA: "c1", RepoID: 1}, Base: checks.Ref{Name: "main", SHA: "b", RepoID: 1},
		FilesRead: true, AppID: 99,
		Commits: []checks.Commit{{SHA: "c1", Author: checks.Signature{Login: "ann"}, Committer: checks.Signature{Login: "ann"}}}, CommitCount: 1,
		People: map[string]checks.Person{"ann": {Login: "ann", Permission: "write"}, "bob": {Login: "bob", Permission: "write"}},
		Reviews: []checks.Review{{ID: 1, Author: checks.Actor{Login: "bob"}, State: "APPROVED", Commit: "c1",
			Submitted: time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)}},
	}
}

func TestNeitherFileObservesUnlessTheOperatorEnforces(t *testing.T) {
	for _, c := range []struct {
		d       config.Defaults
		observe bool
	}{{config.Defaults{}, true}, {config.Defaults{Enforce: true}, false}} {
		for _, sources := range [][]checks.Source{nil, {noRepo}, {noRepo, noFloor}} {
			p := config.Policy(sources, c.d)
			if p.Observe != c.observe || p.Invalid() || names(p) != "review status" {
				t.Errorf("%+v, %d sources: observe %v, sections %s, %v", c.d, len(sources), p.Observe, names(p), p.Problems)
			}
			if v := checks.Judge(p, ready()); !v.State.Passes() {
				t.Errorf("an approved pull request does not pass by default: %+v", v.Results)
			}
		}
	}
}

func names(p checks.Policy) string {
	var out []string
	for _, s := range p.Sections {
		out = append(out, s.Name)
	}
	return strings.Join(out, " ")
}

func TestARequiredFloorThatCannotBeReadLetsNothingPass(t *testing.T) {
	broken := checks.Source{Repo: "acme/.github", Path: checks.FloorPath, Floor: true, Broken: "GitHub does not let this App read it"}
	for _, repo := range []checks.Source{noRepo, repoFile("version: 1\nmode: observe\n"), repoFile("version: 1\n")} {
		for _, floor := range [][]checks.Source{{repo}, {repo, noFloor}, {repo, broken}} {
			p := config.Policy(floor, config.Defaults{FloorRequired: true})
			v := checks.Judge(p, ready())
			if !p.Invalid() || p.Observe || v.State != checks.Unmet || !strings.Contains(v.Results[0].Summary, "floor cannot be read") {
				t.Errorf("repository %+v, %d sources: observe %v, %+v", repo, len(floor), p.Observe, v.Results)
			}
		}
	}
	if p := config.Policy([]checks.Source{repoFile("version: 1\n"), broken}, config.Defaults{}); p.Invalid() || len(p.Problems) != 1 {
		t.Errorf("a floor that may not be seen and is not required: %v", p.Problems)
	}
	broken.Blob = "b10b"
	if p := config.Policy([]checks.Source{repoFile("version: 1\n"), broken}, config.Defaults{}); !p.Invalid() {
		t.Error("a floor that is there and cannot be read is passed over")
	}
}

func TestABrokenPolicyLetsNothingPass(t *testing.T) {
	p := config.Policy([]checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Broken: "it is larger than GitHub gives"}}, config.Defaults{})
	if v := checks.Judge(p, ready()); p.Observe || v.State != checks.Unmet || !strings.Contains(v.Results[0].Summary, "larger than GitHub gives") {
		t.Errorf("got %+v", v.Results)
	}
}

func TestTheFloorStandsBesideTheRepositorysRules(t *testing.T) {
	p := config.Policy([]checks.Source{
		repoFile("version: 1\nreview:\n  sign_offs: [{name: Code review, role: reviewer}]\ncompliance: {title: conventional}\n"),
		floorFile("version: 1\nroles:\n  lead: {users: [carol]}\nreview:\n  sign_offs: [{name: Lead, role: lead}]\ncompliance: {labels: {forbid: [hold]}}\n"),
	}, config.Defaults{})
	pull := ready()
	pull.People["carol"] = checks.Person{Login: "carol", Permission: "write"}
	v := checks.Judge(p, pull)
	if p.Invalid() || v.State.Passes() {
		t.Fatalf("the floor's sign-off is not asked for: %v %+v", p.Problems, v.Results)
	}
	seen := map[string]checks.Result{}
	var walk func(checks.Result)
	walk = func(r checks.Result) {
		if _, twice := seen[r.ID]; twice {
			t.Errorf("the id %s is there twice", r.ID)
		}
		seen[r.ID] = r
		for _, q := range r.Parts {
			walk(q)
		}
	}
	for _, r := range v.Results {
		walk(r)
	}
	for id, state := range map[string]checks.State{
		"review": checks.Waiting, "review/code-review": checks.Met, "review/floor/lead": checks.Waiting,
		"compliance": checks.Met, "compliance/title": checks.Met, "compliance/floor/labels": checks.Met, "status": checks.Exempt,
	} {
		if got, ok := seen[id]; !ok || got.State != state {
			t.Errorf("%s is %v (there: %v), want %v", id, got.State, ok, state)
		}
	}
	if n := seen["review/floor/lead"].Name; n != "Lead (organisation floor)" {
		t.Errorf("the floor's rule is called %q", n)
	}
}

func TestARepositoryThatObservesIsHeldToTheFloor(t *testing.T) {
	floor := floorFile("version: 1\ncompliance: {title: conventional}\n")
	for _, repo := range []string{
		"version: 1\nstatus: {mode: observe}\nreview: {mode: observe}\n",
		"version: 1\nstatus: {require: [x], mode: observe}\n",
	} {
		p := config.Policy([]checks.Source{repoFile(repo), floor}, config.Defaults{})
		pull := ready()
		if v := checks.Judge(p, pull); p.Observe || !v.State.Passes() {
			t.Errorf("%s: observe %v, what is observed blocks: %+v", repo, p.Observe, v.Results)
		}
		pull.Title = "no type"
		if v := checks.Judge(p, pull); v.State.Passes() {
			t.Errorf("%s: the floor does not hold: %+v", repo, v.Results)
		}
	}
	observed := floorFile("version: 1\nmode: observe\ncompliance: {title: conventional}\n")
	if p := config.Policy([]checks.Source{repoFile("version: 1\nmode: observe\n"), observed}, config.Defaults{}); !p.Observe || p.Invalid() {
		t.Error("both observe, and the policy does not")
	}
	pull := ready()
	pull.Title = "no type"
	p := config.Policy([]checks.Source{repoFile("version: 1\n"), observed}, config.Defaults{})
	if v := checks.Judge(p, pull); p.Observe || !v.State.Passes() {
		t.Errorf("what the floor observes blocks: %+v", v.Results)
	}
}

// Lines of which policies are made.
var (
	modesOf  = []string{"", "mode: observe\n", "check_runs: summary\n"}
	rolesOf  = []string{"", "roles: {reviewer: {permission: read}}\n", "roles: {lead: {users: [carol]}}\n"}
	reviewOf = []string{"", "review:\n", "review: {sign_offs: []}\n", "review: {mode: observe}\n", "review: {sign_offs: [{name: Two, role: reviewer, count: 2}]}\n",
		"review: {sign_offs: [{name: Self, role: reviewer, self: true}]}\n", "review: {codeowners: true}\n"}
	statusOf = []string{"", "status: {require: [build]}\n", "status: {require: [{name: build, allow: [skipped]}]}\n", "status: {mode: observe, require: [lint]}\n",
		"status: {require: [lint], branch_rules: false}\n"}
	complianceOf = []string{"", "compliance: {title: conventional}\n", "compliance: {wip: true, labels: {forbid: [hold]}}\n", "compliance: {mode: observe, title: conventional}\n",
		"compliance: {ticket: {key: 'ABC-\\d+'}, description: true}\n"}
)

func draw(t *rapid.T, of []string) string { return rapid.SampledFrom(of).Draw(t, "line") }

func policyText(t *rapid.T) string {
	return "version: 1\n" + draw(t, modesOf) + draw(t, rolesOf) + draw(t, reviewOf) + draw(t, statusOf) + draw(t, complianceOf)
}

func anyPull(t *rapid.T) checks.Pull {
	p := ready()
	p.Title = rapid.SampledFrom([]string{"feat: x", "WIP", "ABC-1"}).Draw(t, "title")
	p.Body = rapid.SampledFrom([]string{"", "because"}).Draw(t, "body")
	p.Draft = rapid.IntRange(0, 5).Draw(t, "draft") == 0
	if rapid.Bool().Draw(t, "unapproved") {
		p.Reviews = nil
	}
	for _, login := range []string{"ann", "carol"} {
		p.People[login] = checks.Person{Login: login, Permission: rapid.SampledFrom([]string{"read", "write", "none", ""}).Draw(t, "permission")}
		if rapid.Bool().Draw(t, "approves") {
			p.Reviews = append(p.Reviews, checks.Review{ID: int64(10 + len(p.Reviews)), Author: checks.Actor{Login: login}, State: "APPROVED", Commit: "c1", Submitted: p.At.Add(-time.Hour)})
		}
	}
	for _, name := range []string{"build", "lint"} {
		r := checks.Run{DatabaseID: int64(len(p.Runs) + 1), Name: name, AppID: 5, App: "ci", Status: "completed", Conclusion: rapid.SampledFrom([]string{"success", "skipped", "failure", ""}).Draw(t, "conclusion")}
		if r.Conclusion == "" {
			r.Status = "in_progress"
		}
		p.Runs = append(p.Runs, r)
	}
	if rapid.Bool().Draw(t, "required") {
		p.BranchRequires = []checks.Required{{Name: "build"}, {Name: checks.RunMerge}}
	}
	if rapid.Bool().Draw(t, "labelled") {
		p.Labels = []string{"hold"}
	}
	return p
}

func TestLawNoRepositoryIsBetterOffThanByTheFloorAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		floor := floorFile(policyText(t))
		repo := repoFile(policyText(t))
		switch rapid.IntRange(0, 7).Draw(t, "repository") {
		case 0:
			repo = repoFile(repo.Text + "nonsense: 1\n")
		case 1:
			repo.Broken = "cut"
		}
		pull := anyPull(t)
		d := config.Defaults{Enforce: rapid.Bool().Draw(t, "enforce"), FloorRequired: rapid.Bool().Draw(t, "required")}
		alone, both := config.Policy([]checks.Source{noRepo, floor}, d), config.Policy([]checks.Source{repo, floor}, d)
		if both.Observe && !alone.Observe {
			t.Fatalf("the repository makes an enforcing floor observe:\n%s\n---\n%s", repo.Text, floor.Text)
		}
		if alone.Observe {
			return // nothing holds that could be weakened
		}
		a, b := checks.Judge(alone, pull), checks.Judge(both, pull)
		blocks := false
		for _, s := range alone.Sections {
			blocks = blocks || !s.Observe
		}
		if blocks && b.State > a.State && !a.State.Passes() {
			t.Fatalf("the floor alone says %s, with the repository %s:\n%s\n---\n%s", a.State, b.State, repo.Text, floor.Text)
		}
	})
}

func TestTheFloorsDefaultIsNotWeakenedByARoleOfTheSameName(t *testing.T) {
	pull := ready()
	pull.People["bob"] = checks.Person{Login: "bob", Permission: "read"}
	weak := repoFile("version: 1\nroles: {reviewer: {permission: read}}\n")
	if v := checks.Judge(config.Policy([]checks.Source{weak}, config.Defaults{}), pull); !v.State.Passes() {
		t.Fatalf("without a floor the repository's role does not hold: %+v", v.Results)
	}
	if v := checks.Judge(config.Policy([]checks.Source{weak, floorFile("version: 1\n")}, config.Defaults{}), pull); v.State.Passes() {
		t.Errorf("somebody who may only read satisfies the floor: %+v", v.Results)
	}
}

func TestWhatIsOverriddenOfTheRepositorysIsNotOverriddenOfTheFloors(t *testing.T) {
	floor := floorFile("version: 1\nroles: {lead: {users: [bob]}}\noverride: {role: lead}\n")
	for _, repo := range []checks.Source{noRepo, repoFile("version: 1\n"), repoFile("version: 1\nroles: {lead: {users: [bob]}}\noverride: {role: lead}\n")} {
		pull := ready()
		pull.Reviews = nil
		pull.Comments = []checks.Comment{{ID: 5, Author: checks.Actor{Login: "bob", ID: 2}, Body: "/override review/code-review it must go out", Created: pull.At.Add(-time.Hour)}}
		pull.Memory.Seen = map[string]checks.Seen{"comment/5": {Head: "c1", Base: "main"}}
		p := config.Policy([]checks.Source{repo, floor}, config.Defaults{})
		if v := checks.Judge(p, pull); p.Invalid() || v.State.Passes() {
			t.Errorf("%q: the floor's rule passes, which nobody has overridden: %v %+v", repo.Text, p.Problems, v.Results)
		}
		pull.Comments[0].Body = "/override review it must go out"
		if v := checks.Judge(p, pull); !v.State.Passes() {
			t.Errorf("%q: the floor's rule does not pass, which was overridden: %+v", repo.Text, v.Results)
		}
	}
}
