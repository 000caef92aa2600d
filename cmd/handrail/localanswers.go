package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/handrail-bot/handrail/checks"
)

// answerRounds is how often is asked what is still wanted: one answer may lead to
// another question. What is not answered then is not known, and does not pass.
const answerRounds = 8

// templateLimit is the largest file of the base branch that is read as a text, in
// bytes, as on the server.
const templateLimit = 256 << 10

// botMail is how GitHub's own address of a bot ends.
const botMail = "[bot]@users.noreply.github.com"

// asProposed is the working copy as the pull request that a push would bring: with
// its commits, and with the title that GitHub would propose if there is one.
func (c *localCheck) asProposed(ctx context.Context) (checks.Pull, error) {
	pull := c.asPull()
	pull.Base = checks.Ref{Name: cmp.Or(c.onto, c.base), SHA: c.tip}
	pull.Scans, pull.Redacted = c.scans, c.written
	pull.AccountsRead = true // git knows of none
	commits, err := c.commits(ctx)
	if err != nil || len(commits) == 0 {
		return pull, err
	}
	pull.Commits, pull.CommitCount = nil, len(commits)
	for i := range commits {
		for _, text := range commits[i].texts() {
			*text = c.clean(*text)
		}
		pull.Commits = append(pull.Commits, commits[i].asCommit())
	}
	if len(commits) == 1 {
		pull.Title, _, _ = strings.Cut(commits[0].message, "\n")
	}
	return pull, nil
}

// asCommit is a commit as GitHub would tell of it, of an account that stands for all.
// Who says to be a bot is believed, since what GitHub has to prove it by is not here.
func (l *localCommit) asCommit() checks.Commit {
	l.author.Login, l.committer.Login = you, you
	bot := strings.HasSuffix(strings.ToLower(l.author.Email), botMail)
	l.author.Bot = bot
	return checks.Commit{
		SHA: l.sha, Message: l.message, Author: l.author, Committer: l.committer,
		Parents: l.parents[:min(len(l.parents), 2)], Merge: len(l.parents) > 1, GitHubSigned: bot,
	}
}

// answer answers from git what some controls want to know of a working copy, and for
// GitHub that whoever may sign is there.
func (c *localCheck) answer(ctx context.Context, controls []checks.Check, pull *checks.Pull) error {
	policy := checks.Policy{Sections: []checks.Section{{Name: controlSection, Checks: controls}}}
	pull.Texts, pull.Values = map[string]checks.Text{}, map[string]checks.Values{}
	for range answerRounds {
		wants := policy.Wants(*pull)
		if wants.None() {
			break
		}
		assume(pull, wants.Teams, wants.Users)
		if wants.Behind {
			by, err := c.behind(ctx)
			if err != nil {
				return err
			}
			pull.Behind = &checks.Behind{Base: pull.Base.SHA, Head: pull.Head.SHA, By: by, Known: true}
		}
		for _, asked := range wants.Values {
			pull.Values[asked.Key()] = c.values(ctx, asked)
		}
		for _, name := range wants.Texts {
			text, err := c.baseText(ctx, name)
			if err != nil {
				return err
			}
			pull.Texts[name] = text
		}
	}
	pull.Body = templates(pull.Texts)
	return nil
}

// templates are the checklists that were read, as whoever opens the pull request
// finds them in its description: nothing is ticked.
func templates(texts map[string]checks.Text) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if path.Base(name) != checks.AttributesName {
			all = append(all, texts[name].Text)
		}
	}
	return strings.Join(all, "\n\n")
}

// behind is how many commits of the base branch the head lacks.
func (w *workCopy) behind(ctx context.Context) (int, error) {
	n, err := w.line(ctx, "rev-list", "--count", w.tip, "^"+w.head, "--")
	if err != nil {
		return 0, err
	}
	by, err := strconv.Atoi(n)
	if err != nil {
		return 0, fmt.Errorf("git rev-list prints %q", clipped([]byte(n)))
	}
	return by, nil
}

// freshness says which state of the base branch is meant.
func (w *workCopy) freshness() string {
	if w.fetched {
		return w.base + " is meant as it was last fetched."
	}
	return w.base + " is meant as it is here; on GitHub it may have moved on."
}

// baseText is a file of the base branch. What is no whole text is Cut, a directory
// and a link among it, and attributes that hold a secret, as the server has it.
func (c *localCheck) baseText(ctx context.Context, name string) (checks.Text, error) {
	entry, err := c.git(ctx, "--literal-pathspecs", "ls-tree", "-z", "--full-tree", c.tip, "--", name)
	if err != nil {
		return checks.Text{}, err
	}
	if len(entry) == 0 {
		return checks.Text{Absent: true}, nil
	}
	fields := strings.Fields(string(entry)) // mode, type, id, then the name
	if len(fields) < 4 {
		return checks.Text{}, fmt.Errorf("git ls-tree prints %q", clipped(entry))
	}
	if !strings.HasPrefix(fields[0], "100") {
		return checks.Text{Cut: true}, nil
	}
	blob, unread := c.blob(ctx, fields[2])
	text := c.clean(string(blob))
	broken := bytes.IndexByte(blob, 0) >= 0 || !utf8.Valid(blob)
	if unread != "" || len(blob) > templateLimit || broken || path.Base(name) == checks.AttributesName && text != string(blob) {
		return checks.Text{Cut: true}, nil
	}
	return checks.Text{Text: text}, nil
}
