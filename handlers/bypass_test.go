package handlers_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

func (r *rig) merge(p *sim.Pull, by string) {
	r.t.Helper()
	if _, err := p.Merge(by); err != nil {
		r.t.Fatal(err)
	}
}

// merges are the log entries of merges so far.
func (r *rig) merges() []store.Merge {
	r.t.Helper()
	rows, err := r.store.List(r.t.Context(), store.Filter{Kind: store.KindMerged})
	if err != nil {
		r.t.Fatal(err)
	}
	var out []store.Merge
	for _, e := range rows {
		_, body, err := r.store.Entry(r.t.Context(), e.Seq)
		if err != nil {
			r.t.Fatal(err)
		}
		var m store.Merge
		if err := json.Unmarshal(body, &m); err != nil {
			r.t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func TestAMergeWhileUnmetIsExactlyOneFindingThatSaysWhatWasMissing(t *testing.T) {
	const want = "bypass|root merged #1 into main while its requirements were waiting."
	check := func(t *testing.T, r *rig) {
		t.Helper()
		r.finds(want)
		r.again()
		r.finds(want)
		list, err := r.store.Findings(t.Context(), store.FindingFilter{Pull: 1})
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v %v", list, err)
		}
		d := list[0].Detail
		if d.By.Login != "root" || d.Pull != 1 || d.After == "" || len(d.Missing) != 1 || !strings.HasPrefix(d.Missing[0], "Review: ") || d.State != "waiting" {
			t.Errorf("it says %+v", d)
		}
		if m := r.merges(); len(m) != 1 || m[0].Compliant || !m[0].Enforced || m[0].By.Login != "root" {
			t.Errorf("merges: %+v", m)
		}
	}
	for name, do := range map[string]func(r *rig){
		"heard": func(r *rig) {
			p := r.topic()
			r.settle()
			r.merge(p, "root")
			r.settle()
		},
		"lost and swept": func(r *rig) {
			p := r.topic()
			r.settle()
			r.unheard(func() { r.merge(p, "root") })
			r.finds()
			r.sweep()
		},
		"opened and merged unheard": func(r *rig) {
			r.unheard(func() { r.merge(r.topic(), "root") })
			r.finds()
			r.sweep()
		},
		"doubled, with a sweep in between": func(r *rig) {
			r.gh.SetMishaps(sim.Mishaps{Double: 1, Reorder: 0.5})
			r.merge(r.topic(), "root")
			r.flow.SweepOnce(r.t.Context())
			r.settle()
		},
		"approved afterwards": func(r *rig) {
			p := r.topic()
			r.settle()
			r.gh.HoldDeliveries(true)
			r.merge(p, "root")
			r.pass(time.Minute)
			p.Approve("bob")
			r.gh.HoldDeliveries(false)
			r.settle()
		},
		"pushed by hand": func(r *rig) {
			p := r.topic()
			r.settle()
			r.move("root", "main", p.Head())
			r.settle()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := watching(t, "")
			r.repo.Allow("root", "admin")
			do(r)
			check(t, r)
		})
	}
}

func TestAMergeThatWasMetIsOnRecordAndNoFinding(t *testing.T) {
	for name, do := range map[string]func(r *rig, p *sim.Pull){
		"judged before": func(r *rig, p *sim.Pull) { p.Approve("bob"); r.settle(); r.merge(p, "carol") },
		"approved a moment before": func(r *rig, p *sim.Pull) {
			r.gh.HoldDeliveries(true)
			p.Approve("bob")
			r.pass(2 * time.Second)
			r.merge(p, "carol")
			r.gh.HoldDeliveries(false)
		},
		"nobody heard of it": func(r *rig, p *sim.Pull) {
			r.unheard(func() { p.Approve("bob"); r.pass(2 * time.Second); r.merge(p, "carol") })
			r.sweep()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := watching(t, "")
			p := r.topic()
			do(r, p)
			r.settle()
			r.again()
			r.finds()
			if m := r.merges(); len(m) != 1 || !m[0].Compliant || m[0].By.Login != "carol" || m[0].How == "" {
				t.Errorf("merges: %+v", m)
			}
		})
	}
}

