package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

// Random policies and snapshots are drawn from the settings and the snapshot's
// own types, so that whatever is added to those is in them.

func oneIn(t *rapid.T, n int, label string) bool { return rapid.IntRange(1, n).Draw(t, label) == 1 }

func pickOf[T any](t *rapid.T, from []T, label string) T {
	return rapid.SampledFrom(from).Draw(t, label)
}

var roleTexts = []string{
	"{team: acme/qa}", "{users: [bob, carol]}", "{}", "{permission: read}", "{permission: admin}", "{users: [ann, mallory], permission: read}",
	`{team: acme/qa, users: [ann], say: ["+1", "QA +1"], github_review: false}`, `{team: acme/none}`, `{say: ["/.*1/"], distinct: true}`,
}

// drawPolicy is a policy text, most often a valid one.
func drawPolicy(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("version: 1\n")
	if oneIn(t, 12, "mode") {
		b.WriteString("mode: observe\n")
	}
	if oneIn(t, 8, "runs") {
		b.WriteString("check_runs: " + pickOf(t, runKinds, "check_runs") + "\n")
	}
	roles := "roles:\n"
	for _, name := range []string{"qa", "lead", "security", "platform"} {
		roles += "  " + name + ": " + pickOf(t, roleTexts, name) + "\n"
	}
	if oneIn(t, 6, "reviewer") {
		roles += "  reviewer: " + pickOf(t, roleTexts, "reviewer") + "\n"
	}
	b.WriteString(roles)
	for _, name := range append(sectionNames(), "override", "release") {
		if !oneIn(t, 3, name) {
			continue
		}
		for range 4 {
			section := name + ": " + drawSection(t, name) + "\n"
			if oneIn(t, 60, "anyway") || !parse("x", "version: 1\n"+roles+section).invalid() {
				b.WriteString(section)
				break
			}
		}
	}
	return b.String()
}

func drawSection(t *rapid.T, name string) string {
	if name == "override" && oneIn(t, 2, "generous") {
		role := pickOf(t, []string{"reviewer", "lead", "qa"}, "role")
		return "{role: " + role + ", self: true, second: {for: []}, break_glass: {role: " + role + ", self: true}}"
	}
	if name == "override" {
		return drawStruct(t, reflect.TypeFor[checks.Override](), "")
	}
	extra := ""
	if oneIn(t, 8, "section mode") {
		extra = "mode: " + pickOf(t, modes, "section mode")
	}
	if name == "release" {
		return drawStruct(t, reflect.TypeFor[checks.ReleaseRules](), extra)
	}
	var controls []string
	for _, e := range checks.All {
		typ := reflect.TypeOf(e.New()).Elem()
		if e.Name == name {
			return drawStruct(t, typ, extra)
		}
		if key, ok := strings.CutPrefix(e.Name, name+"/"); ok && oneIn(t, 4, key) {
			controls = append(controls, key+": "+drawControl(t, typ))
		}
	}
	if extra != "" {
		controls = append(controls, extra)
	}
	return "{" + strings.Join(controls, ", ") + "}"
}

func drawControl(t *rapid.T, typ reflect.Type) string {
	if list, ok := listOf(reflect.New(typ).Elem()); ok {
		return drawValue(t, "", list.Type(), tightening{})
	}
	switch rapid.IntRange(0, 5).Draw(t, "control") {
	case 0:
		return "true"
	case 1:
		return "false"
	}
	return drawStruct(t, typ, "")
}

// needed are keys without which a setting is mostly a mistake.
var needed = []string{"role", "name", "finding", "reason", "until", "workflow", "keys", "max", "files", "id"}

