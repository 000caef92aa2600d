package checks_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
)

// image is an artifact that the policy imagePolicy names.
var image = checks.ReleaseArtifact{Name: "ghcr.io/acme/app", Rule: "ghcr.io/acme/app", From: "upload", Digest: "sha256:aa", AttestedRead: true, Attested: []string{".github/workflows/image.yml"}, ScannedRead: true, Scanned: map[string]int{"low": 3}}

const imagePolicy = twoStages + "  artifacts: [{name: ghcr.io/acme/app, from: upload}, {name: 'app*.tar.gz'}]\n"

func demanding(keys string) string {
	return strings.Replace(imagePolicy, "environment: production,", "environment: production, "+keys+",", 1)
}

// What each result comes to, and says.
func TestWhatAReleaseLacksIsSaid(t *testing.T) {
	artifacts := func(s *scene) {
		s.r.Artifacts = []checks.ReleaseArtifact{image, {Name: "app.tar.gz", Rule: "app*.tar.gz", From: "release", Digest: "sha256:bb", AttestedRead: true, Attested: []string{"x"}}}
	}
	with := func(do ...func(*scene)) func(*scene) {
		return func(s *scene) {
			artifacts(s)
			for _, f := range do {
				f(s)
			}
			s.see().signed()
		}
	}
	run := func(status, conclusion string, change ...func(*checks.Dispatched)) func(*scene) {
		return func(s *scene) {
			artifacts(s)
			s.see().signed()
			d := checks.Dispatched{Stage: "Production", Candidate: s.digest(), Workflow: "promote.yml", At: s.r.At, Status: status, Conclusion: conclusion}
			for _, c := range change {
				c(&d)
			}
			s.r.Dispatched = append(s.r.Dispatched, d)
		}
	}
	odd := func(state checks.EvidenceState) func(*scene) {
		return func(s *scene) { s.r.Evidence.Counts[state] = 2 }
	}
	for name, c := range map[string]struct {
		text  string
		do    func(*scene)
		id    string
		state checks.State
		want  string
	}{
		"the tag":                  {twoStages, func(*scene) {}, "release/tag", checks.Met, "It is at cccc000, put there by tess."},
		"a tag of a tree":          {twoStages, func(s *scene) { s.r.Tag.Commit = "" }, "release/tag", checks.Unmet, "The tag is of no commit"},
		"a tag that was not read":  {twoStages, func(s *scene) { s.r.Tag.OID = "" }, "release/tag", checks.Unmet, "could not be read"},
		"nobody put it there":      {twoStages, func(s *scene) { s.r.Tag.Pusher = checks.Actor{} }, "release/tag", checks.Unmet, "handrail has not heard who put the tag there"},
		"nobody, which is allowed": {twoStages + "  unattributed: allow\n", func(s *scene) { s.r.Tag.Pusher = checks.Actor{} }, "release/tag", checks.Met, "put there by somebody unknown"},
		"an out nobody can place":  {twoStages, func(s *scene) { s.r.Outs = []checks.Out{{Tag: "v9", Commit: "d"}} }, "release/tag", checks.Unmet, "it is not known whether v9, which is out, contains this commit"},
		"an out at the same commit": {twoStages, func(s *scene) {
			s.r.Outs = []checks.Out{{Tag: "v1.2.0-rc1", Commit: s.r.Tag.Commit, Contains: true, Known: true}}
		}, "release/tag", checks.Met, ""},
		"an older one out": {twoStages, func(s *scene) { s.r.Outs = []checks.Out{{Tag: "v1.1.0", Commit: "b", Known: true}} }, "release/tag", checks.Met, ""},

		"all on record":       {twoStages, func(*scene) {}, "release/evidence", checks.Met, "All that it brings is on record: 3 commits."},
		"not gathered":        {twoStages, func(s *scene) { s.r.Evidence.Done, s.r.Evidence.Total, s.r.Evidence.Gathered = false, 5000, 1200 }, "release/evidence", checks.Waiting, "What it brings is not gathered yet."},
		"not all gathered":    {twoStages, func(s *scene) { s.r.Evidence.Total = 4 }, "release/evidence", checks.Waiting, ""},
		"without its digest":  {twoStages, func(s *scene) { s.r.Evidence.Digest = "" }, "release/evidence", checks.Waiting, ""},
		"of another commit":   {twoStages, func(s *scene) { s.r.Evidence.Head = "c9" }, "release/evidence", checks.Waiting, ""},
		"broken":              {twoStages, func(s *scene) { s.r.Evidence.Broken = "the baseline v0.9.0 is no tag" }, "release/evidence", checks.Unmet, "Cannot be met: the baseline v0.9.0 is no tag."},
		"overridden is shown": {twoStages, odd(checks.EvidenceOverridden), "release/evidence", checks.Met, ""},
		"bypassed is to be accepted": {twoStages, odd(checks.EvidenceBypassed), "release/evidence", checks.Waiting,
			"It brings 2 changes that bypassed their requirements: somebody of @acme/rm or @acme/sec has to accept that, by a comment with the line \"/override release/evidence REASON\"."},
		"the unknown is to be accepted": {twoStages, odd(checks.EvidenceUnknown), "release/evidence", checks.Waiting, "2 changes with nothing on record"},
		"no pull request":               {twoStages, odd(checks.EvidenceNoPull), "release/evidence", checks.Waiting, "2 commits without a pull request"},
		"no pull request blocks":        {twoStages + "  evidence: {no_pull_request: block}\n", odd(checks.EvidenceNoPull), "release/evidence", checks.Unmet, "It brings 2 commits without a pull request, which the policy lets nobody release."},
		"what is no state blocks":       {twoStages, odd("magic"), "release/evidence", checks.Unmet, "what is magic"},
		"a number below zero blocks":    {twoStages, func(s *scene) { s.r.Evidence.Counts[checks.EvidenceNoPull] = -1 }, "release/evidence", checks.Waiting, ""},
		"accepted": {twoStages, func(s *scene) {
			s.r.Evidence.Counts[checks.EvidenceNoPull] = 1
			s.act(checks.ActAccept, "dave", because("a typo."), func(a *checks.Act) { a.Evidence = s.r.Evidence.Digest })
		}, "release/evidence", checks.Overridden, "It brings 1 commit without a pull request, accepted by dave: a typo."},
		"accepted, and taken back": {twoStages, func(s *scene) {
			s.r.Evidence.Counts[checks.EvidenceNoPull] = 1
			s.act(checks.ActAccept, "dave", because("a typo"), func(a *checks.Act) { a.Evidence = s.r.Evidence.Digest }).act(checks.ActRevoke, "dave", withRole("release/evidence"), because("more"))
		}, "release/evidence", checks.Waiting, ""},
		"accepted, which cannot be": {twoStages + "  evidence: {no_pull_request: block}\n", func(s *scene) {
			s.r.Evidence.Counts[checks.EvidenceNoPull] = 1
			s.act(checks.ActAccept, "dave", because("a typo"), func(a *checks.Act) { a.Evidence = s.r.Evidence.Digest })
		}, "release/evidence", checks.Unmet, ""},

		"no checks":          {twoStages, func(*scene) {}, "release/checks", checks.Exempt, "No checks are required of the tag's commit."},
		"a check that is at": {twoStages + "  require: [build]\n", func(*scene) {}, "release/checks", checks.Waiting, "build has not finished."},
		"a check of the branch": {twoStages, func(s *scene) {
			s.r.BranchRequires = []checks.Required{{Name: "build"}, {Name: checks.RunMerge, AppID: 77}}
			s.r.Runs = []checks.Run{{DatabaseID: 1, Name: "build", AppID: 5, Status: "completed", Conclusion: "failure"}}
		}, "release/checks", checks.Unmet, "build has failed."},
		"our own check is none": {twoStages + "  require: [build]\n", func(s *scene) {
			s.r.Runs = []checks.Run{{DatabaseID: 1, Name: "build", AppID: 77, Status: "completed", Conclusion: "success"}}
		}, "release/checks", checks.Waiting, ""},

		"the artifacts":            {imagePolicy, with(), "release/artifacts", checks.Met, "Everything that the policy names is there."},
		"no image":                 {imagePolicy, with(func(s *scene) { s.r.Artifacts = s.r.Artifacts[1:] }), "release/artifacts", checks.Waiting, "The artifact ghcr.io/acme/app has not been uploaded by the tag's build."},
		"no file":                  {imagePolicy, with(func(s *scene) { s.r.Artifacts = s.r.Artifacts[:1] }), "release/artifacts", checks.Waiting, "The release has no file app*.tar.gz."},
		"a file in its place":      {imagePolicy, with(func(s *scene) { s.r.Artifacts[0].From = "release" }), "release/artifacts", checks.Waiting, "has not been uploaded"},
		"no digest":                {imagePolicy, with(func(s *scene) { s.r.Artifacts[1].Digest = "" }), "release/artifacts", checks.Waiting, "GitHub has no digest of app.tar.gz"},
		"a file not yet there":     {twoStages, func(s *scene) { s.r.Page.Assets[0].Ready = false }, "release/artifacts", checks.Waiting, "The file app.tar.gz is not uploaded yet."},
		"files cut":                {twoStages, func(s *scene) { s.r.Page.AssetsCut = true }, "release/artifacts", checks.Unmet, "more files than GitHub lists"},
		"drafts nobody sees":       {twoStages, func(s *scene) { s.r.Page = checks.ReleasePage{Hidden: true} }, "release/artifacts", checks.Unmet, "whoever owns the organisation grants it that, or the policy says publish: false"},
		"drafts that do not count": {twoStages + "  publish: false\n", func(s *scene) { s.r.Page = checks.ReleasePage{Hidden: true} }, "release/artifacts", checks.Exempt, ""},

		"attested":             {demanding("attested: true"), with(), "release/production/attested", checks.Met, ""},
		"not attested":         {demanding("attested: true"), with(func(s *scene) { s.r.Artifacts[0].Attested = nil }), "release/production/attested", checks.Waiting, "GitHub holds no attestation of this repository about ghcr.io/acme/app."},
		"attestations unasked": {demanding("attested: true"), with(func(s *scene) { s.r.Artifacts[0].AttestedRead = false }), "release/production/attested", checks.Unmet, "GitHub was not asked"},
		"attestations denied":  {demanding("attested: true"), with(func(s *scene) { s.r.Artifacts[0].AttestedDenied = true }), "release/production/attested", checks.Unmet, "the App needs the permission to read attestations"},
		"nothing to attest":    {demanding("attested: true"), func(s *scene) { s.signed() }, "release/production/attested", checks.Waiting, "There is no artifact yet that could be attested."},
		"scanned":              {demanding("scan: high"), with(), "release/production/scan", checks.Met, ""},
		"a finding":            {demanding("scan: high"), with(func(s *scene) { s.r.Artifacts[0].Scanned = map[string]int{"critical": 2, "low": 4} }), "release/production/scan", checks.Unmet, "Scans found what is rated high or worse in ghcr.io/acme/app (2)."},
		"a finding of no word": {demanding("scan: critical"), with(func(s *scene) { s.r.Artifacts[0].Scanned = map[string]int{"negligible?": 1} }), "release/production/scan", checks.Unmet, ""},
		"no scan":              {demanding("scan: high"), with(func(s *scene) { s.r.Artifacts[0].ScannedRead = false }), "release/production/scan", checks.Waiting, "The tag's build has not uploaded a scan of ghcr.io/acme/app."},
		"a check of the stage": {demanding("require: [e2e]"), with(), "release/production/checks", checks.Waiting, "e2e has not finished."},

		"a workflow to start":        {demanding("dispatch: {workflow: promote.yml}"), with(), "release/production/workflow", checks.Waiting, "promote.yml is started for this candidate."},
		"a workflow not yet":         {demanding("dispatch: {workflow: promote.yml}"), func(s *scene) { s.sign("bob", "qa") }, "release/production/workflow", checks.Waiting, "promote.yml is started once the rest of the stage is there."},
		"a workflow that runs":       {demanding("dispatch: {workflow: promote.yml}"), run("in_progress", ""), "release/production/workflow", checks.Waiting, "promote.yml has not finished."},
		"a workflow that is done":    {demanding("dispatch: {workflow: promote.yml}"), run("completed", "success"), "release/production/workflow", checks.Met, ""},
		"a workflow that failed":     {demanding("dispatch: {workflow: promote.yml}"), run("completed", "failure"), "release/production/workflow", checks.Unmet, "promote.yml has failed: re-run it."},
		"a workflow of another one":  {demanding("dispatch: {workflow: promote.yml}"), run("completed", "success", func(d *checks.Dispatched) { d.Candidate = strings.Repeat("0", 64) }), "release/production/workflow", checks.Waiting, "promote.yml is started for this candidate."},
		"another workflow":           {demanding("dispatch: {workflow: promote.yml}"), run("completed", "success", func(d *checks.Dispatched) { d.Workflow = "other.yml" }), "release/production/workflow", checks.Waiting, ""},
		"the stage with its run":     {demanding("dispatch: {workflow: promote.yml}"), run("completed", "success"), "release/production", checks.Met, "Signed by carol (release-management) and dave (security)."},
		"the stage without its run":  {demanding("dispatch: {workflow: promote.yml}"), run("in_progress", ""), "release/production", checks.Waiting, ""},
		"a stage before its turn":    {twoStages, func(s *scene) { s.sign("carol", "release-management").sign("dave", "security") }, "release/production", checks.Waiting, "Missing: Earlier stages."},
		"one of two":                 {strings.Replace(twoStages, "{role: qa}", "{role: qa, count: 2}", 1), func(s *scene) { s.sign("bob", "qa") }, "release/development/qa", checks.Waiting, "1 of 2 sign-offs as qa by @acme/qa."},
		"two of two":                 {strings.Replace(twoStages, "{role: qa}", "{role: qa, count: 2}", 1), func(s *scene) { s.sign("bob", "qa").sign("quinn", "qa") }, "release/development/qa", checks.Met, "Signed by bob and quinn."},
		"a role that was signed":     {twoStages, func(s *scene) { s.sign("bob", "qa") }, "release/development/qa", checks.Met, "Signed by bob."},
		"a role that lacks somebody": {twoStages, func(*scene) {}, "release/development/qa", checks.Waiting, "Needs a sign-off as qa by @acme/qa."},
		"a role nobody is left for": {twoStages, func(s *scene) {
			s.r.Teams["acme/qa"] = checks.Team{Name: "acme/qa", Found: true, Members: []string{"tess"}}
		}, "release/development/qa", checks.Unmet, "Nobody is left who may sign as qa: whoever has put the tag there, has signed for another role of the stage or has too little access signs nothing, and this is not relaxed; add somebody to the role."},
		"too few left":        {strings.Replace(twoStages, "{role: qa}", "{role: qa, count: 3}", 1), func(*scene) {}, "release/development/qa", checks.Unmet, "Only 2 of 3 persons needed are left who may sign as qa"},
		"a team that is gone": {twoStages, func(s *scene) { s.r.Teams["acme/qa"] = checks.Team{Name: "acme/qa"} }, "release/development/qa", checks.Unmet, "team acme/qa does not exist or cannot be seen"},
		"a rejected stage": {twoStages, func(s *scene) {
			s.act(checks.ActReject, "dave", func(a *checks.Act) { a.Stage, a.Via = "Production", checks.ByButton })
		}, "release/production/rejected", checks.Unmet, "dave has rejected it; the reason is owed: \"/reject REASON\" by dave."},
		"a reason given later": {twoStages, func(s *scene) {
			s.act(checks.ActReject, "dave", func(a *checks.Act) { a.Stage, a.Via = "Production", checks.ByButton }).act(checks.ActReject, "dave", because("it leaks"))
		}, "release/production/rejected", checks.Unmet, "dave has rejected it: it leaks."},
		"a rejected release": {twoStages, func(s *scene) { s.act(checks.ActReject, "dave", because("it leaks")) }, "release/rejected", checks.Unmet, "dave has rejected it: it leaks."},
		"a rejection edited away": {twoStages, func(s *scene) {
			s.act(checks.ActReject, "dave", because("it leaks"), func(a *checks.Act) { a.Edited = true })
		}, "release/rejected", checks.Unmet, ""},

		"a freeze that holds":       {twoStages + "  freeze: [{name: Spring, from: 2026-03-04T00:00:00Z, until: 2026-03-05T00:00:00Z, reason: The sale}]\n", func(*scene) {}, "release/freeze/spring", checks.Waiting, "Frozen until 2026-03-05 00:00 UTC: The sale. Nobody can let it through before."},
		"a freeze that is to come":  {twoStages + "  freeze: [{name: Spring, from: 2026-03-05T00:00:00Z, until: 2026-03-06T00:00:00Z, reason: The sale}]\n", func(*scene) {}, "release/freeze", checks.Met, "No freeze holds it up now."},
		"a freeze one gets through": {twoStages + "  freeze: [{name: Spring, from: 2026-03-04T00:00:00Z, until: 2026-03-05T00:00:00Z, reason: The sale, role: on-call}]\n", func(s *scene) { s.sign("olaf", "on-call") }, "release/freeze/spring", checks.Met, "Let through by olaf. Frozen until"},
		"let through before it":     {twoStages + "  freeze: [{name: Spring, from: 2026-03-04T12:30:00Z, until: 2026-03-05T00:00:00Z, reason: The sale, role: on-call}]\n", func(s *scene) { s.sign("olaf", "on-call").wait(time.Hour) }, "release/freeze/spring", checks.Waiting, ""},

		"yet to be promoted": {twoStages, func(s *scene) { s.signed() }, "release/promotion", checks.Waiting, "Everything is there; it is yet to be promoted, by @acme/qa, @acme/rm or @acme/sec."},
		"promoted":           {twoStages, func(s *scene) { s.signed().act(checks.ActPromote, "carol") }, "release/promotion", checks.Met, "carol has promoted it."},
		"promoted before the tag was moved": {twoStages, func(s *scene) { s.released().moved() }, "release/promotion", checks.Unmet,
			" was promoted on 2026-03-04 12:04 UTC, and is there no more."},
		"published by hand": {twoStages, func(s *scene) {
			s.r.Page = checks.ReleasePage{ID: 7, Author: person("ann"), Published: s.r.At}
		}, "release/published", checks.Unmet, "It was published on GitHub by hand, from the release that ann made, without what the policy asks for."},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, c.text)
			c.do(s)
			v := checks.JudgeRelease(s.p, s.r)
			if r := result(v, c.id); r.State != c.state || !strings.Contains(r.Summary, c.want) {
				t.Fatalf("%s is %s: %s\nwant %s: %s\n%s", c.id, r.State, r.Summary, c.state, c.want, shownAll(v))
			}
		})
	}
}

