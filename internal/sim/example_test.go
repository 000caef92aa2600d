package sim_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
)

// The whole of the stand-in in use: who there is, what they do, what the App
// gets to see, and how things go wrong.
func Example() {
	gh := sim.New(sim.Options{Slug: "handrail", Secret: "s3cret"})
	url, stop, err := gh.Start() // web URL; REST under url+"/api/v3", GraphQL at url+"/api/graphql"
	if err != nil {
		panic(err)
	}
	defer stop()

	// The App's side: a hook for the webhooks. A real one reads gh.App().ID and
	// gh.App().PrivateKey() too.
	events := make(chan string, 100)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		events <- r.Header.Get("X-GitHub-Event")
	}))
	defer hook.Close()
	gh.SetHook(hook.URL)

	// People, teams, repositories. Who is named exists.
	acme := gh.Org("acme")
	acme.AddOwner("root")
	acme.Team("qa", "quinn")
	acme.Team("platform").Under(acme.Team("engineering"))
	shop := acme.Repo("shop")
	shop.Allow("alice", "write")
	shop.Allow("bob", "maintain")
	shop.SetRules("main", sim.Rules{Checks: []sim.RequiredCheck{{Name: "build", App: gh.OtherApp("github-actions")}}})
	acme.Install() // on all repositories; acme.Install(shop) for one

	// Git: a commit on a branch. ImportGit takes real histories.
	must(shop.Push(sim.Push{By: "alice", Branch: "main", Files: map[string]string{"a.go": "package a\n"}}))
	must(shop.Push(sim.Push{By: "alice", Branch: "feature", Message: "Add b\n\nCo-authored-by: Carol <carol@example.com>",
		Files: map[string]string{"b.go": "package a\n", "run.sh": "#!/bin/sh\n"}, Modes: map[string]string{"run.sh": "100755"}}))

	// A pull request's life.
	pull, err := shop.OpenPull(sim.NewPull{By: "alice", Title: "feat: b", Head: "feature"})
	if err != nil {
		panic(err)
	}
	pull.RequestReview("alice", "acme/qa")
	review := pull.Approve("bob")
	pull.Comment("quinn", "QA +1")
	run, err := shop.StartRun(sim.NewRun{Name: "build", SHA: pull.Head()})
	if err != nil {
		panic(err)
	}
	if err := run.Finish("success"); err != nil {
		panic(err)
	}
	shop.SetStatus("ci-bot", pull.Head(), "ci/travis", "success", "passed")
	review.Dismiss("bob", "not yet")
	pull.AddLabel("mallory", "Merge Requirements Met")
	gh.Advance(time.Hour)

	// From a fork.
	fork := gh.User("eve").Fork(shop)
	must(fork.Push(sim.Push{By: "eve", Branch: "patch", Files: map[string]string{"a.go": "package evil\n"}}))
	outside, err := shop.OpenPull(sim.NewPull{By: "eve", Title: "fix", Head: "patch", From: fork})
	if err != nil {
		panic(err)
	}

	// What goes wrong: a fifth of calls, and one mutation of the next batch.
	gh.Fail(sim.Fault{Rate: 0.2, Do: []sim.Failure{sim.Status(502), sim.Status(502).After(), sim.Cut()}})
	gh.Fail(sim.Fault{Times: 1, When: func(q sim.Request) bool { return q.Write }, Do: []sim.Failure{sim.Partial("createCheckRun")}})
	gh.SetMishaps(sim.Mishaps{Lose: 0.1, Double: 0.1, Reorder: 0.3})

	// What the App did: gh.Requests(), gh.Writes(), pull.Run("Merge Requirements").
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := gh.Settle(ctx); err != nil {
		panic(err)
	}
	_, posted := pull.Run("Merge Requirements")
	fmt.Println(strings.HasPrefix(url, "http://127.0.0.1:"), len(events) > 10)
	fmt.Println(pull.State(), pull.Labels(), posted, gh.Writes())
	fmt.Println(outside.Number, outside.State())
	// Output:
	// true true
	// open [Merge Requirements Met] false 0
	// 2 open
}

func must(_ string, err error) {
	if err != nil {
		panic(err)
	}
}
