package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

const (
	ownRoles   = "version: 1\nroles: {qa: {team: acme/qa}, lead: {users: [carol]}}\n"
	floorRoles = "version: 1\nroles: {qa: {team: acme/qa}, lead: {users: [carol, dave]}}\n"
)

// weakening is a repository's text that sets one thing weaker than the floor's.
type weakening struct {
	name, floor, own string
	at, base         string // line:column of the repository's key, and of the floor's
	say              string
}

var weaker = []weakening{
	{"the file observes", "compliance: {wip: true}", "mode: observe", "3:1", "1:1", "enforces"},
	{"a section observes", "compliance: {mode: enforce, wip: true}", "compliance: {mode: observe, title: conventional}", "3:14", "3:14", `"compliance" only observes`},
	{"a control is off", "compliance: {wip: true}", "compliance: {title: conventional, wip: false}", "3:35", "3:14", `"wip" is switched off`},
	{"fewer people", "review: {sign_offs: [{role: qa, count: 2}]}", "review: {sign_offs: [{role: qa, count: 1}]}", "3:33", "3:33", `"count" is "1" here, which is weaker than "2"`},
	{"no people", "review: {sign_offs: [{role: qa, count: 2}]}", "review: {sign_offs: [{role: qa, count: 0}]}", "3:33", "3:33", `"count" is "0"`},
	{"another role", "review: {sign_offs: [{name: QA, role: qa}]}", "review: {sign_offs: [{name: qa, role: lead}]}", "3:33", "3:33", `"role" is "lead" here, and "qa"`},
	{"authors may sign", "review: {sign_offs: [{role: qa}]}", "review: {sign_offs: [{role: qa, self: true}]}", "3:33", "3:22", `"self" is "true" here, which is weaker than the default "false"`},
	{"it never ends", "review: {sign_offs: [{role: qa}]}", "review: {sign_offs: [{role: qa, stale: never}]}", "3:33", "3:22", `"stale" is "never" here, which is weaker than the default "content"`},
	{"it ends later", "review: {sign_offs: [{role: qa, stale: head}]}", "review: {sign_offs: [{role: qa, stale: content}]}", "3:33", "3:33", `"stale"`},
	{"requests do not reset", "review: {sign_offs: [{role: qa}]}", "review: {sign_offs: [{role: qa, rerequest_resets: false}]}", "3:33", "3:22", `"rerequest_resets" is "false" here, which is weaker than the default "true"`},
	{"anybody's commits", "review: {sign_offs: [{role: qa}]}", "review: {sign_offs: [{role: qa, unattributed: allow}]}", "3:33", "3:22", `"unattributed"`},
	{"less often", "review: {sign_offs: [{role: qa}]}", "review: {sign_offs: [{role: qa, when: {files: [a/**]}}]}", "3:33", "3:22", "does not apply wherever"},
	{"on fewer files", "review: {sign_offs: [{role: qa, when: {files: [a, b]}}]}", "review: {sign_offs: [{role: qa, when: {files: [a]}}]}", "3:33", "3:33", "does not apply wherever"},
	{"on larger changes", "review: {sign_offs: [{role: qa, when: {lines_over: 100}}]}", "review: {sign_offs: [{role: qa, when: {lines_over: 200}}]}", "3:33", "3:33", "does not apply wherever"},
	{"with one more key", "review: {sign_offs: [{role: qa, when: {files: [a]}}]}", "review: {sign_offs: [{role: qa, when: {files: [a], draft: true}}]}", "3:33", "3:33", "does not apply wherever"},
	{"with more left out", "review: {sign_offs: [{role: qa, when: {not_files: [a]}}]}", "review: {sign_offs: [{role: qa, when: {not_files: [a, b]}}]}", "3:33", "3:33", "does not apply wherever"},
	{"an exemption", "review: {sign_offs: [{role: qa}]}", "review: {sign_offs: [{role: qa, unless: {only_files: [docs/**]}}]}", "3:33", "3:22", `"unless" lets more pass`},
	{"a wider exemption", "review: {sign_offs: [{role: qa, unless: {only_files: [a]}}]}", "review: {sign_offs: [{role: qa, unless: {only_files: [a, b]}}]}", "3:33", "3:33", `"unless" lets more pass`},
	{"an exemption of one key less", "review: {sign_offs: [{role: qa, unless: {only_files: [a], authors: [x]}}]}", "review: {sign_offs: [{role: qa, unless: {only_files: [a]}}]}", "3:33", "3:33", `"unless" lets more pass`},
	{"no code owners", "review: {codeowners: true}", "review: {codeowners: false, sign_offs: []}", "3:10", "3:10", `"codeowners" is "false"`},
	{"the default's sign-off", "review: {codeowners: true}", "review: {sign_offs: [{name: Code review, role: reviewer, self: true}]}", "3:58", "3:1", `"self"`},
	{"a conclusion that passes", "status: {require: [build]}", "status: {require: [lint, {name: build, allow: [skipped]}]}", "3:48", "3:20", `"skipped" under "allow" is not in the organisation's floor`},
	{"without the branch's rules", "status: {require: [build]}", "status: {require: [build], branch_rules: false}", "3:28", "3:1", `"branch_rules"`},
	{"secrets for information", "security: {role: qa}", "security: {role: qa, secrets: off}", "3:22", "3:1", `"secrets" is "off" here, which is weaker than the default "block"`},
	{"findings from higher on", "security: {role: qa, sarif: {block: high}}", "security: {role: qa, sarif: {block: critical}}", "3:30", "3:30", `"block"`},
	{"alerts never", "security: {role: qa}", "security: {role: qa, alerts: {block: off}}", "3:31", "3:1", `the default "high"`},
	{"alerts of fewer kinds", "security: {role: qa}", "security: {role: qa, alerts: {kinds: [code_scanning, secret_scanning]}}", "3:31", "3:1", `"kinds" lacks "dependencies"`},
	{"files nobody watches", "security: {role: qa, watch: {exclude: [a]}}", "security: {role: qa, watch: {exclude: [a, auth/x.go]}}", "3:43", "3:30", `"auth/x.go" under "exclude"`},
	{"the usual unwatched", "security: {role: qa}", "security: {role: qa, watch: {defaults: false}}", "3:30", "3:1", `"defaults"`},
	{"a suppression", "security: {role: qa}", "security: {role: qa, suppress: [{finding: s-1, reason: r, until: 2026-06-30T00:00:00Z}]}", "3:33", "3:1", `under "suppress"`},
	{"a longer suppression", "security: {role: qa, suppress: [{finding: s-1, reason: r, until: 2026-05-30T00:00:00Z}]}", "security: {role: qa, suppress: [{finding: s-1, reason: r, until: 2026-06-30T00:00:00Z}]}", "3:33", "3:22", `under "suppress"`},
	{"another reviewer", "security: {role: qa}", "security: {role: lead}", "3:12", "3:12", `"role" is "lead" here, and "qa"`},
	{"fewer lines covered", "coverage: {patch: {min: 80%}}", "coverage: {patch: {min: 79.99%}}", "3:20", "3:20", `"min" is "79.99%" here, which is weaker than "80%"`},
	{"more lines missed", "coverage: {patch: {min: 80%}}", "coverage: {patch: {tolerate_lines: 1}}", "3:20", "3:12", `"tolerate_lines" is "1" here, which is weaker than the default "0"`},
	{"a deeper drop", "coverage: {project: {max_drop: 1%}}", "coverage: {project: {max_drop: 2%}}", "3:22", "3:22", `"max_drop"`},
	{"files not measured", "coverage: {}", "coverage: {ignore: [gen/**]}", "3:21", "3:1", `"gen/**" under "ignore"`},
	{"new files unmeasured", "coverage: {}", "coverage: {unmeasured: {new: warn}}", "3:25", "3:1", `the default "block"`},
	{"reports of anybody", "coverage: {}", "coverage: {self_declared: accept}", "3:12", "3:1", `the default "approved"`},
	{"a higher limit", "compliance: {limits: [{name: Memory, files: ['**'], key: '**.memory', over: 1Gi, role: qa}]}", "compliance: {limits: [{name: memory, files: ['**'], key: '**.memory', over: 1.5Gi, role: qa}]}", "3:71", "3:71", `"over" is "1.5Gi" here, which is weaker than "1Gi"`},
	{"a limit of fewer files", "compliance: {limits: [{name: Memory, files: [a, b], key: '**.memory', over: 1Gi, role: qa}]}", "compliance: {limits: [{name: Memory, files: [a], over: 1Gi, key: '**.memory', role: qa}]}", "3:38", "3:38", `"files" lacks "b"`},
	{"a limit of two roles", "compliance: {limits: [{name: Memory, files: [a], key: '**.memory', over: 1Gi, roles: [qa, lead]}]}", "compliance: {limits: [{name: Memory, files: [a], key: '**.memory', over: 1Gi, roles: [qa]}]}", "3:79", "3:79", `"roles" lacks "lead"`},
	{"fewer signers of a path", "compliance: {paths: [{name: P, files: [a], role: qa, count: 2}]}", "compliance: {paths: [{name: P, files: [a], role: qa, count: 1}]}", "3:54", "3:54", `"count"`},
	{"a freeze of some branches", "compliance: {freeze: [{name: F, from: 2026-02-20T18:00:00+01:00, until: 2026-03-10T18:00:00+01:00, reason: r}]}", "compliance: {freeze: [{name: F, from: 2026-02-20T18:00:00+01:00, until: 2026-03-10T18:00:00+01:00, reason: r, branches: [main]}]}", "3:111", "3:23", `"branches" leaves out`},
	{"a shorter freeze", "compliance: {freeze: [{name: F, from: 2026-02-20T18:00:00+01:00, until: 2026-03-10T18:00:00+01:00, reason: r}]}", "compliance: {freeze: [{name: F, from: 2026-02-20T18:00:00+01:00, until: 2026-03-01T18:00:00+01:00, reason: r}]}", "3:66", "3:66", `"until"`},
	{"a freeze with a way out", "compliance: {freeze: [{name: F, from: 2026-02-20T18:00:00+01:00, until: 2026-03-10T18:00:00+01:00, reason: r}]}", "compliance: {freeze: [{name: F, from: 2026-02-20T18:00:00+01:00, until: 2026-03-10T18:00:00+01:00, reason: r, role: qa}]}", "3:111", "3:23", `"role"`},
	{"more types of titles", "compliance: {title: conventional}", "compliance: {title: {types: [feat, x]}}", "3:36", "3:14", `"x" under "types"`},
	{"tickets that may be closed", "compliance: {ticket: {key: A, closing: false}}", "compliance: {ticket: {key: A, closing: true}}", "3:31", "3:31", `"closing"`},
	{"tickets of elsewhere", "compliance: {ticket: {repositories: [acme/a]}}", "compliance: {ticket: {repositories: [acme/a, x/*]}}", "3:46", "3:23", `"x/*" under "repositories"`},
	{"changes without a ticket", "compliance: {ticket: true}", "compliance: {ticket: {unless: {only_files: [docs/**]}}}", "3:23", "3:14", `"unless" lets more pass`},
	{"another checklist", "compliance: {checklist: {templates: [{name: Ready, file: a.md}]}}", "compliance: {checklist: {templates: [{name: ready, file: b.md}]}}", "3:52", "3:52", `"file" is "b.md" here, and "a.md"`},
	{"a checklist for some", "compliance: {checklist: {templates: [{name: Ready, file: a.md}]}}", "compliance: {checklist: {templates: [{name: Ready, when: {files: [x]}}]}}", "3:52", "3:38", "does not apply wherever"},
	{"larger changes", "compliance: {size: true}", "compliance: {size: {lines: 501}}", "3:21", "3:14", `the default "500"`},
	{"half-covered lines", "coverage: {partial: miss}", "coverage: {partial: hit}", "3:12", "3:12", `"partial"`},
}

