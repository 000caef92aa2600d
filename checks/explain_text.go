package checks

import (
	"slices"
	"strings"
)

// commentLimit is how long a comment of ours becomes: GitHub takes 65,536 characters,
// and something may be added below ("Comments", GraphQL docs, body cannot be longer).
const commentLimit = 60000

// explanation is what is answered to somebody who asks to explain: of each requirement
// its state, why it is asked for, what it rests on, what does not count and why, and
// who can act.
func explanation(v *Verdict, policy *Policy, pull *Pull, all []Comment, o *order) string {
	var b strings.Builder
	b.WriteString(explainMark(o.comment.ID))
	b.WriteString("\n**")
	writeMarkdown(&b, mergeTitle(*v))
	b.WriteString("**\n\nThis is how things stand at ")
	writeCode(&b, short(pull.Head.SHA))
	b.WriteString(" on " + minute(pull.At) + ", for ")
	writeCode(&b, o.comment.Author.Login)
	b.WriteString(", who asked. It is not kept up to date: " + checksLink(pull) + " are.\n\n")
	b.WriteString(tableHeader)
	for i := range v.Results {
		writeRows(&b, &v.Results[i], v.Results[i].Observed)
	}
	for i := range v.Results {
		explainResult(&b, &v.Results[i])
	}
	for _, n := range v.Notes {
		b.WriteString("\n")
		writeMarkdown(&b, n)
		b.WriteString("\n")
	}
	explainSources(&b, policy)
	explainCommands(&b, policy)
	text := cutTo(b.String(), commentLimit)
	if strings.Count(text, "<details>") > strings.Count(text, "</details>") {
		text += "\n</details>\n"
	}
	return text
}

// checksLink leads to the check-runs. It is relative to the server, whose name the
// core does not know.
func checksLink(pull *Pull) string {
	if !linkable(pull.Repo.Owner) || !linkable(pull.Repo.Name) {
		return "the check-runs"
	}
	return "[the check-runs](/" + pull.Repo.Owner + "/" + pull.Repo.Name + "/pull/" + evidenceID(int64(pull.Number)) + "/checks)"
}

// linkable says whether a name can stand in a link as it is.
func linkable(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}

// unmarked makes plain text harmless where GitHub reads HTML and no Markdown.
var unmarked = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@<!-- -->", "#", "#<!-- -->", "://", ":<!-- -->//", "www.", "www<!-- -->.")

// explainResult explains a result that has no parts, or its parts.
func explainResult(b *strings.Builder, r *Result) {
	if len(r.Parts) == 0 || len(r.Notes)+len(r.Evidence) > 0 {
		b.WriteString("\n<details><summary>")
		b.WriteString(unmarked.Replace(clean(r.Name, quoteLimit)))
		b.WriteString(" — ")
		b.WriteString(icon(r))
		b.WriteString("</summary>\n\n")
		explainItem(b, r.Summary)
		if !r.State.Passes() && len(r.Can) > 0 {
			b.WriteString("- Who can act now: ")
			writeCan(b, r.Can)
			b.WriteString("\n")
		}
		for _, n := range r.Notes {
			explainItem(b, n)
		}
		explainEvidence(b, r.Evidence)
		explainItem(b, strings.TrimSpace("The requirement is "+r.ID+"."+controlsText(r)))
		b.WriteString("\n</details>\n")
	}
	for i := range r.Parts {
		explainResult(b, &r.Parts[i])
	}
}

func explainItem(b *strings.Builder, text string) {
	if text == "" {
		return
	}
	b.WriteString("- ")
	writeMarkdown(b, text)
	b.WriteString("\n")
}

func controlsText(r *Result) string {
	if len(r.Controls) == 0 {
		return ""
	}
	return " It is evidence for " + list(r.Controls, 8) + "."
}

// evidenceShown is how much evidence of one result an answer lists.
const evidenceShown = 20

func explainEvidence(b *strings.Builder, evidence []Evidence) {
	var texts []string
	for i := range evidence {
		e := &evidence[i]
		text := e.Kind
		for _, part := range []struct{ before, what string }{{" ", e.ID}, {" by ", e.Login}, {" at ", short(e.Commit)}, {": ", e.Text}} {
			if part.what != "" {
				text += part.before + Plain(part.what)
			}
		}
		texts = append(texts, text)
	}
	texts = sorted(texts)
	if n := len(texts) - evidenceShown; n > 0 {
		texts = append(texts[:evidenceShown:evidenceShown], count(n, "more piece")+" of evidence in the record")
	}
	for _, text := range texts {
		explainItem(b, "It rests on "+text+".")
	}
}

// explainSources says by which texts it was judged.
func explainSources(b *strings.Builder, policy *Policy) {
	b.WriteString("\nJudged by:\n")
	n := 0
	for i := range policy.Sources {
		s := &policy.Sources[i]
		if s.Absent || s.Path == "" {
			continue
		}
		n++
		b.WriteString("- ")
		writeCode(b, s.Repo+"/"+s.Path)
		if s.Commit != "" {
			b.WriteString(" at ")
			writeCode(b, short(s.Commit))
		}
		if s.Floor {
			b.WriteString(", the organisation's floor")
		}
		if s.Broken != "" {
			b.WriteString(", which could not be read")
		}
		b.WriteString("\n")
	}
	if n == 0 {
		b.WriteString("- the built-in default, since there is no policy\n")
	}
}

// explainCommands lists what can be said here.
func explainCommands(b *strings.Builder, policy *Policy) {
	var roles []string
	for name := range policy.Roles {
		roles = append(roles, string(name))
	}
	lines := [][2]string{{approveCommand + " ROLE", "signs for a role: " + list(sorted(roles), 12)}, {revokeCommand + " NAME", "takes back what was signed for a role, or an override of a requirement"}}
	var who, glass []string
	for _, o := range []*Override{policy.FloorOverride, policy.Override} {
		if o != nil && o.Role != "" {
			who = union(who, []string{o.holders(o.Role)})
		}
		if o != nil && o.BreakGlass.Role != "" {
			glass = union(glass, []string{o.holders(o.BreakGlass.Role)})
		}
	}
	if len(who) > 0 {
		lines = append(lines, [2]string{overrideCommand + " REQUIREMENT REASON", "lets a requirement of the table pass for a while, by " + list(who, 2)})
	}
	if len(glass) > 0 {
		lines = append(lines, [2]string{glassCommand + " REASON", "lets everything pass in an emergency, by " + list(glass, 2)})
	}
	if slices.ContainsFunc(policy.Sections, func(s Section) bool { return s.Name == "security" }) {
		lines = append(lines, [2]string{suppressCommand + " FINDING REASON", "lets one finding of the security scan pass, by who may give the security review"})
	}
	lines = append(lines, [2]string{recheckCommand, "has everything read and judged anew"}, [2]string{explainCommand, "is answered like this"})
	b.WriteString("\nWhat can be said in a comment, alone on a line:\n")
	for _, l := range lines {
		b.WriteString("- ")
		writeCode(b, l[0])
		b.WriteString(" ")
		writeMarkdown(b, l[1])
		b.WriteString("\n")
	}
}

// holders is who holds a role of the section.
func (o *Override) holders(name RoleName) string {
	role, _ := o.asReview().role(name)
	return role.holders()
}
