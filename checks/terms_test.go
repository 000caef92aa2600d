package checks

import (
	"fmt"
	"strings"
	"testing"
)

func TestANewServiceIsToldByItsFilesAndDirectories(t *testing.T) {
	there, gone := Text{Cut: true}, Text{Absent: true} // a directory is no text
	for name, c := range map[string]struct {
		files []File
		texts map[string]Text
		want  truth
		says  string
		wants string
	}{
		"nothing":                    {nil, nil, holdsNot, "no new service", ""},
		"another file":               {filesOf("+src/a.go"), nil, holdsNot, "no new service", ""},
		"its file is new":            {filesOf("+services/pay/service.yaml"), nil, holds, "services/pay/service.yaml is new", ""},
		"its file changed":           {filesOf("services/pay/service.yaml"), nil, holdsNot, "", ""},
		"its file is removed":        {filesOf("-services/pay/service.yaml"), nil, holdsNot, "", ""},
		"its file came from another": {filesOf("services/buy/service.yaml->services/pay/service.yaml"), nil, holds, "services/pay/service.yaml is new", ""},
		"its file went elsewhere":    {filesOf("services/pay/service.yaml->old/pay.yaml"), nil, holdsNot, "", ""},
		"its file copied":            {[]File{{Path: "services/pay/service.yaml", Previous: "x", Status: "copied"}}, nil, holds, "", ""},
		"a status not known":         {[]File{{Path: "services/pay/service.yaml"}}, nil, holdsMaybe, "does not say which files are new", ""},
		"too deep":                   {filesOf("+services/pay/a/service.yaml"), nil, holdsNot, "", ""},
		"a directory to look for":    {filesOf("+jobs/mail/main.go"), nil, holdsMaybe, "was not asked for the directory jobs/mail", "jobs/mail"},
		"a directory by its depth":   {filesOf("+jobs/mail/cmd/run/main.go"), nil, holdsMaybe, "", "jobs/mail"},
		"a directory not there":      {filesOf("+jobs/mail/main.go"), map[string]Text{"jobs/mail": gone}, holds, "the directory jobs/mail is new", ""},
		"a directory there":          {filesOf("+jobs/mail/main.go"), map[string]Text{"jobs/mail": there}, holdsNot, "", ""},
		"one of two not there":       {filesOf("+jobs/mail/a", "+jobs/sms/a"), map[string]Text{"jobs/mail": there, "jobs/sms": gone}, holds, "jobs/sms is new", ""},
		"another file of it changed": {filesOf("+jobs/mail/a", "jobs/mail/b"), nil, holdsNot, "", ""},
		"another file of it removed": {filesOf("+jobs/mail/a", "-jobs/mail/b"), nil, holdsNot, "", ""},
		"moved within it":            {filesOf("jobs/mail/a->jobs/mail/b"), nil, holdsNot, "", ""},
		"moved into it":              {filesOf("lib/a->jobs/mail/b"), nil, holdsMaybe, "", "jobs/mail"},
		"in place of a file":         {filesOf("-jobs/mail", "+jobs/mail/a"), map[string]Text{"jobs/mail": {Text: "soon"}}, holds, "jobs/mail is new", ""},
		"a file moved into its name": {filesOf("jobs/mail->jobs/mail/a"), map[string]Text{"jobs/mail": {Cut: true}}, holds, "jobs/mail is new", ""},
		"a file beside directories":  {filesOf("+jobs/readme.md"), nil, holdsNot, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := &NewService{Files: []Glob{"services/*/service.yaml"}, Directories: []Glob{"jobs/*"}}
			var w Wants
			pull := &Pull{Files: c.files, FileCount: len(c.files), FilesRead: true, Texts: c.texts}
			got, why := n.brought(pull, &w)
			if got != c.want || !strings.Contains(why, c.says) || strings.Join(w.Texts, " ") != c.wants {
				t.Errorf("%v, %q, wants %v", got, why, w.Texts)
			}
			pull.FileCount++
			if got, why := n.brought(pull, nil); got == holdsNot {
				t.Errorf("with a cut list: %v, %q", got, why)
			}
		})
	}
}

func TestSoManyNewDirectoriesAreNotAllLookedFor(t *testing.T) {
	n, pull, w := &NewService{Directories: []Glob{"jobs/*"}}, &Pull{FilesRead: true}, Wants{}
	for i := range 60 {
		pull.Files = append(pull.Files, File{Path: fmt.Sprintf("jobs/%02d/a", i), Status: "added"})
	}
	pull.FileCount = len(pull.Files)
	if got, _ := n.brought(pull, &w); got != holdsMaybe || len(w.Texts) != newDirectoryLimit {
		t.Errorf("%v, wants %d", got, len(w.Texts))
	}
	pull.Texts = map[string]Text{}
	for _, dir := range w.Texts {
		pull.Texts[dir] = Text{Cut: true}
	}
	w = Wants{}
	if got, why := n.brought(pull, &w); got != holdsMaybe || len(w.Texts) > 0 {
		t.Errorf("%v, %q, wants %d more", got, why, len(w.Texts))
	}
}

