package main

import (
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// releaseMeterPolicy has releases of one stage, which a team signs.
const releaseMeterPolicy = meterPolicy + `release:
  tags: ["v*"]
  stages:
    - {name: production, sign_offs: [{role: qa}], environment: production}
  promoter: qa
`

// newReleaseMeter is a meter of an App that may promote, which has swept once, and so
// knows that there are releases.
func newReleaseMeter(t testing.TB) *meter {
	m := newMeter(t, releaseMeterPolicy)
	for _, name := range []string{"contents", "issues", "deployments", "actions"} {
		m.gh.SetPermission(name, "write")
	}
	m.flow.SweepOnce(t.Context())
	m.settle()
	return m
}

// tagged is a repository with a release that handrail has looked at: a tag with a draft.
func tagged(t testing.TB) *meter {
	m := newReleaseMeter(t)
	m.draft("v1.0.0")
	m.settle()
	m.tracking()
	return m
}

// draft tags main, lets its check pass and leaves a draft of the release.
func (m *meter) draft(tag string) {
	m.t.Helper()
	m.must(m.repo.Tag("bob", tag, m.repo.Branch("main"), true))
	run, err := m.repo.StartRun(sim.NewRun{Name: "build", SHA: m.repo.Branch("main")})
	m.must(err)
	m.must(run.Finish("success"))
	_, err = m.repo.NewRelease(sim.NewRelease{By: "bob", Tag: tag, Name: tag, Draft: true})
	m.must(err)
}

// tracking is the tracking issue of the only release.
func (m *meter) tracking() *sim.Issue {
	m.t.Helper()
	all := m.repo.Issues()
	if len(all) != 1 {
		m.t.Fatalf("there are %d tracking issues: %+v", len(all), m.repo.Runs(m.repo.Branch("main")))
	}
	return all[0]
}

// stands fails unless "Release Requirements" has a title.
func (m *meter) stands(title string) {
	m.t.Helper()
	for _, run := range m.repo.Runs(m.repo.Branch("main")) {
		if run.Name == checks.RunRelease && run.Title == title {
			return
		}
	}
	m.t.Fatalf("%q is not said of the release: %+v", title, m.repo.Runs(m.repo.Branch("main")))
}

var releaseEvents = []func(testing.TB) cost{
	func(t testing.TB) cost {
		m := newReleaseMeter(t)
		return m.measure("release: a tag with a draft", func() { m.draft("v1.0.0") })
	},
	func(t testing.TB) cost {
		m := tagged(t)
		return m.measure("release: comment that changes nothing", func() { m.tracking().Comment("dave", "nice") })
	},
	func(t testing.TB) cost {
		m := tagged(t)
		m.stands("Waiting for Evidence; qa (production)")
		c := m.measure("release: what it brings is accepted, and the last role signs", func() {
			m.tracking().Comment("carol", "/override release/evidence the first one")
			m.tracking().Comment("carol", "/sign-off qa")
		})
		m.stands("Approved, and not promoted yet")
		return c
	},
	func(t testing.TB) cost {
		m := tagged(t)
		m.tracking().Comment("carol", "/override release/evidence the first one")
		m.tracking().Comment("carol", "/sign-off qa")
		m.repo.Guard("production")
		run, err := m.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/deploy.yml", Tag: "v1.0.0", By: "bob"})
		m.must(err)
		job := run.Deploy("production")
		m.settle()
		c := m.measure("release: promoted, published, and a job let into production", func() { m.tracking().Comment("carol", "/promote") })
		m.stands("Released")
		if now := job.Now(); now.Gate != "approved" {
			t.Fatalf("%+v", now)
		}
		return c
	},
	func(t testing.TB) cost {
		m := tagged(t)
		for range 2 {
			m.flow.SweepOnce(t.Context())
			m.settle()
		}
		return m.measure("hourly sweep, a release that waits", func() { m.flow.SweepOnce(t.Context()) })
	},
}
