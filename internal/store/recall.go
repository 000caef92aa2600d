package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Recall fills in what only the record knows: the snapshot's Memory and
// Siblings. A subject that the store has never heard of gets an empty Memory.
func (s *Store) Recall(ctx context.Context, sub checks.Subject, pull *checks.Pull) error {
	r := recall{s: s, ctx: ctx, sub: sub, pull: pull}
	err := errors.Join(r.heads(), r.state(), r.seen(), r.changes(), r.repairs(), r.reruns(), r.answers(), r.merges(), r.siblings())
	if err != nil {
		return fmt.Errorf("recall %s: %w", sub, err)
	}
	return nil
}

// recall is one Recall under way.
type recall struct {
	s    *Store
	ctx  context.Context
	sub  checks.Subject
	pull *checks.Pull
	head []head
}

func (r *recall) query(each func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := r.s.read.QueryContext(r.ctx, query, args...)
	if err != nil {
		return err
	}
	return eachRow(rows, each)
}

func (r *recall) heads() error {
	r.head, r.pull.Memory.Heads = nil, nil
	return r.query(func(scan func(...any) error) error {
		var h head
		if err := scanHead(scan, &h); err != nil {
			return err
		}
		r.head = append(r.head, h)
		r.pull.Memory.Heads = append(r.pull.Memory.Heads, checks.Head{SHA: h.sha, Since: moment(h.since), Sender: h.sender, SenderID: h.senderID, Bot: h.bot})
		return nil
	}, headColumns, r.sub.RepoID, r.sub.Number)
}

func (r *recall) state() error {
	m := &r.pull.Memory
	m.Labelled, m.Security.Given, m.Since = false, false, nil
	return r.query(func(scan func(...any) error) error {
		var since string
		if err := scan(&m.Labelled, &m.Security.Given, &since); err != nil {
			return err
		}
		return json.Unmarshal([]byte(since), &m.Since)
	}, `SELECT labelled, reviewing, since FROM subjects WHERE repo_id = ? AND number = ?`, r.sub.RepoID, r.sub.Number)
}

// seen says of each review and comment in the snapshot what was true when it
// was first seen. Which commit was the head then follows from all that is known
// of the heads by now.
func (r *recall) seen() error {
	have := map[string]seenRow{}
	err := r.query(func(scan func(...any) error) error { return scanSeen(scan, have) }, seenColumns, r.sub.RepoID, r.sub.Number)
	if err != nil {
		return err
	}
	r.pull.Memory.Seen, r.pull.Memory.Asked = map[string]checks.Seen{}, nil
	for _, x := range saidIn(r.pull) {
		row, found := have[x.key]
		if !found {
			continue
		}
		delete(have, x.key)
		seen := checks.Seen{Text: row.text, Head: row.head, Base: row.base, Permission: row.permission, Edited: row.edited}
		if seen.Head == "" && x.head == "" {
			seen.Head = headAt(r.head, row.created)
		}
		r.pull.Memory.Seen[x.key] = seen
	}
	for _, key := range slices.Sorted(maps.Keys(have)) { // what is left was deleted
		if row := have[key]; checks.AsksForReview(row.text) {
			r.pull.Memory.Asked = append(r.pull.Memory.Asked, checks.Asked{Key: key, At: moment(row.created)})
		}
	}
	return nil
}

// changes gives the pull request's difference at each commit that somebody has
// spoken on.
func (r *recall) changes() error {
	base := map[string]string{} // by commit, the base it was spoken on under
	want := func(sha, name string) {
		if sha != "" && base[sha] == "" {
			base[sha] = name
		}
	}
	for _, x := range saidIn(r.pull) {
		seen := r.pull.Memory.Seen[x.key]
		want(x.head, seen.Base)
		want(seen.Head, seen.Base)
	}
	r.pull.Memory.Changes = map[string]checks.Change{}
	for sha, name := range base {
		// The one under the base that held then; else any, which says itself
		// under which it was.
		const read = `SELECT base, whole, files FROM changes WHERE repo_id = ? AND number = ? AND sha = ?
			ORDER BY CASE WHEN base = ? THEN 0 ELSE 1 END, base LIMIT 1`
		err := r.query(func(scan func(...any) error) error {
			var c checks.Change
			var files []byte
			if err := scan(&c.Base, &c.Whole, &files); err != nil {
				return err
			}
			if err := unpackJSON(files, &c.Files); err != nil {
				return err
			}
			r.pull.Memory.Changes[sha] = c
			return nil
		}, read, r.sub.RepoID, r.sub.Number, sha, name)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *recall) repairs() error {
	m := &r.pull.Memory
	m.LabelRepairs, m.Security.Repairs = nil, nil
	return r.query(func(scan func(...any) error) error {
		var at int64
		var label string
		if err := scan(&at, &label); err != nil {
			return err
		}
		list := &m.LabelRepairs
		if label == checks.LabelSecurity {
			list = &m.Security.Repairs
		}
		*list = append(*list, moment(at))
		return nil
	}, `SELECT at, label FROM label_repairs WHERE repo_id = ? AND number = ? AND at > ? ORDER BY at`,
		r.sub.RepoID, r.sub.Number, millis(r.pull.At.Add(-time.Hour)))
}

func (r *recall) reruns() error {
	r.pull.Memory.Reruns = nil
	return r.query(func(scan func(...any) error) error {
		var run, at int64
		if err := scan(&run, &at); err != nil {
			return err
		}
		r.pull.Memory.Reruns = append(r.pull.Memory.Reruns, checks.Rerun{Run: run, At: moment(at)})
		return nil
	}, `SELECT run, at FROM reruns WHERE repo_id = ? AND head = ? AND served = 0 ORDER BY id`, r.sub.RepoID, r.pull.Head.SHA)
}

func (r *recall) siblings() error {
	r.pull.Siblings = nil
	if r.pull.Head.SHA == "" {
		return nil
	}
	return r.query(func(scan func(...any) error) error {
		var b checks.Sibling
		var state string
		if err := scan(&b.Number, &state, &b.Judged, &b.Observed, &b.Summary); err != nil {
			return err
		}
		if err := b.State.UnmarshalText([]byte(state)); err != nil {
			return err
		}
		r.pull.Siblings = append(r.pull.Siblings, b)
		return nil
	}, `SELECT number, own_state, judged, observed, summary FROM subjects
		WHERE repo_id = ? AND head = ? AND open = 1 AND number <> ? ORDER BY number`, r.sub.RepoID, r.pull.Head.SHA, r.sub.Number)
}

// Likely is what the next reading of a subject will probably need: the policy
// texts that the last evaluation on its base branch used, and the people that
// its own last evaluation asked about.
func (s *Store) Likely(ctx context.Context, sub checks.Subject) (sources []checks.Source, logins []string, err error) {
	var packed []byte
	var people string
	const read = `SELECT l.sources, s.logins FROM subjects s
		LEFT JOIN last_sources l ON l.repo_id = s.repo_id AND l.base = s.base WHERE s.repo_id = ? AND s.number = ?`
	err = s.read.QueryRowContext(ctx, read, sub.RepoID, sub.Number).Scan(&packed, &people)
	if none(err) {
		return nil, nil, nil
	}
	if err == nil && packed != nil {
		err = unpackJSON(packed, &sources)
	}
	if err == nil {
		err = json.Unmarshal([]byte(people), &logins)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read what %s will need: %w", sub, err)
	}
	return sources, logins, nil
}
