package checks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// says lets somebody write a comment on the tracking issue, a minute later.
func (s *scene) says(who, body string, change ...func(*checks.Comment)) *scene {
	s.wait(time.Minute)
	c := checks.Comment{ID: int64(1000 + len(s.r.Issue.Comments)), Author: person(who), Body: body, Created: s.r.At}
	for _, f := range change {
		f(&c)
	}
	s.r.Issue.Comments = append(s.r.Issue.Comments, c)
	return s
}

// heard are acts in short: kind, role or stage/role, who, reason, and what is odd.
func heard(s *scene) []string {
	var out []string
	for _, a := range checks.HearRelease(s.p, s.r) {
		text := string(a.Kind)
		if a.Stage != "" {
			text += " " + a.Stage + "/" + string(a.Role)
		} else if a.Role != "" {
			text += " " + string(a.Role)
		}
		if text += " by " + a.By.Login; a.Reason != "" {
			text += ": " + a.Reason
		}
		if a.Edited {
			text += " (edited)"
		}
		if a.Candidate != s.digest() {
			text += " (of " + a.Candidate[:min(len(a.Candidate), 4)] + ")"
		}
		out = append(out, text)
	}
	return out
}

func TestCommandsOnTheTrackingIssueAreHeard(t *testing.T) {
	for name, c := range map[string]struct {
		who, body string
		want      []string
	}{
		"a sign-off":                        {"bob", "/sign-off qa", []string{"sign qa by bob"}},
		"in any case, with a remark":        {"bob", "Looks fine.\n\n/Sign-Off QA tried it on staging", []string{"sign qa by bob: tried it on staging"}},
		"of a stage":                        {"bob", "/sign-off production/security", []string{"sign production/security by bob"}},
		"by the id of the table":            {"bob", "/sign-off `release/production/security`", []string{"sign production/security by bob"}},
		"a phrase":                          {"bob", "qa +1", []string{"sign qa by bob"}},
		"a phrase that goes on":             {"bob", "QA +1 but not today", nil},
		"a role that is none":               {"bob", "/sign-off boss", []string{"sign boss by bob"}},
		"without a role":                    {"bob", "/sign-off", []string{"sign by bob"}},
		"several":                           {"bob", "/sign-off qa\n/revoke security I am not sure.\n/promote", []string{"sign qa by bob", "revoke security by bob: I am not sure", "promote by bob"}},
		"the same twice":                    {"bob", "/promote\n/promote", []string{"promote by bob"}},
		"a rejection":                       {"bob", "/reject it crashes", []string{"reject by bob: it crashes"}},
		"a rejection taken back":            {"bob", "/revoke rejection my mistake", []string{"revoke rejection by bob: my mistake"}},
		"an acceptance":                     {"bob", "/override release/evidence a typo only", []string{"accept by bob: a typo only"}},
		"an acceptance taken back":          {"bob", "/revoke release/evidence it was more", []string{"revoke release/evidence by bob: it was more"}},
		"an override of something else":     {"bob", "/override release/checks late", []string{"accept release/checks by bob: late"}},
		"an emergency":                      {"bob", "/break-glass the shop is down", []string{"emergency by bob: the shop is down"}},
		"a follow-up":                       {"bob", "/follow-up all fine", []string{"follow-up by bob: all fine"}},
		"a failure":                         {"bob", "/fail it loses orders", []string{"fail by bob: it loses orders"}},
		"a roll-back":                       {"bob", "/roll-back v1.3.0 is worse", []string{"roll-back by bob: v1.3.0 is worse"}},
		"a quote":                           {"bob", "> /sign-off qa", nil},
		"a quote that goes on":              {"bob", "> I said\n/sign-off qa", nil},
		"code":                              {"bob", "```\n/sign-off qa\n```", nil},
		"code by its indent":                {"bob", "    /sign-off qa", nil},
		"a hidden line":                     {"bob", "<!--\n/sign-off qa\n-->", nil},
		"in the middle of a line":           {"bob", "please /sign-off qa", nil},
		"a path":                            {"bob", "/sign-off/qa", nil},
		"another command":                   {"bob", "/recheck\n/explain\n/approve qa", nil},
		"a near miss":                       {"bob", "/signoff qa", nil},
		"a deleted account":                 {"", "/sign-off qa", nil},
		"somebody outside is heard once":    {"mallory", "/sign-off qa\n/promote", []string{"sign qa by mallory"}},
		"a bot that nobody names, too":      {"ci[bot]", "/sign-off qa\n/promote", []string{"sign qa by ci[bot]"}},
		"what hides how it reads":           {"bob", "/reject \u202eit\u202c crashes\u0000", []string{"reject by bob: it crashes"}},
		"what reads like a role and is not": {"bob", "/sign-off q\u0430", []string{"sign qа by bob"}}, // a Cyrillic a
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, twoStages).says(c.who, c.body)
			if diff := cmp.Diff(c.want, heard(s)); diff != "" {
				t.Fatalf("%q is heard otherwise:\n%s", c.body, diff)
			}
		})
	}
}

