package handlers

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// protectionRule tells that a job waits for an environment. Of its callback URL only
// the number of the run is taken, and only if it is of this repository at the GitHub
// that handrail is set up for: what is called later is made anew, after the run was
// read. The pull requests that the body lists say nothing.
func protectionRule(e *event) {
	if e.Action != "requested" || e.d.Repo.ID == 0 {
		return
	}
	run, err := callbackRun(e.CallbackURL, e.api, e.d.Repo)
	if err != nil {
		e.log.Warn().Err(err).Str("github_repository_owner", e.d.Repo.Owner).Str("github_repository_name", e.d.Repo.Name).
			Msg("a deployment protection rule is not heeded")
		return
	}
	f := store.GateAsked{RunID: run, Environment: e.Environment, Commit: e.Deployment.SHA}
	if f.Environment == "" {
		f.Environment = e.Deployment.Environment
	}
	if f.Environment == "" || !isCommit(f.Commit) {
		e.log.Warn().Int64("run", run).Str("github_repository_owner", e.d.Repo.Owner).Str("github_repository_name", e.d.Repo.Name).
			Msg("a deployment protection rule names no environment or no commit; a sweep looks for it")
		return
	}
	e.tell(f)
	e.releaseAt(f.Commit, soon)
}

var errForeignCallback = errors.New("its callback URL is not one of this repository's runs at the GitHub that handrail is set up for")

// callbackRun is the workflow run of a protection rule's callback URL,
// API/repos/OWNER/NAME/actions/runs/RUN/deployment_protection_rule and nothing else
// ("Review custom deployment protection rules", REST docs). Its error has nothing of
// the URL in it.
func callbackRun(text, api string, of checks.Repo) (int64, error) {
	base, err := url.Parse(api)
	if err != nil || base.Host == "" {
		return 0, errForeignCallback
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != base.Scheme || !strings.EqualFold(u.Host, base.Host) || u.User != nil ||
		u.RawPath != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "" {
		return 0, errForeignCallback
	}
	rest, ok := strings.CutPrefix(u.Path, strings.TrimRight(base.Path, "/")+"/repos/")
	parts := strings.Split(rest, "/")
	if !ok || len(parts) != 6 || !strings.EqualFold(parts[0], of.Owner) || !strings.EqualFold(parts[1], of.Name) ||
		parts[2] != "actions" || parts[3] != "runs" || parts[5] != "deployment_protection_rule" {
		return 0, errForeignCallback
	}
	run, err := strconv.ParseInt(parts[4], 10, 64)
	if err != nil || run <= 0 || parts[4] != strconv.FormatInt(run, 10) {
		return 0, errForeignCallback
	}
	return run, nil
}
