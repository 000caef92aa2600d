// Package oracle holds what passes over a stand-in GitHub to GitHub's own
// published descriptions: REST requests and answers to @octokit/openapi,
// GraphQL queries and answers to @octokit/graphql-schema, webhooks to
// @octokit/openapi-webhooks. It is for tests; nothing else imports it.
//
// The descriptions are read from .tools/node_modules under the module's root,
// where `make tools` puts them.
package oracle

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

// Watch makes the test fail for everything that passes over gh from now on and
// is not as GitHub describes it. What an injected fault answered is not looked
// at; what was asked is.
func Watch(t testing.TB, gh *sim.GitHub) {
	t.Helper()
	d, err := described()
	if err != nil {
		t.Fatalf("read GitHub's descriptions: %v: run make tools", err)
	}
	w := &watch{t: t, seen: map[string]bool{}}
	stop := gh.OnExchange(func(x sim.Exchange) {
		for _, complaint := range d.judge(x) {
			w.say(complaint)
		}
	})
	t.Cleanup(func() {
		stop()
		w.mu.Lock()
		defer w.mu.Unlock()
		w.over = true
	})
}

// Check says what is wrong with one exchange; nothing when it is as described.
func Check(x sim.Exchange) ([]string, error) {
	d, err := described()
	if err != nil {
		return nil, fmt.Errorf("read GitHub's descriptions: %w", err)
	}
	return d.judge(x), nil
}

// watch reports each complaint once, and none after its test is over.
type watch struct {
	mu   sync.Mutex
	t    testing.TB
	seen map[string]bool
	over bool
}

func (w *watch) say(complaint string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || w.seen[complaint] || len(w.seen) > 30 {
		return
	}
	w.seen[complaint] = true
	w.t.Errorf("not as GitHub describes it: %s", complaint)
}

// descriptions are GitHub's own, read once in a process.
type descriptions struct {
	rest  *rest
	hooks *hooks
	graph *graph
}

var described = sync.OnceValues(func() (*descriptions, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, ".tools", "node_modules", "@octokit")
	var api, hook document
	if err := readJSON(filepath.Join(dir, "openapi", "generated", "api.github.com.json"), &api); err != nil {
		return nil, err
	}
	if err := readJSON(filepath.Join(dir, "openapi-webhooks", "generated", "api.github.com.json"), &hook); err != nil {
		return nil, err
	}
	g, err := readGraph(filepath.Join(dir, "graphql-schema", "schema.graphql"))
	if err != nil {
		return nil, err
	}
	return &descriptions{rest: newRest(api), hooks: &hooks{hook}, graph: g}, nil
})

func (d *descriptions) judge(x sim.Exchange) []string {
	switch {
	case x.Hook:
		return d.hooks.judge(x)
	case x.GraphQLRequest:
		return d.graph.judge(x)
	}
	return d.rest.judge(x)
}

func readJSON(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// moduleRoot is the directory of go.mod at or above the working directory.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = up
	}
}
