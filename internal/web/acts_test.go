package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/store"
	"github.com/handrail-bot/handrail/internal/web"
)

// kept are the acts on record about a tag of acme/shop.
func (s *stage) kept(tag string) []store.ActRow {
	s.t.Helper()
	list, err := s.store.SignOffs(s.t.Context(), store.ActFilter{Repo: "acme/shop", Tag: tag})
	s.must(err)
	return list
}

func TestWhatSomebodyDoesIsOnRecordAsTheirsForTheCandidateThatIsThere(t *testing.T) {
	s := newStage(t)
	digest := new(candidate("app/v2")).Digest()
	a := s.do("olive", "app/v2", map[string]any{"kind": "reject", "candidate": digest[:12], "reason": " the export fails "})
	var act web.Act
	if s.into(a, &act); a.status != http.StatusAccepted || act.Seq == 0 || act.By.Login != "olive" || act.Judged {
		t.Fatalf("%d %s", a.status, a.body)
	}
	list := s.kept("app/v2")
	got := list[len(list)-1]
	if got.Kind != checks.ActReject || got.By.Login != "olive" || got.By.ID == 0 || got.Via != checks.ByCommand || got.Candidate != digest || got.Reason != "the export fails" || got.Seq != act.Seq {
		t.Errorf("on record is %+v", got)
	}
	var r web.Release
	s.into(s.get("alice", "/acme/shop/app%2Fv2"), &r)
	if n := len(r.Acts); n != 2 || r.Acts[1].Judged || r.Acts[1].Seq != act.Seq {
		t.Errorf("the acts are %+v", r.Acts)
	}
}

func TestAnActThatIsNotWholeOrAboutAnotherCandidateIsNotTaken(t *testing.T) {
	s := newStage(t)
	digest := new(candidate("v1.1.0")).Digest()
	path := web.Path + "/acme/shop/v1.1.0/acts"
	before := len(s.kept("v1.1.0"))
	for name, c := range map[string]struct {
		body   any
		status int
		word   string
	}{
		"another candidate": {map[string]any{"kind": "sign", "role": "qa", "candidate": strings.Repeat("0", 64)}, http.StatusConflict, "other_candidate"},
		"other evidence":    {map[string]any{"kind": "accept", "candidate": digest, "reason": "x", "evidence": strings.Repeat("0", 64)}, http.StatusConflict, "other_evidence"},
		"too few digits":    {map[string]any{"kind": "sign", "role": "qa", "candidate": digest[:11]}, http.StatusUnprocessableEntity, "incomplete"},
		"no candidate":      {map[string]any{"kind": "promote"}, http.StatusUnprocessableEntity, "incomplete"},
		"no role":           {map[string]any{"kind": "sign", "candidate": digest}, http.StatusUnprocessableEntity, "incomplete"},
		"no reason":         {map[string]any{"kind": "emergency", "candidate": digest, "reason": " \t "}, http.StatusUnprocessableEntity, "unfit"},
		"a long reason":     {map[string]any{"kind": "reject", "candidate": digest, "reason": strings.Repeat("x", 5000)}, http.StatusUnprocessableEntity, "unfit"},
		"another kind":      {map[string]any{"kind": "approve", "candidate": digest}, http.StatusUnprocessableEntity, "incomplete"},
		"somebody else":     {map[string]any{"kind": "sign", "role": "qa", "candidate": digest, "by": map[string]any{"login": "olive"}}, http.StatusBadRequest, "not_json"},
		"no JSON":           {"kind=sign", http.StatusBadRequest, "not_json"},
		"two":               {`{"kind":"promote","candidate":"` + digest + `"}{"kind":"promote"}`, http.StatusBadRequest, "not_json"},
		"too long":          {`{"reason":"` + strings.Repeat("x", 17<<10) + `"}`, http.StatusRequestEntityTooLarge, "too_long"},
		"nothing":           {"", http.StatusBadRequest, "not_json"},
	} {
		if a := s.ask(http.MethodPost, path, s.tokens["alice"], c.body); a.status != c.status || a.word() != c.word {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	act := `{"kind":"promote","candidate":"` + digest + `"}`
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", ""} {
		if a := s.ask(http.MethodPost, path, s.tokens["alice"], act, "Content-Type", kind); a.status != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %d %s", kind, a.status, a.body)
		}
	}
	if a := s.do("alice", "v9", map[string]any{"kind": "promote", "candidate": digest}); a.word() != "no_release" {
		t.Errorf("no such release: %d %s", a.status, a.body)
	}
	if n := len(s.kept("v1.1.0")); n != before {
		t.Errorf("%d acts were kept", n-before)
	}
}

func TestWhatIsAcceptedIsTheEvidenceThatIsThere(t *testing.T) {
	s := newStage(t)
	a := s.do("alice", "v1.1.0", map[string]any{"kind": "accept", "candidate": new(candidate("v1.1.0")).Digest(), "reason": "looked at", "evidence": strings.Repeat("e", 12)})
	if a.status != http.StatusAccepted {
		t.Fatalf("%d %s", a.status, a.body)
	}
	list := s.kept("v1.1.0")
	if got := list[len(list)-1]; got.Evidence != strings.Repeat("e", 64) {
		t.Errorf("it accepts %q", got.Evidence)
	}
}

func TestWhoActsWithoutEndIsStopped(t *testing.T) {
	s := newStage(t)
	act := map[string]any{"kind": "sign", "role": "qa", "candidate": new(candidate("v1.1.0")).Digest()}
	var a answer
	for range 35 {
		a = s.do("alice", "v1.1.0", act)
	}
	if a.status != http.StatusTooManyRequests || len(s.kept("v1.1.0")) > 35 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.get("alice", "/acme/shop/v1.1.0"); a.status != http.StatusOK {
		t.Errorf("looking: %d %s", a.status, a.body)
	}
}

func TestASecretInAReasonDoesNotGetOut(t *testing.T) {
	s := newStage(t)
	reason := "it works with " + s.guard.Make("github-pat", "reason")
	if a := s.do("alice", "v1.1.0", map[string]any{"kind": "reject", "candidate": new(candidate("v1.1.0")).Digest(), "reason": reason}); a.status != http.StatusAccepted {
		t.Fatalf("%d %s", a.status, a.body)
	}
	s.get("alice", "/acme/shop/v1.1.0")
	if found := s.guard.Has("it works with"); len(found) == 0 || found[0] != leak.Printed {
		t.Errorf("the reason is nowhere: %v", found)
	}
}
