package attest_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"golang.org/x/mod/sumdb/note"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/attest"
	"github.com/handrail-bot/handrail/internal/store"
)

const (
	github = "https://github.example.com"
	sha    = "4f0a7d1c3b2e5a6978877665544332211ffeeddc"
	object = "9c0a7d1c3b2e5a6978877665544332211ffeeddc"
	digest = "sha256:" + "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// decided is a decision with something in every field.
func decided() checks.Decision {
	c := checks.Candidate{Tag: "v1.2.0", TagOID: object, Commit: sha, ReleaseID: 77, Policy: strings.Repeat("a", 64), Artifacts: []checks.CandidateArtifact{
		{Name: "app.tar.gz", Digest: digest}, {Name: "notes.txt", Digest: "asset:5:100:1770000000"},
	}}
	rita, sam := checks.Actor{Login: "rita", ID: 9}, checks.Actor{Login: "sam", ID: 10}
	return checks.Decision{
		Repo: "acme/shop", RepoID: 42, Tag: "v1.2.0", Candidate: c, Digest: c.Digest(), At: noon,
		By:     checks.Act{Kind: checks.ActPromote, By: rita, At: noon, Via: checks.ByCommand, Candidate: c.Digest(), Seq: 3},
		Signed: []checks.Sign{{Stage: "production", Role: "security", By: sam, At: noon, Via: checks.ByButton, Ref: "12", Seq: 2}},
		Stages: []checks.DecidedStage{{Name: "production", State: checks.Met, Environment: "production"}},
		Evidence: checks.DecidedEvidence{
			BaseTag: "v1.1.0", Commits: 12, Pulls: 3, Counts: map[checks.EvidenceState]int{checks.EvidenceMet: 2, checks.EvidenceUnknown: 1},
			Odd: []checks.Brought{{Number: 7, Title: "a <b> & \u2028 title", Commits: []string{sha}}}, Digest: strings.Repeat("e", 64), Seq: 1,
		},
		Environments: []string{"production", "staging"},
		Policy:       []checks.DecidedSource{{Repo: "acme/shop", Path: checks.PolicyPath, Commit: sha}},
	}
}

// record is a log, some entries long, of which one holds a decision.
type record struct {
	*store.Store
	t   testing.TB
	seq int64
	key note.Verifier
}

func open(t testing.TB, kind store.Kind, d any) *record {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "handrail.db"), store.Options{Origin: "handrail.example.com/log"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	r := &record{Store: s, t: t}
	for range 6 {
		r.append(store.KindConfig, map[string]int{"n": 1})
	}
	r.seq = r.append(kind, d)
	for range 5 {
		r.append(store.KindConfig, map[string]int{"n": 2})
	}
	r.key, err = attest.ParseKey(s.VerifierKey())
	r.must(err)
	return r
}

func (r *record) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *record) append(kind store.Kind, body any) int64 {
	r.t.Helper()
	text, err := json.Marshal(body)
	r.must(err)
	sub := checks.Subject{RepoID: 42, Owner: "acme", Repo: "shop", Kind: checks.KindRelease, Name: "v1.2.0"}
	e, err := r.Append(r.t.Context(), store.Append{Kind: kind, Subject: sub, Actor: checks.Actor{Login: "rita", ID: 9}, Source: "command", Body: text}, noon)
	r.must(err)
	return e.Seq
}

func (r *record) attested() []byte {
	r.t.Helper()
	text, err := attest.Of(r.t.Context(), r.Store, r.seq, github)
	r.must(err)
	return text
}

func promoted(t testing.TB) (*record, []byte) {
	r := open(t, "release.promoted", decided())
	return r, r.attested()
}

func payload(t testing.TB, envelope []byte) (attest.Envelope, []byte) {
	t.Helper()
	var e attest.Envelope
	if err := json.Unmarshal(envelope, &e); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(e.Payload)
	if err != nil {
		t.Fatal(err)
	}
	return e, raw
}

