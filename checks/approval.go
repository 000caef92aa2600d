package checks

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// hearing is one look at a pull request by the review check: who said what, who
// worked on it, and what handrail would have to ask for to know more.
type hearing struct {
	pull  *Pull
	rules *ReviewRules
	roles []Role // in use here, by name
	wants *Wants // nil when judging: what was not asked then counts as unknown

	voices  []voice        // by account
	workers []contributor  // by account
	unknown []unattributed // commits that belong to no account
	cut     bool           // not every commit, so not every contributor, is known
	likened []likened      // comparisons made so far
	book    []ownerLine
	booked  bool
	asked   request // what signatures must come after
}

// request is something after which signatures count no more: that somebody asked
// for a review, or did what did says. The zero value is none.
type request struct {
	by  string
	at  time.Time
	did string // "" for asking for a security review
}

// text is what was done, as the end of a sentence.
func (r *request) text() string { return r.by + " " + cmp.Or(r.did, "asked for a security review") }

// moment orders what people do: by GitHub's clock and, within its second, by
// the number GitHub gave it.
type moment struct {
	at time.Time
	id int64
}

func (m moment) after(o moment) bool {
	if !m.at.Equal(o.at) {
		return m.at.After(o.at)
	}
	return m.id > o.id
}

// utterance is one line that signs a role or takes a signature back.
type utterance struct {
	moment
	role   RoleName
	revoke bool
	kind   string // "comment" or "review"
	commit string // that it belongs to; "" when unknown
	base   string // the base branch then; "" when unknown
	line   string // as spoken; "" for an approval in the review form
	ref    string // GitHub's number as text, where it was needed
}

// miss is a line that looks like a signature and is none.
type miss struct {
	role   RoleName // "" when it names no role
	line   string
	phrase string
}

// approval is one person's signature for one role.
type approval struct {
	*utterance
	who *voice
}

// name is how a sentence calls the approval.
func (a approval) name() string {
	if a.line == "" {
		return a.who.login + "'s approval"
	}
	return a.who.login + "'s \"" + Plain(a.line) + "\""
}

// listen collects what everybody said.
func (h *hearing) listen() {
	h.voices = make([]voice, 0, len(h.pull.Reviews)+len(h.pull.Comments)/4)
	for i := range h.pull.Reviews {
		h.hearReview(&h.pull.Reviews[i])
	}
	for i := range h.pull.Comments {
		h.hearComment(&h.pull.Comments[i])
	}
	slices.SortFunc(h.voices, func(a, b voice) int { return strings.Compare(a.key, b.key) })
	for i := range h.voices {
		v := &h.voices[i]
		if r := v.latest; r != nil && r.State == "APPROVED" {
			v.form = utterance{moment: moment{r.Submitted, r.ID}, kind: "review", commit: r.Commit, ref: evidenceID(r.ID)}
			v.form.base = h.pull.Memory.Seen["review/"+v.form.ref].Base
		}
		slices.Sort(v.edited)
		slices.SortFunc(v.misses, func(a, b miss) int {
			return cmp.Or(strings.Compare(a.line, b.line), strings.Compare(string(a.role), string(b.role)))
		})
		slices.SortStableFunc(v.spoken, func(a, b utterance) int {
			// Lines of one text stay in their order.
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id), strings.Compare(a.kind, b.kind))
		})
	}
}

func (h *hearing) hearReview(r *Review) {
	if r.State == "PENDING" || r.State == "" {
		return
	}
	v := h.voice(r.Author, r.ID)
	v.reviewed = true
	m := moment{r.Submitted, r.ID}
	switch r.State {
	case "APPROVED", "CHANGES_REQUESTED", "DISMISSED":
		if v.latest == nil || m.after(moment{v.latest.Submitted, v.latest.ID}) {
			v.latest = r
		}
		if r.State != "APPROVED" && (v.reset.at.IsZero() || m.after(v.reset)) {
			v.reset = m
		}
	}
	if r.Body == "" || r.State == "DISMISSED" {
		return
	}
	// A dismissed or blocking review signs nothing; commands in it still revoke.
	u := utterance{moment: m, kind: "review", commit: r.Commit}
	h.hearText(v, r.Body, u, !r.Edited.IsZero(), h.pull.Memory.Seen)
}

