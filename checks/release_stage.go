package checks

import (
	"strings"
	"time"
)

// The parts of a stage besides its roles, by the ends of their ids.
const (
	partBefore   = "before"
	partChecks   = "checks"
	partAttested = "attested"
	partScan     = "scan"
	partDispatch = "workflow"
	partRejected = "rejected"
)

// id is the id of the stage's result, id with a part that of one of its parts.
func (s *Stage) id(part string) string {
	id := slug("release/", s.Name)
	if part != "" {
		id += "/" + part
	}
	return id
}

// slug is the stage's name as its id and its check-run have it.
func (s *Stage) slug() string { return s.FloorKey() }

// is says whether a text means the stage: its name, or what is made of it, in any case.
func (s *Stage) is(name string) bool {
	return name != "" && (strings.EqualFold(s.Name, name) || s.FloorKey() != "" && s.FloorKey() == slug("", name))
}

// remindAfter is how long a role is waited for before it is reminded, escalateAfter
// how long before others are told.
func (s *Stage) remindAfter() time.Duration   { return orUsual(s.Remind, remindUsual) }
func (s *Stage) escalateAfter() time.Duration { return orUsual(s.Escalate, escalateUsual) }

func orUsual(d Duration, usual time.Duration) time.Duration {
	if d <= 0 {
		return usual
	}
	return time.Duration(d)
}
