package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// text is one policy file, read.
type text struct {
	file    string
	root    *yaml.Node // nil where the text could not be read
	observe bool       // mode of the file
	summary bool
	// summaryNamed: the file has check_runs.
	summaryNamed bool
	roles        map[checks.RoleName]checks.Role
	// plainRoles: the built-in role is not redefined.
	plainRoles bool
	sections   []section
	// override is the section `override`, nil where there is none.
	override *checks.Override
	// detect is the section `detect`, nil where there is none.
	detect *checks.Detect
	// release is the section `release`, nil where there is none.
	release *checks.ReleaseRules
	// placed are the settings that the file names, with their places.
	placed []placed
	// problems by their place, all of them: see [listed].
	problems []checks.Problem
}

// section is one section of it. named says that the file has it, as opposed to
// one that holds by default.
type section struct {
	name    string
	observe bool
	named   bool
	checks  []checks.Check
}

// mode is a value of `mode`.
type mode bool

var modes = []string{"observe", "enforce"}

// UnmarshalText reads observe or enforce.
func (m *mode) UnmarshalText(text []byte) error { return word(text, modes, (*bool)(m)) }

// runs is a value of `check_runs`.
type runs bool

var runKinds = []string{"summary", "sections"}

// UnmarshalText reads summary or sections.
func (r *runs) UnmarshalText(text []byte) error { return word(text, runKinds, (*bool)(r)) }

// word reads one of two words; the first is true.
func word(text []byte, words []string, into *bool) error {
	i := slices.Index(words, string(text))
	if i < 0 {
		return &checks.WordError{Got: string(text), Want: words}
	}
	*into = i == 0
	return nil
}