func TestAWeakerKeyIsRefusedWithBothPlaces(t *testing.T) {
	for _, c := range append(slices.Clone(weaker), weakerReleases...) {
		floor, own := baseFile(floorRoles+c.floor+"\n"), ownFile(ownRoles+c.own+"\n")
		if q := Check("x", floor.Text); len(mistakes(q)) > 0 {
			t.Errorf("%s: the floor is wrong: %v", c.name, q)
			continue
		}
		p := Policy([]checks.Source{own, floor}, Defaults{})
		found := mistakes(p.Problems)
		if len(found) != 1 {
			t.Errorf("%s: %d mistakes: %v", c.name, len(found), p.Problems)
			continue
		}
		said := found[0].String()
		if !strings.HasPrefix(said, ".github/handrail.yml:"+c.at+": ") || !strings.Contains(said, "(acme/.github/handrail.yml:"+c.base+")") || !strings.Contains(said, c.say) {
			t.Errorf("%s: want %s, %s and %q in:\n%s", c.name, c.at, c.base, c.say, said)
		}
		if found[0].Suggest == "" || !found[0].Weaker || !p.Invalid() {
			t.Errorf("%s: %+v, and the policy is valid or not told what to do", c.name, found[0])
		}
		if q := mistakes(Proposed(own.Path, own.Text, []checks.Source{own, floor})); len(q) != 1 || q[0] != found[0] {
			t.Errorf("%s: proposed, it has %v", c.name, q)
		}
		if q := mistakes(Check(own.Path, own.Text)); len(q) > 0 {
			t.Errorf("%s: without a floor it has %v", c.name, q)
		}
	}
}

