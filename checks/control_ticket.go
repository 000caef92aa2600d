package checks

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Ticket is the control `compliance: {ticket: …}`: the change belongs to a
// ticket, that is an issue which merging closes, an issue that is mentioned, or a
// key such as ABC-123 of another tracker.
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
	// References: an issue that is only mentioned is a ticket as well, when it is
	// there and no pull request: #123, GH-123, owner/name#123 or its address in the
	// title, the description or the branch's name, or a branch's name such as
	// 123-mend-the-door, as GitHub makes them. Default: false.
	References bool `yaml:"references" tighten:"off"`
	// Repositories whose issues count, as globs of owner/name. Default: all of
	// which merging closes an issue; of issues that are only mentioned, those of
	// this repository's owner.
	Repositories []Glob `yaml:"repositories" tighten:"lifts|*"`
	// Unless says which changes need no ticket: by their files, their author or
	// their kind. Neither a title nor a label exempts. Default: none.
	Unless *Condition `yaml:"unless" tighten:"lifts"`

	roles map[RoleName]Role
	terms *Terms
}

// NewTicket is the control with its defaults: an issue that merging closes.
func NewTicket() *Ticket { return &Ticket{Closing: true} }

// UseRoles hands over the policy's roles.
func (t *Ticket) UseRoles(roles map[RoleName]Role) { t.roles = roles }

// UseTerms hands over what the words of conditions mean.
func (t *Ticket) UseTerms(terms *Terms) { t.terms = terms }

// asRule is a rule of the review section with the same exemption.
func (t *Ticket) asRule() *ReviewRules {
	return &ReviewRules{SignOffs: []SignOff{{Unless: t.Unless}}, roles: t.roles, terms: t.terms}
}

// Need asks for what tells whether a change is exempt.
func (t *Ticket) Need() Need {
	if t.Unless == nil {
		return Need{}
	}
	return t.asRule().Need()
}

// Wants asks what the numbers are that the texts name, where nothing else is a
// ticket, and for what the exemption runs into.
func (t *Ticket) Wants(pull Pull) Wants {
	var w Wants
	if exempt, _ := t.exempt(&pull, &w); !exempt && t.found(pull).Summary == "" {
		for _, id := range t.mentions(pull) {
			if _, ok := pull.References[id]; !ok {
				w.References = append(w.References, id)
			}
		}
	}
	w.settle()
	return w
}

// exempt says whether a change needs no ticket, and why; or why that cannot be told,
// so that it needs one.
func (t *Ticket) exempt(pull *Pull, w *Wants) (bool, string) {
	if t.Unless == nil {
		return false, ""
	}
	h := hearing{pull: pull, rules: t.asRule(), wants: w}
	applies, why := h.applies(nil, t.Unless)
	return !applies, why
}

// Faults finds settings by which nothing or everything would be a ticket.
func (t *Ticket) Faults() []Fault {
	f := faulty{}
	if t.Key.String() == "" && !t.Closing && !t.References {
		f.add("", "Nothing would count as a ticket: give a key, or leave closing on.")
	}
	if _, ok := t.Key.Find(""); ok {
		f.add("key", "%q is found in an empty text, so everything would have a ticket.", t.Key)
	}
	if t.URL != "" {
		u, err := url.Parse(t.URL)
		switch {
		case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
			f.add("url", "%q is no web address.", t.URL)
		case !strings.Contains(t.URL, "{key}"):
			f.add("url", "%q has no {key} in it.", t.URL)
		case t.Key.String() == "":
			f.add("url", "url needs a key, the pattern of what goes into it.")
		}
	}
	for _, c := range append(t.Unless.faults(true), t.Unless.undefined(t.terms)...) {
		f.add("unless"+c.Key, "%s", c.Message)
	}
	return f.found
}

// Eval looks for a ticket.
func (t *Ticket) Eval(pull Pull) Result {
	exempt, why := t.exempt(&pull, nil)
	if exempt {
		return Result{ID: "compliance/ticket", Name: "Ticket", State: Exempt, Summary: "No ticket is needed: " + why + "."}
	}
	r := t.found(pull)
	if r.Summary == "" {
		r = t.mentioned(pull, r)
	}
	if r.Summary != "" {
		return r
	}
	r.State, r.Can = Unmet, []string{theAuthor}
	r.Summary = "No ticket is named. " + t.remedy()
	if why != "" {
		r.Notes = append(r.Notes, "Whether none is needed cannot be told: "+why+".")
	}
	if t.Closing && len(pull.Closing) > 0 {
		r.Notes = append(r.Notes, "The issue that merging closes is in a repository whose issues do not count here.")
	}
	return r
}

// found is the result where an issue is closed or a key is named; otherwise it
// says nothing yet.
func (t *Ticket) found(pull Pull) Result {
	r := Result{ID: "compliance/ticket", Name: "Ticket", State: Met}
	var issues []string
	for _, i := range t.closed(pull) {
		issues = append(issues, i.name())
		r.Evidence = append(r.Evidence, Evidence{Kind: "issue", ID: i.name(), Text: i.Title})
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
	}
	return r
}

// name is an issue as people write it.
func (i *Issue) name() string { return i.Repo + "#" + strconv.Itoa(i.Number) }

// counts says whether issues of a repository do.
func (t *Ticket) counts(repo string) bool {
	return len(t.Repositories) == 0 || slices.ContainsFunc(t.Repositories, func(g Glob) bool {
		return Glob(strings.ToLower(string(g))).Match(strings.ToLower(repo))
	})
}

// closed is the issues that count, in a stable order.
func (t *Ticket) closed(pull Pull) []Issue {
	if !t.Closing {
		return nil
	}
	out := slices.DeleteFunc(slices.Clone(pull.Closing), func(i Issue) bool { return !t.counts(i.Repo) })
	slices.SortFunc(out, func(a, b Issue) int { return cmp.Or(strings.Compare(a.Repo, b.Repo), a.Number-b.Number) })
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
	var ways []string
	if t.Closing {
		ways = append(ways, "write “Closes #123” with the issue's number into the description")
	}
	if t.References {
		ways = append(ways, "name an issue as #123 in the title or the description")
	}
	if t.Key.String() != "" {
		ways = append(ways, "put a key that matches "+t.Key.String()+" into the title, the description or the branch's name")
	}
	if len(ways) == 0 {
		return "The policy names nothing that would count as one."
	}
	text := strings.Join(ways, ", or ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
