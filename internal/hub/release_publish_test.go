package hub

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// answers has an address answer, told of how many requests it had, and counts them.
func (f *forge) answers(path string, answer func(n int, body m) any) *int {
	n := new(int)
	f.rest[path] = func(r *http.Request) any {
		var body m
		_ = json.NewDecoder(r.Body).Decode(&body)
		*n++
		return answer(*n, body)
	}
	return n
}

func said(status int, message string) reply {
	return reply{status: status, body: m{"message": message}}
}

func TestOnlyWhatGitHubSaysOfAWaitingJobSettlesAnAnswer(t *testing.T) {
	waiting := []any{m{"environment": m{"id": 1, "name": "production"}}}
	for name, c := range map[string]struct {
		answer  reply
		pending any
		gone    bool
	}{
		"reviewed, and waits for others": {said(422, "Deployment protection rule already reviewed"), waiting, true},
		"reviewed, and waits no more":    {said(422, "Deployment protection rule already reviewed"), []any{}, true},
		"not valid, and waits":           {said(422, "Validation Failed"), waiting, false},
		"not found, and waits":           {said(404, "Not Found"), waiting, false},
		"not found, and waits no more":   {said(404, "Not Found"), []any{m{"environment": m{"id": 2, "name": "staging"}}}, true},
		"the run is gone":                {said(404, "Not Found"), said(404, "Not Found"), true},
		"not found, and who knows":       {said(404, "Not Found"), said(403, "no"), false},
		"not found, and no list":         {said(404, "Not Found"), nil, false},
		"refused":                        {said(403, "Resource not accessible by integration"), waiting, false},
		"broken":                         {said(500, "oops"), []any{}, false},
	} {
		f := newForge(t, Config{})
		sent := f.answers(gatePath, func(int, m) any { return c.answer })
		f.rest[pendingPath] = func(*http.Request) any { return c.pending }
		plan := []checks.Action{{Kind: checks.AnswerGate, Gate: &checks.GateAnswer{RunID: 70, Environment: "production", State: "approved", Comment: "c"}}}
		out, err := f.hub.PublishRelease(t.Context(), aRelease(), judged(), plan)
		if out[0].Gone != c.gone || out[0].Error == "" || (err == nil) != c.gone || *sent != 1 {
			t.Errorf("%s: %v, %+v, sent %d times", name, err, out[0], *sent)
		}
	}
}

func TestAServerThatCannotTellWhichRunItStartedIsAskedWithoutIt(t *testing.T) {
	f := newForge(t, Config{})
	f.showsRelease(ordinaryRelease(), draftBody())
	var bodies []m
	f.answers("/repos/acme/shop/actions/workflows/promote.yml/dispatches", func(n int, body m) any {
		if bodies = append(bodies, body); n == 1 {
			return said(422, `Invalid request. "return_run_details" is not a permitted key.`)
		}
		return reply{status: 204, body: []byte{}}
	})
	r := judged()
	r.Memory.Candidates = nil
	out, err := f.hub.PublishRelease(t.Context(), aRelease(), r, []checks.Action{{Kind: checks.StartWorkflow, Start: &checks.WorkflowStart{Workflow: "promote.yml", Ref: "v1.0.0", Candidate: hex64}}})
	if err != nil || out[0].Error != "" || out[0].Number != 0 || len(bodies) != 2 || bodies[1]["return_run_details"] != nil || bodies[1]["ref"] != "v1.0.0" {
		t.Errorf("%v %+v %v", err, out, bodies)
	}
}

