package checks_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

// The laws hold for whatever GitHub may answer and whatever policy may be
// written, so they are tried on random snapshots and random policies.

var (
	start  = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	logins = []string{"alice", "bob", "Carol", "dave", "eve", "renovate[bot]", ""}
	paths  = []string{"main.go", "docs/a.md", "deploy/app.yaml", ".github/handrail.yml", ".github/CODEOWNERS", "auth/login.go", "CODEOWNERS"}
	shas   = []string{"a1a1a1a1a1", "b2b2b2b2b2", "c3c3c3c3c3", "d4d4d4d4d4"}
	names  = []string{"build", "lint", "ci/travis", checks.RunMerge, "handrail/review"}
)

func pick[T any](t *rapid.T, of []T, label string) T { return rapid.SampledFrom(of).Draw(t, label) }

func some[T any](t *rapid.T, max int, label string, one func() T) []T {
	var out []T
	for range rapid.IntRange(0, max).Draw(t, label) {
		out = append(out, one())
	}
	return out
}

func moment(t *rapid.T) time.Time {
	return start.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "minute")) * time.Minute)
}

func actor(t *rapid.T) checks.Actor {
	l := pick(t, logins, "login")
	return checks.Actor{Login: l, Bot: strings.HasSuffix(l, "[bot]")}
}

func file(t *rapid.T) checks.File {
	return checks.File{
		Path: pick(t, paths, "path"), Previous: pick(t, []string{"", "old.go"}, "previous"),
		Status: pick(t, []string{"added", "modified", "removed", "renamed"}, "status"),
		Mode:   pick(t, []string{"", "100644", "100755", "?"}, "mode"), SHA: pick(t, shas, "blob"),
	}
}

// said draws what people write; the id makes each one distinct.
func said(t *rapid.T) string {
	return pick(t, []string{"+1", "LGTM", "QA +1", "/approve qa", "/revoke qa", "/approve reviewer", "> +1", "the +1 looks wrong", "```\n+1\n```", "no"}, "words")
}

