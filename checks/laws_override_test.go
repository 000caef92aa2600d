package checks_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

// overridings are sections `override` that random policies have.
var overridings = []string{
	"override: {role: qa}\n",
	"override: {role: qa, valid: 12h, requirements: ['review/**', status], break_glass: {role: qa, valid: 13h}}\n",
	"override: {role: reviewer, self: true, second: {role: qa, for: ['review/**']}}\n",
	"override: {role: reviewer, second: {for: []}, break_glass: {role: reviewer, self: true, follow_up: 1d, follow_up_role: qa}}\n",
}

var overriddenIDs = []string{"review", "review/code-review", "review/two-eyes", "review/qa", "status", "coverage", "security", "security/secrets", "compliance/title", "compliance",
	"policy", "draft", "shared-head", "label", "nothing", "review/floor/code-review", "`review`", ""}

// order draws what people write to handrail itself.
func order(t *rapid.T) string {
	id := pick(t, overriddenIDs, "id")
	return pick(t, []string{
		"/override " + id + " the shop is down", "/override " + id + " 2h the shop is down", "/override " + id, "/override " + id + " 14d for long", "/revoke " + id, "/revoke break-glass",
		"/break-glass it burns", "/break-glass 1h it burns", "/break-glass", "/recheck", "/explain", "/overide " + id + " x", "> /override " + id + " x", "/follow-up fine",
	}, "order")
}

// orders adds comments with commands to a snapshot, most of them such as may count.
func orders(t *rapid.T, p checks.Pull) checks.Pull {
	p.Comments = p.Comments[:len(p.Comments):len(p.Comments)]
	seen := map[string]checks.Seen{}
	for k, v := range p.Memory.Seen {
		seen[k] = v
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "orders") {
		c := checks.Comment{ID: int64(3000 + i), Author: actor(t), Body: order(t), Created: p.At.Add(-time.Duration(rapid.IntRange(0, 1500).Draw(t, "minutes ago")) * time.Minute)}
		c.Ours = rapid.IntRange(0, 9).Draw(t, "ours") == 0
		if rapid.IntRange(0, 9).Draw(t, "edited") == 0 {
			c.Edited = p.At
		}
		p.Comments = append(p.Comments, c)
		if rapid.IntRange(0, 5).Draw(t, "seen") > 0 {
			seen[fmt.Sprint("comment/", c.ID)] = checks.Seen{Text: pick(t, []string{c.Body, order(t)}, "first text"), Head: pick(t, []string{p.Head.SHA, p.Head.SHA, shas[0], ""}, "spoken at"), Base: pick(t, []string{"main", "main", ""}, "base")}
		}
	}
	p.Memory.Seen = seen
	for range rapid.IntRange(0, 3).Draw(t, "answers") {
		p.Memory.Answers = append(p.Memory.Answers, checks.Answered{
			To: int64(rapid.IntRange(3000, 3003).Draw(t, "to")), At: p.At.Add(-time.Duration(rapid.IntRange(0, 90).Draw(t, "tried")) * time.Minute), Done: rapid.Bool().Draw(t, "done"),
		})
	}
	return p
}

func overridePolicy(t *rapid.T) checks.Policy {
	d := drawPolicy(t)
	return policy(t, text(d.signOffs, d.codeowners, d.extra)+pick(t, overridings, "override"))
}

func TestLawsHoldForWhatIsOverridden(t *testing.T) {
	overridden := 0
	untilTried(t, &overridden, func(t *rapid.T) {
		if strings.Contains(states(lawful(t)), " overridden") {
			overridden++
		}
	})
	if overridden == 0 {
		t.Error("nothing was ever overridden, so no law was tried")
	}
}

// lawful tries all laws at once on a pull request with commands.
func lawful(t *rapid.T) checks.Verdict {
	p, pull := overridePolicy(t), orders(t, snapshot(t))
	v := checks.Judge(p, pull)
	again := roundTrip(t, pull)
	same(t, v, checks.Judge(p, again))
	q := shuffled(pull, rapid.Int64().Draw(t, "seed"))
	w := checks.Judge(p, q)
	same(t, v, w)
	plan := checks.Plan(v, pull)
	if a, b := encode(plan), encode(checks.Plan(w, q)); a != b {
		t.Fatalf("plans differ in another order:\n%s\n%s", a, b)
	}
	safeOrder(t, v, plan)
	after := carryOut(t, pull, plan)
	if left := checks.Plan(checks.Judge(p, after), after); len(left) > 0 {
		t.Fatalf("after %s\nthere is left %s", encode(plan), encode(left))
	}
	if pull.Open && contains(after.Labels, checks.LabelMet) != v.State.Passes() {
		t.Fatalf("verdict %s, labels %v", v.State, after.Labels)
	}
	none := p
	none.Override = nil
	for _, pair := range pairs(checks.Judge(none, pull).Results, v.Results) {
		onlyOverridden(t, pair[0], pair[1])
	}
	return v
}

