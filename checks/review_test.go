package checks

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// demoRoles are the roles of product.md's example.
func demoRoles() map[RoleName]Role {
	return map[RoleName]Role{
		"reviewer": BuiltinRole(),
		"qa":       {Team: "acme/qa", Permission: "write", Say: []Phrase{literal("QA +1")}, GitHubReview: false},
		"security": {Team: "acme/infosec", Permission: "write", Say: []Phrase{literal("security +1"), literal("+1 security")}},
		"platform": {Team: "acme/platform", Permission: "write"},
		"robots":   {Users: []string{"renovate[bot]"}, Permission: "write"},
	}
}

// rulesOf is a review section of the given sign-offs.
func rulesOf(signOffs ...SignOff) *ReviewRules {
	r := NewReview()
	r.UseRoles(demoRoles())
	if len(signOffs) > 0 {
		r.SignOffs = signOffs
	}
	return r
}

func one(role RoleName) SignOff { return SignOff{Name: string(role), Role: role} }

// expect checks a result's state, and that its text says each of some words.
func expect(t *testing.T, r Result, want State, words ...string) {
	t.Helper()
	if r.State != want {
		t.Errorf("%s is %s, want %s:\n%s", r.ID, r.State, want, allText(r))
	}
	for _, w := range words {
		if !strings.Contains(allText(r), w) {
			t.Errorf("%s does not say %q:\n%s", r.ID, w, allText(r))
		}
	}
}

func judged(s *scene, r *ReviewRules) Result { return r.Eval(s.Pull) }

func TestO1_TheLatestOpinionOfAPersonHolds(t *testing.T) {
	for _, c := range []struct {
		name   string
		states []string
		want   State
	}{
		{"approved", []string{"APPROVED"}, Met},
		{"approved then asks for changes", []string{"APPROVED", "CHANGES_REQUESTED"}, Unmet},
		{"asked for changes then approves", []string{"CHANGES_REQUESTED", "APPROVED"}, Met},
		{"a comment changes nothing", []string{"APPROVED", "COMMENTED"}, Met},
		{"a comment lifts nothing", []string{"CHANGES_REQUESTED", "COMMENTED"}, Unmet},
		{"a pending review is none", []string{"PENDING"}, Waiting},
		{"pending changes nothing", []string{"APPROVED", "PENDING"}, Met},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene()
			for _, state := range c.states {
				s.review("bob", state, "")
			}
			expect(t, judged(s, rulesOf()), c.want)
			for i, j := 0, len(s.Reviews)-1; i < j; i, j = i+1, j-1 {
				s.Reviews[i], s.Reviews[j] = s.Reviews[j], s.Reviews[i]
			}
			expect(t, judged(s, rulesOf()), c.want)
		})
	}
}

func TestO1_OfTwoReviewsInOneSecondTheLaterNumberHolds(t *testing.T) {
	s := newScene().approved("bob").blocked("bob")
	s.Reviews[1].Submitted = s.Reviews[0].Submitted
	expect(t, judged(s, rulesOf()), Unmet, "bob asks for changes")
}

func TestO2_ABlockEndsByApprovalOrDismissalAndWhoDismissedIsRecorded(t *testing.T) {
	s := newScene().approved("bob").blocked("carol")
	r := judged(s, rulesOf())
	expect(t, r, Unmet, "carol asks for changes")
	expect(t, part(r, "review/changes-requested"), Unmet)
	expect(t, part(r, "review/code-review"), Met)

	s.said("carol", "+1")
	expect(t, judged(s, rulesOf()), Unmet)

	s.Reviews[1].State, s.Reviews[1].DismissedBy = "DISMISSED", "dave"
	r = judged(s, rulesOf())
	expect(t, r, Met, "dismissed by dave")
	if len(r.Evidence) != 1 || r.Evidence[0].Text != "dismissed by dave" {
		t.Errorf("the record does not hold who dismissed: %+v", r.Evidence)
	}
}

func TestO2_WhoAsksForChangesSignsNothingElse(t *testing.T) {
	s := newScene().team("acme/qa", "carol").said("carol", "QA +1").blocked("carol")
	expect(t, part(judged(s, rulesOf(one("qa"))), "review/qa"), Waiting, "carol later asked for changes")
}

