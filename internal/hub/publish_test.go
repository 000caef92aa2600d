package hub

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// writes is a forge that answers mutations; it keeps what came in.
type writes struct {
	*forge
	sent    []m               // the variables of each mutation
	refuse  map[string]string // by name of a run, or "label", or "make": the failure
	vanish  int               // the request (from 1) whose answer is lost after its effect
	showing string            // a status that GitHub shows instead of what was asked
}

func newWrites(t *testing.T) *writes {
	w := &writes{forge: newForge(t, Config{}), refuse: map[string]string{}}
	w.query = func(op string, vars m) any {
		switch op {
		case "Label":
			return m{"data": m{"repository": m{"id": "R_1", "databaseId": repoID, "label": nil}}}
		case "Publish":
			return w.publish(vars)
		}
		t.Errorf("asked %s", op)
		return nil
	}
	w.hub.remember(repoID, func(r *repoIDs) {
		r.node, r.labels = "R_1", map[string]string{strings.ToLower(checks.LabelMet): "LA_1"}
	})
	return w
}

func (w *writes) publish(vars m) any {
	w.sent = append(w.sent, vars)
	data, fails := m{}, []any{}
	for i := range len(vars) {
		name := fmt.Sprint("m", i)
		in := vars[name].(m)
		out, what := m{"clientMutationId": nil}, "label"
		switch {
		case in["color"] != nil:
			what, out = "make", m{"label": m{"id": "LA_new", "name": in["name"]}}
		case in["output"] != nil:
			run := m{"id": fmt.Sprintf("CR_%d_%d", len(w.sent), i), "status": in["status"], "conclusion": in["conclusion"]}
			if id := in["checkRunId"]; id != nil {
				run["id"] = id
			}
			if w.showing != "" {
				run["status"] = w.showing
			}
			if in["status"] == nil { // an update that leaves them
				run["status"], run["conclusion"] = "COMPLETED", "FAILURE"
			}
			what, _ = in["name"].(string)
			out = m{"checkRun": run}
		}
		data[name] = out
		if why := w.refuse[what]; why != "" {
			data[name] = nil
			fails = append(fails, m{"type": why, "path": []any{name}, "message": "no"})
		}
	}
	if w.vanish == len(w.sent) {
		return reply{status: 502, body: "lost"}
	}
	return m{"data": data, "errors": fails}
}

func met(name string, annotations int) checks.Action {
	o := checks.Output{Name: name, Head: headSHA, Status: "completed", Conclusion: "success", Title: "t", Summary: "s", Footer: "f", ExternalID: "hr1-" + name}
	for i := range annotations {
		o.Annotations = append(o.Annotations, checks.Annotation{Path: "a", Start: i + 1, End: i + 1, Level: "warning", Message: "m", Title: "x"})
	}
	return checks.Action{Kind: checks.CreateRun, Run: o}
}

var (
	give = checks.Action{Kind: checks.AddLabel, Label: checks.LabelMet}
	take = checks.Action{Kind: checks.RemoveLabel, Label: checks.LabelMet}
)

func TestRunsGoInOneRequestInOrderAndTheLabelInASecond(t *testing.T) {
	w := newWrites(t)
	open := checks.Action{Kind: checks.UpdateRun, RunID: "CR_7", Run: checks.Output{Name: "handrail/review", Head: headSHA, Status: "in_progress", Title: "t", Summary: "s", ExternalID: "e"}}
	out, err := w.hub.Publish(t.Context(), subject, aPull(), []checks.Action{take, open, met("handrail/status", 0), met("Merge Requirements", 0), give})
	if err != nil {
		t.Fatal(err)
	}
	want := []checks.Outcome{
		{Kind: checks.RemoveLabel, Name: checks.LabelMet}, {Kind: checks.UpdateRun, Name: "handrail/review", RunID: "CR_7"},
		{Kind: checks.CreateRun, Name: "handrail/status", RunID: "CR_1_2"}, {Kind: checks.CreateRun, Name: "Merge Requirements", RunID: "CR_1_3"},
		{Kind: checks.AddLabel, Name: checks.LabelMet},
	}
	if d := cmp.Diff(want, out); d != "" {
		t.Error(d)
	}
	wantSent := []m{{
		"m0": m{"labelableId": "PR_1", "labelIds": []any{"LA_1"}},
		"m1": m{"repositoryId": "R_1", "checkRunId": "CR_7", "status": "IN_PROGRESS", "externalId": "e", "output": m{"title": "t", "summary": "s"}},
		"m2": m{"repositoryId": "R_1", "headSha": headSHA, "name": "handrail/status", "status": "COMPLETED", "conclusion": "SUCCESS", "externalId": "hr1-handrail/status", "output": m{"title": "t", "summary": "s\n\nf"}},
		"m3": m{"repositoryId": "R_1", "headSha": headSHA, "name": "Merge Requirements", "status": "COMPLETED", "conclusion": "SUCCESS", "externalId": "hr1-Merge Requirements", "output": m{"title": "t", "summary": "s\n\nf"}},
	}, {"m0": m{"labelableId": "PR_1", "labelIds": []any{"LA_1"}}}}
	if d := cmp.Diff(wantSent, w.sent); d != "" {
		t.Error(d)
	}
}

