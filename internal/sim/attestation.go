package sim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Attestation is what a workflow of the repository has attested about an artifact.
type Attestation struct {
	Digest string // "sha256:" and 64 hexadecimal digits
	Name   string // of the artifact
	// Workflow is the file of the workflow that signed it, Ref the branch or tag that
	// it ran for in full, SHA the commit.
	Workflow, Ref, SHA string
	// Type is that of the predicate; default https://slsa.dev/provenance/v1.
	Type string
	// Payload stands for the whole in-toto statement when it is not nil.
	Payload []byte
}

const provenance = "https://slsa.dev/provenance/v1"

// Attest keeps an attestation, as actions/attest-build-provenance does.
func (r *Repo) Attest(a Attestation) error {
	hexDigest, ok := strings.CutPrefix(a.Digest, "sha256:")
	if !ok || len(hexDigest) != 64 {
		return fmt.Errorf("attest %s: %q is no SHA-256 digest", a.Name, a.Digest)
	}
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	if a.Type == "" {
		a.Type = provenance
	}
	if a.Payload == nil {
		statement, err := json.Marshal(m{"_type": "https://in-toto.io/Statement/v1", "subject": []m{{"name": a.Name, "digest": m{"sha256": hexDigest}}},
			"predicateType": a.Type, "predicate": r.provenance(a)})
		if err != nil {
			return fmt.Errorf("attest %s: %w", a.Name, err)
		}
		a.Payload = statement
	}
	r.attestations = append(r.attestations, a)
	return nil
}

// provenance is the predicate as GitHub's action writes it.
func (r *Repo) provenance(a Attestation) m {
	return m{"buildDefinition": m{"buildType": "https://actions.github.io/buildtypes/workflow/v1",
		"externalParameters":   m{"workflow": m{"ref": a.Ref, "repository": r.url(), "path": a.Workflow}},
		"internalParameters":   m{"github": m{"event_name": "push", "repository_id": text64(r.ID), "repository_owner_id": text64(r.owner.ID), "runner_environment": "github-hosted"}},
		"resolvedDependencies": []m{{"uri": "git+" + r.url() + "@" + a.Ref, "digest": m{"gitCommit": a.SHA}}}},
		"runDetails": m{"builder": m{"id": r.url() + "/" + a.Workflow + "@" + a.Ref}, "metadata": m{"invocationId": r.url() + "/actions/runs/1/attempts/1"}}}
}

// bundle is an attestation as Sigstore has it. Its signature is none.
func (a Attestation) bundle() m {
	return m{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
		"verificationMaterial": m{"certificate": m{"rawBytes": base64.StdEncoding.EncodeToString([]byte("simulated"))}, "tlogEntries": []m{},
			"timestampVerificationData": m{"rfc3161Timestamps": []m{}}},
		"dsseEnvelope": m{"payload": base64.StdEncoding.EncodeToString(a.Payload), "payloadType": "application/vnd.in-toto+json",
			"signatures": []m{{"sig": base64.StdEncoding.EncodeToString([]byte("simulated"))}}}}
}

// fits says whether an attestation is of the type that a request asks for: provenance,
// sbom, release or the name of any.
func (a Attestation) fits(kind string) bool {
	switch kind {
	case "":
		return true
	case "provenance":
		return strings.HasPrefix(a.Type, "https://slsa.dev/provenance/")
	case "release":
		return strings.HasPrefix(a.Type, "https://in-toto.io/attestation/release/")
	case "sbom":
		return strings.HasPrefix(a.Type, "https://spdx.dev/Document") || strings.HasPrefix(a.Type, "https://cyclonedx.org/bom")
	}
	return a.Type == kind
}

// listAttestations answers with those of a digest, the newest first; with 404 where there
// is none.
func (c *call) listAttestations() {
	kind := c.r.URL.Query().Get("predicate_type")
	var all []Attestation
	for _, a := range slices.Backward(c.repo.attestations) {
		if a.Digest == c.r.PathValue("digest") && a.fits(kind) {
			all = append(all, a)
		}
	}
	if all == nil {
		c.missing()
		return
	}
	okPage(c, all, func(a Attestation) m {
		return m{"bundle": a.bundle(), "repository_id": c.repo.ID, "bundle_url": c.gh.base + "/attestations/" + strings.TrimPrefix(a.Digest, "sha256:"), "initiator": "user"}
	})
	c.res.body = m{"attestations": c.res.body}
}
