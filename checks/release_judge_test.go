package checks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

const week = 7 * 24 * time.Hour

// Every way from one phase to another. A step that lacks a want is only taken.
func TestAReleaseGoesFromPhaseToPhase(t *testing.T) {
	type step struct {
		do   func(*scene)
		want checks.Phase
	}
	gather := func(done bool) func(*scene) {
		return func(s *scene) { s.r.Evidence.Done = done }
	}
	promote := step{func(s *scene) { s.act(checks.ActPromote, "carol") }, checks.PhasePromoting}
	publish := step{func(s *scene) { s.wait(time.Minute); s.r.Page.Draft = false; s.r.Memory.Released = s.r.At }, checks.PhaseReleased}
	deploy := step{func(s *scene) {
		s.wait(time.Minute)
		s.r.Deployments = []checks.Deployment{{ID: 1, Environment: "Production", State: "success", At: s.r.At}}
	}, checks.PhaseDeployed}
	approve := step{func(s *scene) { s.signed() }, checks.PhaseApproved}
	move := func(want checks.Phase) step { return step{func(s *scene) { s.moved() }, want} }
	remove := func(want checks.Phase) step {
		return step{func(s *scene) {
			s.wait(time.Minute)
			s.r.Tag.Gone, s.r.Tag.OID, s.r.Tag.Commit = true, "", ""
			s.see()
		}, want}
	}
	newerOut := func(want checks.Phase) step {
		return step{func(s *scene) {
			s.wait(time.Minute)
			s.r.Outs = []checks.Out{{Tag: "v1.3.0", Commit: "dddd", At: s.r.At, Contains: true, Known: true}}
		}, want}
	}
	reject := func(want checks.Phase) step {
		return step{func(s *scene) { s.act(checks.ActReject, "bob", because("it crashes")) }, want}
	}
	fail := step{func(s *scene) { s.act(checks.ActFail, "carol", because("it loses orders")) }, checks.PhaseFailed}
	emergency := step{func(s *scene) { s.act(checks.ActEmergency, "olaf", because("the shop is down")) }, checks.PhasePromoting}
	for name, steps := range map[string][]step{
		"the ordinary way": {
			{gather(false), checks.PhaseGathering},
			{gather(true), checks.PhaseCandidate},
			{func(s *scene) { s.sign("bob", "qa") }, checks.PhaseSigning},
			{func(s *scene) { s.sign("carol", "release-management") }, checks.PhaseSigning},
			{func(s *scene) { s.sign("dave", "security") }, checks.PhaseApproved},
			promote, publish, deploy, fail,
			{func(s *scene) { s.act(checks.ActRollBack, "erin", because("the newer one is worse")) }, checks.PhaseDeployed},
		},
		"stages signed backwards":                {{func(s *scene) { s.sign("carol", "release-management").sign("dave", "security") }, checks.PhaseCandidate}, {func(s *scene) { s.sign("bob", "qa") }, checks.PhaseApproved}},
		"a failure before it is deployed":        {approve, promote, publish, fail},
		"a tag moved while it is gathered":       {{gather(false), checks.PhaseGathering}, move(checks.PhaseGathering)},
		"a tag moved while it is signed":         {{func(s *scene) { s.sign("bob", "qa") }, checks.PhaseSigning}, move(checks.PhaseCandidate)},
		"a tag moved when it is approved":        {approve, move(checks.PhaseCandidate), approve},
		"a tag moved before it is published":     {approve, promote, move(checks.PhaseCandidate), approve, promote, publish},
		"a tag moved and back before it is out":  {approve, promote, move(checks.PhaseCandidate), {func(s *scene) { s.back() }, checks.PhaseCandidate}, approve, promote, publish},
		"a tag moved and back after the release": {approve, promote, publish, move(checks.PhaseVoid), {func(s *scene) { s.back() }, checks.PhaseReleased}},
		"a tag moved after the release":          {approve, promote, publish, move(checks.PhaseVoid)},
		"a tag moved after it is deployed":       {approve, promote, publish, deploy, move(checks.PhaseVoid)},
		"a tag deleted before anybody signs":     {remove(checks.PhaseVoid)},
		"a tag deleted when it is approved":      {approve, remove(checks.PhaseVoid)},
		"a tag deleted after the release":        {approve, promote, publish, remove(checks.PhaseVoid)},
		"a tag deleted before it is published":   {approve, promote, remove(checks.PhaseVoid)},
		"rejected as a candidate":                {reject(checks.PhaseRejected)},
		"rejected while it is gathered":          {{gather(false), ""}, reject(checks.PhaseRejected)},
		"rejected while it is signed":            {{func(s *scene) { s.sign("quinn", "qa") }, checks.PhaseSigning}, reject(checks.PhaseRejected)},
		"rejected when it is approved":           {approve, reject(checks.PhaseRejected), {func(s *scene) { s.act(checks.ActRevoke, "bob", withRole("rejection"), because("my mistake")) }, checks.PhaseApproved}, promote},
		"rejected, and another candidate":        {reject(checks.PhaseRejected), move(checks.PhaseCandidate)},
		"rejected after it was promoted":         {approve, promote, reject(checks.PhasePromoting), publish},
		"superseded as a candidate":              {newerOut(checks.PhaseSuperseded)},
		"superseded when it is approved":         {approve, newerOut(checks.PhaseSuperseded)},
		"a newer one out after the release":      {approve, promote, publish, newerOut(checks.PhaseReleased)},
		"an emergency as a candidate":            {emergency, publish, deploy},
		"an emergency while it is gathered":      {{gather(false), checks.PhaseGathering}, emergency, publish},
		"an emergency when it is rejected":       {reject(checks.PhaseRejected), emergency},
		"an emergency when it is signed":         {{func(s *scene) { s.sign("bob", "qa") }, checks.PhaseSigning}, emergency, publish, fail},
		"an emergency of another candidate":      {emergency, publish, move(checks.PhaseVoid)},
		"a sign-off revoked":                     {approve, {func(s *scene) { s.act(checks.ActRevoke, "dave", withRole("security"), because("look again")) }, checks.PhaseSigning}, {func(s *scene) { s.sign("dave", "security") }, checks.PhaseApproved}},
		"the first stage revoked":                {approve, {func(s *scene) { s.act(checks.ActRevoke, "bob", withRole("qa"), because("look again")) }, checks.PhaseCandidate}},
		"sign-offs that end":                     {approve, {func(s *scene) { s.wait(2 * week) }, checks.PhaseCandidate}},
		"the release that stays after they end":  {approve, promote, publish, {func(s *scene) { s.wait(2 * week) }, checks.PhaseReleased}},
		"the policy changed":                     {approve, {func(s *scene) { s.wait(time.Minute).reread(twoStages + "  valid: 13d\n") }, checks.PhaseCandidate}},
		"the policy changed after the promotion": {approve, promote, {func(s *scene) { s.wait(time.Minute).reread(twoStages + "  valid: 13d\n") }, checks.PhasePromoting}, publish},
		"a file added": {approve, {func(s *scene) {
			s.r.Page.Assets = append(s.r.Page.Assets, checks.Asset{ID: 2, Name: "b", Digest: "sha256:bb", Ready: true})
			s.see()
		}, checks.PhaseCandidate}},
		"a file added after the release": {approve, promote, publish, {func(s *scene) {
			s.r.Page.Assets = append(s.r.Page.Assets, checks.Asset{ID: 2, Name: "b", Digest: "sha256:bb", Ready: true})
			s.see()
		}, checks.PhaseCandidate}, approve, promote},
		"the draft deleted": {approve, {func(s *scene) { s.r.Page = checks.ReleasePage{}; s.see() }, checks.PhaseCandidate}},
		"published by hand": {approve, {func(s *scene) { s.r.Page.Draft = false; s.r.Page.Published = s.r.At }, checks.PhaseSigning}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, twoStages)
			for i, st := range steps {
				st.do(s)
				v := s.judge()
				if st.want != "" && v.Phase != st.want {
					t.Fatalf("step %d leads to %q, want %q\n%s", i+1, v.Phase, st.want, shownAll(v))
				}
			}
		})
	}
}

