package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
	"github.com/handrail-bot/handrail/internal/values"
)

func valueReader() handlers.ValueReader {
	return handlers.ValueReader{Engine: values.Engine, Limit: values.SizeLimit, Read: func(name string, text []byte, keys []string) (string, []checks.Value, string) {
		f := values.Read(name, text, keys)
		return f.Format, f.Values, f.Fault
	}}
}

const limitsPolicy = `version: 1
roles:
  platform: {team: acme/platform}
review:
  sign_offs: []
compliance:
  limits:
    - {name: Memory over 1Gi, files: ["deploy/**/*.yaml"], key: "**.limits.memory", over: 1Gi, role: platform}
`

func manifest(memory string) string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: api
          image: ghcr.io/acme/api:1.4.2
          resources:
            limits:
              memory: %s
`, memory)
}

// limited is a rig with the policy and a deployment of 512Mi, whose platform team is
// quinn.
func limited(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.gh.Org("acme").Team("platform").Add("quinn")
	r.policy(limitsPolicy)
	r.push("alice", "main", map[string]string{"deploy/shop/api.yaml": manifest("512Mi")})
	return r
}

func (r *rig) raise(branch, memory string) *sim.Pull {
	r.t.Helper()
	r.push("alice", branch, map[string]string{"deploy/shop/api.yaml": manifest(memory)})
	p := r.open(branch)
	r.settle()
	return p
}

// complies checks some words of the run of the section.
func (r *rig) complies(p *sim.Pull, words ...string) {
	r.t.Helper()
	run, _ := p.Run("handrail/compliance")
	all := run.Title + run.Summary
	for _, w := range words {
		if !strings.Contains(all, w) {
			r.t.Errorf("%s does not say %q:\n%s", p, w, all)
		}
	}
}

// The guard rail: what is within the limit passes by itself, what is over it waits
// for those who answer for it, and for nobody else.
func TestAValueOverTheLimitWaitsForItsRoleAndNothingElseDoes(t *testing.T) {
	r := limited(t)
	small := r.raise("small", "1Gi")
	r.shows(small, "completed/success")

	big := r.raise("big", "1Ti")
	r.shows(big, "in_progress", "512Mi → 1Ti is over 1Gi")
	r.complies(big, "512Mi → 1Ti is over 1Gi in deploy/shop/api.yaml:13 of Deployment/shop/api")
	for _, by := range []string{"alice", "bob"} {
		big.Comment(by, "/approve platform")
		r.settle()
		r.shows(big, "in_progress")
	}
	big.Comment("quinn", "/approve platform")
	r.settle()
	r.shows(big, "completed/success")

	r.push("alice", "big", map[string]string{"README.md": "# shop, larger\n"})
	r.settle()
	r.shows(big, "completed/success")
	r.push("alice", "big", map[string]string{"deploy/shop/api.yaml": manifest("2Ti")})
	r.settle()
	r.shows(big, "in_progress", "512Mi → 2Ti is over 1Gi")
	r.push("alice", "big", map[string]string{"deploy/shop/api.yaml": manifest("256Mi")})
	r.settle()
	r.shows(big, "completed/success")
}

// What the base branch does meanwhile is not the pull request's: it is compared with
// where it left that branch.
func TestAValueIsComparedWithWhereTheBranchLeftItsBase(t *testing.T) {
	r := limited(t)
	r.push("alice", "main", map[string]string{"deploy/shop/api.yaml": manifest("4Gi")})
	p := r.raise("high", "4Gi\n")
	r.shows(p, "completed/success") // it only adds an empty line
	r.push("bob", "main", map[string]string{"deploy/shop/api.yaml": manifest("1Gi")})
	r.settle()
	r.shows(p, "completed/success")
	r.push("alice", "high", map[string]string{"deploy/shop/api.yaml": manifest("5Gi")})
	r.settle()
	r.shows(p, "in_progress", "memory 4Gi → 5Gi is over 1Gi")
}

// What cannot be read asks for the sign-off, whatever it says.
func TestAFileThatCannotBeReadWaitsForTheRole(t *testing.T) {
	for name, c := range map[string]struct {
		push sim.Push
		says string
	}{
		"broken":   {sim.Push{Files: map[string]string{"deploy/a.yaml": "a: [\n"}}, "The values of deploy/a.yaml cannot be told, since it is no YAML"},
		"large":    {sim.Push{Files: map[string]string{"deploy/a.yaml": strings.Repeat("a: 12345678\n", 300_000)}}, "cannot be told, since it has 3600000 bytes, more than 2097152"},
		"a link":   {sim.Push{Files: map[string]string{"deploy/a.yaml": "../b.yaml"}, Modes: map[string]string{"deploy/a.yaml": "120000"}}, "cannot be told, since it is a symbolic link"},
		"binary":   {sim.Push{Files: map[string]string{"deploy/a.yaml": "\x00\x01"}}, "cannot be told, since it is not text"},
		"latin":    {sim.Push{Files: map[string]string{"deploy/a.yaml": "a: caf\xe9\n"}}, "cannot be told, since it is no text in UTF-8"},
		"template": {sim.Push{Files: map[string]string{"deploy/a.yaml": "limits:\n  memory: {{ .Values.memory }}\n"}}, "since what it comes to is known only elsewhere"},
		"no units": {sim.Push{Files: map[string]string{"deploy/a.yaml": "limits: {memory: a lot}\n"}}, "since it is no number that can be compared"},
	} {
		t.Run(name, func(t *testing.T) {
			r := limited(t)
			c.push.By, c.push.Branch, c.push.Message = "alice", "topic", "work"
			if _, err := r.repo.Push(c.push); err != nil {
				t.Fatal(err)
			}
			p := r.open("topic")
			r.settle()
			r.shows(p, "in_progress", c.says)
			p.Comment("quinn", "/approve platform")
			r.settle()
			r.shows(p, "completed/success")
		})
	}
}

// A limit that no changed file is under costs nothing; one that is costs three
// requests for a head, and none as long as head and base stay.
func TestLimitsAskGitHubOnlyForFilesThatTheyAreAbout(t *testing.T) {
	r := limited(t)
	count := func(f func()) (n int) {
		from := len(r.gh.Requests())
		f()
		for _, q := range r.gh.Requests()[from:] {
			if q.Operation == "Texts" || strings.Contains(q.Path, "/compare/") {
				n++
			}
		}
		return n
	}
	var p, other *sim.Pull
	if n := count(func() { other = r.topic(); r.settle() }); n != 0 {
		t.Errorf("without such a file there are %d requests", n)
	}
	if n := count(func() { p = r.raise("big", "2Gi") }); n != 3 {
		t.Errorf("a file costs %d requests", n)
	}
	if n := count(func() { p.Comment("bob", "hello"); other.Comment("bob", "hello"); r.settle() }); n != 0 {
		t.Errorf("a comment costs %d requests", n)
	}
}

// A text that stands at a key may be a secret, and is told to nobody.
func TestASecretAtAKeyIsNotTold(t *testing.T) {
	r := limited(t)
	r.push("alice", "topic", map[string]string{"deploy/a.yaml": "limits: {memory: " + r.guard.Make("github-pat", "a value in deploy/a.yaml") + "}\n"})
	p := r.open("topic")
	r.settle()
	r.shows(p, "in_progress", "since it is no number that can be compared")
}

// The record alone says why somebody had to sign.
func TestARecordOfLimitsReplays(t *testing.T) {
	r := limited(t)
	p := r.raise("big", "2Gi")
	r.shows(p, "in_progress")
	r.replays(p)
}

// A fork's commits are read from where the pull request is.
func TestAValueInAForkWaitsForTheRoleToo(t *testing.T) {
	r := limited(t)
	fork := r.gh.User("eve").Fork(r.repo)
	if _, err := fork.Push(sim.Push{By: "eve", Branch: "topic", Message: "work", Files: map[string]string{"deploy/shop/api.yaml": manifest("1Ti")}}); err != nil {
		t.Fatal(err)
	}
	p, err := r.repo.OpenPull(sim.NewPull{By: "eve", Title: "more", Head: "topic", From: fork})
	if err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.shows(p, "in_progress", "memory 512Mi → 1Ti is over 1Gi")
	p.Comment("quinn", "/approve platform")
	r.settle()
	r.shows(p, "completed/success")
}

// Files are of one moment: when GitHub fails, nothing is taken for read.
func TestAnEvaluationThatCannotReadValuesIsTriedAgain(t *testing.T) {
	r := limited(t)
	r.push("alice", "big", map[string]string{"deploy/shop/api.yaml": manifest("2Gi")})
	p := r.open("big")
	failed := 0
	r.flow.Coverage = handlers.NewGatherer(&contents{Actions: r.hub, contents: func() error {
		if failed++; failed < 3 {
			return errors.New("GitHub does not answer")
		}
		return nil
	}}, readers())
	r.settle()
	if failed < 4 {
		t.Errorf("asked %d times", failed)
	}
	r.shows(p, "in_progress", "memory 512Mi → 2Gi is over 1Gi")
}

// A file that GitHub does not show yet at a head that was pushed just now is asked
// for again; it says nothing of the values in it, and is no verdict.
func TestAFileThatGitHubDoesNotShowYetIsNoVerdict(t *testing.T) {
	r := limited(t)
	r.push("alice", "small", map[string]string{"deploy/shop/api.yaml": manifest("1Gi")})
	asked := 0
	r.flow.Coverage = handlers.NewGatherer(&contents{Actions: r.hub, contents: func() error { asked++; return nil }, hides: func() bool { return asked < 3 }}, readers())
	p := r.open("small")
	r.settle()
	r.shows(p, "completed/success")
	rows, err := r.store.List(t.Context(), store.Filter{Repo: "acme/shop", Pull: p.Number, Kind: store.KindVerdict})
	if err != nil || len(rows) != 1 || asked < 3 {
		t.Errorf("%d verdicts were recorded, and it was asked %d times: %v", len(rows), asked, err)
	}
}

// contents is GitHub that may fail to show files, or not show them yet.
type contents struct {
	handlers.Actions
	contents func() error
	hides    func() bool
}

func (a *contents) Contents(ctx context.Context, s checks.Subject, commit string, paths []string, limit int) (map[string]checks.Content, error) {
	if err := a.contents(); err != nil {
		return nil, err
	}
	got, err := a.Actions.Contents(ctx, s, commit, paths, limit)
	if err == nil && a.hides != nil && a.hides() {
		for path := range got {
			got[path] = checks.Content{Absent: true}
		}
	}
	return got, err
}
