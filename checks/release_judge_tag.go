package checks

import (
	"cmp"
	"slices"
	"strings"
)

// tagPutters is who may put tags there.
const tagPutters = "whoever may put tags there"

// isPromoted says whether the candidate that is there was promoted.
func (x *releasing) isPromoted() bool {
	return x.r.Promoted(x.v.Digest) && x.v.Candidate.Commit != "" && !x.r.Tag.Gone
}

// voided says why nothing can be done about the tag any more: it is gone, or it was
// moved after the release.
func (x *releasing) voided() fault {
	t := &x.r.Tag
	switch past := x.r.Memory.promoted(); {
	case t.Gone:
		return fault{"the tag is deleted", tagPutters}
	case !x.r.isOut() || x.isPromoted():
	case past == nil:
		return fault{"it is out, and it is not known as what: release it under another tag", tagPutters}
	case past.Commit != t.Commit || past.TagOID != t.OID:
		why := "the tag was moved after the release, from " + short(past.Commit) + " to " + short(t.Commit)
		if past.Commit == t.Commit {
			why = "the tag was made anew after the release, at the same commit"
		}
		return fault{why + ": release what is there now under another tag", tagPutters}
	}
	return fault{}
}

// tag judges the tag itself: that it is there, is of a commit, that it is known who put
// it there, and that nothing newer is out.
func (x *releasing) tag() Result {
	t := &x.r.Tag
	r := Result{ID: IDReleaseTag, Name: "Tag", State: Unmet, Can: []string{tagPutters}}
	newer, unknown := x.newer, x.unplaced
	switch f := x.unattributed(); {
	case x.void.why != "":
		r.Summary, r.Can = upperFirst(x.void.why)+".", []string{x.void.can}
	case t.OID == "" || t.Name == "":
		fault{"the tag could not be read", operators}.fill(&r)
	case t.Commit == "":
		r.Summary = "The tag is of no commit, so that nothing could be released: put it on one."
	case newer != nil && !x.isPromoted():
		r.Summary = upperFirst(newer.supersedes()) + ", so this is released no more: release something newer."
	case unknown != nil && !x.isPromoted():
		fault{"it is not known whether " + quoted(unknown.Tag) + ", which is out, contains this commit", operators}.fill(&r)
	case f.why != "":
		fault{f.why, f.can}.fill(&r)
	default:
		r.State, r.Can = Met, nil
		r.Summary = "It is at " + short(t.Commit) + ", put there by " + cmp.Or(Plain(t.Pusher.Login), "somebody unknown") + "."
	}
	if r.Evidence = nil; t.Commit != "" {
		r.Evidence = []Evidence{{Kind: "commit", ID: t.Commit, Login: t.Pusher.Login, Commit: t.Commit}}
	}
	return r
}

// unattributed says that it is not known who put the tag there, where that blocks.
func (x *releasing) unattributed() fault {
	if x.r.Tag.Pusher.Login != "" || x.rules.Unattributed == UnattributedAllow {
		return fault{}
	}
	return fault{"handrail has not heard who put the tag there, so that nobody can be told from them; delete it and put it there again, or let the policy say unattributed: allow", tagPutters}
}

// lookForNewer finds a release that is out and has this one's commit among its own, but
// for one of the very same commit, and one of which that cannot be told.
func (x *releasing) lookForNewer() {
	outs := slices.Clone(x.r.Outs)
	slices.SortFunc(outs, func(a, b Out) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Tag, b.Tag)) })
	for i := range outs {
		switch o := &outs[i]; {
		case o.Tag == x.r.Tag.Name || o.Commit != "" && o.Commit == x.r.Tag.Commit:
		case !o.Known:
			if x.unplaced == nil {
				x.unplaced = o
			}
		case o.Contains:
			x.newer = o // the last
		}
	}
}

// supersedes says that the release is out, as a sentence begins or ends.
func (o *Out) supersedes() string {
	return "release " + quoted(o.Tag) + ", which has this commit, is out"
}

// upperFirst is what may begin a sentence.
func upperFirst(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]&^0x20) + s[1:]
	}
	return s
}