func TestHowFarTheHeadLaggedAtTheMergeIsAsTheLastVerdictSawIt(t *testing.T) {
	for name, c := range map[string]struct {
		control string
		lags    bool
		finds   []string
	}{
		"up to date":   {"up_to_date", false, nil},
		"linear":       {"linear", false, nil},
		"that it lags": {"up_to_date", true, []string{"bypass|carol merged #1 into main while its requirements were unmet"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := watching(t, rigPolicy+"compliance: {"+c.control+": true}\n")
			p := r.topic()
			if c.lags {
				r.push("alice", "main", map[string]string{"other.go": "package other\n"})
			}
			r.settle()
			opened := r.found()
			r.gh.HoldDeliveries(true)
			p.Approve("bob")
			r.pass(2 * time.Second)
			r.merge(p, "carol")
			r.gh.HoldDeliveries(false)
			r.settle()
			r.finds(append(opened, c.finds...)...)
		})
	}
}

// What was the base is not what it is with the merge in it: from there nothing rises,
// and what the pull request says of itself would hold.
func TestAMergeIsHeldToTheBaseAsItWasBefore(t *testing.T) {
	for name, c := range map[string]struct {
		policy string
		files  map[string]string
	}{
		"a value over the limit": {limitsPolicy, map[string]string{"deploy/shop/api.yaml": manifest("1Ti")}},
		"what it calls generated": {
			"version: 1\nreview: {sign_offs: []}\ncompliance: {size: {lines: 1, count: 2}}\n",
			map[string]string{"a.txt": "a\nb\nc\n", ".gitattributes": "* linguist-generated\n"},
		},
		"its own template": {
			"version: 1\nreview: {sign_offs: []}\ncompliance: {checklist: {templates: [{file: list.md}]}}\n",
			map[string]string{"list.md": "- [ ] None <!-- handrail:none -->\n"},
		},
		"its own owners": {
			"version: 1\nreview: {codeowners: true, sign_offs: []}\n",
			map[string]string{".github/CODEOWNERS": "* @dave\n"},
		},
	} {
		try := func(t *testing.T, merge func(r *rig, p *sim.Pull)) {
			r := watching(t, c.policy)
			r.gh.Org("acme").Team("platform").Add("quinn")
			r.repo.Allow("dave", "write")
			r.push("alice", "main", map[string]string{
				"deploy/shop/api.yaml": manifest("512Mi"), "list.md": "- [ ] Tests <!-- handrail:tests -->\n", ".github/CODEOWNERS": "* @bob\n",
			})
			r.settle()
			opened := len(r.found())
			r.push("alice", "topic", c.files)
			p := r.open("topic")
			p.SetBody("alice", "- [x] None <!-- handrail:none -->")
			if c.policy != limitsPolicy {
				p.Approve("dave")
			}
			merge(r, p)
			r.settle()
			found := r.found()
			if len(found) != opened+1 || !strings.HasPrefix(found[opened], "bypass: carol merged #1 into main while its requirements were ") {
				t.Errorf("found %q; merges %+v", found, r.merges())
			}
		}
		t.Run(name, func(t *testing.T) {
			try(t, func(r *rig, p *sim.Pull) { r.settle(); r.merge(p, "carol") })
		})
		t.Run(name+", never judged", func(t *testing.T) {
			try(t, func(r *rig, p *sim.Pull) { r.gh.HoldDeliveries(true); r.merge(p, "carol"); r.gh.HoldDeliveries(false) })
		})
	}
}

func TestAMergeThatBringsAWeakerPolicyIsHeldToTheOneBefore(t *testing.T) {
	r := watching(t, "")
	r.push("alice", "topic", map[string]string{checks.PolicyPath: "version: 1\nmode: observe\n"})
	p := r.open("topic")
	r.unheard(func() { r.merge(p, "alice") })
	r.sweep()
	r.finds("bypass|alice merged #1 into main while its requirements were")
}

func TestWhereThePolicyObservesAMergeIsOnRecordOnly(t *testing.T) {
	r := watching(t, "version: 1\nmode: observe\n")
	r.merge(r.topic(), "alice")
	r.settle()
	r.finds()
	if m := r.merges(); len(m) != 1 || m[0].Compliant || m[0].Enforced {
		t.Errorf("merges: %+v", m)
	}
}

func TestWhatWasMergedBeforeHandrailWatchedIsNoFinding(t *testing.T) {
	r := newRig(t, sim.Options{})
	var p *sim.Pull
	r.unheard(func() { p = r.topic(); r.merge(p, "alice") })
	r.pass(24 * time.Hour)
	r.sweep()
	p.Comment("bob", "what was this?")
	r.settle()
	r.finds()
	if m := r.merges(); len(m) != 0 {
		t.Errorf("merges: %+v", m)
	}
}