func TestARunThatWeStartedIsToldFromThoseOfOthers(t *testing.T) {
	run := func(id int, login, branch, path, event string) m {
		return m{"id": id, "head_sha": headSHA, "path": path, "status": "completed", "conclusion": "success", "event": event, "head_branch": branch, "created_at": "2026-01-01T00:20:00Z",
			"repository": m{"id": repoID, "full_name": "acme/shop"}, "actor": m{"login": login, "type": "Bot", "id": 9}}
	}
	const file = ".github/workflows/promote.yml"
	f := newForge(t, Config{})
	f.rest["/app"] = func(*http.Request) any { return m{"id": appID, "slug": "handrail"} }
	f.rest["/repos/acme/shop/actions/runs"] = func(*http.Request) any {
		return m{"workflow_runs": []any{
			run(80, "other[bot]", "v1.0.0", file, "workflow_dispatch"), run(81, "handrail[bot]", "v2", file, "workflow_dispatch"),
			run(82, "handrail[bot]", "v1.0.0", ".github/workflows/other.yml", "workflow_dispatch"), run(83, "handrail[bot]", "v1.0.0", file, "push"),
			run(85, "handrail[bot]", "v1.0.0", file, "workflow_dispatch"), run(84, "handrail[bot]", "v1.0.0", file+"@refs/tags/v1.0.0", "workflow_dispatch"),
		}}
	}
	d := checks.Dispatched{Workflow: "promote.yml", At: date("2026-01-01T00:19:30Z")}
	if got, err := f.hub.StartedRun(t.Context(), aRelease(), d); err != nil || got.RunID != 84 || got.Conclusion != "success" {
		t.Errorf("%+v %v", got, err)
	}
	d.At = date("2026-01-01T00:30:00Z")
	if got, err := f.hub.StartedRun(t.Context(), aRelease(), d); err != nil || got.RunID != 0 {
		t.Errorf("a run from before: %+v %v", got, err)
	}
	d.RunID = 83
	f.rest["/repos/acme/shop/actions/runs/83"] = func(*http.Request) any { return run(83, "handrail[bot]", "v1.0.0", file, "push") }
	if _, err := f.hub.StartedRun(t.Context(), aRelease(), d); err == nil {
		t.Error("a run that was not started by hand is a stage's")
	}
	d.RunID = 86
	if got, err := f.hub.StartedRun(t.Context(), aRelease(), d); err != nil || got.Status != "completed" || got.Conclusion == "success" {
		t.Errorf("a run that is gone: %+v %v", got, err)
	}
}

func TestAReleaseThatGitHubDoesNotShowAsPublishedIsNotTakenForIt(t *testing.T) {
	for name, spoil := range map[string]func(b m){
		"still a draft": func(b m) { b["draft"] = true }, "nothing of drafts": func(b m) { delete(b, "draft") },
		"a pre-release": func(b m) { b["prerelease"] = true }, "another release": func(b m) { b["id"] = 32 },
	} {
		f := newForge(t, Config{})
		f.showsRelease(ordinaryRelease(), draftBody())
		var sent []m
		f.rest[releasesPath] = func(r *http.Request) any {
			b := draftBody()
			if r.Method == http.MethodPatch {
				var body m
				_ = json.NewDecoder(r.Body).Decode(&body)
				sent = append(sent, body)
				b["draft"] = false
				spoil(b)
			}
			return b
		}
		out, err := f.hub.PublishRelease(t.Context(), aRelease(), judged(), []checks.Action{{Kind: checks.PublishRelease, Page: 31}})
		if err == nil || out[0].Error == "" || len(sent) != 1 {
			t.Errorf("%s: %v, %+v", name, err, out)
		}
		if len(sent) == 1 && (sent[0]["draft"] != false || sent[0]["prerelease"] != nil || sent[0]["make_latest"] != "legacy" || len(sent[0]) != 2) {
			t.Errorf("%v was sent", sent[0])
		}
	}
}

func TestWhatNobodyKnowsHowToDoIsSaid(t *testing.T) {
	f := newForge(t, Config{})
	out, err := f.hub.PublishRelease(t.Context(), aRelease(), judged(), []checks.Action{{Kind: "dance"}, {Kind: checks.StartWorkflow}, {Kind: checks.PublishRelease, Page: 99}})
	if err == nil || out[0].Error == "" || out[1].Error == "" || out[2].Error == "" || f.asked() != "" {
		t.Errorf("%v %+v, asked %q", err, out, f.asked())
	}
}

func TestACommentIsWrittenAgainForAnotherCandidate(t *testing.T) {
	f := newForge(t, Config{})
	n := 0
	f.query = func(string, m) any {
		n++
		return m{"data": m{"m0": m{"commentEdge": m{"node": m{"id": "IC_1"}}}}}
	}
	r := judged()
	r.Issue.Comments = []checks.Comment{{ID: 1, Body: "QA is waited for.", Ours: true, Created: date("2026-01-01T00:05:00Z")}}
	plan := []checks.Action{{Kind: checks.CommentIssue, Body: "QA is waited for."}}
	for _, c := range []struct {
		since time.Time
		want  int
	}{{date("2026-01-01T00:00:00Z"), 0}, {date("2026-01-01T00:09:00Z"), 1}} {
		n = 0
		r.Memory.Candidates = []checks.PastCandidate{{Digest: hex64, Since: c.since}}
		if _, err := f.hub.PublishRelease(t.Context(), aRelease(), r, plan); err != nil || n != c.want {
			t.Errorf("a candidate since %s: %d comments, %v", c.since, n, err)
		}
	}
	r.Issue.Comments[0].Ours = false
	r.Memory.Candidates[0].Since = date("2026-01-01T00:00:00Z")
	n = 0
	if _, err := f.hub.PublishRelease(t.Context(), aRelease(), r, plan); err != nil || n != 1 {
		t.Errorf("somebody else's comment passes for ours: %d, %v", n, err)
	}
}
