package checks

import (
	"encoding/json"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestADecisionSaysWhatAPromotionRestsOn(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	p.Sources = []Source{
		{Repo: "acme/shop", Path: PolicyPath, Commit: commitB, Blob: "b1", Text: "secret"}, {Repo: "acme/.github", Path: FloorPath, Commit: "c", Blob: "b2", Floor: true},
		{Repo: "acme/x", Path: FloorPath, Absent: true},
	}
	r.Evidence.Counts = map[EvidenceState]int{EvidenceMet: 2, EvidenceUnknown: 1}
	r.Evidence.Odd = []Brought{{Number: 9, Title: "Old work", Seq: 12}}
	v := shopVerdict(p, r, Met, Met, PhaseApproved)
	promote(&v, &r, false)
	accept := Act{Kind: ActAccept, By: Actor{Login: "rita", ID: 60}, Reason: "seen", Seq: 94}
	v.Promote.Signed, v.Promote.Accepted = append(v.Stages[0].Signed, v.Stages[1].Signed...), &accept
	text, err := json.MarshalIndent(Decide(p, v, r), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"repo": "acme/shop"`, `"tag": "v1.2.0"`, `"digest": "` + v.Digest + `"`, `"tag_oid": "` + commitA + `"`, `"unknown": 1`, `"state": "unknown"`, `"odd"`,
		`"role": "security"`, `"by": {`, `"login": "rita"`, `"reason": "seen"`, `"path": ".github/handrail.yml"`, `"blob": "b2"`, `"floor": true`,
		`"environment": "production"`, `"digest": "` + imageA + `"`, `"seq": 8`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it lacks %s:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "secret") || strings.Contains(string(text), "acme/x") || strings.Contains(string(text), `"missing"`) {
		t.Errorf("it says too much:\n%s", text)
	}
	var back Decision
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(Decide(p, v, r), back); d != "" {
		t.Errorf("it is not kept whole:\n%s", d)
	}
	r.Artifacts = append(r.Artifacts, ReleaseArtifact{Name: "a", Digest: "sha256:0"})
	other := r
	other.Artifacts = []ReleaseArtifact{r.Artifacts[1], r.Artifacts[0]}
	if d := gocmp.Diff(Decide(p, v, r), Decide(p, v, other)); d != "" {
		t.Errorf("the order of artifacts matters:\n%s", d)
	}
}

func TestADecisionInAnEmergencySaysWhatWasMissing(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	v := shopVerdict(p, r, Met, Waiting, PhaseSigning)
	promote(&v, &r, true)
	d := Decide(p, v, r)
	want := []DecidedResult{
		{ID: "release/production/rm", State: Waiting, Summary: "Waits for rm."}, {ID: "release/production/security", State: Waiting, Summary: "Waits for security."},
	}
	if diff := gocmp.Diff(want, d.Missing); diff != "" || !d.Emergency || d.By.Reason != "the shop is down" || d.FollowUp.IsZero() {
		t.Errorf("%+v\n(-want +got):\n%s", d, diff)
	}
}

func TestWhatIsNotPromotedIsNotDecided(t *testing.T) {
	p, r := shopPolicy(), shopRelease()
	for name, change := range map[string]func(*ReleaseVerdict){
		"not asked": func(v *ReleaseVerdict) { v.Promote = nil }, "observed": func(v *ReleaseVerdict) { v.Observe = true }, "no candidate": func(v *ReleaseVerdict) { v.Digest = "" },
	} {
		v := shopVerdict(p, r, Met, Met, PhaseApproved)
		promote(&v, &r, false)
		change(&v)
		if d := gocmp.Diff(Decision{}, Decide(p, v, r)); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}
