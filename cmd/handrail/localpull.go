package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// here is the number of the repository that a working copy is of, and of the run
// that its reports are said to come from; GitHub's own are not known.
const here = 1

// you are who runs this.
const you = "you"

// crowd is how many people stand for the members of a team: more than any rule asks
// for, and too many to be called by their names.
const crowd = 100

// asPull is the working copy as if it were a pull request's head, all of it by
// whoever looks at it.
func (w *workCopy) asPull() checks.Pull {
	by := checks.Signature{Login: you}
	commits := []checks.Commit{{SHA: w.head, Author: by, Committer: by}}
	if w.unchanged() {
		commits = nil
	}
	return checks.Pull{
		At: time.Now(), Repo: checks.Repo{ID: here}, Open: true, Author: checks.Actor{Login: you},
		Commits: commits, CommitCount: len(commits),
		Base: checks.Ref{Name: w.base, SHA: w.from}, Head: checks.Ref{Name: w.branch, SHA: w.head, RepoID: here},
		Files: slices.Clone(w.files), FilesRead: true, FileCount: len(w.files), Lines: w.lines(),
	}
}

// unchanged says whether the working copy brings nothing at all.
func (w *workCopy) unchanged() bool { return len(w.files) == 0 && w.head == w.from }

// lines is how many lines are added and removed together.
func (w *workCopy) lines() int {
	n := 0
	for i := range w.files {
		n += w.files[i].Additions + w.files[i].Deletions
	}
	return n
}

// assume answers for GitHub that those who are asked for are there, since whether
// they are is not to be judged here.
func assume(pull *checks.Pull, teams, users []string) {
	if pull.Teams == nil {
		pull.Teams, pull.People = map[string]checks.Team{}, map[string]checks.Person{}
	}
	for _, t := range teams {
		team := checks.Team{Name: t, Found: true}
		for i := range crowd {
			team.Members = append(team.Members, fmt.Sprintf("somebody-%d", i+1))
		}
		pull.Teams[t] = team
	}
	for _, u := range users {
		pull.People[u] = checks.Person{Login: u, Permission: "admin"}
	}
}