// Jobs are let into an environment on a full yes alone.
func TestWhenAJobMayDeploy(t *testing.T) {
	newer := func(s *scene) {
		s.wait(time.Minute)
		s.r.Outs = []checks.Out{{Tag: "v1.3.0", Commit: "dddd", At: s.r.At, Contains: true, Known: true}}
	}
	for name, c := range map[string]struct {
		do                  func(*scene)
		staging, production string
	}{
		"nobody has signed":            {func(*scene) {}, "", ""},
		"the first stage":              {func(s *scene) { s.sign("bob", "qa") }, "approved", ""},
		"the last stage alone":         {func(s *scene) { s.sign("carol", "release-management").sign("dave", "security") }, "", ""},
		"everybody, and no promotion":  {func(s *scene) { s.signed() }, "approved", ""},
		"promoted":                     {func(s *scene) { s.signed().act(checks.ActPromote, "carol") }, "approved", "approved"},
		"released":                     {func(s *scene) { s.released() }, "approved", "approved"},
		"released, and sign-offs end":  {func(s *scene) { s.released().wait(20 * 24 * time.Hour) }, "approved", "approved"},
		"released, and a member left":  {func(s *scene) { s.released(); s.r.Teams["acme/qa"] = checks.Team{} }, "approved", "approved"},
		"an emergency":                 {func(s *scene) { s.act(checks.ActEmergency, "olaf", because("down")) }, "approved", "approved"},
		"rejected":                     {func(s *scene) { s.sign("bob", "qa").act(checks.ActReject, "dave", because("no")) }, "rejected", "rejected"},
		"superseded":                   {func(s *scene) { s.sign("bob", "qa"); newer(s) }, "rejected", "rejected"},
		"released, then superseded":    {func(s *scene) { s.released(); newer(s) }, "rejected", "rejected"},
		"rolled back to":               {func(s *scene) { s.released(); newer(s); s.act(checks.ActRollBack, "carol", because("v1.3.0 is worse")) }, "approved", "approved"},
		"rolled back, then superseded": {func(s *scene) { s.released().act(checks.ActRollBack, "carol", because("again")); newer(s) }, "rejected", "rejected"},
		"failed":                       {func(s *scene) { s.released().act(checks.ActFail, "carol", because("it loses orders")) }, "rejected", "rejected"},
		"failed, then rolled back to": {func(s *scene) {
			s.released().act(checks.ActFail, "carol", because("x")).act(checks.ActRollBack, "carol", because("y"))
		}, "approved", "approved"},
		"a tag moved after it":    {func(s *scene) { s.released().moved() }, "rejected", "rejected"},
		"a deleted tag":           {func(s *scene) { s.r.Tag.Gone, s.r.Tag.OID, s.r.Tag.Commit = true, "", ""; s.see() }, "rejected", "rejected"},
		"the evidence is missing": {func(s *scene) { s.sign("bob", "qa"); s.r.Evidence.Done = false }, "", ""},
		"a check is red": {func(s *scene) {
			s.sign("bob", "qa")
			s.r.BranchRequires = []checks.Required{{Name: "build"}}
		}, "", ""},
		"files are missing":        {func(s *scene) { s.sign("bob", "qa"); s.r.Page.AssetsCut = true }, "", ""},
		"a tagger nobody knows":    {func(s *scene) { s.sign("bob", "qa"); s.r.Tag.Pusher = checks.Actor{} }, "", ""},
		"an unknown out":           {func(s *scene) { s.sign("bob", "qa"); s.r.Outs = []checks.Out{{Tag: "v9"}} }, "", ""},
		"a policy with mistakes":   {func(s *scene) { s.released(); s.p.Problems = []checks.Problem{{Message: "It is wrong."}} }, "", ""},
		"a policy nobody can read": {func(s *scene) { s.sign("bob", "qa"); s.p.ReleaseDigest = "" }, "", ""},
		"a policy that observes":   {func(s *scene) { s.p.Observe = true; s.signed().act(checks.ActPromote, "carol") }, "", ""},
		"a section that observes":  {func(s *scene) { s.p.Release.Observe = true; s.signed().act(checks.ActPromote, "carol") }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, twoStages)
			c.do(s)
			s.r.Gates = []checks.Gate{{RunID: 1, Environment: "PRODUCTION"}, {RunID: 2, Environment: "elsewhere"}}
			v := checks.JudgeRelease(s.p, s.r)
			for environment, want := range map[string]string{"staging": c.staging, "production": c.production, "PRODUCTION": c.production} {
				if got := v.Environments[environment]; got.State != want || got.Why == "" {
					t.Errorf("%s: %q (%s), want %q\n%s", environment, got.State, got.Why, want, shownAll(v))
				}
			}
			if got := v.Environments["elsewhere"].State; got == "approved" {
				t.Error("an environment is open that no stage is about")
			}
		})
	}
}

