package checks

import "time"

// CoverageRules is the section `coverage`: whether tests run the lines that a
// pull request adds, and how much of the project they run. It reads the reports
// that workflows leave as artifacts or send. What is missing, unreadable or
// unknown does not pass.
//
// Evidence for SOC 2 CC8.1, NIST SA-11.
type CoverageRules struct {
	// Patch is about the lines that the change adds and a report knows.
	Patch PatchCoverage `yaml:"patch" tighten:"beside"`
	// Project is about everything that the reports speak of. Default: nothing is
	// asked.
	Project *ProjectCoverage `yaml:"project" tighten:"beside"`
	// Reports lists the workflows that leave reports; all of them must have
	// finished before anything is judged. Default: every workflow that runs for
	// the head.
	Reports []ReportRule `yaml:"reports" tighten:"beside"`
	// Ignore lists files, as globs, that are not measured. Default: none.
	Ignore []Glob `yaml:"ignore" tighten:"lifts"`
	// Roots are directories of the repository to which paths in reports may be
	// relative, besides its top. Default: none.
	Roots []string `yaml:"roots" tighten:"-"`
	// Unmeasured says what a changed source file means that no report speaks of.
	Unmeasured Unmeasured `yaml:"unmeasured" tighten:"beside"`
	// Indirect says what a drop beyond max_drop means when no measured line is
	// changed: warn (default) or block.
	Indirect Consequence `yaml:"indirect" tighten:"block,warn|warn"`
	// Partial says how a line counts of which not every branch was taken: hit
	// (default) or miss.
	Partial PartialCount `yaml:"partial" tighten:"miss,hit|hit"`
	// SelfDeclared says what a report is worth whose making the pull request may
	// have changed: it comes from a fork, or its workflow, the settings of
	// coverage tools or the policy are changed. approved (default): it counts once
	// somebody with write access who did not work on the change has approved the
	// head; accept: it counts; refuse: it does not.
	SelfDeclared SelfDeclared `yaml:"self_declared" tighten:"refuse,approved,accept|approved"`
	// Wait is how long a workflow may take to start, from when the head was
	// pushed on. Default: 60m.
	Wait Duration `yaml:"wait" tighten:"-"`
}

// PatchCoverage is what is asked of the lines that a change adds.
type PatchCoverage struct {
	// Min is the share of them that must be covered. Default: 80%.
	Min Percent `yaml:"min" tighten:"up"`
	// TolerateLines is how many may be missed whatever the share is. Default: 0.
	TolerateLines int `yaml:"tolerate_lines" tighten:"down"`
}

// ProjectCoverage is what is asked of the whole project. At least one key is
// needed.
type ProjectCoverage struct {
	// Min is the share that must be covered. Default: none is asked.
	Min *Percent `yaml:"min" tighten:"up"`
	// MaxDrop is by how many points the share may be lower than on the base
	// branch, lines that the change removes left out. Default: it is not compared.
	MaxDrop *Percent `yaml:"max_drop" tighten:"down"`
}

// Unmeasured says what changed source files mean that no report speaks of.
// Tests, generated and vendored files are not expected to be in one.
type Unmeasured struct {
	// New files: block (default) or warn.
	New Consequence `yaml:"new" tighten:"block,warn|block"`
	// Modified files: warn (default) or block.
	Modified Consequence `yaml:"modified" tighten:"block,warn|warn"`
}

// Consequence is what follows from a finding. Its zero value blocks.
type Consequence string

// The consequences.
const (
	Blocks Consequence = "block"
	Warns  Consequence = "warn"
)

// UnmarshalText refuses any other word.
func (c *Consequence) UnmarshalText(text []byte) error { return oneOf(c, text, Blocks, Warns) }

// PartialCount is how a line counts of which not every branch was taken. Its
// zero value is hit.
type PartialCount string

// The ways to count it.
const (
	PartialHit  PartialCount = "hit"
	PartialMiss PartialCount = "miss"
)

// UnmarshalText refuses any other word.
func (c *PartialCount) UnmarshalText(text []byte) error {
	return oneOf(c, text, PartialHit, PartialMiss)
}

// SelfDeclared is what a report is worth whose making the pull request may have
// changed. Its zero value is approved.
type SelfDeclared string

// What it may be worth.
const (
	SelfDeclaredApproved SelfDeclared = "approved"
	SelfDeclaredAccept   SelfDeclared = "accept"
	SelfDeclaredRefuse   SelfDeclared = "refuse"
)

// UnmarshalText refuses any other word.
func (d *SelfDeclared) UnmarshalText(text []byte) error {
	return oneOf(d, text, SelfDeclaredApproved, SelfDeclaredAccept, SelfDeclaredRefuse)
}

// NewCoverage is the section with its defaults.
func NewCoverage() *CoverageRules {
	return &CoverageRules{
		Patch:      PatchCoverage{Min: 8000},
		Unmeasured: Unmeasured{New: Blocks, Modified: Warns}, Indirect: Warns,
		Partial: PartialHit, SelfDeclared: SelfDeclaredApproved, Wait: Duration(patience),
	}
}

func (c *CoverageRules) wait() time.Duration {
	if c.Wait <= 0 {
		return patience
	}
	return time.Duration(c.Wait)
}

// Need asks for the changed files, and for what reports say. The latter is
// wanted only of a pull request that changes something that can be measured.
func (c *CoverageRules) Need() Need {
	return Need{Files: true, Coverage: []Selection{c.selection()}}
}

// Wants is the coverage reports, once the files show that something measurable
// is changed, and then the permissions of those whose approval makes reports
// count that the pull request may have had a hand in.
func (c *CoverageRules) Wants(pull Pull) Wants {
	if !pull.FilesRead || filesCut(&pull) || c.untouched(&pull) {
		return Wants{}
	}
	sel := c.selection()
	if _, asked := pull.Coverage[sel.Key()]; !asked {
		return Wants{Coverage: []Selection{sel}}
	}
	var w Wants
	if g := c.gauge(&pull); g.state.Done && g.self.approvable() && g.distrusted() != "" {
		g.approvals(&w)
	}
	return w
}

// Eval judges.
func (c *CoverageRules) Eval(pull Pull) Result {
	r := Result{ID: "coverage", Name: "Coverage", State: Unmet}
	switch {
	case !pull.FilesRead:
		fault{"the changed files have not been read yet", operators}.fill(&r)
		return r
	case filesCut(&pull):
		cutFilesFault.fill(&r)
		return r
	case c.untouched(&pull):
		r.State, r.Summary = Met, "Nothing is changed that tests could cover."
		return r
	}
	g := c.gauge(&pull)
	out := Combine(r.ID, r.Name, g.parts())
	out.Summary = summariseCoverage(&out)
	out.Progress, out.Notes = g.progress, g.notes
	out.Evidence = g.evidence()
	return out
}

// summariseCoverage says the first thing that is missing, or all that holds.
func summariseCoverage(r *Result) string {
	text := ""
	open := missingIn(r.Parts, nil)
	for _, p := range r.Parts {
		switch {
		case len(open) == 0:
			text += " " + p.Summary
		case !p.State.Passes() && len(open) == 1:
			if p.ID == coverageNoun.id {
				return p.Summary
			}
			return p.Name + ": " + p.Summary
		}
	}
	if len(open) > 0 {
		return missingWord + list(open, 4) + "."
	}
	return text[1:]
}
