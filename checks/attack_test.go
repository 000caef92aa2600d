package checks

import "testing"

// What somebody might try, and what might go wrong by itself.

func TestAttack_CommittingInGitHubsNameMakesTheCommitNobodysWithoutGitHubsSignature(t *testing.T) {
	impostor := Signature{Name: "GitHub", Email: "noreply@github.com", Login: "web-flow"}
	for name, change := range map[string]func(*Commit){
		"as committer": func(c *Commit) { c.Committer = impostor },
		"as author":    func(c *Commit) { c.Author = impostor },
		"as committer, signed by somebody's own key": func(c *Commit) { c.Committer, c.Verified = impostor, true },
		"as co-author": func(c *Commit) { c.CoAuthors = []Signature{impostor} },
	} {
		s := newScene().approved("bob").push("c2", "ann")
		change(&s.Commits[1])
		expect(t, judged(s, rulesOf()), Waiting, "Commit c2 by GitHub <noreply@github.com> belongs to no GitHub account")
		expect(t, judged(s.approved("carol"), rulesOf()), Met)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	s := newScene().approved("bob").push("c2", "ann")
	s.Commits[1].Committer, s.Commits[1].Web, s.Commits[1].GitHubSigned = impostor, true, true
	expect(t, judged(s, rulesOf()), Met)
}

func TestAttack_ACoAuthorByEmailOnlyIsAnUnknownContributor(t *testing.T) {
	s := newScene().approved("bob").push("c2", "ann")
	s.Commits[1].CoAuthors = []Signature{{Name: "Bob", Email: "bob@home.example"}}
	expect(t, judged(s, rulesOf()), Waiting, "Commit c2 by Bob <bob@home.example>")
	expect(t, judged(s.approved("carol"), rulesOf()), Met)
}

func TestAttack_WhoPushedAndThenChangedTheirLoginIsStillAContributor(t *testing.T) {
	s := newScene().push("c2", "ann", "src/a.go=2")
	s.Memory.Heads[1].Sender, s.Memory.Heads[1].SenderID = "bob", 42
	s.approved("robert")
	s.Reviews[0].Author.ID = 42
	expect(t, judged(s, rulesOf()), Waiting, "robert pushed c2")
	expect(t, judged(s.approved("carol"), rulesOf()), Met)
}

func TestAttack_WithoutTheCommitsNobodyIsBelievedToBeUninvolved(t *testing.T) {
	s := newScene().approved("bob")
	s.Commits, s.CommitCount = nil, 0
	r := judged(s, rulesOf())
	expect(t, r, Unmet, "who wrote")
	if !r.Unknown {
		t.Error("it is not called unknown")
	}
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Self: true})), Met)
}

func TestAttack_ACommitListThatLacksTheHeadIsNotBelieved(t *testing.T) {
	s := newScene().push("c2", "ann").approved("bob")
	s.Commits, s.CommitCount = s.Commits[:1], 1
	expect(t, judged(s, rulesOf()), Unmet, "who wrote")
}

func TestAttack_PhrasesInReviewsThatDoNotApprove(t *testing.T) {
	for _, c := range []struct {
		state string
		want  State
	}{{"COMMENTED", Met}, {"CHANGES_REQUESTED", Unmet}, {"DISMISSED", Waiting}, {"PENDING", Waiting}, {"", Waiting}} {
		expect(t, judged(newScene().review("bob", c.state, "+1"), rulesOf()), c.want)
	}
	// Dismissing takes with it what was said up to the review.
	s := newScene().said("bob", "+1").review("bob", "CHANGES_REQUESTED", "LGTM")
	s.Reviews[0].State = "DISMISSED"
	expect(t, judged(s, rulesOf()), Waiting)
	expect(t, judged(s.said("bob", "+1"), rulesOf()), Met)
}

func TestAttack_AStateThatGitHubHasNotYetNamedApprovesNothing(t *testing.T) {
	expect(t, judged(newScene().review("bob", "ENDORSED", ""), rulesOf()), Waiting)
	expect(t, judged(newScene().approved("bob").review("bob", "ENDORSED", ""), rulesOf()), Met)
}

