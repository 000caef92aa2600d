package checks

import (
	"maps"
	"slices"
	"strings"
)

// publication publishes the draft, or makes the pre-release a full one, once it is on
// record that this very candidate is promoted, and until the promotion is done: what
// somebody makes of it afterwards stays.
func (w *releaseView) publication() []Action {
	page := &w.r.Page
	switch {
	case w.v.Promote == nil || !w.promoted() || !w.r.Memory.Released.IsZero() || !w.goesOn():
	case page.ID == 0 || !page.Draft && !page.Prerelease || !w.rules.Publish:
	default:
		return []Action{{Kind: PublishRelease, Page: page.ID}}
	}
	return nil
}

// goesOn says whether nothing has ended the release.
func (w *releaseView) goesOn() bool {
	switch w.v.Phase {
	case PhaseCandidate, PhaseSigning, PhaseApproved, PhasePromoting, PhaseReleased, PhaseDeployed:
		return true
	}
	return false
}

// starts are the workflows of stages that have all that they need but their run. Each is
// started once for a candidate, each time that this is there.
func (w *releaseView) starts() []Action {
	var out []Action
	for i := range w.rules.Stages {
		s := &w.rules.Stages[i]
		if s.Dispatch.Workflow == "" || !w.ready(i) || w.started(s) {
			continue
		}
		inputs, missing := w.inputs(s)
		if missing != "" {
			continue // the stage's run says so
		}
		out = append(out, Action{Kind: StartWorkflow, Start: &WorkflowStart{
			Stage: s.Name, Candidate: w.v.Digest, Workflow: s.Dispatch.Workflow, Ref: w.r.Tag.Name, Inputs: inputs,
		}})
	}
	return out
}

// ready says whether a stage lacks nothing but the run of its workflow, and the release
// nothing that is not a later stage's. In an emergency that is on record all stages are.
func (w *releaseView) ready(i int) bool {
	if !w.goesOn() {
		return false
	}
	if w.emergency() {
		return true
	}
	s := &w.rules.Stages[i]
	if st := w.standing(s); st == nil || !st.Start || len(w.unsigned(s)) > 0 {
		return false
	}
	for _, o := range w.asked() {
		if o.ID != s.id("") && !w.later(o.ID, i) && !o.State.Passes() && !o.Observed {
			return false
		}
	}
	return true
}

// later says whether a result is of a stage behind one.
func (w *releaseView) later(id string, i int) bool {
	for k := i + 1; k < len(w.rules.Stages); k++ {
		if w.rules.Stages[k].id("") == id {
			return true
		}
	}
	return false
}

// started says whether a stage's workflow was started for the candidate, since that is
// there.
func (w *releaseView) started(s *Stage) bool {
	began := w.r.Memory.again(w.v.Digest, w.r.At)
	return slices.ContainsFunc(w.r.Dispatched, func(d Dispatched) bool {
		return s.is(d.Stage) && d.Candidate == w.v.Digest && d.Workflow == s.Dispatch.Workflow && (began.IsZero() || d.At.After(began))
	})
}

// inputs are a workflow's inputs with everything filled in; missing is the artifact that
// there is not, or of which no single digest is known.
func (w *releaseView) inputs(s *Stage) (inputs map[string]string, missing string) {
	for _, name := range slices.Sorted(maps.Keys(s.Dispatch.Inputs)) {
		value := filling.ReplaceAllStringFunc(s.Dispatch.Inputs[name], func(word string) string {
			text, lack := w.fill(word, s)
			missing += lack
			return text
		})
		if missing != "" {
			return nil, missing
		}
		if inputs == nil {
			inputs = map[string]string{}
		}
		inputs[name] = value
	}
	return inputs, ""
}

// fill is what stands for a place in an input.
func (w *releaseView) fill(word string, s *Stage) (text, missing string) {
	switch word {
	case "{tag}":
		return w.r.Tag.Name, ""
	case "{commit}":
		return w.r.Tag.Commit, ""
	case "{candidate}":
		return w.v.Digest, ""
	case "{stage}":
		return s.Name, ""
	}
	name, ok := strings.CutPrefix(strings.TrimSuffix(word, "}"), "{digest:")
	if !ok {
		return word, ""
	}
	digest := ""
	for _, a := range w.r.Artifacts {
		switch {
		case a.Name != name && a.Rule != name:
		case a.Digest == "" || digest != "" && digest != a.Digest:
			return "", name
		default:
			digest = a.Digest
		}
	}
	if digest == "" {
		return "", name
	}
	return digest, ""
}

// writeWorkflow says which workflow a stage starts, and why it cannot.
func (w *releaseView) writeWorkflow(b *strings.Builder, s *Stage) {
	if s.Dispatch.Workflow == "" {
		return
	}
	b.WriteString("\nOnce this stage has everything else, handrail starts the workflow ")
	writeCode(b, s.Dispatch.Workflow)
	b.WriteString(" on the tag and waits until it has succeeded.")
	if _, missing := w.inputs(s); missing != "" {
		b.WriteString(" It cannot be started now: there is not exactly one digest of ")
		writeCode(b, missing)
		b.WriteString(" for its inputs.")
	}
	b.WriteString("\n")
}
