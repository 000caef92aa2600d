package sim

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

func (i *Issue) pagePath() string { return "/" + i.repo.fullName() + "/issues/" + itoa(i.Number) }

func (i *Issue) page(said string) pageData {
	gh := i.repo.gh
	gh.mu.Lock()
	defer gh.mu.Unlock()
	d := pageData{Title: i.title, Path: i.pagePath(), Said: said, State: i.state(), Author: i.author.Login, Body: i.body, People: gh.cast()}
	for _, l := range i.labels {
		d.Labels = append(d.Labels, l.name)
	}
	for _, c := range i.comments {
		what := bool2(c.edited.IsZero(), "commented", "commented, and edited it")
		d.Talk = append(d.Talk, pageTalk{At: c.created, Who: c.author.Login, What: what, Body: c.body, When: c.created.Format("15:04:05")})
	}
	return d
}

// press does what the form on an issue's page asks.
func (i *Issue) press(r *http.Request) error {
	as, text, err := i.repo.gh.actor(r)
	if err != nil {
		return err
	}
	do := r.PostForm.Get("do")
	if text == "" && (do == "comment" || do == "label") {
		return errors.New("type a text")
	}
	switch do {
	case "comment":
		i.Comment(as, text)
	case "label":
		i.AddLabel(as, text)
	case "unlabel":
		i.RemoveLabel(as, text)
	case "close":
		i.Close(as)
	case "reopen":
		i.Reopen(as)
	default:
		return errors.New("choose what to do")
	}
	return nil
}

// pressButton presses a check-run's button, "run identifier".
func (gh *GitHub) pressButton(as, what string) error {
	id, identifier, _ := strings.Cut(what, " ")
	n, err := strconv.ParseInt(id, 10, 64)
	run := gh.FindRun(n)
	if err != nil || run == nil {
		return errors.New("no such check-run")
	}
	return run.Press(as, identifier)
}
