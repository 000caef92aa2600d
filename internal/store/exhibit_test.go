package store

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/handrail-bot/handrail/checks"
)

func (w *world) logKey() note.Verifier {
	w.t.Helper()
	key, err := note.NewVerifier(w.VerifierKey())
	w.ok(err)
	return key
}

func TestAnExhibitProvesItsEntryAfterAJSONRoundTripAndWithoutTheLog(t *testing.T) {
	w := open(t)
	w.fill(23)
	for seq := int64(1); seq <= 23; seq++ {
		e, body, err := w.Exhibit(w.ctx, seq)
		w.ok(err)
		text, err := json.Marshal(e)
		w.ok(err)
		var back Exhibit
		w.ok(json.Unmarshal(text, &back))
		if err := back.Check(w.logKey(), body); err != nil {
			t.Errorf("entry %d: %v", seq, err)
		}
		if _, logged, err := w.Entry(w.ctx, seq); err != nil || string(logged) != string(body) {
			t.Errorf("entry %d: another body: %v", seq, err)
		}
	}
}

func TestWhateverIsChangedInAnExhibitItProvesNothing(t *testing.T) {
	w := open(t)
	w.fill(9)
	for name, change := range map[string]func(*Exhibit, *[]byte){
		"seq":         func(e *Exhibit, _ *[]byte) { e.Seq++ },
		"seq 0":       func(e *Exhibit, _ *[]byte) { e.Seq = 0 },
		"seq too far": func(e *Exhibit, _ *[]byte) { e.Seq = 10 },
		"time":        func(e *Exhibit, _ *[]byte) { e.Time++ },
		"version":     func(e *Exhibit, _ *[]byte) { e.Version++ },
		"kind":        func(e *Exhibit, _ *[]byte) { e.Kind = KindVerdict },
		"repository":  func(e *Exhibit, _ *[]byte) { e.RepoID++ },
		"subject":     func(e *Exhibit, _ *[]byte) { e.Subject += "0" },
		"actor":       func(e *Exhibit, _ *[]byte) { e.ActorID++ },
		"login":       func(e *Exhibit, _ *[]byte) { e.ActorLogin = "bob" },
		"source":      func(e *Exhibit, _ *[]byte) { e.Source = "sweep" },
		"no salt":     func(e *Exhibit, _ *[]byte) { e.Salt = nil },
		"salt":        func(e *Exhibit, _ *[]byte) { e.Salt[3] ^= 1 },
		"body":        func(_ *Exhibit, b *[]byte) { (*b)[2] ^= 1 },
		"boundary": func(e *Exhibit, b *[]byte) {
			e.Salt, *b = append(e.Salt, (*b)[0]), (*b)[1:]
		},
		"no path":    func(e *Exhibit, _ *[]byte) { e.Path = nil },
		"path":       func(e *Exhibit, _ *[]byte) { e.Path[1][5] ^= 1 },
		"long path":  func(e *Exhibit, _ *[]byte) { e.Path = append(e.Path, tlog.Hash{}) },
		"checkpoint": func(e *Exhibit, _ *[]byte) { e.Checkpoint = strings.Replace(e.Checkpoint, "\n9\n", "\n8\n", 1) },
		"none":       func(e *Exhibit, _ *[]byte) { e.Checkpoint = "" },
	} {
		e, body, err := w.Exhibit(w.ctx, 5)
		w.ok(err)
		w.ok(e.Check(w.logKey(), body))
		change(&e, &body)
		if e.Check(w.logKey(), body) == nil {
			t.Errorf("with another %s it still verifies", name)
		}
	}
}

func TestAnExhibitOfAnotherLogProvesNothing(t *testing.T) {
	w, other := open(t), open(t)
	w.fill(3)
	e, body, err := w.Exhibit(w.ctx, 2)
	w.ok(err)
	if e.Check(other.logKey(), body) == nil {
		t.Error("another log's key verifies it")
	}
}

func TestAnExpungedDecisionCannotBeShownAndAMissingEntryNeither(t *testing.T) {
	w := open(t)
	w.fill(4)
	_, err := w.Expunge(w.ctx, 2, checks.Actor{Login: "ann"}, "the law", at(9))
	w.ok(err)
	if _, _, err := w.Exhibit(w.ctx, 2); !errors.Is(err, ErrExpunged) {
		t.Errorf("an expunged body: %v", err)
	}
	if _, _, err := w.Exhibit(w.ctx, 99); !errors.Is(err, ErrNoEntry) {
		t.Errorf("no entry: %v", err)
	}
}

func TestTheLogsKeySignsForWhoeverKnowsItsPublicHalf(t *testing.T) {
	w := open(t)
	w.fill(1)
	sig, err := w.Sign([]byte("DSSEv1 a message"))
	w.ok(err)
	raw, err := base64.StdEncoding.DecodeString(strings.SplitN(w.VerifierKey(), "+", 3)[2])
	w.ok(err)
	if !ed25519.Verify(raw[1:], []byte("DSSEv1 a message"), sig) {
		t.Error("the signature is not the key's")
	}
	if _, err := (&Store{}).Sign(nil); !errors.Is(err, ErrNoKey) {
		t.Errorf("without a key: %v", err)
	}
}
