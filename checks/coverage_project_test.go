package checks

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// based sets what the base branch has.
func (m *measured) based(b BaseCoverage) *measured {
	m.cov.Base = &b
	return m
}

func TestTheProjectIsHeldToItsMinimumWithoutABase(t *testing.T) {
	for _, c := range []struct {
		total Totals
		min   int
		state State
		said  string
	}{
		{Totals{All: 1000, Hit: 800}, 8000, Met, "80 % of the project's lines are covered; 80 % needed."},
		{Totals{All: 100000, Hit: 79999}, 8000, Unmet, "79.99 % of the project's lines are covered, 80 % needed: 1 more covered line."},
		{Totals{All: 1000, Hit: 790, Statements: true}, 7950, Unmet, "79 % of the project's statements are covered, 79.5 % needed: 5 more covered statements."},
		{Totals{All: 1000, Hit: 0}, 0, Met, "0 % of the project's lines are covered; 0 % needed."},
		{Totals{}, 0, Unmet, "The reports hold nothing that could be covered"},
	} {
		m := newMeasured().project(c.min, -1)
		m.cov.Total = c.total
		wantCoverage(t, fmt.Sprint(c.total), m.judged(t), c.state, c.said)
	}
	m := newMeasured().project(8000, -1)
	m.cov.Total = Totals{All: 100, Hit: 85, Partial: 10}
	wantCoverage(t, "partial counts", m.judged(t), Met, "85 %")
	m.rules.Partial = PartialMiss
	wantCoverage(t, "partial does not count", m.judged(t), Unmet, "75 % of the project's lines are covered, 80 % needed: 5 more covered lines.")
}

func TestADropIsMeasuredAgainstTheBaseWithoutWhatIsRemoved(t *testing.T) {
	for name, c := range map[string]struct {
		total Totals
		base  BaseCoverage
		drop  int
		state State
		said  string
	}{
		"the same":         {Totals{All: 1000, Hit: 900}, BaseCoverage{Commit: "base000000", Total: Totals{All: 1000, Hit: 900}}, 0, Met, "90 % of the project's lines are covered. It does not drop from main at base000."},
		"more":             {Totals{All: 1000, Hit: 900}, BaseCoverage{Commit: "base000000", Total: Totals{All: 1000, Hit: 500}}, 0, Met, "It does not drop from main at base000."},
		"less, and may be": {Totals{All: 1000, Hit: 895}, BaseCoverage{Commit: "base000000", Behind: 3, Total: Totals{All: 1000, Hit: 900}}, 50, Met, "It drops by 0.5 points from main at base000, 3 commits before this branches off; 0.5 may be lost."},
		"too much less":    {Totals{All: 1000, Hit: 880}, BaseCoverage{Commit: "base000000", Behind: 1, Total: Totals{All: 1000, Hit: 900}}, 50, Unmet, "It drops by 2 points from main at base000, 1 commit before this branches off, and only 0.5 may be lost: 15 more covered lines."},
		"by a hair":        {Totals{All: 100000, Hit: 89499}, BaseCoverage{Commit: "base000000", Total: Totals{All: 10, Hit: 9}}, 50, Unmet, "It drops by 0.51 points from main at base000, and only 0.5 may be lost: 1 more covered line."},
		"one point":        {Totals{All: 100, Hit: 89}, BaseCoverage{Commit: "base000000", Total: Totals{All: 10, Hit: 9}}, 100, Met, "It drops by 1 point from main"},
		// 100 covered lines are removed: 900 of 1000 becomes 800 of 900, nothing is lost.
		"removed lines":      {Totals{All: 900, Hit: 800}, BaseCoverage{Commit: "base000000", Total: Totals{All: 1000, Hit: 900}, Removed: Totals{All: 100, Hit: 100}}, 0, Met, "It does not drop from main"},
		"not that many":      {Totals{All: 900, Hit: 799}, BaseCoverage{Commit: "base000000", Total: Totals{All: 1000, Hit: 900}, Removed: Totals{All: 100, Hit: 100}}, 0, Unmet, "It drops by 0.12 points"},
		"all is removed":     {Totals{All: 10, Hit: 1}, BaseCoverage{Commit: "base000000", Total: Totals{All: 10, Hit: 10}, Removed: Totals{All: 10, Hit: 10}}, 0, Met, "It does not drop"},
		"a nonsensical base": {Totals{All: 10, Hit: 1}, BaseCoverage{Commit: "base000000", Total: Totals{All: 10, Hit: 11}}, 0, Unmet, "The totals of its base base000 make no sense."},
		"more gone than was": {Totals{All: 10, Hit: 1}, BaseCoverage{Commit: "base000000", Total: Totals{All: 10, Hit: 5}, Removed: Totals{All: 11, Hit: 1}}, 0, Unmet, "make no sense."},
	} {
		m := newMeasured().project(-1, c.drop).based(c.base)
		m.cov.Total = c.total
		r := m.judged(t)
		wantCoverage(t, name, r, c.state, c.said)
		if e := r.Evidence[len(r.Evidence)-1]; !strings.Contains(c.said, "no sense") && (e.Kind != "commit" || e.Commit != "base000000") {
			t.Errorf("%s: the base is no evidence: %v", name, r.Evidence)
		}
	}
}

