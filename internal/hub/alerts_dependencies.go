package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// dependencyChange is a package that comes or goes, as REST tells it (docs,
// "Dependency review").
type dependencyChange struct {
	Change    string `json:"change_type"` // added or removed
	Manifest  string `json:"manifest"`
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
	Version   string `json:"version"`
	Bad       []struct {
		Severity string `json:"severity"`
		ID       string `json:"advisory_ghsa_id"`
		Summary  string `json:"advisory_summary"`
		URL      string `json:"advisory_url"`
	} `json:"vulnerabilities"`
}

// dependencies reads which vulnerable packages come in with the difference
// base...head. A package that had the same vulnerability in the version that goes
// counts as old.
func (a *alerting) dependencies(ctx context.Context) error {
	base, head := a.pull.Base.SHA, a.pull.Head.SHA
	if !isCommit(base) || !isCommit(head) {
		return &Error{Op: opDependencyAlerts, What: "asked for the dependencies of what is no commit"}
	}
	var list []dependencyChange
	if _, err := a.h.getAfter(ctx, a.c, resource{a.s, opDependencyAlerts, "dependency-graph/compare/" + base + "..." + head}, nil, into(&list)); err != nil {
		return err
	}
	if list == nil {
		return &Error{Op: opDependencyAlerts, Status: http.StatusOK, What: "GitHub gave no list"}
	}
	had := map[string]bool{}
	for _, d := range list {
		for _, v := range d.Bad {
			if d.Change == "removed" {
				had[d.about(v.ID)] = true
			}
		}
	}
	for _, d := range list {
		for _, v := range d.Bad {
			switch {
			case d.Change == "removed":
			case had[d.about(v.ID)]:
				a.out.Old++
			default:
				f := checks.Finding{
					ID: d.id(v.ID), Tool: "dependency review", Rule: short(v.ID), Path: d.Manifest, URL: v.URL,
					Text: short(d.Name + " " + d.Version + " (" + d.Ecosystem + "): " + v.Summary),
				}
				rateFinding(&f, v.Severity)
				a.out.New = append(a.out.New, f)
			}
		}
	}
	return nil
}

// about is a vulnerability of a package, whatever its version.
func (d dependencyChange) about(advisory string) string {
	return strings.Join([]string{d.Manifest, d.Ecosystem, d.Name, advisory}, "\x00")
}

// id stands for a vulnerability of one version of a package.
func (d dependencyChange) id(advisory string) string {
	sum := sha256.Sum256([]byte(d.about(advisory) + "\x00" + d.Version))
	return "d-" + hex.EncodeToString(sum[:6])
}
