package checks

// block is what a request for changes comes to.
type block struct {
	blocks  bool
	unknown bool
	gone    bool // by somebody who has no access any more
	why     string
}

// weighBlock says whether a request for changes counts: when it is made by
// somebody who may approve, or who could when making it.
func (h *hearing) weighBlock(v *voice) block {
	then := h.pull.Memory.Seen["review/"+evidenceID(v.latest.ID)].Permission
	could := Permission(then).AtLeast("write")
	if account(v.latest.Author) == "" {
		never := rank(then) >= 0 && !could
		return block{blocks: !never, gone: true, why: "the account is deleted and had no write access"}
	}
	for i := range h.roles {
		if !isApp(v.key) || h.roles[i].names(v.key) {
			if h.admits(&h.roles[i], v.key, v.login).ok {
				return block{blocks: true}
			}
		}
	}
	if isApp(v.key) {
		return block{why: "it is an App that no rule names"}
	}
	switch p := h.permission(v.key); {
	case Permission(p).AtLeast("write"):
		return block{blocks: true}
	case rank(p) < 0:
		return block{blocks: true, unknown: true}
	case could:
		return block{blocks: true, gone: true}
	default:
		return block{why: v.login + " has " + plainPermission(p) + " access; somebody with write access can dismiss it"}
	}
}

// changesRequested is the part that blocks as long as somebody who may approve
// asks for changes.
func (h *hearing) changesRequested() (Result, bool) {
	r := Result{ID: "review/changes-requested", Name: "Changes requested", State: Unmet}
	var who []string
	for i := range h.voices {
		v := &h.voices[i]
		if !v.blocks() {
			continue
		}
		b := h.weighBlock(v)
		if !b.blocks {
			continue
		}
		who = append(who, v.login)
		r.Evidence = append(r.Evidence, Evidence{Kind: "review", ID: evidenceID(v.latest.ID), Login: v.login, Commit: v.latest.Commit})
		switch {
		case b.unknown:
			r.Unknown = true
			r.Notes = append(r.Notes, "The permission of "+v.login+" could not be read.")
			r.Can = append(r.Can, "@"+v.key)
		case b.gone:
			r.Notes = append(r.Notes, first(v.login)+" has no write access any more; somebody with write access can dismiss the review.")
		default:
			r.Can = append(r.Can, "@"+v.key)
		}
	}
	if len(who) == 0 {
		return Result{}, false
	}
	switch {
	case len(who) > 1:
		r.Summary = list(who, 5) + " ask for changes; this ends when each of them approves, or somebody with write access dismisses their reviews."
	case len(r.Can) == 0:
		r.Summary = who[0] + " asks for changes; this ends when somebody with write access dismisses the review."
	default:
		r.Summary = who[0] + " asks for changes; this ends when " + who[0] + " approves, or somebody with write access dismisses the review."
	}
	r.Summary = first(r.Summary)
	r.Can = append(r.Can, "anyone with write access (to dismiss)")
	return r, true
}
