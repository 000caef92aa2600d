package sim

import (
	"slices"
	"strings"
	"time"
)

// checks is what is known of one commit in one repository.
type checks struct {
	suites   []*suite
	runs     []*CheckRun
	statuses []*status
}

// suite is an App's check-suite on a commit.
type suite struct {
	repo             *Repo
	id               int64
	app              *App
	sha, branch      string
	before           string
	workflow         *WorkflowRun // that it is of; nil for other Apps
	created, updated time.Time
}

type status struct {
	repo             *Repo
	id               int64
	context, state   string // state in lower case
	description, url string
	creator          *Account
	created          time.Time
	sha              string
}

func (r *Repo) on(sha string) *checks {
	c := r.commits[sha]
	if c == nil {
		c = &checks{}
		r.commits[sha] = c
	}
	return c
}

// requestSuites makes the suites of a pushed commit, one for each App that may
// write checks and is installed here, and asks the Apps for checks.
func (r *Repo) requestSuites(by *Account, branch, was, sha string) {
	for _, app := range r.gh.apps {
		if in := r.gh.installation(app, r); in == nil || rank(app.permissions["checks"]) < rank("write") {
			continue
		}
		s := r.suite(app, sha)
		s.branch, s.before = branch, was
		r.emit(event{name: "check_suite", action: "requested", sender: by, only: app, body: m{"check_suite": r.gh.suiteJSON(s)}})
	}
}

func (r *Repo) suite(app *App, sha string) *suite {
	c := r.on(sha)
	for _, s := range c.suites {
		if s.app == app && s.workflow == nil {
			return s
		}
	}
	s := &suite{repo: r, id: r.gh.id(), app: app, sha: sha, created: r.gh.now(), updated: r.gh.now()}
	for name, at := range r.branches {
		if at == sha && (s.branch == "" || name < s.branch) {
			s.branch = name
		}
	}
	c.suites = append(c.suites, s)
	r.gh.nodes[s.node()] = s
	return s
}

func (s *suite) node() string { return nodeID("CS", s.id) }

// runs of the suite, the newest of each name.
func (s *suite) runs() []*CheckRun {
	var list []*CheckRun
	for _, run := range s.repo.on(s.sha).newest() {
		if run.suite == s {
			list = append(list, run)
		}
	}
	return list
}

func (s *suite) verdict() (status, conclusion string) {
	if s.workflow != nil {
		return s.workflow.status, s.workflow.conclusion
	}
	runs := s.runs()
	if len(runs) == 0 {
		return "queued", ""
	}
	conclusion = "success"
	for _, run := range runs {
		if run.status != "completed" {
			return "in_progress", ""
		}
		if !slices.Contains([]string{"success", "neutral", "skipped"}, run.conclusion) {
			conclusion = run.conclusion
		}
	}
	return "completed", conclusion
}

// newest is the newest run of each name in a suite, in the order they were made.
func (c *checks) newest() []*CheckRun {
	var list []*CheckRun
	for i, run := range c.runs {
		later := slices.ContainsFunc(c.runs[i+1:], func(o *CheckRun) bool { return o.suite == run.suite && o.name == run.name })
		if !later {
			list = append(list, run)
		}
	}
	return list
}

// newestStatus is the newest status of each context.
func (c *checks) newestStatus() []*status {
	var list []*status
	for i, s := range c.statuses {
		if !slices.ContainsFunc(c.statuses[i+1:], func(o *status) bool { return strings.EqualFold(o.context, s.context) }) {
			list = append(list, s)
		}
	}
	return list
}

// pulls are the open pull requests that GitHub names in a run's webhooks: those
// from a branch of the same repository.
func (s *suite) pulls() []*Pull {
	var list []*Pull
	for _, branch := range sortedKeys(s.repo.byHead) {
		for _, p := range s.repo.byHead[branch] {
			if p.head == s.sha && p.headRepo == s.repo && p.repo == s.repo {
				list = append(list, p)
			}
		}
	}
	return list
}

func (r *Repo) setStatus(by *Account, sha string, s status) *status {
	s.repo, s.id, s.creator, s.created, s.sha = r, r.gh.id(), by, r.gh.now(), sha
	r.on(sha).statuses = append(r.on(sha).statuses, &s)
	r.gh.nodes[nodeID("SC", s.id)] = &s
	r.gh.changed(Change{Kind: "status", Repo: r.fullName(), SHA: sha, By: by.Login, Name: s.context, Value: s.state})
	r.emit(event{name: "status", sender: by, body: r.statusEvent(&s)})
	r.heard(sha)
	return &s
}
