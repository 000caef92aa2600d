package handlers

import (
	"maps"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// redactRelease takes secrets out of a release's texts before anything else looks at
// them. Names of tags, files and environments stay: they are what things are called by.
func (i *Inspector) redactRelease(r *checks.Release) {
	if i == nil {
		return
	}
	r.Page.Name = i.Redact(r.Page.Name)
	r.Issue.Title = i.Redact(r.Issue.Title)
	r.Issue.Comments = slices.Clone(r.Issue.Comments)
	for n := range r.Issue.Comments {
		r.Issue.Comments[n].Body = i.Redact(r.Issue.Comments[n].Body)
	}
}

// subjectKept is how many bytes of a commit's first line, or of a title, are kept.
const subjectKept = 200

// subject is a commit's first line, or a title, without secrets, and only then cut: a
// part of one would not be known for a secret.
func (i *Inspector) subject(text string) string {
	text = i.Redact(text)
	if len(text) <= subjectKept {
		return text
	}
	return strings.ToValidUTF8(text[:subjectKept], "")
}

// redactCommits takes secrets out of the first lines of commits' messages, and shortens
// them.
func (i *Inspector) redactCommits(commits []checks.RangeCommit) {
	for n := range commits {
		commits[n].Subject = i.subject(commits[n].Subject)
	}
}

// redactOrigins is redactCommits of the titles of pull requests that commits came by.
func (i *Inspector) redactOrigins(found map[string]checks.RangeCommit) {
	for _, sha := range slices.Collect(maps.Keys(found)) {
		c := found[sha]
		c.Subject = i.subject(c.Subject)
		c.Pulls = slices.Clone(c.Pulls)
		for n := range c.Pulls {
			c.Pulls[n].Title = i.subject(c.Pulls[n].Title)
		}
		found[sha] = c
	}
}

// redactReleasePost takes secrets out of what is posted about a release besides its runs.
func (i *Inspector) redactReleasePost(a *checks.Action) {
	if a.Issue != nil {
		text := *a.Issue
		text.Title, text.Body = i.redactShown(text.Title), i.redactShown(text.Body)
		a.Issue = &text
	}
	if a.Gate != nil {
		answer := *a.Gate
		answer.Comment = i.redactShown(answer.Comment)
		a.Gate = &answer
	}
}
