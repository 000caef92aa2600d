package checks

// SignedCommits is the control `compliance: {signed_commits: …}`: every commit of
// the pull request has a signature that GitHub has found to be valid.
// `signed_commits: true` takes the defaults.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.4, NIST CM-14, SI-7.
type SignedCommits struct {
	// GitHub: a signature by GitHub itself counts, as it has what is committed on
	// its web pages, by its buttons and by most Apps. It says who was logged in,
	// not who holds a key. Default: true.
	GitHub bool `yaml:"github" tighten:"off"`
	// Merges: merge commits must be signed as well. Default: true.
	Merges bool `yaml:"merges" tighten:"on"`
}

// NewSignedCommits is the control with its defaults.
func NewSignedCommits() *SignedCommits { return &SignedCommits{GitHub: true, Merges: true} }

// Eval looks at the signature of each commit.
func (s *SignedCommits) Eval(pull Pull) Result {
	r := Result{ID: "compliance/signed_commits", Name: "Signed commits", Summary: "Every commit has a valid signature."}
	return pull.commitResult(r, pull.object(s.wrong), remedy{
		is:  "has no signature that counts.",
		are: "have no signature that counts.",
		do: "Set up signing with a key that your GitHub account knows, rewrite the commits by “git rebase --force-rebase --gpg-sign " +
			quoted(pull.Base.Name) + "”, and push by force.",
	})
}

// wrong is why a commit's signature does not count.
func (s *SignedCommits) wrong(c *Commit) string {
	switch {
	case c.Merge && !s.Merges, c.Verified && (s.GitHub || !c.GitHubSigned):
		return ""
	case c.Verified:
		return "is signed by GitHub only, which does not count here"
	}
	return "has no signature, or none that GitHub finds valid"
}
