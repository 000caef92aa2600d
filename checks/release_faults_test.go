package checks_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

func TestMistakesInTheSectionReleaseAreFound(t *testing.T) {
	const stages = "stages: [{name: P, sign_offs: [{role: qa}]}]"
	for name, c := range map[string]struct {
		release string
		want    string // key: what it says; "" for no mistake
	}{
		"a plain one":                   {"{tags: [v*], " + stages + "}", ""},
		"no tags":                       {"{" + stages + "}", "release.tags: It names no tag"},
		"every tag":                     {"{tags: ['**'], " + stages + "}", "release.tags: warning: Every tag matches"},
		"no stages":                     {"{tags: [v*]}", "release.stages: It names no stage"},
		"a stage without a name":        {"{tags: [v*], stages: [{sign_offs: [{role: qa}]}]}", "release.stages.0.name: A stage needs a name."},
		"a stage of marks alone":        {"{tags: [v*], stages: [{name: '!?', sign_offs: [{role: qa}]}]}", "release.stages.0.name: A stage needs a name."},
		"two stages of a name":          {"{tags: [v*], stages: [{name: To Prod, sign_offs: [{role: qa}]}, {name: to-prod, sign_offs: [{role: qa}]}]}", `release.stages.1.name: "to-prod" is also the name of stage number 1.`},
		"a stage named like a result":   {"{tags: [v*], stages: [{name: Evidence, sign_offs: [{role: qa}]}]}", `release.stages.0.name: "Evidence" is the name of something that handrail itself judges of a release.`},
		"a stage that nobody signs":     {"{tags: [v*], stages: [{name: P}]}", "release.stages.0.sign_offs: A stage that nobody signs is none"},
		"a sign-off without a role":     {"{tags: [v*], stages: [{name: P, sign_offs: [{count: 2}]}]}", "release.stages.0.sign_offs.0: A sign-off needs a role."},
		"a role twice in a stage":       {"{tags: [v*], stages: [{name: P, sign_offs: [{role: qa}, {role: qa}]}]}", "release.stages.0.sign_offs.1.role: The role qa signs this stage already"},
		"a role named like a part":      {"{tags: [v*], stages: [{name: P, sign_offs: [{role: scan}]}]}", `release.stages.0.sign_offs.0.role: "scan" means something else`},
		"a role named like a rejection": {"{tags: [v*], stages: [{name: P, sign_offs: [{role: rejection}]}]}", `release.stages.0.sign_offs.0.role: "rejection" means something else`},
		"a number below zero":           {"{tags: [v*], stages: [{name: P, sign_offs: [{role: qa, count: -1}]}]}", "release.stages.0.sign_offs.0.count: "},
		"more than there are":           {"{tags: [v*], stages: [{name: P, sign_offs: [{role: pair, count: 3}]}]}", "release.stages.0.sign_offs.0.count: 3 approvals can never be met: the role pair has only 2 users."},
		"one person for two roles":      {"{tags: [v*], stages: [{name: P, sign_offs: [{role: one}, {role: scapegoat}]}]}", "release.stages.0.sign_offs: This stage can never be signed: one person signs for one role of it, and for all of them there is only bob."},
		"two people for three":          {"{tags: [v*], stages: [{name: P, sign_offs: [{role: pair, count: 2}, {role: one}]}]}", "release.stages.0.sign_offs: This stage can never be signed"},
		"two people for two":            {"{tags: [v*], stages: [{name: P, sign_offs: [{role: pair}, {role: one}]}]}", ""},
		"valid for no time":             {"{tags: [v*], valid: 0d, " + stages + "}", "release.valid: "},
		"a part of a SHA":               {"{tags: [v*], baseline: 1a2b3c4d, " + stages + "}", `release.baseline: "1a2b3c4d" looks like a part of a commit's SHA`},
		"a SHA in capitals":             {"{tags: [v*], baseline: " + strings.Repeat("AB12", 10) + ", " + stages + "}", "looks like a part of a commit's SHA"},
		"a whole SHA":                   {"{tags: [v*], baseline: " + strings.Repeat("ab12", 10) + ", " + stages + "}", ""},
		"a tag for a baseline":          {"{tags: [v*], baseline: v0.9.0, " + stages + "}", ""},
		"a tag of digits":               {"{tags: [v*], baseline: '20260101', " + stages + "}", ""},
		"a tag that cannot be":          {"{tags: [v*], baseline: 'v1..2', " + stages + "}", `release.baseline: "v1..2" is neither a commit's full SHA nor the name of a tag.`},
		"a tag with a blank":            {"{tags: [v*], baseline: 'v1 2', " + stages + "}", "is neither a commit's full SHA"},
		"a tag that ends in lock":       {"{tags: [v*], baseline: 'v1.lock', " + stages + "}", "is neither a commit's full SHA"},
		"our own check":                 {"{tags: [v*], require: [Release Requirements], " + stages + "}", "release.require.0: \"Release Requirements\" is handrail's own check, which would wait for itself."},
		"a stage's own check":           {"{tags: [v*], stages: [{name: P, require: ['handrail/release/p'], sign_offs: [{role: qa}]}]}", "release.stages.0.require.0: \"handrail/release/p\" is handrail's own check"},
		"no branch rules and no checks": {"{tags: [v*], branch_rules: false, " + stages + "}", ""},
		"a freeze without a reason":     {"{tags: [v*], freeze: [{name: F, from: 2026-03-04T00:00:00Z, until: 2026-03-05T00:00:00Z}], " + stages + "}", "release.freeze.0: A freeze needs a reason."},
		"a freeze backwards":            {"{tags: [v*], freeze: [{name: F, from: 2026-03-05T00:00:00Z, until: 2026-03-04T00:00:00Z, reason: r}], " + stages + "}", "release.freeze.0.until: The freeze ends"},
		"a freeze of branches":          {"{tags: [v*], freeze: [{name: F, from: 2026-03-04T00:00:00Z, until: 2026-03-05T00:00:00Z, reason: r, branches: [main]}], " + stages + "}", "release.freeze.0.branches: warning: A release is of no branch"},
		"a freeze of files":             {"{tags: [v*], freeze: [{name: F, from: 2026-03-04T00:00:00Z, until: 2026-03-05T00:00:00Z, reason: r, files: ['**']}], " + stages + "}", "release.freeze.0.files: warning: A release is frozen whatever files"},
		"an artifact without a name":    {"{tags: [v*], artifacts: [{from: upload}], " + stages + "}", "release.artifacts.0: An artifact needs a name."},
		"an artifact of no glob":        {"{tags: [v*], artifacts: [{name: 'a[', from: upload}], " + stages + "}", `release.artifacts.0.name: "a[" is not a valid glob.`},
		"an artifact twice":             {"{tags: [v*], artifacts: [{name: a}, {name: a, from: release}], " + stages + "}", `release.artifacts.1.name: "a" is listed twice.`},
		"an image as a file":            {"{tags: [v*], artifacts: [{name: ghcr.io/acme/app}], " + stages + "}", "release.artifacts.0.from: No file of a release has a slash in its name"},
		"a workflow of files":           {"{tags: [v*], artifacts: [{name: a, workflow: .github/workflows/a.yml}], " + stages + "}", "release.artifacts.0.workflow: warning: "},
		"a workflow that is none":       {"{tags: [v*], artifacts: [{name: a, from: upload, workflow: build}], " + stages + "}", `release.artifacts.0.workflow: "build" is no workflow`},
		"attested nothing":              {"{tags: [v*], stages: [{name: P, attested: true, sign_offs: [{role: qa}]}]}", "release.stages.0.attested: There is no artifact that could be attested"},
		"scanned nothing":               {"{tags: [v*], stages: [{name: P, scan: high, sign_offs: [{role: qa}]}]}", "release.stages.0.scan: There is no artifact that could be scanned"},
		"scanned for anything":          {"{tags: [v*], artifacts: [{name: a}], stages: [{name: P, scan: none, sign_offs: [{role: qa}]}]}", "release.stages.0.scan: warning: Every finding reaches none"},
		"scanned for nothing":           {"{tags: [v*], artifacts: [{name: a}], stages: [{name: P, scan: off, sign_offs: [{role: qa}]}]}", ""},
		"a workflow by its path":        {"{tags: [v*], stages: [{name: P, dispatch: {workflow: .github/workflows/p.yml}, sign_offs: [{role: qa}]}]}", `release.stages.0.dispatch.workflow: ".github/workflows/p.yml" is no workflow: write the name of its file`},
		"a workflow by its title":       {"{tags: [v*], stages: [{name: P, dispatch: {workflow: Promote}, sign_offs: [{role: qa}]}]}", `release.stages.0.dispatch.workflow: "Promote" is no workflow`},
		"inputs of no workflow":         {"{tags: [v*], stages: [{name: P, dispatch: {inputs: {a: b}}, sign_offs: [{role: qa}]}]}", "release.stages.0.dispatch: It names no workflow"},
		"an input that is nothing":      {"{tags: [v*], stages: [{name: P, dispatch: {workflow: p.yml, inputs: {a: '{version}'}}, sign_offs: [{role: qa}]}]}", "release.stages.0.dispatch.inputs.a: {version} is nothing that is filled in"},
		"a digest of nothing":           {"{tags: [v*], stages: [{name: P, dispatch: {workflow: p.yml, inputs: {a: '{digest:app}'}}, sign_offs: [{role: qa}]}]}", `release.stages.0.dispatch.inputs.a: There is no artifact "app"`},
		"a digest of a file":            {"{tags: [v*], artifacts: [{name: 'app_*.tgz'}], stages: [{name: P, dispatch: {workflow: p.yml, inputs: {a: 'x {digest:app_1.tgz} {tag}'}}, sign_offs: [{role: qa}]}]}", ""},
		"told before reminded":          {"{tags: [v*], stages: [{name: P, escalate: 2h, escalate_to: qa, sign_offs: [{role: qa}]}]}", "release.stages.0.escalate: The role qa would be told after 2 hours, before those who are waited for are reminded, after 24 hours."},
		"nobody is told":                {"{tags: [v*], stages: [{name: P, escalate: 96h, sign_offs: [{role: qa}]}]}", "release.stages.0.escalate_to: warning: It names no role"},
		"one environment twice":         {"{tags: [v*], stages: [{name: P, environment: prod, sign_offs: [{role: qa}]}, {name: Q, environment: PROD, sign_offs: [{role: qa}]}]}", "release.stages.1.environment: warning: The stage P has the same environment"},
		"an emergency of nobody":        {"{tags: [v*], emergency: {follow_up_role: qa}, " + stages + "}", "release.emergency.role: warning: It names no role"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "version: 1\nroles: {qa: {team: acme/qa}, pair: {users: [bob, carol]}, one: {users: [bob]}, scapegoat: {users: [Bob]}, scan: {team: acme/qa}, rejection: {team: acme/qa}}\nrelease: " + c.release + "\n"
			var got []string
			for _, q := range config.Policy([]checks.Source{{Path: checks.PolicyPath, Text: text}}, config.Defaults{}).Problems {
				if !strings.HasPrefix(q.Key, "release") {
					continue
				}
				line := q.Key + ": " + q.Message
				if q.Warning {
					line = q.Key + ": warning: " + q.Message
				}
				got = append(got, line)
			}
			if all := strings.Join(got, "\n"); c.want == "" && all != "" || !strings.Contains(all, c.want) {
				t.Fatalf("want %q, found\n%s", c.want, all)
			}
		})
	}
}

