package checks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// releaseRoles are bob and quinn for qa, carol and erin for release-management, dave and
// erin for security, and olaf who may declare an emergency.
const releaseRoles = `version: 1
roles:
  qa: {team: acme/qa, say: ["QA +1"]}
  release-management: {team: acme/rm}
  security: {team: acme/sec}
  on-call: {users: [olaf, bob]}
`

// twoStages is what most scenes are judged by.
const twoStages = releaseRoles + `release:
  tags: ["v*"]
  stages:
    - {name: Development, environment: staging, sign_offs: [{role: qa}]}
    - {name: Production, environment: production, escalate_to: on-call, sign_offs: [{role: release-management}, {role: security}]}
  emergency: {role: on-call, follow_up: 7d}
`

// releaseNoon is the moment at which scenes begin.
var releaseNoon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// scene is a release and what happens to it.
type scene struct {
	t    interface{ Fatalf(string, ...any) }
	text string
	p    checks.Policy
	r    checks.Release
	seq  int64
	now  time.Duration
}

var releasePeople = map[string]int64{"tess": 1, "bob": 2, "quinn": 3, "carol": 4, "dave": 5, "erin": 6, "olaf": 7, "ann": 8, "mallory": 9}

func person(login string) checks.Actor {
	if strings.HasSuffix(login, "[bot]") {
		return checks.Actor{Login: login, ID: 99, Bot: true}
	}
	return checks.Actor{Login: login, ID: releasePeople[login]}
}

// newScene is a tag with a draft, of which everything is known and nobody has signed.
func newScene(t interface{ Fatalf(string, ...any) }, text string) *scene {
	s := &scene{t: t, text: text, p: policy(t, text)}
	s.r = checks.Release{
		At: releaseNoon, AppID: 77, Repo: checks.Repo{ID: 1, Owner: "acme", Name: "shop", DefaultBranch: "main"},
		Tag:      checks.Tag{Name: "v1.2.0", OID: "aaaa000000000000000000000000000000000001", Commit: "cccc000000000000000000000000000000000001", Annotated: true, Pusher: person("tess")},
		Page:     checks.ReleasePage{ID: 7, Draft: true, Assets: []checks.Asset{{ID: 1, Name: "app.tar.gz", Digest: "sha256:" + strings.Repeat("ab", 32), Ready: true}}},
		Evidence: checks.ReleaseEvidence{Head: "cccc000000000000000000000000000000000001", Total: 3, Gathered: 3, Done: true, Digest: strings.Repeat("e1", 32), Counts: map[checks.EvidenceState]int{checks.EvidenceMet: 3}, Contributors: []checks.RangeContributor{{Login: "ann", ID: 8, Commit: "cccc000000000000000000000000000000000001"}}, Seq: 2},
		People:   map[string]checks.Person{},
		Teams: map[string]checks.Team{
			"acme/qa":  {Name: "acme/qa", Found: true, Members: []string{"bob", "quinn", "tess"}},
			"acme/rm":  {Name: "acme/rm", Found: true, Members: []string{"carol", "erin"}},
			"acme/sec": {Name: "acme/sec", Found: true, Members: []string{"dave", "erin", "ann"}},
		},
		Issue: checks.TrackingIssue{Number: 12, Open: true},
	}
	for login := range releasePeople {
		s.r.People[login] = checks.Person{Login: login, Permission: "write"}
	}
	s.r.People["mallory"] = checks.Person{Login: "mallory", Permission: "read"}
	s.seq = 100
	s.see()
	return s
}

// wait lets time pass.
func (s *scene) wait(d time.Duration) *scene {
	s.now += d
	s.r.At = releaseNoon.Add(s.now)
	return s
}

func (s *scene) digest() string { return s.r.Candidate(s.p).Digest() }

// see is handrail taking note of the candidate that is there, and showing it.
func (s *scene) see() *scene {
	c := s.r.Candidate(s.p)
	m := &s.r.Memory
	m.Candidates = slices.Clone(m.Candidates)
	if n := len(m.Candidates); n > 0 {
		last := &m.Candidates[n-1]
		if last.Digest == c.Digest() {
			return s
		}
		last.Ended, last.Why = s.r.At, c.Changed(last.Candidate)
	}
	s.seq++
	m.Candidates = append(m.Candidates, checks.PastCandidate{Candidate: c, Digest: c.Digest(), Since: s.r.At, Shown: s.r.At, Seq: s.seq})
	return s
}

