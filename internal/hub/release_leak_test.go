package hub

import (
	"context"
	"errors"

	"github.com/handrail-bot/handrail/checks"
)

// personToken is somebody's own.
const personToken = "ghp_personalPERSONALpersonal0123456789"

// releaseOperations are all that can be asked of a Hub about releases, and about people
// by their own tokens.
func releaseOperations() map[string]func(ctx context.Context, h *Hub) error {
	home := checks.Repo{ID: repoID, Owner: "acme", Name: "shop"}
	return map[string]func(ctx context.Context, h *Hub) error{
		"Release":        func(ctx context.Context, h *Hub) error { _, _, err := h.Release(ctx, aRelease(), 3); return err },
		"GlimpseRelease": func(ctx context.Context, h *Hub) error { _, err := h.GlimpseRelease(ctx, aRelease(), 7); return err },
		"CompleteRelease": func(ctx context.Context, h *Hub) error {
			r := judged()
			return errors.Join(h.CompleteRelease(ctx, aRelease(), &r, checks.Wants{Teams: []string{"acme/qa"}, Users: []string{"bob"}}),
				h.CompleteRelease(ctx, aRelease(), &r, checks.Wants{Attested: []string{"sha256:" + hex64}}))
		},
		"RangePage": func(ctx context.Context, h *Hub) error {
			_, _, _, err := h.RangePage(ctx, aRelease(), baseSHA, headSHA, 1)
			_, _, _, all := h.RangePage(ctx, aRelease(), "", headSHA, 1)
			return errors.Join(err, all)
		},
		"RangePulls": func(ctx context.Context, h *Hub) error {
			_, err := h.RangePulls(ctx, aRelease(), []string{headSHA})
			return err
		},
		"Published": func(ctx context.Context, h *Hub) error { _, _, err := h.Published(ctx, aRelease(), ""); return err },
		"ReleaseGlances": func(ctx context.Context, h *Hub) error {
			_, err := h.ReleaseGlances(ctx, subject.Installation, home)
			return err
		},
		"WaitingGates": func(ctx context.Context, h *Hub) error {
			_, err := h.WaitingGates(ctx, aRelease(), func(string) bool { return true })
			return err
		},
		"PendingGates": func(ctx context.Context, h *Hub) error { _, err := h.PendingGates(ctx, aRelease(), 70); return err },
		"Deployments":  func(ctx context.Context, h *Hub) error { _, err := h.Deployments(ctx, aRelease(), headSHA); return err },
		"StartedRun": func(ctx context.Context, h *Hub) error {
			_, err := h.StartedRun(ctx, aRelease(), checks.Dispatched{Workflow: "promote.yml"})
			return err
		},
		"Whose": func(ctx context.Context, h *Hub) error { _, err := h.Whose(ctx, personToken); return err },
		"May":   func(ctx context.Context, h *Hub) error { _, _, err := h.May(ctx, "acme", "shop", "bob"); return err },
		"PublishRelease": func(ctx context.Context, h *Hub) error {
			var all []error
			for _, a := range everyReleaseAction() { // each by itself: the first failure ends some
				out, err := h.PublishRelease(ctx, aRelease(), judged(), []checks.Action{a})
				all = append(all, err)
				for _, o := range out {
					all = append(all, errors.New(o.Error))
				}
			}
			return errors.Join(all...)
		},
	}
}

const (
	tagOID = "cccccccccccccccccccccccccccccccccccccccc"
	hex64  = "9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c9f2c"
)

func aRelease() checks.Subject {
	s := subject
	s.Kind, s.Name, s.Number = checks.KindRelease, "v1.0.0", 0
	return s
}

// judged is a release with a draft and a tracking issue.
func judged() checks.Release {
	return checks.Release{
		At: date("2026-01-01T00:10:00Z"), AppID: appID, Repo: checks.Repo{ID: repoID, Owner: "acme", Name: "shop", DefaultBranch: "main"},
		Tag:       checks.Tag{Name: "v1.0.0", OID: tagOID, Commit: headSHA, Annotated: true},
		Page:      checks.ReleasePage{ID: 31, Draft: true, Assets: []checks.Asset{{ID: 41, Name: "app.tar.gz", Digest: "sha256:" + hex64, Ready: true}}},
		Issue:     checks.TrackingIssue{Number: 3, NodeID: "I_3", Open: true},
		Artifacts: []checks.ReleaseArtifact{{Name: "app.tar.gz", Rule: "app", Digest: "sha256:" + hex64}},
		Memory:    checks.ReleaseMemory{Candidates: []checks.PastCandidate{{Digest: hex64, Since: date("2026-01-01T00:00:00Z")}}},
	}
}

// everyReleaseAction is one of each kind.
func everyReleaseAction() []checks.Action {
	return []checks.Action{
		{Kind: checks.RemoveLabel, Label: checks.LabelRelease},
		{Kind: checks.CreateRun, Run: checks.Output{Name: checks.RunRelease, Head: headSHA, Status: "completed", Conclusion: "success"}},
		{Kind: checks.UpdateRun, RunID: "CR_1", Run: checks.Output{Name: checks.RunStagePrefix + "production", Head: headSHA, Status: "in_progress"}},
		{Kind: checks.CreateIssue, Issue: &checks.IssueText{Title: "t", Body: "b", Open: true, Digest: hex64}},
		{Kind: checks.UpdateIssue, Issue: &checks.IssueText{Number: 3, Title: "t", Body: "b", Open: true, Digest: hex64}},
		{Kind: checks.CommentIssue, Body: "reminded"},
		{Kind: checks.PublishRelease, Page: 31},
		{Kind: checks.AnswerGate, Gate: &checks.GateAnswer{RunID: 70, Environment: "production", State: "approved", Comment: "c"}},
		{Kind: checks.AnswerGate, Gate: &checks.GateAnswer{RunID: 70, Environment: "production", State: "rejected", Comment: "c"}},
		{Kind: checks.StartWorkflow, Start: &checks.WorkflowStart{Workflow: "promote.yml", Ref: "v1.0.0", Candidate: hex64}},
		{Kind: checks.AddLabel, Label: checks.LabelRelease},
	}
}