func snapshot(t *rapid.T) checks.Pull {
	p := checks.Pull{
		At: start.Add(24 * time.Hour), Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop"}, Number: 7, ID: "PR_7",
		Open: rapid.Bool().Draw(t, "open"), Draft: rapid.IntRange(0, 4).Draw(t, "draft") == 0,
		Title: pick(t, []string{"feat: x", "WIP: y", "", "fix it"}, "title"), Body: pick(t, []string{"", "## Why\nbecause", "ABC-1"}, "body"),
		Author: actor(t), Base: checks.Ref{Name: "main", SHA: "base", RepoID: 1}, Head: checks.Ref{Name: "topic", SHA: pick(t, shas, "head"), RepoID: 1},
		AppID: 99, FilesRead: true, CreatedAt: start,
	}
	p.Labels = some(t, 2, "labels", func() string { return pick(t, []string{checks.LabelMet, "hold", "bug"}, "label") })
	p.Labels = distinct(p.Labels, func(s string) string { return s })
	p.Files = distinct(some(t, 4, "files", func() checks.File { return file(t) }), func(f checks.File) string { return f.Path })
	p.FileCount = len(p.Files) + rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "cut files")
	p.Commits = distinct(some(t, 3, "commits", func() checks.Commit {
		return checks.Commit{
			SHA: pick(t, shas, "commit"), Author: checks.Signature{Login: pick(t, logins, "author"), Email: "x@example.org"},
			Committer: checks.Signature{Login: pick(t, append(logins, "web-flow"), "committer"), Email: "y@example.org"},
			Web:       rapid.Bool().Draw(t, "web"), GitHubSigned: rapid.Bool().Draw(t, "signed"),
			Message: pick(t, []string{"work", "Merge branch 'main' into topic"}, "message"),
		}
	}), func(c checks.Commit) string { return c.SHA })
	if at := rapid.IntRange(0, 5).Draw(t, "head commit"); at > 0 && len(p.Commits) > 0 {
		p.Commits[at%len(p.Commits)].SHA = p.Head.SHA
		p.Commits = distinct(p.Commits, func(c checks.Commit) string { return c.SHA })
	}
	p.CommitCount = len(p.Commits)
	id := int64(0)
	p.Reviews = some(t, 5, "reviews", func() checks.Review {
		id++
		return checks.Review{
			ID: id, Author: actor(t), State: pick(t, []string{"APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"}, "review"),
			Commit: pick(t, append(shas, ""), "reviewed"), Submitted: moment(t), Body: said(t),
		}
	})
	p.Comments = some(t, 5, "comments", func() checks.Comment {
		id++
		return checks.Comment{ID: id, Author: actor(t), Body: said(t), Created: moment(t)}
	})
	p.Requested = distinct(some(t, 2, "requested", func() string { return pick(t, logins[:5], "requested") }), func(s string) string { return s })
	p.Runs = some(t, 4, "runs", func() checks.Run {
		id++
		r := checks.Run{
			ID: fmt.Sprint("CR_", id), DatabaseID: id, Name: pick(t, names, "run"), AppID: pick(t, []int64{99, 15368}, "app"),
			Status: pick(t, []string{"queued", "in_progress", "completed"}, "status"), Started: moment(t),
		}
		if r.Status == "completed" {
			r.Conclusion = pick(t, []string{"success", "failure", "neutral", "skipped"}, "conclusion")
		}
		return r
	})
	p.BranchRequires = distinct(some(t, 2, "required", func() checks.Required { return checks.Required{Name: pick(t, names, "required")} }),
		func(r checks.Required) string { return r.Name })
	p.People, p.Teams = map[string]checks.Person{}, map[string]checks.Team{}
	for _, l := range logins {
		if l != "" && rapid.IntRange(0, 5).Draw(t, "known") > 0 {
			p.People[strings.ToLower(l)] = checks.Person{Login: l, Permission: pick(t, []string{"", "none", "read", "write", "admin"}, "permission")}
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "team") > 0 {
		p.Teams["acme/qa"] = checks.Team{Name: "acme/qa", Found: rapid.Bool().Draw(t, "found"), Members: some(t, 3, "members", func() string { return pick(t, logins[:5], "member") })}
	}
	if rapid.Bool().Draw(t, "owners") {
		p.Owners = checks.OwnersFile{Path: ".github/CODEOWNERS", Text: "* @alice\n/docs/ @bob @acme/qa\n[ @x\n"}
	}
	p.Siblings = distinct(some(t, 2, "siblings", func() checks.Sibling {
		return checks.Sibling{Number: rapid.IntRange(8, 12).Draw(t, "sibling"), State: checks.State(rapid.IntRange(0, 4).Draw(t, "sibling state")), Judged: rapid.Bool().Draw(t, "judged")}
	}), func(s checks.Sibling) string { return fmt.Sprint(s.Number) })
	p.Memory = memory(t, p)
	measure(t, &p)
	scanIt(t, &p)
	if rapid.IntRange(0, 2).Draw(t, "mood") > 0 {
		befriend(t, &p)
	}
	return p
}

// befriend makes a snapshot that may well be met, which one of pure chance
// hardly ever is.
func befriend(t *rapid.T, p *checks.Pull) {
	p.Open, p.Draft, p.Title, p.Body, p.Siblings, p.Requested = true, false, "feat: x", "ABC-1", nil, nil
	p.Author, p.FileCount = checks.Actor{Login: "alice"}, len(p.Files)
	p.Labels = remove(p.Labels, "hold")
	p.Commits = []checks.Commit{{SHA: p.Head.SHA, Author: checks.Signature{Login: "alice"}, Committer: checks.Signature{Login: "alice"}}}
	p.CommitCount, p.Memory.Heads = 1, nil
	for _, l := range logins[:5] {
		p.People[strings.ToLower(l)] = checks.Person{Login: l, Permission: "write"}
	}
	p.Teams["acme/qa"] = checks.Team{Name: "acme/qa", Found: true, Members: []string{"bob", "Carol", "dave"}}
	for i := range p.Reviews {
		p.Reviews[i].State = pick(t, []string{"APPROVED", "APPROVED", "COMMENTED"}, "kind review")
		p.Reviews[i].Commit, p.Reviews[i].Body = p.Head.SHA, ""
	}
	for i, l := range []string{"bob", "Carol", "dave"} {
		p.Reviews = append(p.Reviews, checks.Review{ID: int64(900 + i), Author: checks.Actor{Login: l}, State: "APPROVED", Commit: p.Head.SHA, Submitted: p.At})
	}
	p.Comments = nil
	p.Runs = append(p.Runs, checks.Run{ID: "CR_900", DatabaseID: 900, Name: "build", AppID: 15368, Status: "completed", Conclusion: "success", Started: p.At})
	p.BranchRequires = nil
	cover(t, p)
	clearScan(t, p)
}

