package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

const releaseRoles = "version: 1\nroles: {qa: {team: acme/qa}, release-management: {team: acme/rm}, security: {team: acme/infosec}, on-call: {users: [olga]}}\n"

const releaseUsual = releaseRoles + `release:
  tags: [v*]
  stages:
    - {name: development, sign_offs: [{role: qa}]}
    - {name: production, sign_offs: [{role: release-management}, {role: security}], environment: production}
`

func TestWhatAReleaseNeedsIsReadWithItsDefaults(t *testing.T) {
	p := config.Policy([]checks.Source{repoFile(releaseUsual)}, config.Defaults{})
	r := p.Release
	if p.Invalid() || r == nil || p.FloorRelease != nil || r.Observe {
		t.Fatalf("%+v, %v", r, p.Problems)
	}
	if len(r.Tags) != 1 || len(r.Stages) != 2 || r.Stages[1].SignOffs[1].Role != "security" || r.Stages[1].Environment != "production" ||
		time.Duration(r.Valid) != 14*24*time.Hour || !r.BranchRules || !r.Publish || !r.Issue || r.Evidence.NoPullRequest != checks.EvidenceAccept ||
		r.Evidence.Overridden != checks.EvidenceShow || r.Emergency.Role != "" {
		t.Errorf("the defaults are %+v", r)
	}
	p = config.Policy([]checks.Source{repoFile(releaseUsual + `  separation: strict
  valid: 2d
  branch_rules: false
  promote: approved
  evidence: {bypassed: block}
  artifacts: [{name: ghcr.io/acme/app, from: upload, workflow: image.yml}]
  freeze: [{name: Weekend, from: fri 16:00Z, until: mon 08:00Z, reason: Nobody is there}]
  emergency: {role: on-call, follow_up: 3d}
`)}, config.Defaults{})
	if r = p.Release; p.Invalid() || r.Separation != checks.SeparationStrict || time.Duration(r.Valid) != 48*time.Hour || r.BranchRules || r.Promote != checks.PromoteApproved ||
		r.Evidence.Bypassed != checks.EvidenceBlock || r.Evidence.Unknown != checks.EvidenceAccept || r.Artifacts[0].From != checks.FromUpload || len(r.Freeze) != 1 ||
		r.Emergency.Role != "on-call" || time.Duration(r.Emergency.FollowUp) != 72*time.Hour {
		t.Errorf("%+v, %v", r, p.Problems)
	}
	p = config.Policy([]checks.Source{repoFile(strings.Replace(releaseUsual, "environment: production}", "dispatch: {workflow: promote.yml, inputs: {tag: '{tag}', retries: 3}}}", 1))}, config.Defaults{})
	if d := cmp.Diff(map[string]string{"tag": "{tag}", "retries": "3"}, p.Release.Stages[1].Dispatch.Inputs); d != "" {
		t.Errorf("the inputs: %s", d)
	}
	if p := config.Policy([]checks.Source{repoFile("version: 1\n")}, config.Defaults{}); p.Release != nil || p.ReleaseDigest != "" {
		t.Error("without the section there are releases")
	}
}

func TestMistakesOfReleasesAreSaid(t *testing.T) {
	const stages = "  stages: [{name: p, sign_offs: [{role: qa}]}]\n"
	for section, want := range map[string]string{
		"release: {tag: [v*]}\n":          `3:11: Unknown key "tag". Did you mean "tags"?`,
		"release: yes\n":                  `3:10: "release" must be a mapping, not "yes".`,
		"release:\n":                      `"release" must be a mapping, not nothing.`,
		"release: {mode: obsrve}\n":       `3:17: "obsrve" is none of observe, enforce. Did you mean "observe"?`,
		"release:\n  tags: v*\n" + stages: `4:9: "tags" must be a list, not "v*". Write it in brackets: [v*]`,
		"release:\n  tags: [v*]\n  stages: [{name: p, sign_offs: [{role: qq}]}]\n":         `5:41: There is no role "qq". Did you mean "qa"?`,
		"release:\n  tags: [v*]\n  stages: [{name: p, signoffs: [{role: qa}]}]\n":          `5:22: Unknown key "signoffs". Did you mean "sign_offs"?`,
		"release:\n  tags: [v*]\n  separation: sctrict\n" + stages:                         `5:15: "sctrict" is none of tagger, strict. Did you mean "strict"?`,
		"release:\n  tags: [v*]\n  evidence: {bypassed: allow}\n" + stages:                 `5:24: "allow" is none of block, accept, show.`,
		"release:\n  tags: [v*]\n  emergency: {role: oncall}\n" + stages:                   `5:21: There is no role "oncall". Did you mean "on-call"?`,
		"release:\n  tags: [v*]\n  promoter: nobody\n" + stages:                            `5:13: There is no role "nobody".`,
		"release:\n  tags: [v*]\n  valid: 14\n" + stages:                                   "write 14m, or h for hours, d for days",
		"release:\n  tags: [v*]\n  artifacts: [{name: a, from: registry}]\n" + stages:      `5:31: "registry" is none of release, upload.`,
		"release:\n  stages: [{name: p, dispatch: {workflow: a.yml, inputs: [tag]}}]\n":    `4:58: "inputs" must be a mapping of names to texts, not a list.`,
		"release:\n  stages: [{name: p, dispatch: {workflow: a.yml, inputs: {a: [b]}}}]\n": `4:62: "a" must be text, not a list.`,
		"release:\n  stages: [{name: p, dispatch: {workflow: a.yml, inputs: {a: }}}]\n":    `"a" has no value.`,
		"release:\n  stages: [{name: p, escalate_to: boss}]\n":                             `4:35: There is no role "boss".`,
	} {
		var said []string
		for _, q := range config.Check(checks.PolicyPath, releaseRoles+section) {
			said = append(said, q.String())
		}
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("%s%s", section, strings.Join(said, "\n"))
		}
	}
}

