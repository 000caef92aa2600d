package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Faults finds a role that is not there, what would let everything pass or
// nothing be seen, and suppressions that do not say what, why and how long.
func (s *SecurityRules) Faults() []Fault {
	f := faulty{}
	role, known := s.asReview().role(s.Role)
	switch {
	case !known && s.Role == securityRole:
		f.add("role", "There is no role security, whose holders give security reviews: define it under roles, for example security: {team: acme/infosec}, or name another one here.")
	case known && role.Team == "" && len(role.Users) > 0 && len(role.Users) < s.Count:
		f.add("count", "%d reviews can never be given: the role %s has only %s.", s.Count, role.Name, count(len(role.Users), "user"))
	}
	if s.Count < 1 {
		f.add("count", "A security review needs at least one person.")
	}
	for i, g := range s.Watch.Exclude {
		if everything(g) {
			f.add("watch.exclude."+strconv.Itoa(i), "%q leaves out every file, so that nothing is watched.", string(g))
		}
	}
	f.patterns("watch.keywords", s.Watch.Keywords)
	f.patterns("watch.functions", s.Watch.Functions)
	f.patterns("watch.classes", s.Watch.Classes)
	if r := s.SARIF; r != nil {
		f.reports("sarif.reports", r.Reports)
		f.thresholds("sarif", r.Block, r.Review)
		for i, tool := range r.Tools {
			if strings.TrimSpace(tool) == "" {
				f.add("sarif.tools."+strconv.Itoa(i), "A tool needs a name.")
			}
		}
	}
	f.thresholds("alerts", s.Alerts.Block, s.Alerts.Review)
	for i := range s.Suppress {
		f.suppression("suppress."+strconv.Itoa(i), &s.Suppress[i])
	}
	return f.found
}

// faulty collects faults.
type faulty struct{ found []Fault }

func (f *faulty) add(key, format string, args ...any) {
	f.found = append(f.found, Fault{Key: key, Message: fmt.Sprintf(format, args...)})
}

func (f *faulty) patterns(key string, patterns []string) {
	for i, p := range patterns {
		if strings.Trim(p, " *.^") == "" {
			f.add(key+"."+strconv.Itoa(i), "%q would match every name: write a part of one.", p)
		}
	}
}

// thresholds: what blocks must be at least as bad as what asks for a review.
func (f *faulty) thresholds(key string, block, review Severity) {
	if block != "" && review != "" && review != SeverityOff && block != SeverityOff && block.before(review) {
		f.add(key+".block", "From %s on findings block, so that none is left for which review, from %s on, asks.", block, review)
	}
	for _, t := range []struct {
		word string
		s    Severity
	}{{".block", block}, {".review", review}} {
		if t.s == SeverityNone {
			f.found = append(f.found, Fault{Key: key + t.word, Warning: true, Message: "none is the rating 0.0, which every finding reaches. Write off if no finding is meant."})
		}
	}
}

func (f *faulty) suppression(key string, s *Suppression) {
	switch {
	case s.Finding == "" && s.Rule == "":
		f.add(key, "A suppression names a finding by its id, or a rule and the files in which it is let pass.")
	case s.Finding != "" && (s.Rule != "" || len(s.Files) > 0):
		f.add(key, "A suppression names either one finding or a rule with files, not both.")
	case s.Rule != "" && len(s.Files) == 0:
		f.add(key, "The rule %q needs files in which it is let pass.", s.Rule)
	}
	for i, g := range s.Files {
		if everything(g) {
			f.add(key+".files."+strconv.Itoa(i), "%q lets the rule pass everywhere: name the files.", string(g))
		}
	}
	if strings.TrimSpace(s.Reason) == "" {
		f.add(key, "A suppression needs a reason.")
	}
	if s.Until.Time().IsZero() {
		f.add(key, "A suppression needs until, a date such as 2026-06-30T00:00:00Z, at most 180 days ahead.")
	}
}

// everything says whether a glob matches every path.
func everything(g Glob) bool {
	return strings.Trim(string(g), "*/") == "" && slices.Contains(strings.Split(string(g), "/"), "**")
}

// reports finds workflows that cannot be one, are listed twice or test different
// commits.
func (f *faulty) reports(key string, rules []ReportRule) {
	for i, r := range rules {
		at := key + "." + strconv.Itoa(i)
		same := func(o ReportRule) bool { return workflowFile(o.Workflow) == workflowFile(r.Workflow) }
		switch {
		case r.Workflow == "":
			f.add(at, "A producer of reports needs its workflow, for example .github/workflows/ci.yml.")
		case !isWorkflow(workflowFile(r.Workflow)):
			f.add(at+".workflow", "%q is no workflow: write its file, for example .github/workflows/ci.yml.", r.Workflow)
		case slices.ContainsFunc(rules[:i], same):
			f.add(at+".workflow", "%q is listed twice.", r.Workflow)
		case rules[0].ofHead() != r.ofHead():
			f.add(at+".checkout", "All workflows must test the same commit, since the line numbers of the head and of its merge with the base differ.")
		}
	}
}