// sectionNames are the sections of the table of checks, in its order.
func sectionNames() []string {
	var out []string
	for _, e := range checks.All {
		name, _, _ := strings.Cut(e.Name, "/")
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// builtin is the policy of a repository that has none.
func builtin() *text {
	d := newDecoder("")
	t := &text{roles: d.roles, plainRoles: true}
	t.addDefaults(d)
	return t
}

// parse reads a policy file. It always answers; mistakes are in problems.
func parse(file, source string) *text {
	d := newDecoder(file)
	t := &text{file: file, roles: d.roles, plainRoles: true}
	root := d.load(source)
	if root != nil {
		t.read(d, root)
	}
	t.addDefaults(d)
	if root != nil {
		t.lint(d, root)
	}
	t.root, t.placed, t.problems = root, d.placed, sorted(d.problems)
	return t
}

// read goes through the top of the file: roles first, since everything else
// may name them.
func (t *text) read(d *decoder, root *yaml.Node) {
	version := false
	names := append([]string{"version", "mode", "check_runs", "roles", "override", "detect", "release"}, sectionNames()...)
	each(root, func(k, v *yaml.Node) {
		if k.Value == "roles" {
			t.readRoles(d, v)
		}
	})
	each(root, func(k, v *yaml.Node) {
		switch key := k.Value; {
		case key == "version":
			version = true
			if v.Kind != yaml.ScalarNode || v.Value != "1" || v.Tag != "!!int" {
				d.problem(v, key, "version must be 1, not "+describe(v)+".", "This version of handrail reads version 1 of the policy language.")
			}
		case key == "mode":
			d.decode(v, key, (*mode)(&t.observe))
		case key == "check_runs":
			t.summaryNamed = true
			d.decode(v, key, (*runs)(&t.summary))
		case key == "roles":
		case key == "override":
			t.override = checks.NewOverride()
			d.fields(v, key, t.override, nil)
			d.place(t.override, v, key)
		case key == "detect":
			t.detect = checks.NewDetect()
			d.fields(v, key, t.detect, nil)
			d.place(t.detect, v, key)
		case key == "release":
			t.release = checks.NewReleaseRules()
			d.fields(v, key, t.release, map[string]func(*yaml.Node){"mode": func(v *yaml.Node) {
				d.decode(v, key+".mode", (*mode)(&t.release.Observe))
			}})
			d.place(t.release, v, key)
		case slices.Contains(names, key):
			t.readSection(d, v, key)
		default:
			d.unknown(k, key, names)
		}
	})
	if !version {
		d.problem(root, "version", "version is missing.", `Begin the file with "version: 1".`)
	}
}

// readSection reads a section that is one check, or one of several controls.
func (t *text) readSection(d *decoder, v *yaml.Node, name string) {
	s := section{name: name, named: true}
	readMode := func(v *yaml.Node) { d.decode(v, name+".mode", (*mode)(&s.observe)) }
	if i := slices.IndexFunc(checks.All, func(e checks.Entry) bool { return e.Name == name }); i >= 0 {
		c := checks.All[i].New()
		if !null(v) {
			d.check(v, name, c, map[string]func(*yaml.Node){"mode": readMode})
		}
		s.checks = append(s.checks, c)
		d.place(c, v, name)
	} else {
		t.readControls(d, v, &s, readMode)
	}
	t.sections = append(t.sections, s)
}

func (t *text) readControls(d *decoder, v *yaml.Node, s *section, readMode func(*yaml.Node)) {
	if null(v) {
		return
	}
	if v.Kind != yaml.MappingNode {
		d.wrongKind(v, s.name, "a mapping of controls")
		return
	}
	known := []string{"mode"}
	for _, e := range checks.All {
		if key, ok := strings.CutPrefix(e.Name, s.name+"/"); ok {
			known = append(known, key)
		}
	}
	controls := map[string]checks.Check{}
	each(v, func(k, v *yaml.Node) {
		id, path := s.name+"/"+k.Value, s.name+"."+k.Value
		i := slices.IndexFunc(checks.All, func(e checks.Entry) bool { return e.Name == id })
		switch {
		case k.Value == "mode":
			readMode(v)
		case i >= 0:
			if c := d.control(v, path, checks.All[i]); c != nil {
				controls[id] = c
			}
		default:
			d.unknown(k, path, known)
		}
	})
	for _, e := range checks.All {
		if c, ok := controls[e.Name]; ok {
			s.checks = append(s.checks, c)
		}
	}
}

// control reads one control: true takes its defaults, false leaves it out.
func (d *decoder) control(v *yaml.Node, path string, e checks.Entry) checks.Check {
	c := e.New()
	if v.Kind == yaml.ScalarNode && v.Tag == "!!bool" {
		if on, ok := boolean(v); ok && !on {
			return nil
		}
	} else if !null(v) {
		d.check(v, path, c, nil)
	}
	d.place(c, v, path)
	return c
}

// addDefaults adds the sections that hold though the file does not name them,
// hands the roles and the terms to every check and asks each for its faults.
func (t *text) addDefaults(d *decoder) {
	for _, e := range checks.All {
		name, _, _ := strings.Cut(e.Name, "/")
		if !e.Default || t.section(name) != nil {
			continue
		}
		t.sections = append(t.sections, section{name: name, checks: []checks.Check{e.New()}})
	}
	terms := &checks.Terms{}
	for _, s := range t.sections {
		for _, c := range s.checks {
			if c, ok := c.(checks.RoleUser); ok {
				c.UseRoles(t.roles)
			}
			if c, ok := c.(checks.TermMaker); ok {
				c.DefineTerms(terms)
			}
		}
	}
	for _, s := range t.sections {
		for _, c := range s.checks {
			if c, ok := c.(checks.TermUser); ok {
				c.UseTerms(terms)
			}
			d.faults(c)
		}
	}
	if t.override != nil {
		t.override.UseRoles(t.roles)
		d.faults(t.override)
	}
	if t.detect != nil {
		t.detect.UseRoles(t.roles)
		d.faults(t.detect)
	}
	if t.release != nil {
		t.release.UseRoles(t.roles)
		d.faults(t.release)
	}
}
