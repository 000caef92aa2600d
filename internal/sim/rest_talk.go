package sim

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
)

func (c *call) listLabels() { okPage(c, c.repo.labels, c.gh.labelJSON) }

func (c *call) getLabel() {
	if l := c.repo.label(c.r.PathValue("name")); l != nil {
		c.ok(c.gh.labelJSON(l))
		return
	}
	c.missing()
}

func (c *call) postLabel() {
	var ask struct{ Name, Color, Description string }
	if !c.decode(&ask) {
		return
	}
	if ask.Name == "" || c.repo.label(ask.Name) != nil {
		c.res = answer{status: http.StatusUnprocessableEntity, body: m{"message": "Validation Failed", "status": "422",
			"errors": []m{{"resource": "Label", "code": "already_exists", "field": "name"}}, "documentation_url": "https://docs.github.com/rest"}}
		return
	}
	c.created(c.gh.labelJSON(c.repo.makeLabel(c.bot(), ask.Name, cmp.Or(ask.Color, "ededed"), ask.Description)))
}

func (c *call) talkLabels() {
	if on := c.talk(); on != nil {
		okPage(c, *on.marks(), c.gh.labelJSON)
	}
}

// addLabels takes {"labels": [...]} and a bare array, as GitHub does.
func (c *call) addLabels() {
	on := c.talk()
	if on == nil {
		return
	}
	var names []string
	if strings.HasPrefix(strings.TrimSpace(string(c.body)), "[") {
		if !c.decode(&names) {
			return
		}
	} else {
		var ask struct{ Labels []string }
		if !c.decode(&ask) {
			return
		}
		names = ask.Labels
	}
	for _, name := range names {
		on.setLabel(c.bot(), c.repo.needLabel(c.bot(), name))
	}
	c.ok(c.gh.labelsJSON(*on.marks()))
}

func (c *call) removeLabel() {
	on := c.talk()
	if on == nil {
		return
	}
	l := c.repo.label(c.r.PathValue("name"))
	if l == nil || !slices.Contains(*on.marks(), l) {
		c.refuse(http.StatusNotFound, "Label does not exist")
		return
	}
	on.dropLabel(c.bot(), l)
	c.ok(c.gh.labelsJSON(*on.marks()))
}

func (c *call) listComments() {
	if on := c.talk(); on != nil {
		okPage(c, *on.said(), c.gh.commentJSON)
	}
}

func (c *call) postComment() {
	on := c.talk()
	var ask struct{ Body string }
	if on == nil || !c.decode(&ask) {
		return
	}
	if ask.Body == "" {
		c.invalid(errors.New("body cannot be blank"))
		return
	}
	c.created(c.gh.commentJSON(comment(on, c.bot(), ask.Body)))
}