func memory(t *rapid.T, p checks.Pull) checks.Memory {
	m := checks.Memory{Seen: map[string]checks.Seen{}, Changes: map[string]checks.Change{}, Labelled: rapid.Bool().Draw(t, "labelled")}
	at := start
	for _, sha := range distinct(some(t, 3, "heads", func() string { return pick(t, shas, "old head") }), func(s string) string { return s }) {
		at = at.Add(time.Hour)
		m.Heads = append(m.Heads, checks.Head{SHA: sha, Since: at, Sender: pick(t, logins[:5], "pusher")})
	}
	for _, sha := range shas {
		switch rapid.IntRange(0, 3).Draw(t, "change") {
		case 0:
			m.Changes[sha] = checks.Change{Base: "main", Files: p.Files, Whole: true}
		case 1:
			m.Changes[sha] = checks.Change{Base: "main", Files: []checks.File{file(t)}, Whole: rapid.Bool().Draw(t, "whole")}
		}
	}
	for _, c := range p.Comments {
		if rapid.Bool().Draw(t, "seen") {
			m.Seen[fmt.Sprint("comment/", c.ID)] = checks.Seen{Text: c.Body, Head: pick(t, append(shas, ""), "spoken at"), Base: "main", Permission: "write"}
		}
	}
	for _, r := range p.Reviews {
		if rapid.Bool().Draw(t, "seen") {
			m.Seen[fmt.Sprint("review/", r.ID)] = checks.Seen{Text: r.Body, Head: r.Commit, Base: "main", Permission: "write"}
		}
	}
	return m
}

func distinct[T any](in []T, key func(T) string) []T {
	var out []T
	have := map[string]bool{}
	for _, x := range in {
		if !have[key(x)] {
			have[key(x)] = true
			out = append(out, x)
		}
	}
	return out
}

// rules are lines of sign-offs, of which a policy takes some.
var rules = []string{
	"{name: Code review, role: reviewer}",
	"{name: Two eyes, role: reviewer, count: 2}",
	"{name: QA, role: qa, unless: {only_files: ['docs/**']}}",
	"{name: Deploy, role: qa, when: {files: ['deploy/**']}}",
	"{name: Strict, role: reviewer, stale: head}",
	"{name: Self, role: reviewer, self: true}",
	"{name: Apart, role: qa, distinct: true}",
	"{name: Again, role: reviewer, distinct: true, count: 2}",
}

var extras = []string{
	"status:\n  require: [build]\n",
	"compliance:\n  title: conventional\n",
	"compliance:\n  ticket: {key: '[A-Z]+-\\d+'}\n",
	"compliance:\n  labels: {forbid: [hold]}\n",
	coverages[1],
	coverages[3],
	namedCoverage,
	securities[1],
	securities[2],
	securities[3],
	"status: {require: [build]}\n" + securities[0],
}

func text(signOffs []string, codeowners bool, extra string) string {
	var b strings.Builder
	b.WriteString("version: 1\nroles:\n  qa: {team: acme/qa, say: ['QA +1']}\nreview:\n")
	fmt.Fprintf(&b, "  codeowners: %v\n  sign_offs:\n", codeowners)
	for _, s := range signOffs {
		b.WriteString("    - " + s + "\n")
	}
	b.WriteString(extra)
	return b.String()
}

func policy(t interface{ Fatalf(string, ...any) }, text string) checks.Policy {
	p := config.Policy([]checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: text}}, config.Defaults{})
	if p.Invalid() {
		t.Fatalf("policy is invalid: %v\n%s", p.Problems, text)
	}
	return p
}

type drawn struct {
	signOffs   []string
	codeowners bool
	extra      string
}