func TestNothingIsPromotedByAPolicyThatOnlyObserves(t *testing.T) {
	s := newScene(t, twoStages)
	s.p.Release.Observe = true
	s.signed().act(checks.ActPromote, "carol").act(checks.ActEmergency, "olaf", because("down"))
	v := checks.JudgeRelease(s.p, s.r)
	if wantPhase(t, v, checks.PhaseApproved); v.Promote != nil || !v.Observe {
		t.Fatalf("promoted by %v", v.Promote)
	}
}

func TestTheLastSignOffPromotesWhereThePolicySaysSo(t *testing.T) {
	s := newScene(t, twoStages+"  promote: approved\n").sign("bob", "qa").sign("carol", "release-management")
	if v := s.judge(); v.Promote != nil {
		t.Fatal("it is promoted with one sign-off missing")
	}
	v := s.sign("dave", "security").judge()
	if v.Promote == nil || v.Promote.By.By.Login != "dave" || v.Promote.By.Kind != checks.ActSign {
		t.Fatalf("not promoted by the last sign-off:\n%s", shownAll(v))
	}
}

func TestAnEmergencyIsFollowedUp(t *testing.T) {
	s := newScene(t, twoStages).act(checks.ActEmergency, "olaf", because("the shop is down"))
	v := s.judge()
	due := s.r.At.Add(week)
	if v.Promote == nil || !v.Promote.Emergency || !v.FollowUp.Equal(due) || v.State.Passes() {
		t.Fatalf("follow-up by %v, want %v\n%s", v.FollowUp, due, shownAll(v))
	}
	if v = s.wait(time.Minute).judge(); !v.Until.Equal(due) || v.FollowedUp != nil || v.Promote.By.By.Login != "olaf" {
		t.Fatalf("to be looked at on %v, want %v", v.Until, due)
	}
	s.wait(week)
	if r := result(s.judge(), "release/follow-up"); r.State != checks.Unmet || !strings.HasPrefix(r.Summary, "Nobody has followed it up by") {
		t.Fatalf("when it is overdue: %s %s", r.State, r.Summary)
	}
	v = s.act(checks.ActFollowUp, "bob", because("it was a bad disk")).judge()
	if v.FollowedUp == nil || v.FollowedUp.By.Login != "bob" || result(v, "release/follow-up").State != checks.Met {
		t.Fatalf("not followed up:\n%s", shownAll(v))
	}
	if v.State.Passes() {
		t.Error("an emergency looks approved")
	}
}

