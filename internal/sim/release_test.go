package sim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/sim/oracle"
)

// shelf is a repository with some commits, and an App that may do all there is to
// do about releases. What passes is held to GitHub's descriptions.
func shelf(t *testing.T) (*client, *sim.Repo, *hook) {
	t.Helper()
	c := start(t, sim.Options{})
	for name, level := range map[string]string{"contents": "write", "issues": "write", "deployments": "write", "actions": "write",
		"attestations": "read", "administration": "read"} {
		c.gh.SetPermission(name, level)
	}
	h := listen(t, c.gh, "sim-webhook-secret")
	acme := c.gh.Org("acme")
	acme.AddOwner("root")
	repo := acme.Repo("shop")
	repo.Allow("alice", "write")
	in := acme.Install()
	for _, name := range []string{"a", "b", "c"} {
		if _, err := repo.Push(sim.Push{By: "alice", Branch: "main", Files: map[string]string{name: name}}); err != nil {
			t.Fatal(err)
		}
	}
	c.login(in)
	settle(t, c.gh)
	h.forget()
	oracle.Watch(t, c.gh)
	return c, repo, h
}

func (h *hook) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events, h.bodies = nil, nil
}

// heard are the events since forget, in the order in which they were made, as name or
// name.action.
func heard(t *testing.T, gh *sim.GitHub, h *hook) []string {
	t.Helper()
	settle(t, gh)
	n := len(h.names())
	all := gh.Deliveries()
	slices.SortFunc(all, func(a, b sim.Delivery) int { return int(a.ID - b.ID) })
	var out []string
	for _, d := range all[len(all)-n:] {
		out = append(out, strings.TrimSuffix(d.Event+"."+d.Action, "."))
	}
	h.forget()
	return out
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: events %v, want %v", what, got, want)
	}
}

