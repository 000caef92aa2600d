package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opArtifacts = "artifacts"
	opDownload  = "download"
	// artifactLimit is how many artifacts of a run are listed.
	artifactLimit = 1000
	// archiveLimit is the largest archive that is read, in bytes.
	archiveLimit = 50 << 20
	// downloadTimeout bounds a download from first to last: longer than other
	// requests may take, and shorter than the two minutes for which work is
	// leased. Whoever downloads several must look after the lease.
	downloadTimeout = 90 * time.Second
)

// Artifacts are all artifacts that a run left, of all its attempts. That there
// is no such run, or that it left more than 1,000, is a [Fault].
func (h *Hub) Artifacts(ctx context.Context, s checks.Subject, run int64) ([]checks.Artifact, error) {
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, err
	}
	var list []checks.Artifact
	seen := map[int64]bool{}
	for page := 1; page != 0; {
		if page > artifactLimit/100 {
			return nil, &Fault{fmt.Sprintf("the workflow run left more than %d artifacts", artifactLimit)}
		}
		var got []artifactAnswer
		if got, page, err = h.artifactPage(ctx, c, s, run, page); err != nil {
			return nil, err
		}
		for _, a := range got {
			if !seen[a.ID] {
				seen[a.ID] = true
				list = append(list, checks.Artifact{ID: a.ID, Name: a.Name, Size: a.Size, Digest: a.Digest, Expired: a.Expired, Created: a.Created})
			}
		}
	}
	return list, nil
}

// artifactAnswer is an artifact as REST tells it (docs, "GitHub Actions
// artifacts").
type artifactAnswer struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Size    int64     `json:"size_in_bytes"`
	Digest  string    `json:"digest"`
	Expired bool      `json:"expired"`
	Created time.Time `json:"created_at"`
	Run     *struct {
		ID int64 `json:"id"`
	} `json:"workflow_run"`
}

func (h *Hub) artifactPage(ctx context.Context, c *client, s checks.Subject, run int64, page int) (list []artifactAnswer, next int, err error) {
	var a struct {
		Artifacts []artifactAnswer `json:"artifacts"`
	}
	q := url.Values{"per_page": {"100"}, "page": {strconv.Itoa(page)}}
	next, err = h.get(ctx, c, resource{s, opArtifacts, fmt.Sprintf("actions/runs/%d/artifacts", run)}, q, into(&a))
	if err != nil {
		return nil, 0, faultIfMissing(opArtifacts, err, fmt.Sprintf("GitHub has no workflow run %d in this repository", run))
	}
	if a.Artifacts == nil {
		return nil, 0, &Error{Op: opArtifacts, Status: http.StatusOK, What: "GitHub gave no list of artifacts"}
	}
	for _, x := range a.Artifacts {
		if x.ID == 0 || x.Run != nil && x.Run.ID != run {
			return nil, 0, &Error{Op: opArtifacts, Status: http.StatusOK, What: "GitHub gave an artifact of no run or another"}
		}
	}
	return a.Artifacts, next, nil
}

// Download is an artifact's zip archive. That it expired, is gone, is larger
// than 50 MiB, or is not what its digest says, is a [Fault]. It takes at most 90
// seconds.
func (h *Hub) Download(ctx context.Context, s checks.Subject, a checks.Artifact) ([]byte, error) {
	if a.Expired {
		return nil, &Fault{"GitHub has deleted it, as it does after a time"}
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, downloadTimeout)
	defer cancel()
	where, err := h.location(within, c, s, a.ID)
	if err != nil {
		return nil, faultIfMissing(opDownload, err, "GitHub has deleted it, as it does after a time")
	}
	data, err := h.fetch(within, c, where)
	if errors.Is(err, errTooLarge) {
		return nil, &Fault{fmt.Sprintf("it is larger than %d MiB", archiveLimit>>20)}
	}
	if err == nil {
		err = verifyDigest(a.Digest, data)
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// verifyDigest compares an archive with what GitHub said of it.
func verifyDigest(digest string, data []byte) error {
	if digest == "" {
		return nil
	}
	want, known := strings.CutPrefix(strings.ToLower(digest), "sha256:")
	if !known {
		return &Fault{"GitHub gives it a digest of a kind that is not known"}
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
		return &Fault{"what was downloaded is not what its digest says"}
	}
	return nil
}

// location asks where an artifact's archive is: an address that is signed for
// about a minute, and therefore a secret.
func (h *Hub) location(ctx context.Context, c *client, s checks.Subject, id int64) (string, error) {
	var where string
	err := h.rest(ctx, c, opDownload, func(ctx context.Context, ses *session) error {
		req, err := ses.rest.NewRequest(http.MethodGet, resource{s: s, path: fmt.Sprintf("actions/artifacts/%d/zip", id)}.url(nil), nil)
		if err != nil {
			return &Error{What: "make request"}
		}
		resp, err := redirection(ses, req.WithContext(ctx))
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		where = resp.Header.Get("Location")
		if resp.StatusCode != http.StatusFound || where == "" {
			return &Error{What: "GitHub did not say where the archive is"}
		}
		return nil
	})
	return where, err
}

// redirection asks the API without following where it leads: a client would
// take the token along, and quote the address in its errors. Only the API's own
// 301 for a renamed repository is followed, once.
func redirection(ses *session, req *http.Request) (*http.Response, error) {
	resp, err := ses.http.Transport.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusMovedPermanently {
		return resp, err
	}
	u, err := req.URL.Parse(resp.Header.Get("Location"))
	if err != nil || u.Host != req.URL.Host || u.Scheme != req.URL.Scheme || u.User != nil {
		return nil, &Error{What: "redirected to another host"}
	}
	again := req.Clone(req.Context())
	again.URL = u
	return ses.http.Transport.RoundTrip(again)
}
