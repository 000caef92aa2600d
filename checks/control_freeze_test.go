package checks

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func edge(t testing.TB, text string) (e Time) {
	t.Helper()
	if err := e.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return e
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// frozen is a freeze of one window, whose role is release.
func frozen(t testing.TB, from, until string, days ...Weekday) *Freeze {
	t.Helper()
	f := &Freeze{Windows: []FreezeWindow{{Name: "Year end", Reason: "The books are closed.", From: edge(t, from), Until: edge(t, until), Days: days, Role: "release"}}}
	f.UseRoles(map[RoleName]Role{"release": {Team: "acme/release"}})
	return f
}

// A verdict must change when a window begins and ends, though nothing happens then:
// Until says when.
func TestAFreezeHoldsFromItsBeginningUpToItsEnd(t *testing.T) {
	type moment struct{ at, until string }
	workdays := []Weekday{"mon", "tue", "wed", "thu", "fri"}
	for name, c := range map[string]struct {
		freeze *Freeze
		free   []moment // until is when it begins
		frozen []moment // until is when it ends
	}{
		"moments": {
			frozen(t, "2026-12-20T18:00:00+01:00", "2027-01-05T08:00:00Z"),
			[]moment{{"2026-03-02T12:00:00Z", "2026-12-20T17:00:00Z"}, {"2026-12-20T16:59:59Z", "2026-12-20T17:00:00Z"}, {"2027-01-05T08:00:00Z", ""}, {"2030-01-01T00:00:00Z", ""}},
			[]moment{{"2026-12-20T17:00:00Z", "2027-01-05T08:00:00Z"}, {"2027-01-05T07:59:59Z", "2027-01-05T08:00:00Z"}},
		},
		"a time of the week": { // 2026-03-06 is a Friday
			frozen(t, "fri 16:00+01:00", "mon 08:00+01:00"),
			[]moment{{"2026-03-06T14:59:59Z", "2026-03-06T15:00:00Z"}, {"2026-03-09T07:00:00Z", "2026-03-13T15:00:00Z"}, {"2026-03-03T00:00:00Z", "2026-03-06T15:00:00Z"}},
			[]moment{{"2026-03-06T15:00:00Z", "2026-03-09T07:00:00Z"}, {"2026-03-08T12:00:00Z", "2026-03-09T07:00:00Z"}, {"2026-03-09T00:00:00Z", "2026-03-09T07:00:00Z"}, {"2026-03-09T06:59:59Z", "2026-03-09T07:00:00Z"}},
		},
		"whole days that touch": {
			frozen(t, "00:00+02:00", "24:00+02:00", "fri", "sat", "sun"),
			[]moment{{"2026-03-05T21:59:59Z", "2026-03-05T22:00:00Z"}, {"2026-03-08T22:00:00Z", "2026-03-12T22:00:00Z"}},
			[]moment{{"2026-03-05T22:00:00Z", "2026-03-08T22:00:00Z"}, {"2026-03-06T22:00:00Z", "2026-03-08T22:00:00Z"}, {"2026-03-08T21:59:59Z", "2026-03-08T22:00:00Z"}},
		},
		"nights": {
			frozen(t, "22:00Z", "06:00Z", workdays...),
			[]moment{{"2026-03-02T21:59:59Z", "2026-03-02T22:00:00Z"}, {"2026-03-03T06:00:00Z", "2026-03-03T22:00:00Z"}, {"2026-03-07T06:00:00Z", "2026-03-09T22:00:00Z"}, {"2026-03-09T00:00:00Z", "2026-03-09T22:00:00Z"}},
			[]moment{{"2026-03-03T00:00:00Z", "2026-03-03T06:00:00Z"}, {"2026-03-07T05:59:00Z", "2026-03-07T06:00:00Z"}},
		},
		"a Sunday that is still Saturday here": {
			frozen(t, "00:00+10:00", "12:00+10:00", "sun"),
			[]moment{{"2026-03-07T13:59:00Z", "2026-03-07T14:00:00Z"}, {"2026-03-08T02:00:00Z", "2026-03-14T14:00:00Z"}},
			[]moment{{"2026-03-07T14:00:00Z", "2026-03-08T02:00:00Z"}, {"2026-03-08T01:59:00Z", "2026-03-08T02:00:00Z"}},
		},
		"a Monday that is already Tuesday here": {
			frozen(t, "20:00-08:00", "23:00-08:00", "mon"),
			[]moment{{"2026-03-02T20:00:00Z", "2026-03-03T04:00:00Z"}, {"2026-03-03T07:00:00Z", "2026-03-10T04:00:00Z"}},
			[]moment{{"2026-03-03T04:00:00Z", "2026-03-03T07:00:00Z"}},
		},
		"nearly the whole week": {
			frozen(t, "mon 01:00Z", "mon 00:59Z"),
			[]moment{{"2026-03-02T00:59:00Z", "2026-03-02T01:00:00Z"}},
			[]moment{{"2026-03-02T00:58:59Z", "2026-03-02T00:59:00Z"}, {"2026-03-02T01:00:00Z", "2026-03-09T00:59:00Z"}},
		},
		"before years were counted as now": {
			frozen(t, "fri 00:00Z", "sat 00:00Z"),
			[]moment{{"0001-01-01T00:00:01Z", "0001-01-05T00:00:00Z"}, {"1969-12-31T00:00:00Z", "1970-01-02T00:00:00Z"}},
			[]moment{{"1970-01-02T00:00:00Z", "1970-01-03T00:00:00Z"}},
		},
	} {
		look := func(m moment, want State) {
			s := newScene().team("acme/release", "rita")
			s.At = at(t, m.at)
			r := c.freeze.Eval(s.Pull)
			until := time.Time{}
			if m.until != "" {
				until = at(t, m.until)
			}
			if r.State != want || !r.Until.Equal(until) || !r.Parts[0].Until.Equal(until) {
				t.Errorf("%s: at %s it is %s until %s: %s", name, m.at, r.State, r.Until, allText(r))
			}
			v := Judge(Policy{Sections: []Section{{Name: "compliance", Checks: []Check{c.freeze}}}}, s.Pull)
			if !v.Until.Equal(until) {
				t.Errorf("%s: at %s the verdict changes at %s", name, m.at, v.Until)
			}
		}
		if f := c.freeze.Faults(); len(f) > 0 {
			t.Errorf("%s: %v", name, f)
		}
		for _, m := range c.free {
			look(m, Met)
		}
		for _, m := range c.frozen {
			look(m, Waiting)
		}
	}
}

func TestAFreezeIsLetThroughOnlyByWhomItNamesAndAfterItBegan(t *testing.T) {
	// The pull request's own clock goes from 02:00 on, a minute a step; it is read
	// at noon of 2026-03-02, a Monday.
	early, late := func() *Freeze { return frozen(t, "mon 01:00Z", "tue 00:00Z") }, func() *Freeze { return frozen(t, "2026-03-02T11:00:00Z", "2026-03-03T00:00:00Z") }
	other := func(change func(*FreezeWindow)) *Freeze {
		f := early()
		change(&f.Windows[0])
		return f
	}
	in := func() *scene { return newScene().team("acme/release", "rita", "ann").can("rita", "write") }
	for name, c := range map[string]struct {
		freeze *Freeze
		scene  *scene
		want   State
		says   string
	}{
		"nobody did":               {early(), in(), Waiting, "Frozen until 2026-03-03 00:00 UTC: The books are closed. Needs an approval from @acme/release"},
		"who may":                  {early(), in().said("rita", "/approve release"), Met, "Approved by rita."},
		"before it began":          {late(), in().said("rita", "/approve release"), Waiting, "rita's sign-off does not count: it was given before the freeze began"},
		"the author":               {early(), in().said("ann", "/approve release"), Waiting, "ann opened this pull request"},
		"somebody else":            {early(), in().said("bob", "/approve release"), Waiting, "bob is not in @acme/release"},
		"then it changed":          {early(), in().said("rita", "/approve release").push("c2", "ann", "src/a.go=2"), Waiting, "stale"},
		"nobody may":               {other(func(w *FreezeWindow) { w.Role = "" }), in().said("rita", "/approve release"), Waiting, "Nobody can let it through before."},
		"the team is not there":    {early(), in().noTeam("acme/release"), Unmet, "does not exist or cannot be seen"},
		"another branch":           {other(func(w *FreezeWindow) { w.Branches = []Glob{"release/*"} }), in(), Exempt, "Does not apply: the base branch is main."},
		"this branch":              {other(func(w *FreezeWindow) { w.Branches = []Glob{"release/*", "main"} }), in(), Waiting, "Frozen until"},
		"a branch nobody knows":    {other(func(w *FreezeWindow) { w.Branches = []Glob{"x"} }), in().with(func(p *Pull) { p.Base.Name = "" }), Waiting, "Frozen until"},
		"other files":              {other(func(w *FreezeWindow) { w.Files = []Glob{"deploy/**"} }), in(), Exempt, "Does not apply: no changed file matches deploy/**."},
		"these files":              {other(func(w *FreezeWindow) { w.Files = []Glob{"src/**"} }), in(), Waiting, "Frozen until"},
		"the old name of a file":   {other(func(w *FreezeWindow) { w.Files = []Glob{"deploy/**"} }), in().files("deploy/a->src/a"), Waiting, "Frozen until"},
		"files GitHub cut":         {other(func(w *FreezeWindow) { w.Files = []Glob{"deploy/**"} }), in().with(func(p *Pull) { p.FileCount = 2 }), Waiting, "The freeze applies, since GitHub does not list every changed file."},
		"files that were not read": {other(func(w *FreezeWindow) { w.Files = []Glob{"deploy/**"} }), in().with(func(p *Pull) { p.FilesRead, p.Files = false, nil }), Waiting, "Frozen until"},
		"nobody knows when it is":  {early(), in().with(func(p *Pull) { p.At = time.Time{} }), Unmet, "it is not known when this was read"},
		"a reason with a mention":  {other(func(w *FreezeWindow) { w.Reason = "ask\u202e @everyone." }), in(), Waiting, "Frozen until 2026-03-03 00:00 UTC: ask @everyone."},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.freeze.Eval(c.scene.Pull)
			if r.State != c.want || !strings.Contains(allText(r), c.says) {
				t.Errorf("%s: %s", r.State, allText(r))
			}
			if !r.State.Passes() && len(r.Can) == 0 {
				t.Error("nobody can act on it")
			}
		})
	}
}

