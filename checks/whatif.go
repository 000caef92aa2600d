package checks

import (
	"slices"
	"strconv"
)

// WhatIfLimit is of how many pull requests the newest verdict is judged again
// under a proposed policy (compliance.md, "Policy files").
const WhatIfLimit = 50

// WhatIf is what the newest verdicts of a repository would be under the policy
// that a pull request proposes.
type WhatIf struct {
	// Looked is the newest verdict of how many other pull requests was judged again.
	Looked int `json:"looked,omitzero"`
	// Untold is for how many of them the new policy needs what was not read then.
	Untold int `json:"untold,omitzero"`
	// Left is how many of them were left out, since a policy of that length takes too
	// long on what they change.
	Left int `json:"left,omitzero"`
	// Differs are those that would differ, by number, the newest first.
	Differs []Differ `json:"differs,omitzero"`
	// Checks are the names of the checks and commit statuses of others on those pull
	// requests, at most seenLimit of them.
	Checks []string `json:"checks,omitzero"`

	work int // so far, see [WhatIf.Affords]
}

// whatIfWork bounds what is judged again for one text: its length times the files,
// commits and comments of the pull requests, and the length of their descriptions in
// hundreds. A policy is anybody's who proposes it. Ours: some seconds.
const whatIfWork = 100_000_000

// Affords says whether a snapshot may be judged under a policy text that has so many
// bytes, after those before; one that may not is counted as left out.
func (w *WhatIf) Affords(bytes int, pull *Pull) bool {
	cost := bytes * (1 + len(pull.Files) + len(pull.Commits) + len(pull.Comments) + len(pull.Reviews) + len(pull.Body)/100)
	if w.work+cost > whatIfWork {
		w.Left++
		return false
	}
	w.work += cost
	return true
}

// seenLimit is how many names of checks are remembered. Ours.
const seenLimit = 500

// Seen are the names of checks that are known in the repository: those on other
// pull requests, on this one, and those that its branch requires. None where no
// other one was looked at, since then nothing is known of what usually runs.
func (w *WhatIf) Seen(pull *Pull) []string {
	if w == nil || len(w.Checks) == 0 {
		return nil
	}
	out := union(w.Checks, othersChecks(pull))
	for _, r := range pull.BranchRequires {
		out = union(out, []string{r.Name})
	}
	return out
}

// othersChecks are the names of the checks on a head that are not ours.
func othersChecks(pull *Pull) []string {
	var out []string
	for i := range pull.Runs {
		if r := &pull.Runs[i]; !own(r, pull) {
			out = union(out, []string{r.Name})
		}
	}
	return out
}

// Differ is a verdict that a proposed policy would change. Seq is its number in
// the record; Why says what would decide, for the stricter of both.
type Differ struct {
	Number int    `json:"number"`
	Seq    int64  `json:"seq"`
	Was    State  `json:"was"`
	Would  State  `json:"would"`
	Why    string `json:"why,omitzero"`
}

// Add judges a recorded verdict again under the proposed policy. The snapshot is
// as it was; what the policy would have had to ask for besides, nobody knows now.
func (w *WhatIf) Add(seq int64, was Verdict, policy Policy, pull Pull) {
	w.Looked++
	w.Checks = union(w.Checks, othersChecks(&pull))
	w.Checks = w.Checks[:min(len(w.Checks), seenLimit)]
	if wants := policy.Wants(pull); !wants.None() {
		w.Untold++
		return
	}
	would := Judge(policy, pull)
	if was.Own == would.Own || was.Own.Passes() && would.Own.Passes() {
		return
	}
	d := Differ{Number: pull.Number, Seq: seq, Was: was.Own, Would: would.Own}
	stricter := would.Results
	if was.Own < would.Own {
		stricter = was.Results
	}
	d.Why = quoted(list(missingIn(stricter, nil), 3))
	w.Differs = append(w.Differs, d)
}

// notes tell the result in sentences.
func (w *WhatIf) notes() []string {
	if w == nil || w.Looked+w.Left == 0 {
		return nil
	}
	if w.Looked == 0 {
		return []string{"The newest verdicts of other pull requests were not judged again under it: so long a policy would take too long on them."}
	}
	looked := "The newest verdict of " + count(w.Looked, "other pull request") + " was judged again under it: "
	untold := ""
	if w.Untold > 0 {
		untold = " Of " + strconv.Itoa(w.Untold) + " it cannot be told, since the policy asks for what was not read then."
	}
	if w.Left > 0 {
		untold += " " + strconv.Itoa(w.Left) + " more were left out, since so long a policy would take too long on them."
	}
	if len(w.Differs) == 0 {
		return []string{looked + "none would differ." + untold}
	}
	out := []string{looked + strconv.Itoa(len(w.Differs)) + " would differ." + untold}
	differs := slices.Clone(w.Differs)
	slices.SortFunc(differs, func(a, b Differ) int { return b.Number - a.Number })
	for i, d := range differs {
		if i == remarkLimit {
			out = append(out, strconv.Itoa(len(differs)-i)+" more are left out.")
			break
		}
		s := "#" + strconv.Itoa(d.Number) + " was " + d.Was.String() + " (record " + strconv.FormatInt(d.Seq, 10) + ") and would be " + d.Would.String()
		switch {
		case d.Why == "":
		case d.Would < d.Was:
			s += ", for lack of: " + d.Why
		default:
			s += ", no longer for lack of: " + d.Why
		}
		out = append(out, s+".")
	}
	return out
}
