package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

func TestAnAppIsToldOfAlertsThatItMayNotRead(t *testing.T) {
	for name, permission := range map[string]string{
		"code_scanning_alert": "security_events", "secret_scanning_alert": "secret_scanning_alerts", "dependabot_alert": "vulnerability_alerts",
	} {
		for _, c := range []struct {
			granted bool
			events  []string
			want    bool
		}{{false, nil, false}, {true, nil, true}, {true, []string{name}, true}, {true, []string{"push"}, false}} {
			gh := sim.New(sim.Options{Events: c.events})
			h := listen(t, gh, "sim-webhook-secret")
			t.Cleanup(gh.Close)
			repo := gh.Org("acme").Repo("shop")
			gh.Org("acme").Install()
			if c.granted {
				gh.SetPermission(permission, "read")
			}
			if _, err := repo.Push(sim.Push{By: "bob", Branch: "main", Files: map[string]string{"requirements.txt": "paint==1.0\n"}}); err != nil {
				t.Fatal(err)
			}
			found := []sim.CodeAlert{{Rule: "r", Path: "a", Line: 1}}
			for range 2 { // the second upload has nothing new
				if err := repo.UploadCodeScan(sim.CodeScan{Ref: "refs/heads/main", Alerts: found}); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := repo.AddSecretAlert(sim.SecretAlert{Places: []sim.SecretPlace{{Commit: "main", Path: "README.md"}}}); err != nil {
				t.Fatal(err)
			}
			gh.AddVulnerability(sim.Vulnerability{Ecosystem: "pip", Package: "paint", Version: "1.0", Advisory: "GHSA-1"})
			settle(t, gh)
			told := len(slices.DeleteFunc(h.names(), func(n string) bool { return n != name }))
			if (told == 1) != c.want || told > 1 {
				t.Errorf("%s, granted %v, subscribed to %v: told %d times", name, c.granted, c.events, told)
			}
		}
	}
}

func TestAlertOutlivesItsFixOrForgetsItsNumber(t *testing.T) {
	c, repo, pull := shop(t)
	c.gh.SetPermission("security_events", "read")
	ref := fmt.Sprintf("refs/pull/%d/merge", pull.Number)
	upload := func(ref string, found ...sim.CodeAlert) {
		t.Helper()
		if err := repo.UploadCodeScan(sim.CodeScan{Ref: ref, Alerts: found}); err != nil {
			t.Fatal(err)
		}
	}
	open := func(ref string) string {
		var out []string
		for _, a := range c.must(200, "GET", "/repos/acme/shop/code-scanning/alerts?state=open&ref="+ref, nil).list {
			out = append(out, fmt.Sprint(dig(a, "number"), "@", dig(a, "most_recent_instance", "location", "start_line")))
		}
		return strings.Join(out, " ")
	}
	bad := sim.CodeAlert{Rule: "r", Text: "t", Path: "a", Line: 1}
	moved := bad
	moved.Line = 9
	upload("refs/heads/main", bad)
	upload(ref, moved)
	if a, b := open("refs/heads/main"), open(ref); a != "1@1" || b != "1@9" {
		t.Errorf("main has %s, the pull request %s", a, b)
	}
	upload(ref)
	if a, b := open("main"), open(ref); a != "1@1" || b != "" {
		t.Errorf("fixed in the pull request: main has %s, the pull request %s", a, b)
	}
	if err := repo.UploadCodeScan(sim.CodeScan{Ref: "refs/heads/none"}); err == nil {
		t.Error("a branch that nobody has was scanned")
	}
}

func TestLargeCommitIsCutWithoutAWord(t *testing.T) {
	c, repo, _ := shop(t)
	files := map[string]string{}
	for i := range 301 {
		files[fmt.Sprintf("d/%03d", i)] = "x\n"
	}
	sha, err := repo.Push(sim.Push{By: "alice", Branch: "big", Files: files})
	if err != nil {
		t.Fatal(err)
	}
	for page, want := range map[int]int{1: 300, 2: 1} {
		a := c.must(200, "GET", fmt.Sprintf("/repos/acme/shop/commits/%s?page=%d", sha, page), nil)
		list, _ := a.body["files"].([]any)
		if len(list) != want || dig(a.body, "stats", "total") != 301.0 || strings.Contains(a.header.Get("Link"), `rel="next"`) != (page == 1) {
			t.Errorf("page %d: %d files of %v, %s", page, len(list), dig(a.body, "stats"), a.header.Get("Link"))
		}
	}
}
