package checks

import "strconv"

// UpToDate is the control `compliance: {up_to_date: …}`: the head has the newest
// commit of the base branch in it, so that what was tested and reviewed is what
// the merge will be. A push to the base branch has every pull request judged
// again. Where the branch's rules ask for a merge queue it does not apply, since the
// queue merges onto the newest commit. `up_to_date: true` takes the defaults.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.29, NIST CM-3(2).
type UpToDate struct {
	// Behind is how many commits of the base branch the head may lack. Default: 0.
	Behind int `yaml:"behind" tighten:"down"`
}

// NewUpToDate is the control with its defaults.
func NewUpToDate() *UpToDate { return &UpToDate{} }

// Need asks how far the head lags.
func (u *UpToDate) Need() Need { return Need{Behind: true} }

// Eval compares the lag with the limit.
func (u *UpToDate) Eval(pull Pull) Result {
	r := Result{ID: "compliance/up_to_date", Name: "Up to date", State: Met}
	by, f := pull.lag()
	base := quoted(pull.Base.Name)
	switch {
	case pull.Queue:
		r.State, r.Summary = Exempt, "Does not apply: the merge queue of "+base+" merges onto its newest commit."
	case f.why != "":
		f.fill(&r)
	case by > u.Behind:
		r.State, r.Can = Unmet, []string{theAuthor}
		r.Summary = "The head lacks " + count(by, "commit") + " of " + base + "."
		if u.Behind > 0 {
			r.Summary = "The head lacks " + count(by, "commit") + " of " + base + ", and may lack " + strconv.Itoa(u.Behind) + "."
		}
		r.Summary += " Merge " + base + " into it, or rebase it."
	case by > 0:
		r.Summary = "The head lacks " + count(by, "commit") + " of " + base + ", and may lack " + strconv.Itoa(u.Behind) + "."
	default:
		r.Summary = "The head has the newest commit of " + base + " in it."
	}
	return r
}
