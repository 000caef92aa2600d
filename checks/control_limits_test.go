package checks

import (
	"math/big"
	"strconv"
	"strings"
	"testing"
)

// quantityOf is a quantity that is known to be one.
func quantityOf(t testing.TB, text string) Quantity {
	t.Helper()
	var q Quantity
	if err := q.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return q
}

// memoryLimit is the limit of most tests: over 1Gi the role platform signs, which
// pat and paula hold.
func memoryLimit(t testing.TB, change func(*Limit)) *Limits {
	t.Helper()
	l := &Limits{Rules: []Limit{{Name: "Memory", Files: []Glob{"deploy/**"}, Key: "**.memory", Over: quantityOf(t, "1Gi"), Role: "platform"}}}
	if change != nil {
		change(&l.Rules[0])
	}
	l.UseRoles(map[RoleName]Role{
		"platform": {Name: "platform", Team: "acme/platform", Permission: "write", GitHubReview: true},
		"finance":  {Name: "finance", Users: []string{"fay"}, Permission: "read", GitHubReview: true},
	})
	return l
}

// valueAt is a value of a deployment, from its text: "512Mi", "?${X}", with "x3" behind
// it for replicas.
func valueAt(name, text string) Value {
	text, times, _ := strings.Cut(text, " x ")
	v := Value{Document: name, Key: "spec.memory", Text: strings.TrimPrefix(text, "?"), Times: times, Line: 9, Unresolved: strings.HasPrefix(text, "?")}
	if q, ok := ParseQuantity(text); ok {
		v.Amount = Decimal(q)
	}
	return v
}

func valuesAt(texts string) []Value {
	var out []Value
	for i, text := range strings.Fields(strings.ReplaceAll(texts, " x ", "_x_")) {
		name := "api"
		if n, rest, ok := strings.Cut(text, ":"); ok {
			name, text = n, rest
		}
		v := valueAt(name, strings.ReplaceAll(text, "_x_", " x "))
		v.Line += i
		out = append(out, v)
	}
	return out
}

// reading puts what was read of files into a snapshot.
func (s *scene) reading(l *Limits, files ...ValueFile) *scene {
	s.Values = map[string]Values{}
	for i := range l.Rules {
		s.Values[l.Rules[i].valuation().Key()] = Values{Engine: "test", Files: files}
	}
	return s
}

func deploys(spec string) *scene {
	return newScene().files(spec).team("acme/platform", "pat", "paula").can("pat", "write").can("paula", "write").can("fay", "read")
}

