package checks

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// evidenceWords are the states that are no plain "met", the worst first, with how
// sentences call one change and several.
var evidenceWords = []struct {
	state     EvidenceState
	one, more string
}{
	{EvidenceNoPull, "commit without a pull request", "commits without a pull request"},
	{EvidenceBypassed, "change that bypassed its requirements", "changes that bypassed their requirements"},
	{EvidenceUnknown, "change with nothing on record", "changes with nothing on record"},
	{EvidenceOverridden, "overridden change", "overridden changes"},
}

// word is what the rules say about a state; what they do not know blocks.
func (e *EvidenceRules) word(s EvidenceState) EvidenceWord {
	switch s {
	case EvidenceMet:
		return EvidenceShow
	case EvidenceOverridden:
		return e.Overridden
	case EvidenceBypassed:
		return e.Bypassed
	case EvidenceUnknown:
		return e.Unknown
	case EvidenceNoPull:
		return e.NoPullRequest
	}
	return EvidenceBlock
}

// exceptions are what of the range blocks, is to be accepted, and is only shown, each as
// a sentence names it.
func (x *releasing) exceptions() (block, accept, show []string) {
	known := map[EvidenceState]bool{EvidenceMet: true}
	for _, w := range evidenceWords {
		known[w.state] = true
		n := x.r.Evidence.Counts[w.state]
		if n == 0 {
			continue
		}
		text := strconv.Itoa(n) + " " + plural(n, w.one, w.more)
		switch x.rules.Evidence.word(w.state) {
		case EvidenceShow:
			show = append(show, text)
		case EvidenceAccept:
			accept = append(accept, text)
		default:
			block = append(block, text)
		}
	}
	for state, n := range x.r.Evidence.Counts {
		if !known[state] && n != 0 {
			block = append(block, "what is "+quoted(string(state)))
		}
	}
	slices.Sort(block)
	return block, accept, show
}

// gathered says whether all of the range is known, of this very commit.
func (x *releasing) gathered() bool {
	e := &x.r.Evidence
	return e.Done && e.Broken == "" && e.Head != "" && e.Head == x.r.Tag.Commit && e.Gathered >= e.Total && e.Digest != ""
}

// evidence judges what the release brings.
func (x *releasing) evidence() Result {
	e := &x.r.Evidence
	r := Result{ID: IDReleaseEvidence, Name: "Evidence", State: Waiting, Can: []string{operators}}
	switch {
	case e.Broken != "":
		fault{phrase(e.Broken), operators}.fill(&r)
		return r
	case !x.gathered():
		r.Summary = "What it brings is not gathered yet."
		if e.Total > 0 {
			r.Progress = thousands(min(e.Gathered, e.Total)) + " of " + thousands(e.Total) + " commits are known."
		}
		return r
	}
	if f := x.unseparated(); f.why != "" && x.rules.Separation == SeparationStrict && x.r.Tag.Pusher.Login != "" {
		fault{f.why, f.can}.fill(&r)
		return r
	}
	r.Evidence = []Evidence{{Kind: "log", ID: strconv.FormatInt(e.Seq, 10), Commit: e.Head, Text: e.Digest}}
	block, accept, show := x.exceptions()
	switch by := x.accepted(); {
	case len(block) > 0:
		r.State, r.Can = Unmet, []string{"whoever may release without them"}
		r.Summary = "It brings " + list(block, 4) + ", which the policy lets nobody release."
	case len(accept) > 0 && by == nil:
		r.Can = []string{x.rules.whose(x.rules.acceptance())}
		r.Summary = "It brings " + list(accept, 4) + ": somebody of " + r.Can[0] + " has to accept that, by a comment with the line \"" + overrideCommand + " " + IDReleaseEvidence + " REASON\"."
	case len(accept) > 0:
		r.State, r.Can = Overridden, nil
		r.Summary = "It brings " + list(accept, 4) + ", accepted by " + Plain(by.act.By.Login) + ": " + phrase(by.act.Reason) + "."
		r.Evidence = append(r.Evidence, by.act.evidence(e.Head))
		r.Until = by.until
	default:
		r.State, r.Can, r.Summary = Met, nil, "All that it brings is on record: "+count(e.Total, "commit")+"."
	}
	if len(show) > 0 {
		r.Notes = append(r.Notes, "It also brings "+list(show, 4)+", which whoever signs has seen.")
	}
	return r
}

// evidence is an act as what a result rests on.
func (a *Act) evidence(commit string) Evidence {
	e := Evidence{Kind: "log", ID: strconv.FormatInt(a.Seq, 10), Login: a.By.Login, Commit: commit, Text: string(a.Kind)}
	switch a.Via {
	case ByComment:
		e.Kind, e.ID = "comment", a.Ref
	case ByButton:
		e.Kind, e.ID = "check-run", a.Ref
	}
	return e
}

// acceptance is that somebody accepts the exceptions in the evidence.
type acceptance struct {
	act   *Act
	until time.Time
}

// accepted is who accepts the exceptions, the first who does; nil for nobody.
func (x *releasing) accepted() *acceptance {
	if len(x.accepts) == 0 {
		return nil
	}
	return &x.accepts[0]
}

// recorded says whether the evidence was there when an act was done, as far as that is
// known.
func (x *releasing) recorded(a *Act) bool {
	return x.r.Evidence.Since.IsZero() || a.At.After(x.r.Evidence.Since)
}

// hearAccept takes note of an acceptance, or refuses it. It is about the evidence that
// was there when it was heard, and about no other.
func (x *releasing) hearAccept(a *Act) {
	e := &x.r.Evidence
	can := "Somebody else can accept: " + x.rules.whose(x.rules.acceptance())
	until := a.At.Add(time.Duration(x.rules.Valid))
	switch acc := x.may(x.rules.acceptance(), a.By); {
	case a.Role != "" && !strings.EqualFold(string(a.Role), IDReleaseEvidence):
		x.refuse(a, "of a release nothing can be overridden but exceptions in the evidence: "+IDReleaseEvidence, "")
	case strings.TrimSpace(a.Reason) == "":
		x.refuse(a, "a reason is required to accept", "Write it anew with one")
	case isApp(account(a.By)):
		x.refuse(a, "no App may", can)
	case !acc.ok:
		x.refuse(a, acc.why, can)
	case x.barred(a.By) != "":
		x.refuse(a, x.barred(a.By), can)
	case a.Evidence == "" || a.Evidence != e.Digest || !x.gathered():
		x.refuse(a, "it was about other evidence than is there now", "Look at what is there and accept it anew")
	case !until.After(x.r.At):
		x.refuse(a, "it ended on "+minute(until), "It can be accepted anew")
	default:
		x.accepts = append(x.accepts, acceptance{a, until})
	}
}
