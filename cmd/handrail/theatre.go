package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/sim"
)

const demoPolicy = `version: 1
roles:
  reviewer: {permission: write, say: ["+1", "LGTM"]}
  qa: {team: acme/qa, say: ["QA +1"]}
  security: {team: acme/infosec, say: ["security +1"]}
  platform: {team: acme/platform}
  release-management: {team: acme/release-management}
review:
  sign_offs:
    - {name: Code review, role: reviewer, unless: {only_files: ["deploy/**/*.yaml"]}}
    - {name: QA, role: qa, unless: {only_files: ["docs/**", "deploy/**/*.yaml"]}}
security:
  watch: {files: ["shop/pay/**"]}
  sarif: {reports: [{workflow: .github/workflows/ci.yml, artifacts: [gosec]}]}
coverage:
  patch: {min: 80%}
  reports: [{workflow: .github/workflows/ci.yml}]
status:
  require: [{name: build, app: github-actions}]
compliance:
  title: conventional
  limits:
    - {name: Memory, files: ["deploy/**/*.yaml"], key: "**.limits.memory", over: 1Gi, role: platform}
override: {role: release-management, valid: 24h}
detect: {role: security}
release:
  tags: ["v*"]
  stages:
    - {name: development, sign_offs: [{role: qa}]}
    - {name: production, sign_offs: [{role: release-management}, {role: security}], environment: production}
  emergency: {role: release-management, follow_up_role: security}
`

// demoFloor is the organisation's own policy, which that of a repository may only
// tighten.
const demoFloor = `version: 1
roles:
  platform: {team: acme/platform}
review: {sign_offs: []}
compliance:
  limits:
    - {name: Memory, files: ["deploy/**/*.yaml"], key: "**.limits.memory", over: 1Gi, role: platform}
`

const manifestPath = "deploy/shop.yaml"

// manifest is a Deployment with a limit of memory.
func manifest(memory string) string {
	return `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: shop
          image: registry.example.com/shop:1
          resources:
            limits: {memory: ` + memory + `}
`
}

const (
	checkoutV1 = `package shop

var basket []string

// Add puts an item into the basket, which is kept in memory.
func Add(item string) bool {
	if item == "" {
		return false
	}
	basket = append(basket, item)
	return true
}
`
	checkoutTest = `package shop

import "testing"

func TestNothingIsNoItem(t *testing.T) {
	if Add("") {
		t.Error("nothing was taken for an item")
	}
}
`
)

// quick is what no test runs, and quickProfile what is written of that.
const (
	quick = `package shop

// Pay pays.
func Pay(cents int) bool {
	if cents > 0 {
		return true
	}
	return false
}
`
	quickProfile = `mode: set
github.com/acme/shop/shop/quick.go:4.26,5.15 1 0
github.com/acme/shop/shop/quick.go:5.15,7.3 1 0
github.com/acme/shop/shop/quick.go:8.2,8.14 1 0
`
)

// ciWorkflow is the one workflow of the repository.
const ciWorkflow = ".github/workflows/ci.yml"

// checkoutV2 is another change of the same file.
var checkoutV2 = strings.Replace(checkoutV1, "kept in memory", "kept in memory and never written", 1)

// profile is what "go test -coverprofile" writes about checkout.go; tested says
// whether a test adds an item without a name.
func profile(tested bool) []byte {
	n := 0
	if tested {
		n = 1
	}
	const file = "github.com/acme/shop/shop/checkout.go"
	return fmt.Appendf(nil, "mode: set\n%[1]s:6.29,7.16 1 1\n%[1]s:7.16,9.3 1 %[2]d\n%[1]s:10.2,11.13 2 1\n", file, n)
}

// theatre is handrail and a stand-in for GitHub in one process.
type theatre struct {
	github *sim.GitHub
	server *server
	repo   *sim.Repo
	pull   *sim.Pull
	trio   []*sim.Pull // for the merge queue
	talk   int         // comments on the pull request, before handrail answers
	main   string      // commit, before something was merged
	ci     *sim.WorkflowRun
	dir    string // for files

	deployment *sim.Deployment // of the release
	deployed   *sim.WorkflowRun
	printed    string // by a command
	closes     []func()
}

