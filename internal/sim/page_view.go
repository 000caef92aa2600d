package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// pageData is all that the template shows.
type pageData struct {
	Title, Path, Said   string
	Pulls               []pullLink
	Lists               []pageList
	Tag                 pageTag
	Assets              []pageAsset
	Deployments         []pageDeployment
	Pull                bool
	State, Author, Body string
	Base, Head, SHA     string
	Labels, People      []string
	Commits             []pageCommit
	Talk                []pageTalk
	Runs                []pageRun
	Files               []pageFile
}

type (
	pullLink   struct{ Path, Name, State, Title string }
	pageCommit struct{ SHA, Headline, Author string }
	pageTalk   struct {
		At                    time.Time
		Who, What, Body, When string
	}
	pageRun struct {
		ID                      int64
		Name, App, State, Title string
		Summary, Text, Link     string
		Notes                   []pageNote
		Buttons                 []pageButton
	}
	pageNote struct{ Place, Level, Message string }
	pageFile struct {
		Path, Status string
		Adds, Dels   int
		Patch        string
	}
)

func (gh *GitHub) pullLinks() []pullLink {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	var all []pullLink
	for _, name := range sortedKeys(gh.repos) {
		r := gh.repos[name]
		for n := r.number; n > 0; n-- {
			if p := r.pulls[n]; p != nil {
				all = append(all, pullLink{p.pagePath(), fmt.Sprintf("%s#%d", r.fullName(), n), strings.ToLower(p.graphState()), p.title})
			}
		}
	}
	return all
}

func (p *Pull) pagePath() string { return "/" + p.repo.fullName() + "/pull/" + itoa(p.Number) }

func (p *Pull) page(said string) pageData {
	gh := p.repo.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	d := pageData{Title: p.title, Path: p.pagePath(), Said: said, Pull: true, State: strings.ToLower(p.graphState()), Author: p.author.Login,
		Body: p.body, Base: p.base, Head: p.headOf.Login + ":" + p.headRef, SHA: p.head}
	if p.draft && d.State == "open" {
		d.State = "draft"
	}
	for _, l := range p.labels {
		d.Labels = append(d.Labels, l.name)
	}
	d.People = gh.cast()
	c := p.comparison()
	for _, x := range c.commits {
		headline, _, _ := strings.Cut(x.message, "\n")
		d.Commits = append(d.Commits, pageCommit{x.sha, headline, x.author.name})
	}
	for _, f := range c.files[:min(len(c.files), 50)] {
		d.Files = append(d.Files, pageFile{f.path, f.status, f.adds, f.dels, f.patch[:min(len(f.patch), 20000)]})
	}
	d.Talk = p.talk()
	d.Runs = p.repo.pageRuns(p.head)
	return d
}

// pageRuns are the newest check-runs and statuses of a commit.
func (r *Repo) pageRuns(sha string) []pageRun {
	var all []pageRun
	on := r.on(sha)
	for _, run := range on.newest() {
		one := pageRun{ID: run.ID, Name: run.name, App: run.app.Slug, State: cmp.Or(run.conclusion, run.status),
			Title: run.output.title, Summary: run.output.summary, Text: run.output.text, Link: run.details, Notes: run.notes()}
		for _, a := range run.actions {
			one.Buttons = append(one.Buttons, pageButton{fmt.Sprint(a["label"]), fmt.Sprint(a["description"]), fmt.Sprint(a["identifier"])})
		}
		all = append(all, one)
	}
	for _, s := range on.newestStatus() {
		all = append(all, pageRun{Name: s.context, App: s.creator.Login, State: s.state, Title: s.description, Link: s.url})
	}
	return all
}

// notes are the run's annotations, each with the lines that it is about.
func (run *CheckRun) notes() []pageNote {
	var out []pageNote
	for _, a := range run.annotations {
		place := fmt.Sprintf("%v:%v", a["path"], a["start_line"])
		if end := fmt.Sprint(a["end_line"]); end != fmt.Sprint(a["start_line"]) {
			place += "-" + end
		}
		out = append(out, pageNote{place, fmt.Sprint(a["annotation_level"]), fmt.Sprint(a["message"])})
	}
	return out
}

// talk is what was said and done, in its order.
func (p *Pull) talk() []pageTalk {
	var all []pageTalk
	add := func(at time.Time, a *Account, what, body string) {
		who := "ghost"
		if a != nil && !a.deleted {
			who = a.Login
		}
		all = append(all, pageTalk{At: at, Who: who, What: what, Body: body, When: at.Format("15:04:05")})
	}
	for _, rv := range p.reviews {
		what := map[string]string{"APPROVED": "approved", "CHANGES_REQUESTED": "requested changes", "COMMENTED": "reviewed", "DISMISSED": "reviewed (dismissed)"}[rv.state]
		add(rv.submitted, rv.author, what+" at "+short(rv.commit), rv.body)
	}
	for _, c := range p.comments {
		add(c.created, c.author, "commented", c.body)
	}
	for _, h := range p.timeline {
		what := strings.ToLower(strings.ReplaceAll(strings.TrimSuffix(itemType(h.kind), "_EVENT"), "_", " "))
		if l, ok := h.extra["label"].(*label); ok {
			what += ` "` + l.name + `"`
		}
		add(h.at, h.by, what, "")
	}
	slices.SortStableFunc(all, func(a, b pageTalk) int { return a.At.Compare(b.At) })
	return all
}

// cast is everybody one can act as.
func (gh *GitHub) cast() []string {
	set := map[*Account]bool{}
	for _, a := range gh.accounts {
		if a.Kind == "User" && a.Login != "web-flow" && !strings.HasSuffix(a.Login, "-owner") {
			set[a] = true
		}
	}
	var names []string
	for _, a := range byLogin(set) {
		names = append(names, a.Login)
	}
	return names
}
