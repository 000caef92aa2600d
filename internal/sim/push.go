package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Push is a commit and where it goes.
type Push struct {
	By      string            // who pushes, and the author and committer unless Author says otherwise
	Branch  string            // made from the default branch if there is none
	Message string            // may end in Co-authored-by trailers
	Files   map[string]string // path to whole new text
	Modes   map[string]string // path to mode, of Files or of what is there: 100644, 100755, 120000, 160000 (text is the SHA)
	Delete  []string
	Move    map[string]string // old path to new, before Files
	Author  string            // login, or "Name <address>"
	Parents []string          // instead of the branch's commit: a forced push
	Web     bool              // made on GitHub's pages: committed and signed by GitHub
	Signed  bool              // signed by its committer, with a key that GitHub knows
}

// Push makes a commit, moves the branch there and tells everybody.
func (r *Repo) Push(p Push) (sha string, err error) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	if sha, err = r.make(p); err != nil {
		return "", err
	}
	return sha, r.move(r.gh.account(p.By), p.Branch, sha)
}

// Commit makes a commit without moving a branch.
func (r *Repo) Commit(p Push) (sha string, err error) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.make(p)
}

// PushCommit moves a branch to a commit that is there already; the push is
// forced when that is no descendant of where the branch was.
func (r *Repo) PushCommit(by, branch, sha string) error {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.move(r.gh.account(by), branch, sha)
}

// DeleteBranch deletes a branch, which closes pull requests from it.
func (r *Repo) DeleteBranch(by, branch string) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	was := r.branches[branch]
	if was == "" {
		return
	}
	who := r.gh.account(by)
	delete(r.branches, branch)
	r.emitPush(who, branch, was, "", false)
	for _, p := range slices.Clone(r.byHead[branch]) {
		p.close(who)
	}
}

func (r *Repo) make(p Push) (string, error) {
	parents := p.Parents
	if parents == nil {
		tip := r.branches[p.Branch]
		if tip == "" {
			tip = r.branches[r.main]
		}
		parents = []string{tip}
	}
	all := map[string]file{}
	for i, sha := range parents {
		c := r.objects.commits[r.resolve(sha)]
		if c == nil {
			return "", fmt.Errorf("commit to %s: no commit %q", r.fullName(), sha)
		}
		parents[i] = c.sha
		if i == 0 {
			all = r.objects.files(c.tree)
		}
	}
	if err := r.apply(all, p); err != nil {
		return "", fmt.Errorf("commit to %s: %w", r.fullName(), err)
	}
	author := r.identity(p.By)
	if p.Author != "" {
		author = r.identity(p.Author)
	}
	c := commit{tree: r.objects.build(all), parents: parents, author: author, committer: author, message: p.Message}
	if p.Web {
		c.committer = r.identity("web-flow")
	}
	if c.message == "" {
		c.message = "Change " + strings.Join(slices.Sorted(maps.Keys(p.Files)), ", ")
	}
	sha := r.objects.commit(c, p.Web)
	if p.Signed {
		r.objects.keyed[sha] = true
	}
	return sha, nil
}

func (r *Repo) apply(all map[string]file, p Push) error {
	for from, to := range p.Move {
		f, ok := all[from]
		if !ok {
			return fmt.Errorf("move %s: no such file", from)
		}
		delete(all, from)
		all[to] = f
	}
	for path, text := range p.Files {
		f := all[path]
		if f.mode == "" {
			f.mode = modeFile
		}
		if f.sha = r.objects.blob([]byte(text)); p.Modes[path] == modeSubmodule {
			f.sha = text
		}
		all[path] = f
	}
	for path, mode := range p.Modes {
		f, ok := all[path]
		if !ok {
			return fmt.Errorf("set mode of %s: no such file", path)
		}
		f.mode = mode
		all[path] = f
	}
	for _, path := range p.Delete {
		if _, ok := all[path]; !ok {
			return fmt.Errorf("delete %s: no such file", path)
		}
		delete(all, path)
	}
	return nil
}

// identity is how somebody signs a commit: a login, or "Name <address>".
func (r *Repo) identity(who string) signature {
	at := r.gh.now()
	if name, rest, ok := strings.Cut(who, " <"); ok {
		return signature{name, strings.TrimSuffix(rest, ">"), at}
	}
	a := r.gh.account(who)
	if who == "web-flow" {
		return signature{"GitHub", "noreply@github.com", at}
	}
	return signature{a.Name, strings.ToLower(a.Login) + "@example.com", at}
}

// move sets a branch, and follows with all that GitHub does on a push.
func (r *Repo) move(by *Account, branch, sha string) error {
	if r.objects.commits[sha] == nil {
		return fmt.Errorf("push to %s of %s: no commit %q", branch, r.fullName(), sha)
	}
	was := r.branches[branch]
	if was == sha {
		return nil
	}
	forced := was != "" && r.objects.mergeBase(was, sha) != was
	r.branches[branch] = sha
	r.pushed = r.gh.now()
	r.gh.changed(Change{Kind: "push", Repo: r.fullName(), SHA: sha, By: by.Login, Name: branch})
	r.emitPush(by, branch, was, sha, forced)
	for _, p := range slices.Clone(r.byHead[branch]) {
		p.synchronize(by, was, sha, forced)
	}
	r.requestSuites(by, branch, was, sha)
	for _, p := range slices.Clone(r.byBase[branch]) {
		if forced {
			p.happened("BaseRefForcePushedEvent", by, m{})
		}
		if p.head != was && r.objects.reach(sha)[p.head] {
			p.land(by, was, sha)
		}
	}
	r.queues[branch].branchMoved(by)
	return nil
}

func (r *Repo) emitPush(by *Account, branch, was, sha string, forced bool) {
	const zero = "0000000000000000000000000000000000000000"
	before, after := was, sha
	if before == "" {
		before = zero
	}
	if after == "" {
		after = zero
	}
	var commits []m
	var head any
	if sha != "" {
		from := was
		if from == "" {
			from = r.branches[r.main]
		}
		for _, c := range r.objects.between(from, sha) {
			commits = append(commits, r.pushCommitJSON(c))
		}
		head = r.pushCommitJSON(r.objects.commits[sha])
	}
	if len(commits) > 2048 { // GitHub's limit for one push payload
		commits = commits[:2048]
	}
	r.emit(event{name: "push", sender: by, body: m{
		"ref": "refs/heads/" + branch, "before": before, "after": after, "base_ref": nil,
		"created": was == "", "deleted": sha == "", "forced": forced,
		"compare": r.url() + "/compare/" + before[:12] + "..." + after[:12],
		"commits": list(commits), "head_commit": head,
		"pusher": m{"name": by.Login, "email": by.mail()},
	}})
}

// MarkSigned says that GitHub itself signed a commit, as it signs what its own
// pages make; for commits that came by ImportGit.
func (r *Repo) MarkSigned(sha string) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.objects.signed[sha] = true
}

// date is a timestamp as GitHub writes it.
func date(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
