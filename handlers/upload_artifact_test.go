package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	imageName   = "ghcr.io/acme/shop"
	imageDigest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	otherDigest = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	buildFile   = ".github/workflows/image.yml"
)

// built is a post with the build of main's commit under way.
func built(t *testing.T) (*post, *sim.WorkflowRun, string) {
	r := newRig(t, sim.Options{})
	sha := r.push("alice", "main", map[string]string{"Dockerfile": "FROM scratch\n"})
	run, err := r.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: buildFile, SHA: sha, Started: true})
	if err != nil {
		t.Fatal(err)
	}
	r.settle()
	return newPost(r), run, sha
}

// receipt is what handrail says to an artifact.
type receipt struct {
	status                                int
	header                                http.Header
	Commit, Workflow, Name, Digest, Error string
	Run, Entry                            int64
	Attempt                               int
	Found                                 map[string]int
	Tools                                 []string
	Stored                                any
}

func (p *post) artifact(token, path string, query url.Values, body io.Reader) receipt {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+path+"?"+query.Encode(), body)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	a := receipt{status: resp.StatusCode, header: resp.Header}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		p.t.Errorf("an answer of status %d that is no JSON: %v", resp.StatusCode, err)
	}
	if strings.Contains(p.logged()+a.Error, token) {
		p.t.Error("the token is logged or shown")
	}
	return a
}

func (p *post) image(run *sim.WorkflowRun, digest string) receipt {
	p.t.Helper()
	return p.artifact(run.Token(audience), handlers.ArtifactsPath, url.Values{"name": {imageName}, "digest": {digest}}, nil)
}

func (p *post) scanned(run *sim.WorkflowRun, digest, report string) receipt {
	p.t.Helper()
	return p.artifact(run.Token(audience), handlers.ScansPath, url.Values{"name": {"trivy.sarif"}, "digest": {digest}}, strings.NewReader(report))
}

// sarifOf is a report of a scanner with findings of some severities.
func sarifOf(severities ...string) string {
	var results []string
	for i, s := range severities {
		results = append(results, fmt.Sprintf(`{"ruleId": "CVE-%d", "message": {"text": "a weakness"}, "properties": {"security-severity": %q}}`, i, s))
	}
	return `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Trivy"}}, "results": [` + strings.Join(results, ", ") + `]}]}`
}

// sentFor is what the record knows of artifacts at a commit.
func (p *post) sentFor(sha string) []checks.ReleaseArtifact {
	p.t.Helper()
	known, err := p.store.ReleaseKnown(p.t.Context(), checks.Subject{RepoID: p.repo.ID, Kind: checks.KindRelease, Name: "v1"}, sha, "")
	if err != nil {
		p.t.Fatal(err)
	}
	return known.Artifacts
}

func TestWhatABuildNamesIsKnownOfItsCommit(t *testing.T) {
	to, run, sha := built(t)
	got := to.image(run, imageDigest)
	entry := got.Entry
	if got.header = nil; entry == 0 || got.status != http.StatusOK {
		t.Fatalf("the answer is %+v", got)
	}
	want := receipt{status: 200, Commit: sha, Workflow: buildFile, Name: imageName, Digest: imageDigest, Run: run.ID(), Attempt: 1, Entry: entry, Stored: true}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(receipt{})); d != "" {
		t.Error(d)
	}
	again := to.image(run, imageDigest)
	if again.Stored != "already" || again.Entry != entry {
		t.Errorf("the same again: %+v", again)
	}
	found := to.scanned(run, imageDigest, sarifOf("9.1", "5", "5"))
	if found.status != http.StatusOK || found.Found["critical"] != 1 || found.Found["medium"] != 2 || strings.Join(found.Tools, "") != "Trivy" || found.Entry <= entry {
		t.Errorf("the scan: %+v", found)
	}
	sent := to.sentFor(sha)
	wanted := []checks.ReleaseArtifact{
		{Name: imageName, Digest: imageDigest, From: "upload", Run: run.ID(), Seq: entry, Workflow: buildFile},
		{Digest: imageDigest, From: "scan", Run: run.ID(), Seq: found.Entry, Workflow: buildFile, Scanned: map[string]int{"critical": 1, "medium": 2}, ScannedRead: true},
	}
	if d := cmp.Diff(wanted, sent); d != "" {
		t.Error(d)
	}
	if _, body, err := to.store.Entry(t.Context(), entry); err != nil || !bytes.Contains(body, []byte(imageDigest)) || !bytes.Contains(body, []byte(sha)) {
		t.Errorf("the log has %s, %v", body, err)
	}
	if got := strings.Join(to.outcomes, " "); got != "kept repeat kept" {
		t.Errorf("counted: %s", got)
	}
}

