package sim_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

func TestPageOfAReleaseRunsWhatItSays(t *testing.T) {
	c, repo, _ := shelf(t)
	rel, err := repo.NewRelease(sim.NewRelease{By: "alice", Tag: "v1/<b>", Name: "<script>alert(1)</script>", Body: "<img src=x> [x](javascript:alert(2))"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rel.Upload("alice", `"><svg onload=alert(3)>`, []byte("12345")); err != nil {
		t.Fatal(err)
	}
	c.must(201, "POST", "/repos/acme/shop/check-runs", map[string]any{"name": "handrail/release/production", "head_sha": repo.Branch("main"), "status": "in_progress",
		"actions": []any{map[string]any{"label": "<i>Sign off", "description": `"><b>`, "identifier": "sign:0123456789ab"}}})
	issue := repo.OpenIssue("bob", "<script>alert(4)</script>")
	issue.Comment("bob", "<iframe src=//x>")
	at := "/acme/shop/releases/tag/v1/" + url.PathEscape("<b>")
	for _, path := range []string{"/", at, "/acme/shop/issues/1"} {
		status, text := browse(t, c.url+path, "", nil)
		if status != 200 {
			t.Errorf("%s: status %d", path, status)
		}
		for _, bad := range []string{"<script", "<img", "<svg", "<iframe", "<i>", `href="javascript`} {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %s", path, bad)
			}
		}
	}
	if _, text := browse(t, c.url+at, "", nil); !strings.Contains(text, "5 bytes") || !strings.Contains(text, "&lt;i&gt;Sign off") || !strings.Contains(text, "released") {
		t.Error("the page lacks the asset, the button or the state")
	}
	for _, path := range []string{"/acme/shop/releases/tag/none", "/acme/none/releases/tag/v1", "/acme/shop/issues/9", "/acme/none/issues/x"} {
		if status, _ := browse(t, c.url+path, "", nil); status != 404 {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func TestAReleaseIsMadeAndPressedOnItsPage(t *testing.T) {
	c, repo, h := shelf(t)
	if err := repo.PushTags("alice", sim.NewTag{Name: "v1", SHA: "main", Annotated: true}); err != nil {
		t.Fatal(err)
	}
	repo.Guard("production")
	a := c.must(201, "POST", "/repos/acme/shop/check-runs", map[string]any{"name": "Release Requirements", "head_sha": repo.Branch("main"), "status": "in_progress",
		"actions": []any{map[string]any{"label": "Promote", "description": "d", "identifier": "promote:0123456789ab"}}})
	run := strings.TrimPrefix(dig(a.body, "url").(string), c.url+"/api/v3/repos/acme/shop/check-runs/")
	at := c.url + "/acme/shop/releases/tag/v1"
	press := func(path string, form url.Values) {
		t.Helper()
		form.Set("as", "alice")
		if status, text := browse(t, path, c.url, form); status != 200 || strings.Contains(text, `class="said"`) {
			t.Errorf("%v: status %d", form, status)
		}
	}
	press(at, url.Values{"do": {"draft"}, "text": {"notes"}})
	rel := repo.Release("v1")
	draft := c.url + "/acme/shop/releases/tag/untagged-" + fmt.Sprint(rel.ID)
	press(draft, url.Values{"do": {"upload"}, "path": {"a.txt"}, "text": {"a"}})
	press(draft, url.Values{"do": {"notes"}, "text": {"more"}})
	press(draft, url.Values{"press": {run + " promote:0123456789ab"}})
	press(draft, url.Values{"do": {"deploy"}})
	press(draft, url.Values{"do": {"publish"}})
	if s := rel.Now(); s.Draft || s.Body != "more" || len(s.Assets) != 1 {
		t.Errorf("the release is %+v", s)
	}
	if names := strings.Join(heard(t, c.gh, h), " "); !strings.Contains(names, "check_run.requested_action") || !strings.Contains(names, "deployment_protection_rule.requested") {
		t.Errorf("events are %s", names)
	}
	for form, want := range map[string]string{"as=nobody&do=move": "choose who acts", "as=alice&do=dance": "choose what to do", "as=alice&press=1+x": "no such check-run",
		"as=eve&press=" + run + "+promote:0123456789ab": "may not write"} {
		values, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		c.gh.User("eve")
		if _, text := browse(t, at, c.url, values); !strings.Contains(text, want) {
			t.Errorf("%s: %q is not said", form, want)
		}
	}
	press(at, url.Values{"do": {"finish"}})
	press(at, url.Values{"do": {"delete"}})
	press(at, url.Values{"do": {"move"}})
	if status, _ := browse(t, at, c.url, url.Values{"as": {"alice"}, "do": {"untag"}}); status != 404 { // there is no such page any more
		t.Errorf("after its end the page has status %d", status)
	}
	if oid, _ := repo.TagAt("v1"); oid != "" || !rel.Now().Deleted {
		t.Errorf("the tag is at %s, the release %+v", oid, rel.Now())
	}
	issue := repo.OpenIssue("alice", "Release v1")
	for _, do := range []string{"comment", "label", "unlabel", "close", "reopen"} {
		press(c.url+"/acme/shop/issues/1", url.Values{"do": {do}, "text": {"hello"}})
	}
	if s := issue.Now(); !s.Open || len(s.Comments) != 1 || len(s.Labels) != 0 {
		t.Errorf("the issue is %+v", s)
	}
	if status, _ := browse(t, at, "https://evil.example", url.Values{"as": {"alice"}, "do": {"move"}}); status != 403 {
		t.Errorf("another origin gets status %d", status)
	}
}