func TestO2_AStrangersRequestForChangesBlocksNobody(t *testing.T) {
	s := newScene().approved("bob").can("eve", "read").blocked("eve")
	expect(t, judged(s, rulesOf()), Met, "eve asks for changes; it does not block", "eve has read access")
}

func TestO3_ADismissedReviewIsNoOpinionAndNothingOlderReturns(t *testing.T) {
	s := newScene().approved("bob").said("bob", "+1").approved("bob")
	s.Reviews[1].State = "DISMISSED"
	expect(t, judged(s, rulesOf()), Waiting, "bob's review was dismissed")
}

func TestO4_WhoseReviewIsRequestedAgainHasNotApprovedYet(t *testing.T) {
	s := newScene().approved("bob")
	s.Requested = []string{"Bob"}
	expect(t, judged(s, rulesOf()), Waiting, "requested again", "@bob")
	off := false
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", RerequestResets: &off})), Met)
	s.Requested = []string{"carol"}
	expect(t, judged(s, rulesOf()), Met)
}

func TestO4_ASpokenApprovalCountsWhileTheFirstRequestIsOpen(t *testing.T) {
	s := newScene().said("bob", "+1")
	s.Requested = []string{"bob"}
	expect(t, judged(s, rulesOf()), Met)
}

func TestO5_ABlockOfSomebodyWhoLostAccessIsShownWithWhoCanDismiss(t *testing.T) {
	s := newScene().approved("bob").blocked("carol").can("carol", "read")
	expect(t, judged(s, rulesOf()), Unmet, "carol has no write access any more", "somebody with write access can dismiss")
	s = newScene().approved("bob").blocked("")
	delete(s.Memory.Seen, "review/"+evidenceID(s.Reviews[1].ID))
	expect(t, judged(s, rulesOf()), Unmet, "A deleted account asks for changes; this ends when somebody with write access dismisses")
}

func TestO6_OnlyAWholeLineThatIsAPhraseSigns(t *testing.T) {
	for _, c := range []struct {
		body string
		want bool
	}{
		{"+1", true}, {"  +1  ", true}, {"lgtm", true}, {"LGTM", true}, {"Good work.\n+1\nThanks!", true}, {"Hi\r\n+1\r\n", true},
		{"/approve reviewer", true}, {"/Approve Reviewer", true},
		{"the :+1: looks wrong, do not merge", false}, {"+1 pending tests", false}, {"not +1", false}, {"+1!", false}, {"++1", false}, {"+10", false},
		{"> +1", false}, {"> he said\n+1", false}, {"> he said\n\n+1", true}, {"> he said\r\n+1", false}, {"> he said\r\n\r\n+1", true}, {"- > quoted\n+1", false},
		{"`+1`", false}, {"```\n+1\n```", false}, {"```\n+1", false}, {"~~~\n+1\n~~~\n+1", true}, {"````\n```\n+1\n````", false}, {"- ```\n  +1\n  ```", false},
		{"```\n    ```\n+1\n```", false}, {"    +1", false}, {"\t+1", false}, {"a `span\n+1\nover` lines", false}, {"a ` tick\n+1", true},
		{"<!-- +1 -->", false}, {"<!--\n+1\n-->", false}, {"<!-- a --> +1", false}, {"<!-- a -->\n+1", true}, {"text <!--\n+1", false},
		{"<pre>\n+1\n</pre>", false}, {"<blockquote>\n\n+1\n\n</blockquote>\n", false}, {"<pre>x</pre>\n+1", true}, {"<del>\n+1\n</del>", false},
		{"- +1", false}, {"# +1", false}, {"**+1**", false}, {"/approve", false}, {"/approve nobody", false}, {"please /approve reviewer", false}, {"+1\u200b", false},
	} {
		t.Run(fmt.Sprintf("%q", c.body), func(t *testing.T) {
			want := Waiting
			if c.want {
				want = Met
			}
			expect(t, judged(newScene().said("bob", c.body), rulesOf()), want)
			expect(t, judged(newScene().review("bob", "COMMENTED", c.body), rulesOf()), want)
		})
	}
}