func TestAttack_ABotCannotSpeakForAPersonOfItsName(t *testing.T) {
	s := newScene().team("acme/qa", "quinn", "carol").can("quinn", "write").said("quinn", "QA +1\n+1")
	s.Comments[0].Author.Bot = true
	r := judged(s, rulesOf(one("reviewer"), one("qa")))
	expect(t, part(r, "review/reviewer"), Waiting, "quinn is an App, and the policy does not name it")
	expect(t, part(r, "review/qa"), Waiting)
	// Nor does a person of an App's name sign where the App is named.
	expect(t, judged(newScene().approved("renovate"), rulesOf(one("robots"))), Waiting)
}

func TestAttack_WhoLostAccessOrTheTeamNoLongerCounts(t *testing.T) {
	s := newScene().team("acme/qa", "bob", "carol").approved("bob").said("bob", "QA +1")
	rules := rulesOf(one("reviewer"), one("qa"))
	expect(t, judged(s, rules), Met)
	expect(t, judged(s.team("acme/qa", "carol"), rules), Waiting, "bob is not in @acme/qa")
	expect(t, judged(s.team("acme/qa", "bob", "carol").can("bob", "none"), rules), Waiting, "bob has no access, write is needed")
}

func TestAttack_LoginsAndTeamsAreTheSameInAnyCase(t *testing.T) {
	s := newScene().owners("* @BOB @ACME/Sec").team("acme/sec", "CAROL").approved("bOb")
	expect(t, judged(s, ownersOnly()), Met)
	s = newScene().owners("* @ACME/Sec").team("acme/sec", "CAROL").approved("carol")
	expect(t, judged(s, ownersOnly()), Met)
	s = newScene().approved("ANN")
	expect(t, judged(s, rulesOf()), Waiting, "ANN opened this pull request")
	s = newScene().approved("bob")
	s.Requested = []string{"BOB"}
	expect(t, judged(s, rulesOf()), Waiting, "requested again")
}

func TestAttack_StaleNeverKeepsNoContributorAndNoBlock(t *testing.T) {
	never := SignOff{Role: "reviewer", Stale: StaleNever}
	s := newScene().approved("bob").push("c2", "bob", "src/a.go=2")
	expect(t, judged(s, rulesOf(never)), Waiting, "bob wrote commit c2")
	s = newScene().approved("bob").push("c2", "ann", "src/a.go=2").blocked("bob")
	expect(t, judged(s, rulesOf(never)), Unmet)
	s = newScene().approved("bob").push("c2", "ann", "src/a.go=2")
	s.Commits[1].Author = Signature{Name: "X", Email: "x@example.org"}
	expect(t, judged(s, rulesOf(never)), Waiting, "belongs to no GitHub account")
	s = newScene().said("bob", "+1")
	s.Memory.Seen = nil
	expect(t, judged(s, rulesOf(never)), Met)
}

func TestAttack_WhoIsCountedElsewhereDoesNotVouchForAnUnknownCommit(t *testing.T) {
	apart := SignOff{Name: "QA", Role: "qa", Distinct: true}
	s := newScene().team("acme/qa", "bob", "carol").said("carol", "QA +1").approved("dave").push("c2", "ann")
	s.Commits[1].Author = Signature{Name: "X", Email: "x@example.org"}
	s.said("bob", "QA +1").approved("bob")
	r := judged(s, rulesOf(apart, SignOff{Name: "Code", Role: "reviewer", Distinct: true, Count: 2}))
	// bob alone has seen c2, and stands for one rule only.
	if r.State == Met {
		t.Errorf("one person has vouched for two rules:\n%s", allText(r))
	}
}

func TestAttack_WhatIsHiddenInAListedPhraseStaysHidden(t *testing.T) {
	for _, body := range []string{
		"> +1", ">+1", "<details><summary>x</summary>\n\n> +1\n\n</details>", "1. > +1", "<!---\n+1\n--->", "\u200b+1", "+1\u202e", "＋1", "+１",
		"```\n+1", "~~+1~~", "*+1*", "\\+1",
	} {
		if r := judged(newScene().said("bob", body), rulesOf()); r.State == Met {
			t.Errorf("%q signs", body)
		}
	}
}

func TestAttack_MovingAFileOutOfItsOwnersHandsNeedsThem(t *testing.T) {
	s := newScene().owners("/auth/ @carol", "/src/ @bob").files("auth/a.go->src/a.go").approved("bob")
	expect(t, judged(s, ownersOnly()), Waiting, "@carol")
	s.Files[0].Status = "copied"
	expect(t, judged(s, ownersOnly()), Met)
	s = newScene().owners("/auth/ @carol").files("-auth/a.go").approved("bob")
	expect(t, judged(s, ownersOnly()), Waiting, "@carol")
}
