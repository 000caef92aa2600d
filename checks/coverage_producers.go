package checks

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// ProducerState is what became of the workflows that leave coverage reports.
type ProducerState struct {
	// Done says that every producer has run to its end, so that what they left
	// is to be read. It does not depend on how long they are waited for.
	Done bool
	// Runs are the runs whose reports count, the newest of each producer, by ID.
	Runs []WorkflowRun

	each []producer // by workflow
}

// producer is one workflow that is to leave reports.
type producer struct {
	workflow string // its file; "" when no workflow ran and none is named
	state    producing
	run      WorkflowRun // its newest on the head; the zero value when there is none
	until    time.Time   // when one that has not started is late; zero if unknown
}

// producing is how far a producer is. The zero value is waited for.
type producing int

const (
	producerRuns     producing = iota // queued or running
	producerAbsent                    // not started yet
	producerLate                      // never started
	producerHeld                      // a maintainer must let it run
	producerFailed                    // ended without its reports being complete
	producerFinished                  // done
)

// Producers says how far the producers of a selection are on the head of a pull
// request: those that it names, or every workflow that ran. Only runs for the
// head commit and the head's repository count, of one workflow the newest. One
// that has not started within wait, from when the head was certainly the head
// on, is late.
func Producers(sel Selection, pull *Pull, runs []WorkflowRun, wait time.Duration) ProducerState {
	newest := newestRuns(pull, runs)
	var s ProducerState
	if len(sel.Reports) == 0 {
		for _, r := range newest {
			s.add(producer{workflow: r.Path, state: progressOf(&r), run: r})
		}
		if len(newest) == 0 {
			s.add(absent("", pull, wait))
		}
	}
	for _, rule := range sel.Reports {
		i := slices.IndexFunc(newest, func(r WorkflowRun) bool { return r.Path == rule.Workflow })
		if i < 0 {
			s.add(absent(rule.Workflow, pull, wait))
			continue
		}
		s.add(producer{workflow: rule.Workflow, state: progressOf(&newest[i]), run: newest[i]})
	}
	slices.SortFunc(s.each, func(a, b producer) int { return strings.Compare(a.workflow, b.workflow) })
	slices.SortFunc(s.Runs, func(a, b WorkflowRun) int { return cmp.Compare(a.ID, b.ID) })
	s.Runs = slices.CompactFunc(s.Runs, func(a, b WorkflowRun) bool { return a.ID == b.ID })
	s.Done = !slices.ContainsFunc(s.each, func(p producer) bool { return p.state != producerFinished })
	return s
}

func (s *ProducerState) add(p producer) {
	s.each = append(s.each, p)
	if p.run.SHA != "" {
		s.Runs = append(s.Runs, p.run)
	}
}

// in are the producers that are in one of some states.
func (s *ProducerState) in(states ...producing) []producer {
	var out []producer
	for _, p := range s.each {
		if slices.Contains(states, p.state) {
			out = append(out, p)
		}
	}
	return out
}

// newestRuns are the runs on the head, the newest of each workflow, by its
// file. A commit may be in many repositories, and the head of pull requests from
// several branches: those of another one say nothing about this pull request.
func newestRuns(pull *Pull, runs []WorkflowRun) []WorkflowRun {
	var out []WorkflowRun
	for _, r := range runs {
		if r.SHA == "" || r.SHA != pull.Head.SHA || r.HeadRepo != pull.Head.RepoID || ofOtherPull(pull, &r) {
			continue
		}
		k := slices.IndexFunc(out, func(o WorkflowRun) bool { return o.Path == r.Path })
		switch {
		case k < 0:
			out = append(out, r)
		case compareRuns(r, out[k]) > 0:
			out[k] = r
		}
	}
	slices.SortFunc(out, func(a, b WorkflowRun) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// ofOtherPull says whether a run is for a pull request from another branch.
func ofOtherPull(pull *Pull, r *WorkflowRun) bool {
	return strings.HasPrefix(r.Event, "pull_request") && r.Branch != "" && pull.Head.Name != "" && r.Branch != pull.Head.Name
}

// compareRuns orders the runs of one workflow, the newest last. One that was
// skipped, as for an event that the workflow only looks at, tested nothing, and
// so does not stand for another. Two answers about one attempt differ only while
// it runs: the one that is not over counts.
func compareRuns(a, b WorkflowRun) int {
	switch skipped := a.Conclusion == "skipped"; {
	case skipped == (b.Conclusion == "skipped"):
	case skipped:
		return -1
	default:
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Attempt, b.Attempt),
		strings.Compare(b.Status+b.Conclusion, a.Status+a.Conclusion),
	)
}

// progressOf says how far a run is. Skipped and neutral runs are over and may
// have left nothing, which is found out by looking.
func progressOf(r *WorkflowRun) producing {
	switch {
	case r.Status != "completed":
		return producerRuns
	case r.Conclusion == "success", r.Conclusion == "skipped", r.Conclusion == "neutral":
		return producerFinished
	case r.Conclusion == "action_required":
		return producerHeld
	}
	return producerFailed
}

// absent is a producer that has not started.
func absent(workflow string, pull *Pull, wait time.Duration) producer {
	p := producer{workflow: workflow, state: producerAbsent}
	since := headSince(*pull)
	if since.IsZero() {
		return p
	}
	if late := since.Add(wait); pull.At.Before(late) {
		p.until = late
	} else {
		p.state = producerLate
	}
	return p
}
