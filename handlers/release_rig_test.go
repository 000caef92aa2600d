package handlers_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

const shipPolicy = `version: 1
roles:
  qa: {users: [quinn]}
  rm: {users: [rita]}
  sec: {users: [sam, rita]}
  reviewer: {permission: write, say: ["+1"], github_review: true}
review:
  sign_offs:
    - {name: Code review, role: reviewer}
release:
  tags: ["v*"]
  stages:
    - {name: development, sign_offs: [{role: qa}], environment: staging}
    - {name: production, sign_offs: [{role: rm}, {role: sec}], environment: production}
  promoter: rm
  evidence: {bypassed: show, unknown: show, no_pull_request: show}
  emergency: {role: rm, follow_up: 7d, follow_up_role: sec}
`

// ship is a rig whose repository has releases: v1.0.0 was out before handrail came.
type ship struct {
	*rig
	tag string
	old string // commit of v1.0.0
}

func newShip(t *testing.T, policy string) *ship {
	t.Helper()
	r := newRig(t, sim.Options{})
	for name, level := range map[string]string{"contents": "write", "issues": "write", "deployments": "write", "actions": "write"} {
		r.gh.SetPermission(name, level)
	}
	r.gh.Org("acme").AddMember("rita", "sam", "tara")
	for _, l := range []string{"rita", "sam", "tara"} {
		r.repo.Allow(l, "write")
	}
	s := &ship{rig: r, tag: "v1.1.0"}
	s.old = r.push("alice", "main", map[string]string{"old.go": "package old\n"})
	s.put("tara", "v1.0.0", s.old)
	if _, err := r.repo.NewRelease(sim.NewRelease{By: "tara", Tag: "v1.0.0", Name: "1.0.0"}); err != nil {
		t.Fatal(err)
	}
	for _, env := range []string{"staging", "production"} {
		r.repo.Guard(env)
	}
	r.policy(policy)
	r.settle()
	r.pass(2 * time.Second)
	return s
}

// put is that somebody puts an annotated tag on a commit.
func (s *ship) put(by, tag, sha string) {
	s.t.Helper()
	if err := s.repo.PushTags(by, sim.NewTag{Name: tag, SHA: sha, Annotated: true, Tagger: by}); err != nil {
		s.t.Fatal(err)
	}
}

// merged is a pull request of alice's that bob approves, and that is merged.
func (s *ship) merged(branch string) *sim.Pull {
	s.t.Helper()
	s.push("alice", branch, map[string]string{branch + ".go": "package a\n"})
	p := s.open(branch)
	p.Approve("bob")
	s.settle()
	if _, err := p.Merge("bob"); err != nil {
		s.t.Fatal(err)
	}
	s.settle()
	return p
}

// draft makes the release's draft with one file.
func (s *ship) draft() *sim.Release {
	s.t.Helper()
	rel, err := s.repo.NewRelease(sim.NewRelease{By: "tara", Tag: s.tag, Name: s.tag, Draft: true})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := rel.Upload("tara", "shop.tar.gz", []byte("shop")); err != nil {
		s.t.Fatal(err)
	}
	return rel
}

// cut is a tag on main's head, with a draft: the release that most tests are about.
func (s *ship) cut() *sim.Release {
	s.t.Helper()
	rel := s.draft()
	s.put("tara", s.tag, s.repo.Branch("main"))
	s.settle()
	return rel
}

// at is the release as the record has it.
func (s *ship) at() store.ReleaseRow {
	s.t.Helper()
	row, err := s.store.ReleaseOf(s.t.Context(), "acme/shop", s.tag)
	if err != nil {
		s.t.Fatal(err)
	}
	return row
}

// is checks the phase.
func (s *ship) is(want checks.Phase) {
	s.t.Helper()
	if got := s.at().Phase; got != want {
		s.t.Errorf("%s is %q, want %q: %s\n%s", s.tag, got, want, s.title(checks.RunRelease), s.said.String()[max(0, s.said.Len()-2000):])
	}
}

func (s *ship) title(run string) string {
	_, commit := s.repo.TagAt(s.tag)
	r, state := s.group(commit, run)
	return state + " " + r.Title
}

// button presses a button of the newest run of a name.
func (s *ship) button(by, run, what string) {
	s.t.Helper()
	_, commit := s.repo.TagAt(s.tag)
	r, _ := s.group(commit, run)
	i := slices.IndexFunc(r.Actions, func(id string) bool { return strings.HasPrefix(id, what+":") })
	if i < 0 {
		s.t.Fatalf("%s has no button %s: %v", run, what, r.Actions)
	}
	s.gh.FindRun(r.ID).Act(by, r.Actions[i])
	s.settle()
}

