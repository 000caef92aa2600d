package hub_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

func TestAnAnswerIsWrittenAfterEverythingElseAndIsKnownForOurs(t *testing.T) {
	w := newWorld(t)
	w.pr.Comment("alice", "/explain")
	pull, _ := w.read(checks.Need{})
	if len(pull.Comments) != 1 || pull.Comments[0].Ours {
		t.Fatalf("somebody's comment is %+v", pull.Comments)
	}
	todo := append([]checks.Action{{Kind: checks.AddComment, Body: "**hello** & <b>", ReplyTo: pull.Comments[0].ID}}, plan(pull, "success")...)
	w.gh.ClearRequests()
	out, err := w.hub.Publish(t.Context(), w.subj, pull, todo)
	if err != nil || out[0].Error != "" || out[0].Kind != checks.AddComment {
		t.Fatalf("%v, %+v", err, out)
	}
	if n := w.gh.Count(func(q sim.Request) bool { return q.Write }); n != 3 {
		t.Errorf("%d requests write", n)
	}
	pull, _ = w.read(checks.Need{})
	if len(pull.Comments) != 2 || !pull.Comments[1].Ours || pull.Comments[1].Body != "**hello** & <b>" || !pull.Comments[1].Author.Bot || pull.Comments[0].Ours {
		t.Errorf("the comments are %+v", pull.Comments)
	}
}

func TestAnAnswerThatFailsHoldsNothingUp(t *testing.T) {
	for name, c := range map[string]struct {
		failure sim.Failure
		written int
	}{
		"not done":          {sim.Partial("addComment"), 0},
		"no answer":         {sim.Status(502), 0},
		"done and not told": {sim.Cut().After(), 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			pull, _ := w.read(checks.Need{})
			todo := append([]checks.Action{{Kind: checks.AddComment, Body: strings.Repeat("x", 70000)}}, plan(pull, "success")...)
			w.gh.Fail(sim.Fault{Times: 1, Do: []sim.Failure{c.failure}, When: func(q sim.Request) bool { return slices.Contains(q.Mutations, "addComment") }})
			out, err := w.hub.Publish(t.Context(), w.subj, pull, todo)
			if err == nil || out[0].Error == "" {
				t.Fatalf("%v, %+v", err, out)
			}
			for _, o := range out[1:] {
				if o.Error != "" {
					t.Errorf("%s %s: %s", o.Kind, o.Name, o.Error)
				}
			}
			if !w.pr.HasLabel(checks.LabelMet) {
				t.Error("the label is not given")
			}
			if pull, _ = w.read(checks.Need{}); len(pull.Comments) != c.written || c.written > 0 && len(pull.Comments[0].Body) != 65536 {
				t.Errorf("there are %d comments", len(pull.Comments))
			}
		})
	}
}
