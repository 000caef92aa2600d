package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/sim"
)

const uploadPolicy = `version: 1
review: {mode: observe}
coverage:
  patch: {min: 80%}
  reports: [{workflow: .github/workflows/ci.yml}]
`

// job is a job of GitHub Actions for a pull request, beside a handrail that
// serves.
type job struct {
	t      *testing.T
	github *sim.GitHub
	server *server
	pull   *sim.Pull
	run    *sim.WorkflowRun
	dir    string // its working copy
	as     string // what tells its reports from those of other jobs
	out    bytes.Buffer
}

func newJob(t *testing.T) *job {
	j := &job{t: t, github: sim.New(sim.Options{}), dir: t.TempDir()}
	_, stop, err := j.github.Start()
	j.must(err)
	t.Cleanup(stop)
	org := j.github.Org("acme")
	org.AddMember("alice")
	repo := org.Repo("shop")
	repo.Allow("alice", "write")
	_, err = repo.Push(sim.Push{By: "alice", Branch: "main", Message: "Begin", Files: map[string]string{checks.PolicyPath: uploadPolicy, "shop/checkout.go": "package shop\n"}})
	j.must(err)
	org.Install()
	address, app := freeAddress(t), j.github.App()
	set, err := config.Load("", []string{
		"GITHUB_WEB_URL=" + j.github.URL(), "GITHUB_APP_INTEGRATION_ID=" + strconv.FormatInt(app.ID, 10), "GITHUB_APP_WEBHOOK_SECRET=" + app.Secret,
		"GITHUB_APP_PRIVATE_KEY=" + string(app.PrivateKey()), "HANDRAIL_ADDRESS=" + address, "HANDRAIL_PUBLIC_URL=http://" + address,
		"HANDRAIL_DATABASE=" + filepath.Join(t.TempDir(), "handrail.db"),
	}, os.ReadFile)
	j.must(err)
	j.server, err = startServer(t.Context(), set)
	j.must(err)
	t.Cleanup(j.server.close)
	j.github.SetHook(j.server.URL() + hookPath)
	_, err = repo.Push(sim.Push{By: "alice", Branch: "topic", Message: "Work", Files: map[string]string{"shop/checkout.go": checkoutV1}})
	j.must(err)
	j.pull, err = repo.OpenPull(sim.NewPull{By: "alice", Title: "feat: basket", Head: "topic"})
	j.must(err)
	j.run, err = repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/ci.yml", Pull: j.pull, Started: true})
	j.must(err)
	j.must(j.github.Settle(t.Context())) // handrail knows the repository by its events
	return j
}

func (j *job) must(err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatal(err)
	}
}

// write puts a report into the working copy.
func (j *job) write(name string, text []byte) string {
	j.t.Helper()
	path := filepath.Join(j.dir, name)
	j.must(os.MkdirAll(filepath.Dir(path), 0o755))
	j.must(os.WriteFile(path, text, 0o600))
	return path
}

// env is what the job has in its environment.
func (j *job) env() []string {
	url, bearer := j.run.TokenRequest()
	return []string{tokenURL + "=" + url, tokenBearer + "=" + bearer, "HANDRAIL_PUBLIC_URL=" + j.server.URL()}
}

// upload sends files as the job; what it prints is in out.
func (j *job) upload(server string, patience time.Duration, files ...string) error {
	env := func(name string) string {
		for _, e := range j.env() {
			if value, ok := strings.CutPrefix(e, name+"="); ok {
				return value
			}
		}
		return ""
	}
	u := uploader{out: &j.out, env: env, client: &http.Client{Timeout: 10 * time.Second}, patience: patience, as: j.as}
	return u.run(j.t.Context(), server, files)
}

// shows waits until "Merge Requirements" says something.
func (j *job) shows(text string) {
	j.t.Helper()
	var run sim.Run
	err := poll("the pull request does not show "+text, func() bool {
		run, _ = j.pull.Run(checks.RunMerge)
		return strings.Contains(run.Title+readable(run.Summary), text)
	})
	if err != nil {
		j.t.Fatalf("%v but %s\n%s", err, run.Title, run.Summary)
	}
}

func TestAReportThatAJobSendsIsJudged(t *testing.T) {
	j := newJob(t)
	report := j.write("coverage.out", profile(false))
	j.must(j.upload("", time.Second, report))
	if want := "taken for commit " + j.pull.Head()[:7]; !strings.Contains(j.out.String(), want) || !strings.Contains(j.out.String(), "1 source file") {
		t.Errorf("printed\n%swithout %q", &j.out, want)
	}
	// The same again is no other report, whatever token comes with it.
	j.must(j.upload(j.server.URL()+"/", time.Second, report))
	if !strings.Contains(j.out.String(), "as it was already") {
		t.Errorf("a repeated report is not known:\n%s", &j.out)
	}
	j.run.Finish("success")
	j.shows("66.66 % of the 6 added lines")
}

func TestAReportIsFoundByItsUsualName(t *testing.T) {
	j := newJob(t)
	j.write("build/cover.out", profile(true))
	j.write("fixtures/lcov.info", []byte("SF:a.js\nDA:1,0\nend_of_record\n"))
	j.write("node_modules/x/lcov.info", []byte("SF:a.js\nDA:1,0\nend_of_record\n"))
	t.Chdir(j.dir)
	j.must(j.upload("", time.Second))
	if out := j.out.String(); !strings.Contains(out, "build/cover.out: taken") || strings.Contains(out, "node_modules") || strings.Contains(out, "fixtures") {
		t.Errorf("printed\n%s", out)
	}
}

