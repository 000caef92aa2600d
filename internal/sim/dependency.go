package sim

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// Vulnerability is an advisory about one version of a package. Severity is low,
// moderate, high or critical.
type Vulnerability struct {
	Ecosystem, Package, Version string // pip or gomod
	Severity                    string
	Advisory                    string // GHSA-…
	Summary                     string
}

// AddVulnerability publishes an advisory. Repositories that have the package on
// their default branch are told by Dependabot.
func (gh *GitHub) AddVulnerability(v Vulnerability) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	v.Severity = cmp.Or(v.Severity, "moderate")
	gh.advisories = append(gh.advisories, v)
	for _, name := range sortedKeys(gh.repos) {
		r := gh.repos[name]
		c := r.objects.commits[r.branches[r.main]]
		if c == nil || r.lacks[DependencyGraph] {
			continue
		}
		for _, d := range r.objects.dependencies(c.tree) {
			if v.of(d) {
				r.dependabot++
				r.emit(event{name: "dependabot_alert", action: "created", sender: gh.account("dependabot[bot]"),
					body: m{"alert": r.dependabotJSON(r.dependabot, d, v)}})
			}
		}
	}
}

// of says whether an advisory is about a dependency.
func (v Vulnerability) of(d dependency) bool {
	return v.Ecosystem == d.ecosystem && v.Package == d.name && v.Version == d.version
}

// dependency is one line of a manifest.
type dependency struct{ manifest, ecosystem, name, version string }

// dependencies are what the manifests of a tree name: requirements.txt with
// "name==version", and go.mod.
func (o *objects) dependencies(tree string) (list []dependency) {
	o.walk(tree, "", func(at string, e entry) {
		switch path.Base(at) {
		case "requirements.txt":
			for line := range strings.Lines(string(o.blobs[e.sha])) {
				if name, version, ok := strings.Cut(strings.TrimSpace(line), "=="); ok {
					list = append(list, dependency{at, "pip", name, version})
				}
			}
		case "go.mod":
			for line := range strings.Lines(string(o.blobs[e.sha])) {
				words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
				if len(words) >= 2 && strings.HasPrefix(words[1], "v") {
					list = append(list, dependency{at, "gomod", words[0], words[1]})
				}
			}
		}
	})
	return list
}

// compareDependencies tells which packages the difference base...head adds and
// removes.
func (c *call) compareDependencies() {
	r := c.repo
	base, head, _ := strings.Cut(c.r.PathValue("range"), "...")
	b, h := r.resolve(base), r.resolve(head)
	if r.lacks[DependencyGraph] {
		c.refuse(403, "Dependency review is not available for this repository.")
		return
	}
	if b == "" || h == "" || r.objects.mergeBase(b, h) == "" {
		c.missing()
		return
	}
	was := r.objects.dependencies(r.objects.commits[r.objects.mergeBase(b, h)].tree)
	is := r.objects.dependencies(r.objects.commits[h].tree)
	all := []m{}
	for _, d := range is {
		if !slices.Contains(was, d) {
			all = append(all, c.gh.dependencyJSON(d, "added"))
		}
	}
	for _, d := range was {
		if !slices.Contains(is, d) {
			all = append(all, c.gh.dependencyJSON(d, "removed"))
		}
	}
	c.ok(all)
}

func (gh *GitHub) dependencyJSON(d dependency, change string) m {
	bad := []m{}
	for _, v := range gh.advisories {
		if v.of(d) {
			bad = append(bad, m{"severity": v.Severity, "advisory_ghsa_id": v.Advisory, "advisory_summary": v.Summary,
				"advisory_url": gh.base + "/advisories/" + v.Advisory})
		}
	}
	purl := map[string]string{"pip": "pypi", "gomod": "golang"}[d.ecosystem]
	return m{"change_type": change, "manifest": d.manifest, "ecosystem": d.ecosystem, "name": d.name, "version": d.version,
		"package_url": "pkg:" + purl + "/" + d.name + "@" + d.version, "license": nil, "source_repository_url": nil, "scope": "runtime",
		"vulnerabilities": bad}
}
