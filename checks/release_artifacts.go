package checks

import (
	"cmp"
	"maps"
	"slices"
)

// NamedArtifacts are the artifacts that the policy and the organisation's floor name,
// each with the rule that names it: files of the release, and what workflow runs on the
// tag's commit have sent. sent may hold anything that such runs have sent, by
// [FromUpload] and [FromScan]; what no rule names is left out, so that no run can make
// another candidate of a release with it. Neither is anything taken of a workflow that
// the rule does not name. The order of what is given does not matter.
func (p Policy) NamedArtifacts(page ReleasePage, sent []ReleaseArtifact) []ReleaseArtifact {
	var out []ReleaseArtifact
	for _, rules := range []*ReleaseRules{p.FloorRelease, p.Release} {
		if rules == nil {
			continue
		}
		for _, rule := range rules.Artifacts {
			out = append(out, rule.found(page, sent)...)
		}
	}
	slices.SortFunc(out, func(a, b ReleaseArtifact) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.From, b.From), cmp.Compare(a.Digest, b.Digest), cmp.Compare(a.Seq, b.Seq))
	})
	return slices.CompactFunc(out, func(a, b ReleaseArtifact) bool {
		return a.Name == b.Name && a.Rule == b.Rule && a.From == b.From && a.Digest == b.Digest
	})
}

// found are the artifacts that a rule names.
func (rule ArtifactRule) found(page ReleasePage, sent []ReleaseArtifact) []ReleaseArtifact {
	var out []ReleaseArtifact
	add := func(a ReleaseArtifact) {
		a.Rule = rule.Name
		a.Scanned, a.ScannedRead = rule.scanned(a.Digest, sent)
		out = append(out, a)
	}
	if rule.From == FromUpload {
		for _, a := range sent {
			if a.From == string(FromUpload) && rule.names(a.Name) && rule.by(a.Workflow) {
				add(a)
			}
		}
		return out
	}
	for _, a := range page.Assets {
		if rule.names(a.Name) {
			add(ReleaseArtifact{Name: a.Name, Digest: a.Digest, From: string(FromRelease)})
		}
	}
	return out
}

func (rule ArtifactRule) names(name string) bool {
	return rule.Name == name || Glob(rule.Name).Match(name)
}

// by says whether a workflow's runs may say something about the artifact.
func (rule ArtifactRule) by(workflow string) bool {
	return rule.Workflow == "" || workflowFile(rule.Workflow) == workflow
}

// scanned is what scans of a digest found: of several, the most of each severity. read
// says that there was one.
func (rule ArtifactRule) scanned(digest string, sent []ReleaseArtifact) (found map[string]int, read bool) {
	for _, a := range sent {
		if digest == "" || a.From != string(FromScan) || a.Digest != digest || !a.ScannedRead || !rule.by(a.Workflow) {
			continue
		}
		if read = true; found == nil {
			found = map[string]int{}
		}
		for word, n := range a.Scanned {
			found[word] = max(found[word], n)
		}
	}
	maps.DeleteFunc(found, func(_ string, n int) bool { return n == 0 })
	return found, read
}
