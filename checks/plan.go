package checks

import (
	"slices"
	"time"
)

// Kind is what an action does.
type Kind string

// The kinds of action. Of the label that grants, a plan holds the removal first
// and the setting last; of the one that warns, the other way round.
const (
	RemoveLabel Kind = "remove-label"
	UpdateRun   Kind = "update-run" // changes an open run
	CreateRun   Kind = "create-run" // makes a new run of its name
	AddLabel    Kind = "add-label"
	AddComment  Kind = "add-comment" // answers somebody

	// What is done about a release besides its check-runs.
	CreateIssue    Kind = "create-issue"    // makes the tracking issue
	UpdateIssue    Kind = "update-issue"    // puts its text, labels and state right
	CommentIssue   Kind = "comment-issue"   // says something on it
	PublishRelease Kind = "publish-release" // publishes a draft or a pre-release
	AnswerGate     Kind = "answer-gate"     // answers a deployment protection rule, or says how it stands
	StartWorkflow  Kind = "start-workflow"  // starts a stage's promotion workflow
)

// Action is one thing to write to GitHub.
type Action struct {
	Kind  Kind   `json:"kind"`
	Label string `json:"label,omitzero"`
	// RunID is the GraphQL node id of the run that UpdateRun changes.
	RunID string `json:"run_id,omitzero"`
	Run   Output `json:"run,omitzero"`
	// Repair says that it puts right what somebody else did to the label.
	Repair bool `json:"repair,omitzero"`
	// Body is the comment that AddComment makes, as Markdown, and ReplyTo the id of
	// the one that it answers.
	Body    string `json:"body,omitzero"`
	ReplyTo int64  `json:"reply_to,omitzero"`

	// Issue is what CreateIssue and UpdateIssue make of the tracking issue; Body is the
	// comment of CommentIssue.
	Issue *IssueText `json:"issue,omitzero"`
	// Page is the release that PublishRelease publishes.
	Page  int64          `json:"page,omitzero"`
	Gate  *GateAnswer    `json:"gate,omitzero"`  // of AnswerGate
	Start *WorkflowStart `json:"start,omitzero"` // of StartWorkflow
	// Remind are the marks of an action that is done once, of whatever kind it is, as they
	// are kept in [ReleaseMemory.Reminded].
	Remind []string `json:"remind,omitzero"`
}

// IssueText is a tracking issue as it should be. Digest is of the rest, and stands in
// the text.
type IssueText struct {
	Number int      `json:"number,omitzero"` // 0: it is to be made
	Title  string   `json:"title"`
	Body   string   `json:"body"`            // Markdown
	Labels []string `json:"labels,omitzero"` // of ours; others stay
	Open   bool     `json:"open"`
	Digest string   `json:"digest"`
}

// GateAnswer is what a job is told that waits for an environment: State is approved,
// rejected, or "" for a comment alone, of 1,024 characters at most ("Review custom
// deployment protection rules", REST docs).
type GateAnswer struct {
	RunID       int64  `json:"run_id"`
	Environment string `json:"environment"`
	State       string `json:"state,omitzero"`
	Comment     string `json:"comment"`
}

// WorkflowStart is a workflow that is to be started by workflow_dispatch.
type WorkflowStart struct {
	Stage     string            `json:"stage"`
	Candidate string            `json:"candidate"`
	Workflow  string            `json:"workflow"` // file name
	Ref       string            `json:"ref"`      // tag
	Inputs    map[string]string `json:"inputs,omitzero"`
}

const (
	// renewAfter is when an open run is made anew: GitHub turns one that is 14
	// days old stale (REST docs, "Check runs").
	renewAfter = 13 * 24 * time.Hour
)

