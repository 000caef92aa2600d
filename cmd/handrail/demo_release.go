package main

import (
	"context"
	"slices"

	"github.com/handrail-bot/handrail/internal/sim"
)

// The tags of the demo: one from before handrail, a release, and one in an emergency.
const (
	tagBefore = "v0.9.0"
	tagPlay   = "v1.0.0"
	tagUrgent = "v1.0.1"
)

// releaseScenes play a release's life: from the tag over its evidence and sign-offs to
// production, and one in an emergency.
func releaseScenes() []scene {
	return slices.Concat(evidenceScenes(), signingScenes(), promotionScenes(), emergencyScenes())
}

// evidenceScenes play what a release brings: a pull request that was overridden, and a
// commit that no pull request brought.
func evidenceScenes() []scene {
	return []scene{
		{
			title: "olive is an administrator, and pushes straight to main. bob tags v1.0.0; CI passes and leaves a draft of the release.",
			act:   (*theatre).tagged,
			tag:   tagPlay,
			says:  "exceptions",
			comes: func(t *theatre) bool { return t.tracked(tagPlay) },
			tells: func(_ context.Context, t *theatre) (string, error) { return t.saidOf(tagPlay, "- `/"), nil },
		},
		{
			title: "rita answers for the exceptions: she accepts them, with a reason that stays on record.",
			act: func(t *theatre) error {
				return t.speak(tagPlay, "rita", "/override release/evidence Looked through with olive, INC-8")
			},
			tag:  tagPlay,
			says: "accepted by rita",
		},
	}
}

// signingScenes play the stages of a release, and a tag that is moved while they are
// signed.
func signingScenes() []scene {
	return []scene{
		{
			title: "quinn of the QA team presses \"Sign off\" on the check-run of the stage development.",
			act:   func(t *theatre) error { return t.press(tagPlay, "quinn", "development", "sign:") },
			tag:   tagPlay,
			comes: func(t *theatre) bool { return t.conclusion(tagPlay, "development") == "success" },
		},
		{
			title: "bob moves the tag to another commit. What quinn has signed is not what would be released: it is void, and says so.",
			act: func(t *theatre) error {
				sha, err := t.repo.Push(sim.Push{By: "olive", Branch: "main", Message: "Praise the shop", Files: map[string]string{"README.md": "# The shop\n"}})
				if err != nil {
					return err
				}
				if err := t.repo.Tag("bob", tagPlay, sha, true); err != nil {
					return err
				}
				return t.build(tagPlay)
			},
			tag:   tagPlay,
			says:  "was moved",
			comes: func(t *theatre) bool { return t.conclusion(tagPlay, "development") == "" && t.tracked(tagPlay) },
			tells: func(_ context.Context, t *theatre) (string, error) {
				return t.part(tagPlay, "What ended earlier sign-offs"), nil
			},
		},
		{
			title: "bob signs for QA, who is not in its team and has put the tag there. That counts for nothing, and why is said.",
			act:   func(t *theatre) error { return t.speak(tagPlay, "bob", "/sign-off qa") },
			tag:   tagPlay,
			says:  "bob's sign-off as qa does not count",
			tells: func(_ context.Context, t *theatre) (string, error) {
				return t.part(tagPlay, "What does not count, and why"), nil
			},
		},
		{
			title: "rita accepts the exceptions again, and quinn signs again.",
			act: func(t *theatre) error {
				if err := t.speak(tagPlay, "rita", "/override release/evidence Nothing but the README came, INC-8"); err != nil {
					return err
				}
				return t.press(tagPlay, "quinn", "development", "sign:")
			},
			tag:   tagPlay,
			says:  "accepted by rita: Nothing but",
			comes: func(t *theatre) bool { return t.conclusion(tagPlay, "development") == "success" },
		},
		{
			title: "rita signs for release management by a comment on the tracking issue.",
			act:   func(t *theatre) error { return t.speak(tagPlay, "rita", "/sign-off release-management") },
			tag:   tagPlay,
			says:  "Signed by rita",
		},
		{
			title: "sam signs for security from the command line, which shows what is signed.",
			act: func(t *theatre) (err error) {
				t.printed, err = t.command("sam", "release", "sign", t.repo.FullName(), tagPlay, "--role", "security")
				return err
			},
			tag:   tagPlay,
			says:  "Approved",
			tells: func(_ context.Context, t *theatre) (string, error) { return t.printed, nil },
		},
	}
}

// promotionScenes play the one click, and what follows from it.
func promotionScenes() []scene {
	return []scene{
		{
			title: "The deployment to production is already waiting: nothing lets it through before the release is promoted.",
			act: func(t *theatre) (err error) {
				t.deployment, err = t.deploy(tagPlay)
				return err
			},
			tag:   tagPlay,
			says:  "Approved",
			comes: func(t *theatre) bool { d := t.deployment.Now(); return d.Gate == "waiting" && len(d.Comments) > 0 },
			tells: func(_ context.Context, t *theatre) (string, error) { return t.gate(), nil },
		},
		{
			title: "rita presses \"Promote\". The draft is published, and the deployment let through.",
			act:   func(t *theatre) error { return t.press(tagPlay, "rita", "", "promote:") },
			tag:   tagPlay,
			says:  "Released",
			comes: func(t *theatre) bool {
				return !t.repo.Release(tagPlay).Now().Draft && t.deployment.Now().Gate == "approved"
			},
			tells: func(_ context.Context, t *theatre) (string, error) { return t.gate(), nil },
		},
		{
			title: "The deployment succeeds, which goes on record. What was decided is signed, and whoever deploys can verify it offline.",
			act:   func(t *theatre) error { t.deployed.Finish("success"); return nil },
			tag:   tagPlay,
			says:  "deployed to production",
			tells: func(_ context.Context, t *theatre) (string, error) { return t.verified(tagPlay) },
		},
	}
}

// emergencyScenes play a release that cannot wait, and what is owed for it.
func emergencyScenes() []scene {
	return []scene{
		{
			title: "The shop loses orders. alice's fix goes straight to main, and bob tags v1.0.1. Nothing of what a release needs is there.",
			act: func(t *theatre) error {
				sha, err := t.repo.Push(sim.Push{By: "alice", Branch: "main", Message: "fix: keep the orders", Files: map[string]string{"shop/orders.go": "package shop\n"}})
				if err != nil {
					return err
				}
				return t.draft(tagUrgent, sha)
			},
			tag:   tagUrgent,
			says:  "shop.tar.gz",
			comes: func(t *theatre) bool { return t.tracked(tagUrgent) },
		},
		{
			title: "rita breaks the glass, and says why. It is out at once, on record as an emergency, and a follow-up is due.",
			act: func(t *theatre) error {
				return t.speak(tagUrgent, "rita", "/break-glass Orders are lost, INC-9")
			},
			tag:   tagUrgent,
			says:  "Released in an emergency",
			comes: func(t *theatre) bool { return !t.repo.Release(tagUrgent).Now().Draft },
		},
		{
			title: "sam of acme/infosec has looked at it afterwards and says so. Nothing is owed any more.",
			act: func(t *theatre) error {
				return t.speak(tagUrgent, "sam", "/follow-up Reviewed with alice; a test was added, INC-9")
			},
			tag:  tagUrgent,
			says: "Released in an emergency by rita; sam has looked at it",
			tells: func(_ context.Context, t *theatre) (string, error) {
				return t.command("sam", "release", "list", "--repo", t.repo.FullName())
			},
		},
	}
}
