package checks

import (
	"strings"
	"time"
)

// Result is the answer of one check, or of one part of it: a tree, so that a
// rule can explain its parts. Its texts may quote what people wrote: they are
// plain text, and whoever renders them escapes them.
type Result struct {
	// ID names the requirement in commands and records, for example
	// "review/code-review". The part before the slash is its section.
	ID string `json:"id"`
	// Name is what a person calls it, for example "Code review".
	Name  string `json:"name"`
	State State  `json:"state"`
	// Unknown says that evidence was missing or could not be read, as opposed
	// to a fault that was found. An unknown result never passes.
	Unknown bool `json:"unknown,omitzero"`
	// Observed says that the result is shown but does not block.
	Observed bool `json:"observed,omitzero"`
	// Summary is one sentence for the author: what holds, or what is missing.
	Summary string `json:"summary,omitzero"`
	// Progress is detail that moves while machines work (which checks are still
	// running). It is shown, but a change of it alone is not worth a write.
	Progress string `json:"progress,omitzero"`
	// Can is who can act on it now: logins as "@login", teams as "@org/slug",
	// or words such as "the author".
	Can []string `json:"can,omitzero"`
	// Notes are further sentences, for example why an approval does not count.
	Notes    []string   `json:"notes,omitzero"`
	Evidence []Evidence `json:"evidence,omitzero"`
	// Annotations point at changed lines of the head.
	Annotations []Annotation `json:"annotations,omitzero"`
	Parts       []Result     `json:"parts,omitzero"`
	// Since is from when on it has had this state; filled in by [Judge].
	Since time.Time `json:"since,omitzero"`
	// Until is when the result changes without an event; zero if never.
	Until time.Time `json:"until,omitzero"`
	// Controls are the numbers of the controls, in published frameworks, that the
	// result is evidence for: "SOC 2 CC8.1". Filled in by [Judge].
	Controls []string `json:"controls,omitzero"`
}

// Evidence is one thing that a result rests on. Kind is review, comment,
// check-run, workflow-run, status, commit, file, issue or policy.
type Evidence struct {
	Kind   string `json:"kind"`
	ID     string `json:"id,omitzero"`
	Login  string `json:"login,omitzero"`
	Commit string `json:"commit,omitzero"`
	Text   string `json:"text,omitzero"`
}

// Annotation is a remark on lines of a file at the head. Lines count from 1.
// Level is notice, warning or failure.
type Annotation struct {
	Path    string `json:"path"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Level   string `json:"level"`
	Title   string `json:"title,omitzero"`
	Message string `json:"message"`
}

// Combine makes one result of its parts: its state is the worst of them, and a
// result with no parts is Exempt. Observed parts do not count.
func Combine(id, name string, parts []Result) Result {
	r := Result{ID: id, Name: name, State: Exempt, Parts: parts}
	var progress []string
	for _, p := range parts {
		if p.Progress != "" {
			progress = union(progress, []string{p.Progress})
		}
		if p.Observed {
			continue
		}
		r.State = worse(r.State, p.State)
		if !p.State.Passes() {
			r.Unknown = r.Unknown || p.Unknown
			r.Can = union(r.Can, p.Can)
		}
		if !p.Until.IsZero() && (r.Until.IsZero() || p.Until.Before(r.Until)) {
			r.Until = p.Until
		}
	}
	r.Summary, r.Progress = combined(r), strings.Join(progress, " ")
	return r
}

// missingWord begins the sentence of a result of which parts are missing. In a title
// the state says so already.
const missingWord = "Missing: "

// combined is the sentence of a result that has parts.
func combined(r Result) string {
	missing := missingIn(r.Parts, nil)
	switch {
	case len(missing) > 0:
		return missingWord + list(missing, 4) + "."
	case r.State == Exempt:
		return "Nothing of this applies here."
	}
	return "Everything that is asked for is there."
}

// missingIn names the parts that block, those of a part instead of itself.
func missingIn(parts []Result, names []string) []string {
	for i := range parts {
		switch p := &parts[i]; {
		case p.Observed || p.State.Passes():
		case len(p.Parts) > 0:
			names = missingIn(p.Parts, names)
		default:
			names = append(names, p.Name)
		}
	}
	return names
}