func TestO6_ANearMissIsShownWithHowToSign(t *testing.T) {
	expect(t, judged(newScene().said("bob", "+1 pending tests"), rulesOf()), Waiting,
		`bob's line "+1 pending tests" signs nothing`, `write "+1" or "/approve reviewer" alone on a line`)
	expect(t, judged(newScene().said("bob", "/approve qaa"), rulesOf()), Waiting, `names no role; the roles are`, "qa")
	if got := allText(judged(newScene().can("eve", "read").said("eve", "+1 from me"), rulesOf())); strings.Contains(got, "eve") {
		t.Errorf("a stranger's words fill the table: %s", got)
	}
}

func TestO6_APhraseOfOneRoleThatBeginsLikeAnothersSignsOnlyItsOwn(t *testing.T) {
	s := newScene().team("acme/infosec", "bob").said("bob", "+1 security")
	r := judged(s, rulesOf(one("reviewer"), one("security")))
	expect(t, part(r, "review/security"), Met)
	expect(t, part(r, "review/reviewer"), Waiting)
	if strings.Contains(allText(r), "signs nothing") {
		t.Errorf("an exact phrase is called a near miss:\n%s", allText(r))
	}
}

func TestO6_APhraseMayBeAnExpressionForTheWholeLine(t *testing.T) {
	r := rulesOf(one("qa"))
	roles := demoRoles()
	var p Phrase
	if err := p.UnmarshalText([]byte(`/QA \+1\b.*/`)); err != nil {
		t.Fatal(err)
	}
	q := roles["qa"]
	q.Say = []Phrase{p}
	roles["qa"] = q
	r.UseRoles(roles)
	expect(t, judged(newScene().team("acme/qa", "bob", "carol").said("bob", "qa +1 tested on Safari"), r), Met)
	expect(t, judged(newScene().team("acme/qa", "bob", "carol").said("bob", "no QA +1"), r), Waiting)
}

func TestO6_AnEditedCommentNoLongerCountsAndTheTableSaysSo(t *testing.T) {
	s := newScene().said("bob", "+1")
	s.Comments[0].Edited = noon
	expect(t, judged(s, rulesOf()), Waiting, "the text was edited")
	s = newScene().said("bob", "+1")
	key := "comment/" + evidenceID(s.Comments[0].ID)
	seen := s.Memory.Seen[key]
	seen.Edited = true
	s.Memory.Seen[key] = seen
	expect(t, judged(s, rulesOf()), Waiting, "the text was edited")
	s = newScene().review("bob", "APPROVED", "+1")
	s.Reviews[0].Edited = noon
	expect(t, judged(s, rulesOf()), Met)
}

func TestO6_ASpokenApprovalBelongsToTheHeadItWasWrittenAt(t *testing.T) {
	s := newScene().said("bob", "+1").push("c2", "ann", "src/a.go=other")
	expect(t, judged(s, rulesOf()), Waiting, `bob's "+1" of c1 is stale`, "src/a.go changed")
	s = newScene().said("bob", "+1")
	s.Memory.Seen = nil
	expect(t, judged(s, rulesOf()), Waiting, "not known which commit", "ask bob again")
}

func TestO6_ARevokeEndsEarlierSignaturesOfThatRoleOnly(t *testing.T) {
	rules := rulesOf(one("reviewer"), one("qa"))
	s := newScene().team("acme/qa", "bob", "carol").said("bob", "QA +1").approved("bob").said("bob", "/revoke qa")
	r := judged(s, rules)
	expect(t, part(r, "review/qa"), Waiting)
	expect(t, part(r, "review/reviewer"), Met)
	s.said("bob", "/revoke reviewer")
	expect(t, part(judged(s, rules), "review/reviewer"), Waiting, "took back")
	s.said("bob", "/approve qa").said("carol", "/revoke qa")
	expect(t, part(judged(s, rules), "review/qa"), Met)
	s.said("bob", "I tried.\n/revoke QA\n/approve qa")
	expect(t, part(judged(s, rules), "review/qa"), Met)
	s.said("bob", "/approve qa\n/revoke qa")
	s.Comments[len(s.Comments)-1].Edited = noon
	expect(t, part(judged(s, rules), "review/qa"), Waiting)
}

func TestO7_OnePersonIsOneApprovalWithinARule(t *testing.T) {
	s := newScene().approved("bob").said("Bob", "+1").said("bob", "LGTM").approved("BOB")
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Count: 2})), Waiting, "1 of 2 approvals")
	s.approved("carol")
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Count: 2})), Met, "carol")
}

