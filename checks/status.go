package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// patience is how long a required check may stay away from a new head before
// the author is told that it has never come. Ours: within an hour a queue of
// machines has usually taken everything on.
const patience = time.Hour

// Status is the section `status`: the checks and commit statuses of others that
// must have passed. Without the section every check that the branch's rules
// require is watched.
type Status struct {
	// Require lists checks and commit statuses by name; each is a name or
	// {name, app, allow}. The newest run of a name counts, and where a check and
	// a commit status share a name both must pass. Default: none.
	Require []RequiredCheck `yaml:"require" tighten:"beside"`
	// BranchRules: what the base branch's rules require is required here too,
	// except handrail's own checks. Default: true.
	BranchRules bool `yaml:"branch_rules" tighten:"on"`
}

// RequiredCheck is one check of others. A plain name stands for {name: …}.
type RequiredCheck struct {
	// Name of the check-run or commit status, as GitHub shows it.
	Name string `yaml:"name" tighten:"-"`
	// App that must have posted it, by slug or by id. Default: any. Name it:
	// otherwise everybody with write access can post a check of that name.
	App AppRef `yaml:"app" tighten:"-"`
	// Allow lists conclusions besides success that pass: neutral, skipped.
	// Default: none.
	Allow []Conclusion `yaml:"allow" tighten:"lifts"`
}

// UnmarshalText reads the short form, the name alone.
func (c *RequiredCheck) UnmarshalText(text []byte) error {
	*c = RequiredCheck{Name: string(text)}
	return nil
}

// AppRef names a GitHub App, by slug or by id.
type AppRef string

// posted says whether a run comes from the App. A commit status tells only the
// account that made it, which for an App is its slug and "[bot]".
func (a AppRef) posted(r *Run) bool {
	switch {
	case a == "":
		return true
	case r.Context:
		return strings.EqualFold(r.Creator, string(a)+"[bot]")
	case r.AppID != 0 && string(a) == strconv.FormatInt(r.AppID, 10):
		return true
	}
	return strings.EqualFold(r.App, string(a))
}

// Conclusion is a conclusion other than success that a policy may let pass.
type Conclusion string

var allowable = []string{"neutral", "skipped"}

// UnmarshalText refuses every other word: nothing else may ever pass.
func (c *Conclusion) UnmarshalText(text []byte) error {
	if !slices.Contains(allowable, string(text)) {
		return &WordError{Got: string(text), Want: allowable}
	}
	*c = Conclusion(text)
	return nil
}

// NewStatus is the section with its defaults.
func NewStatus() *Status { return &Status{BranchRules: true} }

// Faults finds names that are blank, listed twice, or handrail's own.
func (s *Status) Faults() []Fault {
	var out []Fault
	seen := map[string]bool{}
	for i, c := range s.Require {
		key := "require." + strconv.Itoa(i)
		who := c.Name + "\x00" + strings.ToLower(string(c.App))
		switch {
		case strings.TrimSpace(c.Name) == "":
			out = append(out, Fault{Key: key, Message: "A required check needs a name."})
		case ownName(c.Name):
			out = append(out, Fault{Key: key, Message: fmt.Sprintf("%q is handrail's own check, which would wait for itself.", c.Name)})
		case seen[who]:
			out = append(out, Fault{Key: key, Message: fmt.Sprintf("%q is required twice.", c.Name)})
		}
		seen[who] = true
	}
	if len(s.Require) == 0 && !s.BranchRules {
		out = append(out, Fault{Message: "Nothing is required: list checks under require, or leave branch_rules on."})
	}
	return out
}

// ownName says whether a check-run's name is one of handrail's.
func ownName(name string) bool { return mergeName(name) || releaseName(name) }

// mergeName says whether a name is of a run about a pull request or a merge group,
// releaseName whether it is of one about a release. The same commit may have both, and
// neither plan touches the other's.
func mergeName(name string) bool {
	return name == RunMerge || strings.HasPrefix(name, RunPrefix) && !releaseName(name)
}