func drawStruct(t *rapid.T, typ reflect.Type, extra string) string {
	var parts []string
	for _, f := range fieldsOf(reflect.New(typ).Elem()) {
		if oneIn(t, 3, f.key) || slices.Contains(needed, f.key) && !oneIn(t, 5, f.key) {
			parts = append(parts, f.key+": "+drawValue(t, f.key, f.value.Type(), tighteningOf(f.tighten)))
		}
	}
	if extra != "" {
		parts = append(parts, extra)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// written are texts of which each type that reads itself finds some that it takes.
var written = []string{
	"a.go", "docs/**", "**/*.go", "deploy/k8s.yml", "**", `ABC-\d+`, "^feat", "QA +1", "+1", "80%", "0%", "100%", "50%", "60m", "24h", "7d",
	"2026-03-20T00:00:00Z", "2026-08-01T00:00:00Z", "read", "write", "admin", "skipped", "neutral", "merge", "head", "block", "review", "off", "high", "low", "medium", "none", "warn",
	"hit", "miss", "content", "never", "allow", "approved", "accept", "refuse", "dependencies", "code_scanning", "secret_scanning", "1Gi", "512Mi", "3", "100m",
	"memory", "resources.*", "patch", "minor", "major", "conventional", "main", "build", "any", "all",
	"tagger", "strict", "asked", "approved", "show", "release", "upload",
}

// plainTexts are for settings that are just texts, by key.
var plainTexts = map[string][]string{
	"name": {"Code review", "QA", "build", "lint"}, "users": {"bob", "carol", "mallory"}, "authors": {"ann", "bob", "dependabot[bot]"},
	"labels": {"hold", "qa"}, "forbid": {"hold", "stop"}, "headings": {"Why", "Test"}, "types": {"feat", "fix"}, "workflow": {"ci.yml", ".github/workflows/scan.yml"},
	"app": {"ci", "5"}, "tools": {"gosec"}, "finding": {"s-aaaaaaaaaaaa"}, "rule": {"npm-token"}, "environment": {"production", "staging"}, "baseline": {"v1.0.0", "v0.9.0"}, "url": {"https://x.example/{key}"},
}

func drawValue(t *rapid.T, key string, typ reflect.Type, rule tightening) string {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	v := reflect.New(typ)
	if u, ok := v.Interface().(encoding.TextUnmarshaler); ok && (typ.Kind() != reflect.Struct || len(fieldsOf(v.Elem())) == 0 || oneIn(t, 4, "short")) {
		from := slices.DeleteFunc(append(slices.Clone(rule.words), written...), func(s string) bool { return u.UnmarshalText([]byte(s)) != nil })
		if len(from) == 0 {
			return `"x"`
		}
		return strconv.Quote(pickOf(t, from, key))
	}
	switch typ.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(rapid.Bool().Draw(t, key))
	case reflect.Int:
		return strconv.Itoa(pickOf(t, []int{0, 1, 1, 2, 3, 100}, key))
	case reflect.Slice:
		var items []string
		for range rapid.IntRange(0, 2).Draw(t, key) {
			items = append(items, drawValue(t, key, typ.Elem(), rule))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflect.Struct:
		return drawStruct(t, typ, "")
	case reflect.Map:
		return "{tag: '{tag}', x: " + drawValue(t, key, typ.Elem(), rule) + "}"
	}
	if typ == roleType {
		return pickOf(t, []string{"qa", "lead", "security", "reviewer", "platform"}, key)
	}
	if from := plainTexts[key]; from != nil {
		return strconv.Quote(pickOf(t, from, key))
	}
	return strconv.Quote(pickOf(t, []string{"x", "build", "hold", "Why", "acme/shop", "docs"}, key))
}

var at = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// smooth is a pull request by which most policies are met: everybody has approved
// it, and everything that may be asked is answered well.
func smooth(policies ...checks.Policy) checks.Pull {
	p := checks.Pull{
		At: at, Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop", DefaultBranch: "main"}, Number: 7, Open: true, CreatedAt: at.Add(-48 * time.Hour),
		Title: "feat: ABC-1 x", Body: "# Why\nbecause\n# Test\nyes", Author: checks.Actor{Login: "ann", ID: 11}, AppID: 99,
		Head: checks.Ref{Name: "topic", SHA: "c1", RepoID: 1}, Base: checks.Ref{Name: "main", SHA: "b", RepoID: 1},
		Commits: []checks.Commit{{SHA: "c1", Message: "feat: x\n\nSigned-off-by: Ann <ann@acme.example>", Verified: true, Parents: []string{"b"},
			Author: checks.Signature{Login: "ann", Name: "Ann", Email: "ann@acme.example"}, Committer: checks.Signature{Login: "ann", Name: "Ann", Email: "ann@acme.example"}}},
		CommitCount: 1, AccountsRead: true, Lines: 5, FilesRead: true, FileCount: 1,
		Files:   []checks.File{{Path: "a.go", Status: "modified", SHA: "f1", Mode: "100644", Additions: 5, LinesKnown: true}},
		Closing: []checks.Issue{{Number: 3, Repo: "acme/shop", Title: "Bug", Open: true}}, ThreadsRead: true, Behind: &checks.Behind{Base: "b", Head: "c1", Known: true},
		People: map[string]checks.Person{}, Teams: map[string]checks.Team{"acme/none": {Name: "acme/none"}, "acme/qa": {Name: "acme/qa", Found: true, Members: []string{"bob", "carol", "dave"}}},
		Memory: checks.Memory{Heads: []checks.Head{{SHA: "c1", Since: at.Add(-3 * time.Hour)}}, Seen: map[string]checks.Seen{}},
	}
	for i, login := range []string{"bob", "carol", "dave", "erin"} {
		p.People[login] = checks.Person{Login: login, Permission: "admin"}
		p.Reviews = append(p.Reviews, checks.Review{ID: int64(i + 1), Author: checks.Actor{Login: login, ID: int64(20 + i)}, State: "APPROVED", Commit: "c1", Submitted: at.Add(-time.Hour)})
	}
	p.People["ann"] = checks.Person{Login: "ann", Permission: "write"}
	p.People["mallory"] = checks.Person{Login: "mallory", Permission: "read"}
	for i, name := range []string{"build", "lint", "Code review", "QA", "x"} {
		p.Runs = append(p.Runs, checks.Run{DatabaseID: int64(i + 1), Name: name, AppID: 5, App: "ci", Status: "completed", Conclusion: "success"})
	}
	for _, policy := range policies {
		answer(&p, policy.Need())
	}
	return p
}

// answer gives a snapshot the best answers to what is asked by key.
func answer(p *checks.Pull, need checks.Need) {
	gathered := func(workflow string) checks.Gathering {
		run := checks.WorkflowRun{ID: 5, Path: workflow, SHA: "c1", HeadRepo: 1, Status: "completed", Conclusion: "success"}
		scan := checks.WorkflowRun{ID: 6, Path: ".github/workflows/scan.yml", SHA: "c1", HeadRepo: 1, Status: "completed", Conclusion: "success"}
		return checks.Gathering{Runs: []checks.WorkflowRun{run, scan}, Read: true, Tested: "c1", Resolved: 1,
			Reports: []checks.Report{{Run: 5, Artifact: 6, Name: "coverage", Files: 1}, {Run: 6, Artifact: 7, Name: "sarif", Files: 1}}}
	}
	p.Coverage, p.Scans, p.Texts, p.Values = orNew(p.Coverage), orNew(p.Scans), orNew(p.Texts), orNew(p.Values)
	for _, sel := range need.Coverage {
		p.Coverage[sel.Key()] = checks.Coverage{Gathering: gathered(".github/workflows/ci.yml"), Total: checks.Totals{All: 100, Hit: 90},
			Base:  &checks.BaseCoverage{Start: "b", Commit: "b", Total: checks.Totals{All: 100, Hit: 90}},
			Files: []checks.FileCoverage{{Path: "a.go", Measured: true, Added: 5, Hit: checks.Spans{{Start: 1, End: 5}}, AtHead: true}}}
	}
	for _, s := range need.Scans {
		scan := checks.Scan{Engine: "e1", Whole: &checks.PatchScan{Files: 1, Lines: 5}, Scanned: 1}
		if s.SARIF != nil {
			scan.SARIF = &checks.Findings{Gathering: gathered(".github/workflows/ci.yml"), Tools: []checks.ToolRun{{Tool: "gosec"}}}
		}
		for _, k := range s.Alerts {
			scan.Alerts = append(scan.Alerts, checks.Alerts{Kind: k})
		}
		p.Scans[s.Key()] = scan
	}
	for _, path := range need.Texts {
		p.Texts[path] = checks.Text{Absent: true}
	}
	for _, v := range need.Values {
		p.Values[v.Key()] = checks.Values{Engine: "e1"}
	}
}

func orNew[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

// drawPull is a smooth pull request of which some things are otherwise.
func drawPull(t *rapid.T, policies ...checks.Policy) checks.Pull {
	p := clone(smooth(policies...))
	if oneIn(t, 2, "commands") {
		for i := range rapid.IntRange(1, 3).Draw(t, "commands") {
			id := int64(100 + i)
			p.Comments = append(p.Comments, checks.Comment{ID: id, Author: checks.Actor{Login: pickOf(t, logins, "commander"), ID: 50 + id}, Body: pickOf(t, spoken, "command"), Created: at.Add(-time.Duration(i+1) * time.Minute)})
			p.Memory.Seen["comment/"+strconv.FormatInt(id, 10)] = checks.Seen{Head: "c1", Base: "main"}
		}
	}
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		change(t, reflect.ValueOf(&p).Elem(), "")
	}
	return p
}

func clone(p checks.Pull) (out checks.Pull) {
	text, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		panic(err)
	}
	return out
}

var (
	logins = []string{"ann", "bob", "carol", "dave", "erin", "mallory", "dependabot[bot]", ""}
	spoken = []string{
		"/approve qa", "/approve lead", "/approve reviewer", "+1", "QA +1", "/revoke", "/override review it must go out", "/override review/code-review late", "/override review/floor late",
		"/override review/floor/code-review late", "/override compliance urgent", "/override status red for days", "/override security false alarm", "/override coverage no tests",
		"/override policy because", "/break-glass the site is down", "/revoke break-glass", "/suppress s-aaaaaaaaaaaa made up", "security review required",
	}
	someTexts = []string{
		"", "c1", "c0", "b", "a.go", "docs/x.md", "deploy/k8s.yml", ".github/handrail.yml", "WIP", "feat: x", "hold", "qa", "APPROVED", "CHANGES_REQUESTED", "DISMISSED", "COMMENTED", "success", "failure", "skipped",
		"neutral", "completed", "in_progress", "read", "write", "none", "modified", "added", "removed", "renamed", "npm-token", "dependencies", "error", "it is cut", "main", "+1", "build", "100644", "120000",
	}
)

// change puts something else at a random place of a value.
func change(t *rapid.T, v reflect.Value, name string) {
	if moment, ok := v.Addr().Interface().(*time.Time); ok {
		*moment = pickOf(t, []time.Time{{}, at, at.Add(-time.Hour), at.Add(-200 * 24 * time.Hour), at.Add(time.Hour)}, name)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		var open []int
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "At" {
				open = append(open, i)
			}
		}
		if len(open) > 0 {
			i := pickOf(t, open, name)
			change(t, v.Field(i), v.Type().Field(i).Name)
		}
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		} else if oneIn(t, 4, name) {
			v.SetZero()
			return
		}
		change(t, v.Elem(), name)
	case reflect.Slice:
		changeList(t, v, name)
	case reflect.Map:
		changeMap(t, v, name)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(pickOf(t, []int64{0, 1, 2, 3, 50, 95, 1000}, name))
	case reflect.String:
		from := someTexts
		if name == "Login" || name == "ResolvedBy" {
			from = logins
		} else if name == "Body" {
			from = append(slices.Clone(spoken), someTexts...)
		}
		v.SetString(pickOf(t, from, name))
	}
}

func changeList(t *rapid.T, v reflect.Value, name string) {
	n := v.Len()
	if n == 0 || oneIn(t, 3, "more") {
		item := reflect.New(v.Type().Elem()).Elem()
		if n > 0 {
			item.Set(v.Index(rapid.IntRange(0, n-1).Draw(t, name)))
		}
		for range 3 {
			change(t, item, name)
		}
		v.Set(reflect.Append(v, item))
		return
	}
	i := rapid.IntRange(0, n-1).Draw(t, name)
	if oneIn(t, 2, "fewer") {
		v.Set(reflect.AppendSlice(v.Slice(0, i), v.Slice(i+1, n)))
		return
	}
	change(t, v.Index(i), name)
}

func changeMap(t *rapid.T, v reflect.Value, name string) {
	keys := v.MapKeys()
	if len(keys) == 0 {
		return
	}
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	key := pickOf(t, keys, name)
	if oneIn(t, 4, "gone") {
		v.SetMapIndex(key, reflect.Value{})
		return
	}
	item := reflect.New(v.Type().Elem()).Elem()
	item.Set(v.MapIndex(key))
	change(t, item, name)
	v.SetMapIndex(key, item)
}
