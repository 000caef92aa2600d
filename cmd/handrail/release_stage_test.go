package main

import (
	"fmt"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
)

// releasePolicy is one for releases: quinn signs first, then rita, who may also promote;
// sam is whom emergencies are shown to afterwards.
const releasePolicy = `version: 1
roles:
  qa: {users: [quinn]}
  rm: {users: [rita, quinn]}
  security: {users: [sam, quinn]}
review: {mode: observe, sign_offs: []}
release:
  tags: ["v*", "app/*"]
  stages:
    - {name: development, sign_offs: [{role: qa}]}
    - {name: production, sign_offs: [{role: rm}], environment: production}
  promoter: rm
  evidence: {bypassed: show, unknown: show, no_pull_request: show}
  emergency: {role: rm, follow_up: 7d, follow_up_role: security}
`

// releasePeople are those on the stage of releases; tara puts the tags there.
var releasePeople = []string{"tara", "quinn", "rita", "sam", "mallory"}

// stageReleases gives a repository of acme a policy for releases, and the App what it
// may do then.
func stageReleases(gh *sim.GitHub, repo *sim.Repo) error {
	for name, level := range map[string]string{"contents": "write", "issues": "write", "deployments": "write", "actions": "write"} {
		gh.SetPermission(name, level)
	}
	gh.Org("acme").AddMember(releasePeople...)
	for _, l := range releasePeople {
		repo.Allow(l, "write")
	}
	_, err := repo.Push(sim.Push{By: "alice", Branch: "main", Message: "Have releases", Files: map[string]string{checks.PolicyPath: releasePolicy}})
	return err
}

// cutRelease is a draft with a file, and a tag of tara's on a commit of its own branch:
// what comes of one release says nothing about another.
func cutRelease(repo *sim.Repo, tag string) error {
	name := strings.ReplaceAll(tag, "/", "-")
	sha, err := repo.Push(sim.Push{By: "alice", Branch: "release-" + name, Message: "Work on " + tag, Files: map[string]string{name + ".go": "package shop\n"}})
	if err != nil {
		return err
	}
	rel, err := repo.NewRelease(sim.NewRelease{By: "tara", Tag: tag, Name: tag, Draft: true})
	if err != nil {
		return err
	}
	if _, err := rel.Upload("tara", "shop.tar.gz", []byte("the shop "+tag)); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	return repo.PushTags("tara", sim.NewTag{Name: tag, SHA: sha, Annotated: true, Tagger: "tara"})
}
