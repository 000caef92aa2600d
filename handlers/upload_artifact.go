package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

var (
	// digestText is a digest as registries and GitHub write it (OCI image specification,
	// "Digests").
	digestText = regexp.MustCompile(`^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`)
	// artifactName is an image without tag and digest, or a file.
	artifactName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/:+-]{0,199}$`)
)

// receipt is the answer to an artifact, or a scan, that was taken. Entry is its number
// in the log.
type receipt struct {
	Commit   string         `json:"commit"`
	Run      int64          `json:"run"`
	Attempt  int            `json:"attempt"`
	Workflow string         `json:"workflow"`
	Name     string         `json:"name,omitzero"`
	Digest   string         `json:"digest"`
	Found    map[string]int `json:"found,omitzero"` // by severity
	Tools    []string       `json:"tools,omitzero"`
	Entry    int64          `json:"entry"`
	Stored   any            `json:"stored"` // true, or "already"
}

// artifact takes the name and the digest of something that a run made. There is no
// body.
func (h *uploads) artifact(_ http.ResponseWriter, r *http.Request) (any, error) {
	a := store.ArtifactUpload{Name: r.URL.Query().Get("name"), Digest: r.URL.Query().Get("digest")}
	if !artifactName.MatchString(a.Name) {
		return nil, &denial{status: http.StatusBadRequest, outcome: UploadMalformed,
			say: "An artifact needs the name of an image, without its tag, or of a file, of at most 200 characters: add ?name=ghcr.io/acme/app to the address."}
	}
	if no := digested(a.Digest); no != nil {
		return nil, no
	}
	token, err := h.build(r, &a)
	if err != nil {
		return nil, err
	}
	return h.keepArtifact(r.Context(), a, token)
}

// artifactScan takes a SARIF report about a digest, of which it keeps the numbers.
func (h *uploads) artifactScan(w http.ResponseWriter, r *http.Request) (any, error) {
	name, no := uploadedName(r)
	if no != nil {
		return nil, no
	}
	a := store.ArtifactUpload{Digest: r.URL.Query().Get("digest")}
	if no := digested(a.Digest); no != nil {
		return nil, no
	}
	token, err := h.build(r, &a)
	if err != nil {
		return nil, err
	}
	leave, body, err := h.body(w, r)
	if err != nil {
		return nil, err
	}
	defer leave()
	if a.Found, a.Tools, err = h.Scan(name, body); err != nil {
		return nil, unreadable(err, "the scanner")
	}
	sum := sha256.Sum256(body)
	a.Report = hex.EncodeToString(sum[:])
	return h.keepArtifact(r.Context(), a, token)
}

func digested(digest string) *denial {
	if digestText.MatchString(digest) {
		return nil
	}
	return &denial{status: http.StatusBadRequest, outcome: UploadMalformed,
		say: "The digest must be sha256: and 64 hexadecimal digits in lower case, or sha512: and 128: add &digest=sha256:… to the address."}
}

// build fills in the run that sends an artifact. It must have checked out the very
// commit that it is for, in the repository itself: what a run of a pull request builds
// is another tree, by workflow files that others may have changed.
func (h *uploads) build(r *http.Request, a *store.ArtifactUpload) (checks.RunToken, error) {
	token, err := h.sender(r)
	if err != nil {
		return token, err
	}
	run, err := h.proven(r.Context(), token)
	if err != nil {
		return token, err
	}
	if token.SHA != run.SHA || run.HeadRepo != 0 && run.HeadRepo != token.RepoID {
		return token, &denial{status: http.StatusForbidden, outcome: UploadForeign,
			say: "This run has not checked out the commit that it is for, as runs of pull requests do not: send it from the build of the tag, or of a push."}
	}
	a.RepoID, a.Run, a.Attempt, a.SHA, a.Workflow = token.RepoID, run.ID, run.Attempt, run.SHA, run.Path
	return token, nil
}

func (h *uploads) keepArtifact(ctx context.Context, a store.ArtifactUpload, token checks.RunToken) (any, error) {
	keep := h.Store.KeepArtifact
	if a.Found != nil {
		keep = h.Store.KeepArtifactScan
	}
	seq, fresh, err := keep(ctx, a, token, h.Now())
	switch {
	case errors.Is(err, store.ErrUsed):
		return nil, usedToken()
	case errors.Is(err, store.ErrCrowded):
		return nil, &denial{status: http.StatusUnprocessableEntity, outcome: UploadRefused, say: fmt.Sprintf("This attempt of the run has sent too many artifacts and scans: at most %d are taken.", store.UploadsTaken)}
	case err != nil:
		return nil, unable(err)
	}
	answer := &receipt{a.SHA, a.Run, a.Attempt, a.Workflow, a.Name, a.Digest, a.Found, a.Tools, seq, true}
	outcome := UploadKept
	if !fresh {
		answer.Stored, outcome = "already", UploadRepeat
	}
	h.Count(outcome)
	h.Log.Info().Int64("repo_id", a.RepoID).Int64("run", a.Run).Int("attempt", a.Attempt).Str("sha", a.SHA).Str("digest", a.Digest).
		Bool("scan", a.Found != nil).Int64("seq", seq).Bool("repeat", !fresh).Msg("took an artifact")
	return answer, nil
}
