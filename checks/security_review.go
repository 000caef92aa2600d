package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// reviewID is the part that says whether a security review is needed, and given.
// The label follows it.
const reviewID = "security/review"

// askWords, alone on a line, ask for a security review, whoever says them.
const askWords = "security review required"

// review judges the security review. known is false as long as nothing asks for
// one and not all is known that may.
func (x *scrutiny) review() (r Result, known bool) {
	r = Result{ID: reviewID, Name: "Security review"}
	x.hearRequests()
	texts := causeTexts(x.causes)
	if len(texts) == 0 {
		r.State, r.Summary = Exempt, "Nothing in this change asks for one."
		return r, x.scanned() && !x.open
	}
	t := tally{rule: &x.h.rules.SignOffs[0], result: r}
	t.scope = x.scope()
	x.h.weigh(&t)
	x.h.finish(&t)
	r = t.result
	why := texts[0]
	if len(texts) > 1 {
		why = count(len(texts), "reason") + " ask for one, the first: " + lowerFirst(why)
	}
	if r.State != Met {
		r.Summary = why + ". " + r.Summary
	}
	r.Notes = append(append([]string{x.scopeNote(&t.scope)}, limited(stopped(texts), "reasons")...), r.Notes...)
	return r, true
}

// scope is what a sign-off must have seen: the files that ask for it, or the
// whole change where a reason is about more than them.
func (x *scrutiny) scope() scope {
	changed := map[string]bool{}
	for i := range x.pull.Files {
		changed[x.pull.Files[i].Path] = true
	}
	s := scope{id: 1, paths: map[string]bool{}}
	for _, c := range x.causes {
		if !changed[c.path] {
			return scope{}
		}
		s.paths[c.path] = true
	}
	return s
}

// scopeNote says what a sign-off is about.
func (x *scrutiny) scopeNote(s *scope) string {
	if s.paths == nil {
		return "The review is about the whole change: it holds while its content stays the same."
	}
	return "The review is about " + plural(len(s.paths), "1 file", strconv.Itoa(len(s.paths))+" files") + ": it holds while " +
		plural(len(s.paths), "its", "their") + " content stays the same, whatever else changes."
}

// hearRequests finds those who ask for a security review. An edited text still
// asks, as it is now or as it first was, and so does a deleted one: others than who
// wrote it may edit and delete it.
func (x *scrutiny) hearRequests() {
	p := x.pull
	for _, a := range p.Memory.Asked {
		x.request("A comment that was deleted", "a comment that was deleted", a.At)
	}
	if AsksForReview(p.Body) {
		// When that was written nobody says; the description is there from the start.
		x.request("The description", "the description", p.CreatedAt)
	}
	for i := range p.Comments {
		c := &p.Comments[i]
		x.hearRequest(c.Author, "comment", c.ID, c.Body, c.Created, c.Edited)
	}
	for i := range p.Reviews {
		if v := &p.Reviews[i]; v.State != "PENDING" {
			x.hearRequest(v.Author, "review", v.ID, v.Body, v.Submitted, v.Edited)
		}
	}
}

func (x *scrutiny) hearRequest(by Actor, kind string, id int64, body string, at, edited time.Time) {
	who := cmp.Or(Plain(by.Login), nobody)
	switch {
	case AsksForReview(x.pull.Memory.Seen[kind+"/"+evidenceID(id)].Text):
		x.request(first(who), who, at)
	case !AsksForReview(body):
	case edited.IsZero():
		x.request(first(who), who, at)
	default:
		x.request(first(who), who, edited) // it may have been added then
	}
}

// request notes that somebody asked, as a sentence begins with it and as one goes
// on. What is signed must be signed after the last time.
func (x *scrutiny) request(first, by string, at time.Time) {
	x.ask("", first+" asks for one")
	last := &x.h.asked
	if last.by == "" || at.After(last.at) || at.Equal(last.at) && by < last.by {
		*last = request{by: by, at: at}
	}
}

// AsksForReview says whether a text has a line that asks for a security review.
func AsksForReview(text string) (found bool) {
	if len(text) < len(askWords) {
		return false
	}
	spoken(text, func(line string) bool {
		found = strings.EqualFold(strings.TrimRight(line, ".!"), askWords)
		return !found
	})
	return found
}

// openReview says whether a security review that blocks is needed and not given.
// known is false where it cannot be told, or no section asks.
func openReview(v *Verdict) (open, known bool) {
	var walk func(results []Result, observed bool)
	walk = func(results []Result, observed bool) {
		for i := range results {
			r := &results[i]
			if seen := observed || r.Observed; !seen && slices.Contains(reviewIDs, r.ID) {
				open, known = open || !r.State.Passes(), true
			} else {
				walk(r.Parts, seen)
			}
		}
	}
	walk(v.Results, v.Observe)
	return open, known
}

// reviewIDs are the parts about the security review, of the repository's section
// and of the organisation's floor.
var reviewIDs = []string{reviewID, "security/floor/review"}
