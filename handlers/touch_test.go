package handlers

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/palantir/go-githubapp/githubapp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	ourApp = 4711
	shaA   = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	shaB   = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

var received = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newScheduler() *scheduler {
	s := &scheduler{app: ourApp, api: "https://api.github.com", rules: rules(), now: func() time.Time { return received }, skew: func() time.Duration { return 0 }}
	bot := "handrail-acme[bot]"
	s.bot.Store(&bot)
	return s
}

func understand(s *scheduler, event string, body []byte) (store.Delivery, error) {
	p, err := readPayload(body)
	if err != nil {
		return store.Delivery{}, err
	}
	s.learn(p)
	return s.understand(githubapp.Dispatch{EventType: event, DeliveryID: "guid", Payload: body}, p), nil
}

// body is a payload of acme/shop with what JSON says of it.
func body(fields string) string {
	return `{"repository":{"id":1,"full_name":"acme/shop","default_branch":"main"},"organization":{"login":"acme"},
		"installation":{"id":9},"sender":{"login":"alice","id":5,"type":"User"}` + fields + `}`
}

func pullJSON(state string) string {
	return `{"number":7,"state":"` + state + `","title":"Add it","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T11:00:00Z",
		"head":{"ref":"topic","sha":"` + shaA + `"},"base":{"ref":"main","sha":"` + shaB + `","repo":{"id":1}}}`
}

func pullEvent(action, more string) string {
	return body(`,"action":"` + action + `","number":7,"pull_request":` + pullJSON("open") + more)
}

func runJSON(app int, pulls string) string {
	return fmt.Sprintf(`{"id":33,"head_sha":"%s","app":{"id":%d,"slug":"handrail-acme"},"pull_requests":[%s]}`, shaA, app, pulls)
}

func at(hour int) time.Time { return time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC) }

var (
	number7 = store.Touch{Number: 7, Delay: soon}
	headA   = store.Touch{Head: shaA, Delay: soon}
	groupA  = store.Touch{Kind: checks.KindGroup, At: shaA, Delay: soon}
	machine = store.Touch{Head: shaA, Delay: burst}
	tagged  = store.Touch{Kind: checks.KindRelease, At: shaA, Delay: burst}
	pressed = store.Touch{Kind: checks.KindRelease, At: shaA, Delay: soon}
	whole   = store.Touch{Repo: true, Delay: burst}
	acme    = store.Touch{Owner: "acme", Delay: burst}
	all     = store.Touch{Installation: true, Delay: burst}
	changed = store.PullChanged{Number: 7, Open: true, Head: shaA, Base: "main", Title: "Add it"}
	alice   = checks.Actor{Login: "alice", ID: 5}
	hello   = checks.Repo{ID: 3, Owner: "acme", Name: "hello"}
)

type touchCase struct {
	name, event, body string
	touches           []store.Touch
	facts             []store.Fact
}

