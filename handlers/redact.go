package handlers

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

// redactedLimit is how many secrets of a snapshot's texts are listed.
const redactedLimit = 200

// Redact is a text without its secrets. Without an Inspector it is the text.
func (i *Inspector) Redact(text string) string {
	if i == nil || text == "" {
		return text
	}
	clean, _ := i.scanner.Scrub(text)
	return clean
}

// redaction takes secrets out of the texts of one snapshot.
type redaction struct {
	scanner Scanner
	found   []checks.Secret
	known   map[checks.Secret]bool
}

func (r *redaction) text(text *string, where checks.Secret) {
	if *text == "" {
		return
	}
	clean, found := r.scanner.Scrub(*text)
	*text = clean
	for _, s := range found {
		s.In, s.Of, s.Commit, s.Path = where.In, where.Of, where.Commit, where.Path
		if !r.known[s] {
			r.known[s] = true
			r.found = append(r.found, s)
		}
	}
}

// signature is of a commit: whoever makes one writes there what they like.
func (r *redaction) signature(by *checks.Signature, where checks.Secret) {
	r.text(&by.Name, where)
	r.text(&by.Email, where)
}

// list is what was found, what means most first: what is only said about the change
// holds nothing up, and must crowd out nothing that does.
func (r *redaction) list() []checks.Secret {
	rank := func(s *checks.Secret) int {
		switch {
		case s.In == checks.InComment || s.In == checks.InReview:
			return 2
		case s.Weak:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(r.found, func(a, b checks.Secret) int { return rank(&a) - rank(&b) })
	return r.found[:min(len(r.found), redactedLimit)]
}

// redact takes secrets out of a snapshot's texts before anything else looks at
// it. That there were some is in Redacted.
func (i *Inspector) redact(pull *checks.Pull) {
	if i == nil {
		return
	}
	r := redaction{scanner: i.scanner, known: map[checks.Secret]bool{}}
	r.text(&pull.Title, checks.Secret{In: checks.InTitle})
	r.text(&pull.Body, checks.Secret{In: checks.InBody})
	for n := range pull.Commits {
		c := &pull.Commits[n]
		in := checks.Secret{In: checks.InMessage, Of: c.SHA, Commit: c.SHA}
		r.text(&c.Message, in)
		r.signature(&c.Author, in)
		r.signature(&c.Committer, in)
		for m := range c.CoAuthors {
			r.signature(&c.CoAuthors[m], in)
		}
	}
	for n := range pull.Comments {
		c := &pull.Comments[n]
		r.text(&c.Body, checks.Secret{In: checks.InComment, Of: strconv.FormatInt(c.ID, 10)})
	}
	for n := range pull.Reviews {
		v := &pull.Reviews[n]
		r.text(&v.Body, checks.Secret{In: checks.InReview, Of: strconv.FormatInt(v.ID, 10)})
	}
	if p := pull.Proposed; p != nil {
		r.text(&p.Text, checks.Secret{In: checks.InPolicy, Path: p.Path})
	}
	pull.Redacted = r.list()
	// What is not the pull request's own is left out without being held against it.
	for n := range pull.Closing {
		pull.Closing[n].Title = i.Redact(pull.Closing[n].Title)
	}
	if text := i.Redact(pull.Owners.Text); sameRules(text, pull.Owners.Text) {
		pull.Owners.Text = text
	}
}

// redactTexts takes secrets out of files of the base branch. They are not the pull
// request's own, so nothing is held against it; but attributes that were changed by
// it could say something else, and are none then.
func (i *Inspector) redactTexts(pull *checks.Pull) {
	texts := maps.Clone(pull.Texts)
	for name, t := range texts {
		clean := i.Redact(t.Text)
		t.Cut = t.Cut || clean != t.Text && path.Base(name) == checks.AttributesName
		t.Text = clean
		texts[name] = t
	}
	pull.Texts = texts
}

// redactReferences takes secrets out of the titles of issues that texts name.
func (i *Inspector) redactReferences(pull *checks.Pull) {
	all := maps.Clone(pull.References)
	for id, r := range all {
		r.Issue.Title = i.Redact(r.Issue.Title)
		all[id] = r
	}
	pull.References = all
}

// redactSeen takes secrets out of first texts that were kept before these rules
// were there.
func (i *Inspector) redactSeen(pull *checks.Pull) {
	for key, seen := range pull.Memory.Seen {
		seen.Text = i.Redact(seen.Text)
		pull.Memory.Seen[key] = seen
	}
}

// redactSources takes secrets out of policy texts where that changes nothing of
// what they say, as in remarks. Otherwise they stay: the record must give the
// same verdict again, and whoever can see it can see the base branch.
func (i *Inspector) redactSources(sources []checks.Source, d config.Defaults) []checks.Source {
	if i == nil {
		return sources
	}
	out, changed := slices.Clone(sources), false
	for n := range out {
		text := i.Redact(out[n].Text)
		changed = changed || text != out[n].Text
		out[n].Text = text
	}
	if !changed {
		return sources
	}
	a, b := config.Policy(sources, d), config.Policy(out, d)
	a.Sources, b.Sources = nil, nil
	if !reflect.DeepEqual(a, b) {
		return sources
	}
	return out
}

// sameRules says whether two texts of CODEOWNERS differ in remarks only.
func sameRules(a, b string) bool {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	return slices.EqualFunc(x, y, func(a, b string) bool {
		a, _, _ = strings.Cut(a, "#")
		b, _, _ = strings.Cut(b, "#")
		return a == b
	})
}

// redactFacts takes secrets out of the texts that an event tells.
func redactFacts(facts []store.Fact, redact func(string) string) {
	for i, f := range facts {
		switch f := f.(type) {
		case store.Said:
			f.Text = redact(f.Text)
			facts[i] = f
		case store.Unsaid:
			f.Before = redact(f.Before)
			facts[i] = f
		case store.PullChanged:
			f.Title = redact(f.Title)
			facts[i] = f
		}
	}
}

// redactOutcomes takes secrets out of what GitHub said to our own writes.
func (i *Inspector) redactOutcomes(list []checks.Outcome) {
	for n := range list {
		list[n].Error = i.Redact(list[n].Error)
	}
}

// redactedError is an error whose text had a secret in it.
type redactedError struct {
	text string
	err  error
}

// Error implements error.
func (e *redactedError) Error() string { return e.text }

// Unwrap is the error as it was, for its kind.
func (e *redactedError) Unwrap() error { return e.err }

// Format keeps every verb from printing what is wrapped.
func (e *redactedError) Format(s fmt.State, _ rune) { fmt.Fprint(s, e.text) }

// harmless is an error that can be shown, logged and kept.
func (i *Inspector) harmless(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if clean := i.Redact(text); clean != text {
		return &redactedError{clean, err}
	}
	return err
}
