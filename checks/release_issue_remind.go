package checks

import (
	"slices"
	"strings"
)

// reminders remind roles that are waited for too long, one comment for each stage, and
// tell others of them.
func (w *releaseView) reminders() []notice {
	var out []notice
	for i := range w.rules.Stages {
		s := &w.rules.Stages[i]
		for _, escalate := range [...]bool{false, true} {
			var keys []string
			var roles []RoleName
			for _, m := range w.v.Reminders {
				if m.Stage == s.Name && m.Escalate == escalate && !w.marked(m.Key) && w.signable(s, m.Role) {
					keys, roles = append(keys, m.Key), united(roles, []RoleName{m.Role})
				}
			}
			if len(keys) > 0 {
				out = append(out, notice{keys, w.reminder(s, roles, escalate)})
			}
		}
	}
	return out
}

func (w *releaseView) reminder(s *Stage, roles []RoleName, escalate bool) string {
	var b strings.Builder
	if escalate {
		b.WriteString("**Still waiting**: ")
	} else {
		b.WriteString("**Reminder**: ")
	}
	writeMarkdown(&b, w.tag)
	b.WriteString(" waits in the stage ")
	writeMarkdown(&b, s.Name)
	b.WriteString(" for\n")
	for _, name := range roles {
		b.WriteString("- ")
		writeCode(&b, w.signLine(s, name))
		b.WriteString(" by ")
		writeMarkdown(&b, w.rules.holders(name))
		if r := w.rolePart(s, name); r != nil && !r.Since.IsZero() {
			b.WriteString(", since " + minute(r.Since))
		}
		b.WriteString("\n")
	}
	if escalate {
		b.WriteString("\nThey were reminded. Whoever can has to find somebody who signs" + w.calling([]RoleName{s.EscalateTo}) + ".")
		return b.String()
	}
	b.WriteString("\nWhat it brings stands above. Sign by that line in a comment here")
	if w.r.SharedWith == "" {
		b.WriteString(", by the button \"Sign off\" of ")
		writeCode(&b, stageRun(s))
	}
	b.WriteString(", or by `handrail release sign`; stop it by `/reject REASON`" + w.calling(roles) + ".")
	return b.String()
}

// rolePart is the result of a role of a stage, nil for none.
func (w *releaseView) rolePart(s *Stage, name RoleName) *Result {
	r := w.result(s.id(""))
	if r == nil {
		return nil
	}
	if i := slices.IndexFunc(r.Parts, func(p Result) bool { return p.ID == s.id(string(name)) }); i >= 0 {
		return &r.Parts[i]
	}
	return nil
}

// callsMost is how many people a comment calls for a role that has no team.
const callsMost = 5

// calling calls the people of roles by mentions, as the end of a sentence: only teams
// and accounts that the policy names. It is "" where the policy names none.
func (w *releaseView) calling(names []RoleName) string {
	var who []string
	for _, name := range names {
		for _, role := range w.rules.definitions(name) {
			if team := strings.TrimPrefix(role.Team, "@"); team != "" {
				if org, slug, ok := strings.Cut(team, "/"); ok && linkable(org) && linkable(slug) {
					who = union(who, []string{"@" + team})
				}
				continue
			}
			for _, u := range role.Users[:min(len(role.Users), callsMost)] {
				if linkable(u) && !isApp(strings.ToLower(u)) {
					who = union(who, []string{"@" + u})
				}
			}
		}
	}
	if len(who) == 0 {
		return ""
	}
	return ". This is for " + list(who, len(who))
}