func TestWhatIsRaisedAboveTheLimitIsSignedForAndNothingElse(t *testing.T) {
	const path = "deploy/api.yaml"
	for name, c := range map[string]struct {
		before, now string
		change      func(*Limit)
		says        string // "" is met
	}{
		"raised within the limit":      {before: "512Mi", now: "1Gi"},
		"raised above it":              {before: "512Mi", now: "1.5Gi", says: "memory 512Mi → 1.5Gi is over 1Gi in deploy/api.yaml:9 of api."},
		"a little above it":            {before: "1Gi", now: "1073741825", says: "memory 1Gi → 1073741825 is over 1Gi"},
		"1G is not 1Gi":                {before: "1Gi", now: "1G"},
		"new and above it":             {now: "2Gi", says: "memory 2Gi is over 1Gi"},
		"new and within it":            {now: "1Gi"},
		"lowered, and above it still":  {before: "4Gi", now: "2Gi"},
		"above it and not changed":     {before: "4Gi", now: "4Gi"},
		"the same in another unit":     {before: "2Gi", now: "2048Mi"},
		"above it and raised":          {before: "2Gi", now: "4Gi", says: "memory 2Gi → 4Gi is over 1Gi"},
		"taken away":                   {before: "4Gi"},
		"moved to another object":      {before: "api:4Gi", now: "web:4Gi", says: "memory 4Gi is over 1Gi in deploy/api.yaml:9 of web"},
		"another object beside it":     {before: "api:4Gi", now: "api:4Gi web:4Gi", says: "memory 4Gi is over 1Gi in deploy/api.yaml:10 of web"},
		"exchanged by two objects":     {before: "api:4Gi web:1Gi", now: "api:1Gi web:4Gi", says: "memory 1Gi → 4Gi is over 1Gi in deploy/api.yaml:10 of web"},
		"twice where it was once":      {before: "4Gi", now: "4Gi 4Gi", says: "memory 4Gi is over 1Gi"},
		"twice, one of them raised":    {before: "4Gi 2Gi", now: "4Gi 3Gi", says: "memory 2Gi → 3Gi is over 1Gi"},
		"twice, in another order":      {before: "4Gi 2Gi", now: "2Gi 4Gi"},
		"a new expression":             {now: "?${M}", says: "memory ${M} in deploy/api.yaml:9 of api cannot be held against the limit of 1Gi, since what it comes to is known only elsewhere."},
		"a number becomes one":         {before: "512Mi", now: "?${M}", says: "memory 512Mi → ${M} in"},
		"an expression is changed":     {before: "?${A}", now: "?${B}", says: "memory ${A} → ${B} in"},
		"an expression stays":          {before: "?${A}", now: "?${A}"},
		"an expression twice":          {before: "?${A}", now: "?${A} ?${A}", says: "memory ${A} in"},
		"an expression becomes number": {before: "?${A}", now: "2Gi", says: "memory ${A} → 2Gi is over 1Gi"},
		"and one within the limit":     {before: "?${A}", now: "1Gi"},
		"no number":                    {before: "1Gi", now: "plenty", says: "memory 1Gi → plenty in deploy/api.yaml:9 of api cannot be held against the limit of 1Gi, since it is no number that can be compared."},
		"no number, as before":         {before: "plenty", now: "plenty"},
		"a limit of none":              {before: "0", now: "1", change: func(l *Limit) { l.Over = quantityOf(t, "0") }, says: "memory 0 → 1 is over 0"},
		"less than none":               {before: "1", now: "-9Gi"},
		"replicas do not matter":       {before: "1Gi x 1", now: "1Gi x 900"},

		"a sum within the limit":              {before: "256Mi x 2", now: "256Mi x 4", change: summed},
		"a sum above it by replicas":          {before: "256Mi x 4", now: "256Mi x 5", change: summed, says: "The sum of memory 1Gi → 1.25Gi is over 1Gi in deploy/api.yaml:9."},
		"a sum above it by a new object":      {before: "api:1Gi", now: "api:1Gi web:1Mi", change: summed, says: "The sum of memory 1Gi → 1.001Gi is over 1Gi in deploy/api.yaml:10."},
		"a sum that only moves":               {before: "api:1Gi web:3Gi", now: "api:3Gi web:1Gi", change: summed},
		"a sum that is lowered":               {before: "4Gi x 4", now: "4Gi x 3", change: summed},
		"a sum of replicas nobody knows":      {before: "1Mi x 4", now: "1Mi x ?", change: summed, says: "memory 1Mi in deploy/api.yaml:9 of api cannot be held against the limit of 1Gi, since what it adds to the sum is known only elsewhere."},
		"of replicas nobody knew before":      {before: "1Mi x ?", now: "1Mi x ?", change: summed},
		"and the rest is raised":              {before: "api:1Mi x ? web:1Mi", now: "api:1Mi x ? web:2Mi", change: summed, says: "The sum of memory 1Mi → 2Mi in deploy/api.yaml:10 cannot be held against the limit of 1Gi, since the sum has a part in it"},
		"and the rest is lowered":             {before: "api:1Mi x ? web:2Gi", now: "api:1Mi x ? web:1Gi", change: summed},
		"a negative part hides nothing":       {before: "api:1Gi", now: "api:2Gi web:-4Gi", change: summed, says: "memory -4Gi in deploy/api.yaml:10 of web cannot be held"},
		"nothing of a sum is left":            {before: "4Gi", change: summed},
		"a sum in a file that is new":         {now: "api:1Gi web:1Gi", change: summed, says: "The sum of memory 2Gi is over 1Gi"},
		"replicas that are no number at all":  {before: "1Gi", now: "1Gi x -3", change: summed, says: "memory 1Gi in deploy/api.yaml:9 of api cannot be held against the limit"},
		"a huge number of replicas is summed": {before: "1", now: "1 x 1000000000000", change: summed, says: "The sum of memory 1 → 931.323Gi is over 1Gi"},
	} {
		t.Run(name, func(t *testing.T) {
			l := memoryLimit(t, c.change)
			s := deploys(path).reading(l, ValueFile{Path: path, Base: valuesAt(c.before), Head: valuesAt(c.now)})
			r := l.Eval(s.Pull).Parts[0]
			if c.says == "" {
				if r.State != Met || len(r.Annotations) > 0 {
					t.Errorf("%s: %s", r.State, r.Summary)
				}
				return
			}
			if r.State != Waiting || !strings.HasPrefix(r.Summary, c.says) || !strings.Contains(r.Summary, "Needs an approval from @acme/platform") {
				t.Errorf("%s: %s", r.State, r.Summary)
			}
			if len(r.Annotations) == 0 || r.Annotations[0].Path != path || r.Annotations[0].Start < 9 || strings.Join(r.Can, " ") != "@pat @paula" {
				t.Errorf("%v can, marked at %+v", r.Can, r.Annotations)
			}
			s.approved("pat")
			if r := l.Eval(s.Pull).Parts[0]; r.State != Met || len(r.Notes) == 0 || len(r.Annotations) == 0 {
				t.Errorf("signed, it is %s: %s", r.State, r.Summary)
			}
		})
	}
}

