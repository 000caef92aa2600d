package checks_test

import (
	"math/rand"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

// limits are rules of which a random policy has some; those of one name are each
// stricter than the one before it.
var limits = []string{
	"{name: Memory, files: ['deploy/**'], key: '**.memory', over: 1Ti, role: qa}",
	"{name: Memory, files: ['deploy/**'], key: '**.memory', over: 2Gi, role: qa}",
	"{name: Memory, files: ['deploy/**'], key: '**.memory', over: 512Mi, roles: [qa, carol]}",
	"{name: Sum, files: ['**'], key: '**.memory', over: 8Gi, sum: true, role: reviewer}",
	"{name: Sum, files: ['**'], key: '**.memory', over: 1Gi, sum: true, role: reviewer}",
	"{name: All, files: ['**/*.md', '*.go'], key: '**.memory', over: 0, role: reviewer}",
}

func limitsText(rules []string) string {
	return "version: 1\nroles:\n  qa: {team: acme/qa, say: ['QA +1']}\n  carol: {users: [Carol]}\nreview: {sign_offs: []}\nstatus:\ncompliance:\n  title: {pattern: '[a-z]'}\n  limits:\n    - " +
		strings.Join(rules, "\n    - ") + "\n"
}

func drawLimits(t *rapid.T) []string {
	var out []string
	for _, of := range [][]string{limits[:3], limits[3:5], limits[5:]} {
		if rapid.Bool().Draw(t, "limit") {
			out = append(out, pick(t, of, "rule"))
		}
	}
	return append(out, "{name: Other, files: [nowhere], key: memory, over: 3, role: qa}")
}

func value(t *rapid.T) checks.Value {
	v := checks.Value{
		Document: pick(t, []string{"", "Deployment/api", "Deployment/web"}, "document"), Key: pick(t, []string{"a.memory", "b.memory"}, "key"),
		Line: rapid.IntRange(0, 9).Draw(t, "line"), Times: pick(t, []string{"", "", "1", "3", "?"}, "times"),
	}
	v.Text = pick(t, []string{"512Mi", "1Gi", "2Gi", "4Ti", "0", "-1Gi", "${A}", "${B}", "plenty", "512Mi", "1Gi"}, "value")
	if q, ok := checks.ParseQuantity(v.Text); ok {
		v.Amount = checks.Decimal(q)
	}
	v.Unresolved = strings.HasPrefix(v.Text, "$")
	return v
}

// valued is a snapshot with values in its files, the same whoever asks.
func valued(t *rapid.T) checks.Pull {
	p := snapshot(t)
	values := checks.Values{Engine: "law"}
	for _, f := range p.Files {
		if rapid.IntRange(0, 19).Draw(t, "read") == 0 {
			continue
		}
		v := checks.ValueFile{Path: f.Path, Previous: f.Previous, Base: some(t, 3, "base", func() checks.Value { return value(t) })}
		v.HeadFault = pick(t, []string{"", "", "", "", "", "", "it is no YAML"}, "head fault")
		v.BaseFault = pick(t, []string{"", "", "", "", "", "", "it is no YAML"}, "base fault")
		if v.HeadFault == "" {
			v.Head = some(t, 2, "head", func() checks.Value { return value(t) })
			v.Head = append(v.Head, v.Base...)
		}
		values.Files = append(values.Files, v)
	}
	p.Values = map[string]checks.Values{}
	for _, rule := range limits {
		for _, v := range policy(t, limitsText([]string{rule, "{name: Other, files: [nowhere], key: memory, over: 3, role: qa}"})).Need().Values {
			p.Values[v.Key()] = values
		}
	}
	return p
}

func shuffledValues(p checks.Pull, seed int64) checks.Pull {
	r := rand.New(rand.NewSource(seed))
	all := map[string]checks.Values{}
	for key, v := range p.Values {
		v.Files = mixed(r, v.Files)
		for i := range v.Files {
			v.Files[i].Base, v.Files[i].Head = mixed(r, v.Files[i].Base), mixed(r, v.Files[i].Head)
		}
		all[key] = v
	}
	p.Values = all
	return shuffled(p, seed)
}

func TestLawLimitsGiveTheSameAnswerAgainAndExplainIt(t *testing.T) {
	met := 0
	untilTried(t, &met, func(t *rapid.T) {
		p, pull := policy(t, limitsText(drawLimits(t))), valued(t)
		first := answersAgain(t, p, pull, shuffledValues(pull, rapid.Int64().Draw(t, "seed")), func(checks.Result) {})
		if first.State.Passes() {
			met++
		}
	})
	if met == 0 {
		t.Error("nothing was ever met")
	}
}

func TestLawAStricterLimitOrOneMoreNeverHelps(t *testing.T) {
	worse := 0
	untilTried(t, &worse, func(t *rapid.T) {
		rules, pull := drawLimits(t), valued(t)
		before := checks.Judge(policy(t, limitsText(rules)), pull)
		more := slices.Clone(rules)
		switch rapid.IntRange(0, 1).Draw(t, "more") {
		case 0:
			more = append(more, "{name: More, files: ['**'], key: '**.memory', over: 1Gi, sum: true, role: qa}")
			pull = alsoRead(t, pull, more)
		case 1:
			for i, r := range more {
				if at := slices.Index(limits, r); at >= 0 && at != 2 && at != 4 && at != 5 {
					more[i] = limits[at+1]
				}
			}
		}
		notBetter(t, before, checks.Judge(policy(t, limitsText(more)), pull), &worse)
	})
	if worse == 0 {
		t.Error("it never mattered, so the law was not tried")
	}
}

// alsoRead answers what a policy asks for with what is known.
func alsoRead(t *rapid.T, p checks.Pull, rules []string) checks.Pull {
	all := map[string]checks.Values{}
	var any checks.Values
	for key, v := range p.Values {
		all[key], any = v, v
	}
	for _, v := range policy(t, limitsText(rules)).Need().Values {
		if _, ok := all[v.Key()]; !ok {
			all[v.Key()] = any
		}
	}
	p.Values = all
	return p
}

// notBetter holds two verdicts, and their results about limits, against each other.
func notBetter(t *rapid.T, before, after checks.Verdict, worse *int) {
	if after.State > before.State && !(after.State.Passes() && before.State.Passes()) {
		t.Fatalf("%s becomes %s", before.State, after.State)
	}
	a, b := limitsIn(before.Results), limitsIn(after.Results)
	if b > a && !(a.Passes() && b.Passes()) {
		t.Fatalf("limits: %s becomes %s", a, b)
	}
	if b < a {
		*worse++
	}
}

// limitsIn is the state of the result about limits.
func limitsIn(results []checks.Result) checks.State {
	for _, r := range results {
		if r.ID == "compliance/limits" {
			return r.State
		}
		if s := limitsIn(r.Parts); s != checks.Exempt {
			return s
		}
	}
	return checks.Exempt
}

// Whatever is raised, and whatever is not known of it, nothing passes that did not.
func TestLawAHigherOrUnknownValueNeverHelps(t *testing.T) {
	worse := 0
	untilTried(t, &worse, func(t *rapid.T) {
		p, pull := policy(t, limitsText(drawLimits(t))), valued(t)
		seed, what := rapid.Int64().Draw(t, "seed"), rapid.IntRange(0, 4).Draw(t, "what")
		raised := shuffledValues(pull, seed)
		for key, v := range raised.Values {
			for i := range v.Files {
				if f := &v.Files[i]; len(f.Head) > 0 {
					spoil(f, what)
				}
			}
			raised.Values[key] = v
		}
		if what == 4 {
			raised.Values = nil
		}
		notBetter(t, checks.Judge(p, pull), checks.Judge(p, raised), &worse)
	})
	if worse == 0 {
		t.Error("it never mattered, so the law was not tried")
	}
}

// spoil makes what is known of a file worse.
func spoil(f *checks.ValueFile, what int) {
	switch what {
	case 0:
		for i := range f.Head {
			if v := &f.Head[i]; v.Amount != "" && v.Amount[0] != '-' {
				v.Text, v.Amount = "1Ei", "1152921504606846976"
			}
		}
	case 1:
		f.Head[0].Text, f.Head[0].Amount, f.Head[0].Unresolved = "${NEW}", "", true
	case 2:
		f.HeadFault = "it is no YAML"
	case 3:
		f.BaseFault = "it is no YAML"
	}
}
