package handlers

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// callNeeds is the permission that each call to GitHub needs, by the hub's name
// of the operation ("Permissions required for GitHub Apps"; GraphQL needs what
// the same objects need over REST).
var callNeeds = map[string][]string{
	"mint":     nil, // made with the App's key
	"verdict":  {"metadata: read", "contents: read", "pull_requests: read", "issues: read", "checks: read", "statuses: read", "members: read"},
	"more":     {"pull_requests: read", "issues: read", "checks: read", "statuses: read"},
	"glimpse":  {"pull_requests: read", "checks: read"},
	"now":      {"pull_requests: read"},
	"open":     {"contents: read", "pull_requests: read", "checks: read", "statuses: read"},
	"people":   {"metadata: read", "members: read"},
	"proposed": {"contents: read"},
	"modes":    {"contents: read"},
	"publish":  {"checks: write", "pull_requests: write"},
	"label":    {"metadata: read", "pull_requests: write"},

	"runs":      {"actions: read"},
	"artifacts": {"actions: read"},
	"download":  {"actions: read"},
	"tree":      {"contents: read"},
	"blob":      {"contents: read"},
	"compare":   {"contents: read"},
	"history":   {"contents: read"},
	"branch":    {"contents: read"},
	"line":      {"contents: read", "pull_requests: read"},
	"refs":      {"contents: read"},
	"oidc":      nil, // public

	"texts":      {"contents: read"},
	"behind":     {"contents: read"},
	"threads":    {"pull_requests: read"},
	"accounts":   {"pull_requests: read"},
	"references": {"issues: read", "pull_requests: read"},
	"group":      {"merge_queues: read", "contents: read", "checks: read", "pull_requests: read"},
	"groups":     {"contents: read"},

	"files":        {"pull_requests: read"},
	"pull-patch":   {"pull_requests: read"},
	"commit-patch": {"contents: read"},

	"alerts code-scanning":   {"security_events: read", "contents: read"},
	"alerts dependencies":    {"contents: read"},
	"alerts secret-scanning": {"secret_scanning_alerts: read"},

	"release":           {"contents: read", "checks: read", "statuses: read", "issues: read"},
	"more of a release": {"contents: read", "checks: read", "statuses: read", "issues: read"},
	"release page":      {"contents: read"},
	"release now":       {"contents: read"},
	"release glances":   {"contents: read"},
	"published":         {"contents: read"},
	"range":             {"contents: read"},
	"range pulls":       {"contents: read", "pull_requests: read"},
	"our issues":        {"issues: read"},
	"gates":             {"actions: read"},
	"deployments":       nil, // see releaseNeeds
	"attestations":      nil,
	"answer gate":       nil,
	"publish release":   nil,
	"start workflow":    nil,
	"whose token":       nil, // a person's own
	"deliveries":        nil, // asked with the App's key
	"redeliver":         nil,
}

// releaseNeeds is what calls need besides, where releases are published, talked about
// and let into environments: deploy/app-releases.yml asks for that, and app.yml does not.
var releaseNeeds = map[string][]string{
	"deployments":     {"deployments: read"},
	"attestations":    {"attestations: read"},
	"answer gate":     {"deployments: write"},
	"release page":    {"contents: write"}, // to see drafts
	"publish release": {"contents: write"},
	"publish":         {"issues: write"},
	"start workflow":  {"actions: write"},
}

// optional are permissions that an organisation may grant besides: without them
// less is known, and said so. The manifest explains each and asks for none.
var optional = []string{"administration", "security_events", "secret_scanning_alerts"}

// variant is one of the two manifests.
type variant struct {
	file     string
	releases bool // it asks for what releases need
}

var variants = []variant{{"app.yml", false}, {"deploy/app-releases.yml", true}}

// optional are those that the manifest explains and does not ask for.
func (v variant) optional() []string {
	if v.releases {
		return optional
	}
	return append([]string{"deployments"}, optional...)
}

// standing are permissions that are needed though no call uses them.
var standing = []string{
	"statuses: write", // to be selectable as the source of a required check
}

type manifest struct {
	Name        string            `yaml:"name"`
	Description string            `yaml:"description"`
	URL         string            `yaml:"url"`
	Hook        map[string]any    `yaml:"hook_attributes"`
	Public      bool              `yaml:"public"`
	Permissions map[string]string `yaml:"default_permissions"`
	Events      []string          `yaml:"default_events"`
}

func (v variant) read(t *testing.T) (m manifest, text string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root(t), v.file))
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(strings.NewReader(string(raw)))
	dec.KnownFields(true)
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m, string(raw)
}

func TestTheAppIsToldOfEveryEventThatTouchesSomethingAndOfNoOther(t *testing.T) {
	for _, v := range variants {
		v.heeds(t)
	}
}

func (v variant) heeds(t *testing.T) {
	m, text := v.read(t)
	want := []string{}
	for name, r := range rules() {
		switch {
		case r.read == nil || r.needs == "":
		case m.Permissions[r.needs] == "":
			// Heeded only where somebody granted more; the manifest must say so.
			if !slices.Contains(v.optional(), r.needs) || !strings.Contains(text, name) {
				t.Errorf("%s touches something and needs %s, which %s neither asks for nor explains", name, r.needs, v.file)
			}
		default:
			want = append(want, name)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(m.Events))); diff != "" {
		t.Errorf("%s subscribes to other events than those that touch (-code +%s):\n%s", v.file, v.file, diff)
	}
}

