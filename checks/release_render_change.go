package checks

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// endedLag is by how much GitHub's clock, by which comments are dated, and ours may
// differ, where the same candidate was there twice.
const endedLag = time.Minute

// endedShown is how many earlier candidates a text names.
const endedShown = 5

// writeEnded writes which earlier candidates there were, what ended them, and which
// sign-offs ended with them, the newest first.
func (w *releaseView) writeEnded(b *strings.Builder) {
	n := 0
	for i := len(w.r.Memory.Candidates) - 1; i >= 0 && n < endedShown; i-- {
		c := &w.r.Memory.Candidates[i]
		if c.Ended.IsZero() {
			continue
		}
		if n++; n == 1 {
			b.WriteString("\n**What ended earlier sign-offs**\n")
		}
		b.WriteString("- ")
		w.writeEnd(b, c)
		b.WriteString("\n")
	}
}

// writeEnd writes what ended a candidate, and what ended with it.
func (w *releaseView) writeEnd(b *strings.Builder, c *PastCandidate) {
	b.WriteString("Candidate ")
	writeCode(b, short12(c.Digest))
	b.WriteString(" ended on " + minute(c.Ended) + ". ")
	why := c.Why
	if why == "" {
		why = cmp.Or(w.v.Candidate.Changed(c.Candidate), "Another took its place.")
	}
	writeMarkdown(b, why)
	if w.broughtHere(c) {
		b.WriteString(" The tag was put where it is by ")
		writeCode(b, "@"+w.r.Tag.Pusher.Login)
		b.WriteString(".")
	}
	signs := w.signedThen(c)
	if len(signs) == 0 {
		b.WriteString(" Nobody had signed it.")
		return
	}
	b.WriteString(" " + count(len(signs), "sign-off") + " ended: ")
	for i, a := range signs {
		switch {
		case i == actsShown:
			b.WriteString(" and more")
			return
		case i > 0:
			b.WriteString(", ")
		}
		writeMarkdown(b, Plain(cmp.Or(string(a.Role), "a role of "+cmp.Or(a.Stage, "a stage"))))
		b.WriteString(" by ")
		writeCode(b, "@"+a.By.Login)
	}
	b.WriteString(".")
}

// broughtHere says whether it was by moving the tag to where it is now that a candidate
// ended, and by whom is known.
func (w *releaseView) broughtHere(c *PastCandidate) bool {
	if w.r.Tag.Gone || w.r.Tag.Pusher.Login == "" || c.TagOID == w.r.Tag.OID {
		return false
	}
	list := w.r.Memory.Candidates
	i := slices.IndexFunc(list, func(o PastCandidate) bool { return o.Digest == c.Digest && o.Ended.Equal(c.Ended) })
	return i >= 0 && i+1 < len(list) && list[i+1].TagOID == w.r.Tag.OID
}

// signedThen are the sign-offs of an earlier candidate by people who hold the role, in
// order. Whether all of them counted is not known any more.
func (w *releaseView) signedThen(c *PastCandidate) []*Act {
	var out []*Act
	for i := range w.r.Acts {
		a := &w.r.Acts[i]
		if a.Kind != ActSign || a.Edited || !IsCandidate(a.Candidate, c.Digest) || a.At.Before(c.Since.Add(-endedLag)) || a.At.After(c.Ended.Add(endedLag)) || !w.heldBy(a) || w.takenBack(a, c.Digest) {
			continue
		}
		if !slices.ContainsFunc(out, func(o *Act) bool { return o.Role == a.Role && o.Stage == a.Stage && samePerson(o.By, a.By) }) {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b *Act) int {
		switch {
		case actAfter(a, b):
			return 1
		case actAfter(b, a):
			return -1
		}
		return 0
	})
	return out
}

// takenBack says whether who signed took that back while the candidate was there.
func (w *releaseView) takenBack(sign *Act, digest string) bool {
	return slices.ContainsFunc(w.r.Acts, func(a Act) bool {
		return a.Kind == ActRevoke && IsCandidate(a.Candidate, digest) && (a.Role == sign.Role || a.Role == "") && samePerson(a.By, sign.By) && actAfter(&a, sign)
	})
}

// heldBy says whether who signed holds the role now, or may, as far as is known.
func (w *releaseView) heldBy(a *Act) bool {
	h := hearing{pull: &Pull{People: w.r.People, Teams: w.r.Teams}}
	for i := range w.rules.Stages {
		s := &w.rules.Stages[i]
		for _, so := range s.SignOffs {
			if a.Role != so.Role && (a.Role != "" || a.Stage != s.Name) {
				continue
			}
			for _, role := range w.rules.definitions(so.Role) {
				if x := h.admits(&role, account(a.By), a.By.Login); x.ok || x.unknown {
					return true
				}
			}
		}
	}
	return false
}
