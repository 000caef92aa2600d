package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// Deployed is a Fact: GitHub's word on a deployment.
type Deployed struct {
	ID          int64
	Environment string
	State       string
	Commit      string
	At          time.Time // GitHub's clock
}

// store keeps the newest word on a deployment, of a repository that has releases.
func (f Deployed) store(t *txn, d *Delivery) error {
	patterns, _, err := t.releasePatterns(d.Repo.ID)
	if err != nil {
		return err
	}
	at, err := t.releasesAt(d.Repo.ID, f.Commit)
	if err != nil || len(at) == 0 && len(patterns) == 0 {
		return err
	}
	one := checks.Deployment{ID: f.ID, Environment: f.Environment, State: f.State, At: f.At}
	if _, err := t.keepDeployment(d.Repo.ID, f.Commit, one, at, d.Sender, d.GUID, d.ReceivedAt); err != nil {
		return err
	}
	return t.touchAll(at, d.GUID, millis(d.ReceivedAt), millis(d.ReceivedAt))
}

// keepDeployment keeps GitHub's word on a deployment, and appends, once, that it has
// succeeded. Words of one second have no order: what is over stays over.
func (t *txn) keepDeployment(repoID int64, commit string, one checks.Deployment, at []checks.Subject, by checks.Actor, source string, now time.Time) (changed bool, err error) {
	const keep = `INSERT INTO deployments (repo_id, id, environment, commit_sha, state, at, heard) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (repo_id, id) DO UPDATE SET state = excluded.state, at = excluded.at
		WHERE excluded.at > deployments.at
			OR excluded.at = deployments.at AND excluded.state <> deployments.state AND deployments.state IN ('queued', 'pending', 'waiting', 'in_progress')`
	n, err := t.exec(keep, repoID, one.ID, one.Environment, commit, one.State, millis(one.At), millis(now))
	if err != nil {
		return false, fmt.Errorf("keep deployment: %w", err)
	}
	return n > 0, t.logDeployment(repoID, commit, one, at, by, source, now)
}

func (t *txn) logDeployment(repoID int64, commit string, one checks.Deployment, at []checks.Subject, by checks.Actor, source string, now time.Time) error {
	var dummy int
	if one.State != "success" {
		return nil
	}
	logged, err := t.row(`SELECT 1 FROM deployments WHERE repo_id = ? AND id = ? AND success > 0`, []any{repoID, one.ID}, &dummy)
	if err != nil || logged {
		return err
	}
	sub := checks.Subject{RepoID: repoID}
	if len(at) == 1 {
		sub = at[0]
	}
	var e Entry
	what := map[string]any{"deployment": one.ID, "environment": one.Environment, "commit": commit, "at": one.At.UTC(), "state": one.State}
	if err := t.log(KindDeployment, sub, by, source, what, now, &e); err != nil {
		return err
	}
	return t.exec0(`UPDATE deployments SET success = ?, succeeded = ? WHERE repo_id = ? AND id = ?`, e.Seq, millis(one.At), repoID, one.ID)
}

// KeepDeployments keeps what GitHub shows of the deployments of a release's commit,
// which no event may have told, and gives all that are known of it. It fails with
// [ErrLost].
func (s *Store) KeepDeployments(ctx context.Context, job Job, commit string, list []checks.Deployment, now time.Time) ([]checks.Deployment, error) {
	err := s.change(ctx, func(t *txn) error {
		if err := t.hold(job, "", millis(now)); err != nil {
			return err
		}
		for _, one := range list {
			if _, err := t.keepDeployment(job.Subject.RepoID, commit, one, []checks.Subject{job.Subject}, checks.Actor{}, source(job), now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("keep the deployments of %s: %w", job.Subject, err)
	}
	r := releaseRecall{recall: recall{s: s, ctx: ctx, sub: job.Subject}, commit: commit}
	err = r.deployments()
	return r.known.Deployments, err
}

// StrangeDeployment is a deployment of a commit that was not approved for it.
type StrangeDeployment struct {
	checks.Deployment
	Commit string
	Seq    int64 // log entry that it succeeded
}

const strangeFact = "deployment "

// StrangeFact is the fact of the finding that a deployment is.
func StrangeFact(id int64) string { return fmt.Sprint(strangeFact, id) }

// Strangers are the successful deployments to environments for which no verdict on a
// release had approved their commit by then, that no finding is about, and that were
// heard of before a moment (our clock). Environments have the same name in any case.
func (s *Store) Strangers(ctx context.Context, repoID int64, environments []string, before time.Time) ([]StrangeDeployment, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT d.id, d.environment, d.state, d.succeeded, d.commit_sha, d.success FROM deployments d
		WHERE d.repo_id = ?1 AND d.success > 0 AND d.heard < ?2
			AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.repo_id = d.repo_id AND a.commit_sha = d.commit_sha AND lower(a.environment) = lower(d.environment) AND a.at <= d.succeeded)
			AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.repo_id = d.repo_id AND f.kind = 'unapproved_deployment' AND f.fact = ?3 || d.id)
		ORDER BY d.id`, repoID, millis(before), strangeFact)
	if err != nil {
		return nil, fmt.Errorf("list deployments that were not approved: %w", err)
	}
	var out []StrangeDeployment
	err = eachRow(rows, func(scan func(...any) error) error {
		var d StrangeDeployment
		var at int64
		if err := scan(&d.ID, &d.Environment, &d.State, &at, &d.Commit, &d.Seq); err != nil {
			return err
		}
		d.At = moment(at)
		if slices.ContainsFunc(environments, func(e string) bool { return strings.EqualFold(e, d.Environment) }) {
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

// OpenStrange opens a finding about a repository that no job is about: a deployment of
// no release. opened is its number, 0 when it is not new.
func (s *Store) OpenStrange(ctx context.Context, repoID int64, o Opening, now time.Time) (opened int64, err error) {
	err = s.change(ctx, func(t *txn) error {
		opened, err = t.open(checks.Subject{RepoID: repoID}, o, now)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("open a finding about deployments: %w", err)
	}
	return opened, nil
}
