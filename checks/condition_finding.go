package checks

// findingHolds says whether the security scan found something. It looks at the
// scans that the section security asks for; without one it is not known.
func findingHolds(h *hearing, c *Condition) (truth, string) {
	found := holdsNot
	if len(h.pull.Scans) == 0 {
		found = holdsMaybe
	}
	if len(h.pull.Redacted) > 0 {
		found = holds
	}
	for _, s := range h.pull.Scans {
		found = max(found, s.found(h.pull))
	}
	if !*c.SecurityFinding {
		found = holds - found
	}
	switch {
	case found == holdsMaybe:
		return found, "it is not known whether there is a security finding"
	case *c.SecurityFinding:
		return found, "the security scan found nothing"
	}
	return found, "the security scan found something"
}

// found says whether a scan found something; maybe, as long as not all of the
// change has been scanned.
func (s *Scan) found(pull *Pull) truth {
	whole := s.Engine != "" && s.Whole != nil && s.Left <= 0 && s.Scanned >= len(pull.Commits) &&
		pull.CommitCount <= len(pull.Commits) && pull.FilesRead && !filesCut(pull)
	if p := s.Whole; p != nil {
		if len(p.Secrets)+len(p.Hidden)+len(p.Watched)+len(p.Silenced)+len(p.Odd)+p.More > 0 {
			return holds
		}
		whole = whole && len(p.Incomplete) == 0
	}
	for i := range s.Commits {
		if len(s.Commits[i].Secrets) > 0 {
			return holds
		}
		whole = whole && len(s.Commits[i].Incomplete) == 0
	}
	if f := s.SARIF; f != nil {
		if len(f.New)+f.More > 0 {
			return holds
		}
		whole = whole && f.Read
	}
	for i := range s.Alerts {
		a := &s.Alerts[i]
		if len(a.New)+a.More > 0 {
			return holds
		}
		whole = whole && !a.Pending
	}
	if whole {
		return holdsNot
	}
	return holdsMaybe
}
