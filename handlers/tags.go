package handlers

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// tagPages is how many hundreds of tags are listed; of those beyond nothing is found.
const tagPages = 50

// tagLook is one look at the tags of a repository.
type tagLook struct {
	f     *Flow
	job   store.Job
	watch store.Watching
	moves []store.RefMove
	seen  store.TagsSeen
	whole bool // all tags were listed
}

// firstTags makes the tags due when they are watched and were never listed.
func (f *Flow) firstTags(ctx context.Context, of checks.Subject) error {
	w, found, err := f.Store.Watching(ctx, of.RepoID)
	if err != nil || !found || len(w.Tags) == 0 || !w.TagsSince.IsZero() {
		return err
	}
	return f.touchTags(ctx, of, "policy")
}

func (f *Flow) touchTags(ctx context.Context, of checks.Subject, cause string) error {
	s := checks.Subject{Installation: of.Installation, RepoID: of.RepoID, Owner: of.Owner, Repo: of.Repo, Kind: checks.KindTags, Name: tagsName}
	return f.Store.Touch(ctx, s, store.Known{}, cause, f.Now().Add(pace), f.Now())
}

// lookAtTags compares the watched tags with how they were last seen.
func (f *Flow) lookAtTags(ctx context.Context, job store.Job) error {
	w, _, err := f.Store.Watching(ctx, job.Subject.RepoID)
	if err != nil {
		return err
	}
	finish := store.FinishInfo{NotBefore: f.Now().Add(pace)}
	if len(w.Tags) == 0 {
		return f.Store.Finish(ctx, job, finish, f.Now())
	}
	l := &tagLook{f: f, job: job, watch: w}
	early, err := l.look(ctx)
	switch {
	case err != nil:
		return err
	case early:
		return held(f.Store.Postpone(ctx, job, f.Now().Add(explainRetry), f.Now()))
	}
	opened, err := f.Store.SeeTags(ctx, job, l.seen, f.Now())
	if err != nil {
		return err
	}
	f.announce(ctx, opened)
	return f.Store.Finish(ctx, job, finish, f.Now())
}

