package checks

import (
	"testing"
	"time"
)

// asking is a pull request whose file auth/a.go asks for a security review.
func asking(t *testing.T) *scanned { return newScanned(t).withFiles("auth/a.go=1", "docs/b.md=1") }

func TestASecurityReviewIsNeededAndGivenByAMember(t *testing.T) {
	s := asking(t)
	expect(t, part(s.judged(), reviewID), Waiting, "auth/a.go is about who may do what. Needs an approval from @acme/infosec", "The review is about 1 file", "@sue, @tom")
	s.said("bob", "security +1")
	expect(t, part(s.judged(), reviewID), Waiting, "bob is not in @acme/infosec")
	s.said("sue", "security +1")
	r := s.judged()
	expect(t, r, Met, "Nothing blocks, and the security review is given: approved by sue.")
	if e := part(r, reviewID).Evidence; len(e) != 1 || e[0].Login != "sue" || e[0].Kind != "comment" || e[0].Commit != "c1" {
		t.Errorf("the record does not hold who gave it: %+v", e)
	}
	s.rules.Count = 2
	expect(t, part(s.judged(), reviewID), Waiting, "1 of 2 approvals from @acme/infosec")
	s.said("tom", "/approve security")
	expect(t, s.judged(), Met)
}

func TestAnApprovalInTheReviewFormCountsAsTheRoleSays(t *testing.T) {
	roles := demoRoles()
	s := asking(t)
	s.approved("sue")
	expect(t, s.judged(), Waiting, "sue's approval in the review form does not sign this")
	q := roles["security"]
	q.GitHubReview = true
	roles["security"] = q
	s.rules.UseRoles(roles)
	expect(t, s.judged(), Met, "Approved by sue")
}

func TestAContributorsOwnSecurityReviewDoesNotCount(t *testing.T) {
	s := asking(t)
	s.push("c2", "sue").said("sue", "security +1")
	s.scan.Scanned = 2
	expect(t, s.judged(), Waiting, "sue", "c2")
	s.said("tom", "security +1")
	expect(t, s.judged(), Met)
}

func TestASecurityReviewIsLostWithTheWatchedContentAndKeptOtherwise(t *testing.T) {
	s := asking(t)
	s.said("sue", "security +1")
	s.scan.Scanned = 9
	s.push("c2", "ann", "auth/a.go=1", "docs/b.md=2", "src/new.go")
	expect(t, s.judged(), Met, "carried over from c1: your 1 file is identical")

	s.push("c3", "ann", "auth/a.go=2", "docs/b.md=2")
	expect(t, s.judged(), Waiting, `sue's "security +1" of c1 is stale: auth/a.go changed`, "ask sue again")

	s.push("c4", "ann", "auth/a.go=1", "docs/b.md=2")
	expect(t, s.judged(), Met)

	s.push("c5", "ann", "auth/a.go=1", "auth/more.go")
	expect(t, s.judged(), Waiting, "auth/more.go is new")

	s.push("c6", "ann", "auth/a.go=1")
	s.scan.Whole.Incomplete = []string{"it was too large"}
	expect(t, s.judged(), Waiting, "The review is about the whole change", "docs/b.md is no longer changed")
	s.said("sue", "security +1")
	expect(t, s.judged(), Met)
	s.scan.Whole.Incomplete = nil
	s.scan.Whole.Secrets = []Secret{weakly(secretIn("not/changed.go:3", 'a'))}
	expect(t, part(s.judged(), reviewID), Met, "The review is about the whole change")
}

func TestAnybodyMayAskForASecurityReview(t *testing.T) {
	for _, c := range []struct {
		body string
		want bool
	}{
		{"security review required", true}, {"Security Review Required", true}, {"Hm.\n\n  security review required.  \nThanks", true}, {"security review required!", true},
		{"no security review required here", false}, {"security review required?", false}, {"> security review required", false}, {"`security review required`", false},
		{"```\nsecurity review required\n```", false}, {"<!-- security review required -->", false}, {"    security review required", false}, {"", false},
	} {
		want := Met
		if c.want {
			want = Waiting
		}
		expect(t, newScanned(t).saying(func(s *scanned) { s.said("eve", c.body) }).judged(), want)
		expect(t, newScanned(t).saying(func(s *scanned) { s.review("eve", "COMMENTED", c.body) }).judged(), want)
		expect(t, newScanned(t).saying(func(s *scanned) { s.Body = c.body }).judged(), want)
	}
}

func (s *scanned) saying(change func(*scanned)) *scanned {
	change(s)
	return s
}