func TestO7_OnePersonMaySignTwoRolesUnlessThePolicySaysDistinct(t *testing.T) {
	s := newScene().team("acme/qa", "bob", "carol").approved("bob").said("bob", "QA +1")
	apart := one("qa")
	apart.Distinct = true
	expect(t, judged(s, rulesOf(one("reviewer"), one("qa"))), Met)
	r := judged(s, rulesOf(one("reviewer"), apart))
	expect(t, r, Waiting, "counted for another rule")
	s.approved("dave")
	expect(t, judged(s, rulesOf(one("reviewer"), apart)), Met)
}

func TestO7_DistinctRulesFindTheChoiceThatMeetsMost(t *testing.T) {
	a, b, c := one("reviewer"), one("qa"), one("security")
	a.Distinct, b.Distinct, c.Distinct = true, true, true
	s := newScene().team("acme/qa", "bob", "carol").team("acme/infosec", "bob", "dave")
	s.approved("bob").approved("carol").said("bob", "QA +1").said("bob", "security +1").said("carol", "QA +1")
	expect(t, judged(s, rulesOf(a, b, c)), Waiting)
	s.approved("dave")
	expect(t, judged(s, rulesOf(a, b, c)), Met)
	a.Count = 2
	expect(t, judged(s, rulesOf(a, b, c)), Waiting)
	s.approved("eve")
	expect(t, judged(s, rulesOf(a, b, c)), Met)
}

func TestO8_NobodyApprovesTheirOwnChangeUnlessThePolicySaysSo(t *testing.T) {
	s := newScene().said("Ann", "+1")
	expect(t, judged(s, rulesOf()), Waiting, "Ann opened this pull request")
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Self: true})), Met)
}

func TestW1_PermissionIsJudgedNow(t *testing.T) {
	for permission, want := range map[string]State{"": Waiting, "none": Waiting, "read": Waiting, "triage": Waiting, "write": Met, "maintain": Met, "admin": Met, "owner": Waiting} {
		s := newScene().approved("Bob").can("bob", permission)
		r := judged(s, rulesOf())
		expect(t, r, want)
		if want == Met {
			if e := part(r, "review/code-review").Evidence; len(e) != 1 || e[0].Text != "permission "+permission || e[0].ID == "" || e[0].Commit != "c1" {
				t.Errorf("the evidence is %+v", e)
			}
		}
	}
}

func TestW1_WhoWasNotAskedAboutDoesNotCountAndIsAskedAboutOnce(t *testing.T) {
	s := newScene().approved("Bob").said("carol", "+1").said("dave", "no comment")
	delete(s.People, "bob")
	delete(s.People, "carol")
	delete(s.People, "dave")
	expect(t, judged(s, rulesOf()), Waiting, "the permission of Bob could not be read")
	w := rulesOf().Wants(s.Pull)
	if d := cmp.Diff([]string{"bob", "carol"}, w.Users); d != "" {
		t.Errorf("asks for (-want +got):\n%s", d)
	}
	s.can("bob", "").can("carol", "read")
	if w := rulesOf().Wants(s.Pull); !w.None() {
		t.Errorf("asks again for %+v", w)
	}
}

func TestW1_ADeletedAccountApprovesNothingAndIsNotAskedAbout(t *testing.T) {
	s := newScene().approved("").said("", "+1")
	expect(t, judged(s, rulesOf()), Waiting, "the account is deleted")
	s.owners("* @carol")
	r := rulesOf()
	r.CodeOwners = true
	if w := r.Wants(s.Pull); !w.None() {
		t.Errorf("asks for %+v", w)
	}
}

func TestW2_OnlyMembersOfTheTeamCount(t *testing.T) {
	s := newScene().team("Acme/QA", "Carol", "finn").said("bob", "QA +1")
	expect(t, judged(s, rulesOf(one("qa"))), Waiting, "bob is not in @acme/qa", `Needs an approval from @acme/qa: a comment with the line "QA +1" or "/approve qa"`)
	s.said("carol", "QA +1")
	expect(t, judged(s, rulesOf(one("qa"))), Met)
}