const emergencyPolicy = rigPolicy + `roles:
  boss: {users: [olga, sue]}
override:
  role: boss
  break_glass: {role: boss, follow_up: 2d}
detect: {role: boss}
`

// emergency is a pull request that olga has let through.
func emergency(t *testing.T) (*rig, *sim.Pull) {
	t.Helper()
	r := watching(t, emergencyPolicy)
	r.repo.Allow("olga", "write")
	r.repo.Allow("sue", "write")
	p := r.topic()
	r.settle()
	p.Comment("olga", "/break-glass the shop is down")
	r.settle()
	r.merge(p, "alice")
	r.settle()
	r.finds()
	return r, p
}

func TestAnEmergencyThatNobodyFollowsUpBecomesAFinding(t *testing.T) {
	r, p := emergency(t)
	r.pass(47 * time.Hour)
	r.settle()
	r.finds()
	r.pass(2 * time.Hour)
	r.settle()
	r.again()
	const want = "follow_up|#1 was merged in an emergency, by alice, and nobody else has looked at it"
	r.finds(want)
	p.Comment("sue", "/follow-up it was right")
	r.settle()
	r.finds(want)
	if f, err := r.store.Finding(t.Context(), 1); err != nil || f.By != "sue" {
		t.Errorf("%+v %v", f, err)
	}
}

func TestAnEmergencyThatIsFollowedUpIsNone(t *testing.T) {
	r, p := emergency(t)
	p.Comment("sue", "/follow-up it was right")
	r.settle()
	r.pass(10 * 24 * time.Hour)
	r.settle()
	r.again()
	r.finds()
	rows, err := r.store.List(t.Context(), store.Filter{Kind: store.KindWaiver})
	if err != nil || len(rows) != 1 || rows[0].Actor.Login != "sue" {
		t.Errorf("the log has %+v, %v", rows, err)
	}
}

func TestAFindingIsClosedByACommentOfSomebodyWhoMayOnly(t *testing.T) {
	r := watching(t, emergencyPolicy)
	r.repo.Allow("olga", "write")
	r.repo.Allow("sue", "write")
	p := r.topic()
	r.settle()
	r.merge(p, "olga")
	r.settle()
	r.finds("bypass|olga merged #1")
	open := func() bool {
		f, err := r.store.Finding(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		return f.Closed.IsZero()
	}
	for _, c := range [][2]string{
		{"olga", "/close-finding 1 I may"}, {"bob", "/close-finding 1 I may"}, {"sue", "/close-finding 1"}, {"sue", "/close-finding 2 another"}, {"sue", "> /close-finding 1 he said"},
	} {
		p.Comment(c[0], c[1])
		r.settle()
		if !open() {
			t.Fatalf("%s closed it by %q", c[0], c[1])
		}
	}
	p.Comment("sue", "/close-finding #1 reviewed afterwards, see INC-7")
	r.settle()
	f, err := r.store.Finding(t.Context(), 1)
	if err != nil || f.By != "sue" || f.Reason != "reviewed afterwards, see INC-7" {
		t.Errorf("%+v %v", f, err)
	}
}

func TestAMergeThatCannotBeJudgedIsAFindingThatSaysSo(t *testing.T) {
	r := watching(t, strings.Replace(rigPolicy, "sign_offs:\n", "sign_offs:\n    - {name: Docs, role: reviewer, when: {files: ['docs/**']}}\n", 1))
	heal := r.gh.Fail(sim.Fault{When: func(q sim.Request) bool { return strings.HasSuffix(q.Path, "/files") }, Do: []sim.Failure{sim.Status(502)}})
	r.unheard(func() { r.merge(r.topic(), "root") })
	r.flow.SweepOnce(t.Context())
	for range 5 {
		r.pass(20 * time.Minute)
		r.step()
	}
	r.finds()
	for range 20 {
		r.pass(20 * time.Minute)
		r.step()
	}
	r.finds("bypass|root merged #1 into main, and whether its requirements were met could not be judged.")
	f, err := r.store.Finding(t.Context(), 1)
	if err != nil || len(f.Detail.Missing) != 1 || !strings.HasPrefix(f.Detail.Missing[0], "It could not be judged as of the merge: ") {
		t.Errorf("it says %+v, %v", f.Detail, err)
	}
	heal()
	r.settle()
	r.again()
	r.finds("bypass")
}
