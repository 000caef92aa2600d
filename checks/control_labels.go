package checks

import (
	"fmt"
	"slices"
	"strings"
)

// Labels is the control `compliance: {labels: …}`: labels that a pull request
// must have, and labels with which it may not be merged.
//
// Evidence for SOC 2 CC8.1, NIST CM-3.
type Labels struct {
	// Require lists labels that must all be set, in any case. Default: none.
	Require []string `yaml:"require" tighten:"beside"`
	// Forbid lists labels none of which may be set, in any case. Default:
	// do-not-merge, hold.
	Forbid []string `yaml:"forbid" tighten:"beside"`
}

// NewLabels is the control with its defaults.
func NewLabels() *Labels { return &Labels{Forbid: []string{"do-not-merge", "hold"}} }

// Faults finds labels that are blank, both required and forbidden, or set by
// handrail itself.
func (l *Labels) Faults() []Fault {
	var out []Fault
	for _, part := range []struct {
		key    string
		labels []string
	}{{"require", l.Require}, {"forbid", l.Forbid}} {
		for i, name := range part.labels {
			key := fmt.Sprintf("%s.%d", part.key, i)
			switch {
			case strings.TrimSpace(name) == "":
				out = append(out, Fault{Key: key, Message: "A label needs a name."})
			case strings.EqualFold(name, LabelMet):
				out = append(out, Fault{Key: key, Message: fmt.Sprintf("%q is set by handrail when all is met, so it can be no condition of that.", name)})
			case part.key == "require" && strings.EqualFold(name, LabelSecurity):
				out = append(out, Fault{Key: key, Message: fmt.Sprintf("%q is there while a security review is needed and not given, so it can be no condition.", name)})
			case part.key == "forbid" && hasLabel(l.Require, name):
				out = append(out, Fault{Key: key, Message: fmt.Sprintf("%q is both required and forbidden.", name)})
			}
		}
	}
	if len(l.Require)+len(l.Forbid) == 0 {
		out = append(out, Fault{Message: "No label is required or forbidden."})
	}
	return out
}

// Eval compares the labels that are set.
func (l *Labels) Eval(pull Pull) Result {
	r := Result{ID: "compliance/labels", Name: "Labels", State: Met, Summary: "The labels are as required."}
	var missing, extra []string
	for _, name := range l.Require {
		if !hasLabel(pull.Labels, name) {
			missing = append(missing, "“"+quoted(name)+"”")
		}
	}
	for _, name := range l.Forbid {
		if hasLabel(pull.Labels, name) {
			extra = append(extra, "“"+quoted(name)+"”")
		}
	}
	var say []string
	if len(missing) > 0 {
		say = append(say, "Set "+noun(missing, "label")+" "+list(missing, 5)+".")
	}
	if len(extra) > 0 {
		say = append(say, "With "+noun(extra, "label")+" "+list(extra, 5)+" it cannot be merged; take it away when its reason is gone.")
	}
	if len(say) > 0 {
		r.State, r.Summary, r.Can = Unmet, strings.Join(say, " "), []string{theAuthor}
	}
	return r
}

func noun(of []string, word string) string {
	if len(of) == 1 {
		return "the " + word
	}
	return "the " + word + "s"
}

// hasLabel compares as GitHub does, which has no two labels that differ in case
// alone.
func hasLabel(labels []string, name string) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, name) })
}