func (h *hearing) hearComment(c *Comment) {
	if c.Body == "" {
		return
	}
	v := voice{key: account(c.Author), login: c.Author.Login}
	u := utterance{moment: moment{c.Created, c.ID}, kind: "comment"}
	h.hearText(&v, c.Body, u, !c.Edited.IsZero(), h.pull.Memory.Seen)
	if v.key == "" || len(v.spoken)+len(v.misses)+len(v.edited) == 0 {
		return // most comments sign nothing, and nobody is who is deleted
	}
	into := h.voice(c.Author, c.ID)
	into.spoken = append(into.spoken, v.spoken...)
	into.misses = append(into.misses, v.misses...)
	into.edited = append(into.edited, v.edited...)
}

// voice finds or adds a person. Every deleted account is somebody of its own.
func (h *hearing) voice(a Actor, id int64) *voice {
	key, login := account(a), a.Login
	if key == "" {
		key, login = deletedAccount+evidenceID(id)+")", nobody
	}
	for i := range h.voices {
		if v := &h.voices[i]; v.key == key {
			v.login = max(v.login, login) // one spelling, whichever came first
			v.id = max(v.id, a.ID)
			return v
		}
	}
	h.voices = append(h.voices, voice{key: key, login: login, id: a.ID})
	return &h.voices[len(h.voices)-1]
}

// spoke says whether somebody said anything that may count.
func (h *hearing) spoke(key string) bool {
	for i := range h.voices {
		if h.voices[i].key == key {
			return true
		}
	}
	return false
}

// hearText finds what a text signs and takes back.
func (h *hearing) hearText(v *voice, text string, u utterance, edited bool, seen map[string]Seen) {
	looked := false
	spoken(text, func(line string) bool {
		verb, name, isCommand := command(line)
		if !isCommand && !h.concerns(line) {
			return true
		}
		if !looked {
			looked = true
			s := seen[u.kind+"/"+evidenceID(u.id)]
			edited = edited || s.Edited
			u.base = s.Base
			if u.kind == "comment" {
				u.commit = s.Head
			}
		}
		if isCommand {
			h.hearCommand(v, verb, name, line, u, edited)
		} else {
			h.hearLine(v, line, u, edited)
		}
		return true
	})
}

// concerns says whether a line may be a phrase, or begins like one.
func (h *hearing) concerns(line string) bool {
	for i := range h.roles {
		for _, p := range h.roles[i].Say {
			if p.Says(line) || begins(line, p) {
				return true
			}
		}
	}
	return false
}

func (h *hearing) hearLine(v *voice, line string, u utterance, edited bool) {
	u.line = line
	exact := false
	for i := range h.roles {
		for _, p := range h.roles[i].Say {
			if p.Says(line) {
				exact = true
				u.role = h.roles[i].Name
				v.sign(u, edited)
				break
			}
		}
	}
	if exact {
		return
	}
	for i := range h.roles {
		for _, p := range h.roles[i].Say {
			if begins(line, p) {
				v.misses = append(v.misses, miss{role: h.roles[i].Name, line: line, phrase: p.text})
				break
			}
		}
	}
}

func (h *hearing) hearCommand(v *voice, verb, name, line string, u utterance, edited bool) {
	u.line, u.revoke = line, verb == revokeCommand
	role, known := h.rules.roleCalled(name)
	switch {
	case !known && u.revoke && namesRequirement(name):
		// It takes back an override.
	case !known && h.rules.namesBeside(name):
	case !known:
		v.misses = append(v.misses, miss{line: line})
	case u.revoke:
		// What is taken back stays so, however the text was changed since.
		u.role = role
		v.spoken = append(v.spoken, u)
	default:
		u.role = role
		v.sign(u, edited)
	}
}

// before counts what happens in the same second as before: a signature is
// taken back rather than kept when their order cannot be told.
func (m moment) before(o moment) bool { return !m.at.After(o.at) }

// sorted sorts and drops what is there twice.
func sorted(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}
