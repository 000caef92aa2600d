package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// DependencyBot is the control `compliance: {dependency_bot: …}`: it says which
// pull requests are updates of dependencies by a bot alone, for the condition
// dependency_update of sign-offs, and shows what was proved. It asks for
// nothing by itself and exempts from nothing by itself.
//
// What is proved: the pull request was opened by the bot; every commit is the
// bot's and is signed by GitHub; every head was pushed by the bot, as handrail
// saw; only files of the list are changed; and the bot's commit says, for every
// dependency, that it goes no further than the step. Where any of it is not so,
// or cannot be known, the ordinary rules hold.
//
// Evidence for SOC 2 CC8.1, ISO 27001 A.8.8, NIST SI-2.
type DependencyBot struct {
	// Authors are the bots, by the logins of their Apps, which end in [bot]: an
	// ordinary account is none, since anybody may be using it. Default:
	// dependabot[bot], renovate[bot].
	Authors []string `yaml:"authors" tighten:"lifts"`
	// Files that an update may change; a list takes the default's place. Default:
	// the lockfiles and manifests of the usual package managers, as package.json,
	// go.mod and poetry.lock; workflows, Dockerfiles and Terraform are not among
	// them, since they say what runs.
	Files []Glob `yaml:"files" tighten:"lifts"`
	// Step is how far versions may go, as semantic versioning has it: patch, minor
	// (the default), major, or any, by which nothing need say how far. Only
	// Dependabot's commits say it, so that for other bots nothing but any is ever
	// proved.
	Step Step `yaml:"step" tighten:"patch,minor,major,any|minor"`
}

// Step is how far an update goes. Its zero value is patch, the shortest.
type Step string

// The steps, the shortest first.
const (
	StepPatch Step = "patch"
	StepMinor Step = "minor"
	StepMajor Step = "major"
	StepAny   Step = "any"
)

var stepOrder = []Step{StepPatch, StepMinor, StepMajor, StepAny}

// UnmarshalText refuses any other word.
func (s *Step) UnmarshalText(text []byte) error { return oneOf(s, text, stepOrder...) }

// rank orders steps; a word that is none is the shortest.
func (s Step) rank() int { return max(slices.Index(stepOrder, s), 0) }

// NewDependencyBot is the control with its defaults.
func NewDependencyBot() *DependencyBot {
	return &DependencyBot{Authors: []string{dependabot, "renovate[bot]"}, Files: dependencyFiles(), Step: StepMinor}
}

// dependabot is the bot whose commits say how far versions go.
const dependabot = "dependabot[bot]"

// furtherDependencyFiles are manifests that have no lockfile, or lockfiles that
// are nobody's alone.
var furtherDependencyFiles = []string{
	"requirements.txt", "requirements-*.txt", "requirements.in", "constraints.txt", "setup.cfg", "pom.xml", "gradle.properties", "libs.versions.toml",
	"verification-metadata.xml", "packages.config", "Directory.Build.props", "global.json", ".terraform.lock.hcl",
}

// dependencyFiles are the manifests and lockfiles of the usual package managers,
// in any directory.
func dependencyFiles() []Glob {
	var names []string
	for _, l := range lockfiles {
		names = union(names, append([]string{l.name}, l.manifests...))
	}
	names = sorted(union(names, furtherDependencyFiles))
	out := make([]Glob, len(names))
	for i, n := range names {
		out[i] = Glob("**/" + n)
	}
	return out
}

// DefineTerms says what a dependency update is.
func (d *DependencyBot) DefineTerms(t *Terms) { t.Bot = d }

// Need asks for the changed files.
func (d *DependencyBot) Need() Need { return Need{Files: true} }

// Faults finds authors that are no bots and lists by which nothing or everything
// would be an update.
func (d *DependencyBot) Faults() []Fault {
	f := faulty{}
	if len(d.Authors) == 0 {
		f.add("authors", "With no bot there is no update of one.")
	}
	for i, a := range d.Authors {
		if !isApp(strings.ToLower(a)) {
			f.add("authors."+strconv.Itoa(i), "%q is no App: an App's login ends in [bot], as dependabot[bot] does. Anybody may be using an ordinary account.", a)
		}
	}
	if len(d.Files) == 0 {
		f.add("files", "With no file there is no update.")
	}
	for i, g := range d.Files {
		if everything(g) {
			f.add("files."+strconv.Itoa(i), "%q is every file: name the manifests and lockfiles.", string(g))
		}
	}
	if d.Step != StepAny && !slices.ContainsFunc(d.Authors, isDependabot) && len(d.Authors) > 0 {
		f.found = append(f.found, Fault{Key: "step", Warning: true, Message: fmt.Sprintf(
			"Only the commits of dependabot[bot] say how far an update goes, so with the step %s nothing by %s is ever proved.", d.Step, list(d.Authors, 3))})
	}
	return f.found
}

func isDependabot(login string) bool { return strings.EqualFold(login, dependabot) }

// Eval says what was proved. It never blocks: what is not proved falls under the
// ordinary rules.
func (d *DependencyBot) Eval(pull Pull) Result {
	r := Result{ID: "compliance/dependency_bot", Name: "Update bot", State: Exempt}
	if !d.opened(&pull) {
		r.Summary = "It was not opened by an update bot."
		return r
	}
	p := d.proof(&pull)
	if p.truth != holds {
		r.Summary = "The ordinary rules hold, since it is not proved to be an update by " + Plain(pull.Author.Login) + " alone: " + p.why + "."
		return r
	}
	r.State = Met
	r.Summary = "It is proved to be an update by " + Plain(pull.Author.Login) + " alone: " + count(len(pull.Commits), "commit") +
		", signed by GitHub; " + plural(len(pull.Files), "1 changed file, a manifest or lockfile", strconv.Itoa(len(pull.Files))+" changed files, all manifests or lockfiles") + "; " + p.says + "."
	for _, c := range pull.Commits {
		r.Evidence = append(r.Evidence, Evidence{Kind: "commit", ID: c.SHA, Login: pull.Author.Login, Commit: c.SHA})
	}
	slices.SortFunc(r.Evidence, func(a, b Evidence) int { return strings.Compare(a.ID, b.ID) })
	return r
}

// opened says whether one of the bots opened the pull request.
func (d *DependencyBot) opened(pull *Pull) bool {
	return pull.Author.Bot && slices.ContainsFunc(d.Authors, func(a string) bool { return strings.EqualFold(a, account(pull.Author)) })
}
