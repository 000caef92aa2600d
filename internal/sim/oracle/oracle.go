// Package oracle holds what passes over a stand-in GitHub to GitHub's own
// published descriptions: REST requests and answers to @octokit/openapi,
// GraphQL queries and answers to @octokit/graphql-schema, webhooks to
// @octokit/openapi-webhooks. It is for tests; nothing else imports it.
//
// The descriptions are read from .tools/node_modules under the module's root,
// where `make tools` puts them.
package oracle

import (
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
// at; what was asked is. It judges beside the test and holds nothing up; the
// test ends when all is judged, which takes milliseconds for each exchange
// under the race detector: not for bursts of thousands.
func Watch(t testing.TB, gh *sim.GitHub) {
	t.Helper()
	if _, err := directory(); err != nil {
		t.Fatalf("find GitHub's descriptions: %v: run make tools", err)
	}
	w := &watch{t: t, seen: map[string]bool{}, done: make(chan struct{})}
	w.more = sync.NewCond(&w.mu)
	go w.work()
	stop := gh.OnExchange(func(x sim.Exchange) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.queue = append(w.queue, x)
		w.more.Signal()
	})
	t.Cleanup(func() {
		stop()
		w.mu.Lock()
		w.over = true
		w.more.Signal()
		w.mu.Unlock()
		<-w.done
	})
}

// Check says what is wrong with one exchange; nothing when it is as described.
func Check(x sim.Exchange) ([]string, error) {
	switch {
	case x.Hook:
		h, err := describedHooks()
		if err != nil {
			return nil, fmt.Errorf("read GitHub's webhooks: %w", err)
		}
		return h.judge(x), nil
	case x.GraphQLRequest:
		g, err := describedGraph()
		if err != nil {
			return nil, fmt.Errorf("read GitHub's GraphQL schema: %w", err)
		}
		return g.judge(x), nil
	}
	r, err := describedREST()
	if err != nil {
		return nil, fmt.Errorf("read GitHub's REST description: %w", err)
	}
	return r.judge(x), nil
}

// watch judges a queue of exchanges, and reports each complaint once.
type watch struct {
	t    testing.TB
	done chan struct{}

	mu    sync.Mutex
	more  *sync.Cond
	queue []sim.Exchange
	over  bool
	seen  map[string]bool
}

func (w *watch) work() {
	defer close(w.done)
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.queue) == 0 && !w.over {
			w.more.Wait()
		}
		if len(w.queue) == 0 {
			return
		}
		x := w.queue[0]
		w.queue = w.queue[1:]
		w.mu.Unlock()
		bad, err := Check(x)
		w.mu.Lock()
		if err != nil {
			bad = append(bad, err.Error()+": run make tools")
		}
		for _, complaint := range bad {
			w.say(complaint)
		}
	}
}

// say is called under the lock.
func (w *watch) say(complaint string) {
	if w.seen[complaint] || len(w.seen) > 30 {
		return
	}
	w.seen[complaint] = true
	w.t.Errorf("not as GitHub describes it: %s", complaint)
}

// GitHub's descriptions, each read once in a process when it is first needed.
var (
	describedREST = sync.OnceValues(func() (*rest, error) {
		return described("openapi/generated/api.github.com.json", readRest)
	})
	describedHooks = sync.OnceValues(func() (*hooks, error) {
		return described("openapi-webhooks/generated/api.github.com.json", readHooks)
	})
	describedGraph = sync.OnceValues(func() (*graph, error) {
		return described("graphql-schema/schema.graphql", readGraph)
	})
)

// directory is where the descriptions are.
func directory() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, ".tools", "node_modules", "@octokit")
	_, err = os.Stat(dir)
	return dir, err
}

// described reads one of the descriptions.
func described[T any](name string, read func(file string) (T, error)) (T, error) {
	dir, err := directory()
	if err != nil {
		var none T
		return none, err
	}
	return read(filepath.Join(dir, filepath.FromSlash(name)))
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