// look compares all tags. early says that GitHub may not have what an event told of.
func (l *tagLook) look(ctx context.Context) (early bool, err error) {
	s := l.job.Subject
	if l.moves, err = l.f.Store.RefMoves(ctx, s.RepoID, "tags/"); err != nil {
		return false, err
	}
	l.seen.Moves = ids(l.moves)
	known, err := l.f.Store.Tags(ctx, s.RepoID)
	if err != nil {
		return false, err
	}
	now, err := l.list(ctx)
	if err != nil {
		return false, err
	}
	if !l.whole {
		for name, t := range known {
			if _, shown := now[name]; !shown {
				now[name] = t.TagState // not listed is not gone
			}
		}
	}
	names := map[string]bool{}
	for name := range known {
		names[name] = true
	}
	for name := range now {
		names[name] = true
	}
	for _, m := range l.moves {
		if l.whole { // else what is not listed may be there
			names[strings.TrimPrefix(m.Ref, "tags/")] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !checks.AnyMatch(l.watch.Tags, name) {
			continue
		}
		was, had := known[name]
		if early, err := l.compare(ctx, name, was, had, now[name]); err != nil || early {
			return early, err
		}
	}
	return false, nil
}

// list reads all tags.
func (l *tagLook) list(ctx context.Context) (map[string]checks.TagState, error) {
	out := map[string]checks.TagState{}
	after := ""
	for range tagPages {
		page, next, at, err := l.f.Forge.Refs(ctx, l.job.Subject, "tags", after)
		if err != nil {
			return nil, fmt.Errorf("list tags of %s/%s: %w", l.job.Subject.Owner, l.job.Subject.Repo, err)
		}
		l.seen.At = at
		for _, t := range page {
			out[t.Name] = t
		}
		if after = next; after == "" {
			l.whole = true
			break
		}
	}
	return out, nil
}

// compare finds what became of one tag; now is zero when it is not there.
func (l *tagLook) compare(ctx context.Context, name string, was store.Tag, had bool, now checks.TagState) (early bool, err error) {
	at := was.OID
	if was.Gone {
		at = ""
	}
	steps, _ := chain(at, now.OID, l.of(name))
	if len(steps) == 0 {
		return false, nil
	}
	if early, err = l.changed(ctx, name, was, had, now, steps); err != nil || early {
		return early, err
	}
	for _, m := range steps {
		if m.GUID == "" {
			m.Ref = "tags/" + name
			l.seen.Late = append(l.seen.Late, m)
		}
	}
	if !had && now.OID == "" {
		return false, nil
	}
	state := store.Tag{TagState: now}
	if now.OID == "" {
		state = store.Tag{TagState: was.TagState, Gone: true}
	}
	state.Name = name
	l.seen.Changed = append(l.seen.Changed, state)
	return false, nil
}

// of are the moves of one tag.
func (l *tagLook) of(name string) []store.RefMove {
	return slices.DeleteFunc(slices.Clone(l.moves), func(m store.RefMove) bool { return m.Ref != "tags/"+name })
}

// changed finds what follows from the moves of one tag: that it was moved or deleted,
// also when it was put back since, or made where it should not be.
func (l *tagLook) changed(ctx context.Context, name string, was store.Tag, had bool, now checks.TagState, steps []store.RefMove) (early bool, err error) {
	m := steps[len(steps)-1]
	first := slices.IndexFunc(steps, func(s store.RefMove) bool { return s.Before != "" })
	if first >= 0 && (!had || m.After == "" || m.After == was.OID) {
		m = steps[first] // who began it, rather than who put it back
	}
	d := store.FindingDetail{By: m.By, At: m.Heard, Tag: name, Before: was.SHA, After: now.SHA, Late: m.GUID == ""}
	if d.At.IsZero() {
		d.At = l.seen.At
	}
	tag := checks.Plain(name)
	switch {
	case had && now.OID == "":
		d.What = fmt.Sprintf("%s deleted the tag %s, which was at %s.", who(m.By), tag, short(was.SHA))
	case had && !was.Gone && now.OID == was.OID:
		d.What = fmt.Sprintf("%s moved or deleted the tag %s, which was put back since.", who(m.By), tag)
	case had && now.OID == was.OID:
		return false, nil // put back after it was found to be gone
	case had:
		d.What = fmt.Sprintf("%s moved the tag %s from %s to %s.", who(m.By), tag, short(was.SHA), short(now.SHA))
	case first >= 0 && !l.watch.TagsSince.IsZero():
		if last := steps[len(steps)-1]; last.GUID == "" && l.f.Now().Sub(l.job.FirstTouched) < explainMost {
			return true, nil // GitHub may not show it yet
		}
		d.Before = m.Before
		d.What = fmt.Sprintf("%s moved the tag %s from %s to %s as soon as it was made.", who(m.By), tag, short(m.Before), short(now.SHA))
		if now.OID == "" {
			d.What = fmt.Sprintf("%s deleted the tag %s, which was at %s, as soon as it was made.", who(m.By), tag, short(m.Before))
		}
	default:
		on, err := l.onWatched(ctx, now.SHA)
		if err != nil || on || l.watch.TagsSince.IsZero() || now.OID == "" {
			return false, err
		}
		if l.f.Now().Sub(l.job.FirstTouched) < explainMost {
			return true, nil // its branch may be on its way
		}
		d.What = fmt.Sprintf("%s made the tag %s at %s, which is on no branch that is watched.", who(m.By), tag, short(now.SHA))
	}
	id := m.GUID
	if id == "" {
		id = l.seen.At.UTC().Format(time.RFC3339)
	}
	fact := fmt.Sprintf("%s %s %s %s", name, was.OID, now.OID, id)
	l.seen.Findings = append(l.seen.Findings, store.Opening{Kind: store.FindingTag, Fact: fact, Detail: d, Source: source(l.job)})
	return false, nil
}

// onWatched says whether a commit is on a branch that is watched.
func (l *tagLook) onWatched(ctx context.Context, sha string) (bool, error) {
	if sha == "" || l.watch.TagsSince.IsZero() {
		return sha != "", nil
	}
	all, err := l.f.Store.Branches(ctx, l.job.Subject.RepoID)
	if err != nil {
		return false, err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b := all[name]
		if b.SHA == "" || !b.Guard.Any() {
			continue
		}
		rel, err := l.f.Forge.Relation(ctx, l.job.Subject, b.SHA, sha)
		if err != nil {
			return false, fmt.Errorf("look for the commit of a tag on %s: %w", name, err)
		}
		if rel.Known && rel.Ahead == 0 {
			return true, nil
		}
	}
	return false, nil
}
