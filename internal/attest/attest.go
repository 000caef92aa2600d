// Package attest makes and verifies the signed decision on a release: an in-toto
// statement, in a DSSE envelope, that says what was promoted, who signed it in which
// role, on what evidence, and proves by the log that this is what handrail decided.
// Whoever deploys can verify it with nothing but the log's verifier key: without
// handrail, without GitHub and without a network.
package attest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// Types of what is made here. They are a format: others are only ever added.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "https://github.com/handrail-bot/handrail/attestations/release-decision/v1"
)

// promoted is the kind of the log entries that hold decisions.
const promoted store.Kind = "release.promoted"

// Statement is an in-toto statement (in-toto Attestation Framework v1, "Statement").
type Statement struct {
	Type          string    `json:"_type"`
	Subject       []Subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     Predicate `json:"predicate"`
}

// Subject is what a statement is about, told by its digests ("ResourceDescriptor").
// The commit's has the algorithm gitCommit, an annotated tag's gitTag.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// Predicate is what a statement says.
type Predicate struct {
	// GitHub is the address of the GitHub that the release is on.
	GitHub string `json:"github"`
	// Decision is the body of the log entry, a [checks.Decision], byte for byte: its
	// hash is in the log.
	Decision json.RawMessage `json:"decision"`
	// Log is the entry, with the proof that it is in the log.
	Log store.Exhibit `json:"log"`
}

// Of is the signed decision that a log entry of kind release.promoted holds, as JSON.
// github is the address of the GitHub that it is on. What is made was verified.
func Of(ctx context.Context, s *store.Store, seq int64, github string) ([]byte, error) {
	key, err := note.NewVerifier(s.VerifierKey())
	if err != nil {
		return nil, fmt.Errorf("attest entry %d: read the log's verifier key: %w", seq, err)
	}
	x, body, err := s.Exhibit(ctx, seq)
	if err != nil {
		return nil, fmt.Errorf("attest entry %d: %w", seq, err)
	}
	text, err := write(x, body, github, key, s.Sign)
	if err == nil {
		_, err = Verify(text, key, Expect{})
	}
	if err != nil {
		return nil, fmt.Errorf("attest entry %d: %w", seq, err)
	}
	return text, nil
}

// write makes the envelope of an entry.
func write(x store.Exhibit, body []byte, github string, key note.Verifier, sign func([]byte) ([]byte, error)) ([]byte, error) {
	d, err := decision(body)
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(Statement{
		Type: StatementType, PredicateType: PredicateType, Subject: subjects(d, github),
		Predicate: Predicate{GitHub: github, Decision: body, Log: x},
	})
	if err != nil {
		return nil, fmt.Errorf("encode statement: %w", err)
	}
	return seal(payload, KeyID(key), sign)
}

func decision(body []byte) (checks.Decision, error) {
	var d checks.Decision
	if err := json.Unmarshal(body, &d); err != nil {
		return d, fmt.Errorf("the entry holds no decision: %w", err)
	}
	return d, nil
}

// subjects are the commit, the tag, and each artifact of which there is a digest.
func subjects(d checks.Decision, github string) []Subject {
	repo := "git+" + github + "/" + d.Repo
	commit := map[string]string{"gitCommit": d.Candidate.Commit}
	tag := commit
	if d.Candidate.TagOID != d.Candidate.Commit {
		tag = map[string]string{"gitTag": d.Candidate.TagOID}
	}
	out := []Subject{{repo, commit}, {repo + "@refs/tags/" + d.Tag, tag}}
	for _, a := range d.Candidate.Artifacts {
		if algorithm, hex, ok := strings.Cut(a.Digest, ":"); ok && isHex(hex) {
			out = append(out, Subject{a.Name, map[string]string{algorithm: hex}})
		}
	}
	return out
}

// isHex says whether a digest is one: files of which GitHub knows none are told in
// other words.
func isHex(s string) bool {
	return len(s) >= 32 && strings.Trim(s, "0123456789abcdef") == ""
}
