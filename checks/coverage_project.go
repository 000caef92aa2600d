package checks

import (
	"math/big"
	"strconv"
)

// project judges everything that the reports speak of.
func (g *gauge) project() Result {
	r := Result{ID: "coverage/project", Name: "Project coverage", State: Met}
	total, p := g.cov.Total, g.rules.Project
	hit := g.counted(total)
	if total.All == 0 {
		r.State, r.Unknown, r.Can = Unmet, true, []string{theAuthor}
		r.Summary = "The reports hold nothing that could be covered, so nothing can be said of the project."
		return r
	}
	noun := "line"
	if total.Statements {
		noun = "statement"
	}
	r.Summary = share(hit, total.All).String() + " of the project's " + noun + "s are covered"
	switch {
	case p.Min == nil:
		r.Summary += "."
	case reaches(hit, total.All, *p.Min):
		r.Summary += "; " + p.Min.String() + " needed."
	default:
		r.State, r.Can = Unmet, []string{theAuthor}
		r.Summary += ", " + p.Min.String() + " needed: " + moreCovered(shortBy(hit, total.All, *p.Min), noun) + "."
	}
	if p.MaxDrop != nil {
		g.compare(&r, *p.MaxDrop, noun)
	}
	return r
}

// compare adds to the result whether coverage has dropped too far from the base
// branch's.
func (g *gauge) compare(r *Result, limit Percent, noun string) {
	base := g.cov.Base
	switch {
	case base == nil:
		r.State, r.Unknown, r.Can = Unmet, true, union(r.Can, []string{operators})
		r.Summary += " What it was on " + Plain(g.pull.Base.Name) + " has not been looked for yet."
		return
	case base.Commit == "" || base.Total.All == 0:
		g.baseless(r)
		return
	case !sound(base.Total) || !sound(base.Removed) || base.Removed.All > base.Total.All || g.counted(base.Removed) > g.counted(base.Total):
		r.State, r.Unknown, r.Can = Unmet, true, union(r.Can, []string{operators})
		r.Summary += " The totals of its base " + Plain(short(base.Commit)) + " make no sense."
		return
	}
	g.proof = append(g.proof, Evidence{
		Kind: "commit", Commit: base.Commit,
		Text: "base coverage: " + strconv.FormatInt(g.counted(base.Total), 10) + " of " + strconv.FormatInt(base.Total.All, 10),
	})
	d := g.drop()
	switch {
	case d.points() <= 0:
		r.Summary += " It does not drop from " + g.baseName() + "."
	case d.within(limit):
		r.Summary += " It drops by " + d.text() + " from " + g.baseName() + "; " + limit.number() + " may be lost."
	case g.indirect() && g.rules.Indirect == Warns:
		r.Summary += " It drops by " + d.text() + " from " + g.baseName() + " though no measured line is changed; that is a warning here."
	default:
		r.State, r.Can = Unmet, union(r.Can, []string{theAuthor})
		r.Summary += " It drops by " + d.text() + " from " + g.baseName() + ", and only " + limit.number() + " may be lost: " + moreCovered(d.short(limit), noun) + "."
		if g.indirect() {
			r.Notes = append(r.Notes, "No measured line is changed: tests that were changed, or that run differently now, may be why.")
		}
	}
}

// baseless: there is nothing to compare with, which is no reason to pass.
func (g *gauge) baseless(r *Result) {
	base := g.cov.Base
	at := ""
	if base.Start != "" {
		at = " at " + Plain(short(base.Start))
		if n := base.Searched - 1; n > 0 {
			at += " or the " + count(n, "commit") + " before it"
		}
	}
	r.Summary += " It cannot be compared: " + Plain(g.pull.Base.Name) + " has no coverage report" + at + "."
	r.Notes = append(r.Notes, "A report to compare with comes from a run of the same workflows for a push to "+Plain(g.pull.Base.Name)+".")
	who := "whoever runs the workflows on " + Plain(g.pull.Base.Name)
	if r.State.Passes() {
		r.State = Waiting
	}
	r.Unknown, r.Can = true, append(r.Can, who)
}

// baseName is the commit that is compared with, as a sentence names it.
func (g *gauge) baseName() string {
	b := g.cov.Base
	text := Plain(g.pull.Base.Name) + " at " + Plain(short(b.Commit))
	switch {
	case b.Behind <= 0:
		return text
	case b.Start != "" && b.Start == g.cov.Onto:
		return text + ", " + count(b.Behind, "commit") + " before " + Plain(short(b.Start)) + ", with which it was tested"
	}
	return text + ", " + count(b.Behind, "commit") + " before this branches off"
}

// indirect says whether no line is changed of which a report knows. Of lines
// that are removed nothing is known where the report is of an older commit; a
// source file that loses lines counts as changed then.
func (g *gauge) indirect() bool {
	t, base := &g.patched, g.cov.Base
	if t.lines > 0 || len(t.lost)+len(t.newFiles)+len(t.oldFiles) > 0 || base.Removed.All > 0 {
		return false
	}
	if base.Behind == 0 {
		return true
	}
	exts := g.measuredExts()
	for i := range g.pull.Files {
		if f := &g.pull.Files[i]; (f.Deletions > 0 || f.Status == "removed") && expected(f.Path, exts) {
			return false
		}
	}
	return true
}

// drop is how much less is covered than at the base, in exact fractions.
type drop struct {
	hit, all         int64
	baseHit, baseAll int64 // without what the change removes
}

func (g *gauge) drop() drop {
	b := g.cov.Base
	return drop{
		g.counted(g.cov.Total), g.cov.Total.All,
		g.counted(b.Total) - g.counted(b.Removed), b.Total.All - b.Removed.All,
	}
}

// lost is the drop in hundredths of a percent; of a base of nothing none.
func (d drop) lost() *big.Rat {
	if d.baseAll <= 0 || d.all <= 0 {
		return new(big.Rat)
	}
	lost := new(big.Rat).Sub(big.NewRat(d.baseHit, d.baseAll), big.NewRat(d.hit, d.all))
	return lost.Mul(lost, big.NewRat(int64(whole), 1))
}

// within says whether the drop is no more than a limit.
func (d drop) within(limit Percent) bool { return d.lost().Cmp(big.NewRat(int64(limit), 1)) <= 0 }

// points is the drop in hundredths of a percent, rounded up, so that what is
// more than a limit shows as more.
func (d drop) points() Percent {
	lost := d.lost()
	q, rest := new(big.Int).DivMod(lost.Num(), lost.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return Percent(q.Int64())
}

// text is the drop as it is shown.
func (d drop) text() string {
	p := d.points()
	if p == whole/100 {
		return "1 point"
	}
	return p.number() + " points"
}

// short is how many more must be covered to keep within a limit.
func (d drop) short(limit Percent) int64 {
	// hit + n >= all * (baseHit/baseAll - limit)
	need := new(big.Rat).Sub(big.NewRat(d.baseHit, d.baseAll), big.NewRat(int64(limit), int64(whole)))
	need.Mul(need, big.NewRat(d.all, 1)).Sub(need, big.NewRat(d.hit, 1))
	q, rest := new(big.Int).DivMod(need.Num(), need.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}