func TestWithoutABaseReportNothingIsGreen(t *testing.T) {
	none := BaseCoverage{Start: "5ta27c0mm17", Searched: 50}
	r := newMeasured().project(8000, 50).based(none).judged(t)
	wantCoverage(t, "the minimum holds", r, Waiting, "90 % of the project's lines are covered; 80 % needed. It cannot be compared: main has no coverage report at 5ta27c0 or the 49 commits before it.", "whoever runs the workflows on main")
	if p := part(r, "coverage/project"); !p.Unknown {
		t.Error("it is not said to be unknown")
	}
	wantCoverage(t, "the minimum does not hold", newMeasured().project(9500, 50).based(none).judged(t), Unmet, "50 more covered lines. It cannot be compared")
	wantCoverage(t, "no minimum", newMeasured().project(-1, 50).based(BaseCoverage{}).judged(t), Waiting, "90 % of the project's lines are covered. It cannot be compared: main has no coverage report.")
	wantCoverage(t, "a base of nothing", newMeasured().project(-1, 50).based(BaseCoverage{Commit: "b"}).judged(t), Waiting, "It cannot be compared")
	m := newMeasured().project(-1, 50)
	wantCoverage(t, "not looked for", m.judged(t), Unmet, "What it was on main has not been looked for yet.")
	m.project(8000, -1)
	wantCoverage(t, "not needed", m.judged(t), Met)
}

func TestADropOfWhatIsNotChangedIsAWarning(t *testing.T) {
	base := BaseCoverage{Commit: "base000000", Total: Totals{All: 1000, Hit: 990}}
	indirect := func(change func(*measured)) *measured {
		m := newMeasured().project(-1, 50).based(base).changed(File{Path: "a_test.go", Status: "modified", Additions: 1, Deletions: 40})
		m.cov.Files = []FileCoverage{{Path: "a_test.go", Added: 1}}
		if change != nil {
			change(m)
		}
		return m
	}
	wantCoverage(t, "by default", indirect(nil).judged(t), Met, "It drops by 9 points from main at base000 though no measured line is changed; that is a warning here.")
	for name, change := range map[string]func(*measured){
		"the policy blocks":    func(m *measured) { m.rules.Indirect = Blocks },
		"the policy says none": func(m *measured) { m.rules.Indirect = "" },
		"a measured line":      func(m *measured) { m.cov.Files = append(m.cov.Files, fileOf("src/a.go", "1", "", "")) },
		"a measured line gone": func(m *measured) { m.cov.Base.Removed = Totals{All: 1, Hit: 1} },
		"a file in no report":  func(m *measured) { m.cov.Files = append(m.cov.Files, FileCoverage{Path: "src/b.go", Added: 2}) },
		"removed, an older base": func(m *measured) {
			m.cov.Base.Behind = 2
			m.changed(File{Path: "src/b.go", Status: "removed", Deletions: 9})
		},
	} {
		r := part(indirect(change).judged(t), "coverage/project")
		wantCoverage(t, name, r, Unmet, "and only 0.5 may be lost")
	}
	wantCoverage(t, "nothing removed, an older base", indirect(func(m *measured) { m.cov.Base.Behind = 2 }).judged(t), Met)
	if r := indirect(func(m *measured) { m.cov.Total.Hit = 985 }).judged(t); strings.Contains(allText(r), "warning") {
		t.Errorf("a warning of what may be: %s", allText(r))
	}
}

func TestLawADropIsExactAndWhatIsShownNeverContradictsIt(t *testing.T) {
	rapid.Check(t, dropLaw)
}

func FuzzDrop(f *testing.F) { f.Fuzz(rapid.MakeFuzz(dropLaw)) }

func dropLaw(t *rapid.T) {
	top := rapid.SampledFrom([]int64{1, 100, 30_000, 1 << 40, 1<<63 - 1}).Draw(t, "top")
	var d drop
	d.all = rapid.Int64Range(1, top).Draw(t, "all")
	d.hit = rapid.Int64Range(0, d.all).Draw(t, "hit")
	d.baseAll = rapid.Int64Range(1, top).Draw(t, "base all")
	d.baseHit = rapid.Int64Range(0, d.baseAll).Draw(t, "base hit")
	limit := Percent(rapid.IntRange(0, 10000).Draw(t, "limit"))
	if rapid.Bool().Draw(t, "at the limit") {
		limit = max(0, min(whole, d.points()+Percent(rapid.IntRange(-1, 1).Draw(t, "off"))))
	}
	least := new(big.Rat).Sub(big.NewRat(d.baseHit, d.baseAll), big.NewRat(int64(limit), 10000))
	met := big.NewRat(d.hit, d.all).Cmp(least) >= 0
	if d.within(limit) != met {
		t.Fatalf("%+v within %v: %v", d, limit, !met)
	}
	if shown := d.points(); (shown <= limit) != met {
		t.Fatalf("%+v shows a drop of %v, and is within %v: %v", d, shown, limit, met)
	}
	if met {
		return
	}
	n := d.short(limit)
	now, before := d, d
	now.hit += n
	before.hit += n - 1
	if n < 1 || now.hit > d.all || !now.within(limit) || before.within(limit) {
		t.Fatalf("%+v lacks %d of %v", d, n, limit)
	}
}
