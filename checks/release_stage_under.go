package checks

import (
	"maps"
	"slices"
)

// stages puts two lists of stages together. The floor's keep their order; one that only
// the repository has comes before the one that it is before there, or last.
func (j *joint) stages(own, floor []Stage) []Stage {
	var out []Stage
	rest := slices.Clone(own)
	for _, base := range floor {
		at := slices.IndexFunc(rest, func(s Stage) bool { return s.FloorKey() == base.FloorKey() })
		if at < 0 {
			out = append(out, base)
			continue
		}
		for _, s := range rest[:at] {
			if !slices.ContainsFunc(floor, func(f Stage) bool { return f.FloorKey() == s.FloorKey() }) {
				out = append(out, s)
			}
		}
		out = append(out, j.stage(rest[at], base))
		kept := slices.DeleteFunc(rest[:at], func(s Stage) bool {
			return !slices.ContainsFunc(floor, func(f Stage) bool { return f.FloorKey() == s.FloorKey() })
		})
		rest = append(slices.Clone(kept), rest[at+1:]...)
	}
	return append(out, rest...)
}

// stage is one stage of both texts.
func (j *joint) stage(own, floor Stage) Stage {
	out := own
	out.SignOffs = jointSignOffs(own.SignOffs, floor.SignOffs)
	out.Environment = j.one("the environment of the stage "+quoted(own.Name), own.Environment, floor.Environment)
	out.Require = slices.Concat(own.Require, floor.Require)
	out.Attested = own.Attested || floor.Attested
	if floor.scans() && !(own.scans() && own.Scan.before(floor.Scan)) {
		out.Scan = floor.Scan
	}
	out.Dispatch = j.dispatch(own, floor)
	return out
}

// jointSignOffs are the sign-offs of both: a role that both ask for signs as often as
// the one that asks for more.
func jointSignOffs(own, floor []StageSignOff) []StageSignOff {
	out := slices.Clone(own)
	for _, base := range floor {
		at := slices.IndexFunc(out, func(s StageSignOff) bool { return s.Role == base.Role })
		if at < 0 {
			out = append(out, base)
			continue
		}
		out[at].Count = max(out[at].count(), base.count())
	}
	return out
}

func (j *joint) dispatch(own, floor Stage) DispatchRule {
	out := DispatchRule{
		Workflow: j.one("the workflow of the stage "+quoted(own.Name), own.Dispatch.Workflow, floor.Dispatch.Workflow),
		Inputs:   floor.Dispatch.Inputs,
	}
	if own.Dispatch.Workflow != "" {
		out.Inputs = maps.Clone(own.Dispatch.Inputs)
	}
	return out
}

// count is how many people sign.
func (s *StageSignOff) count() int { return max(s.Count, 1) }

// scans says whether the stage asks for scans.
func (s *Stage) scans() bool { return s.Scan != "" && s.Scan != SeverityOff }