// both is a policy of a repository and of the floor.
func both(t interface{ Fatalf(string, ...any) }, own, floor string) checks.Policy {
	p := config.Policy([]checks.Source{
		{Repo: "acme/shop", Path: checks.PolicyPath, Text: own},
		{Repo: "acme/.github", Path: checks.FloorPath, Text: floor, Floor: true},
	}, config.Defaults{})
	if p.Invalid() {
		t.Fatalf("policy is invalid: %v", p.Problems)
	}
	return p
}

func TestTheRulesOfARepositoryHoldUnderTheFloors(t *testing.T) {
	own := releaseRoles + `release:
  tags: ["v*"]
  stages:
    - {name: Early, sign_offs: [{role: qa}]}
    - {name: Production, environment: production, remind: 1h, sign_offs: [{role: qa}, {role: security, count: 2}]}
    - {name: Last, sign_offs: [{role: qa}]}
  freeze: [{name: A, from: 2026-03-04T00:00:00Z, until: 2026-03-05T00:00:00Z, reason: r}]
`
	floor := releaseRoles + `release:
  tags: ["v*", "r*"]
  separation: strict
  valid: 3d
  baseline: v0.1.0
  promoter: security
  evidence: {overridden: accept, bypassed: block}
  stages:
    - {name: Review, sign_offs: [{role: security}]}
    - {name: production, attested: true, scan: low, require: [e2e], sign_offs: [{role: security}, {role: release-management}]}
  freeze: [{name: B, from: 2026-03-04T00:00:00Z, until: 2026-03-05T00:00:00Z, reason: r}]
  artifacts: [{name: app}]
  emergency: {role: on-call, follow_up: 2d}
`
	p := both(t, own, floor)
	r := p.ReleaseRules()
	var stages []string
	for _, s := range r.Stages {
		text := s.Name
		for _, so := range s.SignOffs {
			text += " " + string(so.Role) + strings.Repeat("+", so.Count)
		}
		stages = append(stages, text)
	}
	want := []string{"Review security", "Early qa", "Production qa security++ release-management", "Last qa"}
	if diff := cmp.Diff(want, stages); diff != "" {
		t.Errorf("stages:\n%s", diff)
	}
	prod := r.Stages[2]
	if !prod.Attested || prod.Scan != checks.SeverityLow || len(prod.Require) != 1 || prod.Environment != "production" || prod.Remind == 0 {
		t.Errorf("production is %+v", prod)
	}
	if r.Separation != checks.SeparationStrict || r.Valid != checks.Duration(3*24*3600e9) || r.Baseline != "v0.1.0" || r.Promoter != "security" || len(r.Freeze) != 2 || len(r.Artifacts) != 1 || len(r.Tags) != 2 {
		t.Errorf("the rules are %+v", r)
	}
	if e := r.Evidence; e.Overridden != checks.EvidenceAccept || e.Bypassed != checks.EvidenceBlock || e.Unknown != checks.EvidenceAccept {
		t.Errorf("evidence is %+v", e)
	}
	if r.Emergency.Role != "on-call" || r.Emergency.FollowUp != checks.Duration(2*24*3600e9) {
		t.Errorf("an emergency is %+v", r.Emergency)
	}
	if !p.IsRelease("r1") || !p.IsRelease("v1") || p.IsRelease("x1") || p.IsRelease("") || (checks.Policy{}).IsRelease("v1") {
		t.Error("which tags are releases")
	}
}

