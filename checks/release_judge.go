package checks

// JudgeRelease judges a release by a policy. It is total: whatever it is given, it
// answers, and what it cannot know promotes nothing.
func JudgeRelease(p Policy, r Release) ReleaseVerdict {
	v := ReleaseVerdict{Tag: r.Tag.Name, Candidate: r.Candidate(p)}
	v.Verdict = Verdict{Observe: p.Observe, Head: r.Tag.Commit, At: r.At}
	v.Digest = v.Candidate.Digest()
	return v
}