func TestWhatWasPublishedByHandIsFollowedUpAndNeverApproved(t *testing.T) {
	s := newScene(t, twoStages)
	s.r.Page.Draft, s.r.Page.Published, s.r.Page.Author = false, s.r.At, person("olaf")
	v := s.signed().act(checks.ActPromote, "carol").act(checks.ActFollowUp, "olaf", because("fine")).judge()
	if v.Promote != nil || v.State.Passes() || !v.FollowUp.Equal(releaseNoon.Add(week)) || v.FollowedUp != nil {
		t.Fatalf("follow-up by %v\n%s", v.FollowUp, shownAll(v))
	}
	if !strings.Contains(refusals(v), "olaf's follow-up does not count: olaf made the release, and somebody else has to look at it.") {
		t.Errorf("who made it follows it up:\n%s", refusals(v))
	}
	s.r.Tag.Named = person("bob")
	if v := s.act(checks.ActFollowUp, "bob", because("fine")).judge(); v.FollowedUp != nil || !strings.Contains(refusals(v), "bob's follow-up does not count: bob made the tag, and somebody else has to look at it.") {
		t.Errorf("who made the tag follows it up:\n%s", refusals(v))
	}
	s.r.Tag.Named = checks.Actor{}
	if v := s.act(checks.ActFollowUp, "bob", because("fine")).judge(); v.FollowedUp == nil || v.State.Passes() {
		t.Errorf("after the follow-up:\n%s", shownAll(v))
	}
	s = newScene(t, twoStages+"  publish: false\n")
	s.r.Page.Draft, s.r.Page.Published = false, s.r.At
	if v := s.signed().judge(); !v.State.Passes() || !v.FollowUp.IsZero() || !result(v, "release/published").Observed {
		t.Errorf("where handrail publishes nothing the page blocks:\n%s", shownAll(v))
	}
}