func TestEitherTextAloneHolds(t *testing.T) {
	floor := checks.NewReleaseRules()
	if got := (*checks.ReleaseRules)(nil).Under(floor); got != floor {
		t.Error("the floor alone")
	}
	if got := floor.Under(nil); got != floor {
		t.Error("the repository alone")
	}
	if (*checks.ReleaseRules)(nil).Under(nil) != nil {
		t.Error("neither")
	}
}

func TestARoleOfBothTextsIsHeldByBoth(t *testing.T) {
	floor := strings.Replace(twoStages, "qa: {team: acme/qa, say: [\"QA +1\"]}", "qa: {team: acme/qa, say: [\"QA +1\"], permission: write}", 1)
	own := strings.Replace(twoStages, "qa: {team: acme/qa, say: [\"QA +1\"]}", "qa: {team: acme/qa, permission: maintain, say: [\"QA +1\"]}", 1)
	s := newScene(t, twoStages)
	s.p = both(t, own, floor)
	s.see().sign("bob", "qa")
	if v := s.judge(); !strings.Contains(refusals(v), "bob has write access, maintain is needed") {
		t.Fatal(shownAll(v))
	}
	s.r.People["bob"] = checks.Person{Login: "bob", Permission: "admin"}
	wantPhase(t, s.judge(), checks.PhaseSigning)
}

