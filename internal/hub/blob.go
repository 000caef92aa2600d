package hub

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/handrail-bot/handrail/checks"
)

const opBlob = "blob"

// Blob is the content of a file by its id, of at most limit bytes. That GitHub
// has no such file, or that it is larger, is a [Fault].
func (h *Hub) Blob(ctx context.Context, s checks.Subject, sha string, limit int64) ([]byte, error) {
	if !isCommit(sha) {
		return nil, &Error{Op: opBlob, What: "asked for the content of what is no file"}
	}
	c, err := h.client(s.Installation)
	if err != nil {
		return nil, err
	}
	var a struct {
		Content  string `json:"content"`
		Encoding string `json:"encoding"`
	}
	_, err = h.get(ctx, c, resource{s, opBlob, "git/blobs/" + sha}, nil, func(body io.Reader) error {
		// In base64, with line breaks, and with its addresses.
		return into(&a)(&bounded{ReadCloser: io.NopCloser(body), left: limit/2*3 + 16<<10})
	})
	data, bad := base64.StdEncoding.DecodeString(a.Content)
	switch {
	case errors.Is(err, errTooLarge), err == nil && int64(len(data)) > limit:
		return nil, &Fault{fmt.Sprintf("the file is larger than %d bytes", limit)}
	case err != nil:
		return nil, faultIfMissing(opBlob, err, "GitHub does not have the file any more")
	case bad != nil || a.Encoding != "base64" || !isBlob(sha, data):
		return nil, &Error{Op: opBlob, Status: http.StatusOK, What: "GitHub gave another file than was asked for"}
	}
	return data, nil
}

// isBlob says whether an id is a content's, where it is one of git's usual kind.
func isBlob(sha string, data []byte) bool {
	sum := sha1.New()
	fmt.Fprintf(sum, "blob %d\x00", len(data))
	sum.Write(data)
	return len(sha) != hex.EncodedLen(sha1.Size) || hex.EncodeToString(sum.Sum(nil)) == sha
}
