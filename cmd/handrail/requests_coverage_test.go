package main

import (
	"fmt"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
)

// coverageMeterPolicy asks for the lines of a change and compares the project.
const coverageMeterPolicy = meterPolicy + `coverage:
  patch: {min: 80%}
  project: {max_drop: 1%}
  reports: [{workflow: .github/workflows/ci.yml}]
`

// covered is a pull request of ten files that is met but for its coverage, with
// a report on the base branch to compare with, and the run of its CI.
func covered(t testing.TB) (*meter, *sim.Pull, *sim.WorkflowRun) {
	m := newMeter(t, coverageMeterPolicy)
	m.push("main", map[string]string{"shop.go": goSource(0)})
	m.leave(m.start(sim.NewWorkflowRun{}), 0)
	files := map[string]string{}
	for i := range 10 {
		files[fmt.Sprintf("f%03d.go", i)] = goSource(i)
	}
	m.push("topic", files)
	p, err := m.repo.OpenPull(sim.NewPull{By: "alice", Title: "feat: topic", Head: "topic"})
	m.must(err)
	p.Approve("bob")
	p.Comment("carol", "QA +1")
	m.build(p)
	run := m.start(sim.NewWorkflowRun{Pull: p})
	m.settle()
	m.shows(p, false)
	return m, p, run
}

func goSource(i int) string {
	return fmt.Sprintf("package shop\n\nfunc f%d() int {\n\treturn %d\n}\n", i, i)
}

func (m *meter) start(n sim.NewWorkflowRun) *sim.WorkflowRun {
	m.t.Helper()
	n.Workflow, n.Started = ".github/workflows/ci.yml", true
	run, err := m.repo.StartWorkflow(n)
	m.must(err)
	return run
}

// leave lets a run end with a report in which every function is run, those of
// the change among them.
func (m *meter) leave(run *sim.WorkflowRun, changed int) {
	report := "mode: set\ngithub.com/acme/shop/shop.go:3.15,5.2 1 1\n"
	for i := range changed {
		report += fmt.Sprintf("github.com/acme/shop/f%03d.go:3.15,5.2 1 1\n", i)
	}
	run.Leave("coverage", map[string][]byte{"coverage.out": []byte(report)})
	run.Finish("success")
}

var coverageEvents = []func(testing.TB) cost{
	func(t testing.TB) cost {
		m, p, run := covered(t)
		c := m.measure("coverage: the first report, and that of the base", func() { m.leave(run, 10) })
		m.shows(p, true)
		return c
	},
	func(t testing.TB) cost {
		m, p, run := covered(t)
		m.leave(run, 10)
		m.settle()
		c := m.measure("coverage: run again on the same head", func() {
			run.Rerun("alice")
			run.Start()
			m.settle()
			m.leave(run, 10)
		})
		m.shows(p, true)
		return c
	},
	func(t testing.TB) cost {
		m, p, run := covered(t)
		m.leave(run, 10)
		m.settle()
		c := m.measure("coverage: comment that changes nothing", func() { p.Comment("dave", "nice") })
		m.shows(p, true)
		return c
	},
}