func TestTheLabelIsNotGivenWhenARunIsNotConfirmed(t *testing.T) {
	for name, prepare := range map[string]func(*writes){
		"one run refused":         func(w *writes) { w.refuse["handrail/status"] = "UNPROCESSABLE" },
		"the answer is lost":      func(w *writes) { w.vanish = 1 },
		"shown as something else": func(w *writes) { w.showing = "QUEUED" },
		"annotations refused":     func(w *writes) { w.vanish = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWrites(t)
			prepare(w)
			out, err := w.hub.Publish(t.Context(), subject, aPull(), []checks.Action{met("handrail/status", 60), met("Merge Requirements", 0), give})
			if err == nil || out[0].Error == "" || out[2].Error == "" {
				t.Errorf("%v %+v", err, out)
			}
			for _, s := range w.sent {
				for _, in := range s {
					if in.(m)["labelIds"] != nil {
						t.Error("the label was given")
					}
				}
			}
			if name == "one run refused" && out[1].Error != "" {
				t.Errorf("the run that GitHub confirmed is said to have failed: %v", out[1])
			}
			if len(w.sent) > 2 {
				t.Errorf("tried %d times", len(w.sent))
			}
		})
	}
}

func TestALabelThatCannotBeGivenIsSaidSo(t *testing.T) {
	w := newWrites(t)
	w.refuse["label"] = "NOT_FOUND"
	out, err := w.hub.Publish(t.Context(), subject, aPull(), []checks.Action{met("Merge Requirements", 0), give})
	if err == nil || out[0].Error != "" || out[1].Error == "" {
		t.Errorf("%v %+v", err, out)
	}
}

func TestManyAnnotationsAllArriveAndTheRunIsMarkedWholeLast(t *testing.T) {
	w := newWrites(t)
	a := met("handrail/security-scan", 120)
	a.Run.Conclusion = "failure"
	out, err := w.hub.Publish(t.Context(), subject, aPull(), []checks.Action{a})
	if err != nil || out[0].Error != "" {
		// The stand-in shows follow-ups as completed failures, as they were made.
		t.Fatalf("%v %+v", err, out)
	}
	var sizes []int
	var ids []any
	lines := map[any]bool{}
	for _, s := range w.sent {
		in := s["m0"].(m)
		list := in["output"].(m)["annotations"].([]any)
		sizes = append(sizes, len(list))
		ids = append(ids, in["externalId"])
		for _, n := range list {
			lines[n.(m)["location"].(m)["startLine"]] = true
		}
	}
	if !cmp.Equal(sizes, []int{50, 50, 20}) || len(lines) != 120 || !cmp.Equal(ids, []any{"incomplete", "incomplete", "hr1-handrail/security-scan"}) {
		t.Errorf("sizes %v, %d lines, ids %v", sizes, len(lines), ids)
	}
}

func TestALabelThatARepositoryLacksIsMadeOnce(t *testing.T) {
	for name, c := range map[string]struct {
		known, refused bool
		rest           any
		requests       string
	}{
		"along with the runs":           {known: true, requests: "Publish Publish"},
		"by REST where GraphQL refuses": {known: true, refused: true, rest: reply{status: 201, body: m{"node_id": "LA_rest"}}, requests: "Publish Label /repos/acme/shop/labels Publish"},
		"never read before":             {rest: reply{status: 201, body: m{"node_id": "LA_rest"}}, requests: "Label Publish Publish"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWrites(t)
			w.hub.mu.Lock()
			w.hub.repos = map[int64]repoIDs{}
			w.hub.mu.Unlock()
			if c.known {
				w.hub.remember(repoID, func(r *repoIDs) {
					r.node, r.labels = "R_1", map[string]string{strings.ToLower(checks.LabelMet): ""}
				})
			}
			if c.refused {
				w.refuse["make"] = "FORBIDDEN"
			}
			w.rest["/repos/acme/shop/labels"] = func(*http.Request) any { return c.rest }
			for range 2 {
				out, err := w.hub.Publish(t.Context(), subject, aPull(), []checks.Action{met("Merge Requirements", 0), give})
				if err != nil || out[1].Error != "" {
					t.Fatalf("%v %+v", err, out)
				}
			}
			if w.asked() != c.requests+" Publish Publish" {
				t.Errorf("asked %q", w.asked())
			}
		})
	}
}

func TestTextsStayWithinGitHubsLimits(t *testing.T) {
	long := strings.Repeat("é", 60000)
	for _, o := range []checks.Output{{Summary: long}, {Summary: long, Footer: "kept"}, {Summary: long, Footer: long}} {
		s := summary(o)
		if len(s) > textLimit || strings.ToValidUTF8(s, "") != s {
			t.Errorf("%d bytes", len(s))
		}
		if o.Footer == "kept" && !strings.HasSuffix(s, "\n\nkept") {
			t.Error("the footer is lost")
		}
	}
}

func TestAnEmptyPlanAsksNothing(t *testing.T) {
	w := newWrites(t)
	if out, err := w.hub.Publish(t.Context(), subject, aPull(), nil); err != nil || len(out) != 0 || w.mints != 0 {
		t.Errorf("%v %v, minted %d", out, err, w.mints)
	}
}

func TestALimitOnWritingSaysWhenToComeBack(t *testing.T) {
	w := newWrites(t)
	w.query = func(string, m) any {
		return reply{status: 403, header: map[string]string{"Retry-After": "60"}, body: m{"message": "secondary rate limit"}}
	}
	out, err := w.hub.Publish(t.Context(), subject, aPull(), []checks.Action{met("Merge Requirements", 0), give})
	e, ok := errors.AsType[*Error](err)
	if !ok || !e.Limited || e.RetryAt().IsZero() || out[0].Error == "" || out[1].Error == "" {
		t.Errorf("%v %+v", err, out)
	}
}
