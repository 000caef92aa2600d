package hub

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// placeLimit is how many alerts are asked for all their places.
const placeLimit = 30

// secretAlert is an alert as REST tells it (docs, "Secret scanning"), without the
// secret: that is asked to be hidden and is never decoded.
type secretAlert struct {
	Number int          `json:"number"`
	URL    string       `json:"html_url"`
	Type   string       `json:"secret_type"`
	Name   string       `json:"secret_type_display_name"`
	First  *secretPlace `json:"first_location_detected"` // not on older servers
	More   *bool        `json:"has_more_locations"`
}

// secretPlace is where a secret is: in a commit, or in a text at one of the
// addresses. That of a comment on a line does not say of which pull request it
// is, but its page does.
type secretPlace struct {
	Path   string  `json:"path"`
	Start  float64 `json:"start_line"`
	End    float64 `json:"end_line"`
	Commit string  `json:"commit_sha"`
	HTML   string  `json:"html_url"`

	Title        string `json:"pull_request_title_url"`
	Body         string `json:"pull_request_body_url"`
	Comment      string `json:"pull_request_comment_url"`
	Review       string `json:"pull_request_review_url"`
	IssueTitle   string `json:"issue_title_url"`
	IssueBody    string `json:"issue_body_url"`
	IssueComment string `json:"issue_comment_url"`
}

// secrets reads which open alerts have a place in the pull request's commits or
// texts; all others are old.
func (a *alerting) secrets(ctx context.Context) error {
	q := url.Values{"state": {"open"}, "hide_secret": {"true"}}
	list, whole, err := alertPagesOf[secretAlert](ctx, a, opSecretAlerts, "secret-scanning/alerts", q)
	if err != nil {
		return err
	}
	if !whole {
		a.out.Missing = fmt.Sprintf("GitHub has more than %d open ones", alertPages*100)
	}
	mine := a.places()
	asked := 0
	for _, x := range list {
		place, sure := mine.first(x)
		if place == nil && !sure {
			if asked++; asked > placeLimit {
				a.out.Missing = fmt.Sprintf("GitHub has more than %d open ones in several places", placeLimit)
				continue
			}
			if place, err = a.place(ctx, x.Number, mine); err != nil {
				return err
			}
		}
		if place == nil {
			a.out.Old++
			continue
		}
		a.out.New = append(a.out.New, x.finding(place, a.pull.Head.SHA))
	}
	if a.pull.CommitCount > len(a.pull.Commits) && a.out.Old > 0 {
		a.out.Missing = "GitHub does not list all commits of the pull request, in which they might be"
	}
	return nil
}

func (x secretAlert) finding(p *secretPlace, head string) checks.Finding {
	return checks.Finding{
		ID: fmt.Sprintf("secret-scanning-%d", x.Number), Tool: "secret scanning", Rule: short(x.Type), Text: short(x.Name),
		Path: p.Path, Line: int(p.Start), End: int(p.End), Level: "error", URL: x.URL, AtHead: p.Commit == head,
	}
}

// place asks for the places of an alert, of which one in the pull request is
// enough.
func (a *alerting) place(ctx context.Context, number int, mine places) (*secretPlace, error) {
	type located struct {
		Details secretPlace `json:"details"`
	}
	list, whole, err := alertPagesOf[located](ctx, a, opSecretAlerts, fmt.Sprintf("secret-scanning/alerts/%d/locations", number), url.Values{})
	if err != nil {
		if missing(err) {
			return nil, nil // deleted since it was listed
		}
		return nil, err
	}
	for i := range list {
		if mine.has(&list[i].Details) {
			return &list[i].Details, nil
		}
	}
	if !whole {
		a.out.Missing = "GitHub has an open one in more places than can be looked through"
	}
	return nil, nil
}

// places are the commits and the addresses' ends that are the pull request's.
type places struct {
	commits, ends map[string]bool
	page          string
}

func (a *alerting) places() places {
	n := fmt.Sprint(a.pull.Number)
	out := places{
		commits: map[string]bool{a.pull.Head.SHA: true},
		ends:    map[string]bool{"pulls/" + n: true, "issues/" + n: true},
		page:    "/pull/" + n,
	}
	for _, c := range a.pull.Commits {
		out.commits[c.SHA] = true
	}
	for _, c := range a.pull.Comments {
		out.ends[fmt.Sprintf("comments/%d", c.ID)] = true
	}
	for _, r := range a.pull.Reviews {
		out.ends[fmt.Sprintf("reviews/%d", r.ID)] = true
	}
	return out
}

// first is an alert's first place if that is the pull request's; sure says that
// there are no others.
func (m places) first(x secretAlert) (place *secretPlace, sure bool) {
	if x.First != nil && m.has(x.First) {
		return x.First, true
	}
	return nil, x.First != nil && x.More != nil && !*x.More
}

func (m places) has(p *secretPlace) bool {
	if p.Commit != "" {
		return m.commits[p.Commit]
	}
	html, _, _ := strings.Cut(p.HTML, "#")
	if strings.HasSuffix(html, m.page) {
		return true
	}
	for _, u := range []string{p.Title, p.Body, p.Comment, p.Review, p.IssueTitle, p.IssueBody, p.IssueComment} {
		parts := strings.Split(u, "/")
		if n := len(parts); n > 1 && m.ends[parts[n-2]+"/"+parts[n-1]] {
			return true
		}
	}
	return false
}