func TestADecisionVerifiesByTheLogsKeyAloneAndSaysWhatWasDecided(t *testing.T) {
	r, text := promoted(t)
	d, err := attest.Verify(text, r.key, attest.Expect{
		Repo: "Acme/Shop", Tag: "v1.2.0", Commit: sha, Environment: "staging", Artifacts: map[string]string{"app.tar.gz": digest}, NotBefore: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decided(), d); diff != "" {
		t.Errorf("it says something else:\n%s", diff)
	}
	// The log grows, and the decision proves as much by another checkpoint.
	r.append(store.KindConfig, map[string]int{"n": 3})
	later := r.attested()
	if bytes.Equal(later, text) {
		t.Error("the proof does not follow the log")
	}
	if _, err := attest.Verify(later, r.key, attest.Expect{}); err != nil {
		t.Error(err)
	}
	if _, err := attest.Verify(text, r.key, attest.Expect{}); err != nil {
		t.Errorf("the one of before: %v", err)
	}
}

func TestAStatementIsInTotosAndItsSubjectsAreTheCommitTheTagAndTheArtifacts(t *testing.T) {
	_, text := promoted(t)
	e, raw := payload(t, text)
	if e.PayloadType != "application/vnd.in-toto+json" || len(e.Signatures) != 1 {
		t.Errorf("the envelope is %+v", e)
	}
	var s struct {
		Type    string `json:"_type"`
		Subject []struct {
			Name   string
			Digest map[string]string
		}
		PredicateType string
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	if s.Type != "https://in-toto.io/Statement/v1" || !strings.HasSuffix(s.PredicateType, "/release-decision/v1") {
		t.Errorf("the statement is of type %q about %q", s.Type, s.PredicateType)
	}
	var got []string
	for _, x := range s.Subject {
		for algorithm, hex := range x.Digest {
			got = append(got, x.Name+" "+algorithm+":"+hex)
		}
	}
	want := []string{
		"git+https://github.example.com/acme/shop gitCommit:" + sha,
		"git+https://github.example.com/acme/shop@refs/tags/v1.2.0 gitTag:" + object,
		"app.tar.gz " + digest, // and not the file without a digest
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the subjects differ:\n%s", diff)
	}
}

// theirs is a verifier of another DSSE implementation, over the bare Ed25519 key.
type theirs struct {
	id  string
	key ed25519.PublicKey
}

func (v theirs) Verify(_ context.Context, data, sig []byte) error {
	if !ed25519.Verify(v.key, data, sig) {
		return errors.New("the signature is wrong")
	}
	return nil
}
func (v theirs) KeyID() (string, error)   { return v.id, nil }
func (v theirs) Public() crypto.PublicKey { return v.key }

// bare is the Ed25519 key in a note's verifier key: NAME+HASH+base64(algorithm, key).
func bare(t testing.TB, vkey string) theirs {
	t.Helper()
	parts := strings.SplitN(vkey, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize {
		t.Fatalf("%q is no key: %v", vkey, err)
	}
	return theirs{parts[0] + "+" + parts[1], raw[1:]}
}

func TestAnIndependentVerifierOfDSSETakesTheEnvelopeToo(t *testing.T) {
	r, text := promoted(t)
	key := bare(t, r.VerifierKey())
	v, err := dsse.NewEnvelopeVerifier(key)
	r.must(err)
	var e dsse.Envelope
	r.must(json.Unmarshal(text, &e))
	accepted, err := v.Verify(t.Context(), &e)
	if err != nil || len(accepted) != 1 || accepted[0].KeyID != key.id {
		t.Errorf("accepted: %+v, %v", accepted, err)
	}
	mine, raw := payload(t, text)
	pae := attest.PAE(mine.PayloadType, raw)
	if want := dsse.PAE(mine.PayloadType, raw); !bytes.Equal(pae, want) {
		t.Errorf("what is signed differs:\n%.80s\n%.80s", pae, want)
	}
	sig, err := base64.StdEncoding.DecodeString(mine.Signatures[0].Sig)
	if err != nil || !ed25519.Verify(key.key, pae, sig) {
		t.Errorf("crypto/ed25519 does not take the signature: %v", err)
	}
	e.Payload = base64.StdEncoding.EncodeToString(append(raw, ' '))
	if _, err := v.Verify(t.Context(), &e); err == nil {
		t.Error("the other verifier takes anything")
	}
}

func TestBothAlphabetsOfBase64AreRead(t *testing.T) {
	r, text := promoted(t)
	e, raw := payload(t, text)
	e.Payload = base64.URLEncoding.EncodeToString(raw)
	again, err := json.MarshalIndent(e, "", "  ")
	r.must(err)
	if _, err := attest.Verify(again, r.key, attest.Expect{}); err != nil {
		t.Error(err)
	}
}

func TestEachExpectationThatIsNotMetIsSaid(t *testing.T) {
	r, text := promoted(t)
	wrong := attest.Expect{
		Repo: "acme/ship", Tag: "v1.2.1", Commit: object, Environment: "moon", NotBefore: noon.Add(time.Second),
		Artifacts: map[string]string{"app.tar.gz": "sha256:00", "other": digest},
	}
	_, err := attest.Verify(text, r.key, wrong)
	if err == nil {
		t.Fatal("it verifies")
	}
	got := strings.Split(err.Error(), "\n")
	want := []string{
		`it is about the repository "acme/shop", not acme/ship`,
		`it is about the tag "v1.2.0", not v1.2.1`,
		`it is about the commit "` + sha + `", not ` + object,
		`it does not let anything into the environment moon, only into "production", "staging"`,
		`the artifact app.tar.gz has the digest "` + digest + `", not sha256:00`,
		`the artifact other is not part of it`,
		`it was decided 2026-03-01T12:00:00Z, which is too long ago`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, one := range []attest.Expect{
		{Repo: wrong.Repo}, {Tag: wrong.Tag}, {Commit: wrong.Commit}, {Environment: "Production"}, {NotBefore: wrong.NotBefore},
		{Artifacts: map[string]string{"notes.txt": digest}}, {Artifacts: map[string]string{"app.tar.gz": ""}},
	} {
		if _, err := attest.Verify(text, r.key, one); err == nil {
			t.Errorf("%+v is met", one)
		}
	}
}

func TestAnotherLogsKeyVerifiesNothing(t *testing.T) {
	r, text := promoted(t)
	other := open(t, store.KindConfig, 1)
	if _, err := attest.Verify(text, other.key, attest.Expect{}); err == nil || !strings.Contains(err.Error(), "not signed by the key") {
		t.Errorf("another log's key: %v", err)
	}
	if _, err := attest.Verify(text, r.key, attest.Expect{}); err != nil {
		t.Error(err)
	}
}

func TestOnlyADecisionThatIsOnRecordIsAttested(t *testing.T) {
	lie := decided()
	lie.Digest = strings.Repeat("b", 64)
	elsewhere := decided()
	elsewhere.RepoID = 43
	twin := decided()
	twin.Candidate.Tag = "v1.2.1"
	twin.Digest = twin.Candidate.Digest()
	for name, r := range map[string]*record{
		"another kind of entry":    open(t, store.KindVerdict, decided()),
		"another tag's entry":      open(t, "release.promoted", func() checks.Decision { d := decided(); d.Tag = "v9"; return d }()),
		"another repository's":     open(t, "release.promoted", elsewhere),
		"another candidate's":      open(t, "release.promoted", lie),
		"another tag's candidate":  open(t, "release.promoted", twin),
		"something else in itself": open(t, "release.promoted", []int{1}),
	} {
		if text, err := attest.Of(t.Context(), r.Store, r.seq, github); err == nil {
			t.Errorf("%s is attested: %s", name, text)
		}
	}
	r := open(t, "release.promoted", decided())
	if _, err := attest.Of(t.Context(), r.Store, 999, github); !errors.Is(err, store.ErrNoEntry) {
		t.Errorf("no entry: %v", err)
	}
	if _, err := r.Expunge(t.Context(), r.seq, checks.Actor{Login: "olive"}, "a court", noon); err != nil {
		t.Fatal(err)
	}
	if _, err := attest.Of(t.Context(), r.Store, r.seq, github); !errors.Is(err, store.ErrExpunged) {
		t.Errorf("an expunged one: %v", err)
	}
}

func TestAPrivateKeyIsNotTakenForAVerifiersAndIsNotShown(t *testing.T) {
	_, err := attest.ParseKey("PRIVATE+KEY+handrail+00000000+AAAA")
	if err == nil || !strings.Contains(err.Error(), "never leave") || strings.Contains(err.Error(), "AAAA") {
		t.Error(err)
	}
	if _, err := attest.ParseKey("nonsense"); err == nil {
		t.Error("nonsense is a key")
	}
	r, _ := promoted(t)
	if _, err := attest.ParseKey("\n" + r.VerifierKey() + "\r\n"); err != nil {
		t.Error(err)
	}
}

func TestAFileIsNotCalledByAWordThatCannotBeADigest(t *testing.T) {
	d := decided()
	d.Candidate.Artifacts = append(d.Candidate.Artifacts, checks.CandidateArtifact{Name: "x", Digest: "none"}, checks.CandidateArtifact{Name: "y", Digest: "sha256:ABC"})
	slices.SortFunc(d.Candidate.Artifacts, func(a, b checks.CandidateArtifact) int { return strings.Compare(a.Name, b.Name) })
	d.Digest = d.Candidate.Digest()
	r := open(t, "release.promoted", d)
	_, raw := payload(t, r.attested())
	var s attest.Statement
	r.must(json.Unmarshal(raw, &s))
	if len(s.Subject) != 3 {
		t.Errorf("the subjects are %+v", s.Subject)
	}
}
