package handlers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/values"
)

func valueReader() handlers.ValueReader {
	return handlers.ValueReader{Engine: values.Engine, Limit: values.SizeLimit, Read: func(name string, text []byte, keys []string) (string, []checks.Value, string) {
		f := values.Read(name, text, keys)
		return f.Format, f.Values, f.Fault
	}}
}

const limitsPolicy = `version: 1
roles:
  platform: {team: acme/platform}
review:
  sign_offs: []
compliance:
  limits:
    - {name: Memory over 1Gi, files: ["deploy/**/*.yaml"], key: "**.limits.memory", over: 1Gi, role: platform}
`

func manifest(memory string) string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: api
          image: ghcr.io/acme/api:1.4.2
          resources:
            limits:
              memory: %s
`, memory)
}

// limited is a rig with the policy and a deployment of 512Mi, whose platform team is
// quinn.
func limited(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, sim.Options{})
	r.gh.Org("acme").Team("platform").Add("quinn")
	r.policy(limitsPolicy)
	r.push("alice", "main", map[string]string{"deploy/shop/api.yaml": manifest("512Mi")})
	return r
}

func (r *rig) raise(branch, memory string) *sim.Pull {
	r.t.Helper()
	r.push("alice", branch, map[string]string{"deploy/shop/api.yaml": manifest(memory)})
	p := r.open(branch)
	r.settle()
	return p
}

// complies checks some words of the run of the section.
func (r *rig) complies(p *sim.Pull, words ...string) {
	r.t.Helper()
	run, _ := p.Run("handrail/compliance")
	all := run.Title + run.Summary
	for _, w := range words {
		if !strings.Contains(all, w) {
			r.t.Errorf("%s does not say %q:\n%s", p, w, all)
		}
	}
}

// The guard rail: what is within the limit passes by itself, what is over it waits
// for those who answer for it, and for nobody else.
func TestAValueOverTheLimitWaitsForItsRoleAndNothingElseDoes(t *testing.T) {
	r := limited(t)
	small := r.raise("small", "1Gi")
	r.shows(small, "completed/success")

	big := r.raise("big", "1Ti")
	r.shows(big, "in_progress", "512Mi → 1Ti is over 1Gi")
	r.complies(big, "512Mi → 1Ti is over 1Gi in deploy/shop/api.yaml:13 of Deployment/shop/api")
	for _, by := range []string{"alice", "bob"} {
		big.Comment(by, "/approve platform")
		r.settle()
		r.shows(big, "in_progress")
	}
	big.Comment("quinn", "/approve platform")
	r.settle()
	r.shows(big, "completed/success")

	r.push("alice", "big", map[string]string{"README.md": "# shop, larger\n"})
	r.settle()
	r.shows(big, "completed/success")
	r.push("alice", "big", map[string]string{"deploy/shop/api.yaml": manifest("2Ti")})
	r.settle()
	r.shows(big, "in_progress", "512Mi → 2Ti is over 1Gi")
	r.push("alice", "big", map[string]string{"deploy/shop/api.yaml": manifest("256Mi")})
	r.settle()
	r.shows(big, "completed/success")
}
