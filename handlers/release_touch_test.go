package handlers

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

var tagV1 = store.Touch{Kind: checks.KindRelease, Name: "v1", Delay: soon}

func releaseCases() []touchCase {
	act := func(action, rest string) string { return body(`,"action":"` + action + `"` + rest) }
	button := func(app int, identifier string) string {
		return act("requested_action", `,"check_run":`+strings.Replace(runJSON(app, ""), `"id":33`, `"id":33,"name":"handrail/release/qa"`, 1)+
			`,"requested_action":{"identifier":"`+identifier+`"}`)
	}
	deployed := `,"deployment":{"id":3,"sha":"` + shaA + `","environment":"prod"},"deployment_status":{"state":"success","environment":"prod","updated_at":"2026-03-01T11:00:00Z"}`
	tags := store.Touch{Kind: checks.KindTags, Name: tagsName, Delay: burst}
	put := body(`,"ref":"refs/tags/v1","before":"` + strings.Repeat("0", 40) + `","after":"` + shaB + `","head_commit":{"id":"` + shaA + `"}`)
	gone := body(`,"ref":"refs/tags/v1","before":"` + shaB + `","after":"` + strings.Repeat("0", 40) + `","deleted":true`)
	gate := func(url string) string {
		return act("requested", `,"environment":"prod","deployment_callback_url":"`+url+`","deployment":{"sha":"`+shaA+`"},"pull_requests":[{"number":7,"head":{"sha":"`+shaB+`"}}]`)
	}
	const ours = "https://api.github.com/repos/acme/shop/actions/runs/42/deployment_protection_rule"
	return []touchCase{
		{"of a tag", "create", body(`,"ref":"v1","ref_type":"tag"`), []store.Touch{tagV1}, nil},
		{"of a branch", "create", body(`,"ref":"v1","ref_type":"branch"`), nil, nil},
		{"of a tag", "delete", body(`,"ref":"v1","ref_type":"tag"`), []store.Touch{tagV1}, nil},
		{"of a name that is too long", "create", body(`,"ref":"` + strings.Repeat("v", 256) + `","ref_type":"tag"`), nil, nil},
		{"of a tag tells who put it where", "push", put, []store.Touch{tags, tagV1, {Behind: "", Delay: 0}}[:2], []store.Fact{
			store.RefMoved{Ref: "tags/v1", After: shaB, By: alice}, store.TagPut{Name: "v1", OID: shaB, Commit: shaA, By: alice, At: received}}},
		{"of a tag's end", "push", gone, []store.Touch{tags, tagV1}, []store.Fact{
			store.RefMoved{Ref: "tags/v1", Before: shaB, By: alice}, store.TagDeleted{Name: "v1", OID: shaB, By: alice, At: received}}},
		{"published", "release", act("published", `,"release":{"id":5,"tag_name":"v1","target_commitish":"main"}`), []store.Touch{tagV1}, nil},
		{"given another tag", "release", act("edited", `,"release":{"tag_name":"v1"},"changes":{"tag_name":{"from":"v0"}}`),
			[]store.Touch{tagV1, {Kind: checks.KindRelease, Name: "v0", Delay: soon}}, nil},
		{"without a tag", "release", act("edited", `,"release":7`), nil, nil},
		{"closed by somebody", "issues", act("closed", `,"issue":{"number":7}`), nil, []store.Fact{store.IssueSpoken{Issue: 7}}},
		{"closed by ourselves", "issues", strings.Replace(act("closed", `,"issue":{"number":7}`), `"login":"alice"`, `"login":"handrail-acme[bot]"`, 1), nil, nil},
		{"assigned", "issues", act("assigned", `,"issue":{"number":7}`), nil, nil},
		{"that succeeded", "deployment_status", act("created", deployed), []store.Touch{pressed}, []store.Fact{
			store.Deployed{ID: 3, Environment: "prod", State: "success", Commit: shaA, At: at(11)}}},
		{"of no commit", "deployment_status", act("created", strings.Replace(deployed, shaA, "main", 1)), nil, nil},
		{"pressed on a stage", "check_run", button(ourApp, "sign:0123456789ab"), []store.Touch{pressed}, []store.Fact{
			store.ButtonPressed{Run: 33, Name: "handrail/release/qa", Head: shaA, Identifier: "sign:0123456789ab", By: alice, At: received}}},
		{"pressed on another App's run", "check_run", button(1, "sign:0123456789ab"), []store.Touch{machine, tagged}, nil},
		{"pressed that is not ours", "check_run", button(ourApp, "sign:0123456789aX"), []store.Touch{headA, groupA, pressed},
			[]store.Fact{store.RerunAsked{Head: shaA, Run: 33, At: received}}},
		{"asks", "deployment_protection_rule", gate(ours), []store.Touch{pressed}, []store.Fact{store.GateAsked{RunID: 42, Environment: "prod", Commit: shaA}}},
		{"asks to be answered elsewhere", "deployment_protection_rule", gate(strings.Replace(ours, "api.github.com", "evil.example", 1)), nil, nil},
		{"asks nothing", "deployment_protection_rule", strings.Replace(gate(ours), "requested", "something_new", 1), nil, nil},
		{"names no commit", "deployment_protection_rule", strings.Replace(gate(ours), shaA, "v1", 1), nil, nil},
	}
}

