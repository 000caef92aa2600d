package sim

import (
	"cmp"
	"fmt"
	"time"
)

// Growth is a long history that is to be made at once.
type Growth struct {
	Commits int // in all, merges too
	Pulls   int // how many merged pull requests brought them; at most Commits
	// Direct is how many of the commits no pull request brought; they come last.
	Direct int
	People []string // who worked on it by turns; default alice and bob
	// Title is of the pull requests, with the number behind it; default "Change".
	Title string
}

// Grow makes a history on the default branch without telling anybody, as if it had
// been before anything happened: pull requests that bring one commit are squashed,
// others are merged with a merge commit. It returns the commits that it made on the
// branch, the oldest first.
func (r *Repo) Grow(g Growth) ([]string, error) {
	brought := g.Commits - g.Direct
	if g.Pulls < 0 || g.Direct < 0 || brought < g.Pulls || g.Pulls == 0 && brought > 0 {
		return nil, fmt.Errorf("grow %s: %d pull requests cannot bring %d commits", r.name, g.Pulls, brought)
	}
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	w := &grower{r: r, g: g, tip: r.branches[r.main], people: g.People}
	if len(w.people) == 0 {
		w.people = []string{"alice", "bob"}
	}
	w.files = r.objects.files(r.objects.commits[w.tip].tree)
	for n := range g.Pulls {
		w.pull(n, brought/g.Pulls+bool2(n < brought%g.Pulls, 1, 0))
	}
	for range g.Direct {
		w.tip = w.commit(w.tip)
		w.made = append(w.made, w.tip)
	}
	r.branches[r.main] = w.tip
	return w.made, nil
}

type grower struct {
	r      *Repo
	g      Growth
	tip    string
	files  map[string]file
	people []string
	count  int
	made   []string
}

// commit makes one more commit upon others, which changes one of a few files.
func (w *grower) commit(parents ...string) string {
	o := w.r.objects
	w.count++
	name := fmt.Sprintf("grown-%d.txt", w.count%8)
	w.files[name] = file{modeFile, o.blob(fmt.Appendf(nil, "%d\n", w.count))}
	who := w.r.identity(w.people[w.count%len(w.people)])
	return o.commit(commit{tree: o.build(w.files), parents: parents, author: who, committer: who, message: fmt.Sprintf("Change %d\n", w.count)}, false)
}

// pull makes one merged pull request that brings size commits.
func (w *grower) pull(n, size int) {
	r, now := w.r, w.r.gh.now()
	base, head := w.tip, w.tip
	var all []string
	for range max(1, size-1) {
		head = w.commit(head)
		all = append(all, head)
	}
	r.number++
	author := r.gh.account(w.people[n%len(w.people)])
	p := &Pull{repo: r, Number: r.number, ID: r.gh.id(), title: fmt.Sprintf("%s %d", cmp.Or(w.g.Title, "Change"), n+1), author: author, base: r.main, baseWas: base,
		headRepo: r, headOf: r.owner, headRef: fmt.Sprintf("grown-%d", n), head: head, state: "closed", merged: true, mergedBy: author, landedOn: base,
		created: now.Add(-time.Hour), updated: now, closed: now, mergedAt: now, mergeCommit: head}
	if size > 1 {
		p.mergeCommit = w.merge(p, base, head)
		all = append(all, p.mergeCommit)
	} else {
		p.mergeCommit = w.squash(p, base, head)
		all = []string{p.mergeCommit}
	}
	r.pulls[p.Number], r.gh.nodes[p.node()], w.tip = p, p, p.mergeCommit
	w.made = append(w.made, all...)
	for _, sha := range append(all, head) {
		r.bring(p, sha)
	}
}

func (w *grower) merge(p *Pull, base, head string) string {
	o := w.r.objects
	return o.commit(commit{tree: o.commits[head].tree, parents: []string{base, head}, author: w.r.identity(p.author.Login), committer: w.r.identity("web-flow"),
		message: fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.Number, p.headOf.Login, p.headRef, p.title)}, true)
}

func (w *grower) squash(p *Pull, base, head string) string {
	o := w.r.objects
	return o.commit(commit{tree: o.commits[head].tree, parents: []string{base}, author: w.r.identity(p.author.Login), committer: w.r.identity("web-flow"),
		message: fmt.Sprintf("%s (#%d)", p.title, p.Number)}, true)
}

// bring keeps which merged pull request a commit came by.
func (r *Repo) bring(p *Pull, sha string) {
	all := r.brought[sha]
	if len(all) == 0 || all[len(all)-1] != p {
		r.brought[sha] = append(all, p)
	}
}
