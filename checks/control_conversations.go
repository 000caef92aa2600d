package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Conversations is the control `compliance: {conversations_resolved: …}`: every
// conversation about the code in a review is marked as resolved.
// `conversations_resolved: true` takes the defaults.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.32, PCI DSS 6.2.3, NIST CM-3.
type Conversations struct {
	// Outdated: conversations about lines that have changed since must be resolved
	// as well. Default: true.
	Outdated bool `yaml:"outdated" tighten:"on"`
}

// NewConversations is the control with its defaults.
func NewConversations() *Conversations { return &Conversations{Outdated: true} }

// Need asks for the conversations.
func (c *Conversations) Need() Need { return Need{Threads: true} }

// writers are those who have write access.
const writers = "anyone with write access"

// Eval looks at each conversation.
func (c *Conversations) Eval(pull Pull) Result {
	r := Result{ID: "compliance/conversations_resolved", Name: "Conversations", State: Met, Summary: "Every conversation is resolved."}
	open := c.open(pull.Threads)
	cut := pull.ThreadCount > len(pull.Threads)
	listed := "GitHub lists only " + strconv.Itoa(len(pull.Threads)) + " of " + count(pull.ThreadCount, "conversation")
	switch {
	case !pull.ThreadsRead:
		fault{"the conversations were not asked for", operators}.fill(&r)
	case len(open) > 0:
		// Who may resolve one: GitHub Docs, "Commenting on a pull request".
		r.State, r.Can = Unmet, []string{theAuthor, writers}
		r.Summary = count(len(open), "conversation") + " is not resolved: " + list(open, 3) + ". Answer it, and press “Resolve conversation”."
		if len(open) > 1 {
			r.Summary = count(len(open), "conversation") + " are not resolved: " + list(open, 3) + ". Answer them, and press “Resolve conversation” on each."
		}
		if cut {
			r.Notes = []string{listed + ", so there may be more."}
		}
	case cut:
		fault{listed + ", and whether the others are resolved is not known", operators}.fill(&r)
	case len(pull.Threads) == 0:
		r.Summary = "There are no conversations about the code."
	case !c.Outdated && slices.ContainsFunc(pull.Threads, func(t Thread) bool { return !t.Resolved }):
		r.Summary = "Every conversation is resolved, or about lines that have changed since."
	}
	return r
}

// open names the conversations that are not resolved.
func (c *Conversations) open(threads []Thread) []string {
	left := slices.DeleteFunc(slices.Clone(threads), func(t Thread) bool { return t.Resolved || t.Outdated && !c.Outdated })
	slices.SortFunc(left, func(a, b Thread) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), a.Line-b.Line, strings.Compare(a.Author.Login, b.Author.Login))
	})
	names := make([]string, len(left))
	for i, t := range left {
		names[i] = quoted(t.Path)
		if t.Line > 0 {
			names[i] += " line " + strconv.Itoa(t.Line)
		}
		if t.Author.Login != "" {
			names[i] += " (" + t.Author.Login + ")"
		}
	}
	return names
}