func TestRolesAreRemindedOfAndOthersTold(t *testing.T) {
	s := newScene(t, twoStages)
	keys := func() []string {
		var out []string
		for _, r := range checks.JudgeRelease(s.p, s.r).Reminders {
			out = append(out, r.Stage+" "+r.Key)
		}
		return out
	}
	short := s.digest()[:12]
	if v := s.wait(time.Minute).judge(); len(v.Reminders) > 0 || !v.Until.Equal(releaseNoon.Add(24*time.Hour)) {
		t.Fatalf("reminds at once of %v, until %v", v.Reminders, v.Until)
	}
	s.wait(24 * time.Hour)
	if diff := cmp.Diff([]string{"Development development/qa " + short + " remind"}, keys()); diff != "" {
		t.Fatalf("after a day:\n%s", diff)
	}
	s.r.Memory.Reminded = map[string]time.Time{"development/qa " + short + " remind": s.r.At}
	s.sign("bob", "qa")
	if got := keys(); got != nil {
		t.Fatalf("the next stage is reminded at once: %v", got)
	}
	s.wait(24 * time.Hour)
	if diff := cmp.Diff([]string{"Production production/release-management " + short + " remind", "Production production/security " + short + " remind"}, keys()); diff != "" {
		t.Fatalf("after another day:\n%s", diff)
	}
	s.r.Memory.Reminded["production/security "+short+" remind"] = s.r.At
	s.sign("carol", "release-management").wait(48 * time.Hour)
	if diff := cmp.Diff([]string{"Production production/security " + short + " escalate"}, keys()); diff != "" {
		t.Fatalf("after three:\n%s", diff)
	}
	for name, do := range map[string]func(*scene){
		"rejected": func(s *scene) { s.act(checks.ActReject, "bob", because("x")) }, "observed": func(s *scene) { s.p.Release.Observe = true },
		"gone": func(s *scene) { s.r.Tag.Gone = true }, "in an emergency": func(s *scene) { s.act(checks.ActEmergency, "olaf", because("x")) },
	} {
		s := newScene(t, twoStages).wait(100 * time.Hour)
		do(s)
		if v := s.judge(); len(v.Reminders) > 0 {
			t.Errorf("%s: reminds of %v", name, v.Reminders)
		}
	}
}

