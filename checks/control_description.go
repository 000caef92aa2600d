package checks

import (
	"fmt"
	"strings"
)

// Description is the control `compliance: {description: …}`: the description
// says something, under each of the headings that are asked for.
// `description: true` asks only that it is not blank. What stands in HTML
// comments, as templates have them, does not count.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.32, PCI DSS 6.5, NIST CM-3, CM-4.
type Description struct {
	// Headings that must be there, in any case, each with text below it before
	// the next heading of its own or a higher level. Default: none.
	Headings []string `yaml:"headings" tighten:"beside"`
}

// NewDescription is the control with its defaults.
func NewDescription() *Description { return &Description{} }

// Faults finds headings that are blank or listed twice.
func (d *Description) Faults() []Fault {
	var out []Fault
	seen := map[string]bool{}
	for i, h := range d.Headings {
		name := headingName(h)
		key := fmt.Sprintf("headings.%d", i)
		switch {
		case name == "":
			out = append(out, Fault{Key: key, Message: "A heading needs a text."})
		case seen[name]:
			out = append(out, Fault{Key: key, Message: fmt.Sprintf("The heading %q is listed twice.", h)})
		}
		seen[name] = true
	}
	return out
}

// Eval looks for the headings and the text below them.
func (d *Description) Eval(pull Pull) Result {
	r := Result{ID: "compliance/description", Name: "Description", State: Met, Summary: "The description says what is asked for."}
	lines := markdownLines(pull.Body)
	if len(d.Headings) == 0 {
		if !says(lines) {
			r.State, r.Can = Unmet, []string{theAuthor}
			r.Summary = "The description is blank. Say what changes and why."
		}
		return r
	}
	var missing, blank []string
	for _, h := range d.Headings {
		switch found, filled := under(lines, headingName(h)); {
		case !found:
			missing = append(missing, "“"+quoted(h)+"”")
		case !filled:
			blank = append(blank, "“"+quoted(h)+"”")
		}
	}
	var say []string
	if len(missing) > 0 {
		say = append(say, "Add "+noun(missing, "heading")+" "+list(missing, 5)+" to the description, with text below.")
	}
	if len(blank) > 0 {
		say = append(say, "Write something below "+noun(blank, "heading")+" "+list(blank, 5)+".")
	}
	if len(say) > 0 {
		r.State, r.Summary, r.Can = Unmet, strings.Join(say, " "), []string{theAuthor}
	}
	return r
}

// under says whether there is a heading of a name, and whether one of that name
// has text below it, subheadings' text included.
func under(lines []line, name string) (found, filled bool) {
	for i, l := range lines {
		if l.level == 0 || headingName(l.text) != name {
			continue
		}
		found = true
		end := i + 1
		for end < len(lines) && (lines[end].level == 0 || lines[end].level > l.level) {
			end++
		}
		if says(lines[i+1 : end]) {
			return true, true
		}
	}
	return found, false
}

// says says whether a reader would see text that is no heading.
func says(lines []line) bool {
	for _, l := range lines {
		if l.level == 0 && !blank(l) {
			return true
		}
	}
	return false
}

// headingName is a heading as it is compared: in lower case, without emphasis
// and without a colon at the end.
func headingName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '*' || r == '_' || r == '`' {
			return -1
		}
		return r
	}, clean(s, sentenceLimit))
	return strings.ToLower(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), ":")))
}