// pairs are the results of two verdicts that have the same id.
func pairs(a, b []checks.Result) (out [][2]checks.Result) {
	for _, x := range a {
		for _, y := range b {
			if x.ID == y.ID {
				out = append(out, [2]checks.Result{x, y})
			}
		}
	}
	return out
}

// onlyOverridden: what an override changes is that something not met is overridden, and
// says by whom, why and until when.
func onlyOverridden(t *rapid.T, was, is checks.Result) {
	if was.State.Passes() && is.State != was.State || !was.State.Passes() && is.State.Passes() && is.State != checks.Overridden && len(is.Parts) == 0 {
		t.Fatalf("%s was %s and is %s", is.ID, was.State, is.State)
	}
	if is.State == checks.Overridden && is.Observed {
		t.Fatalf("%s is only shown and overridden", is.ID)
	}
	if is.State == checks.Overridden && len(is.Parts) == 0 && was.State != checks.Overridden {
		if is.Unknown || is.Until.IsZero() || !strings.HasPrefix(is.Summary, "Let pass by ") || len(is.Evidence) == 0 || is.Evidence[len(is.Evidence)-1].Kind != "comment" {
			t.Fatalf("%s says too little: %s", is.ID, encode(is))
		}
	}
	for _, pair := range pairs(was.Parts, is.Parts) {
		onlyOverridden(t, pair[0], pair[1])
	}
}

// TestLawNoCommandHelpsThatDoesNotCount takes an override that counts, spoils it in one
// way, and finds that it is as if it had not been spoken.
func TestLawNoCommandHelpsThatDoesNotCount(t *testing.T) {
	helped := 0
	untilTried(t, &helped, func(t *rapid.T) { helped += spoilt(t) })
	if helped == 0 {
		t.Error("no override ever helped, so the law was not tried")
	}
}

func spoilt(t *rapid.T) int {
	d := drawPolicy(t)
	p := policy(t, text(d.signOffs, d.codeowners, d.extra)+pick(t, []string{
		"override: {role: qa}\n", "override: {role: qa, second: {role: reviewer, for: [security/secrets]}, break_glass: {role: qa}}\n",
	}, "override"))
	pull := snapshot(t)
	// bob holds the role, and has not worked on the change.
	pull.People["bob"] = checks.Person{Login: "bob", Permission: "write"}
	pull.Teams["acme/qa"] = checks.Team{Name: "acme/qa", Found: true, Members: []string{"bob", "alice"}}
	pull.Author = checks.Actor{Login: "alice"}
	pull.Commits = []checks.Commit{{SHA: pull.Head.SHA, Author: checks.Signature{Login: "alice"}, Committer: checks.Signature{Login: "alice"}}}
	pull.CommitCount, pull.Memory.Heads, pull.Draft, pull.Siblings = 1, nil, false, nil
	pull.Comments = slices.DeleteFunc(pull.Comments, func(c checks.Comment) bool { return strings.EqualFold(c.Author.Login, "bob") })
	id := pick(t, overriddenIDs[:10], "id")
	c := checks.Comment{ID: 3000, Author: checks.Actor{Login: "bob", ID: 98}, Body: "/override " + id + " the shop is down", Created: pull.At.Add(-time.Hour)}
	seen := checks.Seen{Text: c.Body, Head: pull.Head.SHA, Base: "main"}
	before := checks.Judge(p, pull)
	with := func(c checks.Comment, seen checks.Seen, change func(*checks.Pull)) checks.Verdict {
		q := roundTrip(t, pull)
		q.Comments = append(q.Comments, c)
		q.Memory.Seen[fmt.Sprint("comment/", c.ID)] = seen
		change(&q)
		return checks.Judge(p, q)
	}
	keep := func(*checks.Pull) {}
	good := with(c, seen, keep)
	bad, badSeen, change := c, seen, keep
	switch rapid.IntRange(0, 11).Draw(t, "spoilt by") {
	case 0:
		bad.Author = checks.Actor{Login: "dave", ID: 97} // outside of the role
	case 1:
		bad.Author = checks.Actor{Login: "alice"} // who wrote it, and holds the role
	case 2:
		bad.Author = checks.Actor{Login: "bob", Bot: true}
	case 3:
		bad.Created = pull.At.Add(-24 * time.Hour)
	case 4:
		badSeen.Head = "e5e5e5e5e5"
	case 5:
		badSeen.Head = ""
	case 6:
		bad.Edited = pull.At
	case 7:
		badSeen.Edited = true
	case 8:
		bad.Body = "/override " + id + "x the shop is down"
	case 9:
		bad.Body = "/override " + id
	case 10:
		bad.Ours = true
	case 11:
		change = func(q *checks.Pull) {
			q.Comments = append(q.Comments, checks.Comment{ID: 3001, Author: c.Author, Body: "/revoke " + id, Created: c.Created})
		}
	}
	if bad.Body != c.Body {
		badSeen.Text = bad.Body
	}
	if v := with(bad, badSeen, change); states(v) != states(before) {
		t.Fatalf("%s makes\n%s of\n%s", encode(bad), states(v), states(before))
	}
	if good.State > before.State || states(good) != states(before) {
		return 1
	}
	return 0
}

