package sim

import (
	"net/http"
	"slices"
	"strings"
)

func (rt route) alerts() {
	rt.on("GET /repos/{owner}/{repo}/code-scanning/alerts", "security_events:read", (*call).listCodeAlerts)
	rt.on("GET /repos/{owner}/{repo}/code-scanning/analyses", "security_events:read", (*call).listAnalyses)
	rt.on("GET /repos/{owner}/{repo}/dependency-graph/compare/{range...}", "contents:read", (*call).compareDependencies)
	rt.on("GET /repos/{owner}/{repo}/secret-scanning/alerts", "secret_scanning_alerts:read", (*call).listSecretAlerts)
	rt.on("GET /repos/{owner}/{repo}/secret-scanning/alerts/{n}/locations", "secret_scanning_alerts:read", (*call).listSecretPlaces)
}

// scanned says whether there is code scanning to tell of.
func (c *call) scanned() bool {
	switch {
	case c.repo.lacks[CodeScanning]:
		c.refuse(http.StatusForbidden, "Code Security must be enabled for this repository to use code scanning.")
	case len(c.repo.analyses) == 0:
		c.refuse(http.StatusNotFound, "no analysis found")
	default:
		return true
	}
	return false
}

// ref is the query's ref in full; usual is a branch.
func (c *call) ref(usual string) string {
	ref := c.r.URL.Query().Get("ref")
	if ref == "" {
		ref = usual
	}
	if ref != "" && !strings.HasPrefix(ref, "refs/") {
		ref = "refs/heads/" + ref
	}
	return ref
}

// listCodeAlerts lists the alerts of a ref, newest first.
func (c *call) listCodeAlerts() {
	if !c.scanned() {
		return
	}
	ref, state := c.ref(c.repo.main), c.r.URL.Query().Get("state")
	var all []*codeAlert
	for _, a := range slices.Backward(c.repo.codeAlerts) {
		if i := a.on(ref); i != nil && (state == "" || a.state(i) == state) {
			all = append(all, a)
		}
	}
	okPage(c, all, func(a *codeAlert) m { return c.repo.codeAlertJSON(a, a.on(ref)) })
}

func (c *call) listAnalyses() {
	if !c.scanned() {
		return
	}
	ref := c.ref("")
	var all []*analysis
	for _, a := range slices.Backward(c.repo.analyses) {
		if ref == "" || a.scan.Ref == ref {
			all = append(all, a)
		}
	}
	okPage(c, all, c.repo.analysisJSON)
}

// noSecrets answers where there is no secret scanning.
func (c *call) noSecrets() bool {
	if c.repo.lacks[SecretScanning] {
		c.refuse(http.StatusNotFound, "Secret scanning is disabled on this repository.")
	}
	return c.repo.lacks[SecretScanning]
}

// listSecretAlerts lists alerts, newest first.
func (c *call) listSecretAlerts() {
	if c.noSecrets() {
		return
	}
	q := c.r.URL.Query()
	var all []*secretAlert
	for _, a := range slices.Backward(c.repo.secretAlerts) {
		if state := q.Get("state"); state == "" || state == "open" == a.resolved.IsZero() {
			all = append(all, a)
		}
	}
	okPage(c, all, func(a *secretAlert) m {
		out := c.repo.secretAlertJSON(a)
		if q.Get("hide_secret") == "true" {
			delete(out, "secret")
		}
		return out
	})
}

func (c *call) listSecretPlaces() {
	if c.noSecrets() {
		return
	}
	n := int(c.number("n"))
	if n < 1 || n > len(c.repo.secretAlerts) {
		c.missing()
		return
	}
	okPage(c, c.repo.secretAlerts[n-1].Places, c.repo.placeJSON)
}