// What cannot succeed is said before anything is sent, and is no reason to wait.
func TestAnUploadThatCannotSucceedIsSaidAtOnce(t *testing.T) {
	j := newJob(t)
	good := j.write("coverage.out", profile(true))
	for name, c := range map[string]struct {
		server string
		files  []string
		no     bool // it is refused, as opposed to not possible
		says   string
	}{
		"no report":       {files: []string{j.write("page.html", []byte("<html></html>"))}, no: true, says: "page.html"},
		"malformed":       {files: []string{j.write("bad.out", []byte("mode: set\nx.go:1.1,2.2 one 1\n"))}, no: true, says: "line 2"},
		"not there":       {files: []string{filepath.Join(j.dir, "nowhere.out")}, says: "nowhere.out"},
		"a directory":     {files: []string{j.dir}, says: "is a directory"},
		"no address":      {server: "handrail.example.com", files: []string{good}, says: "--server https://"},
		"not a handrail":  {server: j.github.URL(), files: []string{good}, says: "is no handrail"},
		"second is wrong": {files: []string{good, filepath.Join(j.dir, "page.html")}, no: true, says: "page.html"},
	} {
		t.Run(name, func(t *testing.T) {
			j.out.Reset()
			err := j.upload(c.server, 0, c.files...)
			if err == nil || (err == errNo) != c.no {
				t.Fatalf("%v", err)
			}
			if said := j.out.String() + err.Error(); !strings.Contains(said, c.says) {
				t.Errorf("says %q, not %q", said, c.says)
			}
		})
	}
	for _, r := range j.github.Requests() {
		if strings.Contains(r.Path, "actions/runs/") && strings.HasSuffix(r.Path, strconv.FormatInt(j.run.ID(), 10)) {
			t.Errorf("handrail was asked: %s", r.Path)
		}
	}
}

// A token goes to nobody but handrail.
func TestAnUploadIsNotSentOn(t *testing.T) {
	j := newJob(t)
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer elsewhere.Close()
	front := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/login?secret", http.StatusFound))
	defer front.Close()
	err := j.upload(front.URL, 0, j.write("coverage.out", profile(true)))
	if err == nil || !strings.HasSuffix(err.Error(), "sends on to "+elsewhere.URL+": give the address of handrail itself by --server") || asked > 0 {
		t.Errorf("%v; asked elsewhere %d times", err, asked)
	}
}

func TestReportsOfTheSameNameAreToldApart(t *testing.T) {
	for file, want := range map[string]string{
		"coverage.out": "coverage.out", "./web/lcov.info": "web/lcov.info", "/home/ann/coverage.xml": "coverage.xml", "../lcov.info": "lcov.info",
	} {
		if got := (uploader{}).nameOf(file); got != want {
			t.Errorf("%s is called %s, not %s", file, got, want)
		}
		if got := (uploader{as: "linux"}).nameOf(file); got != "linux/"+want {
			t.Errorf("the %s of linux is called %s", file, got)
		}
	}
}

// The jobs of a matrix write reports of one path; all of them must count.
func TestTheReportsOfAMatrixCountTogether(t *testing.T) {
	j := newJob(t)
	some := []byte("mode: set\ngithub.com/acme/shop/shop/checkout.go:6.29,7.16 1 1\n")
	j.as = "linux"
	j.must(j.upload("", time.Second, j.write("coverage.out", profile(false))))
	j.as = "windows"
	j.must(j.upload("", time.Second, j.write("coverage.out", some)))
	j.run.Finish("success")
	j.shows("66.66 % of the 6 added lines")
}

func TestAJobWithoutATokenIsToldWhatItsWorkflowLacks(t *testing.T) {
	u := uploader{out: new(bytes.Buffer), env: func(string) string { return "" }, client: http.DefaultClient}
	if err := u.run(t.Context(), "https://handrail.example.com", nil); err == nil || !strings.Contains(err.Error(), "id-token: write") {
		t.Errorf("%v", err)
	}
}

// GitHub that does not answer handrail is no reason for the job to fail, if it
// does a little later; and each try has a token of its own.
func TestAnUploadIsTriedAgainWhenHandrailCannotTakeIt(t *testing.T) {
	j := newJob(t)
	failed := 0
	j.github.Fail(sim.Fault{Times: 4, Do: []sim.Failure{sim.Status(http.StatusBadGateway)}, When: func(r sim.Request) bool {
		return strings.HasSuffix(r.Path, "/actions/runs/"+strconv.FormatInt(j.run.ID(), 10))
	}})
	if err := j.upload("", time.Minute, j.write("coverage.out", profile(true))); err != nil {
		t.Fatalf("%v, printed\n%s", err, &j.out)
	}
	for _, r := range j.github.Requests() {
		if r.Fault != "" {
			failed++
		}
	}
	if failed == 0 || !strings.Contains(j.out.String(), "again in") || !strings.Contains(j.out.String(), "taken for commit") {
		t.Errorf("%d failures; printed\n%s", failed, &j.out)
	}
	if strings.Contains(j.out.String(), "ey") && strings.Contains(j.out.String(), "Bearer") {
		t.Error("a token is printed")
	}
}
