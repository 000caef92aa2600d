package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// analysisLimit is how many commits are looked at that may be test merges of the
// head.
const analysisLimit = 3

// codeAlert is an alert as REST tells it (docs, "Code scanning").
type codeAlert struct {
	Number int    `json:"number"`
	URL    string `json:"html_url"`
	Rule   struct {
		ID       string `json:"id"`
		Severity string `json:"severity"`
		Level    string `json:"security_severity_level"`
		Text     string `json:"description"`
	} `json:"rule"`
	Tool     toolName `json:"tool"`
	Instance struct {
		Commit  string `json:"commit_sha"`
		Message struct {
			Text string `json:"text"`
		} `json:"message"`
		Location struct {
			Path  string `json:"path"`
			Start int    `json:"start_line"`
			End   int    `json:"end_line"`
		} `json:"location"`
	} `json:"most_recent_instance"`
}

type toolName struct {
	Name string `json:"name"`
}

// analysis is one upload of a code scanner.
type analysis struct {
	Commit string   `json:"commit_sha"`
	Error  string   `json:"error"`
	Tool   toolName `json:"tool"`
}

// code reads code scanning's alerts. The head counts as looked at when every tool
// that looked at the newest analysed commit of the base branch has looked at it,
// or at a test merge of it; then what is open there and not at the base is new.
func (a *alerting) code(ctx context.Context) error {
	refs, err := a.analysed(ctx)
	if err != nil || a.out.Missing != "" {
		return err
	}
	if len(refs) == 0 {
		a.out.Pending = true
		return nil
	}
	old, err := a.codeAlerts(ctx, "refs/heads/"+a.pull.Base.Name)
	if err != nil {
		return err
	}
	if !old.whole {
		a.out.Missing = fmt.Sprintf("GitHub has more than %d of them", alertPages*100)
	}
	seen := map[int]bool{}
	for _, ref := range refs {
		mine, err := a.codeAlerts(ctx, ref)
		if err != nil {
			return err
		}
		a.compare(&mine, &old, seen)
	}
	return nil
}

// codeAlerts are the open alerts of a ref, newest first; whole is false where those
// before them are not listed.
type codeAlerts struct {
	list  []codeAlert
	whole bool
}

func (a *alerting) codeAlerts(ctx context.Context, ref string) (codeAlerts, error) {
	list, whole, err := alertPagesOf[codeAlert](ctx, a, opCodeAlerts, "code-scanning/alerts", url.Values{"ref": {ref}, "state": {"open"}})
	if none(err) {
		return codeAlerts{whole: true}, nil // the other ref has analyses
	}
	return codeAlerts{list, whole}, err
}

// has says whether an alert is one of these, or so old that it may be.
func (c *codeAlerts) has(x codeAlert) bool {
	return slices.ContainsFunc(c.list, func(o codeAlert) bool { return o.Number == x.Number }) ||
		!c.whole && x.Number < c.oldest().Number
}

// oldest is the last that is listed.
func (c *codeAlerts) oldest() (x codeAlert) {
	if n := len(c.list); n > 0 {
		x = c.list[n-1]
	}
	return x
}

// compare tells which alerts are new, and that there are more where a list ends
// that must have some behind it.
func (a *alerting) compare(mine, old *codeAlerts, seen map[int]bool) {
	for _, x := range mine.list {
		switch {
		case seen[x.Number]:
		case old.has(x):
			a.out.Old++
		default:
			a.out.New = append(a.out.New, x.finding(a.pull.Head.SHA))
		}
		seen[x.Number] = true
	}
	if !mine.whole && (old.whole || !old.has(mine.oldest())) {
		a.out.More++
	}
}

func (x codeAlert) finding(head string) checks.Finding {
	f := checks.Finding{
		ID: fmt.Sprintf("code-scanning-%d", x.Number), Tool: short(x.Tool.Name), Rule: short(x.Rule.ID), Text: short(x.Instance.Message.Text),
		Path: x.Instance.Location.Path, Line: x.Instance.Location.Start, End: x.Instance.Location.End,
		Level: x.Rule.Severity, URL: x.URL, AtHead: x.Instance.Commit == head,
	}
	if f.Text == "" {
		f.Text = short(x.Rule.Text)
	}
	rateFinding(&f, x.Rule.Level)
	return f
}