func drawPolicy(t *rapid.T) drawn {
	d := drawn{codeowners: rapid.Bool().Draw(t, "codeowners"), extra: pick(t, append(extras, ""), "extra")}
	d.signOffs = distinct(append([]string{pick(t, rules, "rule")}, some(t, 2, "rules", func() string { return pick(t, rules, "rule") })...), func(s string) string { return s })
	return d
}

func TestLawSameInputSameAnswerAlsoAfterTheRecord(t *testing.T) {
	rapid.Check(t, sameAnswer)
}

func sameAnswer(t *rapid.T) {
	d := drawPolicy(t)
	p, pull := policy(t, text(d.signOffs, d.codeowners, d.extra)), snapshot(t)
	first := checks.Judge(p, pull)
	stored, err := json.Marshal(pull)
	if err != nil {
		t.Fatal(err)
	}
	var again checks.Pull
	if err := json.Unmarshal(stored, &again); err != nil {
		t.Fatal(err)
	}
	same(t, first, checks.Judge(p, again))
	same(t, first, checks.Judge(p, pull))
	if a, b := checks.Plan(first, pull), checks.Plan(first, again); !reflect.DeepEqual(encode(a), encode(b)) {
		t.Fatalf("plans differ after a round trip: %s", cmp.Diff(a, b))
	}
}

func TestLawTheOrderOfAnythingDoesNotMatter(t *testing.T) {
	rapid.Check(t, anyOrder)
}

func anyOrder(t *rapid.T) {
	d := drawPolicy(t)
	p, pull := policy(t, text(d.signOffs, d.codeowners, d.extra)), snapshot(t)
	v := checks.Judge(p, pull)
	q := shuffled(pull, rapid.Int64().Draw(t, "seed"))
	w := checks.Judge(p, q)
	same(t, v, w)
	if a, b := encode(checks.Plan(v, pull)), encode(checks.Plan(w, q)); a != b {
		t.Fatalf("plans differ: %s", cmp.Diff(a, b))
	}
}

func TestLawOneRuleMoreNeverHelps(t *testing.T) {
	rapid.Check(t, oneRuleMore)
}

func oneRuleMore(t *rapid.T) {
	d, pull := drawPolicy(t), snapshot(t)
	before := checks.Judge(policy(t, text(d.signOffs, d.codeowners, d.extra)), pull)
	more := distinct(append(append([]string(nil), d.signOffs...), pick(t, rules, "one more")), func(s string) string { return s })
	after := checks.Judge(policy(t, text(more, true, d.extra)), pull)
	if after.State > before.State && !(after.State.Passes() && before.State.Passes()) {
		t.Fatalf("with a rule more %s becomes %s", before.State, after.State)
	}
}

func TestLawDoingThePlanLeavesNothingToDoAndTheLabelTellsTheTruth(t *testing.T) {
	met := 0
	rapid.Check(t, func(t *rapid.T) {
		if planSettles(t).State.Passes() {
			met++
		}
	})
	if met == 0 {
		t.Error("no pull request was ever met, so the law was not tried")
	}
}

func planSettles(t *rapid.T) checks.Verdict {
	d := drawPolicy(t)
	p, pull := policy(t, text(d.signOffs, d.codeowners, d.extra)), snapshot(t)
	v := checks.Judge(p, pull)
	plan := checks.Plan(v, pull)
	after := carryOut(t, pull, plan)
	again := checks.Judge(p, after)
	if left := checks.Plan(again, after); len(left) > 0 {
		t.Fatalf("after %s\nthere is left %s", encode(plan), encode(left))
	}
	if pull.Open && contains(after.Labels, checks.LabelMet) != v.State.Passes() {
		t.Fatalf("verdict %s, labels %v", v.State, after.Labels)
	}
	if open, known := reviewOpen(v); pull.Open && known && contains(after.Labels, checks.LabelSecurity) != open {
		t.Fatalf("a security review is needed: %v, labels %v", open, after.Labels)
	}
	safeOrder(t, v, plan)
	return v
}

// FuzzLaws lets Go's fuzzer look for what breaks a law.
func FuzzLaws(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		switch rapid.IntRange(0, 5).Draw(t, "law") {
		case 0:
			sameAnswer(t)
		case 1:
			anyOrder(t)
		case 2:
			oneRuleMore(t)
		case 3:
			planSettles(t)
		case 4:
			stricterCoverage(t)
		default:
			everyNoExplained(t)
		}
	}))
}

