package checks

import (
	"strings"
	"testing"
)

func sig(login string) Signature {
	return Signature{Name: login, Email: login + "@example.com", Login: login}
}

func TestC1_WhoeverWroteCommittedCoWroteOrPushedDoesNotApprove(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Pull)
		words  string
	}{
		"author of a commit":    {func(p *Pull) { p.Commits[0].Author = sig("Bob") }, "bob wrote commit c1"},
		"committer of a commit": {func(p *Pull) { p.Commits[0].Committer = sig("bob") }, "bob committed c1"},
		"co-author of a commit": {func(p *Pull) { p.Commits[0].CoAuthors = []Signature{sig("bob")} }, "bob is co-author of commit c1"},
		"sender of a push":      {func(p *Pull) { p.Memory.Heads[0].Sender = "BOB" }, "bob pushed c1"},
		"author of a merged commit": {func(p *Pull) {
			p.Commits = append(p.Commits, Commit{SHA: "side", Author: sig("bob"), Committer: sig("ann"), Message: "On a side branch"})
			p.CommitCount++
		}, "bob wrote commit side"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene().approved("bob").with(c.change)
			expect(t, judged(s, rulesOf()), Waiting, c.words)
			expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Self: true})), Met)
			s.approved("carol")
			expect(t, judged(s, rulesOf()), Met)
		})
	}
}

func TestC1_WhenGitHubListsNotEveryCommitNobodyIsBelievedToBeUninvolved(t *testing.T) {
	s := newScene().approved("bob")
	s.CommitCount = 270
	r := judged(s, rulesOf())
	expect(t, r, Unmet, "GitHub lists only 1 of 270 commits")
	if !r.Unknown {
		t.Error("it is not called unknown")
	}
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Self: true})), Met)
}

func TestC2_ACommitOfNoAccountNeedsAnApprovalAtExactlyThatHead(t *testing.T) {
	s := newScene().approved("bob").push("c2", "ann")
	s.Commits[1].Author = Signature{Name: "Eve", Email: "eve@example.org"}
	r := judged(s, rulesOf())
	expect(t, r, Waiting, "Commit c2 by Eve <eve@example.org> belongs to no GitHub account", "approval of the head c2 itself")
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Unattributed: UnattributedAllow})), Met, "belongs to no GitHub account")
	s.approved("carol")
	expect(t, judged(s, rulesOf()), Met)

	s = newScene().owners("* @bob").approved("bob").push("c2", "ann")
	s.Commits[1].CoAuthorsCut = true
	expect(t, judged(s, ownersOnly()), Waiting, "further co-authors whom GitHub does not list")
	expect(t, judged(s.approved("bob"), ownersOnly()), Met)
}

// updated is a scene in which bob approved and then pressed "Update branch".
func updated() *scene {
	s := newScene().approved("bob").push("m1", "bob")
	c := &s.Commits[1]
	c.Merge, c.Web, c.GitHubSigned, c.Verified = true, true, true, true
	c.Message = "Merge branch 'main' into topic"
	c.Author = sig("bob")
	c.Committer = Signature{Name: "GitHub", Email: "noreply@github.com", Login: "web-flow"}
	return s
}

func TestC3_UpdatingTheBranchOnTheWebMakesNobodyAContributor(t *testing.T) {
	expect(t, judged(updated(), rulesOf()), Met, "carried over from c1")
	for name, change := range map[string]func(*Pull){
		"not signed by GitHub":       func(p *Pull) { p.Commits[1].GitHubSigned = false },
		"not made on the web":        func(p *Pull) { p.Commits[1].Web = false },
		"committed by somebody else": func(p *Pull) { p.Commits[1].Committer = sig("bob") },
		"not a merge":                func(p *Pull) { p.Commits[1].Merge = false },
		"a merge of another branch":  func(p *Pull) { p.Commits[1].Message = "Merge branch 'evil' into topic" },
		"another message":            func(p *Pull) { p.Commits[1].Message = "Fix" },
		"the head before is unknown": func(p *Pull) { p.Memory.Heads = p.Memory.Heads[1:] },
		"the files before are unknown": func(p *Pull) {
			p.Memory.Changes = map[string]Change{}
		},
		"with an edit in it": func(p *Pull) {
			c := p.Memory.Changes["c1"]
			c.Files = filesOf("src/a.go=before")
			p.Memory.Changes["c1"] = c
		},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, judged(updated().with(change), rulesOf()), Waiting, "bob")
		})
	}
}

func TestC3_TheCommitterOfWebCommitsIsGitHubOnlyWhenGitHubSigned(t *testing.T) {
	s := updated()
	s.Commits[1].Merge, s.Commits[1].Author, s.Memory.Heads[1].Sender = false, sig("ann"), ""
	r := judged(s, rulesOf())
	expect(t, r, Met)
	if strings.Contains(allText(r), "web-flow") {
		t.Errorf("GitHub itself is called a contributor:\n%s", allText(r))
	}
}

func TestC4_AForgedEmailOnlyAddsContributors(t *testing.T) {
	// carol's e-mail in a commit of ann's: carol is taken for a contributor.
	s := newScene().approved("carol")
	s.Commits[0].Author = Signature{Name: "Carol", Email: "carol@example.com", Login: "carol"}
	expect(t, judged(s, rulesOf()), Waiting, "carol wrote commit c1")
	// ann, who opened and pushed it, is not excused by that.
	expect(t, judged(newScene().said("ann", "+1").with(func(p *Pull) {
		p.Commits[0].Author, p.Commits[0].Committer = sig("carol"), sig("carol")
	}), rulesOf()), Waiting, "ann opened this pull request")
	// Whoever commits in GitHub's name without its signature stays unknown.
	s = newScene().approved("bob").push("c2", "ann")
	s.Commits[1].Committer = Signature{Name: "GitHub", Email: "noreply@github.com"}
	expect(t, judged(s, rulesOf()), Waiting, "GitHub <noreply@github.com> belongs to no GitHub account")
}
