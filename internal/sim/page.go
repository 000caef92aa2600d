package sim

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed page.html page.css
var pageFiles embed.FS

// pageRoutes are the pages for people: what a pull request looks like, and
// forms to act as any of them. They change things only when asked from a page
// of the same origin.
func (gh *GitHub) pageRoutes() http.Handler {
	tmpl, err := template.New("page.html").Funcs(template.FuncMap{"markdown": markdown, "short": short}).ParseFS(pageFiles, "page.html")
	if err != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		})
	}
	show := func(w http.ResponseWriter, status int, data any) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		if err := tmpl.Execute(w, data); err != nil {
			fmt.Fprintf(w, "<p>%s", template.HTMLEscapeString(err.Error()))
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /page.css", http.FileServerFS(pageFiles))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		show(w, http.StatusOK, pageData{Title: "Pull requests", Pulls: gh.pullLinks()})
	})
	mux.HandleFunc("GET /{owner}/{repo}/pull/{n}", func(w http.ResponseWriter, r *http.Request) {
		if p := gh.pagePull(r); p != nil {
			show(w, http.StatusOK, p.page(r.URL.Query().Get("said")))
			return
		}
		show(w, http.StatusNotFound, pageData{Title: "Not found", Pulls: gh.pullLinks()})
	})
	mux.HandleFunc("POST /{owner}/{repo}/pull/{n}", func(w http.ResponseWriter, r *http.Request) {
		p := gh.pagePull(r)
		if p == nil {
			http.NotFound(w, r)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		said := ""
		if err := p.press(r); err != nil {
			said = "?said=" + template.URLQueryEscaper(err.Error())
		}
		http.Redirect(w, r, r.URL.Path+said, http.StatusSeeOther)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

func short(sha string) string { return sha[:min(7, len(sha))] }

func (gh *GitHub) pagePull(r *http.Request) *Pull {
	n, err := strconv.Atoi(r.PathValue("n"))
	repo := gh.Repo(r.PathValue("owner") + "/" + r.PathValue("repo"))
	if err != nil || repo == nil {
		return nil
	}
	return repo.Pull(n)
}

// pageData is all that the template shows.
type pageData struct {
	Title, Path, Said   string
	Pulls               []pullLink
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
	}
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
	d.People = p.cast()
	c := p.comparison()
	for _, x := range c.commits {
		headline, _, _ := strings.Cut(x.message, "\n")
		d.Commits = append(d.Commits, pageCommit{x.sha, headline, x.author.name})
	}
	for _, f := range c.files[:min(len(c.files), 50)] {
		d.Files = append(d.Files, pageFile{f.path, f.status, f.adds, f.dels, f.patch[:min(len(f.patch), 20000)]})
	}
	d.Talk = p.talk()
	on := p.repo.on(p.head)
	for _, run := range on.newest() {
		d.Runs = append(d.Runs, pageRun{ID: run.ID, Name: run.name, App: run.app.Slug, State: cmp.Or(run.conclusion, run.status),
			Title: run.output.title, Summary: run.output.summary, Text: run.output.text, Link: run.details})
	}
	for _, s := range on.newestStatus() {
		d.Runs = append(d.Runs, pageRun{Name: s.context, App: s.creator.Login, State: s.state, Title: s.description, Link: s.url})
	}
	return d
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

// cast is everybody one can act as here.
func (p *Pull) cast() []string {
	set := map[*Account]bool{}
	for _, a := range p.repo.gh.accounts {
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

// press does what a form asks.
func (p *Pull) press(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read form: %w", err)
	}
	p.repo.gh.mu.Lock()
	known := p.cast()
	branch, from := p.headRef, p.headRepo
	p.repo.gh.mu.Unlock()
	as, text := r.PostForm.Get("as"), strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n")
	if !slices.Contains(known, as) {
		return errors.New("choose who acts")
	}
	switch r.PostForm.Get("do") {
	case "comment":
		p.Comment(as, text)
	case "approve":
		p.Approve(as, text)
	case "changes":
		p.RequestChanges(as, cmp.Or(text, "Please change this."))
	case "label":
		if text == "" {
			return errors.New("type the label's name")
		}
		p.AddLabel(as, text)
	case "unlabel":
		p.RemoveLabel(as, text)
	case "rerun":
		id, err := strconv.ParseInt(r.PostForm.Get("run"), 10, 64)
		run := p.repo.gh.FindRun(id)
		if err != nil || run == nil {
			return errors.New("no such check-run")
		}
		run.Rerequest(as)
	case "push":
		return p.pushLine(from, as, branch, cmp.Or(r.PostForm.Get("path"), "notes.txt"), text)
	case "close":
		p.Close(as)
	case "reopen":
		return p.Reopen(as)
	case "merge":
		_, err := p.Merge(as)
		return err
	default:
		return errors.New("choose what to do")
	}
	return nil
}

// pushLine adds a line to a file.
func (p *Pull) pushLine(from *Repo, as, branch, path, text string) error {
	if from == nil || from.Branch(branch) == "" {
		return errors.New("the branch is gone")
	}
	old, err := from.Read(branch, path)
	if err != nil {
		old = "" // a new file
	}
	_, err = from.Push(Push{By: as, Branch: branch, Message: "Change " + path, Files: map[string]string{path: old + cmp.Or(text, "a line") + "\n"}})
	return err
}
