package checks

import (
	"strconv"
	"strings"
	"time"
)

// gathered is one look at what workflows left of reports of one kind: whether
// they are there, can be read and can be believed, whatever they say.
type gathered struct {
	pull  *Pull
	sel   Selection
	got   *Gathering
	asked bool
	state ProducerState
	noun  *reportNoun
	wait  time.Duration
	self  SelfDeclared

	notes    []string   // what concerns no single part
	progress string     // what machines are still at
	proof    []Evidence // besides the runs
}

func gather(pull *Pull, sel Selection, got *Gathering, asked bool, noun *reportNoun, wait time.Duration, self SelfDeclared) gathered {
	return gathered{
		pull: pull, sel: sel, got: got, asked: asked, noun: noun, wait: wait, self: self,
		state: Producers(sel, pull, got.Runs, wait),
	}
}

// reportNoun is how sentences speak of one kind of report, and what is
// particular to it.
type reportNoun struct {
	id, name string // of the part about the reports
	one      string // "coverage report"
	are      string // "Coverage is", of the plural
	known    string // "the coverage of", before a commit
	of       string // "its coverage"
	key      string // of the policy
	mute     string // what is said of a report that says nothing, behind its name

	says func(*Report) bool // whether a report that could be read says anything
	sets func(string) bool  // whether a file sets how reports are made
}

var coverageNoun = reportNoun{
	id: "coverage/reports", name: "Coverage reports", one: "coverage report", are: "Coverage is",
	known: "the coverage of", of: "its coverage", key: "coverage",
	mute: "speaks of no source file; the tests may have run without measuring anything",
	says: func(q *Report) bool { return q.Files > 0 || q.SummaryOnly },
	sets: setsCoverage,
}

var findingsNoun = reportNoun{
	id: "security/findings", name: "Scanners' findings", one: "SARIF report", are: "SARIF reports are",
	known: "what scanners find in", of: "what scanners find in it", key: "security.sarif",
	mute: "holds no run of a scanner",
	says: func(q *Report) bool { return q.Problem == "" },
	sets: func(file string) bool {
		return setsScanner(file) || file == PolicyPath || strings.HasPrefix(file, ".github/actions/")
	},
}

// head is the head commit as people write it.
func (g *gathered) head() string { return short(g.pull.Head.SHA) }

// evidence is what the result rests on: the newest run of each workflow, and
// what the parts name besides.
func (g *gathered) evidence() []Evidence {
	var out []Evidence
	for _, r := range g.state.Runs {
		word := r.Conclusion
		if r.Status != "completed" {
			word = r.Status
		}
		out = append(out, Evidence{
			Kind: "workflow-run", ID: strconv.FormatInt(r.ID, 10) + "/" + strconv.Itoa(max(r.Attempt, 1)), Commit: r.SHA,
			Text: strings.TrimSuffix(workflowName(r.Path)+": "+word, ": "),
		})
	}
	return append(out, g.proof...)
}