// Comments are dated by GitHub's clock, and presses of a button by none.
func TestAButtonIsDatedByTheClockOfGitHub(t *testing.T) {
	s := newScheduler()
	s.skew = func() time.Duration { return time.Hour }
	for _, c := range releaseCases() {
		if c.name != "pressed on a stage" {
			continue
		}
		d, err := understand(s, c.event, []byte(c.body))
		if err != nil || len(d.Facts) != 1 {
			t.Fatalf("%v %v", d.Facts, err)
		}
		if f := d.Facts[0].(store.ButtonPressed); !f.At.Equal(received.Add(time.Hour)) {
			t.Errorf("it is dated %s", f.At)
		}
	}
}

func TestOnlyARunOfTheRepositoryAtTheConfiguredGitHubIsTakenFromACallbackURL(t *testing.T) {
	shop := checks.Repo{ID: 1, Owner: "acme", Name: "shop"}
	const path = "/repos/acme/shop/actions/runs/42/deployment_protection_rule"
	for _, api := range []string{"https://api.github.com", "https://ghe.example.com/api/v3", "http://127.0.0.1:8080/api/v3"} {
		if run, err := callbackRun(api+path, api, shop); err != nil || run != 42 {
			t.Errorf("%s: %d, %v", api, run, err)
		}
	}
	const api = "https://api.github.com"
	if run, err := callbackRun(api+strings.Replace(path, "acme/shop", "Acme/Shop", 1), api, shop); err != nil || run != 42 {
		t.Errorf("written otherwise: %d, %v", run, err)
	}
	for what, url := range map[string]string{
		"another host":            "https://api.github.com.evil.example" + path,
		"a host with a user":      "https://api.github.com@evil.example" + path,
		"a user":                  "https://x@api.github.com" + path,
		"another port":            "https://api.github.com:8443" + path,
		"another scheme":          "http://api.github.com" + path,
		"no host":                 path,
		"another repository":      api + "/repos/acme/other/actions/runs/42/deployment_protection_rule",
		"another owner":           api + "/repos/evil/shop/actions/runs/42/deployment_protection_rule",
		"a way back":              api + "/repos/acme/shop/actions/runs/../../../other/actions/runs/42/deployment_protection_rule",
		"an escaped slash":        api + "/repos/acme%2Fshop/actions/runs/42/deployment_protection_rule",
		"an escaped name":         api + "/repos/acme/%73hop/actions/runs/42/deployment_protection_rule",
		"a query":                 api + path + "?x=1",
		"an empty query":          api + path + "?",
		"a fragment":              api + path + "#x",
		"more of a path":          api + path + "/",
		"less of a path":          api + "/repos/acme/shop/actions/runs/42",
		"another end":             api + "/repos/acme/shop/actions/runs/42/pending_deployments",
		"a prefix":                api + "/api/v3" + path,
		"no number":               api + "/repos/acme/shop/actions/runs/x/deployment_protection_rule",
		"a number with zeros":     api + "/repos/acme/shop/actions/runs/042/deployment_protection_rule",
		"a negative number":       api + "/repos/acme/shop/actions/runs/-42/deployment_protection_rule",
		"a number out of range":   api + "/repos/acme/shop/actions/runs/99999999999999999999/deployment_protection_rule",
		"nothing":                 "",
		"what is no URL":          "https://[::1" + path,
		"a mail to somebody":      "mailto:a@api.github.com",
		"white space in the host": "https://api.github.com " + path,
	} {
		if run, err := callbackRun(url, api, shop); err == nil {
			t.Errorf("%s is taken: run %d", what, run)
		}
	}
	if _, err := callbackRun(api+path, "", shop); err == nil {
		t.Error("a URL is taken though no GitHub is configured")
	}
}

func TestAForeignCallbackURLIsIgnoredAndSaidWithoutBeingQuoted(t *testing.T) {
	var said bytes.Buffer
	s := newScheduler()
	s.log = zerolog.New(&said)
	text := body(`,"action":"requested","environment":"prod","deployment_callback_url":"https://evil.example/?token=secret","deployment":{"sha":"` + shaA + `"}`)
	d, err := understand(s, "deployment_protection_rule", []byte(text))
	if err != nil || len(d.Facts)+len(d.Touches) != 0 {
		t.Errorf("it tells %v and touches %v: %v", d.Facts, d.Touches, err)
	}
	if got := said.String(); !strings.Contains(got, "not heeded") || strings.Contains(got, "evil") || strings.Contains(got, "secret") {
		t.Errorf("the log says %s", got)
	}
}

func FuzzCallbackURL(f *testing.F) {
	const api = "https://api.github.com"
	f.Add(api + "/repos/acme/shop/actions/runs/42/deployment_protection_rule")
	f.Add("https://api.github.com@evil/repos/acme/shop/actions/runs/42/deployment_protection_rule")
	f.Fuzz(func(t *testing.T, text string) {
		run, err := callbackRun(text, api, checks.Repo{Owner: "acme", Name: "shop"})
		if err != nil {
			return
		}
		want := fmt.Sprintf("%s/repos/acme/shop/actions/runs/%d/deployment_protection_rule", api, run)
		if !strings.EqualFold(text, want) {
			t.Errorf("%q is taken for %s", text, want)
		}
	})
}