// TestReleasesOfAnInvalidPolicyAreKnown so that they are refused, and not forgotten.
func TestReleasesOfAnInvalidPolicyAreKnown(t *testing.T) {
	p := config.Policy([]checks.Source{repoFile(releaseUsual + "reviews: {}\n")}, config.Defaults{})
	valid := config.Policy([]checks.Source{repoFile(releaseUsual)}, config.Defaults{})
	if !p.Invalid() || p.Release == nil || p.ReleaseDigest != valid.ReleaseDigest {
		t.Errorf("%v, %+v", p.Problems, p.Release)
	}
}

func TestAReleaseOnlyObservedIsSaidToBe(t *testing.T) {
	const observed = "  mode: observe\n"
	for _, c := range []struct {
		own, floor   string
		mine, theirs string // -, observe or enforce
	}{
		{releaseUsual + observed, "", "observe", "-"},
		{"mode: observe\n" + releaseUsual, "", "enforce", "-"}, // the policy observes
		{releaseUsual, releaseUsual, "enforce", "enforce"},
		{releaseUsual, releaseUsual + observed, "enforce", "-"},
		{releaseUsual + observed, releaseUsual, "-", "enforce"},
		{"mode: observe\n" + releaseUsual, releaseUsual, "-", "enforce"},
		{releaseUsual + observed, releaseUsual + observed, "observe", "observe"},
		{"version: 1\n", releaseUsual + observed, "-", "observe"},
		{"mode: observe\n" + releaseUsual, "version: 1\n", "observe", "-"},
	} {
		sources := []checks.Source{repoFile(c.own)}
		if c.floor != "" {
			sources = append(sources, floorFile(c.floor))
		}
		p := config.Policy(sources, config.Defaults{})
		if mine, theirs := howHeld(p.Release), howHeld(p.FloorRelease); mine != c.mine || theirs != c.theirs {
			t.Errorf("%s---\n%s\nthe repository's: %s, want %s; the floor's: %s, want %s", c.own, c.floor, mine, c.mine, theirs, c.theirs)
		}
	}
}

func howHeld(r *checks.ReleaseRules) string {
	switch {
	case r == nil:
		return "-"
	case r.Observe:
		return "observe"
	}
	return "enforce"
}

func TestAStageThatTooFewCouldSignIsWarnedOf(t *testing.T) {
	const text = `version: 1
roles:
  qa: {team: acme/qa}
  rm: {users: [Quinn]}
  gone: {team: acme/gone}
review: {sign_offs: [{role: qa}]}
release:
  tags: [v*]
  require: [biuld]
  stages:
    - {name: development, sign_offs: [{role: qa}], require: [build, e2e]}
    - {name: production, sign_offs: [{role: qa}, {role: rm}]}
    - {name: after, sign_offs: [{role: gone}, {role: qa, count: 2}]}
`
	pull := checks.Pull{
		Teams:  map[string]checks.Team{"acme/qa": {Name: "acme/qa", Found: true, Members: []string{"quinn"}}, "acme/gone": {Name: "acme/gone"}},
		People: map[string]checks.Person{"quinn": {Login: "quinn", Permission: "write"}},
	}
	found, wants := config.Foresee(checks.PolicyPath, text, pull, []string{"build"})
	var said []string
	for _, q := range found {
		said = append(said, strings.TrimPrefix(q.String(), ".github/handrail.yml:"))
	}
	want := []string{
		`5:16: warning: The team "acme/gone" is not there, or this App cannot see its members, so that nobody can sign by it. Is it misspelt? The App needs the permission to read members.`,
		`9:13: warning: No check or commit status "biuld" has been seen in this repository. Did you mean "build"?`,
		`11:69: warning: No check or commit status "e2e" has been seen in this repository.`,
		`12:37: warning: The stage "production" can never be signed: it takes 2 different people, and its roles are held by 1. Ask for fewer, or let more people hold the roles.`,
		`13:65: warning: 2 approvals can never be given: only 1 may sign as "qa". Ask for fewer, or let more people hold the role.`,
	}
	if d := cmp.Diff(want, said); d != "" || !wants.None() {
		t.Errorf("it wants %+v\n%s", wants, d)
	}
}
