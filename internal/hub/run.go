package hub

import (
	"strings"
	"unicode/utf8"

	"github.com/handrail-bot/handrail/checks"
)

const (
	// textLimit is how many characters a check-run's summary may have, and
	// annotationBatch how many annotations one request may bring (REST docs,
	// "Create a check run").
	textLimit       = 65535
	annotationBatch = 50
)

// run is the input of a check-run with its n-th batch of annotations. The
// external id says that all is there, so it goes with the last batch only:
// until then the next evaluation finds the run unfinished.
func (p *publishing) run(o checks.Output, n int) map[string]any {
	in := map[string]any{"repositoryId": p.repo}
	if n == 0 {
		in["status"] = strings.ToUpper(o.Status)
		if o.Conclusion != "" {
			in["conclusion"] = strings.ToUpper(o.Conclusion)
		}
	}
	last := (n+1)*annotationBatch >= len(o.Annotations)
	if last {
		in["externalId"] = o.ExternalID
	} else {
		in["externalId"] = "incomplete"
	}
	out := map[string]any{"title": o.Title, "summary": summary(o)}
	var list []map[string]any
	for _, a := range o.Annotations[min(n*annotationBatch, len(o.Annotations)):min((n+1)*annotationBatch, len(o.Annotations))] {
		entry := map[string]any{
			"path": a.Path, "message": a.Message, "annotationLevel": strings.ToUpper(a.Level),
			"location": map[string]any{"startLine": a.Start, "endLine": a.End},
		}
		if a.Title != "" {
			entry["title"] = a.Title
		}
		list = append(list, entry)
	}
	if len(list) > 0 {
		out["annotations"] = list
	}
	in["output"] = out
	if n == 0 && (len(o.Buttons) > 0 || ofRelease(o.Name)) {
		in["actions"] = buttons(o.Buttons)
	}
	return in
}

// ofRelease says whether a check-run is a release's. Those lose their buttons again, so
// that their list is sent when it is empty, too. What GitHub makes of an empty one its
// documents do not say: a button that stays is refused when it is pressed.
func ofRelease(name string) bool {
	return name == checks.RunRelease || strings.HasPrefix(name, checks.RunStagePrefix)
}

// buttons are the actions of a check-run's input. GitHub refuses the whole run when a
// text is longer than 20 characters, a description than 40 (REST docs, "Create a check
// run").
func buttons(list []checks.Button) []map[string]any {
	out := make([]map[string]any, 0, len(list))
	for _, b := range list {
		out = append(out, map[string]any{"label": characters(b.Label, 20), "description": characters(b.Description, 40), "identifier": characters(b.Identifier, 20)})
	}
	return out
}

// characters cuts a text to a number of characters.
func characters(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit])
	}
	return s
}

// summary is the text with its footer, within GitHub's limit: it is the text
// that is cut.
func summary(o checks.Output) string {
	if o.Footer == "" {
		return cut(o.Summary, textLimit)
	}
	foot := cut("\n\n"+o.Footer, textLimit/2)
	return cut(o.Summary, textLimit-len(foot)) + foot
}

// cut shortens a text to a number of bytes without splitting a character.
// GitHub counts characters, which are never more than bytes.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
