package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"handrail": main})
}

const stagePolicy = `version: 1
review:
  sign_offs:
    - {name: Code review, role: reviewer}
compliance:
  title: conventional
`

// stage is a GitHub with an App's settings written down, and acme/shop on it
// with seven pull requests:
//
//	#1 waits for a review      #2 has a bad title    #3 is closed
//	#4 is a draft              #5 brings a policy with a mistake
//	#6 has a hostile title     #7 is met
//
// acme/plain has no policy and #1; nobody/home has no App.
type stage struct {
	github  *sim.GitHub
	shop    *sim.Repo
	address string // where handrail is to listen
	key     string // the private key's file
}

func newStage(dir, address string, o sim.Options) (*stage, func(), error) {
	s := &stage{github: sim.New(o), address: address, key: filepath.Join(dir, "app.pem")}
	if err := os.WriteFile(s.key, s.github.App().PrivateKey(), 0o600); err != nil {
		return nil, nil, err
	}
	_, stop, err := s.github.Start()
	if err != nil {
		return nil, nil, err
	}
	s.github.SetHook("http://" + address + hookPath)
	// Nothing is told before somebody listens; the first sweep finds it.
	s.github.HoldDeliveries(true)
	err = s.populate()
	s.github.DropDeliveries()
	s.github.HoldDeliveries(false)
	return s, stop, err
}

func (s *stage) populate() error {
	org := s.github.Org("acme")
	org.AddMember("alice", "bob")
	s.shop = org.Repo("shop")
	plain, away := org.Repo("plain"), s.github.Org("nobody").Repo("home")
	for _, r := range []*sim.Repo{s.shop, plain, away} {
		r.Allow("alice", "write")
		r.Allow("bob", "write")
		files := map[string]string{"README.md": "# " + r.FullName() + "\n"}
		if r == s.shop {
			files[checks.PolicyPath] = stagePolicy
		}
		if _, err := r.Push(sim.Push{By: "alice", Branch: "main", Message: "Begin", Files: files}); err != nil {
			return err
		}
	}
	org.Install()
	titles := []string{
		"feat: wait", "no such title", "feat: close", "feat: draft", "feat: policy",
		"feat: =HYPERLINK(\"http://evil\")\x1b[31m\u202e| x", "feat: all is well",
	}
	for i, title := range titles {
		files := map[string]string{fmt.Sprintf("f%d.go", i+1): "package shop\n"}
		if i+1 == 5 {
			files[checks.PolicyPath] = strings.Replace(stagePolicy, "sign_offs", "sign_ofs", 1)
		}
		p, err := open(s.shop, fmt.Sprint("topic", i+1), title, files)
		if err != nil {
			return err
		}
		switch p.Number {
		case 3:
			p.Close("alice")
		case 4:
			p.SetDraft("alice", true)
		case 7:
			p.Approve("bob")
		}
	}
	_, err := open(plain, "topic", "feat: plain", map[string]string{"a.go": "package plain\n"})
	return err
}

func open(r *sim.Repo, branch, title string, files map[string]string) (*sim.Pull, error) {
	if _, err := r.Push(sim.Push{By: "alice", Branch: branch, Message: "Work on " + branch, Files: files}); err != nil {
		return nil, err
	}
	return r.OpenPull(sim.NewPull{By: "alice", Title: title, Head: branch})
}

// env are the settings of a handrail that works with it.
func (s *stage) env() []string {
	app := s.github.App()
	return []string{
		"GITHUB_WEB_URL=" + s.github.URL(), "GITHUB_APP_INTEGRATION_ID=" + strconv.FormatInt(app.ID, 10),
		"GITHUB_APP_WEBHOOK_SECRET=" + app.Secret, "GITHUB_APP_PRIVATE_KEY=" + s.key, "HANDRAIL_ADDRESS=" + s.address,
	}
}

// poll waits until f is true, half a minute.
func poll(what string, f func() bool) error { return pollFor(30*time.Second, what, f) }

func pollFor(patience time.Duration, what string, f func() bool) error {
	for deadline := time.Now().Add(patience); !f(); time.Sleep(5 * time.Millisecond) { // another process works
		if time.Now().After(deadline) {
			return fmt.Errorf("waited in vain: %s", what)
		}
	}
	return nil
}

func (s *stage) ready() error {
	return poll("handrail is not ready", func() bool { return s.get("/readyz") == "ready\n" })
}

// get is the body of an answer with status 200; "" of any other.
func (s *stage) get(path string) string {
	resp, err := http.Get("http://" + s.address + path)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return ""
	}
	return string(body)
}

// judged waits until every open pull request of the shop shows a verdict and
// nothing is on its way any more.
func (s *stage) judged() error {
	err := poll("not all pull requests show a verdict", func() bool {
		for n := 1; n <= 7; n++ {
			p := s.shop.Pull(n)
			run, ok := p.Run(checks.RunMerge)
			if p.State() == "open" && (!ok || (n == 7) != (run.Conclusion == "success")) {
				return false
			}
		}
		return s.shop.Pull(7).HasLabel(checks.LabelMet)
	})
	if err != nil {
		return err
	}
	return s.rest(30 * time.Second)
}

// rest waits until handrail has nothing to do and everything was delivered.
func (s *stage) rest(patience time.Duration) error {
	return pollFor(patience, "handrail does not come to rest", func() bool {
		idle := strings.Contains(s.get("/metrics"), "\nhandrail_queue_depth 0\n")
		return s.github.Settle(context.Background()) == nil && idle && strings.Contains(s.get("/metrics"), "\nhandrail_queue_depth 0\n")
	})
}
