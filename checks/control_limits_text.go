package checks

import (
	"fmt"
	"strconv"
	"strings"
)

// signed asks for the sign-offs of what was found; rule is the number of the first.
func (x *overrun) signed(s *signing, rule int) Result {
	id, name := slug(limitsID+"/", x.limit.Name), x.limit.Name
	why, files := x.sentence(), x.paths()
	roles := x.limit.signers()
	if len(roles) == 0 {
		return Result{ID: id, Name: name, State: Unmet, Summary: why + " The limit names no role that may sign.", Can: []string{policyChangers}, Annotations: x.annotations("failure")}
	}
	parts := make([]Result, len(roles))
	for i, role := range roles {
		if parts[i] = (Result{ID: id, Name: name}); len(roles) > 1 {
			parts[i] = Result{ID: slug(id+"/", string(role)), Name: name + ": " + title(string(role))}
		}
	}
	parts = s.together(rule, parts, why, files)
	// Who signed reads what for, and all of it stands where it is shown.
	for i := range parts {
		if parts[i].State == Met {
			parts[i].Notes = append([]string{why}, parts[i].Notes...)
		}
	}
	parts[0].Notes = append(parts[0].Notes, x.notes()...)
	r := parts[0]
	if len(roles) > 1 {
		if r = Combine(id, name, parts); r.State != Met {
			r.Summary = why + " " + r.Summary
		}
	}
	level := "failure"
	switch {
	case r.State.Passes():
		level = "notice"
	case r.State == Waiting:
		level = "warning" // nobody has done wrong
	}
	r.Annotations = x.annotations(level)
	return r
}

// paths are the files that are signed for.
func (x *overrun) paths() map[string]bool {
	out := map[string]bool{}
	for i := range x.found {
		out[x.found[i].path] = true
	}
	return out
}

// sentence says what was found.
func (x *overrun) sentence() string {
	text := x.what(&x.found[0])
	if more := len(x.found) - 1; more > 0 {
		text += ", and " + strconv.Itoa(more) + " more"
	}
	var roles []string
	for _, r := range x.limit.signers() {
		roles = append(roles, string(r))
	}
	if len(roles) > 1 {
		return text + ": " + list(roles, 5) + " must sign."
	}
	return text + "."
}

// what says of one value what it was, what it is, where it stands and what is wrong
// with it.
func (x *overrun) what(e *excess) string {
	if e.key == "" && e.after == "" {
		return "The values of " + quoted(e.path) + " cannot be told, since " + e.why
	}
	name := quoted(lastStep(e.key))
	if e.total {
		name = strings.TrimSpace("The sum of " + name)
	}
	if e.why != "" {
		return name + " " + e.change() + " in " + e.place() + " cannot be held against the limit of " + x.limit.Over.String() + ", since " + e.why
	}
	return name + " " + e.change() + " is over " + x.limit.Over.String() + " in " + e.place()
}

// change is the value before and after.
func (e *excess) change() string {
	if e.before == "" {
		return quoted(e.after)
	}
	return quoted(e.before) + " → " + quoted(e.after)
}

// place is where it stands.
func (e *excess) place() string {
	text := quoted(e.path)
	if e.line > 0 {
		text += ":" + strconv.Itoa(e.line)
	}
	if e.document != "" {
		text += " of " + quoted(e.document)
	}
	return text
}

// limitNotes is how many values are named one by one.
const limitNotes = 20

// notes name each value, where there are several or their keys say more than their
// names.
func (x *overrun) notes() []string {
	if len(x.found) == 1 {
		return nil
	}
	var out []string
	for i := range x.found[:min(len(x.found), limitNotes)] {
		e := &x.found[i]
		out = append(out, x.what(e)+".")
	}
	if more := len(x.found) - limitNotes; more > 0 {
		out = append(out, fmt.Sprintf("%d more are left out.", more))
	}
	return out
}

// limitAnnotations is how many lines are pointed at.
const limitAnnotations = 50

func (x *overrun) annotations(level string) []Annotation {
	var out []Annotation
	for i := range x.found[:min(len(x.found), limitAnnotations)] {
		e := &x.found[i]
		message := x.what(e)
		if e.key != "" {
			message += "; its key is " + quoted(e.key)
		}
		out = append(out, Annotation{Path: e.path, Start: max(e.line, 1), End: max(e.line, 1), Level: level, Title: quoted(x.limit.Name), Message: message + "."})
	}
	return out
}

// lastStep is the end of a key: memory of a.limits.memory, "nvidia.com/gpu" of
// a.limits."nvidia.com/gpu".
func lastStep(key string) string {
	quote := false
	last := 0
	for i := 0; i < len(key); i++ {
		switch c := key[i]; {
		case c == '\\' && quote:
			i++
		case c == '"':
			quote = !quote
		case c == '.' && !quote:
			last = i + 1
		}
	}
	return key[last:]
}