func TestTheAppAsksForNoPermissionThatTheCodeDoesNotUse(t *testing.T) {
	for _, v := range variants {
		v.asks(t)
	}
}

func (v variant) asks(t *testing.T) {
	m, text := v.read(t)
	needs := slices.Clone(standing)
	for _, list := range callNeeds {
		needs = append(needs, list...)
	}
	for _, list := range releaseNeeds {
		if v.releases {
			needs = append(needs, list...)
		}
	}
	for _, name := range m.Events {
		needs = append(needs, rules()[name].needs+": read")
	}
	want := map[string]string{}
	for _, n := range needs {
		name, level, _ := strings.Cut(n, ": ")
		if slices.Contains(optional, name) {
			if !strings.Contains(text, "# "+n) {
				t.Errorf("%s does not explain %s, which an organisation may grant", v.file, n)
			}
			continue
		}
		if want[name] != "write" {
			want[name] = level
		}
	}
	if diff := cmp.Diff(want, m.Permissions); diff != "" {
		t.Errorf("%s asks for other permissions than the code uses (-code +%s):\n%s", v.file, v.file, diff)
	}
}

func TestEveryCallToGitHubSaysWhichPermissionItNeeds(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root(t), "internal", "hub", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no hub: %v", err)
	}
	named := regexp.MustCompile(`(?:\bop[A-Z]\w* += |Operation\{\w+, )"([a-z -]+)"`)
	found := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, hit := range named.FindAllStringSubmatch(string(raw), -1) {
			found[hit[1]] = true
		}
	}
	got, want := slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(callNeeds))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations of the hub (-table +hub):\n%s", diff)
	}
	for name := range releaseNeeds {
		if !found[name] {
			t.Errorf("the hub has no operation %q", name)
		}
	}
}

// What one manifest asks for beyond the other is said in the other, with what is lost
// without it.
func TestThePlainManifestSaysWhatReleasesNeed(t *testing.T) {
	plain, text := variants[0].read(t)
	full, _ := variants[1].read(t)
	for name, level := range full.Permissions {
		if plain.Permissions[name] != level && !strings.Contains(text, "# "+name+": "+level) {
			t.Errorf("app.yml does not say that releases need %s: %s", name, level)
		}
	}
	for name, level := range plain.Permissions {
		if full.Permissions[name] != level && full.Permissions[name] != "write" {
			t.Errorf("deploy/app-releases.yml lacks %s: %s", name, level)
		}
	}
}

func TestTheManifestNeedsOnlyNewURLs(t *testing.T) {
	for _, v := range variants {
		v.isWhole(t)
	}
}

func (v variant) isWhole(t *testing.T) {
	m, _ := v.read(t)
	if m.Name != "handrail" || m.Description == "" || m.Public || !strings.HasPrefix(m.URL, "https://handrail.example.com") ||
		m.Hook["url"] != m.URL+"/api/github/hook" || m.Hook["active"] != true {
		t.Errorf("%s says %+v", v.file, m)
	}
}

// The descriptions name a permission as a settings page does; the manifest has
// its own words for them.
func TestEachEventsPermissionIsTheOneGitHubAsksFor(t *testing.T) {
	words := map[string]string{
		"Pull requests": "pull_requests", "Issues": "issues", "Metadata": "metadata", "Checks": "checks", "Actions": "actions",
		"Commit statuses": "statuses", "Merge queues": "merge_queues", "Contents": "contents", "Administration": "administration", "Members": "members",
		"Code scanning alerts": "security_events", "Secret scanning alerts": "secret_scanning_alerts", "Deployments": "deployments",
	}
	asked := regexp.MustCompile(`at least read-level access for the\s+"([^"]+)"`)
	for name, summary := range publishedEvents(t) {
		r := rules()[name]
		hit := asked.FindStringSubmatch(summary)
		if r.read == nil || hit == nil {
			continue
		}
		if words[hit[1]] != r.needs {
			t.Errorf("%s needs %q, not %q", name, hit[1], r.needs)
		}
	}
}

func TestNoEventThatGitHubPublishesIsMissingFromTheTable(t *testing.T) {
	got := slices.Sorted(maps.Keys(rules()))
	want := slices.Sorted(maps.Keys(publishedEvents(t)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-published +table):\n%s", diff)
	}
	for _, name := range untouching() {
		if rules()[name].read != nil {
			t.Errorf("%s both touches and does not", name)
		}
	}
}

// publishedEvents are the summaries of all events that GitHub's descriptions
// have, of github.com, Enterprise Cloud and Server, by name. The descriptions
// write some names with hyphens that the header has with underscores.
func publishedEvents(t *testing.T) map[string]string {
	t.Helper()
	dir := filepath.Join(root(t), ".tools", "node_modules", "@octokit", "openapi-webhooks", "generated")
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("GitHub's webhook descriptions are missing: run make tools")
	}
	out := map[string]string{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Webhooks map[string]struct {
				Post struct {
					Summary string `json:"summary"`
					GitHub  struct {
						Subcategory string `json:"subcategory"`
					} `json:"x-github"`
				} `json:"post"`
			} `json:"webhooks"`
		}
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		for _, w := range doc.Webhooks {
			name := strings.ReplaceAll(w.Post.GitHub.Subcategory, "-", "_")
			if out[name] == "" || strings.HasPrefix(filepath.Base(f), "api.") {
				out[name] = w.Post.Summary
			}
		}
	}
	return out
}

// root is the directory of go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above")
		}
		dir = up
	}
}
