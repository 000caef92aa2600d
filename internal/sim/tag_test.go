package sim_test

import (
	"testing"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
)

func TestTagsAreAnnouncedUnlessThereAreMoreThanThree(t *testing.T) {
	c, repo, h := shelf(t)
	tag := func(names ...string) (all []sim.NewTag) {
		for _, n := range names {
			all = append(all, sim.NewTag{Name: n, SHA: "main"})
		}
		return all
	}
	for _, step := range []struct {
		what string
		do   func() error
		want []string
	}{
		{"three tags", func() error { return repo.PushTags("alice", tag("v1", "v2", "v3")...) }, []string{"create", "push", "create", "push", "create", "push"}},
		{"four tags", func() error { return repo.PushTags("alice", tag("w1", "w2", "w3", "w4")...) }, nil},
		{"the same again", func() error { return repo.Tag("alice", "v1", "main", false) }, nil},
		{"another object", func() error { return repo.Tag("alice", "v1", "main", true) }, []string{"push"}},
		{"one is deleted", func() error { return repo.DeleteTags("alice", "v1", "none") }, []string{"push", "delete"}},
		{"four are deleted", func() error { return repo.DeleteTags("alice", "w1", "w2", "w3", "w4") }, nil},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		expect(t, step.what, heard(t, c.gh, h), step.want...)
	}
	if err := repo.Tag("alice", "x", "nowhere", false); err == nil {
		t.Error("a tag of no commit is made")
	}
}

func TestATagNamesItsTaggerWhoeverPushesIt(t *testing.T) {
	c, repo, _ := shelf(t)
	if err := repo.PushTags("alice", sim.NewTag{Name: "v1", SHA: "main", Annotated: true, Tagger: "Bob <bob@example.com>", Message: "One"},
		sim.NewTag{Name: "light", SHA: "main"}, sim.NewTag{Name: "who", SHA: "main", Annotated: true, Tagger: "Nobody <no@body>"}); err != nil {
		t.Fatal(err)
	}
	c.gh.User("bob")
	oid, sha := repo.TagAt("v1")
	if oid == sha || sha != repo.Branch("main") {
		t.Errorf("the tag is at %s, %s", oid, sha)
	}
	data := c.query(`{ repository(owner: "acme", name: "shop") {
		v1: ref(qualifiedName: "refs/tags/v1") { name target { __typename oid ... on Tag { name message tagger { name email user { login } } target { __typename oid ... on Commit { message } } } } }
		light: ref(qualifiedName: "refs/tags/light") { target { __typename oid } }
		who: ref(qualifiedName: "refs/tags/who") { target { ... on Tag { tagger { email user { login } } } } }
		none: ref(qualifiedName: "refs/tags/none") { name } } }`, nil)
	for _, want := range []struct {
		value any
		path  []any
	}{
		{"Tag", []any{"v1", "target", "__typename"}}, {oid, []any{"v1", "target", "oid"}}, {"bob", []any{"v1", "target", "tagger", "user", "login"}},
		{sha, []any{"v1", "target", "target", "oid"}}, {"Commit", []any{"light", "target", "__typename"}}, {sha, []any{"light", "target", "oid"}},
		{"no@body", []any{"who", "target", "tagger", "email"}}, {nil, []any{"who", "target", "tagger", "user"}}, {nil, []any{"none"}},
	} {
		if got := dig(data["repository"], want.path...); got != want.value {
			t.Errorf("%v is %v, want %v", want.path, got, want.value)
		}
	}
	if got := dig(c.must(200, "GET", "/repos/acme/shop/git/ref/tags/v1", nil).body, "object", "sha"); got != oid {
		t.Errorf("REST has the ref at %v", got)
	}
	if got := dig(c.must(200, "GET", "/repos/acme/shop/git/tags/"+oid, nil).body, "object", "sha"); got != sha {
		t.Errorf("REST has the tag at %v", got)
	}
	if got := len(c.must(200, "GET", "/repos/acme/shop/tags", nil).list); got != 3 {
		t.Errorf("%d tags are listed", got)
	}
	c.must(404, "GET", "/repos/acme/shop/git/ref/tags/none", nil)
}

func TestATagMayBeOfAnotherTagOrOfNoCommit(t *testing.T) {
	c, repo, _ := shelf(t)
	blob := dig(c.must(200, "GET", "/repos/acme/shop/contents/a", nil).body, "sha").(string)
	if err := repo.Tag("alice", "v1", "main", true); err != nil {
		t.Fatal(err)
	}
	oid, sha := repo.TagAt("v1")
	if err := repo.PushTags("alice", sim.NewTag{Name: "outer", Object: oid, Annotated: true}, sim.NewTag{Name: "file", Object: blob}); err != nil {
		t.Fatal(err)
	}
	if _, at := repo.TagAt("outer"); at != sha {
		t.Errorf("the outer tag leads to %q", at)
	}
	data := dig(c.query(`{ repository(owner: "acme", name: "shop") {
		outer: ref(qualifiedName: "refs/tags/outer") { target { __typename ... on Tag { target { __typename ... on Tag { target { __typename oid } } } } } }
		file: ref(qualifiedName: "refs/tags/file") { target { __typename oid } } } }`, nil), "repository")
	if got := dig(data, "outer", "target", "target", "target", "oid"); got != sha || dig(data, "file", "target", "__typename") != "Blob" {
		t.Errorf("GraphQL says %v", data)
	}
	if got := dig(c.must(200, "GET", "/repos/acme/shop/git/ref/tags/file", nil).body, "object", "type"); got != "blob" {
		t.Errorf("REST says that the file is a %v", got)
	}
	if n := len(c.must(200, "GET", "/repos/acme/shop/tags", nil).list); n != 2 {
		t.Errorf("%d tags of commits", n)
	}
}

// A tag made again at the same commit has another object, unless all it says is the
// same.
func TestATagMadeAgainIsAnotherObject(t *testing.T) {
	c, repo, _ := shelf(t)
	var all []string
	for _, wait := range []time.Duration{0, 0, time.Minute} {
		c.gh.Advance(wait)
		repo.DeleteTag("alice", "v1")
		if err := repo.PushTags("alice", sim.NewTag{Name: "v1", SHA: "main", Annotated: true}); err != nil {
			t.Fatal(err)
		}
		oid, _ := repo.TagAt("v1")
		all = append(all, oid)
	}
	if all[2] == all[0] || all[2] == all[1] {
		t.Errorf("the objects are %v", all)
	}
}
