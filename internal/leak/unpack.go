package leak

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"io"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unpacker is used by one goroutine at a time.
type unpacker struct{ inflate io.ReadCloser }

func newUnpacker() unpacker { return unpacker{flate.NewReader(nil)} }

// unpacked is what a text is besides: decompressed, decoded, and in each case also
// as the words that binary numbers and JSON's escapes stand between, since most
// rules want a blank or a quote behind a secret.
func (u unpacker) unpacked(text []byte) (all [][]byte) {
	keep := func(plain []byte) {
		if len(plain) == 0 {
			return
		}
		all = append(all, plain)
		if words := spaced(plain); words != nil {
			all = append(all, words)
		}
	}
	// What packages keep begins with a byte that is its version.
	for _, from := range []int{0, 1} {
		if plain, ok := u.inflated(text, from); ok {
			keep(plain)
		}
	}
	if r, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
		if plain, err := io.ReadAll(r); err == nil {
			keep(plain)
		}
	}
	if plain, err := base64.StdEncoding.DecodeString(string(text)); err == nil {
		keep(plain)
	}
	if plain, err := url.QueryUnescape(string(text)); err == nil && plain != string(text) {
		keep([]byte(plain))
	}
	if words := spaced(text); words != nil {
		all = append(all, words)
	}
	return all
}

// inflated is what one or several DEFLATE streams in a row hold, which must be all
// of the text after its first bytes.
func (u unpacker) inflated(text []byte, from int) ([]byte, bool) {
	if len(text) <= from {
		return nil, false
	}
	in := bytes.NewReader(text[from:]) // a ByteReader: no stream takes more than is its own
	var out bytes.Buffer
	for in.Len() > 0 {
		if err := u.inflate.(flate.Resetter).Reset(in, nil); err != nil {
			return nil, false
		}
		if _, err := out.ReadFrom(u.inflate); err != nil {
			return nil, false
		}
	}
	return out.Bytes(), true
}

var unescape = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\r`, "\n", `\t`, "\t", `\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// spaced is a text with its escapes undone and a line's end in the place of each
// character that is none; nil when that is the same.
func spaced(text []byte) []byte {
	other := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return '\n'
		}
		return r
	}, unescape.Replace(string(text)))
	if other == string(text) {
		return nil
	}
	return []byte(other)
}
