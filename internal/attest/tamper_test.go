package attest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/internal/attest"
)

// verifies says whether an envelope does, as it is written out.
func (r *record) verifies(e attest.Envelope) bool {
	r.t.Helper()
	text, err := json.Marshal(e)
	r.must(err)
	_, err = attest.Verify(text, r.key, attest.Expect{})
	return err == nil
}

func TestEveryByteOfPayloadSignatureKeyAndTypeCounts(t *testing.T) {
	r, text := promoted(t)
	e, raw := payload(t, text)
	for i := range raw {
		bad := bytes.Clone(raw)
		bad[i] ^= 1 << (i % 8)
		changed := e
		changed.Payload = base64.StdEncoding.EncodeToString(bad)
		if r.verifies(changed) {
			t.Fatalf("byte %d of the payload may be another", i)
		}
	}
	fields := map[string]func(*attest.Envelope) *string{
		"payload":     func(e *attest.Envelope) *string { return &e.Payload },
		"payloadType": func(e *attest.Envelope) *string { return &e.PayloadType },
		"keyid":       func(e *attest.Envelope) *string { return &e.Signatures[0].KeyID },
		"sig":         func(e *attest.Envelope) *string { return &e.Signatures[0].Sig },
	}
	for name, field := range fields {
		changed, _ := payload(t, text)
		whole := *field(&changed)
		for i := range whole {
			// A letter of base64 for another one, the last bits of which may mean nothing.
			*field(&changed) = whole[:i] + string(rune(whole[i]^1)) + whole[i+1:]
			if r.verifies(changed) {
				t.Errorf("character %d of %s may be %q", i, name, whole[i]^1)
			}
		}
		for _, other := range []string{"", whole + "A", whole + "\n", " " + whole, whole + "="} {
			if *field(&changed) = other; r.verifies(changed) {
				t.Errorf("%s may be %.20q", name, other)
			}
		}
	}
	e.Signatures = nil
	if r.verifies(e) {
		t.Error("no signature is needed")
	}
}

func TestATextAroundTheEnvelopeAndFieldsThatItDoesNotHaveAreRefused(t *testing.T) {
	r, text := promoted(t)
	for _, bad := range []string{
		"", "null", "[]", "{}", string(text) + "{}", string(text) + " x", string(text) + "}", string(text) + "\n]", `{"extra":1,` + string(text[1:]), strings.ToUpper(string(text)), string(text[:len(text)-1]),
	} {
		if _, err := attest.Verify([]byte(bad), r.key, attest.Expect{}); err == nil {
			t.Errorf("%.60s… verifies", bad)
		}
	}
	if _, err := attest.Verify(append(text, "\n \n"...), r.key, attest.Expect{}); err != nil {
		t.Errorf("a newline at the end: %v", err)
	}
}

func TestASecondSignatureDoesNoHarmAndAloneNoGood(t *testing.T) {
	r, text := promoted(t)
	other := open(t, "release.promoted", decided())
	foreign, _ := payload(t, other.attested())
	e, _ := payload(t, text)
	own := e.Signatures[0]
	e.Signatures = append(foreign.Signatures, own)
	if !r.verifies(e) {
		t.Error("it does not verify beside another's")
	}
	e.Signatures = foreign.Signatures
	if r.verifies(e) {
		t.Error("another's signature is enough")
	}
	e.Signatures[0].KeyID = own.KeyID
	if r.verifies(e) {
		t.Error("another's signature by our name is enough")
	}
}

// span is where a value stands in a text.
type span struct{ from, to int }

// scalars are the places of all values that are no objects and no lists, keys left out.
func scalars(t testing.TB, raw []byte) (out []span) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	type level struct{ object, key bool }
	levels := []level{{}}
	for {
		before := int(dec.InputOffset())
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		top := &levels[len(levels)-1]
		isKey := top.object && top.key
		top.key = top.object && !top.key
		if d, ok := token.(json.Delim); ok {
			switch d {
			case '{', '[':
				levels = append(levels, level{d == '{', d == '{'})
			default:
				levels = levels[:len(levels)-1]
				levels[len(levels)-1].key = levels[len(levels)-1].object
			}
			continue
		}
		if !isKey {
			from := before + len(raw[before:dec.InputOffset()]) - len(bytes.TrimLeft(raw[before:dec.InputOffset()], ":, "))
			out = append(out, span{from, int(dec.InputOffset())})
		}
	}
}

// other is another value of the same kind.
func other(t testing.TB, value []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	switch v := v.(type) {
	case string:
		raw, err := base64.StdEncoding.DecodeString(v)
		switch {
		case err == nil && (len(raw) == 16 || len(raw) == 32): // a salt, a hash
			raw[len(raw)/2] ^= 4
			v = base64.StdEncoding.EncodeToString(raw)
		case v == "":
			v = "x"
		default:
			v = v[:len(v)-1] + string(rune(v[len(v)-1]^1))
		}
		text, _ := json.Marshal(v) // a string can be written
		return text
	case float64:
		return append(bytes.Clone(value), '1')
	case bool:
		return strconv.AppendBool(nil, !v)
	}
	return []byte(`"x"`)
}

// The envelope's signature is made anew each time, by the log's own key: what is
// tried here is whether the proof in it holds by itself.
func TestEveryFieldOfDecisionAndProofCountsAlsoWhenItIsSignedAgain(t *testing.T) {
	r, text := promoted(t)
	e, raw := payload(t, text)
	seal := func(payload []byte) attest.Envelope {
		sig, err := r.Sign(attest.PAE(attest.PayloadType, payload))
		r.must(err)
		return attest.Envelope{PayloadType: attest.PayloadType, Payload: base64.StdEncoding.EncodeToString(payload),
			Signatures: []attest.Signature{{KeyID: e.Signatures[0].KeyID, Sig: base64.StdEncoding.EncodeToString(sig)}}}
	}
	if !r.verifies(seal(raw)) {
		t.Fatal("it does not verify when it is signed again")
	}
	all := scalars(t, raw)
	if len(all) < 60 {
		t.Fatalf("only %d fields", len(all))
	}
	for _, at := range all {
		changed := slices.Concat(raw[:at.from], other(t, raw[at.from:at.to]), raw[at.to:])
		if r.verifies(seal(changed)) {
			t.Errorf("…%s may be %s", raw[max(0, at.from-30):at.to], other(t, raw[at.from:at.to]))
		}
	}
}

// FuzzOnlyWhatWasSignedVerifies: whatever is done to an envelope, what still verifies
// says the same.
func FuzzOnlyWhatWasSignedVerifies(f *testing.F) {
	r, text := promoted(f)
	_, raw := payload(f, text)
	for _, seed := range []string{"", "{", "}", "A", "payload", "\n", `"sig":"`} {
		f.Add(0, 1, []byte(seed))
		f.Add(len(text)/2, len(text)/2+3, []byte(seed))
		f.Add(len(text)-100, len(text), []byte(seed))
	}
	want := decided()
	f.Fuzz(func(t *testing.T, from, to int, with []byte) {
		if from < 0 || to < from || to > len(text) {
			return
		}
		changed := append(append(bytes.Clone(text[:from]), with...), text[to:]...)
		d, err := attest.Verify(changed, r.key, attest.Expect{})
		if err != nil {
			return
		}
		if diff := cmp.Diff(want, d); diff != "" {
			t.Errorf("it verifies and says something else:\n%s", diff)
		}
		if _, now := payload(t, changed); !bytes.Equal(now, raw) {
			t.Errorf("another payload verifies: %s", now)
		}
	})
}