func summed(l *Limit) { l.Sum = true }

func TestWhatCannotBeToldOfAFileIsSignedForToo(t *testing.T) {
	const path = "deploy/api.yaml"
	high := valuesAt("4Gi")
	for name, c := range map[string]struct {
		spec  string
		file  ValueFile
		state State
		says  string
	}{
		"unreadable now":                {path, ValueFile{Path: path, Base: high, HeadFault: "it is no YAML (line 3)"}, Waiting, "The values of deploy/api.yaml cannot be told, since it is no YAML (line 3)."},
		"unreadable before":             {path, ValueFile{Path: path, Base: high, Head: high, BaseFault: "it is no YAML (line 3)"}, Waiting, "memory 4Gi is over 1Gi"},
		"renamed":                       {"deploy/old.yaml->" + path, ValueFile{Path: path, Previous: "deploy/old.yaml", Base: high, Head: high}, Met, ""},
		"renamed from elsewhere":        {"parked/old.yaml->" + path, ValueFile{Path: path, Previous: "parked/old.yaml", Base: high, Head: high}, Waiting, "memory 4Gi is over 1Gi"},
		"new, whatever is said of base": {"+" + path, ValueFile{Path: path, Base: high, Head: high}, Waiting, "memory 4Gi is over 1Gi"},
		"gone":                          {"-" + path, ValueFile{}, Exempt, "Does not apply"},
		"elsewhere":                     {"src/api.yaml", ValueFile{}, Exempt, "Does not apply"},
		"not read":                      {path, ValueFile{Path: "deploy/other.yaml"}, Unmet, "Cannot be met: the values of deploy/api.yaml were not read."},
	} {
		t.Run(name, func(t *testing.T) {
			l := memoryLimit(t, nil)
			r := l.Eval(deploys(c.spec).reading(l, c.file).Pull).Parts[0]
			if r.State != c.state || !strings.HasPrefix(r.Summary, c.says) {
				t.Errorf("%s: %s", r.State, r.Summary)
			}
		})
	}
	l := memoryLimit(t, nil)
	copied := deploys("deploy/old.yaml->" + path)
	copied.Files[0].Status = "copied"
	if r := l.Eval(copied.reading(l, ValueFile{Path: path, Previous: "deploy/old.yaml", Base: high, Head: high}).Pull).Parts[0]; r.State != Waiting {
		t.Errorf("a copy is more of the same, and is %s", r.State)
	}
	for name, change := range map[string]func(*Pull){
		"cut":          func(p *Pull) { p.FileCount++ },
		"not read":     func(p *Pull) { p.FilesRead = false },
		"no values":    func(p *Pull) { p.Values = nil },
		"other values": func(p *Pull) { p.Values = map[string]Values{"other": {}} },
	} {
		p := deploys(path).reading(l, ValueFile{Path: path}).Pull
		change(&p)
		if r := l.Eval(p); r.State != Unmet || !r.Unknown {
			t.Errorf("files %s: %s", name, r.State)
		}
	}
	if r := (&Limits{}).Eval(deploys(path).Pull); r.State.Passes() {
		t.Error("a list of no limits lets pass")
	}
}