func TestAVerdictSaysWhenItChangesByItself(t *testing.T) {
	frozen := twoStages + "  freeze: [{name: Spring, from: 2026-03-05T00:00:00Z, until: 2026-03-05T06:00:00Z, reason: The sale}]\n"
	s := newScene(t, frozen).signed()
	if v := s.judge(); !v.Until.Equal(time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the freeze begins, until %v", v.Until)
	}
	s.wait(13 * time.Hour)
	if v := s.judge(); !v.Until.Equal(time.Date(2026, 3, 5, 6, 0, 0, 0, time.UTC)) {
		t.Errorf("the freeze ends, until %v", v.Until)
	}
	s = newScene(t, twoStages).signed()
	first := s.r.Acts[0].At.Add(2 * week)
	if v := s.judge(); !v.Until.Equal(first) {
		t.Errorf("the first sign-off ends, until %v, want %v", v.Until, first)
	}
	s.act(checks.ActSign, "bob", withRole("qa")) // holds longer
	if v := s.judge(); !v.Until.Equal(s.r.Acts[1].At.Add(2 * week)) {
		t.Errorf("the second ends, until %v", v.Until)
	}
}

func TestAButtonSignsWhicheverRoleSomebodyHolds(t *testing.T) {
	s := newScene(t, twoStages).press("bob", "Development").press("erin", "Production").press("carol", "Production")
	v := s.judge()
	wantPhase(t, v, checks.PhaseApproved)
	var who []string
	for _, st := range v.Stages {
		for _, one := range st.Signed {
			who = append(who, string(one.Role)+" "+one.By.Login+" "+one.Via)
		}
	}
	if diff := cmp.Diff([]string{"qa bob button", "release-management carol button", "security erin button"}, who); diff != "" {
		t.Fatal(diff)
	}
}

