package checks

import (
	"slices"
	"time"
)

// judgeStages judges each stage, in their order: one is whole when everything that it
// asks for is there and those before it are whole.
func (x *releasing) judgeStages() {
	if r := x.rejected(); r != nil && !x.atStage(r) {
		x.v.Results = append(x.v.Results, r.result(x, IDReleaseRejected))
	}
	if len(x.rules.Stages) == 0 {
		x.v.Results = append(x.v.Results, Result{
			ID: "release/stages", Name: "Stages", State: Unmet, Summary: "The policy names no stage, so nobody can sign.", Can: []string{policyChangers},
		})
	}
	var before []string
	for i := range x.rules.Stages {
		s := &x.rules.Stages[i]
		parts := x.stageParts(i)
		standing := StageStanding{Name: s.Name, State: Met, Signed: x.signed(i)}
		if len(before) > 0 {
			parts = append([]Result{{
				ID: s.id(partBefore), Name: "Earlier stages", State: Waiting, Summary: "It waits for " + list(before, 4) + ".", Can: []string{"whoever can act on " + list(before, 4)},
			}}, parts...)
		}
		if r, ok := x.dispatched(s, stateOf(parts).Passes()); ok {
			standing.Start = stateOf(parts).Passes() && r.Unknown
			r.Unknown = false
			parts = append(parts, r)
		}
		result := Combine(s.id(""), s.Name, parts)
		if len(s.SignOffs) == 0 {
			result.State, result.Summary, result.Can = Unmet, "Nobody is asked to sign this stage, so that it is never whole.", []string{policyChangers}
		}
		if result.State == Met || result.State == Exempt {
			result.State, result.Summary = Met, "Signed by "+list(signers(standing.Signed), 5)+"."
		}
		if standing.State = result.State; !result.State.Passes() {
			before = append(before, Plain(s.Name))
		}
		x.v.Results = append(x.v.Results, result)
		x.v.Stages = append(x.v.Stages, standing)
	}
}

// atStage says whether a rejection is of some stage.
func (x *releasing) atStage(r *rejection) bool {
	return slices.ContainsFunc(x.rules.Stages, func(s Stage) bool { return s.is(r.act.Stage) })
}

// stageParts judges what a stage asks for, but for its order and its workflow.
func (x *releasing) stageParts(i int) []Result {
	s := &x.rules.Stages[i]
	var parts []Result
	for k := range x.rejections {
		if r := &x.rejections[k]; s.is(r.act.Stage) && !x.isPromoted() {
			parts = append(parts, r.result(x, s.id(partRejected)))
			break
		}
	}
	for k := range x.fills {
		if x.fills[k].stage == i {
			parts = append(parts, x.roleResult(&x.fills[k]))
		}
	}
	if len(s.Require) > 0 {
		parts = append(parts, x.status(&Status{Require: s.Require}, s.id(partChecks), "Checks"))
	}
	if s.Attested {
		parts = append(parts, x.attested(s))
	}
	if s.scans() {
		parts = append(parts, x.scanned(s))
	}
	return parts
}

// signed are the sign-offs that are counted for a stage.
func (x *releasing) signed(stage int) (out []Sign) {
	for i := range x.fills {
		f := &x.fills[i]
		if f.stage != stage {
			continue
		}
		for _, s := range f.counted {
			a := s.act
			out = append(out, Sign{Stage: x.rules.Stages[stage].Name, Role: x.roleOf(f), By: a.By, At: a.At, Via: a.Via, Ref: a.Ref, Seq: a.Seq})
		}
	}
	return out
}

// signers are who has signed, as a sentence names them.
func signers(signed []Sign) (out []string) {
	for _, s := range signed {
		out = append(out, Plain(s.By.Login)+" ("+string(s.Role)+")")
	}
	return out
}

// dispatched judges the run of a stage's workflow, which is started once the rest of the
// stage is whole. The result is Unknown where none was started yet.
func (x *releasing) dispatched(s *Stage, whole bool) (Result, bool) {
	file := s.Dispatch.Workflow
	if file == "" {
		return Result{}, false
	}
	r := Result{ID: s.id(partDispatch), Name: "Workflow " + Plain(file), State: Waiting, Can: []string{"the machines that run " + Plain(file)}}
	d := x.newestRun(s)
	switch {
	case d == nil && whole:
		r.Unknown, r.Summary = true, Plain(file)+" is started for this candidate."
	case d == nil:
		r.Unknown, r.Summary = true, Plain(file)+" is started once the rest of the stage is there."
	case d.Status != "completed":
		r.Summary = Plain(file) + " has not finished."
	case d.Conclusion == "success":
		r.State, r.Can, r.Summary = Met, nil, Plain(file)+" has succeeded."
	default:
		_, text := judgeRun(&Run{Status: d.Status, Conclusion: d.Conclusion}, nil)
		r.State, r.Can, r.Summary = Unmet, []string{"whoever re-runs " + Plain(file)}, Plain(file)+" "+text+": re-run it."
	}
	return r, true
}

// newestRun is the last run of a stage's workflow that was started for the candidate, as
// it is there now; of several at one time that which is worst.
func (x *releasing) newestRun(s *Stage) *Dispatched {
	var best *Dispatched
	for i := range x.r.Dispatched {
		d := &x.r.Dispatched[i]
		if !s.is(d.Stage) || d.Candidate != x.v.Digest || d.Workflow != s.Dispatch.Workflow || !x.began.IsZero() && !d.At.After(x.began) {
			continue
		}
		if best == nil || d.At.After(best.At) || d.At.Equal(best.At) && d.standing() < best.standing() {
			best = d
		}
	}
	return best
}

// standing orders runs, worst first.
func (d *Dispatched) standing() int {
	switch {
	case d.Status != "completed":
		return 0
	case d.Conclusion != "success":
		return 1
	}
	return 2
}

// lastSigned is when the last of the sign-offs that are counted was given, of the stages
// before one.
func (x *releasing) lastSigned(before int) (at time.Time) {
	for i := range x.fills {
		if x.fills[i].stage >= before {
			continue
		}
		for _, s := range x.fills[i].counted {
			if s.act.At.After(at) {
				at = s.act.At
			}
		}
	}
	return at
}