func TestW3_AnUnknownOrEmptyTeamOrUserIsAnErrorAndNeverSatisfied(t *testing.T) {
	s := newScene().said("bob", "QA +1").noTeam("acme/qa")
	r := judged(s, rulesOf(one("qa")))
	expect(t, r, Unmet, "team acme/qa does not exist or cannot be seen")
	if !r.Unknown {
		t.Error("a team that cannot be seen is not called unknown")
	}
	expect(t, judged(newScene().said("bob", "QA +1").team("acme/qa"), rulesOf(one("qa"))), Unmet, "has no members")
	expect(t, judged(newScene().said("bob", "QA +1"), rulesOf(one("qa"))), Unmet, "not been read yet")

	roles := demoRoles()
	roles["lead"] = Role{Users: []string{"bob", "ghost"}, Permission: "write"}
	lead := rulesOf(one("lead"))
	lead.UseRoles(roles)
	expect(t, judged(newScene().approved("bob").can("ghost", ""), lead), Unmet, "user ghost does not exist or cannot be seen")
	expect(t, judged(newScene().approved("bob").can("ghost", "write"), lead), Met)
	expect(t, judged(newScene().approved("bob"), rulesOf(one("nosuch"))), Unmet, "there is no role nosuch")
}

func TestW4_TwoFromATeamAreTwoDistinctMembers(t *testing.T) {
	two := SignOff{Name: "Security", Role: "security", Count: 2}
	s := newScene().team("acme/infosec", "bob", "carol", "dave").said("bob", "security +1").said("bob", "+1 security").said("eve", "security +1")
	expect(t, judged(s, rulesOf(two)), Waiting, "1 of 2 approvals from @acme/infosec", "eve is not in @acme/infosec")
	s.said("carol", "security +1")
	expect(t, judged(s, rulesOf(two)), Met)
}

func TestW5_AppsCountOnlyWhereARuleNamesThem(t *testing.T) {
	s := newScene().approved("renovate").can("renovate", "admin").can("renovate[bot]", "admin")
	s.Reviews[0].Author.Bot = true
	expect(t, judged(s, rulesOf()), Waiting, "renovate is an App")
	expect(t, judged(s, rulesOf(one("robots"))), Met)
	s.Reviews[0].Author.Bot = false
	expect(t, judged(s, rulesOf(one("robots"))), Waiting)
	s.Reviews[0].Author.Bot, s.Reviews[0].State = true, "CHANGES_REQUESTED"
	s.approved("bob")
	expect(t, judged(s, rulesOf()), Met, "it is an App that no rule names")
}

func ownersOnly() *ReviewRules {
	r := rulesOf()
	r.CodeOwners, r.SignOffs = true, nil
	return r
}

func TestW6_TheLastMatchingLineOfCodeownersDecides(t *testing.T) {
	base := func() *scene {
		return newScene().files("src/a.go", "docs/x.md", "LICENSE").owners("*.go @bob", "/docs/ @carol @acme/docs", "/src/ @dave", "LICENSE").
			team("acme/docs", "finn", "gil").can("finn", "write")
	}
	expect(t, judged(base(), ownersOnly()), Waiting, "src/a.go", "@dave", "docs/x.md", "@carol or @acme/docs")
	expect(t, judged(base().approved("bob").approved("carol"), ownersOnly()), Waiting, "1 file (src/a.go) still needs an approval of @dave")
	expect(t, judged(base().approved("dave").approved("carol"), ownersOnly()), Met)
	expect(t, judged(base().approved("dave").approved("Finn"), ownersOnly()), Met)
	expect(t, judged(base().said("dave", "+1").said("carol", "LGTM"), ownersOnly()), Met)
	expect(t, judged(base().approved("dave").approved("carol").can("carol", "read"), ownersOnly()), Waiting, "carol has read access")
}

func TestW6_UnownedFilesNeedNobody(t *testing.T) {
	expect(t, judged(newScene().files("LICENSE").owners("*.go @bob"), ownersOnly()), Exempt, "no changed file has an owner")
	expect(t, judged(newScene(), ownersOnly()), Exempt, "has no CODEOWNERS")
}

func TestW6_ABadLineIsShownAndDisablesNoOther(t *testing.T) {
	s := newScene().owners("*.go @bob", "*.md nobody", "[a-z].go @dave", "!x @dave", "/docs/ @carol # the writers")
	expect(t, judged(s, ownersOnly()), Waiting, "CODEOWNERS line 2", "nobody is neither", "CODEOWNERS line 3", "CODEOWNERS line 4", "@bob")
	expect(t, judged(s.approved("bob"), ownersOnly()), Met)
}