func TestEachEventTouchesWhatItIsAboutAndTellsWhatIsNotSaidAgain(t *testing.T) {
	var cases []touchCase
	for _, list := range [][]touchCase{pullCases(), talkCases(), machineCases(), groupCases(), alertCases(), pushCases(), peopleCases(), repoCases(), releaseCases()} {
		cases = append(cases, list...)
	}
	for _, c := range cases {
		t.Run(c.event+" "+c.name, func(t *testing.T) {
			d, err := understand(newScheduler(), c.event, []byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.touches, d.Touches); diff != "" {
				t.Errorf("touches (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.facts, d.Facts); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
	for name, r := range rules() {
		covered := false
		for _, c := range cases {
			covered = covered || c.event == name
		}
		if r.read != nil && !covered {
			t.Errorf("%s touches and has no case here", name)
		}
	}
}

func pullCases() []touchCase {
	label := func(who, name string) string {
		return strings.Replace(pullEvent("labeled", `,"label":{"name":"`+name+`"}`), `"login":"alice"`, `"login":"`+who+`"`, 1)
	}
	both, one := []store.Touch{headA, number7}, []store.Touch{number7}
	var cases []touchCase
	for _, action := range []string{"edited", "ready_for_review", "converted_to_draft", "review_requested", "review_request_removed",
		"something_new"} {
		cases = append(cases, touchCase{action, "pull_request", pullEvent(action, ""), one, []store.Fact{changed}})
	}
	return append(cases,
		touchCase{"opened", "pull_request", pullEvent("opened", ""), both,
			[]store.Fact{store.HeadMoved{Number: 7, SHA: shaA, Sender: "alice", SenderID: 5, At: at(10), Opened: true}, changed}},
		touchCase{"synchronize", "pull_request", pullEvent("synchronize", `,"before":"`+shaB+`","after":"`+shaA+`"`), both,
			[]store.Fact{store.HeadMoved{Number: 7, SHA: shaA, Before: shaB, Sender: "alice", SenderID: 5, At: at(11)}, changed}},
		touchCase{"reopened names nobody as having pushed", "pull_request", pullEvent("reopened", ""), both,
			[]store.Fact{store.HeadMoved{Number: 7, SHA: shaA, At: at(11)}, changed}},
		touchCase{"closed", "pull_request", body(`,"action":"closed","number":7,"pull_request":` + pullJSON("closed")), both,
			[]store.Fact{store.PullChanged{Number: 7, Head: shaA, Base: "main", Title: "Add it"}}},
		touchCase{"assigned is nothing a verdict depends on", "pull_request", pullEvent("assigned", ""), nil, nil},
		touchCase{"nor is being queued", "pull_request", pullEvent("enqueued", ""), nil, nil},
		touchCase{"nor leaving the queue", "pull_request", pullEvent("dequeued", ""), nil, nil},
		touchCase{"label of others", "pull_request", label("alice", "bug"), one, []store.Fact{changed}},
		touchCase{"our label by others", "pull_request", label("alice", "merge requirements met"), one, []store.Fact{
			store.LabelChanged{Number: 7, Label: "merge requirements met", Added: true, By: alice, At: at(11)}, changed}},
		touchCase{"our other label by others", "pull_request", label("alice", checks.LabelSecurity), one, []store.Fact{
			store.LabelChanged{Number: 7, Label: checks.LabelSecurity, Added: true, By: alice, At: at(11)}, changed}},
		touchCase{"our label by ourselves is an echo", "pull_request", label("Handrail-Acme[bot]", checks.LabelMet), nil, nil},
		touchCase{"a number of the wrong type", "pull_request",
			body(`,"action":"edited","number":"seven","pull_request":{"number":{},"title":5}`), []store.Touch{whole}, nil},
		touchCase{"without a repository", "pull_request", `{"action":"opened","number":7,"pull_request":` + pullJSON("open") + `}`, nil, nil},
	)
}

func talkCases() []touchCase {
	review := `,"review":{"id":21,"body":"LGTM","user":{"login":"bob"},"commit_id":"` + shaA + `","submitted_at":"2026-03-01T11:00:00Z"}`
	comment := `,"comment":{"id":22,"body":"+1","user":{"login":"bob"},"created_at":"2026-03-01T11:00:00Z"}`
	onPull, onIssue := `,"issue":{"number":7,"pull_request":{"url":"x"}}`, `,"issue":{"number":7}`
	one := []store.Touch{number7}
	act := func(action string) string { return `,"action":"` + action + `"` }
	return []touchCase{
		{"submitted", "pull_request_review", pullEvent("submitted", review), one, []store.Fact{
			store.Said{Number: 7, Key: "review/21", Author: "bob", Text: "LGTM", Created: at(11), Commit: shaA}}},
		{"edited", "pull_request_review", pullEvent("edited", review+`,"changes":{"body":{"from":"no"}}`), one, []store.Fact{
			store.Unsaid{Number: 7, Key: "review/21", Before: "no"}}},
		{"dismissed", "pull_request_review", pullEvent("dismissed", review), one, nil},
		{"created", "pull_request_review_comment", pullEvent("created", comment), one, nil},
		{"resolved", "pull_request_review_thread", pullEvent("resolved", ""), one, nil},
		{"created", "issue_comment", body(act("created") + onPull + comment), one, []store.Fact{
			store.Said{Number: 7, Key: "comment/22", Author: "bob", Text: "+1", Created: at(11)}}},
		{"edited", "issue_comment", body(act("edited") + onPull + comment + `,"changes":{"body":{"from":"-1"}}`), one, []store.Fact{
			store.Unsaid{Number: 7, Key: "comment/22", Before: "-1"}}},
		{"deleted", "issue_comment", body(act("deleted") + onPull + comment), one, []store.Fact{
			store.Unsaid{Number: 7, Key: "comment/22", Before: "+1", Deleted: true}}},
		{"on an issue that is no pull request", "issue_comment", body(act("created") + onIssue + comment), nil, []store.Fact{store.IssueSpoken{Issue: 7}}},
		{"deleted", "label", body(act("deleted") + `,"label":{"name":"bug"}`), []store.Touch{whole}, nil},
		{"renamed", "label", body(act("edited") + `,"label":{"name":"bug"},"changes":{"name":{"from":"Bug"}}`), []store.Touch{whole}, nil},
		{"of another colour", "label", body(act("edited") + `,"label":{"name":"bug"},"changes":{"color":{"from":"0"}}`), nil, nil},
	}
}

func machineCases() []touchCase {
	const ours, fork = `{"number":7,"head":{"sha":"` + shaA + `"},"base":{"repo":{"id":1}}}`, `{"number":8,"base":{"repo":{"id":2}}}`
	const older = `{"number":9,"head":{"sha":"` + shaB + `"},"base":{"repo":{"id":1}}}`
	seven := store.Touch{Number: 7, Delay: burst}
	var cases []touchCase
	for _, name := range []string{"check_run", "check_suite", "workflow_run"} {
		of := func(action, run string) string { return body(`,"action":"` + action + `","` + name + `":` + run) }
		cases = append(cases,
			touchCase{"by number and head", name, of("completed", runJSON(1, ours)), []store.Touch{seven, machine, tagged}, nil},
			touchCase{"of a fork is found by its head", name, of("completed", runJSON(1, "")), []store.Touch{machine, tagged}, nil},
			touchCase{"of another repository's pull request", name, of("completed", runJSON(1, fork)), []store.Touch{machine, tagged}, nil},
			touchCase{"upon a head that is none any more", name, of("completed", runJSON(1, older)), []store.Touch{machine, tagged}, nil},
			touchCase{"without a head", name, of("completed", `{"id":1}`), []store.Touch{whole}, nil})
	}
	pushed := func(action, event, branch string, repo int) string {
		return body(fmt.Sprintf(`,"action":"%s","workflow_run":{"head_sha":"%s","event":"%s","head_branch":"%s","head_repository":{"id":%d}}`, action, shaA, event, branch, repo))
	}
	lacking := store.Touch{LacksBase: "main", Delay: burst}
	cases = append(cases,
		touchCase{"for a push, over", "workflow_run", pushed("completed", "push", "main", 1), []store.Touch{machine, tagged, lacking}, nil},
		touchCase{"over is told", "workflow_run", body(`,"action":"completed","workflow_run":{"id":5,"run_attempt":2,"head_sha":"` + shaA + `"}`),
			[]store.Touch{machine, tagged}, []store.Fact{store.RunEnded{SHA: shaA, Run: 5, Attempt: 2}}},
		touchCase{"begun is not", "workflow_run", body(`,"action":"in_progress","workflow_run":{"id":5,"run_attempt":2,"head_sha":"` + shaA + `"}`),
			[]store.Touch{machine, tagged}, nil},
		touchCase{"for a push, not over", "workflow_run", pushed("in_progress", "push", "main", 1), []store.Touch{machine, tagged}, nil},
		touchCase{"for a push to a fork", "workflow_run", pushed("completed", "push", "main", 2), []store.Touch{machine, tagged}, nil},
		touchCase{"for a pull request", "workflow_run", pushed("completed", "pull_request", "main", 1), []store.Touch{machine, tagged}, nil})
	for name, id := range map[string]int64{"check_run": 33, "check_suite": 0} {
		of := func(action string) string {
			return body(`,"action":"` + action + `","` + name + `":` + runJSON(ourApp, ours))
		}
		asked := []store.Fact{store.RerunAsked{Head: shaA, Run: id, At: received}}
		cases = append(cases,
			touchCase{"of our own is an echo", name, of("completed"), nil, nil},
			touchCase{"of our own, asked for again", name, of("rerequested"), []store.Touch{number7, headA, groupA, pressed}, asked},
			touchCase{"of our own, a button pressed", name, of("requested_action"), []store.Touch{number7, headA, groupA, pressed}, asked})
	}
	return append(cases, touchCase{"is found by its commit", "status", body(`,"sha":"` + shaA + `"`), []store.Touch{machine, tagged}, nil})
}

func alertCases() []touchCase {
	on := func(ref string) string {
		return body(`,"action":"created","ref":"` + ref + `","commit_oid":"` + shaA + `"`)
	}
	told := []store.Fact{store.AlertsChanged{}}
	seven := store.Touch{Number: 7, Delay: burst}
	return []touchCase{
		{"on a branch", "code_scanning_alert", on("refs/heads/main"), []store.Touch{{Base: "main", Delay: burst}, machine}, told},
		{"on a pull request's merge", "code_scanning_alert", on("refs/pull/7/merge"), []store.Touch{seven}, told},
		{"on a pull request's head", "code_scanning_alert", on("refs/pull/7/head"), []store.Touch{seven}, told},
		{"dismissed by somebody", "code_scanning_alert", on(""), []store.Touch{whole}, told},
		{"on what is no pull request", "code_scanning_alert", on("refs/pull/x/head"), []store.Touch{whole}, told},
		{"of no repository", "code_scanning_alert", `{"ref":"refs/heads/main"}`, nil, nil},
		{"created", "secret_scanning_alert", body(`,"action":"created"`), []store.Touch{whole}, told},
		{"of no repository", "secret_scanning_alert", `{}`, nil, nil},
	}
}

func pushCases() []touchCase {
	push := func(more, commits string) string {
		return body(`,"ref":"refs/heads/main","commits":[` + commits + `]` + more)
	}
	base, lag := []store.Touch{{Base: "main", Delay: burst}}, []store.Touch{{Behind: "main", Delay: burst}}
	changes := func(kind, path string) string { return `{"` + kind + `":["` + path + `"]}` }
	floor := strings.ReplaceAll(push("", changes("modified", "handrail.yml")), "acme/shop", "acme/.github")
	cases := []touchCase{
		{"of ordinary files", "push", push("", changes("modified", "main.go")), lag, nil},
		{"that removes the policy", "push", push("", changes("removed", ".github/handrail.yml")), base, nil},
		{"that was forced", "push", push(`,"forced":true`, changes("modified", "main.go")), base, nil},
		{"whose list is cut", "push", push("", strings.Repeat(changes("added", "x")+",", 19)+changes("added", "x")), base, nil},
		{"that lists nothing", "push", push("", ""), base, nil},
		{"of a tag", "push", body(`,"ref":"refs/tags/v1","commits":[]`), nil, nil},
		{"that deletes the branch", "push", push(`,"deleted":true`, ""), nil, nil},
		{"of the floor", "push", floor, append([]store.Touch{acme}, lag...), nil},
		{"of the floor on another branch", "push", strings.Replace(floor, "heads/main", "heads/topic", 1), []store.Touch{{Behind: "topic", Delay: burst}}, nil},
		{"of a file called like the floor elsewhere", "push", push("", changes("added", "handrail.yml")), lag, nil},
	}
	for _, path := range checks.OwnersPaths {
		cases = append(cases, touchCase{"of " + path, "push", push("", changes("added", path)), base, nil})
	}
	return cases
}

func peopleCases() []touchCase {
	team := func(slug string) store.Touch { return store.Touch{Team: "acme/" + slug, Delay: burst} }
	org := func(fields string) string {
		return `{"organization":{"login":"acme"},"installation":{"id":9},"sender":{"login":"alice"}` + fields + `}`
	}
	const infosec = `,"team":{"slug":"infosec","parent":{"slug":"security"}}`
	both := []store.Touch{team("infosec"), team("security")}
	return []touchCase{
		{"added", "membership", org(`,"action":"added","scope":"team"` + infosec), both, nil},
		{"removed", "membership", org(`,"action":"removed"` + infosec), append(append([]store.Touch{}, both...), acme), nil},
		{"removed since the team is gone", "membership", org(`,"action":"removed","team":{"slug":"x","deleted":true}`), nil, nil},
		{"created", "team", org(`,"action":"created"` + infosec), both, nil},
		{"edited in a repository", "team", body(`,"action":"edited"` + infosec), append(append([]store.Touch{}, both...), whole), nil},
		{"renamed", "team", org(`,"action":"edited","changes":{"name":{"from":"sec"}}` + infosec), []store.Touch{acme}, nil},
		{"deleted", "team", org(`,"action":"deleted"` + infosec), []store.Touch{acme}, nil},
		{"to a repository", "team_add", body(infosec), append(append([]store.Touch{}, both...), whole), nil},
		{"removed", "member", body(`,"action":"removed","member":{"login":"bob"}`), []store.Touch{whole}, nil},
		{"who leaves", "organization", org(`,"action":"member_removed","membership":{"user":{"login":"bob"}}`), []store.Touch{acme}, nil},
		{"that invites", "organization", org(`,"action":"member_invited"`), nil, nil},
		{"renamed", "organization", org(`,"action":"renamed"`), []store.Touch{all}, nil},
	}
}

func repoCases() []touchCase {
	const list = `[{"id":3,"full_name":"acme/hello"},{"id":4,"full_name":""}]`
	act := func(action string) string { return body(`,"action":"` + action + `"`) }
	in := func(action, more string) string {
		return `{"action":"` + action + `","installation":{"id":9,"app_id":4711},"sender":{"login":"alice"}` + more + `}`
	}
	shop := checks.Repo{ID: 1, Owner: "acme", Name: "shop", DefaultBranch: "main"}
	added := []store.Fact{store.ReposAdded{Repos: []checks.Repo{hello}}}
	gone := []store.Fact{store.ReposRemoved{All: true}}
	return []touchCase{
		{"renamed", "repository", act("renamed"), []store.Touch{whole}, nil},
		{"transferred", "repository", act("transferred"), []store.Touch{whole}, nil},
		{"privatized", "repository", act("privatized"), []store.Touch{whole}, nil},
		{"described otherwise", "repository", act("edited"), nil, nil},
		{"archived", "repository", act("archived"), nil, []store.Fact{store.ReposRemoved{Repos: []checks.Repo{shop}}}},
		{"unarchived", "repository", act("unarchived"), []store.Touch{whole}, []store.Fact{store.ReposAdded{Repos: []checks.Repo{shop}}}},
		{"of the floor, with another default branch", "repository",
			strings.ReplaceAll(body(`,"action":"edited","changes":{"default_branch":{"from":"old"}}`), "acme/shop", "acme/.github"), []store.Touch{acme}, nil},
		{"edited", "branch_protection_rule", act("edited"), []store.Touch{whole, {Branches: true, Delay: burst}}, nil},
		{"edited", "repository_ruleset", act("edited"), []store.Touch{whole, {Branches: true, Delay: burst}}, nil},
		{"of the organisation", "repository_ruleset", `{"action":"edited","organization":{"login":"acme"}}`, []store.Touch{acme}, nil},
		{"created", "installation", in("created", `,"repositories":`+list), []store.Touch{all}, added},
		{"unsuspended", "installation", in("unsuspend", ""), []store.Touch{all}, []store.Fact{store.ReposAdded{All: true}}},
		{"with new permissions", "installation", in("new_permissions_accepted", ""), []store.Touch{all}, nil},
		{"deleted", "installation", in("deleted", `,"repositories":`+list), nil, gone},
		{"suspended", "installation", in("suspend", ""), nil, gone},
		{"added", "installation_repositories", in("added", `,"repositories_added":`+list+`,"repositories_removed":[]`), nil, added},
		{"removed", "installation_repositories", in("removed", `,"repositories_removed":`+list), nil,
			[]store.Fact{store.ReposRemoved{Repos: []checks.Repo{hello}}}},
	}
}

func TestOurOwnLabelEventsAreKnownOnceOneOfOurCheckRunsWasSeen(t *testing.T) {
	s := newScheduler()
	s.bot.Store(nil)
	echo := []byte(strings.Replace(pullEvent("labeled", `,"label":{"name":"Merge Requirements Met"}`), `"login":"alice"`, `"login":"handrail-acme[bot]"`, 1))
	if d, err := understand(s, "pull_request", echo); err != nil || len(d.Touches) == 0 {
		t.Errorf("a bot that nobody knows yet: %+v, %v", d.Touches, err)
	}
	if _, err := understand(s, "check_run", []byte(body(`,"action":"created","check_run":`+runJSON(ourApp, "")))); err != nil {
		t.Fatal(err)
	}
	if d, err := understand(s, "pull_request", echo); err != nil || len(d.Touches)+len(d.Facts) != 0 {
		t.Errorf("our own label event touches %+v and tells %+v, %v", d.Touches, d.Facts, err)
	}
}

func TestOnlyObjectsAreBodies(t *testing.T) {
	for _, text := range []string{"", "null", "[]", `"x"`, "7", "{", `{"a":1}}`, `{"a":`, "{} {}", "\xef\xbb\xbf{}", strings.Repeat(`{"a":`, 20000)} {
		if _, err := readPayload([]byte(text)); err != errMalformed {
			t.Errorf("%.20q was taken for a body: %v", text, err)
		}
	}
}

// FuzzUnderstand holds that no body makes intake panic, touch without end, or
// tell the store what it would refuse, for then GitHub would be told to send it
// again for ever.
func FuzzUnderstand(f *testing.F) {
	for _, e := range examples(f) {
		f.Add(e.Event, []byte(e.Body))
	}
	for _, list := range [][]touchCase{pullCases(), talkCases(), machineCases(), groupCases(), alertCases(), pushCases(), peopleCases(), repoCases(), releaseCases()} {
		for _, c := range list {
			f.Add(c.event, []byte(c.body))
		}
	}
	s := newScheduler()
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		d, err := understand(s, event, body)
		if err != nil {
			return
		}
		if len(d.Touches) > 3+len(body)/8 || len(d.Facts) > 3 {
			t.Errorf("%d touches and %d facts out of %d bytes", len(d.Touches), len(d.Facts), len(body))
		}
		for _, x := range d.Touches {
			if about := x.Number != 0 || x.Head != "" || x.Base != "" || x.Repo; about && d.Repo.ID <= 0 || x.Number < 0 {
				t.Errorf("touch %+v of repository %d", x, d.Repo.ID)
			}
			if x.Installation && d.Installation <= 0 || x.Delay <= 0 || x.Delay > burst {
				t.Errorf("touch %+v", x)
			}
		}
		for _, x := range d.Facts {
			if fault := refused(x, d.Repo.ID, d.Installation); fault != "" {
				t.Errorf("%T%+v: %s", x, x, fault)
			}
		}
	})
}

// refused says why the store would not take a fact.
func refused(f store.Fact, repo, installation int64) string {
	number, head := 1, shaA
	switch f := f.(type) {
	case store.PullChanged:
		number = f.Number
	case store.HeadMoved:
		number, head = f.Number, f.SHA
	case store.Said:
		number = f.Number
	case store.Unsaid:
		number = f.Number
	case store.LabelChanged:
		number = f.Number
	case store.RunEnded:
		if head = f.SHA; f.Run <= 0 || f.Attempt <= 0 {
			return "no run or no attempt"
		}
	case store.RerunAsked:
		head = f.Head
	case store.TagPut:
		if head = f.OID; f.Name == "" {
			return "no tag"
		}
	case store.TagDeleted:
		if head = f.OID; f.Name == "" {
			return "no tag"
		}
	case store.IssueSpoken:
		number = f.Issue
	case store.ButtonPressed:
		if head = f.Head; f.Run <= 0 || f.By.Login == "" {
			return "no run or nobody"
		}
	case store.GateAsked:
		if head = f.Commit; f.RunID <= 0 || f.Environment == "" {
			return "no run or no environment"
		}
	case store.Deployed:
		if head = f.Commit; f.ID <= 0 || f.Environment == "" || f.State == "" {
			return "no deployment"
		}
	case store.ReposAdded:
		if f.All && installation <= 0 {
			return "no installation"
		}
		return ""
	case store.ReposRemoved:
		if f.All && installation <= 0 {
			return "no installation"
		}
		return ""
	}
	if repo <= 0 || number <= 0 || !isCommit(head) {
		return "no repository, number or head"
	}
	return ""
}

// example is a body that GitHub recorded.
type example struct {
	Event string
	Body  json.RawMessage
}

// examples are all payloads of npm @octokit/webhooks-examples.
func examples(t testing.TB) []example {
	t.Helper()
	path := filepath.Join(root(t), ".tools", "node_modules", "@octokit", "webhooks-examples", "api.github.com", "index.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("GitHub's recorded payloads are missing: run make tools (%v)", err)
	}
	var events []struct {
		Name     string            `json:"name"`
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(raw, &events); err != nil {
		t.Fatal(err)
	}
	var out []example
	for _, e := range events {
		for _, b := range e.Examples {
			out = append(out, example{e.Name, b})
		}
	}
	return out
}

func groupCases() []touchCase {
	const name = "gh-readonly-queue/release/1/pr-7-" + shaA
	body := func(action, ref, sha string) string {
		return fmt.Sprintf(`{"action": %q, "merge_group": {"head_sha": %q, "head_ref": %q, "base_ref": "refs/heads/main"},
			"repository": {"id": 3, "full_name": "acme/hello"}}`, action, sha, ref)
	}
	return []touchCase{
		{"wants checks", "merge_group", body("checks_requested", "refs/heads/"+name, shaA),
			[]store.Touch{{Kind: checks.KindGroup, Name: name, At: shaA, Delay: soon}}, []store.Fact{store.GroupMade{Name: name, Head: shaA}}},
		{"is destroyed", "merge_group", body("destroyed", "refs/heads/"+name, shaA),
			nil, []store.Fact{store.GroupDestroyed{Name: name, Head: shaA}}},
		{"of another name", "merge_group", body("checks_requested", "refs/heads/main", shaA), nil, nil},
		{"without a commit", "merge_group", body("checks_requested", "refs/heads/"+name, "main"), nil, nil},
		{"of another action", "merge_group", body("something_new", "refs/heads/"+name, shaA), nil, nil},
		{"without anything", "merge_group", `{"action": "checks_requested", "merge_group": 5}`, nil, nil},
	}
}
