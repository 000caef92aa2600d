package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/sim"
)

const demoPolicy = `version: 1
roles:
  reviewer: {permission: write, say: ["+1", "LGTM"]}
  qa: {team: acme/qa, say: ["QA +1"]}
review:
  sign_offs:
    - {name: Code review, role: reviewer}
    - {name: QA, role: qa, unless: {only_files: ["docs/**"]}}
status:
  require: [{name: build, app: github-actions}]
compliance:
  title: conventional
`

const (
	checkoutV1 = "package shop\n\n// Basket is kept in memory.\nvar Basket []string\n"
	checkoutV2 = "package shop\n\n// Basket is kept in memory and never written.\nvar Basket []string\n"
)

// theatre is handrail and a stand-in for GitHub in one process.
type theatre struct {
	github *sim.GitHub
	server *server
	repo   *sim.Repo
	pull   *sim.Pull
	build  *sim.CheckRun
	closes []func()
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
	org.AddMember("alice", "bob", "quinn", "olive", "mallory")
	org.Team("qa", "quinn")
	t.repo = org.Repo("shop")
	for _, login := range []string{"alice", "bob", "quinn", "mallory"} {
		t.repo.Allow(login, "write")
	}
	t.repo.Allow("olive", "admin")
	_, err := t.repo.Push(sim.Push{By: "olive", Branch: "main", Message: "Begin", Files: map[string]string{
		checks.PolicyPath: demoPolicy, "shop/checkout.go": "package shop\n", "README.md": "# shop\n",
	}})
	org.Install()
	return err
}

// pass lets CI build the head and pass.
func (t *theatre) pass() error {
	run, err := t.repo.StartRun(sim.NewRun{App: "github-actions", Name: "build", SHA: t.pull.Head()})
	if err != nil {
		return err
	}
	return run.Finish("success")
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
