package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

const anyPolicy = rigPolicy + "coverage:\n  patch: {min: 80%}\n"

// gathered is what is kept of a pull request's reports.
func (r *rig) gathered(p *sim.Pull, policy string) (store.CoverageOf, store.Gathered) {
	r.t.Helper()
	sel := checks.Selection{Reports: []checks.ReportRule{{Workflow: ci}}}
	if policy == dropPolicy {
		sel.Base = true
	}
	of := store.CoverageOf{RepoID: r.subject(p).RepoID, SHA: p.Head(), Number: p.Number, Key: sel.Key()}
	g, found, err := r.store.Gathered(r.t.Context(), of)
	if err != nil || !found {
		r.t.Fatalf("nothing is kept of %s: %v", p, err)
	}
	return of, g
}

func TestWhatWasKeptInAnotherFormIsReadAgain(t *testing.T) {
	r, p := measured(t, patchPolicy)
	leave(r.workflow(p), lcov("a.js", 10))
	r.settle()
	of, g := r.gathered(p, patchPolicy)
	g.Set, g.About = []byte("of an older handrail"), ""
	if err := r.store.KeepGathered(t.Context(), of, g, r.now()); err != nil {
		t.Fatal(err)
	}
	downloads := r.asked("/zip", func() {
		p.Comment("carol", "nice")
		r.settle()
	})
	r.gauges(p, met)
	if downloads != 1 {
		t.Errorf("%d downloads", downloads)
	}
	if _, g := r.gathered(p, patchPolicy); strings.Contains(string(g.Set), "older") {
		t.Error("the older form is still kept")
	}
}

func TestOfMoreWorkflowRunsThanAreListedNothingIsRead(t *testing.T) {
	r, p := measured(t, anyPolicy)
	r.gh.HoldDeliveries(true)
	for i := range 300 {
		r.begin(sim.NewWorkflowRun{Workflow: fmt.Sprintf(".github/workflows/w%d.yml", i), Pull: p}).Finish("success")
	}
	r.gh.DropDeliveries()
	r.gh.HoldDeliveries(false)
	r.workflow(p).Finish("success")
	n := r.asked("/artifacts", r.settle)
	r.gauges(p, unmet, "more workflows ran")
	if n != 0 {
		t.Errorf("%d questions about artifacts", n)
	}
}

func TestAnotherServersTokenIsNoWayIn(t *testing.T) {
	r, p := measured(t, patchPolicy)
	to, run := newPost(r), r.workflow(p)
	if a := to.send(run.TokenWith(audience, map[string]any{"iss": "https://evil.example"}), "x", strings.NewReader("x")); a.status != http.StatusUnauthorized {
		t.Errorf("another issuer: %+v", a)
	}
	if a := to.send(run.TokenWith(audience, map[string]any{"jti": nil}), "x", strings.NewReader("x")); a.status != http.StatusUnauthorized {
		t.Errorf("without an id: %+v", a)
	}
}

func TestOfMoreArtifactsThanCanBeReadNoneIsDownloaded(t *testing.T) {
	for name, c := range map[string]struct {
		artifacts, size int
		say             string
	}{
		"many":  {201, 1, "201 artifacts match, and no more than 200 are read"},
		"large": {6, 45 << 20, "larger than 256 MiB together"},
	} {
		t.Run(name, func(t *testing.T) {
			r, p := measured(t, anyPolicy)
			one, two := r.workflow(p), r.begin(sim.NewWorkflowRun{Workflow: ".github/workflows/more.yml", Pull: p, Started: true})
			archive := make([]byte, c.size)
			for i := range c.artifacts {
				[]*sim.WorkflowRun{one, two}[i%2].LeaveArchive(fmt.Sprintf("coverage-%d", i), archive)
			}
			one.Finish("success")
			two.Finish("success")
			n := r.asked("/zip", r.settle)
			r.gauges(p, unmet, c.say)
			if n != 0 {
				t.Errorf("%d downloads", n)
			}
		})
	}
}
