package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/values"
)

// limitResults is how the ids of results about limits begin.
const limitResults = "compliance/limits"

// addLimits judges the values of changed files, where the policy has limits. Who may
// sign for one is known on GitHub.
func (c *localCheck) addLimits(ctx context.Context, v checks.Verdict, policy checks.Policy) checks.Verdict {
	rules := sectionOf[*checks.Limits](policy)
	if rules == nil {
		return v
	}
	pull := c.asPull()
	pull.Values = map[string]checks.Values{}
	for _, asked := range rules.Need().Values {
		pull.Values[asked.Key()] = c.values(ctx, asked)
	}
	somebody(&pull, rules.Need())
	more := checks.Judge(checks.Policy{Roles: policy.Roles, Sections: []checks.Section{{Name: "compliance", Checks: []checks.Check{rules}}}}, pull)
	for i := range more.Results {
		signedOnGitHub(&more.Results[i], rules)
	}
	v.Results = append(v.Results, more.Results...)
	v.State = min(v.State, more.State) // the worst
	return v
}

// values reads the changed files as they are here, and as they were where the
// working copy left its base.
func (c *localCheck) values(ctx context.Context, asked checks.Valuation) checks.Values {
	out := checks.Values{Engine: values.Engine}
	for _, f := range c.files {
		if f.Status == "removed" || !slices.ContainsFunc(asked.Files, func(g checks.Glob) bool { return g.Match(f.Path) }) {
			continue
		}
		one := checks.ValueFile{Path: f.Path, Previous: f.Previous}
		if info, err := os.Lstat(filepath.Join(c.dir, f.Path)); err != nil {
			one.HeadFault = "it cannot be read"
		} else if text, unread := c.readFile(f.Path, info); unread != "" {
			one.HeadFault = unread
		} else {
			found := values.Read(f.Path, text, asked.Keys)
			one.Format, one.Head, one.HeadFault = found.Format, found.Values, found.Fault
		}
		if f.Status != "added" && f.Status != "copied" {
			was := f.Path
			if f.Previous != "" {
				was = f.Previous
			}
			if text, unread := c.blob(ctx, c.from+":"+was); unread != "" {
				one.BaseFault = unread
			} else {
				found := values.Read(was, text, asked.Keys)
				one.Base, one.BaseFault = found.Values, found.Fault
			}
		}
		out.Files = append(out.Files, one)
	}
	return out
}

// signedOnGitHub says of each limit that its roles sign on GitHub.
func signedOnGitHub(r *checks.Result, rules *checks.Limits) {
	for i := range r.Parts {
		if r.Parts[i].ID != limitResults {
			continue
		}
		for k := range r.Parts[i].Parts {
			rule := &rules.Rules[k]
			roles := append([]checks.RoleName{rule.Role}, rule.Roles...)
			for _, role := range roles {
				if role != "" {
					onGitHub(&r.Parts[i].Parts[k], role)
				}
			}
		}
	}
	if r.ID == limitResults {
		signedOnGitHub(&checks.Result{Parts: []checks.Result{*r}}, rules)
	}
}

// neededOnGitHub is what only people there can give.
func neededOnGitHub(v checks.Verdict) string {
	var needs []string
	for _, r := range v.Results {
		switch {
		case r.State.Passes():
		case strings.HasPrefix(r.ID, "compliance"):
			needs = append(needs, "a sign-off")
		default:
			needs = append(needs, "a security review")
		}
	}
	return strings.Join(slices.Compact(needs), " and ")
}
