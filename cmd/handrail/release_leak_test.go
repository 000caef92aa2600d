package main

import (
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// Secrets stand wherever people can put text about a release; nothing of them is sent,
// logged, stored or printed, in whichever form.
func TestNoSecretGetsOutOfHandrailByAReleaseNorByWhatPeopleDoAboutIt(t *testing.T) {
	w := newLeakWorld(t)
	w.must(stageReleases(w.gh, w.repo))
	w.rest()
	w.releaseWithSecrets("v1.0.0")
	w.must(poll("v1.0.0 is not judged and shown", func() bool {
		row, err := w.server.store.ReleaseOf(t.Context(), "acme/shop", "v1.0.0")
		return err == nil && row.Phase == checks.PhaseCandidate && len(w.repo.Issues()) > 0
	}))
	issue := w.repo.Issues()[0]
	said := []string{"/sign-off ", "/reject ", "/revoke rejection ", "/override release/evidence ", "/break-glass ", "/follow-up ", "it needs "}
	for _, say := range said {
		issue.Comment("rita", say+w.Secret(say))
	}
	w.must(poll("what was said is not heard", func() bool {
		list, err := w.server.store.SignOffs(t.Context(), store.ActFilter{Repo: "acme/shop", Tag: "v1.0.0"})
		return err == nil && len(list) >= len(said)-2 // no role is called like a secret, and the last says nothing
	}))
	w.actWithSecrets("v1.0.0")
	w.releasesPrinted("v1.0.0")
	w.server.close()
	w.Add(leak.Logged, w.log.Bytes())
	w.Database(t, w.path)
	w.Check(t)
	// What stands beside the secrets has arrived.
	for _, beside := range []string{"Besides7Commit", "Besides7Reason"} {
		if !strings.Contains(strings.Join(w.Has(beside), " "), leak.Printed) {
			t.Errorf("%s is not printed: this test proves little", beside)
		}
	}
}

func (w *leakWorld) releaseWithSecrets(tag string) {
	w.t.Helper()
	sha, err := w.repo.Push(sim.Push{By: "alice", Branch: "release", Message: "Besides7Commit with " + w.Secret("commit"), Files: map[string]string{"a.go": "package a\n"}})
	w.must(err)
	rel, err := w.repo.NewRelease(sim.NewRelease{By: "tara", Tag: tag, Name: "Release " + w.Secret("release's name"), Body: w.Secret("release's text"), Draft: true})
	w.must(err)
	_, err = rel.Upload("tara", "shop.tar.gz", []byte(w.Secret("file")))
	w.must(err)
	w.must(w.repo.PushTags("tara", sim.NewTag{Name: tag, SHA: sha, Annotated: true, Tagger: "tara", Message: w.Secret("tag's message")}))
}

// actWithSecrets does what people do by the interface, with a secret in each reason.
func (w *leakWorld) actWithSecrets(tag string) {
	w.t.Helper()
	row, err := w.server.store.ReleaseOf(w.t.Context(), "acme/shop", tag)
	w.must(err)
	for _, login := range []string{"rita", "mallory"} {
		token := w.gh.PersonToken(login)
		w.Plant(token, "token of "+login)
		w.t.Setenv("GITHUB_TOKEN", token)
		for _, d := range deeds {
			args := []string{"release", d.use, "acme/shop", tag, "--server", w.server.URL(), "--candidate", row.Candidate, "--reason", "Besides7Reason " + w.Secret("reason"), "--patience", "5s"}
			if d.role != "" {
				args = append(args, "--role", "rm")
			}
			w.said(args...)
		}
	}
}

// said runs a command and takes what it prints.
func (w *leakWorld) said(args ...string) {
	w.t.Helper()
	var out lockedBuffer
	if code := run(w.t.Context(), args, &out, &out); code == exitError && args[1] != "decision" {
		w.t.Errorf("handrail %s: %s", strings.Join(args[:2], " "), out.Bytes())
	}
	w.Add(leak.Printed, out.Bytes())
}

func (w *leakWorld) releasesPrinted(tag string) {
	w.t.Helper()
	for _, args := range [][]string{
		{"release", "list"}, {"release", "list", "--json"}, {"release", "status", "acme/shop", tag}, {"release", "status", "acme/shop", tag, "--json"},
		{"release", "changes", "acme/shop", tag}, {"release", "changes", "acme/shop", tag, "--json"}, {"release", "changes", "acme/shop", tag, "--csv"},
	} {
		w.said(append(args, "--database", w.path)...)
		w.said(append(args, "--server", w.server.URL())...)
	}
	for _, args := range [][]string{
		{"audit", "release", "acme/shop", tag}, {"audit", "sign-offs"}, {"audit", "sign-offs", "--json"}, {"audit", "sign-offs", "--csv"},
		{"audit", "list", "--limit", "10000", "--csv"}, {"audit", "list", "--release", tag, "--json"},
	} {
		w.said(append(args, "--database", w.path)...)
	}
	rows, err := w.server.store.ReleaseOf(w.t.Context(), "acme/shop", tag)
	w.must(err)
	if rows.PromotedSeq == 0 || time.Since(rows.PromotedAt) > time.Hour {
		w.t.Errorf("%s was not promoted by the emergency", tag)
	}
}
