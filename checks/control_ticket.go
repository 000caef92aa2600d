package checks

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Ticket is the control `compliance: {ticket: …}`: the change belongs to a
// ticket, that is an issue which merging closes or a key such as ABC-123.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.32, PCI DSS 6.5, NIST CM-3.
type Ticket struct {
	// Key is a regular expression for the key of an external tracker, looked for
	// in the title, the description (outside comments and code) and the name of
	// the head branch. Default: none.
	Key Pattern `yaml:"key" tighten:"beside"`
	// URL shows where a key leads, with {key} in it, for example
	// https://acme.atlassian.net/browse/{key}. Default: none.
	URL string `yaml:"url" tighten:"-"`
	// Closing: an issue that merging closes is a ticket. Default: true.
	Closing bool `yaml:"closing" tighten:"off"`
	// Repositories whose issues count, as globs of owner/name. Default: all.
	Repositories []Glob `yaml:"repositories" tighten:"lifts|*"`
	// Unless exempts changes by their paths; a title never exempts.
	Unless PathsOnly `yaml:"unless" tighten:"lifts"`
}

// PathsOnly is a condition on the changed files.
type PathsOnly struct {
	// OnlyFiles: every changed file, by its old and its new path, matches one of
	// the globs. Default: none, so the condition does not hold.
	OnlyFiles []Glob `yaml:"only_files" tighten:"wider"`
}

// Holds says whether every changed file is covered. It is false when the list
// of files is empty, cut or not known.
func (c PathsOnly) Holds(pull Pull) bool {
	if len(c.OnlyFiles) == 0 || !pull.FilesRead || len(pull.Files) == 0 || pull.FileCount > len(pull.Files) {
		return false
	}
	covered := func(path string) bool {
		return slices.ContainsFunc(c.OnlyFiles, func(g Glob) bool { return g.Match(path) })
	}
	for _, f := range pull.Files {
		if !covered(f.Path) || f.Previous != "" && !covered(f.Previous) {
			return false
		}
	}
	return true
}

// NewTicket is the control with its defaults: an issue that merging closes.
func NewTicket() *Ticket { return &Ticket{Closing: true} }

// Need asks for the changed files where paths can exempt.
func (t *Ticket) Need() Need { return Need{Files: len(t.Unless.OnlyFiles) > 0} }

// Faults finds settings by which nothing or everything would be a ticket.
func (t *Ticket) Faults() []Fault {
	var out []Fault
	if t.Key.String() == "" && !t.Closing {
		out = append(out, Fault{Message: "Nothing would count as a ticket: give a key, or leave closing on."})
	}
	if _, ok := t.Key.Find(""); ok {
		out = append(out, Fault{Key: "key", Message: fmt.Sprintf("%q is found in an empty text, so everything would have a ticket.", t.Key)})
	}
	if t.URL != "" {
		u, err := url.Parse(t.URL)
		switch {
		case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
			out = append(out, Fault{Key: "url", Message: fmt.Sprintf("%q is no web address.", t.URL)})
		case !strings.Contains(t.URL, "{key}"):
			out = append(out, Fault{Key: "url", Message: fmt.Sprintf("%q has no {key} in it.", t.URL)})
		case t.Key.String() == "":
			out = append(out, Fault{Key: "url", Message: "url needs a key, the pattern of what goes into it."})
		}
	}
	return out
}

// Eval looks for a ticket.
func (t *Ticket) Eval(pull Pull) Result {
	r := Result{ID: "compliance/ticket", Name: "Ticket", State: Met}
	if t.Unless.Holds(pull) {
		r.State, r.Summary = Exempt, "Only files that need no ticket are changed."
		return r
	}
	var issues []string
	for _, i := range t.closed(pull) {
		id := fmt.Sprintf("%s#%d", i.Repo, i.Number)
		issues = append(issues, id)
		r.Evidence = append(r.Evidence, Evidence{Kind: "issue", ID: id, Text: i.Title})
	}
	if len(issues) > 0 {
		r.Summary = "Merging closes " + list(issues, 3) + "."
		return r
	}
	if key, where, ok := t.key(pull); ok {
		r.Evidence = []Evidence{{Kind: "issue", ID: key, Text: where}}
		r.Summary = "The " + where + " names the ticket " + Plain(key) + "."
		if t.URL != "" {
			r.Summary = "The " + where + " names the ticket " + Plain(key) + ": " + strings.ReplaceAll(t.URL, "{key}", url.PathEscape(key)) + "."
		}
		return r
	}
	r.State, r.Can = Unmet, []string{theAuthor}
	r.Summary = "No ticket is named. " + t.remedy()
	if t.Closing && len(pull.Closing) > 0 {
		r.Notes = []string{"The issue that merging closes is in a repository whose issues do not count here."}
	}
	return r
}

// closed is the issues that count, in a stable order.
func (t *Ticket) closed(pull Pull) []Issue {
	if !t.Closing {
		return nil
	}
	var out []Issue
	for _, i := range pull.Closing {
		if len(t.Repositories) == 0 || slices.ContainsFunc(t.Repositories, func(g Glob) bool {
			return Glob(strings.ToLower(string(g))).Match(strings.ToLower(i.Repo))
		}) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b Issue) int {
		if c := strings.Compare(a.Repo, b.Repo); c != 0 {
			return c
		}
		return a.Number - b.Number
	})
	return out
}

// key is the first ticket key, and where it is.
func (t *Ticket) key(pull Pull) (key, where string, ok bool) {
	for _, place := range [...]struct{ name, text string }{
		{"title", pull.Title}, {"branch", pull.Head.Name}, {"description", prose(pull.Body)},
	} {
		if key, ok := t.Key.Find(place.text); ok && Plain(key) != "" {
			return key, place.name, true
		}
	}
	return "", "", false
}

func (t *Ticket) remedy() string {
	key := "put a key that matches " + t.Key.String() + " into the title, the description or the branch's name"
	switch {
	case t.Key.String() == "":
		return "Write “Closes #123” with the issue's number into the description."
	case !t.Closing:
		return strings.ToUpper(key[:1]) + key[1:] + "."
	}
	return "Write “Closes #123” with the issue's number into the description, or " + key + "."
}
