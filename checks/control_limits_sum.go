package checks

import (
	"cmp"
	"math/big"
	"slices"
)

// sum holds the values of a file together against the limit, each as often as there
// are replicas of it.
func (x *overrun) sum(f *ValueFile) {
	before, now := total(f.Base), total(f.Head)
	news := missingFrom(now.untold, before.untold)
	risen := now.sum.Cmp(before.sum) > 0
	e := excess{path: f.Path, line: x.lineOf(f, news), key: sumKey(f.Head), after: x.limit.Over.write(now.sum), total: true}
	if len(f.Base) > 0 {
		e.before = x.limit.Over.write(before.sum)
	}
	switch {
	case now.sum.Cmp(x.limit.Over.value) > 0 && risen && len(now.untold) == 0:
	case len(news) > 0:
		v := news[0]
		e.document, e.key, e.line, e.before, e.after, e.total = v.Document, v.Key, v.Line, "", v.Text, false
		e.why = "what it adds to the sum is known only elsewhere"
	case len(now.untold) > 0 && risen:
		e.why = "the sum has a part in it that is known only elsewhere, and the rest has risen"
	default:
		return
	}
	x.found = append(x.found, e)
}

// totalled is the sum of what can be told, and what cannot.
type totalled struct {
	sum    *big.Rat
	untold []Value
}

func total(values []Value) totalled {
	t := totalled{sum: new(big.Rat)}
	for _, v := range values {
		amount, ok := amountOf(v.Amount)
		times, known := big.NewRat(1, 1), true
		if v.Times != "" {
			times, known = amountOf(v.Times)
		}
		if !ok || !known || v.Unresolved || amount.Sign() < 0 || times.Sign() < 0 {
			t.untold = append(t.untold, v)
			continue
		}
		t.sum.Add(t.sum, new(big.Rat).Mul(amount, times))
	}
	slices.SortFunc(t.untold, compareValues)
	return t
}

func compareValues(a, b Value) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Document, b.Document), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Times, b.Times))
}

// missingFrom are those of some values that others do not have, whatever their
// lines.
func missingFrom(values, others []Value) []Value {
	left := slices.Clone(others)
	var out []Value
	for _, v := range values {
		i := slices.IndexFunc(left, func(o Value) bool { return alikeValues(o, v) })
		if i < 0 {
			out = append(out, v)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	return out
}

func alikeValues(a, b Value) bool {
	a.Line, b.Line = 0, 0
	return a == b
}

// lineOf is where the sum has changed first.
func (x *overrun) lineOf(f *ValueFile, news []Value) int {
	head, base := slices.Clone(f.Head), slices.Clone(f.Base)
	slices.SortFunc(head, compareValues)
	if changed := missingFrom(head, base); len(news) == 0 && len(changed) > 0 {
		return max(changed[0].Line, 1)
	}
	if len(news) > 0 {
		return max(news[0].Line, 1)
	}
	return 1
}

// sumKey is the key of the values where all have the same last step, as they mostly
// do.
func sumKey(values []Value) string {
	key := ""
	for i := range values {
		last := lastStep(values[i].Key)
		if i > 0 && key != last {
			return ""
		}
		key = last
	}
	return key
}