// analysed is the refs under which the head was looked at; none when not all of
// it has been.
func (a *alerting) analysed(ctx context.Context) ([]string, error) {
	base, missing, err := a.analyses(ctx, "refs/heads/"+a.pull.Base.Name)
	if err != nil {
		return nil, err
	}
	want := map[string]bool{}
	for _, x := range base {
		if x.Commit == base[0].Commit {
			want[x.Tool.Name] = true
		}
	}
	var refs []string
	any := len(base) > 0
	for _, side := range []string{"merge", "head"} {
		ref := fmt.Sprintf("refs/pull/%d/%s", a.pull.Number, side)
		list, _, err := a.analyses(ctx, ref)
		if err != nil {
			return nil, err
		}
		any = any || len(list) > 0
		mine, err := a.ofHead(ctx, list)
		if err != nil {
			return nil, err
		}
		for _, x := range mine {
			if x.Error != "" {
				a.out.Missing = "GitHub could not use what " + harmless(x.Tool.Name) + " found: " + harmless(x.Error)
			}
			delete(want, x.Tool.Name)
		}
		if len(mine) > 0 {
			refs = append(refs, ref)
		}
		if len(refs) > 0 && len(want) == 0 {
			return refs, nil
		}
	}
	if !any {
		return nil, missing
	}
	return nil, nil
}

// analyses are the newest hundred of a ref; missing is GitHub's answer that there
// is none, which it gives for a ref as for a repository.
func (a *alerting) analyses(ctx context.Context, ref string) (list []analysis, missing, err error) {
	q := url.Values{"ref": {ref}, "per_page": {"100"}}
	_, err = a.h.getAfter(ctx, a.c, resource{a.s, opCodeAlerts, "code-scanning/analyses"}, q, into(&list))
	if none(err) {
		return nil, err, nil
	}
	if err == nil && list == nil {
		err = &Error{Op: opCodeAlerts, Status: http.StatusOK, What: "GitHub gave no list"}
	}
	return list, &Error{Op: opCodeAlerts, Status: http.StatusNotFound, What: "no analysis found"}, err
}

// none says whether an answer is that there is no analysis.
func none(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Op == opCodeAlerts && e.Status == http.StatusNotFound && !e.Limited && strings.Contains(strings.ToLower(e.What), "no analysis")
}

// ofHead are those analyses that are of the head or of a merge of it: a workflow
// tests the test merge of its time, which is another one when the base has moved.
func (a *alerting) ofHead(ctx context.Context, list []analysis) ([]analysis, error) {
	head, merge := a.pull.Head.SHA, a.pull.Merge
	known := map[string]bool{head: true}
	if merge.SHA != "" && merge.Head == head {
		known[merge.SHA] = true
	}
	asked := 0
	var out []analysis
	for _, x := range list {
		is, sure := known[x.Commit]
		if !sure && asked < analysisLimit && isCommit(x.Commit) {
			var err error
			if is, err = a.merges(ctx, x.Commit, head); err != nil {
				return nil, err
			}
			known[x.Commit] = is
			asked++
		}
		if is {
			out = append(out, x)
		}
	}
	return out, nil
}

// merges says whether a commit is a merge of head.
func (a *alerting) merges(ctx context.Context, commit, head string) (bool, error) {
	var list []struct {
		SHA     string `json:"sha"`
		Parents []struct {
			SHA string `json:"sha"`
		} `json:"parents"`
	}
	q := url.Values{"sha": {commit}, "per_page": {"1"}}
	_, err := a.h.getAfter(ctx, a.c, resource{a.s, opCodeAlerts, "commits"}, q, into(&list))
	if missing(err) {
		return false, nil // a test merge that GitHub threw away
	}
	if err != nil || len(list) != 1 || list[0].SHA != commit {
		return false, err
	}
	p := list[0].Parents
	return len(p) > 1 && p[len(p)-1].SHA == head, nil
}
