package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// ActFault says that an act cannot be taken, and what to do about it. It is the
// person's to mend.
type ActFault struct{ What string }

// Error implements error.
func (e *ActFault) Error() string { return e.What }

// longestReason is how long a reason may be, in bytes.
const longestReason = 4000

// ActOn keeps what somebody did about a release by the command line or the interface, and
// makes the release due at once. Whether it counts is judged then, like everything that is
// done about a release; what is answered is only that it is on record. It fails with an
// [*ActFault] where the act lacks something or is about another candidate than the one
// that is there, and with [store.ErrUnknown] for a release that is not known.
func (f *Flow) ActOn(ctx context.Context, owner, repo, tag string, a checks.Act) (checks.Act, error) {
	if fault := actFault(a); fault != "" {
		return checks.Act{}, &ActFault{fault}
	}
	row, err := f.Store.ReleaseOf(ctx, owner+"/"+repo, tag)
	if err != nil {
		return checks.Act{}, err
	}
	candidate := row.Candidate
	if afterwards := a.Kind == checks.ActFollowUp || a.Kind == checks.ActFail; candidate == "" && afterwards {
		candidate = row.Promoted // its tag may be gone since
	}
	switch {
	case candidate == "":
		return checks.Act{}, &ActFault{fmt.Sprintf("%s is no candidate now: its tag is gone, or was not looked at yet.", checks.Plain(tag))}
	case a.Candidate == "":
		a.Candidate = candidate
	case !checks.IsCandidate(a.Candidate, candidate):
		return checks.Act{}, &ActFault{fmt.Sprintf("The candidate of %s is %s by now. Look at it again, and say what you do about that one.",
			checks.Plain(tag), candidate[:checks.ShortCandidate])}
	}
	if a.Kind == checks.ActAccept {
		if a.Evidence, err = f.evidence(ctx, row); err != nil {
			return checks.Act{}, err
		}
	}
	a.Via, a.Ref, a.Stage, a.Seq, a.Edited = checks.ByCommand, "", "", 0, false
	a.Reason = f.Inspector.Redact(strings.TrimSpace(a.Reason))
	if a.At.IsZero() {
		a.At = f.Now().Add(f.Forge.Skew()) // in order with what people say on GitHub
	}
	return f.Store.Act(ctx, row.Subject, a, "command", f.Now())
}

// evidence is the digest of what a release brings, as it was judged last: what is
// accepted is that and no other.
func (f *Flow) evidence(ctx context.Context, row store.ReleaseRow) (string, error) {
	last, found, err := f.Store.ReleaseRecord(ctx, row)
	if err != nil {
		return "", err
	}
	if !found || last.Release == nil || last.Release.Evidence.Digest == "" {
		return "", &ActFault{fmt.Sprintf("It is not known yet what %s brings, so nothing of it can be accepted.", checks.Plain(row.Tag))}
	}
	return last.Release.Evidence.Digest, nil
}

// actFault says what an act lacks, "" for nothing.
func actFault(a checks.Act) string {
	reasoned := []checks.ActKind{checks.ActRevoke, checks.ActReject, checks.ActAccept, checks.ActEmergency, checks.ActFollowUp,
		checks.ActFail, checks.ActRollBack}
	bound := []checks.ActKind{checks.ActSign, checks.ActPromote}
	switch {
	case !slices.Contains(checks.ActKinds(), a.Kind):
		return fmt.Sprintf("%s is nothing that can be done about a release.", checks.Plain(string(a.Kind)))
	case a.By.Login == "":
		return "Nobody is named who does it."
	case slices.Contains(reasoned, a.Kind) && strings.TrimSpace(a.Reason) == "":
		return fmt.Sprintf("A reason is needed for %s.", checks.Plain(string(a.Kind)))
	case len(a.Reason) > longestReason:
		return fmt.Sprintf("The reason is longer than %d bytes.", longestReason)
	case slices.Contains(bound, a.Kind) && a.Candidate == "":
		return fmt.Sprintf("The candidate is needed for %s: its first %d digits, as the release shows them.", checks.Plain(string(a.Kind)), checks.ShortCandidate)
	}
	return ""
}

// IsActFault says whether an error is the person's to mend, and what it says then.
func IsActFault(err error) (what string, is bool) {
	fault, is := errors.AsType[*ActFault](err)
	if is {
		what = fault.What
	}
	return what, is
}