func TestW6_OwnersThatCannotBeFoundAreAnErrorOnlyWhenNobodyElseCanApprove(t *testing.T) {
	s := newScene().owners("* @acme/gone").noTeam("acme/gone")
	expect(t, judged(s.approved("bob"), ownersOnly()), Unmet, "owner team acme/gone does not exist or cannot be seen")
	s.owners("* @acme/gone @bob someone@example.com")
	expect(t, judged(s, ownersOnly()), Met)
	s.owners("* someone@example.com")
	expect(t, judged(s, ownersOnly()), Unmet, "is an e-mail address")
	s.owners("* @acme/gone @carol")
	expect(t, judged(s, ownersOnly()), Waiting, "acme/gone does not exist", "@carol")
}

func TestW6_ACutCodeownersOrFileListSatisfiesNothing(t *testing.T) {
	s := newScene().owners("* @bob").approved("bob")
	s.Owners.Cut = true
	expect(t, judged(s, ownersOnly()), Unmet, "only a part of CODEOWNERS")
	s = newScene().owners("* @bob").approved("bob")
	s.FileCount = 3001
	expect(t, judged(s, ownersOnly()), Unmet, cutList)
}

func TestW6_TeamsThatOwnAChangedFileAreAskedForAndOnlyThose(t *testing.T) {
	s := newScene().files("src/a.go").owners("/src/ @acme/Core", "/docs/ @acme/docs")
	w := ownersOnly().Wants(s.Pull)
	if d := cmp.Diff([]string{"acme/core"}, w.Teams); d != "" {
		t.Errorf("asks for (-want +got):\n%s", d)
	}
	if w := ownersOnly().Wants(s.noTeam("acme/core").Pull); !w.None() {
		t.Errorf("asks again for %+v", w)
	}
}

func TestW7_ChangingThePolicyOrCodeownersNeedsTheirOwnersAccordingToBase(t *testing.T) {
	for _, path := range []string{PolicyPath, "CODEOWNERS", "-.github/CODEOWNERS", "docs/CODEOWNERS->docs/OLD"} {
		s := newScene().files("src/a.go", path).owners("*.go @zoe", "/.github/ @carol", "CODEOWNERS @carol").approved("bob")
		r := judged(s, rulesOf())
		expect(t, r, Waiting)
		expect(t, part(r, "review/policy-owners"), Waiting, "@carol")
		expect(t, judged(s.approved("carol"), rulesOf()), Met)
	}
	if r := part(judged(newScene().files(PolicyPath).owners("*.go @zoe").approved("bob"), rulesOf()), "review/policy-owners"); r.ID != "" {
		t.Errorf("a policy that nobody owns needs %+v", r)
	}
	s := newScene().owners("/.github/ @carol").approved("bob")
	s.FileCount = 3001
	expect(t, judged(s, rulesOf()), Unmet, cutList)
}

func TestW8_ARenameCountsForBothPathsAndADeletionCounts(t *testing.T) {
	rules := ownersOnly()
	s := newScene().files("auth/login.go->src/login.go").owners("/auth/ @carol", "/src/ @dave").approved("dave")
	expect(t, judged(s, rules), Waiting, "auth/login.go", "@carol")
	expect(t, judged(s.approved("carol"), rules), Met)
	expect(t, judged(newScene().files("-auth/login.go").owners("/auth/ @carol"), rules), Waiting)

	auth := SignOff{Name: "Auth", Role: "reviewer", When: &Condition{Files: []Glob{"auth/**"}}}
	expect(t, judged(newScene().files("auth/a.go->src/a.go"), rulesOf(auth)), Waiting)
	expect(t, judged(newScene().files("-auth/a.go"), rulesOf(auth)), Waiting)
	expect(t, judged(newScene().files("src/a.go"), rulesOf(auth)), Exempt)
	docs := SignOff{Name: "Code", Role: "reviewer", Unless: &Condition{OnlyFiles: []Glob{"docs/**"}}}
	expect(t, judged(newScene().files("src/a.go->docs/a.go"), rulesOf(docs)), Waiting)
}

