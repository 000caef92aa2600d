package hub

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opAttested = "attestations"
	// statementType is how a statement in an envelope calls itself (in-toto
	// attestation framework, "DSSE"), provenancePrefix how its predicate does (SLSA,
	// "Provenance").
	statementType    = "application/vnd.in-toto+json"
	provenancePrefix = "https://slsa.dev/provenance/"
	// attestationsRead is the most attestations of one digest that are looked at.
	attestationsRead = 100
)

// attestation is one of GitHub's list, as far as it is looked at. The signature in
// its bundle is not: GitHub has checked it when it took the bundle, and it is GitHub
// that is asked.
type attestation struct {
	RepoID int64 `json:"repository_id"`
	Bundle struct {
		Envelope struct {
			Payload     string `json:"payload"`
			PayloadType string `json:"payloadType"`
		} `json:"dsseEnvelope"`
	} `json:"bundle"`
}

// provenance is the statement that an attestation of how something was built holds
// (in-toto Statement v1; SLSA Provenance v1, GitHub Actions' build type).
type provenance struct {
	Subject []struct {
		Digest map[string]string `json:"digest"`
	} `json:"subject"`
	PredicateType string `json:"predicateType"`
	Predicate     struct {
		Definition struct {
			Parameters struct {
				Workflow struct {
					Repository string `json:"repository"`
					Path       string `json:"path"`
				} `json:"workflow"`
			} `json:"externalParameters"`
		} `json:"buildDefinition"`
	} `json:"predicate"`
}

// attested are the paths of the workflows that made a thing of a digest, by the
// attestations of the repository that GitHub holds; each once, in order. That GitHub
// lists an attestation is taken for its word that the signature is good. What is
// checked here is that the list is about this repository, and that the signed
// statement names the digest and this repository's workflow. denied says that this
// App may not read attestations, or that there are some that were not looked at: beyond
// the first hundred, or where GitHub only links to what they say.
func (h *Hub) attested(ctx context.Context, c *client, s checks.Subject, repo checks.Repo, digest string) (paths []string, denied bool, err error) {
	algorithm, hex, _ := strings.Cut(digest, ":")
	if algorithm != "sha256" || !isDigest(hex) {
		return nil, false, nil // GitHub keeps them by SHA-256 only
	}
	var a struct {
		Attestations []attestation `json:"attestations"`
	}
	q := url.Values{"per_page": {"100"}, "predicate_type": {"provenance"}}
	_, err = h.get(ctx, c, resource{s, opAttested, "attestations/" + digest}, q, into(&a))
	if _, none := missingAt(opAttested, err); none {
		return nil, false, nil
	}
	if _, refused := refusedAt(opAttested, err); refused {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	unread := len(a.Attestations) >= attestationsRead
	home := strings.TrimRight(h.cfg.WebURL, "/") + "/" + repo.Owner + "/" + repo.Name
	for _, one := range a.Attestations {
		unread = unread || one.Bundle.Envelope.Payload == ""
		if path, ok := one.of(repo.ID, home, hex); ok && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths, len(paths) == 0 && unread, nil
}

// of says whether an attestation is about a digest and of the repository at an
// address, and the path of the workflow that it names.
func (a *attestation) of(repo int64, home, hex string) (path string, ok bool) {
	if a.RepoID != repo || a.Bundle.Envelope.PayloadType != statementType {
		return "", false
	}
	text, err := base64.StdEncoding.DecodeString(a.Bundle.Envelope.Payload)
	if err != nil {
		return "", false
	}
	var p provenance
	if json.Unmarshal(text, &p) != nil || !strings.HasPrefix(p.PredicateType, provenancePrefix) {
		return "", false
	}
	w := p.Predicate.Definition.Parameters.Workflow
	if !strings.EqualFold(strings.TrimRight(w.Repository, "/"), home) {
		return "", false
	}
	for _, about := range p.Subject {
		if strings.EqualFold(about.Digest["sha256"], hex) {
			return w.Path, true
		}
	}
	return "", false
}

// isDigest says whether a text is a SHA-256 in lower-case hexadecimal digits.
func isDigest(hex string) bool {
	return len(hex) == 64 && strings.Trim(hex, "0123456789abcdef") == ""
}
