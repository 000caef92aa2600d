package store

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// keyFile is where the log's signing key lies: beside the database, apart from
// the App's key.
func keyFile(path string) string { return path + ".key" }

// vkeyPrefix begins the line of the key file that holds the public half.
const vkeyPrefix = "# verifier: "

// signingKey is the log's Ed25519 note key. The name in it is the log's origin.
type signingKey struct {
	signer note.Signer
	vkey   string
	seed   []byte
}

// loadKey reads the signing key, or makes it if the log is empty. A log without
// its key is refused: a new key would hide that the old one was lost.
func loadKey(path, origin string, empty bool, random io.Reader) (*signingKey, error) {
	file := keyFile(path)
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && empty:
		return makeKey(file, origin, random)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the log's signing key %s is missing though the log has entries: put it back from the backup", file)
	case err != nil:
		return nil, fmt.Errorf("look for the log's signing key: %w", err)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("the log's signing key %s can be read by others (mode %04o): chmod 600 %s", file, info.Mode().Perm(), file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the log's signing key: %w", err)
	}
	return parseKey(file, text)
}

func parseKey(file string, text []byte) (*signingKey, error) {
	var k signingKey
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if v, ok := strings.CutPrefix(line, vkeyPrefix); ok {
			k.vkey = v
		} else if line != "" {
			signer, err := note.NewSigner(line)
			if err != nil {
				return nil, fmt.Errorf("read the log's signing key %s: %w", file, err)
			}
			k.signer, k.seed = signer, seedOf(line)
		}
	}
	if k.signer == nil || k.vkey == "" {
		return nil, fmt.Errorf("the log's signing key %s is not whole: put it back from the backup", file)
	}
	if _, err := note.NewVerifier(k.vkey); err != nil {
		return nil, fmt.Errorf("read the log's verifier key in %s: %w", file, err)
	}
	return &k, nil
}

func makeKey(file, origin string, random io.Reader) (*signingKey, error) {
	skey, vkey, err := note.GenerateKey(random, keyName(origin))
	if err != nil {
		return nil, fmt.Errorf("make the log's signing key: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%s\n%s\n", vkeyPrefix, vkey, skey)
	if err := writeNew(file, b.Bytes()); err != nil {
		return nil, fmt.Errorf("keep the log's signing key: %w", err)
	}
	return parseKey(file, b.Bytes())
}

// writeNew writes a file that only its owner can read and that is not there
// yet, and makes sure that it is on disk.
func writeNew(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// keyName makes an origin usable as the name of a note's key, which has
// neither spaces nor plus signs (C2SP signed-note).
func keyName(origin string) string {
	_, after, found := strings.Cut(origin, "://")
	if found {
		origin = after
	}
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r <= ' ' || r == '+' || r > '~' {
			return '-'
		}
		return r
	}, origin), "/")
	if name == "" {
		return "handrail/log"
	}
	return name
}

// seedOf is the secret part of a note's signing key:
// "PRIVATE+KEY+NAME+HASH+" and, in base64, the algorithm and the seed.
func seedOf(line string) []byte {
	parts := strings.SplitN(line, "+", 5)
	if len(parts) != 5 {
		return nil // no signer could be made of it either
	}
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) < 2 {
		return nil
	}
	return raw[1:]
}

// Secret is a key of 32 bytes for one purpose, made from the log's signing key:
// it stays the same as long as that does, and says nothing of it nor of the keys
// for other purposes. It is nil where the signing key cannot be read.
func (s *Store) Secret(purpose string) []byte {
	if len(s.seed) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, s.seed)
	mac.Write([]byte("handrail secret for " + purpose))
	return mac.Sum(nil)
}
