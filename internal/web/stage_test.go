package web_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
	"github.com/handrail-bot/handrail/internal/web"
)

const audience = "https://handrail.example.com"

// commitOf is the commit that a tag of the stage is at.
func commitOf(tag string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(tag))) }

var sha = commitOf("v1.1.0")

// stage is the interface over a record with releases, and the stand-in for GitHub:
//
//	acme/shop   v1.0.0 promoted, v1.1.0 signed by quinn, app/v2 and app/decision candidates
//	acme/vault  v1.0.0, which nobody but olive may read
//
// alice, quinn and olive may read acme/shop; mallory may not.
type stage struct {
	t      *testing.T
	gh     *sim.GitHub
	store  *store.Store
	hub    *hub.Hub
	server *httptest.Server
	guard  *leak.Guard
	shop   *sim.Repo
	tokens map[string]string
	skew   atomic.Int64 // nanoseconds
	users  atomic.Int64 // how often GitHub was asked whose a token is
}

func (s *stage) now() time.Time { return time.Now().Add(time.Duration(s.skew.Load())) }

// acts hands what people do to the flow, as cmd does.
type acts struct{ *handlers.Flow }

func (a acts) ActOn(ctx context.Context, owner, repo, tag string, act checks.Act) (checks.Act, error) {
	kept, err := a.Flow.ActOn(ctx, owner, repo, tag, act)
	if what, is := handlers.IsActFault(err); is {
		err = &web.Unfit{What: what}
	}
	return kept, err
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, gh: sim.New(sim.Options{}), tokens: map[string]string{}}
	_, stop, err := s.gh.Start()
	s.must(err)
	t.Cleanup(stop)
	path := filepath.Join(t.TempDir(), "handrail.db")
	s.guard = leak.Over(t, s.gh, path)
	t.Cleanup(s.gh.OnExchange(func(x sim.Exchange) {
		if x.Path == "/user" {
			s.users.Add(1)
		}
	}))
	s.store, err = store.Open(t.Context(), path, store.Options{Origin: "handrail.example.com/log"})
	s.must(err)
	t.Cleanup(func() { s.store.Close() })
	app := s.gh.App()
	s.hub, err = hub.New(hub.Config{WebURL: s.gh.URL(), Issuer: s.gh.Issuer(), AppID: app.ID, PrivateKey: app.PrivateKey(), PublicURL: audience})
	s.must(err)
	flow := &handlers.Flow{Store: s.store, Forge: s.hub, Now: s.now, Inspector: handlers.NewInspector(s.hub, leak.Engine(), handlers.CommitsAtOnce)}
	s.server = httptest.NewServer(web.New(web.Config{
		Store: s.store, GitHub: s.hub, Acts: acts{flow}, WebURL: s.gh.URL(), Log: zerolog.New(s.guard.Writer(leak.Logged)), Now: s.now,
	}))
	t.Cleanup(s.server.Close)
	s.populate()
	return s
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) populate() {
	org := s.gh.Org("acme")
	s.shop = org.Repo("shop")
	for _, login := range []string{"alice", "quinn", "olive"} {
		s.shop.Allow(login, "write")
	}
	vault := org.Repo("vault")
	vault.Allow("olive", "admin")
	for _, r := range []*sim.Repo{s.shop, vault} {
		_, err := r.Push(sim.Push{By: "olive", Branch: "main", Message: "Begin", Files: map[string]string{"README.md": "# a repository\n"}})
		s.must(err)
	}
	org.Install()
	for _, login := range []string{"alice", "quinn", "olive", "mallory"} {
		s.tokens[login] = s.gh.PersonToken(login)
	}
	s.release("shop", "v1.0.0", true)
	s.release("shop", "v1.1.0", false)
	s.release("shop", "app/v2", false)
	s.release("shop", "app/decision", false)
	s.release("vault", "v1.0.0", false)
}

// candidate is that of a tag of the stage.
func candidate(tag string) checks.Candidate {
	return checks.Candidate{Tag: tag, TagOID: commitOf(tag), Commit: commitOf(tag), Policy: strings.Repeat("a", 64), Artifacts: []checks.CandidateArtifact{
		{Name: "app-" + tag + ".tar.gz", Digest: "sha256:" + strings.Repeat("ab", 32)},
	}}
}

var brought = []checks.Brought{
	{Number: 7, Title: "feat: basket", Author: "alice", Commits: []string{sha}, State: checks.EvidenceMet, Seq: 1},
	{Number: 8, Title: "fix: a hurry", Author: "quinn", Commits: []string{sha}, State: checks.EvidenceBypassed, Seq: 1, Why: "A review was missing."},
	{Commits: []string{sha}, Title: "oops", State: checks.EvidenceNoPull},
	{Number: 3, Title: "old", Commits: []string{sha}},
}