func TestEachWindowIsLetThroughByItself(t *testing.T) {
	f := frozen(t, "mon 01:00Z", "tue 00:00Z")
	f.Windows = append(f.Windows, FreezeWindow{Name: "Later", Reason: "y", From: edge(t, "2026-03-02T11:00:00Z"), Until: edge(t, "2026-03-02T13:00:00Z"), Role: "release"},
		FreezeWindow{Name: "Soon", Reason: "z", From: edge(t, "2026-03-02T12:30:00Z"), Until: edge(t, "2026-03-02T13:00:00Z")})
	s := newScene().team("acme/release", "rita").said("rita", "/approve release")
	r := f.Eval(s.Pull)
	states := []State{part(r, "compliance/freeze/year-end").State, part(r, "compliance/freeze/later").State, part(r, "compliance/freeze/soon").State}
	if !slices.Equal(states, []State{Met, Waiting, Met}) || !r.Until.Equal(at(t, "2026-03-02T12:30:00Z")) {
		t.Errorf("%v until %s: %s", states, r.Until, allText(r))
	}
}

func TestTimesHaveTheirZone(t *testing.T) {
	for text, want := range map[string]string{
		"2026-12-20T18:00:00+01:00": "2026-12-20T18:00:00+01:00", "2026-12-20T18:00:00Z": "2026-12-20T18:00:00Z",
		"fri 16:00+01:00": "fri 16:00+01:00", "Fri 16:00Z": "fri 16:00Z", "00:00-03:30": "00:00-03:30", "24:00Z": "24:00Z", "23:59+14:00": "23:59+14:00",
		"16:00": "", "fri 16:00": "", "2026-12-20": "", "2026-12-20T18:00:00": "", "24:01Z": "", "25:00Z": "", "16:60Z": "", "16:00+15:00": "", "16:00+01:60": "",
		"friday 16:00Z": "", "xyz 16:00Z": "", "": "", "16": "", "4pm": "", "16:00 Z": "", "2026-13-20T18:00:00Z": "", "16:00Z\n": "", "16:00+1": "",
	} {
		var e Time
		err := e.UnmarshalText([]byte(text))
		if e.String() != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", text, e, err)
		}
	}
	var e Time
	if err := e.UnmarshalText([]byte("16:00")); err == nil || !strings.Contains(err.Error(), "write 16:00Z, or an offset such as 16:00+01:00") {
		t.Errorf("who forgets the zone is told %v", err)
	}
}

