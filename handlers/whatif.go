package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/store"
)

// WhatIfArchive is what judging a proposed policy needs of the record.
type WhatIfArchive interface {
	// Newest calls each with the newest verdicts of other pull requests.
	Newest(ctx context.Context, s checks.Subject, limit int, each func(seq int64, r store.Record) error) error
	// WhatIf and KeepWhatIf remember the answer for a text.
	WhatIf(ctx context.Context, s checks.Subject, text [32]byte) (checks.WhatIf, bool, error)
	KeepWhatIf(ctx context.Context, s checks.Subject, text [32]byte, w checks.WhatIf) error
}

// whatIf says what the newest verdicts would be under the policy that a pull
// request proposes. The answer for a text is given once: it is about the moment
// at which the text was first seen.
func whatIf(ctx context.Context, archive WhatIfArchive, s checks.Subject, d config.Defaults, proposed *checks.ProposedPolicy) (*checks.WhatIf, error) {
	if proposed == nil || proposed.Removed || proposed.Path != checks.PolicyPath {
		return nil, nil
	}
	for _, p := range proposed.Problems {
		if !p.Warning {
			return nil, nil // it judges nothing
		}
	}
	text := sha256.Sum256([]byte(proposed.Path + "\x00" + proposed.Text))
	w, found, err := archive.WhatIf(ctx, s, text)
	if err != nil || found {
		return &w, err
	}
	with := checks.Source{Repo: s.Owner + "/" + s.Repo, Path: proposed.Path, Text: proposed.Text}
	err = archive.Newest(ctx, s, checks.WhatIfLimit, func(seq int64, r store.Record) error {
		then := d
		if len(r.Defaults) > 0 && json.Unmarshal(r.Defaults, &then) != nil {
			then = d
		}
		if !w.Affords(len(proposed.Text), &r.Pull) {
			return ctx.Err()
		}
		w.Add(seq, r.Verdict, config.Policy(replace(r.Sources, &with), then), r.Pull)
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("judge the newest verdicts under the proposed policy: %w", err)
	}
	return &w, archive.KeepWhatIf(ctx, s, text, w)
}
