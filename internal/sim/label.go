package sim

import (
	"slices"
	"strings"
)

// label is a label of a repository.
type label struct {
	repo                     *Repo
	id                       int64
	name, color, description string
}

func (l *label) node() string { return nodeID("LA", l.id) }

func (r *Repo) label(name string) *label {
	for _, l := range r.labels {
		if strings.EqualFold(l.name, name) {
			return l
		}
	}
	return nil
}

// needLabel finds a label, and makes it if there is none.
func (r *Repo) needLabel(by *Account, name string) *label {
	if l := r.label(name); l != nil {
		return l
	}
	return r.makeLabel(by, name, "ededed", "")
}

func (r *Repo) makeLabel(by *Account, name, color, description string) *label {
	l := &label{repo: r, id: r.gh.id(), name: name, color: color, description: description}
	r.labels = append(r.labels, l)
	r.gh.nodes[l.node()] = l
	r.emit(event{name: "label", action: "created", sender: by, body: m{"label": r.gh.labelJSON(l)}})
	return l
}

// AddLabel sets a label, making it in the repository if need be.
func (p *Pull) AddLabel(by, name string) {
	p.do(by, func(who *Account) {
		p.setLabel(who, p.repo.needLabel(who, name))
	})
}

// RemoveLabel takes a label off.
func (p *Pull) RemoveLabel(by, name string) {
	p.do(by, func(who *Account) {
		if l := p.repo.label(name); l != nil {
			p.dropLabel(who, l)
		}
	})
}

func (p *Pull) setLabel(by *Account, l *label) {
	if slices.Contains(p.labels, l) {
		return
	}
	p.labels = append(p.labels, l)
	p.repo.gh.changed(Change{Kind: "label_added", Repo: p.repo.fullName(), Pull: p.Number, SHA: p.head, By: by.Login, Name: l.name})
	p.happened("LabeledEvent", by, m{"label": l})
	p.act("labeled", by, m{"label": p.repo.gh.labelJSON(l)})
}

func (p *Pull) dropLabel(by *Account, l *label) {
	i := slices.Index(p.labels, l)
	if i < 0 {
		return
	}
	p.labels = slices.Delete(p.labels, i, i+1)
	p.repo.gh.changed(Change{Kind: "label_removed", Repo: p.repo.fullName(), Pull: p.Number, SHA: p.head, By: by.Login, Name: l.name})
	p.happened("UnlabeledEvent", by, m{"label": l})
	p.act("unlabeled", by, m{"label": p.repo.gh.labelJSON(l)})
}

// Labels are the names of the pull request's labels, in the order they came.
func (p *Pull) Labels() []string {
	p.repo.gh.mu.Lock()
	defer p.repo.gh.mu.Unlock()
	var names []string
	for _, l := range p.labels {
		names = append(names, l.name)
	}
	return names
}

// HasLabel says whether a label is set.
func (p *Pull) HasLabel(name string) bool {
	return slices.ContainsFunc(p.Labels(), func(l string) bool { return strings.EqualFold(l, name) })
}
