package checks

// baseThen is the base branch when an approval was given; "" when unknown.
func (h *hearing) baseThen(a *utterance) string {
	if a.base == "" && !h.pull.BaseChangedAt.After(a.at) {
		return h.pull.Base.Name
	}
	return a.base
}

// holding says whether an approval still holds, and whether it does so only
// because the files it is about are the same.
func (h *hearing) holding(a *utterance, s *SignOff, sc *scope) (ok, carried bool) {
	if s.Stale == StaleNever {
		return true, false
	}
	base := h.baseThen(a)
	atHead := a.commit == h.pull.Head.SHA
	switch {
	case a.commit == "" || base == "":
		return false, false
	case atHead && base == h.pull.Base.Name:
		return true, false
	case s.Stale == StaleHead && !atHead:
		return false, false
	}
	like, _ := h.likeHead(a.commit, base, sc)
	return like == alike, like == alike
}

// staleText says why an approval is stale.
func (h *hearing) staleText(a approval, s *SignOff, sc *scope) string {
	base := h.baseThen(a.utterance)
	if a.commit == "" {
		return a.name() + " is stale: it is not known which commit it was given for"
	}
	text := a.name() + " of " + short(a.commit) + " is stale: "
	switch {
	case base == "":
		return text + "the base branch was changed since"
	case base != h.pull.Base.Name:
		text += "the base branch was changed from " + Plain(base) + " to " + Plain(h.pull.Base.Name) + "; "
	}
	files := h.since(a.commit, base, sc)
	switch {
	case s.Stale == StaleHead && a.commit != h.pull.Head.SHA:
		text += "the head is now " + short(h.pull.Head.SHA)
	case len(files) > 0:
		text += list(files, 3)
	default:
		text += "what it has seen cannot be compared with the head"
	}
	if later := h.headsSince(a.commit); len(later) > 0 && a.commit != h.pull.Head.SHA {
		text += " (pushed since: " + list(later, 3) + ")"
	}
	return text
}

// headsSince are the heads after a commit, oldest first.
func (h *hearing) headsSince(commit string) []string {
	heads := h.pull.Memory.Heads
	last := -1
	for i := range heads {
		if heads[i].SHA == commit {
			last = i
		}
	}
	var out []string
	if last >= 0 {
		for _, x := range heads[last+1:] {
			out = append(out, short(x.SHA))
		}
	}
	if head := short(h.pull.Head.SHA); len(out) == 0 || out[len(out)-1] != head {
		out = append(out, head)
	}
	return out
}