func TestW9_WhenNobodyIsLeftWhoMayApproveItSaysSo(t *testing.T) {
	s := newScene().team("acme/qa", "ann")
	expect(t, judged(s, rulesOf(one("qa"))), Unmet, "Nobody is left who may sign", "add somebody to acme/qa")
	s = newScene().team("acme/qa", "ann", "bob", "carol").can("bob", "read")
	two := one("qa")
	two.Count = 2
	expect(t, judged(s, rulesOf(two)), Unmet, "Only carol may sign where 2 are needed")
	expect(t, judged(s, rulesOf(one("qa"))), Waiting, "@carol")
	expect(t, judged(newScene().owners("* @ann"), ownersOnly()), Unmet, "nobody is left who may approve as an owner")
}

func TestWhoCanActIsNamedOrTheirTeamWhenTheyAreMany(t *testing.T) {
	can := func(members ...string) []string {
		return part(judged(newScene().team("acme/qa", members...), rulesOf(one("qa"))), "review/qa").Can
	}
	if d := cmp.Diff([]string{"@bob", "@carol"}, can("carol", "ann", "Bob")); d != "" {
		t.Errorf("of three, one of whom is the author (-want +got):\n%s", d)
	}
	r := judged(newScene().approved("bob").approved("carol").push("c2", "ann", "src/a.go=2").approved("carol"), rulesOf(SignOff{Role: "reviewer", Count: 2}))
	if d := cmp.Diff([]string{"@bob", "anyone with write access"}, part(r, "review/reviewer").Can); d != "" {
		t.Errorf("of everybody who may write (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"@acme/qa"}, can("b", "c", "d", "e", "f", "g")); d != "" {
		t.Errorf("of six (-want +got):\n%s", d)
	}
}

func TestAnApprovalThatDoesNotCountIsExplainedBesideTheRule(t *testing.T) {
	s := newScene().push("abc1234def", "bob").team("acme/qa", "bob", "carol", "dave", "finn").said("carol", "QA +1").said("bob", "QA +1")
	qa := SignOff{Name: "QA", Role: "qa", Count: 2}
	got := part(judged(s, rulesOf(qa)), "review/qa").Summary
	if want := `1 of 2 approvals from @acme/qa: a comment with the line "QA +1" or "/approve qa"; bob's "QA +1" does not count: bob wrote commit abc1234.`; got != want {
		t.Errorf("the table says %q, want %q", got, want)
	}
}

func TestWhoNeedsOnlyToLookAgainIsNamedBeforeWhoCanNeverCount(t *testing.T) {
	s := newScene().said("ann", "+1").approved("zoe").push("c2", "ann", "src/a.go=2").can("abe", "read").approved("abe")
	got := part(judged(s, rulesOf()), "review/code-review")
	want := "Needs an approval from somebody with write access; zoe's approval of c1 is stale: src/a.go changed (pushed since: c2); ask zoe again."
	if got.Summary != want {
		t.Errorf("the table says %q, want %q", got.Summary, want)
	}
	if d := cmp.Diff([]string{"@zoe", "anyone with write access"}, got.Can); d != "" {
		t.Errorf("who can act (-want +got):\n%s", d)
	}
	s = newScene().approved("bob").approved("carol").push("c2", "ann", "src/a.go=2")
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", Count: 2})), Waiting, "Needs 2 approvals from people with write access; bob's", "ask bob and carol again.")
}

func TestAMetRuleSaysInOneSentenceWhatWasCarriedOver(t *testing.T) {
	two := SignOff{Name: "Code review", Role: "reviewer", Count: 2}
	for want, s := range map[string]*scene{
		"Approved by bob and carol.": newScene().approved("bob").approved("carol"),
		"Approved by bob and carol; carried over from c1: your 1 file is identical.":                                          newScene().approved("bob").approved("carol").push("c2", "ann"),
		"Approved by bob and carol; bob's approval is carried over from c1: your 1 file is identical.":                        newScene().approved("bob").push("c2", "ann").approved("carol"),
		"Approved by bob and carol; carried over from c1 and c2: your 1 file is identical.":                                   newScene().approved("bob").push("c2", "ann").approved("carol").push("c3", "ann"),
		"Approved by bob, carol and dave; the approvals of bob and carol are carried over from c1: your 1 file is identical.": newScene().approved("bob").approved("carol").push("c2", "ann").approved("dave"),
	} {
		r := part(judged(s, rulesOf(two)), "review/code-review")
		if r.State != Met || r.Summary != want {
			t.Errorf("%s, %q, want %q", r.State, r.Summary, want)
		}
	}
}

func TestAMetRuleIsNotSurroundedByWhatCouldNeverCount(t *testing.T) {
	s := newScene().said("ann", "+1").can("eve", "read").approved("eve").approved("bob")
	if r := part(judged(s, rulesOf()), "review/code-review"); r.State != Met || len(r.Notes) != 0 {
		t.Errorf("%s, and beside it %q", r.State, r.Notes)
	}
}

func TestAnApprovalInAFormThatARoleDoesNotTakeIsToldHowToSign(t *testing.T) {
	s := newScene().team("acme/qa", "bob", "carol").approved("bob").approved("dave")
	r := part(judged(s, rulesOf(one("qa"))), "review/qa")
	expect(t, r, Waiting, `bob's approval in the review form does not sign this: write "QA +1" or "/approve qa" alone on a line`)
	if strings.Contains(allText(r), "dave") {
		t.Errorf("who is not in the team fills the table:\n%s", allText(r))
	}
}

func TestAsPullRequestsComeAndGoNothingIsNeededButWhatThePolicyAsks(t *testing.T) {
	r := rulesOf()
	r.SignOffs = []SignOff{}
	expect(t, judged(newScene(), r), Exempt)
	expect(t, judged(&scene{}, rulesOf()), Unmet)
	expect(t, (&ReviewRules{SignOffs: []SignOff{{}}}).Eval(Pull{}), Unmet)
	expect(t, NewReview().Eval(newScene().approved("bob").Pull), Met)
}

// world draws a pull request with everything that reviews depend on.
func world(t *rapid.T) *scene {
	who := rapid.SampledFrom([]string{"bob", "Carol", "carol", "dave", "ann", "eve"})
	s := newScene().team("acme/qa", "bob", "carol", "eve").can("eve", "read").owners("* @carol", "/docs/ @dave @acme/qa")
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		switch rapid.IntRange(0, 5).Draw(t, "step") {
		case 0:
			s.push(rapid.SampledFrom([]string{"c2", "c3", "c4"}).Draw(t, "sha"), who.Draw(t, "pusher"), "src/a.go="+rapid.SampledFrom([]string{"1", "2"}).Draw(t, "blob"), "docs/x.md")
		case 1, 2:
			s.review(who.Draw(t, "reviewer"), rapid.SampledFrom([]string{"APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"}).Draw(t, "state"), "")
		default:
			s.said(who.Draw(t, "speaker"), rapid.SampledFrom([]string{"+1", "QA +1", "/revoke qa", "/approve reviewer", "+1 but", "LGTM, almost", "/approve x", "hm"}).Draw(t, "words"))
		}
	}
	return s
}

