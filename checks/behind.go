package checks

// lag is how many commits of the base branch the head lacks, or why that is not
// known.
func (p *Pull) lag() (int, fault) {
	b := p.Behind
	switch {
	case b == nil || b.Known && (b.Base != p.Base.SHA || b.Head != p.Head.SHA || b.Base == "" || b.Head == ""):
		return 0, fault{"GitHub was not asked how many commits of the base branch the head lacks", operators}
	case !b.Known || b.By < 0:
		return 0, fault{"GitHub cannot compare the head with the base branch, with which it may have no commit in common; rebase it onto " + quoted(p.Base.Name), theAuthor}
	}
	return b.By, fault{}
}