func mistakes(problems []checks.Problem) []checks.Problem {
	var out []checks.Problem
	for _, q := range problems {
		if !q.Warning {
			out = append(out, q)
		}
	}
	return out
}

func TestWhatIsNotWeakerIsTaken(t *testing.T) {
	for floor, all := range map[string][]string{
		"review: {sign_offs: [{role: qa, count: 2, stale: content, when: {files: [a], lines_over: 100}, unless: {only_files: [docs/**, '*.md']}}]}": {
			"review: {sign_offs: [{role: qa}]}", // what is left out is not weaker
			"review: {sign_offs: [{role: qa, count: 3, stale: head, self: false, distinct: true}]}",
			"review: {sign_offs: [{role: qa, when: {files: [a, b]}}]}",
			"review: {sign_offs: [{role: qa, when: {lines_over: 50}}]}",
			"review: {sign_offs: [{role: qa, unless: {only_files: [docs/**], authors: [x]}}]}",
			"review: {sign_offs: [{name: Others, role: lead, self: true, stale: never, unless: {authors: [x]}}]}",
			"review: {sign_offs: []}",
			"review:",
			"",
		},
		"security: {role: qa, watch: {exclude: [a, b]}, alerts: {kinds: [code_scanning]}, suppress: [{rule: x, files: [a, b], reason: r, until: 2026-06-30T00:00:00Z}]}": {
			"security: {role: qa, watch: {exclude: [b], files: [c]}, alerts: {kinds: [code_scanning, dependencies], block: low, review: none}}",
			"security: {role: qa, suppress: [{rule: x, files: [b], reason: other, until: 2026-06-01T00:00:00Z}]}",
		},
		"compliance: {title: {types: [feat, fix]}, ticket: true, freeze: [{name: F, from: 2026-02-20T18:00:00+01:00, until: 2026-03-10T18:00:00+01:00, reason: r, files: [a], role: qa}]}": {
			"compliance: {title: conventional, ticket: {repositories: [acme/a]}, freeze: [{name: F, from: 2026-02-20T18:00:00+01:00, until: 2026-03-10T18:00:00+01:00, reason: other, files: [a, b], role: qa}]}",
			"compliance: {title: {types: [FIX]}, freeze: [{name: G, from: 2026-02-20T18:00:00+01:00, until: 2026-03-10T18:00:00+01:00, reason: r, role: lead}]}",
		},
		"coverage: {patch: {min: 80%}, project: {min: 50%}, ignore: [gen/**]}": {
			"coverage: {patch: {min: 80%}, project: {max_drop: 3%}, ignore: [gen/**], wait: 5h, partial: miss}",
		},
		"status: {require: [{name: build, allow: [skipped]}]}": {"status: {require: [{name: build, allow: [skipped]}, {name: lint, allow: [neutral]}]}"},
		"compliance: {mode: observe, wip: true}":               {"compliance: {mode: observe, title: conventional}", "compliance: {title: conventional}"},
		"mode: observe\ncompliance: {title: conventional}":     {"mode: observe", "compliance: {mode: observe, title: conventional}"},
		"compliance: {wip: false, labels: {forbid: [hold]}}":   {"compliance: {wip: false, labels: {forbid: [x]}}", "check_runs: summary"},
	} {
		for _, own := range all {
			p := Policy([]checks.Source{ownFile(ownRoles + own + "\n"), baseFile(floorRoles + floor + "\n")}, Defaults{})
			if p.Invalid() {
				t.Errorf("%s\n--- is taken for weaker than\n%s:\n%v", own, floor, p.Problems)
			}
		}
	}
}

