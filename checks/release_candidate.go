package checks

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
)

// Candidate is one version of a release: what is signed is this and nothing else.
type Candidate struct {
	// Tag is its name: two tags at one commit are two candidates.
	Tag       string              `json:"tag"`
	TagOID    string              `json:"tag_oid"`
	Commit    string              `json:"commit"`
	ReleaseID int64               `json:"release_id,omitzero"`
	Artifacts []CandidateArtifact `json:"artifacts,omitzero"` // in order
	// Policy is the digest of what the policy says about releases and roles.
	Policy string `json:"policy"`
}

// CandidateArtifact is an asset of the release, or an artifact that the policy names.
type CandidateArtifact struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// Candidate is the version of the release that the snapshot shows. An asset of which
// GitHub has no digest stands by its number, size and time: another in its place is
// another. Once a candidate is promoted it stays the same by the policy of then: what
// the policy says later is about releases that are yet to come.
func (r *Release) Candidate(p Policy) Candidate {
	c := Candidate{Tag: r.Tag.Name, TagOID: r.Tag.OID, Commit: r.Tag.Commit, ReleaseID: r.Page.ID, Policy: p.ReleaseDigest}
	for _, a := range r.Page.Assets {
		digest := a.Digest
		if digest == "" {
			digest = "asset:" + strconv.FormatInt(a.ID, 10) + ":" + strconv.FormatInt(a.Size, 10) + ":" + strconv.FormatInt(a.Updated.Unix(), 10)
		}
		c.Artifacts = append(c.Artifacts, CandidateArtifact{a.Name, digest})
	}
	for _, a := range r.Artifacts {
		if one := (CandidateArtifact{a.Name, a.Digest}); !slices.Contains(c.Artifacts, one) {
			c.Artifacts = append(c.Artifacts, one)
		}
	}
	slices.SortFunc(c.Artifacts, func(a, b CandidateArtifact) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Digest, b.Digest))
	})
	if past := r.Memory.promoted(); past != nil && r.keepsPromotion() {
		if c.Policy, p.ReleaseDigest = past.Policy, c.Policy; c.Digest() != past.Digest {
			c.Policy = p.ReleaseDigest
		}
	}
	return c
}

// Promoted says whether the promotion of a candidate is on record and holds. One that
// ended before it was released, and is there again, has to be promoted anew.
func (r *Release) Promoted(digest string) bool {
	return digest != "" && digest == r.Memory.Promoted && r.keepsPromotion()
}

// keepsPromotion says whether what was promoted has been there ever since, or is out.
func (r *Release) keepsPromotion() bool {
	m := &r.Memory
	again := m.again(m.Promoted, r.At)
	if again.IsZero() || r.isOut() {
		return true
	}
	last := &m.Candidates[len(m.Candidates)-1]
	if last.Digest == m.Promoted && last.Seq != 0 && m.PromotedSeq != 0 {
		return last.Ended.IsZero() && last.Seq < m.PromotedSeq
	}
	return !again.After(m.PromotedAt)
}

// isOut says whether what was promoted is released: on every level that there is, or on
// GitHub at least.
func (r *Release) isOut() bool {
	return r.Memory.Promoted != "" && (!r.Memory.Released.IsZero() || r.Page.ID != 0 && !r.Page.Draft && !r.Page.Prerelease)
}

// promoted is the candidate that was promoted, nil for none that is known.
func (m *ReleaseMemory) promoted() *PastCandidate {
	for i := range m.Candidates {
		if c := &m.Candidates[i]; m.Promoted != "" && c.Digest == m.Promoted {
			return c
		}
	}
	return nil
}

// Digest is the SHA-256 over everything in the candidate, each text after its length,
// in 64 hexadecimal digits.
func (c Candidate) Digest() string {
	buf := appendTexts(nil, "handrail candidate 1", c.Tag, c.TagOID, c.Commit, strconv.FormatInt(c.ReleaseID, 10), c.Policy, strconv.Itoa(len(c.Artifacts)))
	for _, a := range c.Artifacts {
		buf = appendTexts(buf, a.Name, a.Digest)
	}
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:])
}

// ShortCandidate is how many digits of a candidate's digest people are shown, and an
// old button is told by.
const ShortCandidate = 12

// IsCandidate says whether a text, of 12 or more hexadecimal digits, means the
// candidate of a digest.
func IsCandidate(text, digest string) bool {
	return len(text) >= ShortCandidate && len(text) <= len(digest) && digest[:len(text)] == text
}
