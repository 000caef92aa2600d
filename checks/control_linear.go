package checks

// Linear is the control `compliance: {linear: true}`: the base branch could be
// moved to the head by itself (fast-forward). The head has the base branch's
// newest commit in it, and no merge commit. Where the branch's rules ask for a merge
// queue, which sees to the first, only the second is asked for.
//
// Evidence for SOC 2 CC8.1, NIST CM-3, SA-10.
type Linear struct{}

// NewLinear is the control.
func NewLinear() *Linear { return &Linear{} }

// Need asks how far the head lags.
func (l *Linear) Need() Need { return Need{Behind: true} }

// Eval looks at the lag and at the parents of each commit.
func (l *Linear) Eval(pull Pull) Result {
	base := quoted(pull.Base.Name)
	r := Result{ID: "compliance/linear", Name: "Linear history", Summary: base + " could be moved to the head as it is."}
	r = pull.commitResult(r, pull.merges(false), unmerged(pull))
	if pull.Queue {
		if r.State == Met {
			r.Summary = "No commit is a merge, and the merge queue of " + base + " merges onto its newest commit."
		}
		return r
	}
	by, f := pull.lag()
	switch {
	case r.State != Met && !r.Unknown:
		if by > 0 {
			r.Notes = append(r.Notes, "The head lacks "+count(by, "commit")+" of "+base+" as well.")
		}
	case f.why == "" && by > 0:
		r.State, r.Unknown, r.Can = Unmet, false, []string{theAuthor}
		r.Summary = "The head lacks " + count(by, "commit") + " of " + base + ". Rebase it onto " + base + ", and push by force."
	case r.State == Met && f.why != "":
		f.fill(&r)
	}
	return r
}