func TestOurOwnCommentsSayNothing(t *testing.T) {
	s := newScene(t, twoStages).says("handrail[bot]", "Sign it by\n\n/sign-off qa", func(c *checks.Comment) { c.Ours = true })
	if got := heard(s); got != nil {
		t.Fatalf("heard %q", got)
	}
}

func TestACommentIsBoundToTheCandidateThatWasShownWhenItWasWritten(t *testing.T) {
	s := newScene(t, twoStages)
	first := s.digest()
	at := func(d time.Duration) func(*checks.Comment) {
		return func(c *checks.Comment) { c.Created = releaseNoon.Add(d) }
	}
	s.says("bob", "/sign-off qa", at(-time.Minute)) // before any was
	s.says("quinn", "/sign-off qa", at(0))          // in the second in which the first was
	s.says("carol", "/promote", at(time.Second))
	s.moved()
	moved := s.r.Memory.Candidates[1].Shown.Sub(releaseNoon)
	s.says("dave", "/promote", at(moved))
	s.says("erin", "/promote", at(moved+time.Second))
	var got []string
	for _, a := range checks.HearRelease(s.p, s.r) {
		word := map[string]string{first: "first", s.digest(): "second", "": "none"}[a.Candidate]
		got = append(got, a.By.Login+" "+word)
	}
	if diff := cmp.Diff([]string{"bob none", "quinn none", "carol first", "dave first", "erin second"}, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestACandidateThatWasNotShownYetIsNotSpokenAbout(t *testing.T) {
	s := newScene(t, twoStages)
	first := s.digest()
	s.moved()
	s.r.Memory.Candidates[1].Shown = time.Time{}
	s.says("bob", "/sign-off qa")
	if a := checks.HearRelease(s.p, s.r); len(a) != 1 || a[0].Candidate != first {
		t.Fatalf("it is about %v", a)
	}
}

func TestAnEditedCommentIsHeardAsSuch(t *testing.T) {
	s := newScene(t, twoStages).says("bob", "/sign-off qa", func(c *checks.Comment) { c.Edited = c.Created.Add(time.Hour) })
	if diff := cmp.Diff([]string{"sign qa by bob (edited)"}, heard(s)); diff != "" {
		t.Fatal(diff)
	}
}

func TestAnAcceptanceIsBoundToTheEvidenceThatWasThere(t *testing.T) {
	s := newScene(t, twoStages).says("dave", "/override release/evidence a typo")
	evidence := func() string { return checks.HearRelease(s.p, s.r)[0].Evidence }
	if evidence() != s.r.Evidence.Digest {
		t.Fatalf("it is about %q", evidence())
	}
	s.r.Evidence.Since = s.r.At.Add(time.Second)
	if got := evidence(); got != "" {
		t.Errorf("it is about evidence %s that came after it", got)
	}
	s.r.Evidence.Since, s.r.Evidence.Done = time.Time{}, false
	if got := evidence(); got != "" {
		t.Errorf("it is about evidence %s that is not there", got)
	}
}

func TestAnActHeardOnTheIssueCountsLikeAnyOther(t *testing.T) {
	s := newScene(t, twoStages).says("bob", "QA +1").says("carol", "/sign-off release-management").says("dave", "/sign-off security").says("carol", "/promote")
	s.r.Acts = checks.HearRelease(s.p, s.r)
	if v := s.judge(); v.Promote == nil || v.Promote.By.By.Login != "carol" || len(v.Promote.Signed) != 3 {
		t.Fatalf("it is not promoted:\n%s", shownAll(v))
	}
}

// Anybody may comment on a public issue, and each act is an entry of the log.
func TestWhatOneHearsIsBounded(t *testing.T) {
	lines := func(n int, verb string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%s role-%d because of it\n", verb, i)
		}
		return b.String()
	}
	s := newScene(t, twoStages).says("bob", lines(2000, "/revoke"))
	if got := len(heard(s)); got != 20 {
		t.Errorf("of one comment %d acts are heard", got)
	}
	s = newScene(t, twoStages)
	for range 300 {
		s.says("mallory", lines(30, "/sign-off"))
	}
	s.says("bob", "/sign-off qa")
	got := heard(s)
	if len(got) != 51 || got[50] != "sign qa by bob" {
		t.Errorf("of a crowd %d acts are heard, at the end %q", len(got), got[len(got)-1])
	}
	long := newScene(t, twoStages).says("bob", "/reject "+strings.Repeat("x", 9000))
	if reason := checks.HearRelease(long.p, long.r)[0].Reason; len([]rune(reason)) > 201 {
		t.Errorf("a reason has %d characters", len([]rune(reason)))
	}
	long = newScene(t, twoStages).says("bob", "/sign-off "+strings.Repeat("x/", 4000))
	for _, a := range checks.HearRelease(long.p, long.r) {
		if len(a.Role)+len(a.Stage) > 400 {
			t.Errorf("a role has %d bytes", len(a.Role)+len(a.Stage))
		}
	}
}

func TestANearMissIsAnsweredOnTheRelease(t *testing.T) {
	s := newScene(t, twoStages).says("bob", "/signoff qa").says("mallory", "/promot")
	v := s.judge()
	want := []string{`bob's line "/signoff qa" is no command: "/sign-off" may be meant.`}
	if diff := cmp.Diff(want, v.Notes); diff != "" {
		t.Fatal(diff)
	}
	if v := s.says("bob", "/sign-off qa").judge(); len(v.Notes) != 0 {
		t.Errorf("it is still said after the right one: %v", v.Notes)
	}
}

func TestWhoMayAsksForEverythingToBeReadAnew(t *testing.T) {
	if v := newScene(t, twoStages).says("bob", "/recheck").judge(); !v.Heard.Recheck.Equal(releaseNoon.Add(time.Minute)) {
		t.Errorf("asked at %v", v.Heard.Recheck)
	}
	if v := newScene(t, twoStages).says("mallory", "/recheck").judge(); !v.Heard.Recheck.IsZero() {
		t.Error("a stranger is heeded")
	}
}

func TestWhatHasToBeKnownOfARelease(t *testing.T) {
	s := newScene(t, strings.Replace(twoStages, "environment: production,", "environment: production, attested: true,", 1)+
		"  artifacts: [{name: ghcr.io/acme/app, from: upload}]\n")
	s.r.Artifacts = []checks.ReleaseArtifact{{Name: "ghcr.io/acme/app", Rule: "ghcr.io/acme/app", From: "upload", Digest: "sha256:aa"}}
	s.r.People, s.r.Teams = nil, nil
	s.says("bob", "/sign-off qa").says("mallory", "/sign-off qa").act(checks.ActSign, "dave", withRole("security"))
	w := checks.ReleaseWants(s.p, s.r)
	if diff := cmp.Diff(checks.Wants{Teams: []string{"acme/qa", "acme/rm", "acme/sec"}, Users: []string{"bob", "olaf"}, Attested: []string{"sha256:aa"}}, w); diff != "" {
		t.Fatalf("at first:\n%s", diff)
	}
	full := newScene(t, twoStages)
	s.r.Teams = full.r.Teams
	s.r.People = map[string]checks.Person{"bob": {Login: "bob", Permission: "write"}, "olaf": {Login: "olaf"}}
	w = checks.ReleaseWants(s.p, s.r)
	if diff := cmp.Diff(checks.Wants{Users: []string{"dave"}, Attested: []string{"sha256:aa"}}, w); diff != "" {
		t.Fatalf("then, and nothing about a stranger:\n%s", diff)
	}
	s.r.People["dave"] = checks.Person{Login: "dave", Permission: "write"}
	s.r.Artifacts[0].AttestedRead = true
	if w := checks.ReleaseWants(s.p, s.r); !w.None() {
		t.Fatalf("it asks twice: %+v", w)
	}
	if w := checks.ReleaseWants(checks.Policy{}, s.r); !w.None() {
		t.Fatalf("without the section it asks for %+v", w)
	}
}
