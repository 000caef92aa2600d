package main

import (
	"fmt"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// securityMeterPolicy asks for the security scan, and so for GitHub's own alerts
// too, of which the App may read those of dependencies.
const securityMeterPolicy = meterPolicy + "security: {role: qa}\n"

// scannedPull is a pull request of ten files in three commits that is met but for
// what the test does.
func scannedPull(t testing.TB) (*meter, *sim.Pull) {
	m := newMeter(t, securityMeterPolicy)
	for i := range 3 {
		m.push("topic", map[string]string{fmt.Sprintf("g%d.go", i): "package shop\n"})
	}
	p := m.open("topic", 7)
	m.build(p)
	p.Approve("bob")
	p.Comment("carol", "QA +1")
	return m, p
}

var securityEvents = []func(testing.TB) cost{
	func(t testing.TB) cost {
		m := newMeter(t, securityMeterPolicy)
		var p *sim.Pull
		c := m.measure("security: opened, 10 files in 3 commits", func() {
			for i := range 2 {
				m.push("topic", map[string]string{fmt.Sprintf("g%d.go", i): "package shop\n"})
			}
			p = m.open("topic", 8)
		})
		if run, ok := p.Run(checks.RunPrefix + "security-scan"); !ok || run.Conclusion != "success" {
			t.Fatalf("%+v", run)
		}
		return c
	},
	func(t testing.TB) cost {
		m, p := scannedPull(t)
		m.settle()
		c := m.measure("security: one commit more", func() { m.push("topic", map[string]string{"g0.go": "package shop // more\n"}) })
		m.shows(p, false)
		return c
	},
	func(t testing.TB) cost {
		m, p := scannedPull(t)
		m.settle()
		c := m.measure("security: comment that changes nothing", func() { p.Comment("dave", "nice") })
		m.shows(p, true)
		return c
	},
}
