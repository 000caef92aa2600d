package config

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/handrail-bot/handrail/checks"
)

func ownFile(text string) checks.Source {
	return checks.Source{Repo: "acme/shop", Path: checks.PolicyPath, Text: text}
}

func baseFile(text string) checks.Source {
	return checks.Source{Repo: "acme/.github", Path: checks.FloorPath, Text: text, Floor: true}
}

var noFile = checks.Source{Repo: "acme/shop", Path: checks.PolicyPath, Absent: true}

func TestLawNoRepositoryWeakensTheFloor(t *testing.T) { rapid.Check(t, noneWeakens) }

func FuzzNoRepositoryWeakensTheFloor(f *testing.F) {
	seed(f)
	f.Fuzz(rapid.MakeFuzz(noneWeakens))
}

// seed gives a fuzzer enough bytes to draw from.
func seed(f *testing.F) {
	for i := range uint64(8) {
		random, bytes := rand.NewPCG(i, i), make([]byte, 0, 16<<10)
		for len(bytes) < cap(bytes) {
			bytes = binary.LittleEndian.AppendUint64(bytes, random.Uint64())
		}
		f.Add(bytes)
	}
}

// noneWeakens: whatever a repository's file says, and whether it can be read or
// not, the verdict is no more lenient than by the floor alone, and neither is
// anything that the floor asks for.
func noneWeakens(t *rapid.T) {
	floor, own := baseFile(drawPolicy(t)), ownFile(drawPolicy(t))
	if !oneIn(t, 3, "weaker") {
		own.Text = tightened(own.Text, floor)
	}
	switch rapid.IntRange(0, 15).Draw(t, "repository") {
	case 0:
		own.Text += "nonsense: 1\n"
	case 1:
		own.Broken = "GitHub gave only a part of it"
	case 2:
		own.Text = floor.Text
	case 3:
		own.Text = "version: 1\noverride: {role: reviewer, self: true, second: {for: []}, break_glass: {role: reviewer, self: true}}\n"
	}
	d := Defaults{Enforce: rapid.Bool().Draw(t, "enforce"), FloorRequired: rapid.Bool().Draw(t, "required")}
	alone, both := Policy([]checks.Source{noFile, floor}, d), Policy([]checks.Source{own, floor}, d)
	pull := drawPull(t, alone, both)
	if both.Observe && !alone.Observe {
		t.Fatalf("the repository makes an enforcing floor observe:\n%s\n---\n%s", own.Text, floor.Text)
	}
	a, b := checks.Judge(alone, pull), checks.Judge(both, pull)
	if d := lenient(alone, a, b); d != "" && !alone.Observe {
		t.Fatalf("%s\n%s\n---\n%s", d, own.Text, floor.Text)
	}
}

// tightened is a repository's text, in which every section is a line, with the
// floor's roles and without what the floor would refuse.
func tightened(own string, floor checks.Source) string {
	lines := strings.Split(own, "\n")
	for i, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		for base := range strings.SplitSeq(floor.Text, "\n") {
			if strings.HasPrefix(line, "  ") && strings.HasPrefix(base, name+":") {
				lines[i] = base
			}
		}
	}
	for _, q := range Proposed("own.yml", strings.Join(lines, "\n"), []checks.Source{floor}) {
		if q.Weaker && q.Line > 0 {
			lines[q.Line-1] = "#"
		}
	}
	return strings.Join(lines, "\n")
}

// lenient says in what a verdict is more lenient than another one by the floor
// alone; "" when in nothing.
func lenient(alone checks.Policy, a, b checks.Verdict) string {
	// A floor of which every section only observes blocks for that alone, until
	// some file enforces something.
	enforces := slices.ContainsFunc(alone.Sections, func(s checks.Section) bool { return !s.Observe })
	if (enforces || alone.Invalid()) && b.State > a.State && !a.State.Passes() {
		return "the floor alone says " + a.State.String() + ", with the repository it is " + b.State.String()
	}
	have := results(b.Results)
	for id, r := range results(a.Results) {
		if !strings.Contains(id+"/", "/floor/") || r.Observed {
			continue
		}
		got, ok := have[id]
		if !ok { // where both leave a section to its default it is asked for once
			got, ok = have[strings.Replace(id, "/floor", "", 1)]
		}
		switch {
		case !ok:
			return id + " is not judged"
		case got.Observed:
			return id + " is only observed"
		case got.State > r.State && !r.State.Passes():
			return id + " is " + got.State.String() + ", by the floor alone " + r.State.String()
		}
	}
	return ""
}

// results are those of a verdict by their ids; what an observed one is made of is
// observed.
func results(of []checks.Result) map[string]checks.Result {
	out := map[string]checks.Result{}
	var walk func(r checks.Result, observed bool)
	walk = func(r checks.Result, observed bool) {
		r.Observed = r.Observed || observed
		out[r.ID] = r
		for _, p := range r.Parts {
			walk(p, r.Observed)
		}
	}
	for _, r := range of {
		walk(r, false)
	}
	return out
}

func TestLawATextIsNotWeakerThanItself(t *testing.T) { rapid.Check(t, asStrictAsItself) }

func FuzzATextIsNotWeakerThanItself(f *testing.F) {
	seed(f)
	f.Fuzz(rapid.MakeFuzz(asStrictAsItself))
}

// asStrictAsItself: no text is refused beside the same one as the floor, nor is
// one that sets nothing; and what is refused points into the text.
func asStrictAsItself(t *rapid.T) {
	text, other := drawPolicy(t), drawPolicy(t)
	for _, own := range []string{text, "version: 1\n"} {
		for _, q := range Proposed("own.yml", own, []checks.Source{baseFile(text)}) {
			if q.Weaker {
				t.Fatalf("%s\n%s\n---\n%s", q, own, text)
			}
		}
	}
	lines := strings.Split(other, "\n")
	for _, q := range Proposed("own.yml", other, []checks.Source{baseFile(text)}) {
		if q.Weaker && (q.Line < 1 || q.Line > len(lines) || q.Column < 1 || q.Column > len(lines[q.Line-1]) || !strings.Contains(q.Message, "acme/.github/handrail.yml:")) {
			t.Fatalf("%+v points nowhere:\n%s", q, other)
		}
	}
}