func TestWhatTheTwoTextsCannotBothAskForPromotesNothing(t *testing.T) {
	for name, change := range map[string]func(own, floor *checks.ReleaseRules){
		"promoter":    func(own, floor *checks.ReleaseRules) { own.Promoter, floor.Promoter = "qa", "security" },
		"baseline":    func(own, floor *checks.ReleaseRules) { own.Baseline, floor.Baseline = "v1", "v2" },
		"acceptor":    func(own, floor *checks.ReleaseRules) { own.Evidence.Role, floor.Evidence.Role = "qa", "security" },
		"environment": func(own, floor *checks.ReleaseRules) { floor.Stages[0].Environment = "other" },
		"workflow": func(own, floor *checks.ReleaseRules) {
			own.Stages[0].Dispatch.Workflow, floor.Stages[0].Dispatch.Workflow = "a.yml", "b.yml"
		},
	} {
		s := newScene(t, twoStages)
		s.p = both(t, twoStages, twoStages)
		if v := s.see().signed().act(checks.ActPromote, "carol").judge(); v.Promote == nil {
			t.Fatalf("it is not promoted where both say the same:\n%s", shownAll(v))
		}
		s.r.Memory.Promoted = ""
		change(s.p.Release, s.p.FloorRelease)
		if v := checks.JudgeRelease(s.p, s.r); v.Promote != nil || !v.Invalid || v.State.Passes() {
			t.Errorf("%s: promoted all the same", name)
		}
	}
	s := newScene(t, twoStages)
	s.p = both(t, twoStages, strings.Replace(twoStages, "  emergency: {role: on-call, follow_up: 7d}\n", "  emergency: {role: on-call}\n", 1))
	s.p.Release.Emergency.Role = "qa"
	if v := s.see().act(checks.ActEmergency, "bob", because("down")).judge(); v.Promote != nil {
		t.Error("an emergency of two different roles")
	}
}
