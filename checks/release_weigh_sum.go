package checks

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// evidenceOrder are the states that are not met, the worst first: what nobody asked
// anything of, what was merged against what was asked, what nothing is known of, and
// what somebody answers for.
var evidenceOrder = [...]EvidenceState{EvidenceNoPull, EvidenceBypassed, EvidenceUnknown, EvidenceOverridden}

// sum fills in the counts, and the changes that are not met.
func (w *weighing) sum(e *ReleaseEvidence, list []Brought) {
	e.Counts = map[EvidenceState]int{}
	var branches []string
	for i := range list {
		b := &list[i]
		e.Counts[b.State]++
		if b.Number > 0 {
			e.Pulls++
		}
		if b.Base != "" {
			e.Elsewhere++
			branches = append(branches, b.Base)
		}
		if b.State != EvidenceMet {
			e.Odd = append(e.Odd, *b)
		}
	}
	slices.SortStableFunc(e.Odd, func(a, b Brought) int { return cmp.Compare(oddness(a.State), oddness(b.State)) })
	e.Odd = slices.Clip(e.Odd[:min(len(e.Odd), oddLimit)])
	branches = sorted(branches)
	e.Branches = branches[:min(len(branches), branchLimit)]
}

func oddness(s EvidenceState) int { return slices.Index(evidenceOrder[:], s) }

// people fills in who worked on the range. A commit that names nobody but GitHub's own
// account is nobody's: that name is in a commit what its author wrote there.
func (w *weighing) people(e *ReleaseEvidence) {
	who := map[string]*RangeContributor{}
	for i := range w.commits {
		c, named := &w.commits[i], false
		for _, a := range c.People {
			if key := account(a); key != "" && key != gitHubAccount {
				named = true
				if one := contribute(who, key, a); one.Commit == "" {
					one.Commit = c.SHA // the commits are in order
				}
			}
		}
		if c.Nameless || !named {
			e.Nameless = append(e.Nameless, c.SHA)
		}
	}
	for number, p := range w.pulls {
		if key := account(p.Author); key != "" {
			if one := contribute(who, key, p.Author); one.Pull == 0 || number < one.Pull {
				one.Pull = number
			}
		}
	}
	for _, one := range who {
		e.Contributors = append(e.Contributors, *one)
	}
	slices.SortFunc(e.Contributors, func(a, b RangeContributor) int { return strings.Compare(a.Login, b.Login) })
	e.NamelessCount = len(e.Nameless) + w.missing()
	e.Nameless = slices.Clip(e.Nameless[:min(len(e.Nameless), oddLimit)])
}

// contribute is the entry of an account among contributors. Its login is the account's
// key, by which people are told from Apps.
func contribute(who map[string]*RangeContributor, key string, a Actor) *RangeContributor {
	one := who[key]
	if one == nil {
		one = &RangeContributor{Login: key}
		who[key] = one
	}
	one.ID = max(one.ID, a.ID)
	return one
}

// digest is the SHA-256 over the range and the list, in 64 hexadecimal digits. Titles,
// names and reasons are not in it: they change without anything that was weighed.
func (w *weighing) digest(list []Brought) string {
	buf := appendTexts(nil, "handrail evidence 1", w.base.Base, w.base.Head, strconv.Itoa(w.base.Total), strconv.FormatBool(w.base.Cut))
	for i := range list {
		b := &list[i]
		buf = appendTexts(buf, strconv.Itoa(b.Number), string(b.State), strconv.FormatInt(b.Seq, 10), b.Base, strconv.Itoa(len(b.Commits)))
		buf = appendTexts(buf, b.Commits...)
	}
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:])
}

// thousands is a number as people read it: 5,000.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
