package handlers

import (
	"context"
	"fmt"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
)

// rounds is how often a snapshot is completed before it is given up as
// changing under our hands: what the record has, files and people, then earlier
// changes, then modes, coverage, whose word it needs, scans, and some to spare.
const rounds = 10

// Archive is what judging needs of handrail's own record.
type Archive interface {
	// Observe keeps what a snapshot saw that GitHub will forget.
	Observe(ctx context.Context, s checks.Subject, pull *checks.Pull) error
	// Recall fills in the snapshot's Memory and Siblings.
	Recall(ctx context.Context, s checks.Subject, pull *checks.Pull) error
	// Fill answers from the record what is wanted and known, Keep remembers
	// what was fetched.
	Fill(ctx context.Context, s checks.Subject, pull *checks.Pull, w checks.Wants) error
	Keep(ctx context.Context, s checks.Subject, pull *checks.Pull, w checks.Wants) error
	CoverageArchive
	ScanArchive
	WhatIfArchive
	// Likely is what the next reading will probably need, judging by the last.
	Likely(ctx context.Context, s checks.Subject) (sources []checks.Source, logins []string, err error)
}

// Judgement is one evaluation, not written anywhere yet.
type Judgement struct {
	Pull    checks.Pull
	Sources []checks.Source
	Policy  checks.Policy
	Verdict checks.Verdict
	Plan    []checks.Action
}

// Sources are where a snapshot gets what GitHub does not say of a pull request
// itself. Without one of them a policy that asks for what it has is an error.
type Sources struct {
	Reports   *Gatherer
	Inspector *Inspector // without it secrets stay in texts, too
}

// Judge reads a pull request whole and judges it. what, if not nil, is a
// policy to judge by instead of the one on the base branch.
func Judge(ctx context.Context, forge Forge, archive Archive, from Sources, d config.Defaults, s checks.Subject, what *checks.Source) (_ Judgement, err error) {
	defer func() { err = from.Inspector.harmless(err) }()
	sources, logins, err := archive.Likely(ctx, s)
	if err != nil {
		return Judgement{}, err
	}
	pull, sources, err := forge.Read(ctx, s, config.Policy(replace(sources, what), d).Need(), logins)
	if err != nil {
		return Judgement{}, fmt.Errorf("read %s: %w", s, err)
	}
	from.Inspector.redact(&pull)
	sources = from.Inspector.redactSources(sources, d)
	if err := archive.Observe(ctx, s, &pull); err != nil {
		return Judgement{}, err
	}
	j := Judgement{Pull: pull, Sources: replace(sources, what)}
	if !pull.Open {
		return j, nil
	}
	if err := archive.Recall(ctx, s, &j.Pull); err != nil {
		return j, err
	}
	from.Inspector.redactSeen(&j.Pull)
	j.Policy = config.Policy(j.Sources, d)
	if p := j.Pull.Proposed; p != nil && !p.Removed && len(p.Problems) == 0 {
		p.Problems = config.Proposed(p.Path, p.Text, heldBy(p, j.Sources))
		if p.WhatIf, err = whatIf(ctx, archive, s, d, p); err != nil {
			return j, err
		}
	}
	if err := complete(ctx, forge, archive, from, s, &j); err != nil {
		return j, err
	}
	if err := foresee(ctx, forge, s, &j.Pull); err != nil {
		return j, err
	}
	j.Verdict = checks.Judge(j.Policy, j.Pull)
	j.Plan = checks.Plan(j.Verdict, j.Pull)
	return j, nil
}

// complete fetches what the policy's checks say that the snapshot lacks, first
// from the record, then from GitHub; values, reports and scans last, since they are
// about the files.
func complete(ctx context.Context, forge Forge, archive Archive, from Sources, s checks.Subject, j *Judgement) error {
	archive = afresh{archive, &j.Pull}
	reports := from.Reports.begin(archive, s, &j.Pull)
	for range rounds {
		w := j.Policy.Wants(j.Pull)
		if w.None() {
			return nil
		}
		coverage, scans, values := w.Coverage, w.Scans, w.Values
		w.Coverage, w.Scans, w.Values = nil, nil, nil
		var err error
		switch {
		case !w.None():
			err = fetch(ctx, forge, archive, s, j, w)
			from.Inspector.redactTexts(&j.Pull)
			from.Inspector.redactReferences(&j.Pull)
		case len(values) > 0:
			if err = reports.values(ctx, values); err != nil {
				err = fmt.Errorf("read values of %s: %w", s, err)
			}
		case len(coverage) > 0:
			if err = reports.coverage(ctx, coverage); err != nil {
				err = fmt.Errorf("gather coverage of %s: %w", s, err)
			}
		default:
			if err = from.Inspector.scan(ctx, archive, reports, scans); err != nil {
				err = fmt.Errorf("scan %s: %w", s, err)
			}
		}
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("read %s: still lacking %+v after %d rounds", s, j.Policy.Wants(j.Pull), rounds)
}

// fetch answers what is wanted, values, reports and scans left out.
func fetch(ctx context.Context, forge Forge, archive Archive, s checks.Subject, j *Judgement, w checks.Wants) error {
	if err := archive.Fill(ctx, s, &j.Pull, w); err != nil {
		return err
	}
	w = j.Policy.Wants(j.Pull)
	if w.Coverage, w.Scans, w.Values = nil, nil, nil; w.None() {
		return nil
	}
	if err := forge.Complete(ctx, s, &j.Pull, w); err != nil {
		return fmt.Errorf("complete %s: %w", s, err)
	}
	return archive.Keep(ctx, s, &j.Pull, w)
}

// replace puts another policy text in the place of the repository's.
func replace(sources []checks.Source, with *checks.Source) []checks.Source {
	if with == nil {
		return sources
	}
	out := []checks.Source{*with}
	for _, s := range sources {
		if s.Floor {
			out = append(out, s)
		}
	}
	return out
}
