package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheExamplesOfPoliciesDoWhatTheirCasesSay(t *testing.T) {
	files, err := filepath.Glob("../../config/examples/*/handrail.yml")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			var out bytes.Buffer
			trial := policyTrial{out: &out, scanner: localScanner()}
			if err := trial.policy(t.Context(), file); err != nil || trial.failed > 0 || trial.tried < 5 {
				t.Errorf("%v, %d cases, %d not as expected:\n%s", err, trial.tried, trial.failed, out.String())
			}
		})
	}
}

// beside writes a policy and a file of cases beside it.
func beside(t *testing.T, policy, cases string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "handrail.yml")
	if err := os.Mkdir(filepath.Join(dir, "handrail.tests"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{file: policy, filepath.Join(dir, "handrail.tests", "a.yml"): cases} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

const oneApproval = "version: 1\nreview: {sign_offs: [{name: Code review, role: reviewer}]}\n"

func TestACaseThatComesOutOtherwiseIsToldWithWhatIs(t *testing.T) {
	for cases, want := range map[string]string{
		"cases: [{name: x, expect: {merge: met}}]":                                                    "merge should be met and is waiting",
		"cases: [{name: x, expect: {merge: waiting, review/qa: met}}]":                                "review/qa should be met; there is no such requirement, but merge, review, review/code-review, status",
		"cases: [{name: x, expect: {review: absent}}]":                                                "review should be absent and is waiting",
		"cases: [{name: x, pull: {approvals: [bob]}, expect: {merge: met}, says: [Approved by cho]}]": `it should say "Approved by cho"`,
	} {
		var out bytes.Buffer
		trial := policyTrial{out: &out, scanner: localScanner()}
		if err := trial.policy(t.Context(), beside(t, oneApproval, cases)); err != nil || trial.failed != 1 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v, %d failed:\n%s", cases, err, trial.failed, out.String())
		}
	}
}

func TestAFileOfCasesThatIsWrongIsNoPass(t *testing.T) {
	for cases, want := range map[string]string{
		"":                                "empty",
		"cases: []":                       "no cases",
		"cases: [{name: x}]":              "expects nothing",
		"cases: [{expect: {merge: met}}]": "has no name",
		"cases: [{name: x, expect: {merge: ok}}]":                                                       `"ok"; it can be unmet, waiting`,
		"cases: [{name: x, expect: {merge: met}}, {name: x, expect: {merge: met}}]":                     "two cases",
		"cases: [{name: x, pull: {aprovals: [bob]}, expect: {merge: met}}]":                             "aprovals",
		"cases: [{name: x, pull: {files: [{path: a, afterwards: b}]}, expect: {merge: met}}]":           "afterwards",
		"cases: [{name: x, pull: {snapshot: {tittle: b}}, expect: {merge: met}}]":                       "tittle",
		"cases: [{name: x, pull: {reviews: [{by: bob, state: aproved}]}, expect: {merge: met}}]":        `"aproved"; a review is approved`,
		"cases: [{name: x, pull: {comments: [{by: bob, say: +1, ago: 2 days}]}, expect: {merge: met}}]": `"2 days"`,
		"cases: [{name: x, pull: {comments: [{by: bob, say: +1, ago: -2h}]}, expect: {merge: met}}]":    `"-2h"`,
		"cases: [{name: x, pull: {coverage: {patch: 45 of 50}}, expect: {merge: met}}]":                 `"45 of 50"`,
		"cases: [{name: x, pull: {coverage: {patch: 50/45}}, expect: {merge: met}}]":                    `"50/45"`,
		"cases: [{name: x, pull: {files: [{path: a, status: new}]}, expect: {merge: met}}]":             `"new"; a file is added`,
		"floor: nowhere.yml\ncases: [{name: x, expect: {merge: met}}]":                                  "nowhere.yml",
	} {
		trial := policyTrial{out: &bytes.Buffer{}, scanner: localScanner()}
		if err := trial.policy(t.Context(), beside(t, oneApproval, cases)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", cases, err)
		}
	}
}

// An approval is not the author's own since their names are alike.
func TestPeopleOfACaseAreDifferentPeople(t *testing.T) {
	const cases = `cases:
  - name: dan approves what dev wrote
    pull: {approvals: [dan]}
    expect: {merge: met}
  - name: dev does not
    pull: {approvals: [dev]}
    expect: {merge: waiting}
`
	var out bytes.Buffer
	trial := policyTrial{out: &out, scanner: localScanner()}
	if err := trial.policy(t.Context(), beside(t, oneApproval, cases)); err != nil || trial.failed > 0 {
		t.Errorf("%v:\n%s", err, out.String())
	}
}

// A case's hunks are read as GitHub's are, so that secrets and watched words in
// the texts of a case are found.
func TestTheTextsOfACaseAreScanned(t *testing.T) {
	const policy = oneApproval + "roles: {security: {users: [sam]}}\nsecurity: {role: security, watch: {keywords: [launch_missiles]}}\n"
	const cases = `cases:
  - name: in an added line
    pull: {files: [{path: a.go, before: "a\nb\nc\n", after: "a\nlaunch_missiles()\nc\n"}]}
    expect: {security/review: waiting}
  - name: in a new file
    pull: {files: [{path: a.go, after: "launch_missiles()\n"}]}
    expect: {security/review: waiting}
  - name: in a removed line
    pull: {files: [{path: a.go, before: "launch_missiles()\nb\n", after: "b\n"}]}
    expect: {security/review: waiting}
  - name: in a line that stays
    pull: {files: [{path: a.go, before: "launch_missiles()\nb\n", after: "launch_missiles()\nc\n"}]}
    expect: {security/review: exempt}
  - name: nowhere, in lines without text
    pull: {files: [{path: a.go, added: 5, removed: 3}]}
    expect: {security/review: exempt}
`
	var out bytes.Buffer
	trial := policyTrial{out: &out, scanner: localScanner()}
	if err := trial.policy(t.Context(), beside(t, policy, cases)); err != nil || trial.failed > 0 {
		t.Errorf("%v:\n%s", err, out.String())
	}
}