// safeOrder: what takes away comes before what grants, and the label is last.
func safeOrder(t *rapid.T, v checks.Verdict, plan []checks.Action) {
	granted := false
	for i, a := range plan {
		warns := a.Label == checks.LabelSecurity
		grants := a.Kind == checks.AddLabel && !warns || a.Kind == checks.RemoveLabel && warns || a.Run.Conclusion == "success"
		if granted && !grants {
			t.Fatalf("step %d of %s takes away after something was granted", i, encode(plan))
		}
		granted = granted || grants
		if warns {
			continue
		}
		if a.Kind == checks.RemoveLabel && i != 0 || a.Kind == checks.AddLabel && i != len(plan)-1 {
			t.Fatalf("the label is step %d of %s", i, encode(plan))
		}
		if a.Run.Name == checks.RunMerge && a.Run.Conclusion == "success" != v.State.Passes() {
			t.Fatalf("Merge Requirements says %q of a verdict that is %s", a.Run.Conclusion, v.State)
		}
	}
}

// remembers is handrail's record taking note of a label.
func remembers(p *checks.Pull, label string, given bool) {
	if label == checks.LabelSecurity {
		p.Memory.Security.Given = given
	} else {
		p.Memory.Labelled = given
	}
}

func carryOut(t *rapid.T, p checks.Pull, plan []checks.Action) checks.Pull {
	p.Runs = append([]checks.Run(nil), p.Runs...)
	p.Labels = append([]string(nil), p.Labels...)
	for i, a := range plan {
		switch a.Kind {
		case checks.RemoveLabel:
			p.Labels = remove(p.Labels, a.Label)
			remembers(&p, a.Label, false)
		case checks.AddLabel:
			p.Labels = append(p.Labels, a.Label)
			remembers(&p, a.Label, true)
		case checks.AddComment:
			p.Comments = append(p.Comments[:len(p.Comments):len(p.Comments)], checks.Comment{
				ID: int64(5000 + i), Author: checks.Actor{Login: "handrail[bot]", Bot: true}, Body: a.Body, Created: p.At, Ours: true,
			})
		case checks.CreateRun:
			p.Runs = append(p.Runs, checks.Run{
				ID: fmt.Sprint("NEW_", i), DatabaseID: int64(1000 + i), Name: a.Run.Name, AppID: p.AppID, Started: p.At,
				Status: a.Run.Status, Conclusion: a.Run.Conclusion, ExternalID: a.Run.ExternalID,
			})
		case checks.UpdateRun:
			for k := range p.Runs {
				if p.Runs[k].ID == a.RunID {
					if p.Runs[k].Status == "completed" {
						t.Fatalf("a completed run is changed: %s", encode(a))
					}
					p.Runs[k].Status, p.Runs[k].Conclusion, p.Runs[k].ExternalID = a.Run.Status, a.Run.Conclusion, a.Run.ExternalID
				}
			}
		}
	}
	return p
}

func shuffled(p checks.Pull, seed int64) checks.Pull {
	r := rand.New(rand.NewSource(seed))
	p.Files, p.Commits, p.Reviews, p.Comments = mixed(r, p.Files), mixed(r, p.Commits), mixed(r, p.Reviews), mixed(r, p.Comments)
	p.Runs, p.Labels, p.Siblings = mixed(r, p.Runs), mixed(r, p.Labels), mixed(r, p.Siblings)
	p.Requested, p.BranchRequires = mixed(r, p.Requested), mixed(r, p.BranchRequires)
	p.Coverage = shuffledCoverage(r, p.Coverage)
	p.Scans, p.Redacted = shuffledScans(r, p.Scans), mixed(r, p.Redacted)
	return p
}

func mixed[T any](r *rand.Rand, in []T) []T {
	out := append([]T(nil), in...)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func same(t *rapid.T, a, b checks.Verdict) {
	if x, y := encode(a), encode(b); x != y {
		t.Fatalf("verdicts differ:\n%s", cmp.Diff(a, b))
	}
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if strings.EqualFold(l, s) {
			return true
		}
	}
	return false
}

func remove(list []string, s string) (out []string) {
	for _, l := range list {
		if !strings.EqualFold(l, s) {
			out = append(out, l)
		}
	}
	return out
}