// release puts a judged release on record, as the flow would.
func (s *stage) release(repo, tag string, promoted bool) {
	s.t.Helper()
	ctx, now := s.t.Context(), s.now()
	_, sub, err := s.hub.May(ctx, "acme", repo, "olive")
	s.must(err)
	sub.Number, sub.Kind, sub.Name = 0, checks.KindRelease, tag
	s.must(s.store.Touch(ctx, sub, store.Known{}, "sweep", now, now))
	jobs, err := s.store.Claim(ctx, 1, time.Minute, now)
	if err != nil || len(jobs) != 1 {
		s.t.Fatalf("claimed %v, %v", jobs, err)
	}
	job, c := jobs[0], candidate(tag)
	r := checks.Release{At: now, Repo: checks.Repo{ID: sub.RepoID, Owner: "acme", Name: repo, DefaultBranch: "main"}, Tag: checks.Tag{Name: tag, OID: c.TagOID, Commit: c.Commit}}
	s.must(s.store.ObserveRelease(ctx, job, &r, now))
	s.must(s.store.SeeCandidate(ctx, job, checks.PastCandidate{Candidate: c, Digest: c.Digest(), Since: now}, "", now))
	r.Evidence = checks.ReleaseEvidence{Total: 4, Gathered: 4, Done: true, Pulls: 3, Digest: strings.Repeat("e", 64), Odd: brought[1:]}
	r.Evidence.Seq, err = s.store.KeepEvidence(ctx, job, r.Evidence, brought, now)
	s.must(err)
	quinn := checks.Actor{Login: "quinn", ID: 5}
	kept, err := s.store.KeepActs(ctx, job, []checks.Act{{Kind: checks.ActSign, Role: "qa", By: quinn, At: now, Via: checks.ByComment, Ref: "1" + tag, Candidate: c.Digest()}}, now)
	s.must(err)
	v := verdict(tag, c, kept[0], promoted)
	record := store.Record{Release: &r, ReleaseVerdict: &v, Causes: []string{"sweep"}}
	if promoted {
		record.Decision = &checks.Decision{
			Repo: "acme/" + repo, RepoID: sub.RepoID, Tag: tag, Candidate: c, Digest: c.Digest(), At: now, By: kept[0], Signed: v.Stages[0].Signed, Environments: []string{"production"},
		}
	}
	_, err = s.store.Record(ctx, job, record, now)
	s.must(err)
	s.must(s.store.Finish(ctx, job, store.FinishInfo{}, now))
}

func verdict(tag string, c checks.Candidate, signed checks.Act, promoted bool) checks.ReleaseVerdict {
	sign := checks.Sign{Stage: "development", Role: "qa", By: signed.By, At: signed.At, Via: signed.Via, Ref: signed.Ref, Seq: signed.Seq}
	v := checks.ReleaseVerdict{
		Tag: tag, Candidate: c, Digest: c.Digest(), Phase: checks.PhaseSigning,
		Stages: []checks.StageStanding{{Name: "development", State: checks.Met, Signed: []checks.Sign{sign}}, {Name: "production", State: checks.Waiting}},
	}
	v.Verdict = checks.Verdict{State: checks.Waiting, Head: c.Commit, Results: []checks.Result{
		{ID: "release/tag", State: checks.Met, Summary: "Put there by alice."},
		{ID: "release/production", State: checks.Waiting, Summary: "Waits.", Parts: []checks.Result{
			{ID: "release/production/security", State: checks.Waiting, Summary: "Needs a sign-off by security.", Can: []string{"sam"}},
		}},
	}}
	if promoted {
		v.Phase, v.State = checks.PhasePromoting, checks.Met
		v.Promote = &checks.Promotion{By: signed, Signed: []checks.Sign{sign}}
		v.Results = v.Results[:1]
	}
	return v
}

// answer is what the interface says.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// into reads the body.
func (s *stage) into(a answer, out any) {
	s.t.Helper()
	if err := json.Unmarshal(a.body, out); err != nil {
		s.t.Errorf("%d %s: %v", a.status, a.body, err)
	}
}

// word is the word of a no.
func (a answer) word() string {
	var no struct{ Error, Message string }
	if json.Unmarshal(a.body, &no) != nil || no.Message == "" {
		return fmt.Sprintf("no word: %s", a.body)
	}
	return no.Error
}

// ask asks with a token, "" for none.
func (s *stage) ask(method, path, token string, body any, header ...string) answer {
	s.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		s.must(err)
		in = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.server.URL+path, in)
	s.must(err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("it sends on") }}
	resp, err := client.Do(req)
	s.must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	s.must(err)
	s.guard.Add(leak.Printed, legible(text))
	return answer{resp.StatusCode, resp.Header, text}
}

// legible is an answer as its reader sees it: base64 of JSON has parts in common with
// any token that is base64 of JSON.
func legible(text []byte) []byte {
	var e struct{ Payload string }
	if json.Unmarshal(text, &e) == nil && e.Payload != "" {
		if raw, err := base64.StdEncoding.DecodeString(e.Payload); err == nil {
			return raw
		}
	}
	return text
}

// get asks as a person.
func (s *stage) get(login, path string) answer {
	s.t.Helper()
	return s.ask(http.MethodGet, web.Path+path, s.tokens[login], nil)
}

// do sends an act as a person.
func (s *stage) do(login, tag string, act map[string]any) answer {
	s.t.Helper()
	return s.ask(http.MethodPost, web.Path+"/acme/shop/"+tag+"/acts", s.tokens[login], act)
}
