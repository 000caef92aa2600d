package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// exampleEntry is the log entry that the examples speak of.
const exampleEntry = 42

func TestEveryExampleOfTheHelpAndOfTheReadmeWorksAsItStands(t *testing.T) {
	dir := exampleDir(t)
	s, stop, err := newStage(t.TempDir(), freeAddress(t), sim.Options{Events: []string{"pull_request_review"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	env := append(os.Environ(), s.env()...)
	makeRecord(t, s, dir, env)
	job := newBuild(t)
	env = append(env, job.env()...)
	recordRelease(t, filepath.Join(dir, "handrail.db"))
	env = append(env, "GITHUB_TOKEN="+stageExamples(t, job))
	lines := append(helpExamples(t, rootCommand()), readmeExamples(t)...)
	slices.Sort(lines)
	for _, line := range slices.Compact(lines) {
		// The address that stands for everybody's own.
		here := strings.Replace(line, "https://handrail.example.com", job.server.URL(), 1)
		t.Run(line, func(t *testing.T) { runExample(t, dir, env, here) })
	}
}

// helpExamples are all lines of all examples; a command without one is an error.
func helpExamples(t *testing.T, cmd *cobra.Command) (lines []string) {
	if cmd.Example == "" {
		t.Errorf("%q has no example", cmd.CommandPath())
	}
	if cmd.Short == "" {
		t.Errorf("%q does not say what it is for", cmd.CommandPath())
	}
	for line := range strings.Lines(cmd.Example) {
		line, _, _ = strings.Cut(line, " # ")
		line = strings.TrimSpace(line)
		if !strings.Contains(line, cmd.CommandPath()) {
			t.Errorf("the example %q of %q is about another command", line, cmd.CommandPath())
		}
		lines = append(lines, line)
	}
	for _, c := range cmd.Commands() {
		lines = append(lines, helpExamples(t, c)...)
	}
	return lines
}

var readmeLine = regexp.MustCompile(`(?m)^    (handrail .*)$`)

func readmeExamples(t *testing.T) (lines []string) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range readmeLine.FindAllStringSubmatch(string(text), -1) {
		lines = append(lines, m[1])
	}
	if len(lines) == 0 {
		t.Error("the README shows no commands")
	}
	return lines
}

// exampleDir is a working copy such as the examples take for granted.
func exampleDir(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "shop")
	for name, text := range map[string]string{
		checks.PolicyPath: stagePolicy + "coverage: {}\n",
		"new-policy.yml":  stagePolicy,
		// The organisation's floor, in a working copy beside this one.
		"../.github/handrail.yml": stagePolicy,

		".github/handrail.tests/own.yml": "cases: [{name: nobody has looked at it, expect: {review/code-review: waiting}}]\n",
		"shop/checkout.go":               checkoutV1,
		"coverage.out":                   string(profile(true)),
		"gosec.sarif":                    string(findings()),
		"trivy.sarif":                    cleanScan,
		"shop/receipt.go":                receipt,
		"api.out":                        string(profile(true)),
		"web.info":                       "SF:shop/checkout.go\nDA:6,1\nend_of_record\n",
		"build/lcov.info":                "SF:shop/checkout.go\nDA:6,1\nend_of_record\n",
		"handrail-server.yml":            "HANDRAIL_LOG_FORMAT: json\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"}, {"add", "."},
		{"-c", "user.name=alice", "-c", "user.email=alice@example.com", "commit", "-q", "-m", "Begin"},
	} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return dir
}

// makeRecord lets handrail judge the stage and arranges that the entry of the
// examples is a verdict.
func makeRecord(t *testing.T, s *stage, dir string, env []string) {
	server := exec.Command("handrail", "serve")
	server.Dir, server.Env = dir, env
	var out lockedBuffer
	server.Stdout, server.Stderr = &out, &out
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Process.Kill()
	if err := s.ready(); err != nil {
		t.Fatalf("%v\n%s", err, last(out.Bytes(), 4000))
	}
	if err := s.judged(); err != nil {
		t.Fatal(err)
	}
	record, err := store.OpenReadOnly(t.Context(), filepath.Join(dir, "handrail.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	newest := func() int64 {
		if err := s.rest(30 * time.Second); err != nil {
			t.Fatal(err)
		}
		rows, err := record.List(t.Context(), store.Filter{Newest: true, Limit: 1})
		if err != nil || len(rows) == 0 {
			t.Fatalf("the record is empty: %v", err)
		}
		return rows[0].Seq
	}
	for newest() < exampleEntry-2 {
		s.github.Ping()
	}
	s.shop.Pull(1).Approve("bob") // its delivery, then its verdict
	newest()
	row, _, err := record.Entry(t.Context(), exampleEntry)
	if err != nil || row.Kind != store.KindVerdict {
		t.Fatalf("entry %d is a %q, not a verdict: %v", exampleEntry, row.Kind, err)
	}
	if err := server.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("serve ends with %v after Ctrl-C\n%s", err, last(out.Bytes(), 4000))
	}
	openFinding(t, filepath.Join(dir, "handrail.db")) // the first, of which the examples speak
}

// staying are the words by which a command says that it stays until Ctrl-C.
var staying = regexp.MustCompile(`"message":"ready"|Stop with Ctrl-C`)

func runExample(t *testing.T, dir string, env []string, line string) {
	cmd := exec.Command("sh", "-c", "trap : INT\n"+line) // the shell survives Ctrl-C as an interactive one does
	cmd.Dir, cmd.Env = dir, env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the whole group
	var out lockedBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	interrupted := false
	err := pollFor(6*time.Minute, line, func() bool { // the demo plays many scenes
		if !interrupted && staying.Match(out.Bytes()) {
			interrupted = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) == nil
		}
		return len(ended) > 0
	})
	if err != nil {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("%s\n%v\n%s", line, err, last(out.Bytes(), 4000))
	}
	printed := leak.NewSinks()
	printed.Add(leak.Printed, out.Bytes())
	for _, l := range printed.Scan(leak.Engine()) {
		t.Errorf("the engine finds %s in what is %s: %s", l.What, l.Way, l.Around)
	}
}

var readmeLink = regexp.MustCompile(`\]\(([^)#:]+)\)`)

func TestTheReadmePointsAtNothingThatIsMissing(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range readmeLink.FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Errorf("the README points at %s: %v", m[1], err)
		}
	}
}