func TestABotSignsWhereThePolicyNamesIt(t *testing.T) {
	s := newScene(t, strings.Replace(twoStages, "qa: {team: acme/qa,", "qa: {team: acme/qa, users: ['ci[bot]'],", 1)).sign("ci[bot]", "qa")
	wantPhase(t, s.judge(), checks.PhaseSigning)
}

func TestTheOrderInWhichActsWereHeardDecidesOnlyWithinOneMoment(t *testing.T) {
	s := newScene(t, twoStages).sign("bob", "qa").act(checks.ActRevoke, "bob", withRole("qa"), because("oh"))
	s.r.Acts[0].Seq, s.r.Acts[1].Seq = s.r.Acts[1].Seq, s.r.Acts[0].Seq
	wantPhase(t, s.judge(), checks.PhaseCandidate)
	s.r.Acts[0].At = s.r.Acts[1].At
	wantPhase(t, s.judge(), checks.PhaseSigning)
	s.r.Acts[0].Seq, s.r.Acts[1].Seq = 0, 0
	wantPhase(t, s.judge(), checks.PhaseCandidate)
}

func TestAPolicyWithoutTheSectionPromotesNothing(t *testing.T) {
	s := newScene(t, twoStages).signed().act(checks.ActPromote, "carol")
	s.p.Release = nil
	if v := s.judge(); v.Promote != nil || v.State.Passes() || !v.Invalid {
		t.Fatal(shownAll(v))
	}
}