// Every act that counts for nothing says what is wrong and what can be done instead.
func TestWhatCountsForNothingIsRefusedWithAReason(t *testing.T) {
	strict := strings.Replace(twoStages, "  tags:", "  separation: strict\n  tags:", 1)
	for name, c := range map[string]struct {
		text string
		do   func(*scene)
		want string
	}{
		"signer wrote a commit of the range": {strict, func(s *scene) { s.sign("ann", "security") },
			"ann's sign-off as security does not count: ann worked on commit cccc000, which it brings. Somebody else can sign: @acme/sec."},
		"signer opened a pull request of it": {strict, func(s *scene) {
			s.r.Evidence.Contributors = append(s.r.Evidence.Contributors, checks.RangeContributor{Login: "erin-old", ID: 6, Pull: 31})
			s.sign("erin", "security")
		}, "erin's sign-off as security does not count: erin opened #31, which it brings. Somebody else can sign: @acme/sec."},
		"a commit of nobody": {strict, func(s *scene) {
			s.r.Evidence.NamelessCount, s.r.Evidence.Nameless = 2, []string{"beef123456", "cafe123456"}
			s.sign("dave", "security")
		}, "dave's sign-off as security does not count: 2 commits that it brings belong to no GitHub account, such as beef123, so that who worked on them is not known."},
		"the range is not gathered": {strict, func(s *scene) { s.r.Evidence.Done = false; s.sign("dave", "security") },
			"it is not known yet who worked on what it brings."},
		"signer is the tagger": {twoStages, func(s *scene) { s.sign("tess", "qa") },
			"tess's sign-off as qa does not count: tess put the tag there. Somebody else can sign: @acme/qa."},
		"signer is the tagger by another name": {twoStages, func(s *scene) { s.r.Tag.Pusher = checks.Actor{Login: "bobby", ID: 2}; s.sign("bob", "qa") },
			"bob's sign-off as qa does not count: bob put the tag there."},
		"signer is named as tagger": {twoStages, func(s *scene) { s.r.Tag.Named = person("bob"); s.sign("bob", "qa") },
			"bob's sign-off as qa does not count: bob is named by the tag as who made it."},
		"nobody knows the tagger": {twoStages, func(s *scene) { s.r.Tag.Pusher = checks.Actor{}; s.sign("bob", "qa") },
			"bob's sign-off as qa does not count: it is not known who put the tag there, so that nobody can be told from them."},
		"same person twice": {twoStages, func(s *scene) { s.sign("bob", "qa").sign("bob", "qa") },
			"bob's sign-off as qa does not count: who signs twice has signed once, and bob has signed as qa before. Somebody else can sign: @acme/qa."},
		"same person for two roles": {twoStages, func(s *scene) { s.sign("erin", "release-management").sign("erin", "security") },
			"erin's sign-off as security does not count: one person signs for one role of a stage, and erin has signed as release-management. Somebody else can sign: @acme/sec."},
		"same person for a distinct role": {strings.Replace(twoStages, "qa: {team: acme/qa,", "qa: {team: acme/qa, distinct: true,", 1), func(s *scene) {
			s.r.Teams["acme/sec"] = checks.Team{Name: "acme/sec", Found: true, Members: []string{"bob"}}
			s.sign("bob", "qa").sign("bob", "security")
		}, "bob's sign-off as security does not count: who signs as qa signs nothing else, or the other way round. Somebody else can sign: @acme/sec."},
		"a member who left": {twoStages, func(s *scene) {
			s.sign("bob", "qa")
			s.r.Teams["acme/qa"] = checks.Team{Name: "acme/qa", Found: true, Members: []string{"quinn"}}
		}, "bob's sign-off as qa does not count: bob is not in @acme/qa. Somebody else can sign: @acme/qa."},
		"a member without access": {twoStages, func(s *scene) {
			s.r.People["bob"] = checks.Person{Login: "bob", Permission: "read"}
			s.sign("bob", "qa")
		}, "bob's sign-off as qa does not count: bob has read access, write is needed."},
		"an access that could not be read": {twoStages, func(s *scene) { delete(s.r.People, "bob"); s.sign("bob", "qa") },
			"bob's sign-off as qa does not count: the permission of bob could not be read."},
		"a team that cannot be seen": {twoStages, func(s *scene) { delete(s.r.Teams, "acme/qa"); s.sign("bob", "qa") },
			"bob's sign-off as qa does not count: team acme/qa has not been read yet."},
		"a stranger": {twoStages, func(s *scene) { s.sign("mallory", "qa") }, "mallory's sign-off as qa does not count: mallory is not in @acme/qa."},
		"a bot":      {twoStages, func(s *scene) { s.sign("ci[bot]", "qa") }, "ci[bot]'s sign-off as qa does not count: ci[bot] is an App, and the policy does not name it."},
		"a deleted account": {twoStages, func(s *scene) { s.act(checks.ActSign, "", withRole("qa")) },
			"A deleted account's sign-off as qa does not count: the account is deleted."},
		"an old button": {twoStages, func(s *scene) {
			s.press("bob", "Development")
			s.moved()
		}, "bob's sign-off does not count: it was for candidate "},
		"an old button, and why": {twoStages, func(s *scene) { s.press("bob", "Development").moved() },
			" now: the tag was moved from cccc000 to cccc000. Whoever has looked at what is there now can do it anew."},
		"a button of a candidate that never was": {twoStages, func(s *scene) {
			s.act(checks.ActSign, "bob", func(a *checks.Act) { a.Candidate, a.Stage = "0123456789ab", "Development" })
		}, "this release has had no candidate 0123456789ab, and it is "},
		"twelve digits of two candidates": {twoStages, func(s *scene) {
			c := s.r.Memory.Candidates[0]
			c.Digest = c.Digest[:20] + strings.Repeat("0", 44)
			s.r.Memory.Candidates = []checks.PastCandidate{c, s.r.Memory.Candidates[0]}
			s.press("bob", "Development")
		}, " are several, and it is "},
		"a sign-off of tomorrow": {twoStages, func(s *scene) {
			s.act(checks.ActSign, "bob", withRole("qa"), func(a *checks.Act) { a.At = a.At.Add(24 * time.Hour) })
		},
			"bob's sign-off as qa does not count: it is dated 2026-03-05 12:01 UTC, which is yet to come."},
		"eleven digits are no candidate": {twoStages, func(s *scene) {
			s.act(checks.ActSign, "bob", func(a *checks.Act) { a.Candidate, a.Stage = a.Candidate[:11], "Development" })
		}, "this release has had no candidate "},
		"a comment before anything was shown": {twoStages, func(s *scene) {
			s.act(checks.ActSign, "bob", withRole("qa"), func(a *checks.Act) { a.Candidate = "" })
		}, "it is not known which candidate it was for, and it is "},
		"an edited comment": {twoStages, func(s *scene) { s.act(checks.ActSign, "bob", withRole("qa"), func(a *checks.Act) { a.Edited = true }) },
			"bob's sign-off as qa does not count: the comment was edited, so that it is not known what was meant. Write it anew."},
		"a comment edited since": {twoStages, func(s *scene) {
			s.act(checks.ActSign, "bob", withRole("qa"), func(a *checks.Act) { a.Via, a.Ref = checks.ByComment, "555" })
			s.r.Issue.Comments = []checks.Comment{{ID: 555, Author: person("bob"), Body: "hello", Created: s.r.At, Edited: s.r.At}}
		}, "bob's sign-off as qa does not count: the comment was edited"},
		"an act without a time": {twoStages, func(s *scene) {
			s.act(checks.ActSign, "bob", withRole("qa"), func(a *checks.Act) { a.At = time.Time{} })
		},
			"bob's sign-off as qa does not count: it is not known when it was done."},
		"a sign-off that ended": {twoStages, func(s *scene) { s.sign("bob", "qa").wait(2 * week) },
			"bob's sign-off as qa does not count: it held until 2026-03-18 12:01 UTC. It can be signed anew."},
		"a file added after two of three sign-offs": {twoStages, func(s *scene) {
			s.sign("bob", "qa").sign("carol", "release-management")
			s.r.Page.Assets = append(s.r.Page.Assets, checks.Asset{ID: 2, Name: "evil.tar.gz", Digest: "sha256:bb", Ready: true})
			s.wait(time.Minute).see()
			s.sign("dave", "security")
		}, " now: evil.tar.gz was added. Whoever has looked at what is there now can do it anew."},
		"a file replaced": {twoStages, func(s *scene) {
			s.sign("bob", "qa")
			s.r.Page.Assets = []checks.Asset{{ID: 2, Name: "app.tar.gz", Digest: "sha256:bb", Ready: true}}
			s.see()
		}, " now: app.tar.gz was replaced."},
		"the policy changed": {twoStages, func(s *scene) { s.sign("bob", "qa"); s.reread(twoStages + "  valid: 13d\n") }, " now: the policy was changed."},
		"the tag deleted": {twoStages, func(s *scene) {
			s.sign("bob", "qa")
			s.r.Tag.Gone, s.r.Tag.OID, s.r.Tag.Commit = true, "", ""
			s.see()
		}, " now: the tag was deleted."},
		"something said of a deleted tag": {twoStages, func(s *scene) {
			s.r.Tag.Gone, s.r.Tag.OID, s.r.Tag.Commit = true, "", ""
			s.see().sign("bob", "qa")
		}, "bob's sign-off as qa does not count: the tag is deleted."},
		"an annotated tag made again at the same commit": {twoStages, func(s *scene) {
			s.sign("bob", "qa")
			s.r.Tag.OID = "aaaa000000000000000000000000000000000009"
			s.see()
		}, " now: the tag was made anew at the same commit."},
		"a plain tag made again at the same commit": {twoStages, func(s *scene) {
			s.sign("bob", "qa").wait(time.Minute)
			tag := s.r.Tag
			s.r.Tag.Gone, s.r.Tag.OID, s.r.Tag.Commit = true, "", ""
			s.see().wait(time.Minute)
			s.r.Tag = tag
			s.see()
		}, " before that ended: the tag was deleted; what is there again since 2026-03-04 12:03 UTC is to be looked at anew."},
		"a tag made again that was not seen yet": {twoStages, func(s *scene) {
			s.sign("bob", "qa").wait(time.Minute)
			tag := s.r.Tag
			s.r.Tag.Gone, s.r.Tag.OID, s.r.Tag.Commit = true, "", ""
			s.see()
			s.r.Tag = tag
		}, "before that ended: the tag was deleted"},
		"the policy changed and back": {twoStages, func(s *scene) {
			s.sign("bob", "qa").wait(time.Minute).reread(twoStages + "  valid: 13d\n")
			s.wait(time.Minute).reread(twoStages)
		}, "before that ended: the policy was changed; what is there again"},
		"the draft deleted": {twoStages, func(s *scene) { s.sign("bob", "qa"); s.r.Page = checks.ReleasePage{}; s.see() },
			" now: the release, or its draft, was deleted and app.tar.gz was removed."},
		"a newer release out first": {twoStages, func(s *scene) {
			s.r.Outs = []checks.Out{{Tag: "v1.3.0", Commit: "dddd", Contains: true, Known: true}}
			s.sign("bob", "qa")
		}, "bob's sign-off as qa does not count: release v1.3.0, which has this commit, is out. Release something newer."},
		"promoted when a newer one is out": {twoStages, func(s *scene) {
			s.signed()
			s.r.Outs = []checks.Out{{Tag: "v1.3.0", Commit: "dddd", Contains: true, Known: true}}
			s.act(checks.ActPromote, "carol")
		}, "carol's request to promote does not count: release v1.3.0, which has this commit, is out."},
		"an emergency when a newer one is out": {twoStages, func(s *scene) {
			s.r.Outs = []checks.Out{{Tag: "v1.3.0", Commit: "dddd", Contains: true, Known: true}}
			s.act(checks.ActEmergency, "olaf", because("down"))
		}, "olaf's emergency does not count: release v1.3.0, which has this commit, is out."},
		"promoted in a freeze": {twoStages + "  freeze: [{name: Spring, from: 2026-03-04T00:00:00Z, until: 2026-03-05T00:00:00Z, reason: The sale}]\n", func(s *scene) {
			s.signed().act(checks.ActPromote, "carol")
		}, "carol's request to promote does not count: not everything is there: missing: Spring. It does not promote by itself later: ask again once everything is there."},
		"promoted in a freeze that is over": {twoStages + "  freeze: [{name: Spring, from: 2026-03-04T00:00:00Z, until: 2026-03-04T12:30:00Z, reason: The sale}]\n", func(s *scene) {
			s.signed().act(checks.ActPromote, "carol").wait(time.Hour)
		}, "carol's request to promote does not count: it was made in a freeze, which ended on 2026-03-04 12:30 UTC. Ask again."},
		"promoted before it is approved": {twoStages, func(s *scene) { s.act(checks.ActPromote, "carol") },
			"carol's request to promote does not count: not everything is there: missing: qa, Earlier stages, release-management and security. It does not promote by itself later"},
		"promoted before the last sign-off": {twoStages, func(s *scene) {
			s.sign("bob", "qa").sign("carol", "release-management").act(checks.ActPromote, "carol").sign("dave", "security")
		}, "carol's request to promote does not count: not everything was there when it was made: dave signed on 2026-03-04 12:04 UTC. Ask again."},
		"promoted before a check passed": {twoStages + "  require: [build]\n", func(s *scene) {
			s.signed().act(checks.ActPromote, "carol").wait(time.Minute)
			s.r.Runs = []checks.Run{{DatabaseID: 5, Name: "build", AppID: 5, Status: "completed", Conclusion: "success", Completed: s.r.At}}
		}, "carol's request to promote does not count: not everything was there when it was made: build passed on 2026-03-04 12:05 UTC."},
		"promoted before the evidence was accepted": {twoStages, func(s *scene) {
			s.r.Evidence.Counts[checks.EvidenceNoPull] = 1
			s.signed().act(checks.ActPromote, "carol").act(checks.ActAccept, "dave", because("a typo"), func(a *checks.Act) { a.Evidence = s.r.Evidence.Digest })
		}, "not everything was there when it was made: dave accepted the evidence on 2026-03-04 12:05 UTC."},
		"promoted before a rejection was taken back": {twoStages, func(s *scene) {
			s.signed().act(checks.ActReject, "bob", because("no")).act(checks.ActPromote, "carol").act(checks.ActRevoke, "bob", withRole("rejection"), because("yes"))
		}, "not everything was there when it was made: a rejection was taken back on 2026-03-04 12:06 UTC."},
		"promoted by the tagger":  {twoStages, func(s *scene) { s.signed().act(checks.ActPromote, "tess") }, "tess's request to promote does not count: tess put the tag there. Somebody else can promote: @acme/qa, @acme/rm or @acme/sec."},
		"promoted by a stranger":  {twoStages, func(s *scene) { s.signed().act(checks.ActPromote, "mallory") }, "mallory's request to promote does not count: mallory is not in @acme/sec."},
		"promoted by no promoter": {twoStages + "  promoter: release-management\n", func(s *scene) { s.signed().act(checks.ActPromote, "bob") }, "bob's request to promote does not count: bob is not in @acme/rm. Somebody else can promote: @acme/rm."},
		"promoted long ago": {twoStages, func(s *scene) {
			s.signed().act(checks.ActPromote, "carol").wait(24 * time.Hour)
		}, "carol's request to promote does not count: it was made more than 24 hours ago. Ask again."},
		"promoted by nobody": {twoStages, func(s *scene) { s.signed().act(checks.ActPromote, "") },
			"A deleted account's request to promote does not count"},
		"promoted twice": {twoStages, func(s *scene) { s.released().act(checks.ActPromote, "carol") },
			"carol's request to promote does not count: it is released already, since 2026-03-04 12:05 UTC. If it failed say so by \"/fail REASON\"."},
		"revoked after the release": {twoStages, func(s *scene) { s.released().act(checks.ActRevoke, "bob", withRole("qa"), because("oh")) },
			"bob's revoking of qa does not count: it is released already, since "},
		"revoked after the promotion": {twoStages, func(s *scene) {
			s.signed().act(checks.ActPromote, "carol").judge()
			s.act(checks.ActRevoke, "bob", withRole("qa"), because("oh"))
		}, "bob's revoking of qa does not count: it was promoted on "},
		"signed after the release":   {twoStages, func(s *scene) { s.released().sign("quinn", "qa") }, "quinn's sign-off as qa does not count: it is released already"},
		"rejected after the release": {twoStages, func(s *scene) { s.released().act(checks.ActReject, "bob", because("oh")) }, "bob's rejection does not count: it is released already"},
		"signed when the tag was moved after the release": {twoStages, func(s *scene) { s.released().moved().sign("bob", "qa") },
			"bob's sign-off as qa does not count: the tag was moved after the release, from cccc000 to cccc000: release what is there now under another tag."},
		"an emergency of a tag moved after the release": {twoStages, func(s *scene) { s.released().moved().act(checks.ActEmergency, "olaf", because("down")) },
			"olaf's emergency does not count: the tag was moved after the release"},
		"a revoke of nothing":          {twoStages, func(s *scene) { s.act(checks.ActRevoke, "bob", withRole("qa"), because("oh")) }, "bob's revoking of qa does not count: bob has signed nothing that it is about. Everybody takes back what they have signed themselves."},
		"a revoke of another's":        {twoStages, func(s *scene) { s.sign("bob", "qa").act(checks.ActRevoke, "quinn", withRole("qa"), because("oh")) }, "quinn's revoking of qa does not count: quinn has signed nothing that it is about."},
		"a revoke without a reason":    {twoStages, func(s *scene) { s.sign("bob", "qa").act(checks.ActRevoke, "bob", withRole("qa")) }, "bob's revoking of qa does not count: a reason is required to reject, revoke or break glass."},
		"a revoke that names nothing":  {twoStages, func(s *scene) { s.act(checks.ActRevoke, "bob", because("oh")) }, "bob's revoking of a sign-off does not count: it names no role. Write \"/revoke ROLE REASON\"."},
		"a rejection without a reason": {twoStages, func(s *scene) { s.act(checks.ActReject, "bob") }, "bob's rejection does not count: a reason is required to reject, revoke or break glass. Write \"/reject REASON\"."},
		"a rejection by a stranger":    {twoStages, func(s *scene) { s.act(checks.ActReject, "mallory", because("no")) }, "mallory's rejection does not count: mallory is not in @acme/sec. Those who sign or promote can reject it: @acme/qa, @acme/rm or @acme/sec."},
		"a rejection of the one before": {twoStages, func(s *scene) { s.act(checks.ActReject, "bob", because("no")).moved() },
			"bob's rejection does not count: it was for candidate "},
		"a rejection taken back by another": {twoStages + "  promoter: release-management\n", func(s *scene) {
			s.act(checks.ActReject, "bob", because("no")).act(checks.ActRevoke, "dave", withRole("rejection"), because("yes"))
		}, "dave's revoking of rejection does not count: dave is not in @acme/rm. Who has rejected it can take that back, or @acme/rm."},
		"a rejection taken back by the tagger": {twoStages + "  promoter: release-management\n", func(s *scene) {
			s.r.Tag.Pusher = person("carol")
			s.act(checks.ActReject, "bob", because("no")).act(checks.ActRevoke, "carol", withRole("rejection"), because("yes"))
		}, "carol's revoking of rejection does not count: carol put the tag there. Who has rejected it can take that back, or @acme/rm."},
		"a rejection taken back by a contributor": {strict + "  promoter: release-management\n", func(s *scene) {
			s.r.Evidence.Contributors[0].Login, s.r.Evidence.Contributors[0].ID = "carol", 4
			s.act(checks.ActReject, "bob", because("no")).act(checks.ActRevoke, "carol", withRole("rejection"), because("yes"))
		}, "carol's revoking of rejection does not count: carol worked on commit cccc000, which it brings."},
		"no rejection to take back":     {twoStages, func(s *scene) { s.act(checks.ActRevoke, "bob", withRole("rejection"), because("yes")) }, "bob's revoking of rejection does not count: nothing is rejected that could be taken back."},
		"an emergency by nobody's word": {twoStages, func(s *scene) { s.act(checks.ActEmergency, "carol", because("down")) }, "carol's emergency does not count: carol is not among olaf and bob. Somebody else can declare one: olaf and bob."},
		"an emergency where none is":    {strings.Replace(twoStages, "  emergency: {role: on-call, follow_up: 7d}\n", "", 1), func(s *scene) { s.act(checks.ActEmergency, "olaf", because("down")) }, "olaf's emergency does not count: the policy names no role that may declare an emergency. Whoever may change the policy can name one."},
		"an emergency without a reason": {twoStages, func(s *scene) { s.act(checks.ActEmergency, "olaf") }, "olaf's emergency does not count: a reason is required to reject, revoke or break glass. Write \"/break-glass REASON\"."},
		"an emergency by the tagger":    {twoStages, func(s *scene) { s.r.Tag.Pusher = person("olaf"); s.act(checks.ActEmergency, "olaf", because("down")) }, "olaf's emergency does not count: olaf put the tag there."},
		"an emergency by a contributor": {strict, func(s *scene) {
			s.r.Evidence.Contributors[0].Login = "olaf"
			s.act(checks.ActEmergency, "olaf", because("down"))
		}, "olaf's emergency does not count: olaf worked on commit cccc000, which it brings."},
		"an emergency by an App":         {strings.Replace(twoStages, "[olaf, bob]", "[olaf, 'ci[bot]']", 1), func(s *scene) { s.act(checks.ActEmergency, "ci[bot]", because("down")) }, "ci[bot]'s emergency does not count: no App may."},
		"an emergency long ago":          {twoStages, func(s *scene) { s.act(checks.ActEmergency, "olaf", because("down")).wait(4 * time.Hour) }, "olaf's emergency does not count: it was declared more than 4 hours ago. Declare it anew."},
		"an emergency of the one before": {twoStages, func(s *scene) { s.act(checks.ActEmergency, "olaf", because("down")).moved() }, "olaf's emergency does not count: it was for candidate "},
		"an emergency of an edited word": {twoStages, func(s *scene) {
			s.act(checks.ActEmergency, "olaf", because("down"), func(a *checks.Act) { a.Edited = true })
		}, "olaf's emergency does not count: the comment was edited"},
		"an emergency of a deleted tag": {twoStages, func(s *scene) {
			s.r.Tag.Gone, s.r.Tag.OID, s.r.Tag.Commit = true, "", ""
			s.see().act(checks.ActEmergency, "olaf", because("down"))
		}, "olaf's emergency does not count: the tag is deleted."},
		"followed up by who declared it": {twoStages, func(s *scene) {
			s.act(checks.ActEmergency, "olaf", because("down")).judge()
			s.act(checks.ActFollowUp, "olaf", because("all fine"))
		}, "olaf's follow-up does not count: olaf declared the emergency, and somebody else has to look at it. Somebody else can follow it up: olaf and bob."},
		"followed up by a stranger": {twoStages, func(s *scene) {
			s.act(checks.ActEmergency, "olaf", because("down")).judge()
			s.act(checks.ActFollowUp, "carol", because("all fine"))
		}, "carol's follow-up does not count: carol is not among olaf and bob."},
		"followed up without a word": {twoStages, func(s *scene) {
			s.act(checks.ActEmergency, "olaf", because("down")).judge()
			s.act(checks.ActFollowUp, "bob")
		}, "bob's follow-up does not count: it does not say what came of it."},
		"followed up before it": {twoStages, func(s *scene) {
			s.act(checks.ActFollowUp, "bob", because("fine")).act(checks.ActEmergency, "olaf", because("down")).judge()
		}, "bob's follow-up does not count: it came before there was anything to look at."},
		"nothing to follow up":         {twoStages, func(s *scene) { s.act(checks.ActFollowUp, "bob", because("fine")) }, "bob's follow-up does not count: nothing went out in an emergency"},
		"an acceptance of nobody":      {twoStages, func(s *scene) { s.act(checks.ActAccept, "bob", because("x")) }, "bob's acceptance of the evidence does not count: bob is not in @acme/sec. Somebody else can accept: @acme/rm or @acme/sec."},
		"an acceptance without reason": {twoStages, func(s *scene) { s.act(checks.ActAccept, "dave") }, "dave's acceptance of the evidence does not count: a reason is required to accept."},
		"an acceptance by the tagger":  {twoStages, func(s *scene) { s.r.Tag.Pusher = person("dave"); s.act(checks.ActAccept, "dave", because("x")) }, "dave's acceptance of the evidence does not count: dave put the tag there."},
		"an acceptance of other evidence": {twoStages, func(s *scene) {
			s.act(checks.ActAccept, "dave", because("x"), func(a *checks.Act) { a.Evidence = "e0e0" })
		},
			"dave's acceptance of the evidence does not count: it was about other evidence than is there now. Look at what is there and accept it anew."},
		"an acceptance of something else": {twoStages, func(s *scene) { s.act(checks.ActAccept, "dave", withRole("release/checks"), because("x")) },
			"dave's acceptance of the evidence does not count: of a release nothing can be overridden but exceptions in the evidence: release/evidence."},
		"an acceptance that ended": {twoStages, func(s *scene) {
			s.act(checks.ActAccept, "dave", because("x"), func(a *checks.Act) { a.Evidence = s.r.Evidence.Digest }).wait(2 * week)
		}, "dave's acceptance of the evidence does not count: it ended on 2026-03-18 12:01 UTC."},
		"a role nobody asks for":  {twoStages, func(s *scene) { s.sign("bob", "on-call") }, "bob's sign-off as on-call does not count: nobody is asked to sign as on-call. The roles are qa, release-management and security."},
		"a sign-off without role": {twoStages, func(s *scene) { s.sign("bob", "") }, "bob's sign-off does not count: it names no role. Write it with one, such as \"/sign-off qa\"."},
		"a stage that is none":    {twoStages, func(s *scene) { s.press("bob", "Testing") }, "bob's sign-off does not count: there is no stage Testing. The stages are Development and Production."},
		"a role of another stage": {twoStages, func(s *scene) {
			s.act(checks.ActSign, "bob", withRole("qa"), func(a *checks.Act) { a.Stage = "production" })
		}, "bob's sign-off as qa does not count: nobody is asked to sign as qa. The roles are release-management and security."},
		"a failure before the release": {twoStages, func(s *scene) { s.act(checks.ActFail, "carol", because("x")) }, "carol's word that it failed does not count: this candidate is not released."},
		"a roll-back before it":        {twoStages, func(s *scene) { s.act(checks.ActRollBack, "carol", because("x")) }, "carol's roll-back does not count: this candidate is not released."},
		"a roll-back by a stranger":    {twoStages, func(s *scene) { s.released().act(checks.ActRollBack, "mallory", because("x")) }, "mallory's roll-back does not count: mallory is not in @acme/sec."},
		"a roll-back without reason":   {twoStages, func(s *scene) { s.released().act(checks.ActRollBack, "carol") }, "carol's roll-back does not count: a reason is required."},
		"an invalid policy": {twoStages, func(s *scene) {
			s.signed().act(checks.ActPromote, "carol")
			s.p.Problems = []checks.Problem{{Message: "It is wrong."}}
		},
			"carol's request to promote does not count: the policy has mistakes, so nothing is done by it."},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, c.text)
			c.do(s)
			before := s.r.Memory.Promoted
			v := s.judge()
			if !strings.Contains(refusals(v), c.want) {
				t.Fatalf("no refusal says\n%s\nbut\n%s", c.want, shownAll(v))
			}
			if v.Promote != nil && v.Digest != before {
				t.Errorf("it is promoted all the same by %v", v.Promote.By)
			}
		})
	}
}