func TestAReviewThatWasAskedForIsGivenAfterThat(t *testing.T) {
	s := newScanned(t)
	s.said("sue", "security +1").said("bob", "security review required")
	expect(t, s.judged(), Waiting, "bob asks for one.", "sue's sign-off does not count: it was given before bob asked for a security review; ask sue again")
	s.said("sue", "security +1")
	expect(t, s.judged(), Met)
	s.said("eve", "security review required")
	expect(t, s.judged(), Waiting, "before eve asked")
	s.Comments = s.Comments[:3]

	// In the same second nobody knows which came first.
	s.Comments[2].Created = s.Comments[1].Created
	expect(t, s.judged(), Waiting)
	s.Comments = s.Comments[:1]
	s.Body = "security review required"
	expect(t, s.judged(), Met, "The description asks for one.")
}

func TestAnEditedCommentStillAsks(t *testing.T) {
	s := newScanned(t)
	s.said("bob", "security review required").said("sue", "security +1")
	s.Comments[0].Body, s.Comments[0].Edited = "never mind", s.At
	expect(t, s.judged(), Met, "bob asks for one.")

	s = newScanned(t)
	s.said("bob", "hello").said("sue", "security +1")
	s.Comments[0].Body, s.Comments[0].Edited = "security review required", s.At.Add(-time.Minute)
	expect(t, s.judged(), Waiting, "sue's sign-off does not count: it was given before bob asked")
}

func TestADeletedCommentStillAsks(t *testing.T) {
	s := newScanned(t)
	s.said("sue", "security +1")
	s.Memory.Asked = []Asked{{Key: "comment/99", At: s.At}}
	expect(t, s.judged(), Waiting, "A comment that was deleted asks for one.", "it was given before a comment that was deleted asked for a security review")
	s.Memory.Asked[0].At = s.Comments[0].Created.Add(-time.Minute)
	expect(t, s.judged(), Met, "A comment that was deleted asks for one.")
}

func TestASecurityMembersCommandLetsAFindingPassForAWhile(t *testing.T) {
	const id = "s-aaaaaaaaaaaa"
	for _, c := range []struct {
		name, by, line string
		state          State
		said           string
		until          time.Duration // from the comment on
	}{
		{"for 30 days", "sue", "/suppress " + id + " a test key", Met, "The secret " + id + " (AWS access key) is let pass until ", 30 * day},
		{"for as long as it says", "sue", "/SUPPRESS " + id + " 180d a test key", Met, " by sue: a test key.", 180 * day},
		{"for one day", "sue", "/suppress S-AAAAAAAAAAAA 1d test key", Met, "", day},
		{"beside other text", "sue", "Looked at it.\n/suppress " + id + " test key\nThanks", Met, "", 30 * day},
		{"for too long", "sue", "/suppress " + id + " 181d test key", Unmet, "does not hold: at most 180d can be asked for", 0},
		{"for ever", "sue", "/suppress " + id + " 99999999999999999999d test key", Unmet, "at most 180d can be asked for", 0},
		{"for no time", "sue", "/suppress " + id + " 0d test key", Unmet, "it ended on", 0},
		{"without a reason", "sue", "/suppress " + id, Unmet, "it gives no reason: write /suppress " + id + " and why", 0},
		{"with days and no reason", "sue", "/suppress " + id + " 5d", Unmet, "it gives no reason", 0},
		{"quoted", "sue", "> /suppress " + id + " test key", Unmet, "", 0},
		{"another one", "sue", "/suppress s-bbbbbbbbbbbb test key", Unmet, "sue's \"/suppress s-bbbbbbbbbbbb\" names nothing that is found now", 0},
		{"nothing", "sue", "/suppress", Unmet, "sue's \"/suppress\" names nothing that is found now", 0},
		{"the author", "ann", "/suppress " + id + " test key", Unmet, "by ann does not hold: ann opened this pull request", 0},
		{"a stranger", "eve", "/suppress " + id + " test key", Unmet, "by eve does not hold: eve is not in @acme/infosec", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScanned(t)
			s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')}
			s.said(c.by, c.line)
			r := s.judged()
			expect(t, r, c.state, c.said)
			if want := s.Comments[0].Created.Add(c.until); c.state == Met && !r.Until.Equal(want) {
				t.Errorf("it ends %s, not %s", r.Until, want)
			}
			if c.state != Met {
				return
			}
			if len(r.Evidence) != 1 || r.Evidence[0].Kind != "comment" || r.Evidence[0].Login != "sue" {
				t.Errorf("the record does not hold who let it pass: %+v", r.Evidence)
			}
			s.At = r.Until
			expect(t, s.judged(), Unmet, "it ended on")
		})
	}
}