func TestTheZeroValuesBlock(t *testing.T) {
	v := checks.JudgeRelease(checks.Policy{}, checks.Release{})
	if v.Promote != nil || v.State.Passes() || v.Phase == checks.PhaseApproved {
		t.Fatalf("nothing at all is %s", shownAll(v))
	}
	v = checks.JudgeRelease(checks.Policy{ReleaseDigest: "x", Release: &checks.ReleaseRules{}}, checks.Release{})
	if v.Promote != nil || v.State.Passes() || v.Invalid {
		t.Fatalf("rules that say nothing are %s", shownAll(v))
	}
	full := newScene(t, twoStages).signed().act(checks.ActPromote, "carol")
	if full.judge().Promote == nil {
		t.Fatal("the whole release is not promoted")
	}
	for name, empty := range map[string]func(*scene){
		"tag": func(s *scene) { s.r.Tag = checks.Tag{} }, "evidence": func(s *scene) { s.r.Evidence = checks.ReleaseEvidence{} },
		"people": func(s *scene) { s.r.People = nil }, "teams": func(s *scene) { s.r.Teams = nil }, "acts": func(s *scene) { s.r.Acts = nil },
		"clock": func(s *scene) {
			s.r.At = time.Time{}
			s.p = policy(t, twoStages+"  freeze: [{name: F, from: 'mon 01:00Z', until: 'mon 02:00Z', reason: x}]\n")
		},
		"stages": func(s *scene) { r := *s.p.Release; r.Stages = nil; s.p.Release = &r }, "valid": func(s *scene) { r := *s.p.Release; r.Valid = 0; s.p.Release = &r },
		"sign-offs": func(s *scene) {
			r := *s.p.Release
			r.Stages = slices.Clone(r.Stages)
			r.Stages[1].SignOffs = nil
			s.p.Release = &r
		},
		"digest": func(s *scene) { s.p.ReleaseDigest = "" },
	} {
		s := newScene(t, twoStages).signed().act(checks.ActPromote, "carol")
		empty(s)
		if v := checks.JudgeRelease(s.p, s.r); v.Promote != nil || v.State.Passes() {
			t.Errorf("without its %s it is promoted:\n%s", name, shownAll(v))
		}
	}
}
