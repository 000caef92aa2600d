package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// ofRuns are those reports that the present attempts of runs have sent.
func ofRuns(sent []store.Upload, runs []checks.WorkflowRun) []store.Upload {
	var out []store.Upload
	for _, u := range sent {
		if slices.ContainsFunc(runs, func(r checks.WorkflowRun) bool { return r.ID == u.Run && r.Attempt == u.Attempt }) {
			out = append(out, u)
		}
	}
	return out
}

// outdated says whether a whole list of runs is from before what events have
// told: an attempt that is over is not in it, still runs, or has not begun.
func outdated(runs []checks.WorkflowRun, ended map[int64]int) bool {
	for id, attempt := range ended {
		i := slices.IndexFunc(runs, func(r checks.WorkflowRun) bool { return r.ID == id })
		if i < 0 || runs[i].Attempt < attempt || runs[i].Attempt == attempt && runs[i].Status != "completed" {
			return true
		}
	}
	return false
}

// senders are the runs that have sent something.
func senders(sent []store.Upload) []int64 {
	var out []int64
	for _, u := range sent {
		if !slices.Contains(out, u.Run) {
			out = append(out, u.Run)
		}
	}
	return out
}

// reporting are the runs of which there are reports.
func reporting(runs []checks.WorkflowRun, reports []checks.Report) []checks.WorkflowRun {
	var out []checks.WorkflowRun
	for _, r := range runs {
		if slices.ContainsFunc(reports, func(q checks.Report) bool { return q.Run == r.ID }) {
			out = append(out, r)
		}
	}
	return out
}

// inputs is the identity of what runs for a branch left and sent. What a run
// leaves as artifacts does not change once it is over.
func inputs(runs []checks.WorkflowRun, sent []store.Upload, branch string) string {
	lines := []string{"onto " + branch}
	for _, r := range runs {
		lines = append(lines, fmt.Sprintf("run %d.%d", r.ID, r.Attempt))
	}
	for _, u := range sent {
		lines = append(lines, fmt.Sprintf("sent %d.%d %s %q", u.Run, u.Attempt, u.Digest, u.Name))
	}
	slices.Sort(lines)
	return digest(lines)
}

// digest stands for a value that can be written as JSON.
func digest(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "" // texts and numbers only: cannot be
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
