package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// outsKnown is how many releases that are out a release is compared with: the newest.
const outsKnown = 200

// doubtKept is how long what nobody knows to be done is taken for done, by GitHub's clock
// at the last reading.
const doubtKept = 10 * time.Minute

// ReleaseKnown is what only the record knows of a release.
type ReleaseKnown struct {
	Memory checks.ReleaseMemory
	Acts   []checks.Act // all, the oldest first
	// Pusher put the tag where it is, PusherOID is where; without a login where no event
	// told of it.
	Pusher    checks.Actor
	PusherOID string
	// Heard is when the last event about the tag's place came (our clock), zero for none;
	// HeardOID is where that put it, "" for deleted.
	Heard    time.Time
	HeardOID string
	Issue    int // number of the tracking issue, 0 for none
	// Gates are the jobs at the commit that wait for an environment of ours, or did;
	// Unverified those of which GitHub was not asked so far.
	Gates       []checks.Gate
	Unverified  []checks.Gate
	Deployments []checks.Deployment
	Dispatched  []checks.Dispatched
	// Artifacts are what runs at the commit have sent, by [checks.FromUpload] the newest
	// digest of each name and workflow, by [checks.FromScan] what the scans of each digest
	// found that the newest run of each workflow has sent.
	Artifacts []checks.ReleaseArtifact
	// Outs are the repository's other releases that are out, the newest first, at most 200.
	Outs       []checks.Out
	SharedWith string
}

