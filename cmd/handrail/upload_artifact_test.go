package main

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

const (
	builtDigest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	builtImage  = "ghcr.io/acme/shop"
	cleanScan   = `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Trivy"}}, "results": []}]}`
	weakScan    = `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Trivy", "rules": [{"id": "CVE-1", "properties": {"security-severity": "9.8"}}]}},
		"results": [{"ruleId": "CVE-1", "message": {"text": "openssl"}}, {"ruleId": "own", "message": {"text": "runs as root"}}]}]}`
)

// newBuild is the build of main's commit, as a push started it.
func newBuild(t *testing.T) *job {
	j := newJob(t)
	repo := j.github.Org("acme").Repo("shop")
	var err error
	j.run, err = repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/image.yml", SHA: repo.Branch("main"), Started: true})
	j.must(err)
	return j
}

// tells runs "handrail upload" with arguments, as the job.
func (j *job) tells(args ...string) error {
	j.t.Helper()
	for _, e := range j.env() {
		name, value, _ := strings.Cut(e, "=")
		j.t.Setenv(name, value)
	}
	cmd := uploadCommand()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetOut(&j.out)
	cmd.SetErr(new(bytes.Buffer))
	cmd.SetArgs(append(args, "--patience", "0s"))
	return cmd.ExecuteContext(j.t.Context())
}

func TestABuildNamesItsImageAndWhatAScanOfItFound(t *testing.T) {
	j := newBuild(t)
	j.must(j.tells("artifact", "--name", builtImage, "--digest", builtDigest))
	j.must(j.tells("artifact", "--name", builtImage, "--digest", builtDigest))
	j.must(j.tells("scan", "--digest", builtDigest, j.write("clean.sarif", []byte(cleanScan))))
	j.must(j.tells("scan", "--server", j.server.URL()+"/", "--digest", builtDigest, j.write("weak.sarif", []byte(weakScan))))
	commit := j.github.Org("acme").Repo("shop").Branch("main")[:7]
	lines := strings.Split(strings.TrimSpace(j.out.String()), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], builtImage+": taken for commit "+commit+", log entry ") || !strings.HasSuffix(lines[1], ", as it was already") ||
		!strings.HasSuffix(lines[2], ": nothing found") || !strings.HasSuffix(lines[3], ": 1 critical, 1 unrated") || !strings.Contains(lines[3], "weak.sarif: taken") {
		t.Errorf("printed\n%s", &j.out)
	}
	// The receipt is the entry in the log.
	seq, err := strconv.ParseInt(strings.Fields(lines[0][strings.Index(lines[0], "log entry ")+len("log entry "):])[0], 10, 64)
	j.must(err)
	if _, body, err := j.server.store.Entry(t.Context(), seq); err != nil || !strings.Contains(string(body), builtDigest) {
		t.Errorf("entry %d is %s, %v", seq, body, err)
	}
}

func TestAnArtifactThatCannotBeSentIsSaidAtOnce(t *testing.T) {
	j := newBuild(t)
	scan := j.write("clean.sarif", []byte(cleanScan))
	for name, c := range map[string]struct {
		args []string
		no   bool // it is refused, as opposed to not possible
		says string
	}{
		"no name":       {args: []string{"artifact", "--digest", builtDigest}, says: "--name"},
		"no digest":     {args: []string{"artifact", "--name", builtImage}, says: "--digest"},
		"a tag":         {args: []string{"artifact", "--name", builtImage, "--digest", "latest"}, no: true, says: "refused: The digest must be sha256:"},
		"no server":     {args: []string{"artifact", "--name", builtImage, "--digest", builtDigest, "--server", "handrail"}, says: "--server https://"},
		"not a server":  {args: []string{"artifact", "--name", builtImage, "--digest", builtDigest, "--server", j.github.URL()}, says: "is no handrail"},
		"a scan of all": {args: []string{"scan", scan}, says: "--digest"},
		"no scan":       {args: []string{"scan", "--digest", builtDigest, filepath.Join(j.dir, "nowhere.sarif")}, says: "nowhere.sarif"},
		"a directory":   {args: []string{"scan", "--digest", builtDigest, j.dir}, says: "is a directory"},
		"no report":     {args: []string{"scan", "--digest", builtDigest, j.write("page.html", []byte("<html></html>"))}, no: true, says: "no SARIF"},
		"half a report": {args: []string{"scan", "--digest", builtDigest, j.write("half.sarif", []byte(cleanScan[:60]))}, no: true, says: "line 1"},
	} {
		j.out.Reset()
		err := j.tells(c.args...)
		if err == nil || (err == errNo) != c.no {
			t.Errorf("%s: %v\n%s", name, err, &j.out)
			continue
		}
		if said := j.out.String() + err.Error(); !strings.Contains(said, c.says) {
			t.Errorf("%s: says %q, not %q", name, said, c.says)
		}
	}
}

func TestARunOfAPullRequestIsToldThatItNamesNoArtifact(t *testing.T) {
	j := newJob(t)
	if err := j.tells("artifact", "--name", builtImage, "--digest", builtDigest); err != errNo || !strings.Contains(j.out.String(), "runs of pull requests") {
		t.Errorf("%v\n%s", err, &j.out)
	}
}