func releaseName(name string) bool {
	return name == RunRelease || strings.HasPrefix(name, RunStagePrefix)
}

// Eval judges every required check. While machines are at it its text stays
// the same, so that checks that finish one by one cause no writes.
func (s *Status) Eval(pull Pull) Result {
	r := Result{ID: "status", Name: "Status checks"}
	found := s.findings(&pull)
	if len(found) == 0 {
		r.State, r.Summary = Exempt, "No checks of others are required."
		return r
	}
	var failed, pending, missing []finding
	r.Evidence = make([]Evidence, 0, len(found))
	for _, f := range found {
		r.Evidence = append(r.Evidence, f.evidence...)
		switch f.state {
		case checkFailed:
			failed = append(failed, f)
		case checkPending:
			pending = append(pending, f)
		case checkMissing:
			missing = append(missing, f)
		}
	}
	if n := len(pending) + len(missing); n > 0 {
		r.Progress = progress(len(found), pending, missing)
	}
	switch {
	case len(failed) > 0:
		r.State = Unmet
		describeFailed(&r, failed)
		if names := overdue(&r, missing, pull); len(names) > 0 {
			r.Summary += " Never reported for this commit: " + list(names, 5) + "."
			r.Can = append(r.Can, "whoever runs "+list(names, 3))
		}
	case len(pending)+len(missing) > 0:
		r.State, r.Summary, r.Can = Waiting, unfinished(found)+".", []string{"the machines that run the checks"}
		if names := overdue(&r, missing, pull); len(names) > 0 {
			r.Summary = unfinished(found) + "; never reported for this commit: " + list(names, 5) + "."
			r.Can = []string{"whoever runs " + list(names, 3)}
		}
	case len(found) == 1:
		r.State, r.Summary = Met, found[0].label+" has passed."
	default:
		r.State, r.Summary = Met, fmt.Sprintf("All %d required checks have passed.", len(found))
	}
	return r
}

// unfinished says the same however many have finished.
func unfinished(found []finding) string {
	if len(found) == 1 {
		return found[0].label + " has not finished"
	}
	return fmt.Sprintf("Not all of the %d required checks have finished", len(found))
}

func progress(all int, pending, missing []finding) string {
	s := fmt.Sprintf("%d of %s finished.", all-len(pending)-len(missing), haveOf(all))
	if len(pending) > 0 {
		s += " Still running: " + list(labelsOf(pending), 10) + "."
	}
	if len(missing) > 0 {
		s += " Not reported yet: " + list(labelsOf(missing), 10) + "."
	}
	return s
}

func haveOf(n int) string {
	if n == 1 {
		return "1 required check has"
	}
	return strconv.Itoa(n) + " required checks have"
}

func labelsOf(fs []finding) []string {
	out := make([]string, len(fs))
	for i, f := range fs {
		out[i] = f.label
	}
	return out
}

func describeFailed(r *Result, failed []finding) {
	var said, rerun []string
	for _, f := range failed {
		said = append(said, f.label+" "+f.text)
		rerun = append(rerun, f.label)
		r.Notes = append(r.Notes, f.label+" "+f.text+".")
	}
	r.Summary = list(said, 4) + "."
	r.Can = []string{theAuthor, "whoever re-runs " + list(rerun, 3)}
}

// overdue names what should have been reported by now and was not, with a note
// on why that may be; before that it says when to look again.
func overdue(r *Result, missing []finding, pull Pull) []string {
	since := headSince(pull)
	if len(missing) == 0 || since.IsZero() {
		return nil
	}
	if late := since.Add(patience); pull.At.Before(late) {
		r.Until = late
		return nil
	}
	r.Notes = append(r.Notes, "A check that is never reported may be misspelt in the policy, posted by another App, or its workflow does not run for this pull request.")
	return labelsOf(missing)
}

// headSince is from when on the head was certainly the head; zero if unknown.
func headSince(pull Pull) time.Time {
	var at time.Time
	for _, h := range pull.Memory.Heads {
		if h.SHA == pull.Head.SHA && h.Since.After(at) {
			at = h.Since
		}
	}
	return at
}