// Several roles sign each for themselves, and several limits each for theirs.
func TestEachRoleSignsWhatItAnswersFor(t *testing.T) {
	const path = "deploy/api.yaml"
	l := memoryLimit(t, func(r *Limit) { r.Roles = []RoleName{"finance", "platform"} })
	s := deploys(path).reading(l, ValueFile{Path: path, Base: valuesAt("512Gi"), Head: valuesAt("1.5Ti")})
	r := l.Eval(s.Pull).Parts[0]
	if want := "memory 512Gi → 1.5Ti is over 1Gi in deploy/api.yaml:9 of api: platform and finance must sign. "; !strings.HasPrefix(r.Summary, want) || len(r.Parts) != 2 {
		t.Errorf("%s\n%+v", r.Summary, r.Parts)
	}
	if r.Parts[0].ID != "compliance/limits/memory/platform" || r.Parts[1].ID != "compliance/limits/memory/finance" {
		t.Errorf("they are %s and %s", r.Parts[0].ID, r.Parts[1].ID)
	}
	s.approved("pat")
	if r := l.Eval(s.Pull).Parts[0]; r.State != Waiting || strings.Join(r.Can, " ") != "@fay" {
		t.Errorf("with platform alone it is %s, %v can", r.State, r.Can)
	}
	s.approved("fay")
	if r := l.Eval(s.Pull).Parts[0]; r.State != Met {
		t.Errorf("with both it is %s: %s", r.State, r.Summary)
	}
}

// Whoever signed for a value has signed for no other one.
func TestASignOffEndsWhenTheFileGoesOn(t *testing.T) {
	const path = "deploy/api.yaml"
	l := memoryLimit(t, nil)
	read := func(s *scene) Result {
		return l.Eval(s.reading(l, ValueFile{Path: path, Base: valuesAt("512Mi"), Head: valuesAt("2Gi")}).Pull).Parts[0]
	}
	s := deploys(path).approved("pat")
	if r := read(s); r.State != Met {
		t.Fatalf("%s: %s", r.State, r.Summary)
	}
	s.push("c2", "ann").files(path, "src/new.go")
	if r := read(s); r.State != Met {
		t.Errorf("another file changed, and it is %s: %s %v", r.State, r.Summary, r.Notes)
	}
	s.push("c3", "ann").files(path+"=other", "src/new.go")
	if r := read(s); r.State != Waiting {
		t.Errorf("the value's file changed, and it is %s: %s", r.State, r.Summary)
	}
}

// A person who worked on the change does not sign for it, in whichever role.
func TestNobodySignsForTheirOwnValue(t *testing.T) {
	const path = "deploy/api.yaml"
	l := memoryLimit(t, nil)
	s := deploys(path).team("acme/platform", "ann", "pat").reading(l, ValueFile{Path: path, Head: valuesAt("2Gi")})
	s.said("ann", "/approve platform").said("bob", "/approve platform").can("bob", "write")
	if r := l.Eval(s.Pull).Parts[0]; r.State != Waiting || strings.Join(r.Can, " ") != "@pat" {
		t.Errorf("%s, %v can", r.State, r.Can)
	}
	s.said("pat", "/approve platform")
	if r := l.Eval(s.Pull).Parts[0]; r.State != Met {
		t.Errorf("%s: %s %v", r.State, r.Summary, r.Notes)
	}
}

func TestALimitIsAskedForOnlyWhatItNeeds(t *testing.T) {
	const path = "deploy/api.yaml"
	l := memoryLimit(t, func(r *Limit) { r.Roles = []RoleName{"finance"} })
	n := l.Need()
	if !n.Files || n.Owners || strings.Join(n.Teams, " ") != "acme/platform" || strings.Join(n.Users, " ") != "fay" || len(n.Values) != 1 {
		t.Errorf("%+v", n)
	}
	s := deploys(path).reading(l, ValueFile{Path: path, Head: valuesAt("512Mi")}).said("bob", "/approve platform")
	delete(s.People, "bob")
	if w := l.Wants(s.Pull); !w.None() {
		t.Errorf("within the limit it wants %+v", w)
	}
	s.reading(l, ValueFile{Path: path, Head: valuesAt("2Gi")})
	s.team("acme/platform", "bob")
	delete(s.People, "bob")
	if w := l.Wants(s.Pull); strings.Join(w.Users, " ") != "bob" {
		t.Errorf("above it it wants %+v", w)
	}
}

