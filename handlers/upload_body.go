package handlers

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	// wireLimit is the most that is read of a request's body, in bytes, and
	// reportLimit the largest report: what holds of an artifact and a file in it.
	wireLimit   = 50 << 20
	reportLimit = 64 << 20
)

// readUpload is the report in a request.
func readUpload(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > wireLimit {
		return nil, tooLong(wireLimit, "as it is sent")
	}
	var body io.Reader = http.MaxBytesReader(w, r.Body, wireLimit)
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, broken(err)
		}
		body = z
	default:
		return nil, &denial{status: http.StatusUnsupportedMediaType, outcome: UploadMalformed, say: "The report is compressed in a way that is not known: use gzip or nothing."}
	}
	var out bytes.Buffer
	n, err := out.ReadFrom(io.LimitReader(body, reportLimit+1))
	switch {
	case err != nil:
		return nil, broken(err)
	case n > reportLimit:
		return nil, tooLong(reportLimit, "decompressed")
	case n == 0:
		return nil, &denial{status: http.StatusUnprocessableEntity, outcome: UploadMalformed, say: "The report is empty: did the tests run with coverage?"}
	}
	return out.Bytes(), nil
}

func tooLong(limit int, how string) *denial {
	return &denial{status: http.StatusRequestEntityTooLarge, outcome: UploadMalformed,
		say: fmt.Sprintf("The report is larger than %d MiB %s: leave out what is not needed, or split it.", limit>>20, how)}
}

// broken is the answer to a body that could not be read to its end.
func broken(err error) *denial {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLong(wireLimit, "as it is sent")
	}
	return &denial{status: http.StatusBadRequest, outcome: UploadMalformed, say: "The report did not come whole, or is not compressed as it says; send it again."}
}
