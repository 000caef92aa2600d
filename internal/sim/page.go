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
)

//go:embed page*.html page.css
var pageFiles embed.FS

// pageRoutes are the pages for people: what a pull request looks like, and
// forms to act as any of them. They change things only when asked from a page
// of the same origin.
func (gh *GitHub) pageRoutes() http.Handler {
	tmpl, err := template.New("page.html").Funcs(template.FuncMap{"markdown": markdown, "short": short}).ParseFS(pageFiles, "page*.html")
	if err != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		})
	}
	show := func(w http.ResponseWriter, status int, name string, data any) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		if err := tmpl.ExecuteTemplate(w, name, data); err != nil {
			fmt.Fprintf(w, "<p>%s", template.HTMLEscapeString(err.Error()))
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /page.css", http.FileServerFS(pageFiles))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		show(w, http.StatusOK, "page.html", gh.front("Pull requests"))
	})
	mux.HandleFunc("GET /{owner}/{repo}/pull/{n}", func(w http.ResponseWriter, r *http.Request) {
		if p := gh.pagePull(r); p != nil {
			show(w, http.StatusOK, "page.html", p.page(r.URL.Query().Get("said")))
			return
		}
		show(w, http.StatusNotFound, "page.html", gh.front("Not found"))
	})
	mux.HandleFunc("POST /{owner}/{repo}/pull/{n}", func(w http.ResponseWriter, r *http.Request) {
		p := gh.pagePull(r)
		if p == nil {
			http.NotFound(w, r)
			return
		}
		pressed(w, r, p.press)
	})
	gh.releasePages(mux, show)
	return http.NewCrossOriginProtection().Handler(mux)
}

// pressed has a form do what it asks, and shows its page again.
func pressed(w http.ResponseWriter, r *http.Request, press func(*http.Request) error) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	said := ""
	if err := press(r); err != nil {
		said = "?said=" + template.URLQueryEscaper(err.Error())
	}
	http.Redirect(w, r, r.URL.EscapedPath()+said, http.StatusSeeOther)
}

// releasePages are those of tags, releases and issues.
func (gh *GitHub) releasePages(mux *http.ServeMux, show func(w http.ResponseWriter, status int, name string, data any)) {
	missing := func(w http.ResponseWriter) { show(w, http.StatusNotFound, "page.html", gh.front("Not found")) }
	repo := func(r *http.Request) *Repo { return gh.Repo(r.PathValue("owner") + "/" + r.PathValue("repo")) }
	issue := func(r *http.Request) *Issue {
		n, err := strconv.Atoi(r.PathValue("n"))
		if at := repo(r); at != nil && err == nil {
			return at.Issue(n)
		}
		return nil
	}
	mux.HandleFunc("GET /{owner}/{repo}/releases/tag/{tag...}", func(w http.ResponseWriter, r *http.Request) {
		if at := repo(r); at != nil {
			if d, ok := at.tagPage(r); ok {
				show(w, http.StatusOK, "page_release.html", d)
				return
			}
		}
		missing(w)
	})
	mux.HandleFunc("POST /{owner}/{repo}/releases/tag/{tag...}", func(w http.ResponseWriter, r *http.Request) {
		if at := repo(r); at != nil {
			pressed(w, r, at.pressTag)
			return
		}
		missing(w)
	})
	mux.HandleFunc("GET /{owner}/{repo}/issues/{n}", func(w http.ResponseWriter, r *http.Request) {
		if i := issue(r); i != nil {
			show(w, http.StatusOK, "page_issue.html", i.page(r.URL.Query().Get("said")))
			return
		}
		missing(w)
	})
	mux.HandleFunc("POST /{owner}/{repo}/issues/{n}", func(w http.ResponseWriter, r *http.Request) {
		if i := issue(r); i != nil {
			pressed(w, r, i.press)
			return
		}
		missing(w)
	})
}

// front is the page that lists all there is.
func (gh *GitHub) front(title string) pageData {
	return pageData{Title: title, Pulls: gh.pullLinks(), Lists: gh.lists()}
}

// actor is who a form is of, and the text in it.
func (gh *GitHub) actor(r *http.Request) (as, text string, err error) {
	if err := r.ParseForm(); err != nil {
		return "", "", fmt.Errorf("read form: %w", err)
	}
	gh.mu.Lock()
	known := gh.cast()
	gh.mu.Unlock()
	if as = r.PostForm.Get("as"); !slices.Contains(known, as) {
		return "", "", errors.New("choose who acts")
	}
	return as, strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n"), nil
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

// press does what a form asks.
func (p *Pull) press(r *http.Request) error {
	as, text, err := p.repo.gh.actor(r)
	if err != nil {
		return err
	}
	if what := r.PostForm.Get("press"); what != "" {
		return p.repo.gh.pressButton(as, what)
	}
	p.repo.gh.mu.Lock()
	branch, from := p.headRef, p.headRepo
	p.repo.gh.mu.Unlock()
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
