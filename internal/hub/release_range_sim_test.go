package hub_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// gathered is what one range is gathered into.
type gathered struct {
	commits map[string]checks.RangeCommit
	pulls   map[int]bool
	total   int
	pages   int
}

func (s *shipping) gather(base, head string) gathered {
	s.t.Helper()
	out := gathered{commits: map[string]checks.RangeCommit{}, pulls: map[int]bool{}}
	var shas []string
	for page := 1; page != 0; out.pages++ {
		commits, total, next, err := s.hub.RangePage(s.t.Context(), s.subj, base, head, page)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, c := range commits {
			out.commits[c.SHA] = c
			shas = append(shas, c.SHA)
		}
		out.total, page = total, next
	}
	for part := range slices.Chunk(shas, 150) {
		found, err := s.hub.RangePulls(s.t.Context(), s.subj, part)
		if err != nil {
			s.t.Fatal(err)
		}
		for sha, c := range found {
			c.Subject = out.commits[sha].Subject
			out.commits[sha] = c
			for _, p := range c.Pulls {
				out.pulls[p.Number] = true
			}
		}
	}
	return out
}

func TestFiveThousandCommitsAreGatheredInFewRequestsAndLittleMemory(t *testing.T) {
	w := ship(t)
	base := w.shop.Branch("main")
	made, err := w.shop.Grow(sim.Growth{Commits: 5000, Pulls: 2000, Direct: 5, People: []string{"alice", "bob", "carol"}})
	if err != nil {
		t.Fatal(err)
	}
	head := w.shop.Branch("main")
	w.gh.ClearRequests()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	got := w.gather(base, head)
	runtime.GC()
	runtime.ReadMemStats(&after)
	n := w.asked()
	if len(got.commits) != len(made) || got.total != len(made) || len(got.pulls) != 2000 || n > 100 {
		t.Errorf("%d commits of %d, %d pull requests, %d requests", len(got.commits), len(made), len(got.pulls), n)
	}
	kept := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	if kept > 50<<20 {
		t.Errorf("%d bytes are kept", kept)
	}
	t.Logf("%d commits and %d pull requests in %d requests, %d bytes kept", len(got.commits), len(got.pulls), n, kept)
	direct := 0
	for sha, c := range got.commits {
		if len(c.Pulls) == 0 {
			direct++
			continue
		}
		p := c.Pulls[0]
		if c.Cut || c.Nameless || len(c.People) == 0 || !p.Merged || p.RepoID == 0 || p.MergeCommit == "" || p.MergedAt.IsZero() || p.Base != "main" || p.Author.Login == "" || p.Title == "" || c.Subject == "" {
			t.Fatalf("%s: %+v", sha, c)
		}
	}
	if direct != 5 {
		t.Errorf("%d commits without a pull request", direct)
	}
}

func TestAWholeHistoryIsARangeToo(t *testing.T) {
	w := ship(t)
	before := len(w.gather("", w.shop.Branch("main")).commits)
	if _, err := w.shop.Grow(sim.Growth{Commits: 240, Pulls: 100, People: []string{"alice"}}); err != nil {
		t.Fatal(err)
	}
	head := w.shop.Branch("main")
	_, total, next, err := w.hub.RangePage(t.Context(), w.subj, "", head, 1)
	if err != nil || next != 2 || total < before+240 || total > 300 {
		t.Errorf("total %d, next %d, %v", total, next, err)
	}
	w.push("main", map[string]string{"later.go": "package later\n"}) // what comes after is not in it
	got := w.gather("", head)
	if len(got.commits) != before+240 || got.total != before+240 || got.pages != 3 {
		t.Errorf("%d commits, total %d, %d pages", len(got.commits), got.total, got.pages)
	}
	if _, in := got.commits[head]; !in {
		t.Error("the tag's own commit is not in it")
	}
}

func TestARangeHasWhatTheHeadHasAndTheBaseHasNot(t *testing.T) {
	w := ship(t)
	base := w.shop.Branch("main")
	head := w.push("main", map[string]string{"z.go": "package z\n"})
	got := w.gather(base, head)
	if len(got.commits) != 1 || got.commits[head].People[0].Login != "alice" || got.total != 1 {
		t.Errorf("%+v", got)
	}
	if got = w.gather(head, head); len(got.commits) != 0 || got.total != 0 {
		t.Errorf("%+v", got)
	}
	_, _, _, err := w.hub.RangePage(t.Context(), w.subj, strings.Repeat("0", 40), head, 1)
	if f, ok := err.(interface{ Unusable() string }); !ok || f.Unusable() == "" {
		t.Errorf("an unknown base: %v", err)
	}
	for _, bad := range []string{"main", "v1.0.0", "..", head + "?x"} {
		if _, _, _, err := w.hub.RangePage(t.Context(), w.subj, base, bad, 1); err == nil {
			t.Errorf("%q was asked for", bad)
		}
		if _, err := w.hub.RangePulls(t.Context(), w.subj, []string{bad}); err == nil {
			t.Errorf("%q was asked about", bad)
		}
	}
}