func TestAReleaseWhoseTagIsDeletedIsADraft(t *testing.T) {
	c, repo, h := shelf(t)
	rel, err := repo.NewRelease(sim.NewRelease{By: "alice", Tag: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	_ = heard(t, c.gh, h)
	repo.DeleteTag("bob", "v1")
	expect(t, "untagged", heard(t, c.gh, h), "push", "delete")
	if !rel.Now().Draft {
		t.Error("it is published without a tag")
	}
	c.must(404, "GET", "/repos/acme/shop/releases/tags/v1", nil)
	c.must(404, "GET", "/repos/acme/shop/releases/latest", nil)
	if err := rel.Publish("bob"); err != nil {
		t.Fatal(err)
	}
	expect(t, "again", heard(t, c.gh, h), "create", "push", "release.published", "release.released")
}

func TestAButtonIsPressedByWhoSeesIt(t *testing.T) {
	c, repo, h := shelf(t)
	made := c.must(201, "POST", "/repos/acme/shop/check-runs", map[string]any{"name": "Release Requirements", "head_sha": repo.Branch("main"), "status": "in_progress",
		"actions": []any{map[string]any{"label": "Promote", "description": "Publish it", "identifier": "promote:0123456789ab"}}})
	run := c.gh.FindRun(int64(made.body["id"].(float64)))
	_ = heard(t, c.gh, h)
	if run.Press("eve", "promote:0123456789ab") == nil || run.Press("alice", "promote:ba9876543210") == nil {
		t.Error("somebody presses what is not there for them")
	}
	if err := run.Press("alice", "promote:0123456789ab"); err != nil {
		t.Error(err)
	}
	at := fmt.Sprintf("/repos/acme/shop/check-runs/%d", run.ID)
	c.must(200, "PATCH", at, map[string]any{"status": "completed", "conclusion": "success", "actions": []any{}})
	run.Act("alice", "promote:0123456789ab") // from a page that was not loaded again
	expect(t, "pressed twice", heard(t, c.gh, h), "check_run.requested_action", "check_run.completed", "check_suite.completed", "check_run.requested_action")
	if len(run.Now().Actions) != 0 {
		t.Errorf("the buttons are %v", run.Now().Actions)
	}
	c.must(422, "PATCH", at, map[string]any{"actions": []any{map[string]any{"label": "", "description": "d", "identifier": "i"}}})
}

func TestReleasesAreToldAsGitHubTellsThem(t *testing.T) {
	c, repo, h := shelf(t)
	var rel *sim.Release
	made := func(n sim.NewRelease) func() error {
		return func() (err error) {
			n.By = "alice"
			rel, err = repo.NewRelease(n)
			return err
		}
	}
	for _, step := range []struct {
		what string
		do   func() error
		want []string
	}{
		{"a release at once", made(sim.NewRelease{Tag: "v1"}), []string{"create", "push", "release.created", "release.published", "release.released"}},
		{"its notes", func() error { return rel.SetBody("alice", "More") }, []string{"release.edited"}},
		{"unpublished", func() error { return rel.Unpublish("alice") }, []string{"release.unpublished"}},
		{"a pre-release at once", made(sim.NewRelease{Tag: "v2", Prerelease: true}), []string{"create", "push", "release.created", "release.published", "release.prereleased"}},
		{"which becomes whole", func() error { return rel.Promote("alice") }, []string{"release.edited", "release.released"}},
		{"a draft", made(sim.NewRelease{Tag: "v3", Draft: true}), []string{"release.created"}},
		{"its file", func() error { _, err := rel.Upload("alice", "a.zip", []byte("x")); return err }, nil},
		{"its title", func() error { return rel.SetName("alice", "Three") }, []string{"release.edited"}},
		{"its publication", func() error { return rel.Publish("bob") }, []string{"create", "push", "release.published", "release.released"}},
		{"its end", func() error { rel.Delete("bob"); rel.Delete("bob"); return nil }, []string{"release.deleted"}},
		{"a draft of a pre-release", made(sim.NewRelease{Tag: "v3", Draft: true, Prerelease: true}), []string{"release.created"}},
		{"its publication", func() error { return rel.Publish("bob") }, []string{"release.published"}},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		expect(t, step.what, heard(t, c.gh, h), step.want...)
	}
	for what, err := range map[string]error{
		"published twice": rel.Publish("bob"), "another of the tag": made(sim.NewRelease{Tag: "v3"})(),
		"of no commit": made(sim.NewRelease{Tag: "v9", Target: "nowhere"})(), "without a tag": made(sim.NewRelease{})(),
	} {
		if err == nil {
			t.Errorf("a release %s is made", what)
		}
	}
}

func TestDraftsAreSeenByWhoMayPushOnly(t *testing.T) {
	c, repo, _ := shelf(t)
	draft, err := repo.NewRelease(sim.NewRelease{By: "alice", Tag: "v1", Draft: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := draft.Upload("alice", "app.tar.gz", []byte("app")); err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/repos/acme/shop/releases/%d", draft.ID)
	const query = `{ repository(owner: "acme", name: "shop") { release(tagName: "v1") { databaseId isDraft author { login } tagCommit { oid }
		releaseAssets(first: 5) { totalCount nodes { name size uploadedBy { login } } } } releases(first: 5, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { tagName } } } }`
	for _, level := range []string{"write", "read"} {
		c.gh.SetPermission("contents", level)
		sees := level == "write"
		if a, err := c.do("GET", at, nil); err != nil || (a.status == http.StatusOK) != sees {
			t.Errorf("with contents %s the draft is %d, %v", level, a.status, err)
		}
		if n := len(c.must(200, "GET", "/repos/acme/shop/releases", nil).list); (n == 1) != sees {
			t.Errorf("with contents %s there are %d releases", level, n)
		}
		c.must(404, "GET", "/repos/acme/shop/releases/tags/v1", nil)
		if got := dig(c.query(query, nil), "repository", "release", "isDraft") == true; got != sees {
			t.Errorf("with contents %s GraphQL shows the draft: %v", level, got)
		}
	}
	c.must(403, "PATCH", at, map[string]any{"draft": false})
	c.gh.SetPermission("contents", "write")
	a := c.must(200, "PATCH", at, map[string]any{"draft": false, "make_latest": "legacy"})
	if a.body["draft"] != false || dig(a.body, "assets", 0, "digest") != "sha256:a172cedcae47474b615c54d510a5d84a8dea3032e958587430b413538be3f333" {
		t.Errorf("published it is %v", a.body)
	}
	if oid, _ := repo.TagAt("v1"); oid != repo.Branch("main") {
		t.Errorf("its tag is at %q", oid)
	}
	c.must(200, "GET", "/repos/acme/shop/releases/tags/v1", nil)
	c.must(200, "GET", "/repos/acme/shop/releases/latest", nil)
	c.must(200, "GET", at+"/assets", nil)
}

func TestAnImmutableReleaseChanges(t *testing.T) {
	c, repo, _ := shelf(t)
	repo.SetImmutableReleases(true)
	c.must(200, "GET", "/repos/acme/shop/immutable-releases", nil)
	a := c.must(201, "POST", "/repos/acme/shop/releases", map[string]any{"tag_name": "v1", "draft": true})
	at := fmt.Sprintf("/repos/acme/shop/releases/%.0f", a.body["id"])
	rel := repo.Release("v1")
	if _, err := rel.Upload("alice", "a", []byte("1")); err != nil {
		t.Fatal(err)
	}
	if _, err := rel.Replace("alice", "a", []byte("2")); err != nil {
		t.Fatal(err)
	}
	if a := c.must(200, "PATCH", at, map[string]any{"draft": false}); a.body["immutable"] != true {
		t.Errorf("published it is %v", a.body)
	}
	_, uploaded := rel.Upload("alice", "b", nil)
	for what, err := range map[string]error{
		"a new asset": uploaded, "an asset deleted": rel.DeleteAsset("alice", "a"), "its tag moved": repo.Tag("alice", "v1", "main", true),
		"its tag deleted": repo.DeleteTags("alice", "v1"), "another tag": rel.SetTag("alice", "v2"), "a draft again": rel.Unpublish("alice"),
	} {
		if err == nil {
			t.Errorf("it gets %s", what)
		}
	}
	c.must(422, "PATCH", at, map[string]any{"draft": true})
	if err := rel.SetName("alice", "One"); err != nil {
		t.Errorf("its title cannot be changed: %v", err)
	}
	c.must(204, "DELETE", at, nil)
	if err := repo.DeleteTags("alice", "v1"); err != nil {
		t.Fatal(err)
	}
	c.must(422, "POST", "/repos/acme/shop/releases", map[string]any{"tag_name": "v1"})
	if err := repo.Tag("alice", "v1", "main", false); err == nil {
		t.Error("its tag's name is used again")
	}
}

func TestAFileThatIsReplacedKeepsNothing(t *testing.T) {
	c, repo, _ := shelf(t)
	rel, err := repo.NewRelease(sim.NewRelease{By: "alice", Tag: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	slow, err := rel.StartUpload("alice", "slow.bin")
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/repos/acme/shop/releases/assets/%d", slow.ID())
	if a := c.must(200, "GET", at, nil); a.body["state"] != "open" || a.body["digest"] != nil {
		t.Errorf("under way it is %v", a.body)
	}
	slow.Finish([]byte("1"))
	next, err := rel.Replace("alice", "slow.bin", []byte("2"))
	if err != nil {
		t.Fatal(err)
	}
	c.must(404, "GET", at, nil)
	if next.ID() == slow.ID() || next.Digest() == slow.Digest() {
		t.Error("the file in its place is the same")
	}
	if _, err := rel.Upload("alice", "slow.bin", nil); err == nil {
		t.Error("a second file of the name is taken")
	}
	a := c.must(200, "GET", fmt.Sprintf("/repos/acme/shop/releases/assets/%d", next.Undigested().ID()), nil)
	if a.body["digest"] != nil || a.body["state"] != "uploaded" {
		t.Errorf("an old file is %v", a.body)
	}
	if got := rel.Now(); !slices.Equal(got.Assets, []string{"slow.bin"}) || got.Draft || got.Deleted {
		t.Errorf("the release is %+v", got)
	}
}