// states is what a verdict comes to in all its parts.
func states(v checks.Verdict) string {
	var b strings.Builder
	var walk func([]checks.Result)
	walk = func(results []checks.Result) {
		for _, r := range results {
			fmt.Fprintf(&b, "%s %s; ", r.ID, r.State)
			walk(r.Parts)
		}
	}
	fmt.Fprintf(&b, "%s: ", v.State)
	walk(v.Results)
	return b.String()
}

// TestLawARepositoryOverridesNothingOfTheFloor: whatever a repository lets whom
// override, what the floor asks for comes to the same.
func TestLawARepositoryOverridesNothingOfTheFloor(t *testing.T) {
	overridden := 0
	untilTried(t, &overridden, func(t *rapid.T) { overridden += besideFloor(t) })
	if overridden == 0 {
		t.Error("nothing was ever overridden beside a floor, so the law was not tried")
	}
}

func besideFloor(t *rapid.T) int {
	own, floor := drawPolicy(t), drawPolicy(t)
	base := checks.Source{Repo: "acme/.github", Path: checks.FloorPath, Floor: true, Text: text(floor.signOffs, floor.codeowners, floor.extra)}
	if rapid.IntRange(0, 3).Draw(t, "default floor") == 0 {
		base.Text = "version: 1\n"
	}
	mine := text(own.signOffs, own.codeowners, own.extra)
	if rapid.IntRange(0, 3).Draw(t, "default policy") == 0 {
		mine = "version: 1\n"
	}
	pull := orders(t, snapshot(t))
	with := func(section string) checks.Verdict {
		return checks.Judge(config.Policy([]checks.Source{{Repo: "acme/shop", Path: checks.PolicyPath, Text: mine + section}, base}, config.Defaults{}), pull)
	}
	section := pick(t, overridings[2:], "override")
	if mine == "version: 1\n" {
		section = "override: {role: reviewer, self: true, second: {for: []}, break_glass: {role: reviewer, self: true}}\n"
	}
	v := with(section)
	alone := checks.Judge(config.Policy([]checks.Source{base}, config.Defaults{}), pull)
	if v.State.Passes() && !alone.State.Passes() {
		t.Fatalf("the floor alone is %s\nwith\n%s%s it is %s", states(alone), mine, section, states(v))
	}
	if strings.Contains(states(v), "overridden") {
		return 1
	}
	return 0
}

// FuzzOverrides lets Go's fuzzer look for what breaks a law of overrides.
func FuzzOverrides(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		switch rapid.IntRange(0, 2).Draw(t, "law") {
		case 0:
			lawful(t)
		case 1:
			spoilt(t)
		default:
			besideFloor(t)
		}
	}))
}

// roundTrip is a snapshot as the record gives it back.
func roundTrip(t *rapid.T, pull checks.Pull) (again checks.Pull) {
	if err := json.Unmarshal([]byte(encode(pull)), &again); err != nil {
		t.Fatal(err)
	}
	if again.Memory.Seen == nil {
		again.Memory.Seen = map[string]checks.Seen{}
	}
	return again
}
