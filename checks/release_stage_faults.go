package checks

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Ids of the parts of a stage that are no role's, and of the results that are no
// stage's: no role, and no stage, may have the name of one.
var (
	stagePartNames     = []string{partBefore, partChecks, partAttested, partScan, partDispatch, partRejected}
	releaseResultNames = []string{"tag", "evidence", "checks", "artifacts", "freeze", "promotion", "published", "follow-up", "rejected", "stages"}
)

// stageFaults finds stages that cannot be told apart, or can never be whole.
func (r *ReleaseRules) stageFaults(f *faulty) {
	names := ruleNames{what: "stage"}
	for i := range r.Stages {
		s := &r.Stages[i]
		if fault, bad := names.fault(i, s.Name); bad {
			fault.Key = "stages." + fault.Key
			f.found = append(f.found, fault)
		}
		key := "stages." + strconv.Itoa(i)
		if slices.Contains(releaseResultNames, s.FloorKey()) {
			f.add(key+".name", "%q is the name of something that handrail itself judges of a release.", s.Name)
		}
		if len(s.SignOffs) == 0 {
			f.add(key+".sign_offs", "A stage that nobody signs is none: name a role under sign_offs.")
		}
		r.signOffFaults(f, key, s)
		f.required(key, s.Require)
		r.stageArtifactFaults(f, key, s)
		r.dispatchFaults(f, key, s)
		r.waitFaults(f, key, s)
		for j := range r.Stages[:i] {
			if o := &r.Stages[j]; s.Environment != "" && strings.EqualFold(s.Environment, o.Environment) {
				f.warn(key+".environment", "The stage "+quoted(o.Name)+" has the same environment: a job gets there once both are signed.")
			}
		}
	}
}

// signOffFaults finds roles that sign twice, or that too few hold.
func (r *ReleaseRules) signOffFaults(f *faulty, key string, s *Stage) {
	key += ".sign_offs."
	for i := range s.SignOffs {
		so := &s.SignOffs[i]
		at := key + strconv.Itoa(i)
		switch {
		case so.Role == "":
			f.add(at, "A sign-off needs a role.")
			continue
		case slices.ContainsFunc(s.SignOffs[:i], func(o StageSignOff) bool { return o.Role == so.Role }):
			f.add(at+".role", "The role %s signs this stage already: for more people of it write count.", so.Role)
		case strings.EqualFold(string(so.Role), rejectionWord), slices.Contains(stagePartNames, strings.ToLower(string(so.Role))):
			f.add(at+".role", "%q means something else where releases are signed: call the role otherwise.", so.Role)
		}
		f.found = append(f.found, signFaults(r.roles, so.Role, so.Count, at+".count")...)
	}
	if who := r.tooFew(s); who != "" {
		f.add(strings.TrimSuffix(key, "."), "This stage can never be signed: one person signs for one role of it, and for all of them there is only %s.", who)
	}
}

// tooFew names those who hold the roles of a stage where all of them are named and are
// too few for it; "" where they are enough, or a single role has too few of its own.
func (r *ReleaseRules) tooFew(s *Stage) string {
	var names []string
	people := seats{}
	for i := range s.SignOffs {
		role, ok := (&ReviewRules{roles: r.roles}).role(s.SignOffs[i].Role)
		if !ok || role.Team != "" || len(role.Users) < s.SignOffs[i].count() {
			continue
		}
		rule := seatRule{need: s.SignOffs[i].count()}
		for _, u := range role.Users {
			u = strings.ToLower(u)
			if !slices.Contains(names, u) {
				names = append(names, u)
			}
			rule.by = append(rule.by, slices.Index(names, u))
		}
		people.rules = append(people.rules, rule)
	}
	if people.fill() == len(people.rules) || people.gaveUp() {
		return ""
	}
	return list(names, 3)
}

// stageArtifactFaults finds a stage that asks about artifacts where there are none.
func (r *ReleaseRules) stageArtifactFaults(f *faulty, key string, s *Stage) {
	if s.Scan == SeverityNone {
		f.warn(key+".scan", "Every finding reaches none, which is the rating 0.0: write off if no scan is meant.")
	}
	if len(r.Artifacts) > 0 {
		return
	}
	if s.Attested {
		f.add(key+".attested", "There is no artifact that could be attested: name some under artifacts.")
	}
	if s.scans() {
		f.add(key+".scan", "There is no artifact that could be scanned: name some under artifacts.")
	}
}

// filling is a place in an input that is filled in.
var filling = regexp.MustCompile(`\{[^{}]*\}`)

// dispatchFaults finds a workflow that is none, and inputs that are never filled in.
func (r *ReleaseRules) dispatchFaults(f *faulty, key string, s *Stage) {
	key += ".dispatch"
	d := s.Dispatch
	if d.Workflow == "" && len(d.Inputs) > 0 {
		f.add(key, "It names no workflow, so that nothing is started.")
	}
	if wrongWorkflow(d.Workflow, false) {
		f.add(key+".workflow", "%q is no workflow: write the name of its file in .github/workflows, such as promote.yml.", d.Workflow)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Inputs)) {
		for _, word := range filling.FindAllString(d.Inputs[name], -1) {
			artifact, digest := strings.CutPrefix(word, "{digest:")
			artifact = strings.TrimSuffix(artifact, "}")
			switch {
			case slices.Contains([]string{"{tag}", "{commit}", "{candidate}", "{stage}"}, word):
			case !digest:
				f.add(key+".inputs."+name, "%s is nothing that is filled in: that are {tag}, {commit}, {candidate}, {stage} and {digest:NAME}.", word)
			case !r.namesArtifact(artifact):
				f.add(key+".inputs."+name, "There is no artifact %q whose digest could be filled in.", artifact)
			}
		}
	}
}

// namesArtifact says whether some artifact may have a name: a digest is filled in of one
// as it is found, or as the policy calls it.
func (r *ReleaseRules) namesArtifact(name string) bool {
	return slices.ContainsFunc(r.Artifacts, func(a ArtifactRule) bool { return a.Name == name || Glob(a.Name).Match(name) })
}

// waitFaults finds reminders that come too early or to nobody.
func (r *ReleaseRules) waitFaults(f *faulty, key string, s *Stage) {
	switch {
	case s.EscalateTo != "" && s.escalateAfter() <= s.remindAfter():
		f.add(key+".escalate", "The role %s would be told after %s, before those who are waited for are reminded, after %s.", s.EscalateTo, Duration(s.escalateAfter()), Duration(s.remindAfter()))
	case s.EscalateTo == "" && s.Escalate != 0:
		f.warn(key+".escalate_to", "It names no role, so that nobody is told.")
	}
}
