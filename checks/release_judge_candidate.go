package checks

import (
	"slices"
	"strings"
	"time"
)

// again is since when a candidate is there again that was one before: what was said
// about it until then ended when it did. Zero for one that never ended.
func (m *ReleaseMemory) again(digest string, now time.Time) time.Time {
	n := len(m.Candidates)
	before := func(c PastCandidate) bool { return c.Digest == digest }
	switch {
	case n > 0 && before(m.Candidates[n-1]) && m.Candidates[n-1].Ended.IsZero():
		if slices.ContainsFunc(m.Candidates[:n-1], before) {
			return m.Candidates[n-1].Since
		}
	case slices.ContainsFunc(m.Candidates, before):
		return now // it comes back just now
	}
	return time.Time{}
}

// shown is the digest of the candidate that GitHub showed at a moment, "" for none. What
// is written in the second in which one is first shown is about the one before.
func (m *ReleaseMemory) shown(at time.Time) string {
	var digest string
	for _, c := range m.Candidates {
		if !c.Shown.IsZero() && c.Shown.Before(at) {
			digest = c.Digest
		}
	}
	return digest
}

// stray says why an act is not about the candidate that is there, "" when it is.
func (x *releasing) stray(a *Act) string {
	now := "it is " + x.v.Digest[:ShortCandidate] + " now"
	switch {
	case a.Candidate == "":
		return "it is not known which candidate it was for, and " + now
	case IsCandidate(a.Candidate, x.v.Digest) && x.ambiguous(a.Candidate):
		return "candidates " + quoted(a.Candidate) + " are several, and " + now
	case IsCandidate(a.Candidate, x.v.Digest):
		if !x.began.IsZero() && !a.At.After(x.began) {
			return "it was for candidate " + x.v.Digest[:ShortCandidate] + " before that ended" + x.r.Memory.why(x.v.Digest) + "; what is there again since " + minute(x.began) + " is to be looked at anew"
		}
		return ""
	}
	i := slices.IndexFunc(x.r.Memory.Candidates, func(c PastCandidate) bool { return IsCandidate(a.Candidate, c.Digest) })
	if i < 0 {
		return "this release has had no candidate " + quoted(a.Candidate) + ", and " + now
	}
	past := &x.r.Memory.Candidates[i]
	why := x.r.Memory.why(past.Digest)
	if why == "" {
		why = ": " + goingOn(strings.TrimSuffix(x.v.Candidate.Changed(past.Candidate), "."))
	}
	return "it was for candidate " + past.Digest[:min(len(past.Digest), ShortCandidate)] + ", and " + now + why
}

// ambiguous says whether the digits of a candidate are also those of an earlier one:
// twelve of them can be found again by whoever tries for long enough.
func (x *releasing) ambiguous(digits string) bool {
	return slices.ContainsFunc(x.r.Memory.Candidates, func(c PastCandidate) bool {
		return c.Digest != x.v.Digest && IsCandidate(digits, c.Digest)
	})
}

// why is what ended a candidate, after a colon; "" where that is not known.
func (m *ReleaseMemory) why(digest string) string {
	for _, c := range slices.Backward(m.Candidates) {
		if c.Digest == digest && c.Why != "" {
			return ": " + goingOn(phrase(c.Why))
		}
	}
	return ""
}

// goingOn is a sentence as a part of another.
func goingOn(s string) string {
	if s != "" && s[0] >= 'A' && s[0] <= 'Z' && (len(s) < 2 || s[1] < 'A' || s[1] > 'Z') {
		return string(s[0]|0x20) + s[1:]
	}
	return s
}

// Changed says, as one sentence, what makes the candidate another one than an earlier
// one; "" where they are the same.
func (c Candidate) Changed(from Candidate) string {
	var out []string
	switch {
	case from.TagOID != "" && c.TagOID == "":
		out = append(out, "the tag was deleted")
	case from.TagOID == "" && c.TagOID != "":
		out = append(out, "the tag was made again at "+short(c.Commit))
	case from.Commit != c.Commit:
		out = append(out, "the tag was moved from "+short(from.Commit)+" to "+short(c.Commit))
	case from.TagOID != c.TagOID:
		out = append(out, "the tag was made anew at the same commit")
	}
	switch {
	case from.ReleaseID == c.ReleaseID:
	case from.ReleaseID == 0:
		out = append(out, "a release was made of the tag")
	case c.ReleaseID == 0:
		out = append(out, "the release, or its draft, was deleted")
	default:
		out = append(out, "another release was made of the tag")
	}
	out = append(out, changedArtifacts(from.Artifacts, c.Artifacts)...)
	if from.Policy != c.Policy {
		out = append(out, "the policy was changed")
	}
	if len(out) == 0 {
		return ""
	}
	s := list(out, 6)
	return string(s[0]&^0x20) + s[1:] + "."
}

// changedArtifacts says which artifacts came, went or have other digests.
func changedArtifacts(from, to []CandidateArtifact) []string {
	var came, went, other []string
	named := func(list []CandidateArtifact, name string) bool {
		return slices.ContainsFunc(list, func(a CandidateArtifact) bool { return a.Name == name })
	}
	for _, a := range to {
		switch {
		case slices.Contains(from, a):
		case named(from, a.Name):
			other = append(other, Plain(a.Name))
		default:
			came = append(came, Plain(a.Name))
		}
	}
	for _, a := range from {
		switch {
		case slices.Contains(to, a):
		case named(to, a.Name):
			other = append(other, Plain(a.Name))
		default:
			went = append(went, Plain(a.Name))
		}
	}
	var out []string
	for _, c := range []struct {
		names []string
		did   string
	}{{came, "added"}, {went, "removed"}, {other, "replaced"}} {
		if names := sorted(c.names); len(names) > 0 {
			out = append(out, list(names, 3)+" "+plural(len(names), "was ", "were ")+c.did)
		}
	}
	return out
}