func TestARoleOfTheFloorsNameMeansNobodyElse(t *testing.T) {
	const base = "{team: acme/qa, users: [carol, dave], permission: maintain, say: [QA +1], github_review: false, distinct: true}"
	for own, say := range map[string]string{
		"{}": "Everybody with enough access",
		"{team: acme/other, permission: admin, github_review: false}": `"team" is "acme/other"`,
		"{users: [carol, erin]}":               `"erin" under "users"`,
		"{team: acme/qa, permission: write}":   `"permission" is "write"`,
		"{team: acme/qa, say: [QA +1, ok]}":    `"ok" under "say"`,
		"{team: acme/qa, github_review: true}": `"github_review" is "true"`,
		"{team: acme/qa, distinct: false}":     `"distinct" is "false"`,
	} {
		q := mistakes(heldRoles(own, base))
		if len(q) != 1 || !strings.Contains(q[0].Message, say) || !strings.Contains(q[0].Message, "(acme/.github/handrail.yml:2:") || q[0].Line != 2 {
			t.Errorf("%s: %v, want %q", own, q, say)
		}
	}
	for _, own := range []string{"{team: '@ACME/qa', users: [Carol]}", "{users: [dave], permission: admin}", base} {
		if q := heldRoles(own, base); len(mistakes(q)) > 0 {
			t.Errorf("%s: %v", own, q)
		}
	}
	if q := heldRoles("{team: acme/qa, users: [x]}", "{permission: write}"); len(mistakes(q)) > 0 {
		t.Errorf("fewer people than everybody: %v", q)
	}
	if q := heldRoles("{team: acme/qa}", "{users: [x]}"); len(mistakes(q)) != 1 {
		t.Errorf("a team besides the floor's users: %v", q)
	}
}

