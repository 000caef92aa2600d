package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// blobStore stands for the storage that GitHub keeps artifacts in: another
// host, which takes signed addresses and no token. It listens from the first
// download on.
type blobStore struct {
	gh     *GitHub
	key    []byte
	listen func() (string, error) // its address
	server *http.Server
	wg     sync.WaitGroup
}

// blobLife is how long an address can be used (docs, "Download an artifact").
const blobLife = time.Minute

func newBlobStore(gh *GitHub) *blobStore {
	b := &blobStore{gh: gh, key: []byte(gh.guid())}
	b.server = &http.Server{Handler: http.HandlerFunc(b.serve), ReadHeaderTimeout: 10 * time.Second}
	b.listen = sync.OnceValues(func() (string, error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", fmt.Errorf("listen as blob store: %w", err)
		}
		b.wg.Go(func() {
			if err := b.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return
			}
		})
		return "http://" + l.Addr().String(), nil
	})
	return b
}

func (b *blobStore) close() {
	_ = b.server.Close()
	b.wg.Wait()
}

// sign is where an artifact can be fetched for a minute; called under GitHub's
// lock.
func (b *blobStore) sign(a *Artifact) (string, error) {
	host, err := b.listen()
	if err != nil {
		return "", err
	}
	path := fmt.Sprintf("/actions-results/%d/%d.zip", a.run.id, a.id)
	until := b.gh.now().Add(blobLife).Format(time.RFC3339)
	q := url.Values{"se": {until}, "sig": {b.signature(path, until)}, "sp": {"r"}, "sr": {"b"}, "sv": {"2025-11-05"}}
	return host + path + "?" + q.Encode(), nil
}

func (b *blobStore) signature(path, until string) string {
	mac := hmac.New(sha256.New, b.key)
	mac.Write([]byte(path + "\n" + until))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (b *blobStore) serve(w http.ResponseWriter, r *http.Request) {
	b.gh.serveBeside(w, r, "GET blob", b.answer)
}

// answer is called under GitHub's lock.
func (b *blobStore) answer(r *http.Request) answer {
	q := r.URL.Query()
	until, err := time.Parse(time.RFC3339, q.Get("se"))
	switch {
	case r.Method != http.MethodGet:
		return refusal(http.StatusMethodNotAllowed, "UnsupportedHttpVerb")
	case r.Header.Get("Authorization") != "":
		return refusal(http.StatusBadRequest, "InvalidAuthenticationInfo")
	case err != nil || !hmac.Equal([]byte(q.Get("sig")), []byte(b.signature(r.URL.Path, q.Get("se")))) || !b.gh.now().Before(until):
		return refusal(http.StatusForbidden, "AuthenticationFailed")
	}
	_, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/actions-results/"), "/")
	id, err := strconv.ParseInt(strings.TrimSuffix(name, ".zip"), 10, 64)
	a, _ := b.gh.nodes[nodeID("AF", id)].(*Artifact)
	if err != nil || a == nil {
		return refusal(http.StatusNotFound, "BlobNotFound")
	}
	return answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/zip"}}, body: a.archive}
}

// refusal is an error in the form that the storage has.
func refusal(status int, code string) answer {
	return answer{status: status, header: http.Header{"Content-Type": {"application/xml"}},
		body: []byte(`<?xml version="1.0" encoding="utf-8"?><Error><Code>` + code + `</Code></Error>`)}
}

// RedirectArtifacts sends those who download an artifact to what f makes of the
// right address; nil ends that. f is called under the stand-in's lock: it must
// not call the stand-in.
func (gh *GitHub) RedirectArtifacts(f func(url string) string) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	gh.redirect = f
}