func worldRules() *ReviewRules {
	r := rulesOf(one("reviewer"), SignOff{Name: "QA", Role: "qa", Distinct: true}, SignOff{Name: "Docs", Role: "reviewer", When: &Condition{Files: []Glob{"docs/**"}}})
	r.CodeOwners = true
	return r
}

func TestTheOrderInWhichGitHubListsThingsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := world(t)
		before := judged(s, worldRules())
		r := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))
		r.Shuffle(len(s.Reviews), func(i, j int) { s.Reviews[i], s.Reviews[j] = s.Reviews[j], s.Reviews[i] })
		r.Shuffle(len(s.Comments), func(i, j int) { s.Comments[i], s.Comments[j] = s.Comments[j], s.Comments[i] })
		r.Shuffle(len(s.Files), func(i, j int) { s.Files[i], s.Files[j] = s.Files[j], s.Files[i] })
		r.Shuffle(len(s.Commits), func(i, j int) { s.Commits[i], s.Commits[j] = s.Commits[j], s.Commits[i] })
		if d := cmp.Diff(before, judged(s, worldRules())); d != "" {
			t.Fatalf("in another order (-before +after):\n%s", d)
		}
	})
}

func TestACommentThatApprovesNothingNeverHelps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := world(t)
		before := judged(s, worldRules())
		s.said(rapid.SampledFrom([]string{"bob", "carol", "eve"}).Draw(t, "who"), rapid.SampledFrom([]string{"hm", "> +1", "```\nQA +1\n```", "/revoke qa", "+1 but", "/approve nosuch"}).Draw(t, "words"))
		if after := judged(s, worldRules()); after.State > before.State {
			t.Fatalf("%s becomes %s", before.State, after.State)
		}
	})
}