func TestASuppressionThatWasEditedOrWhoseAuthorWorkedOnTheChangeDoesNotHold(t *testing.T) {
	s := newScanned(t)
	s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')}
	s.said("sue", "/suppress s-aaaaaaaaaaaa test key")
	s.Comments[0].Edited = s.At
	expect(t, s.judged(), Unmet, "the text was edited: write it anew")
	s.Comments[0].Edited = time.Time{}
	expect(t, s.judged(), Met)
	s.push("c2", "sue")
	s.scan.Scanned = 2
	expect(t, s.judged(), Unmet, "by sue does not hold: sue wrote commit c2")
	s.said("tom", "/suppress s-aaaaaaaaaaaa test key")
	expect(t, s.judged(), Met, "by tom: test key.")
	s.can("tom", "read")
	expect(t, s.judged(), Unmet, "tom has read access, write is needed")
	s.can("tom", "write")
	s.CommitCount = 300
	expect(t, s.judged(), Unmet, "does not hold: GitHub lists only 2 of 300 commits")
}

func TestThePolicyLetsAFindingPassForAWhile(t *testing.T) {
	made := func(s Suppression) func(*scanned) {
		return func(x *scanned) {
			s.Reason = "made up"
			x.rules.Suppress = []Suppression{s}
		}
	}
	soon, past := Date(noon.Add(day)), Date(noon)
	for _, c := range []struct {
		name   string
		change func(*scanned)
		state  State
		said   string
	}{
		{"by its id", made(Suppression{Finding: "s-aaaaaaaaaaaa", Until: soon}), Met, "is let pass until 2026-03-03 12:00 UTC by the policy: made up."},
		{"by rule and files", made(Suppression{Rule: "aws-access-token", Files: []Glob{"src/**"}, Until: soon}), Met, "by the policy: made up."},
		{"another rule", made(Suppression{Rule: "npm-token", Files: []Glob{"src/**"}, Until: soon}), Unmet, ""},
		{"other files", made(Suppression{Rule: "aws-access-token", Files: []Glob{"docs/**"}, Until: soon}), Unmet, ""},
		{"it ends now", made(Suppression{Finding: "s-aaaaaaaaaaaa", Until: past}), Unmet, "by the policy does not hold: it ended on 2026-03-02 12:00 UTC."},
		{"180 days", made(Suppression{Finding: "s-aaaaaaaaaaaa", Until: Date(noon.Add(180 * day))}), Met, ""},
		{"more than 180 days", made(Suppression{Finding: "s-aaaaaaaaaaaa", Until: Date(noon.Add(180*day + time.Second))}), Unmet, "is more than 180 days ahead"},
		{"one place of two", func(x *scanned) {
			made(Suppression{Rule: "aws-access-token", Files: []Glob{"src/**"}, Until: soon})(x)
			x.scan.Whole.Secrets = append(x.scan.Whole.Secrets, secretIn("cmd/b.go:1", 'a'))
		}, Unmet, ""},
		{"hidden characters", func(x *scanned) {
			made(Suppression{Rule: hiddenRule, Files: []Glob{"src/**"}, Until: soon})(x)
			x.scan.Whole = &PatchScan{Hidden: []Spot{{Path: "src/a.go", Line: 2, Kind: "zero-width", What: "U+200D"}}}
		}, Met, "The rule hidden-characters in src/a.go is let pass"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScanned(t)
			s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')}
			c.change(s)
			expect(t, s.judged(), c.state, c.said)
		})
	}
}

func TestOfSeveralSuppressionsTheLongestHolds(t *testing.T) {
	s := newScanned(t)
	s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')}
	s.said("sue", "/suppress s-aaaaaaaaaaaa 3d test key").said("tom", "/suppress s-aaaaaaaaaaaa 60d test key").said("sue", "/suppress s-aaaaaaaaaaaa 9d test key")
	if r := s.judged(); r.State != Met || !r.Until.Equal(s.Comments[1].Created.Add(60*day)) {
		t.Errorf("%s until %s", r.State, r.Until)
	}
}

func TestWithoutTheRoleNobodyCanGiveTheReviewOrLetPass(t *testing.T) {
	s := asking(t)
	s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')}
	s.said("sue", "security +1").said("sue", "/suppress s-aaaaaaaaaaaa test key")
	s.team("acme/infosec")
	expect(t, s.judged(), Unmet, "team acme/infosec has no members", "does not hold: team acme/infosec has no members")
	s.rules.UseRoles(nil)
	r := s.judged()
	expect(t, r, Unmet, "there is no role security")
	expect(t, part(r, reviewID), Unmet, "auth/a.go is about who may do what. Cannot be met: there is no role security.")
}