// comment says something on the tracking issue, a while after it was last written.
func (s *ship) comment(by, text string) *sim.Comment {
	s.t.Helper()
	n := s.at().Issue
	if n == 0 {
		s.t.Fatal("there is no tracking issue")
	}
	s.pass(3 * time.Second)
	c := s.repo.Issue(n).Comment(by, text)
	s.settle()
	return c
}

// acts is what somebody does by the command line.
func (s *ship) acts(a checks.Act) {
	s.t.Helper()
	s.actsOnly(a)
	s.settle()
}

// actsOnly is acts before handrail has looked at it.
func (s *ship) actsOnly(a checks.Act) {
	s.t.Helper()
	if a.Candidate == "" {
		a.Candidate = s.at().Candidate
	}
	if _, err := s.flow.ActOn(s.t.Context(), "acme", "shop", s.tag, a); err != nil {
		s.t.Fatal(err)
	}
}

func user(login string) checks.Actor { return checks.Actor{Login: login} }

// sign gives every sign-off.
func (s *ship) sign() {
	s.t.Helper()
	s.acts(checks.Act{Kind: checks.ActSign, Role: "qa", By: user("quinn")})
	s.acts(checks.Act{Kind: checks.ActSign, Role: "rm", By: user("rita")})
	s.acts(checks.Act{Kind: checks.ActSign, Role: "sec", By: user("sam")})
}

// kinds are the kinds of the log entries about the release, deliveries and verdicts left
// out, in their order.
func (s *ship) kinds() []string {
	s.t.Helper()
	rows, err := s.store.List(s.t.Context(), store.Filter{Repo: "acme/shop", Release: s.tag, Limit: 10000})
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, row := range rows {
		switch row.Kind {
		case store.KindDelivery, store.KindVerdict, store.KindPosted, store.KindCheck:
		default:
			out = append(out, string(row.Kind))
		}
	}
	return out
}

// sound checks that each recorded verdict on a release can be worked out again from its
// record, that nothing was written before it was on record as promoted, and the log.
func (s *ship) sound() {
	s.t.Helper()
	rows, err := s.store.List(s.t.Context(), store.Filter{Kind: store.KindVerdict, Limit: 10000})
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, row := range rows {
		if !strings.HasPrefix(row.Subject, "release/") {
			continue
		}
		n++
		_, body, err := s.store.Entry(s.t.Context(), row.Seq)
		if err != nil {
			s.t.Fatal(err)
		}
		var rec store.Record
		if err := json.Unmarshal(body, &rec); err != nil || rec.Release == nil || rec.ReleaseVerdict == nil {
			s.t.Fatalf("the record of %s holds no release: %v", row.Subject, err)
		}
		again := checks.JudgeRelease(config.Policy(rec.Sources, config.Defaults{}), *rec.Release)
		if a, b := handlers.ReleaseDigest(*rec.ReleaseVerdict), handlers.ReleaseDigest(again); a != b {
			s.t.Errorf("entry %d: %s was %s, and is %s when it is judged again", row.Seq, row.Subject, rec.ReleaseVerdict.Phase, again.Phase)
		}
		for _, a := range rec.Actions {
			grants := a.Kind == checks.PublishRelease || a.Gate != nil && a.Gate.State == "approved"
			if grants && rec.Release.Memory.Promoted == "" && !strings.Contains(fmt.Sprint(a.Gate), "staging") {
				s.t.Errorf("entry %d: %s before the promotion is on record", row.Seq, a.Kind)
			}
		}
	}
	if n == 0 {
		s.t.Error("no verdict on a release is recorded")
	}
	report, err := s.store.Verify(s.t.Context(), func(int64, int64) {})
	if err != nil || !report.OK() {
		s.t.Errorf("the log does not verify: %v %v", err, report.Problems)
	}
}

// job starts a workflow run on the tag that waits for an environment.
func (s *ship) job(environment string) (*sim.WorkflowRun, *sim.Deployment) {
	s.t.Helper()
	run, err := s.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/deploy.yml", Tag: s.tag, Event: "workflow_dispatch", By: "tara"})
	if err != nil {
		s.t.Fatal(err)
	}
	return run, run.Deploy(environment)
}
