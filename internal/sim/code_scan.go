package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Feature is something of GitHub's that a repository may not have.
type Feature string

// The features, which a repository has until they are switched off.
const (
	CodeScanning    Feature = "code scanning"
	DependencyGraph Feature = "dependency graph"
	SecretScanning  Feature = "secret scanning"
)

// SetFeature switches a feature of the repository on or off.
func (r *Repo) SetFeature(f Feature, on bool) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	if r.lacks == nil {
		r.lacks = map[Feature]bool{}
	}
	r.lacks[f] = !on
}

// CodeScan is what one run of a code scanner uploads: all that it found.
type CodeScan struct {
	Ref      string // refs/heads/main, refs/pull/1/merge or refs/pull/1/head
	SHA      string // the commit that was scanned; "" is where Ref is
	Tool     string // default CodeQL
	Category string
	Alerts   []CodeAlert
}

// CodeAlert is one finding of a code scanner. Findings of one tool and rule in
// one file with the same text are one alert, wherever they stand.
type CodeAlert struct {
	Rule, Text, Path string
	Line             int
	Severity         string // none, note, warning (default) or error
	Level            string // of security: low, medium, high or critical; "" is none
}

// analysis is one upload.
type analysis struct {
	id      int64
	scan    CodeScan
	created time.Time
}

// codeAlert is an alert over all refs.
type codeAlert struct {
	number    int
	tool      string
	at        CodeAlert // as first seen
	created   time.Time
	dismissed bool
	instances map[string]*instance // by ref and category
}

type instance struct {
	ref, category, sha string
	at                 CodeAlert
	open               bool
}

// UploadCodeScan uploads the result of a code scanner: its alerts on the ref
// are from now on those that it found.
func (r *Repo) UploadCodeScan(s CodeScan) error {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	s.SHA = r.resolve(cmp.Or(s.SHA, s.Ref))
	if s.SHA == "" {
		return fmt.Errorf("upload code scan to %s: no commit at %q", r.fullName(), s.Ref)
	}
	s.Tool = cmp.Or(s.Tool, "CodeQL")
	r.analyses = append(r.analyses, &analysis{id: r.gh.id(), scan: s, created: r.gh.now()})
	for _, a := range r.codeAlerts {
		if i := a.instances[s.Ref+" "+s.Category]; i != nil && a.tool == s.Tool {
			i.open = false
		}
	}
	for _, found := range s.Alerts {
		r.see(s, found)
	}
	return nil
}

// see notes one finding, and tells of an alert that is new.
func (r *Repo) see(s CodeScan, found CodeAlert) {
	found.Severity = cmp.Or(found.Severity, "warning")
	i := slices.IndexFunc(r.codeAlerts, func(a *codeAlert) bool {
		return a.tool == s.Tool && a.at.Rule == found.Rule && a.at.Path == found.Path && a.at.Text == found.Text
	})
	action := "appeared_in_branch"
	if i < 0 {
		r.codeAlerts = append(r.codeAlerts, &codeAlert{number: len(r.codeAlerts) + 1, tool: s.Tool, at: found, created: r.gh.now(), instances: map[string]*instance{}})
		i, action = len(r.codeAlerts)-1, "created"
	}
	a := r.codeAlerts[i]
	before := a.on(s.Ref)
	now := &instance{ref: s.Ref, category: s.Category, sha: s.SHA, at: found, open: true}
	a.instances[s.Ref+" "+s.Category] = now
	if before != nil {
		return
	}
	alert := r.codeAlertJSON(a, now)
	delete(alert, "dismissed_comment")
	r.emit(event{name: "code_scanning_alert", action: action, sender: r.gh.account("github"), body: m{
		"alert": alert, "ref": s.Ref, "commit_oid": s.SHA}})
}

// DismissCodeAlert dismisses an alert by its number, on all refs.
func (r *Repo) DismissCodeAlert(number int) {
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	for _, a := range r.codeAlerts {
		a.dismissed = a.dismissed || a.number == number
	}
}

// on is where the alert stands on a ref, an open place first; nil for nowhere.
func (a *codeAlert) on(ref string) (found *instance) {
	for _, key := range sortedKeys(a.instances) {
		if i := a.instances[key]; i.ref == ref && (found == nil || i.open) {
			found = i
		}
	}
	return found
}

// state is GitHub's word for an alert on a ref.
func (a *codeAlert) state(i *instance) string {
	switch {
	case a.dismissed:
		return "dismissed"
	case !i.open:
		return "fixed"
	}
	return "open"
}