func TestManyValuesAreCountedAndNotAllShown(t *testing.T) {
	const path = "deploy/api.yaml"
	var all []Value
	for i := range 200 {
		v := valueAt("api"+strconv.Itoa(i), "2Gi")
		v.Line = i + 1
		all = append(all, v)
	}
	l := memoryLimit(t, nil)
	r := l.Eval(deploys(path).reading(l, ValueFile{Path: path, Head: all}).Pull).Parts[0]
	if !strings.Contains(r.Summary, ", and 199 more.") || len(r.Annotations) != 50 || len(r.Notes) != 21 {
		t.Errorf("%s\n%d annotations, %d notes", r.Summary, len(r.Annotations), len(r.Notes))
	}
}

func TestAmountsAreWrittenInTheUnitOfTheLimit(t *testing.T) {
	for _, c := range []struct{ limit, amount, want string }{
		{"1Gi", "1610612736", "1.5Gi"}, {"500m", "1.5", "1.5"}, {"500m", "0.25", "250m"}, {"3", "4", "4"}, {"1e3", "2000", "2000"}, {"1k", "1", "1"}, {"1Ti", "1048576", "1Mi"}, {"1Ti", "0", "0"}, {"2E", "2000000000000000000", "2E"},
	} {
		amount, _ := new(big.Rat).SetString(c.amount)
		if got := quantityOf(t, c.limit).write(amount); got != c.want {
			t.Errorf("%s in the unit of %s is %q, want %q", c.amount, c.limit, got, c.want)
		}
	}
}

func TestALimitThatSaysTooLittleIsRefused(t *testing.T) {
	full := memoryLimit(t, nil).Rules[0]
	for want, change := range map[string]func(*Limit){
		"0.name: A limit needs a name.":           func(l *Limit) { l.Name = "!" },
		"0.files: A limit needs files":            func(l *Limit) { l.Files = nil },
		"0.key: A limit needs the key":            func(l *Limit) { l.Key = "" },
		"0.over: A limit needs a number":          func(l *Limit) { l.Over = Quantity{} },
		"0: A limit needs a role":                 func(l *Limit) { l.Role = "" },
		"1.name: \"memory!\" is also the name of": nil,
	} {
		l := &Limits{Rules: []Limit{full}}
		if change != nil {
			change(&l.Rules[0])
		} else {
			l.Rules = append(l.Rules, full)
			l.Rules[1].Name = "memory!"
		}
		faults := l.Faults()
		if len(faults) != 1 || !strings.HasPrefix(faults[0].Key+": "+faults[0].Message, want) {
			t.Errorf("%+v, want %s", faults, want)
		}
	}
	if f := NewLimits().Faults(); len(f) != 1 {
		t.Errorf("a list of none: %+v", f)
	}
	if f := (&Limits{Rules: []Limit{full}}).Faults(); len(f) != 0 {
		t.Errorf("%+v", f)
	}
}

func BenchmarkLimits(b *testing.B) {
	l := memoryLimit(b, func(r *Limit) { r.Roles = []RoleName{"finance"} })
	var files []ValueFile
	var specs []string
	for i := range 100 {
		path := "deploy/" + strconv.Itoa(i) + ".yaml"
		specs = append(specs, path)
		files = append(files, ValueFile{Path: path, Base: valuesAt("api:512Mi web:1Gi db:4Gi"), Head: valuesAt("api:1Gi web:1Gi db:8Gi")})
	}
	pull := newScene().files(specs...).team("acme/platform", "pat").can("pat", "write").can("fay", "read").reading(l, files...).approved("pat").Pull
	b.ReportAllocs()
	for b.Loop() {
		if r := l.Eval(pull); r.State != Waiting {
			b.Fatal(r.State)
		}
	}
}