func TestConditionsOnTermsHoldAsTheTermsSay(t *testing.T) {
	update := &Terms{Service: &NewService{Files: []Glob{"services/*/service.yaml"}}, Bot: NewDependencyBot()}
	service, other := newScene().files("+services/a/service.yaml"), newScene()
	bot, bad := botScene(), botScene()
	bad.Commits[0].Message = "Bump"
	for name, c := range map[string]struct {
		s            *scene
		terms        *Terms
		when, unless *Condition
		applies      bool
	}{
		"a service that is new":                {service, update, &Condition{NewService: new(true)}, nil, true},
		"no new service":                       {other, update, &Condition{NewService: new(true)}, nil, false},
		"unless new, and it is":                {service, update, nil, &Condition{NewService: new(true)}, false},
		"unless new, and it is not":            {other, update, nil, &Condition{NewService: new(true)}, true},
		"not new, and it is":                   {service, update, &Condition{NewService: new(false)}, nil, false},
		"not new, and it is not":               {other, update, &Condition{NewService: new(false)}, nil, true},
		"new, not defined":                     {other, &Terms{}, &Condition{NewService: new(true)}, nil, true},
		"not new, not defined":                 {other, &Terms{}, &Condition{NewService: new(false)}, nil, true},
		"unless new, not defined":              {service, nil, nil, &Condition{NewService: new(true)}, true},
		"an update that is proved":             {bot, update, &Condition{DependencyUpdate: new(true)}, nil, true},
		"unless an update, proved":             {bot, update, nil, &Condition{DependencyUpdate: new(true)}, false},
		"unless an update, not proved":         {bad, update, nil, &Condition{DependencyUpdate: new(true)}, true},
		"unless an update, and it is none":     {other, update, nil, &Condition{DependencyUpdate: new(true)}, true},
		"unless an update, not defined":        {bot, &Terms{}, nil, &Condition{DependencyUpdate: new(true)}, true},
		"unless no update, not proved":         {bad, update, nil, &Condition{DependencyUpdate: new(false)}, true},
		"unless no update, and it is none":     {other, update, nil, &Condition{DependencyUpdate: new(false)}, false},
		"an update, not proved":                {bad, update, &Condition{DependencyUpdate: new(true)}, nil, true},
		"an update, and it is none":            {other, update, &Condition{DependencyUpdate: new(true)}, nil, false},
		"no update, not proved":                {bad, update, &Condition{DependencyUpdate: new(false)}, nil, true},
		"no update, but it is one":             {bot, update, &Condition{DependencyUpdate: new(false)}, nil, false},
		"unless an update that is not a draft": {bot, update, nil, &Condition{DependencyUpdate: new(true), Draft: new(true)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := rulesOf(SignOff{Role: "reviewer", When: c.when, Unless: c.unless})
			r.UseTerms(c.terms)
			want := Exempt
			if c.applies {
				want = Waiting
			}
			expect(t, judged(c.s, r), want)
		})
	}
}

func TestAnExemptUpdateSaysWhy(t *testing.T) {
	r := rulesOf(SignOff{Role: "reviewer", Unless: &Condition{DependencyUpdate: new(true)}})
	r.UseTerms(&Terms{Bot: NewDependencyBot()})
	expect(t, judged(botScene(), r), Exempt, "it is proved to be a dependency update")
	s := botScene()
	s.Memory.Heads = nil
	expect(t, judged(s, r), Waiting, "it is not proved to be a dependency update: it was not seen who pushed c9")
}

func TestATermThatNothingDefinesIsRefused(t *testing.T) {
	r := rulesOf(SignOff{Role: "reviewer", When: &Condition{NewService: new(true)}, Unless: &Condition{DependencyUpdate: new(true)}})
	r.UseTerms(&Terms{})
	var keys []string
	for _, f := range r.Faults() {
		keys = append(keys, f.Key)
	}
	if got := strings.Join(keys, " "); got != "sign_offs.0.when.new_service sign_offs.0.unless.dependency_update" {
		t.Errorf("refused at %s", got)
	}
	r.UseTerms(&Terms{Service: &NewService{}, Bot: NewDependencyBot()})
	if f := r.Faults(); len(f) > 0 {
		t.Errorf("refused: %v", f)
	}
}
