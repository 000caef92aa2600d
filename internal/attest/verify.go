package attest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/handrail-bot/handrail/checks"
)

// Expect is what whoever deploys knows, and the decision has to say, too. What is not
// set is not asked for.
type Expect struct {
	Repo        string // owner/name, any case
	Tag         string
	Commit      string // full SHA
	Environment string // to which it is to be deployed
	// Artifacts are digests, "sha256:HEX", by name.
	Artifacts map[string]string
	// NotBefore is how old the decision may be: it must not have been made before.
	NotBefore time.Time
}

// ParseKey reads a log's verifier key: "NAME+HASH+KEY", as
// "handrail release key" prints it.
func ParseKey(text string) (note.Verifier, error) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "PRIVATE+KEY") {
		return nil, errors.New("this is the log's private key, which must never leave its server: take the verifier key, as \"handrail release key\" prints it")
	}
	key, err := note.NewVerifier(text)
	if err != nil {
		return nil, fmt.Errorf("it is no verifier key, as \"handrail release key\" prints it: %w", err)
	}
	return key, nil
}

// Verify is the decision that an envelope holds. The error, one line for each fault,
// says what is wrong with it or does not fit: the envelope must be signed by the key,
// the entry be in the log whose checkpoint the key has signed, the decision be that
// entry's, the candidate's digest be of what it says, and all be as expected.
//
// It says what was decided, and knows nothing of what has happened since.
func Verify(envelope []byte, key note.Verifier, want Expect) (checks.Decision, error) {
	payload, err := unseal(envelope, key)
	if err != nil {
		return checks.Decision{}, err
	}
	var s Statement
	if err := json.Unmarshal(payload, &s); err != nil {
		return checks.Decision{}, fmt.Errorf("the envelope holds no statement: %w", err)
	}
	d, err := decision(s.Predicate.Decision)
	if err != nil {
		return checks.Decision{}, err
	}
	return d, errors.Join(proven(s, d, key), want.met(d))
}

// proven says what a statement says that its own proof does not.
func proven(s Statement, d checks.Decision, key note.Verifier) error {
	var faults []error
	no := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if s.Type != StatementType || s.PredicateType != PredicateType {
		no("it is a statement of type %q about %q, not a decision on a release", s.Type, s.PredicateType)
	}
	x := s.Predicate.Log
	if err := x.Check(key, s.Predicate.Decision); err != nil {
		faults = append(faults, err)
	}
	if x.Kind != promoted {
		no("entry %d of the log is of kind %q, not %q", x.Seq, x.Kind, promoted)
	}
	if want := string(checks.KindRelease) + "/" + d.Tag; x.Subject != want || x.RepoID != d.RepoID {
		no("entry %d of the log is about %q of repository %d, the decision about %q of %d", x.Seq, x.Subject, x.RepoID, want, d.RepoID)
	}
	if d.Candidate.Tag != d.Tag {
		no("the candidate is one of the tag %s, not of %s", quoted(d.Candidate.Tag), quoted(d.Tag))
	}
	if digest := d.Candidate.Digest(); digest != d.Digest {
		no("the candidate's digest is %.12s, not %.12s", digest, d.Digest)
	}
	if !reflect.DeepEqual(s.Subject, subjects(d, s.Predicate.GitHub)) {
		no("the statement's subjects are not those of the decision")
	}
	return errors.Join(faults...)
}

// met says what is not as expected.
func (want Expect) met(d checks.Decision) error {
	var faults []error
	no := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if want.Repo != "" && !strings.EqualFold(want.Repo, d.Repo) {
		no("it is about the repository %s, not %s", quoted(d.Repo), want.Repo)
	}
	if want.Tag != "" && want.Tag != d.Tag {
		no("it is about the tag %s, not %s", quoted(d.Tag), want.Tag)
	}
	if want.Commit != "" && !strings.EqualFold(want.Commit, d.Candidate.Commit) {
		no("it is about the commit %s, not %s", quoted(d.Candidate.Commit), want.Commit)
	}
	if want.Environment != "" && !slices.Contains(d.Environments, want.Environment) {
		no("it does not let anything into the environment %s%s", want.Environment, only(d.Environments))
	}
	for _, name := range slices.Sorted(maps.Keys(want.Artifacts)) {
		if fault := artifact(d.Candidate.Artifacts, name, want.Artifacts[name]); fault != nil {
			faults = append(faults, fault)
		}
	}
	if d.At.Before(want.NotBefore) {
		no("it was decided %s, which is too long ago", d.At.UTC().Format(time.RFC3339))
	}
	return errors.Join(faults...)
}

// artifact says what is wrong with an artifact's digest.
func artifact(all []checks.CandidateArtifact, name, digest string) error {
	i := slices.IndexFunc(all, func(a checks.CandidateArtifact) bool { return a.Name == name })
	if i < 0 {
		return fmt.Errorf("the artifact %s is not part of it", name)
	}
	for _, a := range all {
		if a.Name == name && strings.EqualFold(a.Digest, digest) {
			return nil
		}
	}
	return fmt.Errorf("the artifact %s has the digest %s, not %s", name, quoted(all[i].Digest), digest)
}

func only(environments []string) string {
	if len(environments) == 0 {
		return ", nor into any other"
	}
	var names []string
	for _, e := range environments {
		names = append(names, quoted(e))
	}
	return ", only into " + strings.Join(names, ", ")
}

// quoted is a text of the decision in a line of ours.
func quoted(s string) string { return fmt.Sprintf("%q", checks.Plain(s)) }
