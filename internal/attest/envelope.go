package attest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// PayloadType is what an envelope holds: an in-toto statement (in-toto Attestation
// Framework, "Envelope").
const PayloadType = "application/vnd.in-toto+json"

// MediaType is that of an envelope as JSON (the same).
const MediaType = "application/vnd.dsse.envelope.v1+json"

// Envelope is a signed payload (Dead Simple Signing Envelope, v1.0.2).
type Envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     string      `json:"payload"` // base64
	Signatures  []Signature `json:"signatures"`
}

// Signature is one of an envelope's.
type Signature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"` // base64
}

// KeyID names a log's key in envelopes as in the log's checkpoints: "NAME+HASH".
func KeyID(key note.Verifier) string { return fmt.Sprintf("%s+%08x", key.Name(), key.KeyHash()) }

// PAE is what is signed: the type and the payload, each after its length (DSSE
// protocol, "Signature Definition"). It begins with a word and a blank, as no
// checkpoint of a log does, so that neither can be taken for the other.
func PAE(payloadType string, payload []byte) []byte {
	head := fmt.Sprintf("DSSEv1 %d %s %d ", len(payloadType), payloadType, len(payload))
	return append([]byte(head), payload...)
}

// seal puts a payload into a signed envelope.
func seal(payload []byte, keyID string, sign func([]byte) ([]byte, error)) ([]byte, error) {
	sig, err := sign(PAE(PayloadType, payload))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return json.Marshal(Envelope{
		PayloadType: PayloadType, Payload: base64.StdEncoding.EncodeToString(payload),
		Signatures: []Signature{{KeyID: keyID, Sig: base64.StdEncoding.EncodeToString(sig)}},
	})
}

// unseal is the payload of an envelope that the key has signed.
func unseal(text []byte, key note.Verifier) ([]byte, error) {
	var e Envelope
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		return nil, fmt.Errorf("it is no DSSE envelope: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the envelope")
	}
	if e.PayloadType != PayloadType {
		return nil, fmt.Errorf("the envelope holds %q, not %q", e.PayloadType, PayloadType)
	}
	payload, err := unbase64(e.Payload)
	if err != nil {
		return nil, fmt.Errorf("the envelope's payload cannot be read: %w", err)
	}
	id, pae := KeyID(key), PAE(e.PayloadType, payload)
	signed := slices.ContainsFunc(e.Signatures, func(s Signature) bool {
		sig, err := unbase64(s.Sig)
		return err == nil && s.KeyID == id && key.Verify(pae, sig)
	})
	if !signed {
		return nil, fmt.Errorf("the envelope is not signed by the key %s%s", id, signers(e.Signatures, id))
	}
	return payload, nil
}

// signers says by whom else an envelope says that it is signed.
func signers(all []Signature, id string) string {
	if len(all) == 0 {
		return ": it has no signature"
	}
	if slices.ContainsFunc(all, func(s Signature) bool { return s.KeyID == id }) {
		return ": the signature is not of this payload"
	}
	return fmt.Sprintf(", but says it is by %q", all[0].KeyID)
}

// unbase64 reads either alphabet, which verifiers must (DSSE protocol), and refuses
// what would be the same when written again in another way.
func unbase64(text string) ([]byte, error) {
	enc := base64.StdEncoding
	if strings.ContainsAny(text, "-_") {
		enc = base64.URLEncoding
	}
	out, err := enc.Strict().DecodeString(text)
	if err == nil && enc.EncodeToString(out) != text {
		err = errors.New("it is not plain base64")
	}
	return out, err
}