func startTheatre(ctx context.Context) (t *theatre, err error) {
	t = &theatre{github: sim.New(sim.Options{})}
	defer func() {
		if err != nil {
			t.close()
		}
	}()
	_, stop, err := t.github.Start()
	if err != nil {
		return nil, fmt.Errorf("start the stand-in for GitHub: %w", err)
	}
	t.closes = append(t.closes, stop)
	dir, err := os.MkdirTemp("", "handrail-demo-")
	if err != nil {
		return nil, err
	}
	t.closes = append(t.closes, func() { os.RemoveAll(dir) })
	t.dir = dir
	for _, name := range []string{"contents", "issues", "deployments"} {
		t.github.SetPermission(name, "write")
	}
	if err := t.stage(); err != nil {
		return nil, err
	}
	set, err := settingsFor(t.github, filepath.Join(dir, "handrail.db"))
	if err != nil {
		return nil, err
	}
	t.server, err = startServer(ctx, set)
	if err != nil {
		return nil, err
	}
	t.closes = append(t.closes, t.server.close)
	t.github.SetHook(t.server.URL() + hookPath)
	return t, nil
}

// stage makes the organisation, its people and its repository.
func (t *theatre) stage() error {
	org := t.github.Org("acme")
	org.AddMember("alice", "bob", "quinn", "sam", "pat", "rita", "olive", "mallory")
	org.Team("qa", "quinn")
	org.Team("infosec", "sam")
	org.Team("platform", "pat")
	org.Team("release-management", "rita")
	floor := org.Repo(".github")
	floor.Allow("olive", "admin")
	if _, err := floor.Push(sim.Push{By: "olive", Branch: "main", Message: "Begin", Files: map[string]string{checks.FloorPath: demoFloor}}); err != nil {
		return err
	}
	t.repo = org.Repo("shop")
	for _, login := range []string{"alice", "bob", "quinn", "sam", "pat", "rita", "mallory"} {
		t.repo.Allow(login, "write")
	}
	t.repo.Allow("olive", "admin")
	if _, err := t.repo.Push(sim.Push{By: "olive", Branch: "main", Message: "Begin", Files: map[string]string{
		checks.PolicyPath: demoPolicy, "shop/checkout.go": "package shop\n", "shop/receipt.go": receipt, "README.md": "# shop\n", manifestPath: manifest("512Mi"),
	}}); err != nil {
		return err
	}
	if _, err := t.repo.NewRelease(sim.NewRelease{By: "bob", Tag: tagBefore, Name: "The shop " + tagBefore}); err != nil {
		return err
	}
	org.Install()
	// What CI found on main, long ago.
	run, err := t.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ciWorkflow, Job: "build", Started: true})
	if err != nil {
		return err
	}
	run.Leave("gosec", map[string][]byte{"gosec.sarif": findings()})
	run.Finish("success")
	return nil
}

// begin lets CI begin on the head: one workflow, with one job "build".
func (t *theatre) begin() (err error) {
	t.ci, err = t.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ciWorkflow, Job: "build", Pull: t.pull, Started: true})
	return err
}

// end lets CI pass and leave its coverage report, and what a scanner found
// besides the old findings.
func (t *theatre) end(report []byte, found ...finding) {
	t.ci.Leave("coverage", map[string][]byte{"coverage.out": report})
	t.ci.Leave("gosec", map[string][]byte{"gosec.sarif": findings(found...)})
	t.ci.Finish("success")
}

// pass lets CI run on the head, find everything tested, and pass.
func (t *theatre) pass() error { return t.run("") }

// run is pass with more lines of coverage and more that a scanner found.
func (t *theatre) run(covered string, found ...finding) error {
	if err := t.begin(); err != nil {
		return err
	}
	t.end(append(profile(true), covered...), found...)
	return nil
}

func (t *theatre) close() {
	for i := len(t.closes) - 1; i >= 0; i-- {
		t.closes[i]()
	}
}

// settingsFor are the settings of a handrail that works with the stand-in.
func settingsFor(gh *sim.GitHub, database string) (config.Settings, error) {
	app := gh.App()
	return config.Load("", []string{
		"GITHUB_WEB_URL=" + gh.URL(), "GITHUB_APP_INTEGRATION_ID=" + strconv.FormatInt(app.ID, 10),
		"GITHUB_APP_WEBHOOK_SECRET=" + app.Secret, "GITHUB_APP_PRIVATE_KEY=" + string(app.PrivateKey()),
		"HANDRAIL_ADDRESS=127.0.0.1:0", "HANDRAIL_DATABASE=" + database,
	}, os.ReadFile)
}
