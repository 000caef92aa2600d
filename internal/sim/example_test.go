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

// A workflow run as an App meets it that reads what CI leaves: webhooks of
// requested, in_progress and completed, artifacts behind signed addresses, and
// tokens by which a job says which run it is of.
func ExampleRepo_StartWorkflow() {
	gh := sim.New(sim.Options{})
	_, stop, err := gh.Start()
	if err != nil {
		panic(err)
	}
	defer stop()
	shop := gh.Org("acme").Repo("shop")
	must(shop.Push(sim.Push{By: "alice", Branch: "feature", Files: map[string]string{"b.go": "package b\n"}}))
	pull, err := shop.OpenPull(sim.NewPull{By: "alice", Head: "feature"})
	if err != nil {
		panic(err)
	}

	// It tests the merge of the head into the base, as GitHub makes it.
	run, err := shop.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/ci.yml", Pull: pull})
	if err != nil {
		panic(err)
	}
	run.Start()
	run.Leave("coverage", map[string][]byte{"cover.out": []byte("mode: set\n")})
	run.Finish("failure")

	// The base moves, and with it the test merge; a second attempt does not care.
	must(shop.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"a.go": "package b\n"}}))
	run.Rerun("bob")
	run.Start()
	artifact := run.Leave("coverage", map[string][]byte{"cover.out": []byte("mode: set\n")})
	token := run.Token("https://handrail.example") // to be verified by the keys of gh.Issuer()
	run.Finish("success")

	// What goes wrong: artifacts that are gone, storage that cannot be reached,
	// other addresses, tokens of somebody else's.
	artifact.Expire()
	gh.Fail(sim.Fault{When: func(q sim.Request) bool { return q.Route == "GET blob" }, Do: []sim.Failure{sim.Status(503), sim.Short()}})
	gh.RedirectArtifacts(func(string) string { return "https://169.254.169.254/latest" })
	forged := run.TokenWith("https://handrail.example", map[string]any{"repository_id": "1"})

	fmt.Println(run.Attempt(), run.Tested() == pull.TestMerge(), token != forged)
	// Output:
	// 2 false true
}

// A release as an App meets it that promotes it: the tag, the draft with its file, the
// buttons, the tracking issue, and the deployment that waits for an answer.
func ExampleRepo_NewRelease() {
	gh := sim.New(sim.Options{})
	for name, level := range map[string]string{"contents": "write", "issues": "write", "deployments": "write", "actions": "write"} {
		gh.SetPermission(name, level)
	}
	shop := gh.Org("acme").Repo("shop")
	shop.Allow("alice", "write")
	shop.Guard("production")

	// Two hundred commits, most of them by merged pull requests, before anything.
	if _, err := shop.Grow(sim.Growth{Commits: 200, Pulls: 80, Direct: 1}); err != nil {
		panic(err)
	}
	tag := sim.NewTag{Name: "v1.0.0", SHA: "main", Annotated: true, Tagger: "alice"}
	if err := shop.PushTags("bob", tag); err != nil {
		panic(err)
	}
	release, err := shop.NewRelease(sim.NewRelease{By: "alice", Tag: "v1.0.0", Draft: true})
	if err != nil {
		panic(err)
	}
	if _, err := release.Upload("alice", "app.tar.gz", []byte("app")); err != nil {
		panic(err)
	}
	issue := shop.OpenIssue("handrail[bot]", "Release v1.0.0")
	issue.Comment("quinn", "/sign-off qa")

	run, err := shop.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/deploy.yml", Tag: "v1.0.0"})
	if err != nil {
		panic(err)
	}
	waits := run.Deploy("production")
	oid, commit := shop.TagAt("v1.0.0")
	fmt.Println(oid != commit, release.Now().Draft, release.Now().Assets, waits.Now().Gate, issue.Now().Comments)
	// Output:
	// true true [app.tar.gz] waiting [/sign-off qa]
}

func must(_ string, err error) {
	if err != nil {
		panic(err)
	}
}