func TestWindowsThatCannotBeMeantAreRefused(t *testing.T) {
	change := func(f *Freeze, how func(*FreezeWindow)) *Freeze {
		how(&f.Windows[0])
		return f
	}
	week := []Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	for name, c := range map[string]struct {
		freeze *Freeze
		want   string
	}{
		"none":                             {&Freeze{}, " "},
		"no name":                          {change(frozen(t, "mon 01:00Z", "tue 00:00Z"), func(w *FreezeWindow) { w.Name = " " }), "0.name "},
		"no reason":                        {change(frozen(t, "mon 01:00Z", "tue 00:00Z"), func(w *FreezeWindow) { w.Reason = " " }), "0 "},
		"no beginning":                     {change(frozen(t, "mon 01:00Z", "tue 00:00Z"), func(w *FreezeWindow) { w.From = Time{} }), "0 "},
		"no end":                           {change(frozen(t, "mon 01:00Z", "tue 00:00Z"), func(w *FreezeWindow) { w.Until = Time{} }), "0 "},
		"two forms":                        {frozen(t, "mon 01:00Z", "2026-12-20T18:00:00Z"), "0.until "},
		"it ends before it begins":         {frozen(t, "2026-12-20T18:00:00Z", "2026-12-20T18:30:00+01:00"), "0.until "},
		"it ends as it begins":             {frozen(t, "2026-12-20T18:00:00Z", "2026-12-20T18:00:00Z"), "0.until "},
		"a day without days":               {frozen(t, "16:00Z", "18:00Z"), "0 "},
		"days without a time of the day":   {frozen(t, "mon 16:00Z", "tue 18:00Z", "mon"), "0.days "},
		"two zones":                        {frozen(t, "16:00Z", "18:00+01:00", "mon"), "0.until "},
		"a day that begins at its end":     {frozen(t, "24:00Z", "18:00Z", "mon"), "0.from "},
		"the same time":                    {frozen(t, "16:00Z", "16:00Z", "mon"), "0.until "},
		"the same time of the week":        {frozen(t, "mon 16:00Z", "mon 16:00Z"), "0.until "},
		"a whole week":                     {frozen(t, "mon 00:00Z", "sun 24:00Z"), "0.until "},
		"every day":                        {frozen(t, "00:00Z", "24:00Z", week...), "0.until "},
		"every day and night, in pieces":   {frozen(t, "12:00Z", "11:59Z", week...), ""},
		"a day twice":                      {frozen(t, "16:00Z", "17:00Z", "mon", "mon"), "0.days.1 "},
		"all branches and files":           {change(frozen(t, "mon 01:00Z", "tue 00:00Z"), func(w *FreezeWindow) { w.Branches, w.Files = []Glob{"**"}, []Glob{"**/*"} }), "0.branches? 0.files? "},
		"a weekend, and a date over again": {frozen(t, "fri 16:00Z", "mon 08:00Z"), ""},
	} {
		keys := ""
		for _, f := range c.freeze.Faults() {
			if keys += f.Key; f.Warning {
				keys += "?"
			}
			keys += " "
		}
		if keys != c.want {
			t.Errorf("%s: refused at %q, want %q", name, keys, c.want)
		}
	}
	twice := frozen(t, "mon 01:00Z", "tue 00:00Z")
	twice.Windows = append(twice.Windows, twice.Windows[0])
	if f := twice.Faults(); len(f) != 1 || f[0].Key != "1.name" {
		t.Errorf("two windows of one name: %v", f)
	}
}

func TestAFreezeAsksForPeopleOnlyWhileItHolds(t *testing.T) {
	s := newScene().team("acme/release", "rita").said("rita", "/approve release")
	delete(s.People, "rita")
	if w := frozen(t, "mon 01:00Z", "tue 00:00Z").Wants(s.Pull); !slices.Equal(w.Users, []string{"rita"}) {
		t.Errorf("it wants %+v", w)
	}
	if w := frozen(t, "tue 01:00Z", "wed 00:00Z").Wants(s.Pull); !w.None() {
		t.Errorf("it wants %+v", w)
	}
	plain := frozen(t, "mon 01:00Z", "tue 00:00Z")
	plain.Windows[0].Role = ""
	if n := plain.Need(); n.Files || len(n.Teams) != 0 {
		t.Errorf("without a role and files it needs %+v", n)
	}
	plain.Windows[0].Files = []Glob{"a"}
	if n := plain.Need(); !n.Files {
		t.Error("it needs no files")
	}
}