func TestALaterBuildsArtifactTakesTheEarliersPlace(t *testing.T) {
	to, run, sha := built(t)
	to.image(run, imageDigest)
	to.scanned(run, imageDigest, sarifOf())
	run.Finish("success")
	run.Rerun("bob")
	run.Start()
	if a := to.image(run, otherDigest); a.status != http.StatusOK || a.Attempt != 2 {
		t.Errorf("attempt 2: %+v", a)
	}
	other, err := to.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/nightly.yml", SHA: sha, Started: true})
	if err != nil {
		t.Fatal(err)
	}
	to.settle()
	to.image(other, imageDigest)
	to.scanned(other, imageDigest, sarifOf("9"))
	var got []string
	for _, a := range to.sentFor(sha) {
		got = append(got, fmt.Sprintf("%s %.9s %s %v", a.From, a.Digest, strings.TrimPrefix(a.Workflow, ".github/workflows/"), a.Scanned))
	}
	want := []string{"scan sha256:11 image.yml map[]", "scan sha256:11 nightly.yml map[critical:1]", "upload sha256:11 nightly.yml map[]", "upload sha256:22 image.yml map[]"}
	if slices.Sort(got); !slices.Equal(want, got) {
		t.Errorf("%q", got)
	}
}

func TestARunOfAPullRequestNamesNoArtifact(t *testing.T) {
	r := newRig(t, sim.Options{})
	p := r.topic()
	run := r.workflow(p)
	r.settle()
	to := newPost(r)
	for name, a := range map[string]receipt{"an artifact": to.image(run, imageDigest), "a scan": to.scanned(run, imageDigest, sarifOf())} {
		if a.status != http.StatusForbidden || !strings.Contains(a.Error, "runs of pull requests") {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if sent := to.sentFor(p.Head()); len(sent) != 0 {
		t.Errorf("kept: %+v", sent)
	}
}

func TestAnArtifactWithoutProofIsRefused(t *testing.T) {
	to, run, sha := built(t)
	used := run.Token(audience)
	named := url.Values{"name": {imageName}, "digest": {imageDigest}}
	if a := to.artifact(used, handlers.ArtifactsPath, named, nil); a.status != http.StatusOK {
		t.Fatalf("the first: %+v", a)
	}
	elsewhere := to.gh.Org("other").Repo("closed")
	elsewhere.Allow("alice", "write")
	if _, err := elsewhere.Push(sim.Push{By: "alice", Branch: "main", Files: map[string]string{"a": "a"}}); err != nil {
		t.Fatal(err)
	}
	foreign, err := elsewhere.StartWorkflow(sim.NewWorkflowRun{Workflow: buildFile, Started: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token  string
		status int
		say    string
	}{
		"no token":                 {"nonsense", http.StatusUnauthorized, "not accepted"},
		"for another server":       {run.Token("https://elsewhere.example"), http.StatusUnauthorized, "audience"},
		"one that was used":        {used, http.StatusConflict, "used"},
		"a repository without us":  {foreign.Token(audience), http.StatusNotFound, "not installed"},
		"another owner":            {run.TokenWith(audience, map[string]any{"repository_owner_id": "4711"}), http.StatusForbidden, "owner"},
		"another repository's run": {run.TokenWith(audience, map[string]any{"run_id": fmt.Sprint(foreign.ID())}), http.StatusNotFound, "no workflow run"},
		"another commit":           {run.TokenWith(audience, map[string]any{"sha": strings.Repeat("a", 40)}), http.StatusForbidden, "checked out"},
		"no commit":                {run.TokenWith(audience, map[string]any{"sha": nil}), http.StatusForbidden, "checked out"},
	} {
		for path, body := range map[string]io.Reader{handlers.ArtifactsPath: nil, handlers.ScansPath: strings.NewReader(sarifOf())} {
			if a := to.artifact(c.token, path, named, body); a.status != c.status || !strings.Contains(a.Error, c.say) || !strings.HasSuffix(a.Error, ".") {
				t.Errorf("%s, %s: %d %q, want %d and %q", name, path, a.status, a.Error, c.status, c.say)
			}
		}
	}
	if sent := to.sentFor(sha); len(sent) != 1 {
		t.Errorf("kept: %+v", sent)
	}
}

func TestAnArtifactThatIsNoneIsRefusedInWords(t *testing.T) {
	to, run, sha := built(t)
	for name, c := range map[string]struct {
		path, name, digest, body string
		status                   int
		say                      string
	}{
		"no name":          {handlers.ArtifactsPath, "", imageDigest, "", http.StatusBadRequest, "?name="},
		"a name in lines":  {handlers.ArtifactsPath, "a\nb", imageDigest, "", http.StatusBadRequest, "name"},
		"a long name":      {handlers.ArtifactsPath, strings.Repeat("n", 201), imageDigest, "", http.StatusBadRequest, "200"},
		"markup":           {handlers.ArtifactsPath, "<b>", imageDigest, "", http.StatusBadRequest, "name"},
		"no digest":        {handlers.ArtifactsPath, imageName, "", "", http.StatusBadRequest, "digest"},
		"a tag":            {handlers.ArtifactsPath, imageName, "latest", "", http.StatusBadRequest, "64"},
		"a short digest":   {handlers.ArtifactsPath, imageName, imageDigest[:70], "", http.StatusBadRequest, "64"},
		"in capitals":      {handlers.ArtifactsPath, imageName, strings.Replace(imageDigest, "1111", "AAAA", 1), "", http.StatusBadRequest, "lower case"},
		"an old algorithm": {handlers.ArtifactsPath, imageName, "md5:" + strings.Repeat("1", 32), "", http.StatusBadRequest, "sha256"},
		"a nameless scan":  {handlers.ScansPath, "", imageDigest, sarifOf(), http.StatusBadRequest, "name"},
		"a scan of a tag":  {handlers.ScansPath, "x.sarif", "latest", sarifOf(), http.StatusBadRequest, "digest"},
		"no report":        {handlers.ScansPath, "x.sarif", imageDigest, "", http.StatusUnprocessableEntity, "empty"},
		"no SARIF":         {handlers.ScansPath, "x.json", imageDigest, "{}", http.StatusUnprocessableEntity, "the scanner wrote"},
		"a failed scan":    {handlers.ScansPath, "x.sarif", imageDigest, strings.Replace(sarifOf(), `"results"`, `"invocations": [{"executionSuccessful": false}], "results"`, 1), http.StatusUnprocessableEntity, "failed"},
	} {
		a := to.artifact(run.Token(audience), c.path, url.Values{"name": {c.name}, "digest": {c.digest}}, strings.NewReader(c.body))
		if a.status != c.status || !strings.Contains(a.Error, c.say) {
			t.Errorf("%s: %d %q, want %d and %q", name, a.status, a.Error, c.status, c.say)
		}
	}
	if sent := to.sentFor(sha); len(sent) != 0 {
		t.Errorf("kept: %+v", sent)
	}
}

func TestWhenGitHubCannotBeAskedTheArtifactMayBeSentAgain(t *testing.T) {
	for _, status := range []int{500, 502, 429} {
		to, run, sha := built(t)
		heal := to.gh.Fail(sim.Fault{Do: []sim.Failure{sim.Status(status)}, When: func(q sim.Request) bool { return strings.Contains(q.Path, "/actions/runs/") }})
		a := to.image(run, imageDigest)
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || len(to.sentFor(sha)) != 0 {
			t.Errorf("%d: %+v", status, a)
		}
		heal()
		if a := to.image(run, imageDigest); a.status != http.StatusOK && status != 429 { // which is waited for
			t.Errorf("afterwards: %+v", a)
		}
	}
}

func TestARunSendsOnlySoManyArtifacts(t *testing.T) {
	to, run, sha := built(t)
	for i := range store.UploadsTaken {
		if a := to.image(run, fmt.Sprintf("sha256:%064x", i)); a.status != http.StatusOK {
			t.Fatalf("%d: %+v", i, a)
		}
	}
	if a := to.scanned(run, imageDigest, sarifOf()); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.Error, "at most 100") {
		t.Errorf("one more: %+v", a)
	}
	if a := to.image(run, fmt.Sprintf("sha256:%064x", 7)); a.Stored != "already" {
		t.Errorf("one that is there: %+v", a)
	}
	if sent := to.sentFor(sha); len(sent) != 1 || sent[0].Digest != fmt.Sprintf("sha256:%064x", store.UploadsTaken-1) {
		t.Errorf("the newest is %+v", sent)
	}
}