// Plan is what remains to be written so that GitHub shows the verdict. It is
// empty when GitHub already does. The order matters: what takes away comes
// first, what grants comes last, and the label that says that all is met last of
// all, to be given in a request of its own once the rest is confirmed. The label
// that says that a review is needed is set early and taken away after the runs. A
// comment neither takes away nor grants.
func Plan(v Verdict, pull Pull) []Action {
	if !pull.Open || pull.Head.SHA == "" || pull.Repo.Archived {
		return nil
	}
	if !v.Heard.Recheck.IsZero() {
		pull.Memory.Reruns = append(slices.Clip(pull.Memory.Reruns), Rerun{At: v.Heard.Recheck})
	}
	outs := outputs(v, &pull)
	// outputs has "Merge Requirements" first: the first to lose success, the
	// last to get it.
	if len(outs) > 0 && outs[0].Conclusion == "success" {
		outs = append(outs, outs[0])[1:]
	}
	plan := make([]Action, 0, len(outs)+2)
	met, review := metLabel(&v, &pull), reviewLabel(&v, &pull)
	metAction, metDue := met.plan()
	reviewAction, reviewDue := review.plan()
	if metDue && metAction.Kind == RemoveLabel {
		plan = append(plan, metAction)
	}
	if reviewDue && reviewAction.Kind == AddLabel {
		plan = append(plan, reviewAction)
	}
	if a := v.Heard.Answer; a != nil && !v.Observe {
		plan = append(plan, Action{Kind: AddComment, Body: a.Body, ReplyTo: a.To})
	}
	for _, grants := range [...]bool{false, true} {
		for i := range outs {
			if o := &outs[i]; grants == (o.Conclusion == "success") {
				if a, due := planRun(o, &pull); due {
					plan = append(plan, a)
				}
			}
		}
	}
	if reviewDue && reviewAction.Kind == RemoveLabel {
		plan = append(plan, reviewAction)
	}
	if metDue && metAction.Kind == AddLabel {
		plan = append(plan, metAction)
	}
	return plan
}

// outputs is every run of ours that should be on the head, and what becomes of
// those that no section has any more.
func outputs(v Verdict, pull *Pull) []Output {
	var outs []Output
	if !v.Observe || pull.Proposed != nil {
		outs = Render(v)
	}
	var closed []string
	for i := range pull.Runs {
		r := &pull.Runs[i]
		if !own(r, pull) || !mergeName(r.Name) || slices.Contains(closed, r.Name) ||
			slices.ContainsFunc(outs, func(o Output) bool { return o.Name == r.Name }) {
			continue
		}
		closed = append(closed, r.Name)
		switch {
		case v.Invalid && !v.Observe:
			o := outs[0]
			o.Name, o.Annotations = r.Name, nil
			o.digest(nil)
			outs = append(outs, o)
		case newest(r.Name, pull).Status != "completed":
			o := Output{
				Name: r.Name, Head: v.Head, Status: "completed", Conclusion: "neutral",
				Title: "No longer part of the policy", Summary: "The policy does not ask for this any more.",
			}
			o.digest(nil)
			outs = append(outs, o)
		}
	}
	return outs
}

// planRun says whether a run must be written, and how: GitHub lets an open run
// be changed, a completed one is final.
func planRun(o *Output, pull *Pull) (Action, bool) {
	r := newest(o.Name, pull)
	create := Action{Kind: CreateRun, Run: *o}
	switch {
	case r == nil || rerun(r, pull):
		return create, true
	case r.Status == "completed":
		return create, r.ExternalID != o.ExternalID || r.Conclusion != o.Conclusion
	case o.Status != "completed" && pull.At.Sub(r.Started) > renewAfter && !r.Started.IsZero():
		return create, true
	case r.ExternalID == o.ExternalID && o.Status != "completed":
		return Action{}, false
	case annotationDigest(r.ExternalID) != "" && annotationDigest(r.ExternalID) != annotationDigest(o.ExternalID):
		return create, true
	}
	update := Action{Kind: UpdateRun, RunID: r.ID, Run: *o}
	if annotationDigest(r.ExternalID) != "" {
		update.Run.Annotations = nil // they are there already; an update would add them again
	}
	return update, true
}

// rerun says whether somebody asked, by button, for this run to be made anew.
func rerun(r *Run, pull *Pull) bool {
	for _, q := range pull.Memory.Reruns {
		if q.Run != 0 && q.Run == r.DatabaseID || q.Run == 0 && r.Started.Before(q.At) {
			return true
		}
	}
	return false
}

// own says whether a run was posted by this App.
func own(r *Run, pull *Pull) bool { return !r.Context && r.AppID != 0 && r.AppID == pull.AppID }

// newest is our newest run of a name; that is the one that counts on GitHub.
func newest(name string, pull *Pull) *Run {
	var best *Run
	for i := range pull.Runs {
		r := &pull.Runs[i]
		if r.Name != name || !own(r, pull) {
			continue
		}
		if best == nil || r.DatabaseID > best.DatabaseID ||
			r.DatabaseID == best.DatabaseID && r.ID > best.ID {
			best = r
		}
	}
	return best
}
