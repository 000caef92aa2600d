package checks

// Under is these rules and the organisation floor's: both hold. Either may be nil.
func (r *ReleaseRules) Under(floor *ReleaseRules) *ReleaseRules {
	if r == nil {
		return floor
	}
	return r
}

// ReleaseRules are what a release needs by the policy and the organisation's floor; nil
// where neither has the section.
func (p Policy) ReleaseRules() *ReleaseRules { return p.Release.Under(p.FloorRelease) }

// IsRelease says whether a tag is a release by the policy.
func (p Policy) IsRelease(tag string) bool {
	r := p.ReleaseRules()
	if r == nil || tag == "" {
		return false
	}
	for _, g := range r.Tags {
		if g.Match(tag) {
			return true
		}
	}
	return false
}