func TestASuppressionThatIsTooLongHoldsOnceItIsNot(t *testing.T) {
	s := newScanned(t)
	s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:3", 'a')}
	s.rules.Suppress = []Suppression{{Finding: "s-aaaaaaaaaaaa", Reason: "made up", Until: Date(noon.Add(181 * day))}}
	r := s.judged()
	expect(t, r, Unmet)
	if !r.Until.Equal(noon.Add(day)) {
		t.Errorf("it is looked at again %s", r.Until)
	}
	s.At = r.Until
	expect(t, s.judged(), Met)
}

func TestTheLabelFollowsTheSecurityReview(t *testing.T) {
	s := asking(t)
	policy := func(observe bool) Policy {
		return Policy{Sections: []Section{{Name: "security", Observe: observe, Checks: []Check{s.rules}}, {Name: "compliance", Checks: []Check{NewWIP()}}}}
	}
	plan := func(observe bool) (out []Kind) {
		for _, a := range Plan(Judge(policy(observe), s.pull()), s.pull()) {
			if a.Label == LabelSecurity {
				out = append(out, a.Kind)
			}
		}
		return out
	}
	want := func(what string, got []Kind, kinds ...Kind) {
		t.Helper()
		if len(got) != len(kinds) || len(got) > 0 && got[0] != kinds[0] {
			t.Errorf("%s: %v, not %v", what, got, kinds)
		}
	}
	want("a review is needed", plan(false), AddLabel)
	want("only observed", plan(true))
	s.Labels, s.Memory.Security.Given = []string{LabelSecurity}, true
	want("it is there", plan(false))
	want("only observed, and ours", plan(true), RemoveLabel)
	s.said("sue", "security +1")
	want("it is given", plan(false), RemoveLabel)
	s.scan, s.Files = Scan{}, filesOf("src/a.go")
	s.FileCount = 1
	want("not scanned yet", plan(false))
	s.Memory.Security.Given = false
	want("set by hand where only observed", plan(true))
}

func TestAConditionCanAskWhetherSomethingWasFound(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		name   string
		change func(*scanned)
		truth  truth
	}{
		{"nothing", func(*scanned) {}, holdsNot},
		{"a secret", func(s *scanned) { s.scan.Whole.Secrets = []Secret{secretIn("src/a.go:1", 'a')} }, holds},
		{"watched code", func(s *scanned) { s.scan.Whole.Watched = []Spot{{Path: "src/a.go"}} }, holds},
		{"a finding", func(s *scanned) { s.scan.SARIF = &Findings{New: []Finding{{ID: "f-1"}}} }, holds},
		{"an alert", func(s *scanned) { s.scan.Alerts = []Alerts{{New: []Finding{{ID: "f-1"}}}} }, holds},
		{"a secret of an earlier commit", func(s *scanned) { s.scan.Commits = []CommitScan{{Secrets: []Secret{{}}}} }, holds},
		{"in a text", func(s *scanned) { s.Redacted = []Secret{{}} }, holds},
		{"not scanned", func(s *scanned) { s.scan = Scan{} }, holdsMaybe},
		{"reports to come", func(s *scanned) { s.scan.SARIF = &Findings{} }, holdsMaybe},
		{"commits to come", func(s *scanned) { s.scan.Left = 1 }, holdsMaybe},
		{"not all lines", func(s *scanned) { s.scan.Whole.Incomplete = []string{"x"} }, holdsMaybe},
	} {
		s := newScanned(t)
		c.change(s)
		p := s.pull()
		h := hearing{pull: &p, rules: rulesOf()}
		if got, _ := findingHolds(&h, &Condition{SecurityFinding: &yes}); got != c.truth {
			t.Errorf("%s: found %v, not %v", c.name, got, c.truth)
		}
		if got, _ := findingHolds(&h, &Condition{SecurityFinding: &no}); got != holds-c.truth {
			t.Errorf("%s: not found %v, not %v", c.name, got, holds-c.truth)
		}
	}
	s := newScene()
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", When: &Condition{SecurityFinding: &yes}})), Waiting, "it is not known whether there is a security finding")
	s.Scans = map[string]Scan{"any": {Engine: "e1", Whole: &PatchScan{}, Scanned: 1}}
	expect(t, judged(s, rulesOf(SignOff{Role: "reviewer", When: &Condition{SecurityFinding: &yes}})), Exempt, "the security scan found nothing")
}
