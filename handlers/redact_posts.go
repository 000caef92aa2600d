package handlers

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// redactPosts takes secrets out of what is posted. From texts they were taken when
// these were read; but a file is judged by the name it has, and what is said of it
// names it. The record keeps the name, as Git does.
func (i *Inspector) redactPosts(actions []checks.Action) []checks.Action {
	if i == nil {
		return actions
	}
	for n := range actions {
		o := &actions[n].Run
		if body := actions[n].Body; body != "" {
			actions[n].Body = i.redactShown(body)
		}
		i.redactReleasePost(&actions[n])
		o.Title, o.Summary = i.redactShown(o.Title), i.redactShown(o.Summary)
		o.Annotations = slices.Clone(o.Annotations)
		for k := range o.Annotations {
			a := &o.Annotations[k]
			a.Title, a.Message = i.redactShown(a.Title), i.redactShown(a.Message)
		}
	}
	return actions
}

// redactShown takes secrets out of a text that is plain or Markdown: word by word,
// so that tables stay tables, and where that does not do line by line. What only may
// be a secret stays, as digests of ours may look so.
func (i *Inspector) redactShown(text string) string {
	if !i.shows(text) {
		return text
	}
	text = word.ReplaceAllStringFunc(text, i.redactPart)
	if !i.shows(text) {
		return text
	}
	lines := strings.Split(text, "\n")
	for n := range lines {
		lines[n] = i.redactPart(lines[n])
	}
	if text = strings.Join(lines, "\n"); i.shows(text) {
		return i.Redact(read(text))
	}
	return text
}

var word = regexp.MustCompile(`[^\s|]+`)

func (i *Inspector) redactPart(text string) string {
	if !i.shows(text) {
		return text
	}
	return checks.Markdown(i.Redact(read(text)))
}

// shows says whether somebody who reads a text reads a secret.
func (i *Inspector) shows(text string) bool {
	_, found := i.scanner.Scrub(read(text))
	return slices.ContainsFunc(found, func(s checks.Secret) bool { return !s.Weak })
}

// read is a text as GitHub shows it, as far as [checks.Markdown] has changed it.
func read(text string) string {
	text = strings.ReplaceAll(text, "<!-- -->", "")
	return html.UnescapeString(escape.ReplaceAllString(text, "$1"))
}

// escape is what Markdown takes for the sign behind it (CommonMark 0.31,
// "Backslash escapes").
var escape = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")
