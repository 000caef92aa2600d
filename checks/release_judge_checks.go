package checks

import (
	"slices"
	"strconv"
	"strings"
)

// checks judges what the policy and the default branch's rules require of the tag's
// commit, by each policy text.
func (x *releasing) checks() Result {
	var parts []Result
	for i, t := range x.rules.texts() {
		r := x.status(&Status{Require: t.Require, BranchRules: t.BranchRules}, IDReleaseChecks, "Checks")
		if i > 0 {
			r.ID, r.Name = IDReleaseChecks+"/floor", r.Name+" (organisation floor)"
		}
		if r.State != Exempt || len(parts) == 0 {
			parts = append(parts, r)
		}
	}
	if len(parts) == 1 {
		parts[0].ID, parts[0].Name = IDReleaseChecks, "Checks"
		return parts[0]
	}
	parts[0].ID = IDReleaseChecks + "/repository"
	return Combine(IDReleaseChecks, "Checks", parts)
}

// status judges checks on the tag's commit.
func (x *releasing) status(s *Status, id, name string) Result {
	r := s.Eval(x.pull)
	r.ID, r.Name = id, name
	for i, c := range r.Can {
		if c == theAuthor && x.r.Tag.Pusher.Login == "" {
			r.Can[i] = "whoever works on what it brings"
		}
	}
	for i := range r.Notes {
		r.Notes[i] = strings.Replace(r.Notes[i], "for this pull request", "for this tag", 1)
	}
	if r.State == Exempt {
		r.Summary = "No checks are required of the tag's commit."
	}
	return r
}

// artifacts judges that the files and images are there which the policy names, and that
// all files of the release are known.
func (x *releasing) artifacts() Result {
	page := &x.r.Page
	r := Result{ID: IDReleaseArtifacts, Name: "Files and artifacts", State: Met, Summary: "Everything that the policy names is there."}
	switch {
	case page.Hidden && page.ID == 0 && x.rules.Publish:
		fault{"drafts of releases cannot be seen, since the App may not write contents; whoever owns the organisation grants it that, or the policy says publish: false", "whoever may change the App's permissions"}.fill(&r)
		return r
	case page.AssetsCut:
		fault{"the release has more files than GitHub lists", "whoever made the release"}.fill(&r)
		return r
	}
	for _, a := range page.Assets {
		if !a.Ready {
			r.Notes = append(r.Notes, "The file "+quoted(a.Name)+" is not uploaded yet.")
		}
	}
	uploading := len(r.Notes)
	for i := range x.rules.Artifacts {
		if why := x.lacks(&x.rules.Artifacts[i]); why != "" {
			r.Notes = append(r.Notes, upperFirst(why)+".")
		}
	}
	if r.Notes = limited(sorted(r.Notes), "artifacts"); len(r.Notes) > 0 {
		r.State, r.Summary = Waiting, r.Notes[0]
		r.Can = []string{"whoever builds the release"}
		if len(r.Notes) == 1 {
			r.Notes = nil
		}
		return r
	}
	if len(x.rules.Artifacts) == 0 && uploading == 0 {
		r.State, r.Summary = Exempt, "The policy names no artifact."
	}
	return r
}

// lacks says what a rule about artifacts lacks, "" when it is met.
func (x *releasing) lacks(rule *ArtifactRule) string {
	named := false
	for i := range x.r.Artifacts {
		a := &x.r.Artifacts[i]
		if a.Rule != rule.Name || ArtifactFrom(a.From).or() != rule.From.or() {
			continue
		}
		if named = true; !isDigest(a.Digest) {
			return "GitHub has no digest of " + quoted(a.Name) + ": replace it by one that it has"
		}
	}
	switch {
	case named:
		return ""
	case rule.From.or() == FromUpload:
		return "the artifact " + quoted(rule.Name) + " has not been uploaded by the tag's build"
	}
	return "the release has no file " + quoted(rule.Name)
}

// isDigest says whether a text is an algorithm and hexadecimal digits.
func isDigest(s string) bool {
	algorithm, hex, ok := strings.Cut(s, ":")
	return ok && algorithm != "" && hex != "" && strings.Trim(hex, "0123456789abcdef") == ""
}

// attested judges that GitHub holds an attestation about each artifact.
func (x *releasing) attested(s *Stage) Result {
	r := Result{ID: s.id(partAttested), Name: "Attestations", State: Met}
	var missing, unread, denied []string
	for i := range x.r.Artifacts {
		switch a := &x.r.Artifacts[i]; {
		case a.AttestedDenied:
			denied = append(denied, Plain(a.Name))
		case !a.AttestedRead:
			unread = append(unread, Plain(a.Name))
		case len(a.Attested) == 0:
			missing = append(missing, Plain(a.Name))
		}
	}
	r.Summary = "GitHub holds an attestation about each artifact."
	switch {
	case len(denied) > 0:
		fault{"attestations of " + list(sorted(denied), 3) + " cannot be read: the App needs the permission to read attestations", "whoever may change the App's permissions"}.fill(&r)
	case len(unread) > 0:
		fault{"GitHub was not asked for attestations of " + list(sorted(unread), 3), operators}.fill(&r)
	case len(missing) > 0:
		r.State, r.Can = Waiting, []string{"whoever builds the release"}
		r.Summary = "GitHub holds no attestation of this repository about " + list(sorted(missing), 3) + "."
	case len(x.r.Artifacts) == 0:
		r.State, r.Can = Waiting, []string{"whoever builds the release"}
		r.Summary = "There is no artifact yet that could be attested."
	}
	return r
}

// scanned judges that a scan of each container image, where there is none of each
// artifact, found nothing that is as bad as the stage says.
func (x *releasing) scanned(s *Stage) Result {
	r := Result{ID: s.id(partScan), Name: "Scans", State: Met, Summary: "No scan found anything rated " + string(s.Scan) + " or worse."}
	scanned := slices.DeleteFunc(slices.Clone(x.r.Artifacts), func(a ReleaseArtifact) bool { return !strings.Contains(a.Name, "/") })
	if len(scanned) == 0 {
		scanned = x.r.Artifacts
	}
	var missing, bad []string
	for i := range scanned {
		switch a := &scanned[i]; {
		case !a.ScannedRead:
			missing = append(missing, Plain(a.Name))
		case a.reached(s.Scan) > 0:
			bad = append(bad, Plain(a.Name)+" ("+strconv.Itoa(a.reached(s.Scan))+")")
		}
	}
	switch {
	case len(bad) > 0:
		r.State, r.Can = Unmet, []string{"whoever builds the release"}
		r.Summary = "Scans found what is rated " + string(s.Scan) + " or worse in " + list(sorted(bad), 3) + "."
	case len(missing) > 0 || len(scanned) == 0:
		r.State, r.Can = Waiting, []string{"whoever builds the release"}
		r.Summary = "The tag's build has not uploaded a scan of " + list(sorted(missing), 3) + "."
		if len(scanned) == 0 {
			r.Summary = "There is no artifact yet that could be scanned."
		}
	}
	return r
}

// reached is how many findings are as bad as a severity; those of a word that is none
// are.
func (a *ReleaseArtifact) reached(s Severity) (n int) {
	for word, found := range a.Scanned {
		i := slices.Index(severities, Severity(word))
		if i < 0 || s.reached(floors[i]) {
			n += max(found, 0)
		}
	}
	return n
}
