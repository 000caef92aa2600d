package sim

import (
	"fmt"
	"slices"
	"time"
)

// Thread is a conversation about a line of a pull request, or about a file.
type Thread struct {
	pull       *Pull
	id         int64
	path       string
	line       int    // at commit; 0 is the whole file
	commit     string // the head when it was begun
	comments   []*ReviewComment
	resolved   bool
	resolvedBy *Account
}

// ReviewComment is a comment in a conversation.
type ReviewComment struct {
	thread  *Thread
	ID      int64
	review  *Review
	author  *Account
	body    string
	created time.Time
}

// StartThread begins a conversation about a line of a changed file at the head,
// or about the file when line is 0. It is a review of its own, as when somebody
// presses "Add single comment".
func (p *Pull) StartThread(by, path string, line int, body string) (t *Thread, err error) {
	p.do(by, func(who *Account) {
		changed := slices.ContainsFunc(p.comparison().files, func(f fileDiff) bool { return f.path == path })
		if n := len(p.repo.linesAt(p.head, path)); !changed || line < 0 || line > n {
			err = fmt.Errorf("comment on line %d of %s in #%d: it is not part of the diff", line, path, p.Number)
			return
		}
		t = &Thread{pull: p, id: p.repo.gh.id(), path: path, line: line, commit: p.head}
		p.threads = append(p.threads, t)
		p.repo.gh.nodes[t.node()] = t
		t.say(who, body)
	})
	return t, err
}

// Reply says something more in the conversation.
func (t *Thread) Reply(by, body string) {
	t.pull.do(by, func(who *Account) { t.say(who, body) })
}

func (t *Thread) say(who *Account, body string) {
	p := t.pull
	gh := p.repo.gh
	c := &ReviewComment{thread: t, ID: gh.id(), review: p.addReview(who, "COMMENTED", ""), author: who, body: body, created: gh.now()}
	t.comments = append(t.comments, c)
	gh.nodes[c.node()] = c
	p.updated = gh.now()
	gh.changed(Change{Kind: "thread", Repo: p.repo.fullName(), Pull: p.Number, By: who.Login, Value: "commented"})
	p.repo.emit(event{name: "pull_request_review_comment", action: "created", sender: who,
		body: m{"comment": gh.reviewCommentJSON(c), "pull_request": gh.pullJSON(p, false)}})
}

// Resolve marks the conversation as resolved. Whoever opened the pull request may,
// and whoever has write access (GitHub Docs, "Commenting on a pull request").
func (t *Thread) Resolve(by string) error { return t.set(by, true) }

// Unresolve takes that back.
func (t *Thread) Unresolve(by string) error { return t.set(by, false) }

func (t *Thread) set(by string, resolved bool) (err error) {
	t.pull.do(by, func(who *Account) {
		if who != t.pull.author && rank(t.pull.repo.permission(who)) < rank("write") {
			err = fmt.Errorf("resolve a conversation of #%d: %s has no write access and did not open it", t.pull.Number, by)
			return
		}
		t.mark(who, resolved)
	})
	return err
}

func (t *Thread) mark(who *Account, resolved bool) {
	if t.resolved == resolved {
		return
	}
	p := t.pull
	gh := p.repo.gh
	action := "unresolved"
	if t.resolved, t.resolvedBy = resolved, nil; resolved {
		t.resolvedBy, action = who, "resolved"
	}
	p.updated = gh.now()
	gh.changed(Change{Kind: "thread", Repo: p.repo.fullName(), Pull: p.Number, By: who.Login, Value: action})
	all := []m{}
	for _, c := range t.comments {
		all = append(all, gh.reviewCommentJSON(c))
	}
	p.repo.emit(event{name: "pull_request_review_thread", action: action, sender: who,
		body: m{"thread": m{"node_id": t.node(), "comments": all}, "pull_request": gh.pullJSON(p, false)}})
}

func (t *Thread) node() string        { return nodeID("PRRT", t.id) }
func (c *ReviewComment) node() string { return nodeID("PRRC", c.ID) }

// now is the line at the head, and whether the line has changed since the
// conversation was begun. A conversation about a file has no line.
func (t *Thread) now() (line int, outdated bool) {
	r, p := t.pull.repo, t.pull
	if c := r.objects.commits[p.head]; c != nil {
		_, there := r.objects.at(c.tree, t.path)
		outdated = !there
	}
	if t.line == 0 || outdated {
		return 0, outdated
	}
	was, is := 0, 0
	for _, e := range editScript(r.linesAt(t.commit, t.path), r.linesAt(p.head, t.path)) {
		if e.op != '+' {
			was++
		}
		if e.op != '-' {
			is++
		}
		if was == t.line && e.op != '+' {
			return bool2(e.op == ' ', is, 0), e.op == '-'
		}
	}
	return 0, true
}

// linesAt are the lines of a file at a commit; none when it is not there.
func (r *Repo) linesAt(sha, path string) []string {
	c := r.objects.commits[sha]
	if c == nil {
		return nil
	}
	e, ok := r.objects.at(c.tree, path)
	if !ok {
		return nil
	}
	return splitLines(string(r.objects.blobs[e.sha]))
}
