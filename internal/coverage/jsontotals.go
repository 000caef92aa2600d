package coverage

// jsonTotals are what a report in JSON says that its lines come to.
type jsonTotals struct {
	all, hit int64
	line     int // of the report
	set      bool
}

// read adds {"covered": 1, …}, where the member named all has the number of all
// lines.
func (t *jsonTotals) read(j *jsonReader, all string) {
	t.set, t.line = true, j.Line
	for j.Object(); j.More(); {
		switch string(j.Key()) {
		case all:
			t.all += j.total()
		case "covered":
			t.hit += j.total()
		default:
			j.Skip()
		}
	}
}

// into gives them to the builder, if there is no more in the report.
func (t *jsonTotals) into(j *jsonReader, lines bool) {
	switch {
	case lines || !t.set || j.Stopped():
	case t.hit > t.all:
		j.b.fail(t.line, "%d of %d lines covered", t.hit, t.all)
	default:
		j.b.totals(t.all, t.hit)
	}
}