func heldRoles(own, floor string) []checks.Problem {
	const use = "review: {sign_offs: [{role: qa}]}\n"
	return Policy([]checks.Source{
		ownFile("version: 1\nroles: {qa: " + own + "}\n" + use), baseFile("version: 1\nroles: {qa: " + floor + "}\n" + use),
	}, Defaults{}).Problems
}

func TestWhatTheFloorOnlyImpliesIsWarnedOf(t *testing.T) {
	for own, say := range map[string]string{
		"status: {require: [x], branch_rules: false}\n":                            `"branch_rules"`,
		"review: {mode: observe}\n":                                                `"review" only observes`,
		"review: {sign_offs: [{name: Code review, role: reviewer, self: true}]}\n": `"self"`,
		"roles: {reviewer: {permission: read}}\n":                                  `"permission"`,
	} {
		p := Policy([]checks.Source{ownFile("version: 1\n" + own), baseFile("version: 1\ncompliance: {wip: true}\n")}, Defaults{})
		if p.Invalid() || len(p.Problems) != 1 || !strings.Contains(p.Problems[0].String(), say) {
			t.Errorf("%s: %v, want a warning of %s", own, p.Problems, say)
		}
	}
}

func TestAMistakeIsNotAlsoCalledWeaker(t *testing.T) {
	p := Policy([]checks.Source{
		ownFile("version: 1\ncoverage: {patch: {min: 0.5}, partial: hit}\n"), baseFile("version: 1\ncoverage: {patch: {min: 80%}, partial: miss}\n"),
	}, Defaults{})
	q := mistakes(p.Problems)
	if len(q) != 2 || q[0].Weaker || !q[1].Weaker {
		t.Errorf("want what is no percentage, and what is weaker: %v", q)
	}
}