// ReleaseIssue is the number of a release's tracking issue; 0 for none.
func (s *Store) ReleaseIssue(ctx context.Context, sub checks.Subject) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT issue FROM releases WHERE repo_id = ? AND number = ?`, sub.RepoID, sub.Number).Scan(&n)
	if err != nil && !none(err) {
		return 0, fmt.Errorf("look for the issue of %s: %w", sub, err)
	}
	return n, nil
}

// ReleaseKnown is what the record knows of a release whose tag is at a commit, and of
// the object oid. Of one that nobody has looked at it knows nothing but what events have
// told.
func (s *Store) ReleaseKnown(ctx context.Context, sub checks.Subject, commit, oid string) (ReleaseKnown, error) {
	r := releaseRecall{recall: recall{s: s, ctx: ctx, sub: sub, pull: &checks.Pull{Head: checks.Ref{SHA: commit}}}, commit: commit, oid: oid}
	err := errors.Join(r.state(), r.candidates(), r.reminded(), r.reruns(), r.acted(), r.pusher(), r.gates(), r.deployments(), r.dispatched(),
		r.artifacts(), r.scans(), r.outs(), r.shared())
	if err != nil {
		return ReleaseKnown{}, fmt.Errorf("recall %s: %w", sub, err)
	}
	r.known.Memory.Reruns = r.pull.Memory.Reruns
	return r.known, nil
}

// releaseRecall is one ReleaseKnown under way.
type releaseRecall struct {
	recall
	commit, oid string
	known       ReleaseKnown
}

func (r *releaseRecall) state() error {
	m := &r.known.Memory
	return r.query(func(scan func(...any) error) error {
		var since string
		var promotedAt, released int64
		if err := scan(&r.known.Issue, &m.Promoted, &m.PromotedSeq, &promotedAt, &m.Emergency, &released, &since); err != nil {
			return err
		}
		m.PromotedAt, m.Released = moment(promotedAt), moment(released)
		return json.Unmarshal([]byte(since), &m.Since)
	}, `SELECT x.issue, x.promoted, x.promoted_seq, x.promoted_at, x.emergency, x.released, s.since
		FROM releases x JOIN subjects s ON s.repo_id = x.repo_id AND s.number = x.number WHERE x.repo_id = ? AND x.number = ?`, r.sub.RepoID, r.sub.Number)
}

func (r *releaseRecall) candidates() error {
	return r.query(func(scan func(...any) error) error {
		var c checks.PastCandidate
		var text string
		var since, shown, ended int64
		if err := scan(&c.Digest, &text, &c.Seq, &since, &shown, &ended, &c.Why); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &c.Candidate); err != nil {
			return err
		}
		c.Since, c.Shown, c.Ended = moment(since), moment(shown), moment(ended)
		r.known.Memory.Candidates = append(r.known.Memory.Candidates, c)
		return nil
	}, `SELECT digest, candidate, seq, since, shown, ended, why FROM release_candidates WHERE repo_id = ? AND number = ? ORDER BY id`, r.sub.RepoID, r.sub.Number)
}

func (r *releaseRecall) reminded() error {
	return r.query(func(scan func(...any) error) error {
		var key string
		var at int64
		if err := scan(&key, &at); err != nil {
			return err
		}
		if r.known.Memory.Reminded == nil {
			r.known.Memory.Reminded = map[string]time.Time{}
		}
		r.known.Memory.Reminded[key] = moment(at)
		return nil
	}, `SELECT key, at FROM release_reminders WHERE repo_id = ?1 AND number = ?2
		AND (done = 1 OR at >= (SELECT s.read_at - ?3 FROM subjects s WHERE s.repo_id = ?1 AND s.number = ?2))`, r.sub.RepoID, r.sub.Number, doubtKept.Milliseconds())
}

func (r *releaseRecall) acted() (err error) {
	r.known.Acts, err = r.s.acts(r.ctx, r.sub)
	return err
}

// pusher finds who put the tag at its object, and what was heard of it last.
func (r *releaseRecall) pusher() error {
	k := &r.known
	err := r.query(func(scan func(...any) error) error {
		k.PusherOID = r.oid
		return scan(&k.Pusher.Login, &k.Pusher.ID, &k.Pusher.Bot)
	}, `SELECT by_login, by_id, bot FROM tag_puts WHERE repo_id = ? AND tag = ? AND oid = ? AND oid <> '' ORDER BY id DESC LIMIT 1`,
		r.sub.RepoID, r.sub.Name, r.oid)
	if err != nil {
		return err
	}
	return r.query(func(scan func(...any) error) error {
		var heard int64
		err := scan(&heard, &k.HeardOID)
		k.Heard = moment(heard)
		return err
	}, `SELECT heard, oid FROM tag_puts WHERE repo_id = ? AND tag = ? ORDER BY id DESC LIMIT 1`, r.sub.RepoID, r.sub.Name)
}

func (r *releaseRecall) gates() error {
	return r.query(func(scan func(...any) error) error {
		var g checks.Gate
		var asked int64
		var verified bool
		if err := scan(&g.RunID, &g.Environment, &asked, &g.Answered, &g.Said, &g.Comments, &verified); err != nil {
			return err
		}
		g.Asked = moment(asked)
		list := &r.known.Unverified
		if verified {
			list = &r.known.Gates
		}
		*list = append(*list, g)
		return nil
	}, `SELECT run, environment, asked, answered, said, comments, verified FROM gates
		WHERE repo_id = ? AND commit_sha = ? AND commit_sha <> '' AND answered <> 'gone' ORDER BY asked, run, environment`, r.sub.RepoID, r.commit)
}

func (r *releaseRecall) deployments() error {
	return r.query(func(scan func(...any) error) error {
		var d checks.Deployment
		var at int64
		err := scan(&d.ID, &d.Environment, &d.State, &at)
		d.At = moment(at)
		r.known.Deployments = append(r.known.Deployments, d)
		return err
	}, `SELECT id, environment, state, at FROM deployments WHERE repo_id = ? AND commit_sha = ? AND commit_sha <> '' ORDER BY id`, r.sub.RepoID, r.commit)
}

func (r *releaseRecall) dispatched() error {
	return r.query(func(scan func(...any) error) error {
		var d checks.Dispatched
		var at int64
		err := scan(&d.Stage, &d.Candidate, &d.Workflow, &at, &d.RunID, &d.Status, &d.Conclusion)
		d.At = moment(at)
		r.known.Dispatched = append(r.known.Dispatched, d)
		return err
	}, `SELECT stage, candidate, workflow, at, run, status, conclusion FROM release_dispatches WHERE repo_id = ?1 AND number = ?2
			AND (done = 1 OR run > 0 OR at >= (SELECT s.read_at - ?3 FROM subjects s WHERE s.repo_id = ?1 AND s.number = ?2))
		ORDER BY at, stage, workflow`, r.sub.RepoID, r.sub.Number, doubtKept.Milliseconds())
}

func (r *releaseRecall) outs() error {
	return r.query(func(scan func(...any) error) error {
		var o checks.Out
		var at int64
		err := scan(&o.Tag, &o.Commit, &at)
		o.At = moment(at)
		r.known.Outs = append(r.known.Outs, o)
		return err
	}, `SELECT x.tag, c.commit_sha, x.released FROM releases x
		JOIN release_candidates c ON c.id = (SELECT max(p.id) FROM release_candidates p WHERE p.repo_id = x.repo_id AND p.number = x.number AND p.digest = x.promoted)
		WHERE x.repo_id = ? AND x.number <> ? AND x.released > 0 ORDER BY x.released DESC, x.tag LIMIT ?`, r.sub.RepoID, r.sub.Number, outsKnown)
}

// shared finds the release at the same commit whose candidate is newer than this one's.
// One that has no candidate so far is about to have the newest.
func (r *releaseRecall) shared() error {
	if r.commit == "" {
		return nil
	}
	return r.query(func(scan func(...any) error) error { return scan(&r.known.SharedWith) },
		`SELECT x.tag FROM release_candidates o JOIN releases x ON x.repo_id = o.repo_id AND x.number = o.number
		WHERE o.repo_id = ?1 AND o.commit_sha = ?2 AND o.number <> ?3 AND o.ended = 0 AND x.gone = 0
			AND o.id > (SELECT max(c.id) FROM release_candidates c WHERE c.repo_id = ?1 AND c.number = ?3 AND c.commit_sha = ?2 AND c.ended = 0)
		ORDER BY o.id DESC LIMIT 1`, r.sub.RepoID, r.commit, r.sub.Number)
}
