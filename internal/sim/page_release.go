package sim

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
)

type (
	pageList struct {
		Title string
		Links []pullLink
	}
	pageButton struct{ Label, Description, Identifier string }
	pageTag    struct{ Name, SHA, Tagger string }
	pageAsset  struct {
		Name, Digest string
		Size         int
	}
	pageDeployment struct {
		Environment, State string
		Comments           []string
	}
)

// lists are the releases and tags, and the issues, of all repositories.
func (gh *GitHub) lists() []pageList {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	releases, issues := pageList{Title: "Releases and tags"}, pageList{Title: "Issues"}
	for _, key := range sortedKeys(gh.repos) {
		r, seen := gh.repos[key], map[string]bool{}
		for _, rel := range slices.Backward(r.releases) {
			seen[rel.tag] = seen[rel.tag] || !rel.draft
			releases.Links = append(releases.Links, pullLink{rel.pagePath(), r.fullName(), rel.word(), cmp.Or(rel.name, rel.tag)})
		}
		for _, name := range sortedKeys(r.tags) {
			if !seen[name] {
				releases.Links = append(releases.Links, pullLink{"/" + r.fullName() + "/releases/tag/" + name, r.fullName(), "tag", name})
			}
		}
		for _, i := range slices.Backward(r.issueList()) {
			issues.Links = append(issues.Links, pullLink{i.pagePath(), r.fullName() + "#" + itoa(i.Number), i.state(), i.title})
		}
	}
	return []pageList{releases, issues}
}

func (rel *Release) pagePath() string { return strings.TrimPrefix(rel.page(), rel.repo.gh.base) }

func (rel *Release) word() string {
	return bool2(rel.draft, "draft", bool2(rel.prerelease, "pre-release", "released"))
}

// tagPage is the page of a tag, with its release if there is one; ok is false where
// there is neither.
func (r *Repo) tagPage(req *http.Request) (d pageData, ok bool) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	name := req.PathValue("tag")
	d = pageData{Title: name, Path: req.URL.EscapedPath(), Said: req.URL.Query().Get("said"), People: r.gh.cast()}
	rel := r.releaseAt(name)
	if rel != nil {
		name = rel.tag
		d.Title, d.State, d.Author, d.Body = cmp.Or(rel.name, rel.tag), rel.word(), rel.author.Login, rel.body
		for _, a := range rel.assets {
			d.Assets = append(d.Assets, pageAsset{a.name, bool2(a.ready && !a.old, a.Digest(), ""), len(a.content)})
		}
	}
	t := r.tags[name]
	d.Tag = pageTag{Name: name, SHA: t.sha}
	if o := r.objects.tagged[t.oid]; o != nil {
		d.Tag.Tagger = o.tagger.name + " <" + o.tagger.email + ">"
	}
	d.Runs = r.pageRuns(t.sha)
	for _, p := range r.deployments {
		if p.sha == t.sha && p.sha != "" {
			one := pageDeployment{Environment: p.env.name, State: cmp.Or(p.state(), waiting)}
			if p.gate != nil {
				one.Comments = p.gate.comments
			}
			d.Deployments = append(d.Deployments, one)
		}
	}
	return d, rel != nil || t != tag{}
}

// releaseAt is the release of a page's name: a draft's number, under which it is found
// once it is published too, or a tag.
func (r *Repo) releaseAt(name string) *Release {
	for _, rel := range slices.Backward(r.releases) {
		if name == "untagged-"+itoa(int(rel.ID)) || !rel.draft && rel.tag == name {
			return rel
		}
	}
	return nil
}

// pressTag does what the form on a tag's page asks.
func (r *Repo) pressTag(req *http.Request) error {
	as, text, err := r.gh.actor(req)
	if err != nil {
		return err
	}
	name := req.PathValue("tag")
	r.gh.mu.Lock()
	rel := r.releaseAt(name)
	if rel != nil {
		name = rel.tag
	}
	r.gh.mu.Unlock()
	path := req.PostForm.Get("path")
	switch do := req.PostForm.Get("do"); {
	case req.PostForm.Get("press") != "":
		return r.gh.pressButton(as, req.PostForm.Get("press"))
	case do == "move":
		return r.PushTags(as, NewTag{Name: name, SHA: r.Main(), Annotated: true})
	case do == "untag":
		return r.DeleteTags(as, name)
	case do == "deploy":
		run, err := r.StartWorkflow(NewWorkflowRun{Workflow: ".github/workflows/deploy.yml", Event: "release", Tag: name, By: as})
		if err == nil {
			run.Deploy(cmp.Or(path, "production"))
		}
		return err
	case do == "finish":
		for _, d := range r.Deployments() {
			if s := d.Now(); s.Ref == name && s.State == "in_progress" {
				d.SetStatus(as, "success")
			}
		}
		return nil
	case do == "draft":
		_, err := r.NewRelease(NewRelease{By: as, Tag: name, Body: text, Draft: true})
		return err
	case rel == nil:
		return errors.New("there is no release")
	default:
		return rel.press(do, as, path, text)
	}
}

func (rel *Release) press(do, as, path, text string) error {
	switch do {
	case "upload":
		_, err := rel.Upload(as, cmp.Or(path, "file.txt"), []byte(text))
		return err
	case "notes":
		return rel.SetBody(as, text)
	case "publish":
		return rel.Publish(as)
	case "delete":
		rel.Delete(as)
		return nil
	}
	return errors.New("choose what to do")
}

// Main is the name of the default branch.
func (r *Repo) Main() string {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	return r.main
}