func TestWhoWorkedOnACommitIsKnownWithCoAuthorsAndNobodyIsGuessed(t *testing.T) {
	w := ship(t)
	base := w.shop.Branch("main")
	message := func(text string) string {
		sha, err := w.shop.Push(sim.Push{By: "alice", Branch: "main", Message: text, Files: map[string]string{fmt.Sprint("f", len(text)): "x"}})
		if err != nil {
			t.Fatal(err)
		}
		return sha
	}
	w.gh.User("quinn")
	with := message("feat: a\n\nCo-authored-by: Quinn <quinn@users.noreply.github.com>\n")
	nobody := message("feat: bb\n\nCo-authored-by: Nobody <nobody@example.test>\n")
	got := w.gather(base, w.shop.Branch("main"))
	names := func(sha string) string {
		var out []string
		for _, p := range got.commits[sha].People {
			out = append(out, p.Login)
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	if n := names(with); n != "alice quinn" || got.commits[with].Nameless {
		t.Errorf("%q, nameless %v", n, got.commits[with].Nameless)
	}
	if n := names(nobody); n != "alice" || !got.commits[nobody].Nameless {
		t.Errorf("%q, nameless %v", n, got.commits[nobody].Nameless)
	}
}

// GitHub cuts a question off that takes it too long.
func TestWhatGitHubHasNoTimeForIsAskedByHalves(t *testing.T) {
	w := ship(t)
	base := w.shop.Branch("main")
	if _, err := w.shop.Grow(sim.Growth{Commits: 150, Pulls: 60, People: []string{"alice"}}); err != nil {
		t.Fatal(err)
	}
	var shas []string
	for page := 1; page != 0; {
		commits, _, next, err := w.hub.RangePage(t.Context(), w.subj, base, w.shop.Branch("main"), page)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range commits {
			shas = append(shas, c.SHA)
		}
		page = next
	}
	for _, failure := range []sim.Failure{sim.Status(502), sim.Status(504)} {
		w.gh.ClearRequests()
		// Each question is asked once more by itself; the whole one and its first half fail.
		w.gh.Fail(sim.Fault{Times: 4, Do: []sim.Failure{failure}, When: func(q sim.Request) bool { return q.Operation == "RangePulls" }})
		got, err := w.hub.RangePulls(t.Context(), w.subj, shas)
		if err != nil || len(got) != 150 {
			t.Errorf("%d of 150, %v", len(got), err)
		}
		if n := w.asked(); n != 7 {
			t.Errorf("%d requests", n)
		}
	}
	w.gh.Fail(sim.Fault{Do: []sim.Failure{sim.Status(502)}, When: func(q sim.Request) bool { return q.Operation == "RangePulls" }})
	if _, err := w.hub.RangePulls(t.Context(), w.subj, shas); err == nil {
		t.Error("no error though nothing was answered")
	}
	if n := w.asked(); n > 12 {
		t.Errorf("%d requests though nothing was answered", n)
	}
}

func TestOnlyAnAttestationOfThisRepositoryAboutThisDigestCounts(t *testing.T) {
	w := ship(t)
	digest := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	attest := func(a sim.Attestation) {
		if err := w.shop.Attest(a); err != nil {
			t.Fatal(err)
		}
	}
	const build = ".github/workflows/build.yml"
	attest(sim.Attestation{Digest: digest("a"), Name: "app", Workflow: build, Ref: "refs/tags/v1.0.0"})
	attest(sim.Attestation{Digest: digest("a"), Name: "app", Workflow: build, Ref: "refs/tags/v1.0.0"})
	attest(sim.Attestation{Digest: digest("b"), Name: "app", Type: "https://spdx.dev/Document/v2.3"})
	foreign := `{"subject":[{"digest":{"sha256":"` + strings.Repeat("c", 64) + `"}}],"predicateType":"https://slsa.dev/provenance/v1",
		"predicate":{"buildDefinition":{"externalParameters":{"workflow":{"repository":"https://github.com/mallory/shop","path":"` + build + `"}}}}}`
	attest(sim.Attestation{Digest: digest("c"), Payload: []byte(foreign)})
	attest(sim.Attestation{Digest: digest("d"), Payload: []byte(strings.ReplaceAll(foreign, "https://github.com/mallory/shop", w.gh.URL()+"/acme/shop"))}) // it names c
	attest(sim.Attestation{Digest: digest("e"), Payload: []byte("no statement")})
	r, _ := w.release(0)
	var want []string
	for _, c := range []string{"a", "b", "c", "d", "e", "f"} {
		r.Artifacts = append(r.Artifacts, checks.ReleaseArtifact{Name: c, Rule: "app", Digest: digest(c)})
		want = append(want, digest(c))
	}
	r.Artifacts = append(r.Artifacts, checks.ReleaseArtifact{Name: "other", Digest: "sha512:aa"})
	given := r.Artifacts
	if err := w.hub.CompleteRelease(t.Context(), w.subj, &r, checks.Wants{Attested: append(want, "sha512:aa")}); err != nil {
		t.Fatal(err)
	}
	for _, a := range r.Artifacts {
		path := strings.Join(a.Attested, " ")
		if !a.AttestedRead || a.AttestedDenied || (path == build) != (a.Name == "a") || a.Name != "a" && path != "" {
			t.Errorf("%+v", a)
		}
	}
	if given[0].AttestedRead {
		t.Error("what others share was changed")
	}
	w.gh.SetPermission("attestations", "")
	w.gh.RevokeTokens()
	if err := w.hub.CompleteRelease(t.Context(), w.subj, &r, checks.Wants{Attested: want[:1]}); err != nil || !r.Artifacts[0].AttestedDenied || len(r.Artifacts[0].Attested) != 0 {
		t.Errorf("%v %+v", err, r.Artifacts[0])
	}
}