// act is something that somebody does now, a minute later.
func (s *scene) act(kind checks.ActKind, who string, change ...func(*checks.Act)) *scene {
	s.wait(time.Minute)
	s.seq++
	a := checks.Act{Kind: kind, By: person(who), At: s.r.At, Via: checks.ByCommand, Candidate: s.digest(), Seq: s.seq}
	for _, c := range change {
		c(&a)
	}
	s.r.Acts = append(slices.Clip(s.r.Acts), a)
	return s
}

func (s *scene) sign(who string, role checks.RoleName) *scene {
	return s.act(checks.ActSign, who, func(a *checks.Act) { a.Role = role })
}

func (s *scene) press(who, stage string) *scene {
	return s.act(checks.ActSign, who, func(a *checks.Act) {
		a.Stage, a.Via, a.Candidate = stage, checks.ByButton, a.Candidate[:checks.ShortCandidate]
	})
}

func because(reason string) func(*checks.Act) { return func(a *checks.Act) { a.Reason = reason } }

func withRole(role checks.RoleName) func(*checks.Act) {
	return func(a *checks.Act) { a.Role = role }
}

// signed lets everybody sign who is asked.
func (s *scene) signed() *scene {
	return s.sign("bob", "qa").sign("carol", "release-management").sign("dave", "security")
}

// judge judges, and takes note of a promotion as the record does.
func (s *scene) judge() checks.ReleaseVerdict {
	v := checks.JudgeRelease(s.p, s.r)
	if v.Promote != nil && !s.r.Promoted(v.Digest) {
		s.seq++
		m := &s.r.Memory
		m.Promoted, m.PromotedSeq, m.PromotedAt, m.Emergency, m.Released = v.Digest, s.seq, s.r.At, v.Promote.Emergency, time.Time{}
	}
	return v
}

// released lets it be approved, promoted and published.
func (s *scene) released() *scene {
	s.signed().act(checks.ActPromote, "carol")
	if v := s.judge(); v.Promote == nil {
		s.t.Fatalf("it is not promoted: %s", refusals(v))
	}
	s.wait(time.Minute)
	s.r.Page.Draft, s.r.Page.Published = false, s.r.At
	s.r.Memory.Released = s.r.At
	return s
}

// moved puts the tag elsewhere.
func (s *scene) moved() *scene {
	s.wait(time.Minute)
	s.r.Tag.OID, s.r.Tag.Commit = "aaaa000000000000000000000000000000000002", "cccc000000000000000000000000000000000002"
	s.r.Evidence.Head = s.r.Tag.Commit
	return s.see()
}

// back puts the tag to where it was at first.
func (s *scene) back() *scene {
	s.wait(time.Minute)
	s.r.Tag.OID, s.r.Tag.Commit = "aaaa000000000000000000000000000000000001", "cccc000000000000000000000000000000000001"
	s.r.Evidence.Head = s.r.Tag.Commit
	return s.see()
}

// reread judges the scene by another text.
func (s *scene) reread(text string) *scene {
	s.text, s.p = text, policy(s.t, text)
	return s.see()
}

func refusals(v checks.ReleaseVerdict) string {
	var out []string
	for _, r := range v.Refused {
		out = append(out, r.Why)
	}
	return strings.Join(out, "\n")
}

// result is a result, or a part, by its id.
func result(v checks.ReleaseVerdict, id string) checks.Result {
	var find func([]checks.Result) *checks.Result
	find = func(results []checks.Result) *checks.Result {
		for i := range results {
			if results[i].ID == id {
				return &results[i]
			}
			if r := find(results[i].Parts); r != nil {
				return r
			}
		}
		return nil
	}
	if r := find(v.Results); r != nil {
		return *r
	}
	return checks.Result{Summary: "no result " + id}
}

// shownAll is a verdict for a failing test.
func shownAll(v checks.ReleaseVerdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n", v.Phase, v.State)
	var walk func([]checks.Result, string)
	walk = func(results []checks.Result, in string) {
		for _, r := range results {
			fmt.Fprintf(&b, "%s%s %s: %s\n", in, r.ID, r.State, r.Summary)
			walk(r.Parts, in+"  ")
		}
	}
	walk(v.Results, "")
	fmt.Fprintf(&b, "environments %v\n%s", v.Environments, refusals(v))
	return b.String()
}

func wantPhase(t *testing.T, v checks.ReleaseVerdict, want checks.Phase) {
	t.Helper()
	if v.Phase != want {
		t.Fatalf("it is %s, want %s\n%s", v.Phase, want, shownAll(v))
	}
}
