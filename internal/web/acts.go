package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

// bodyLimit is the longest body that is read, in bytes.
const bodyLimit = 16 << 10

// NewAct is what somebody does about a release.
type NewAct struct {
	Kind checks.ActKind `json:"kind"`
	// Role that is signed in, or in which a signature is revoked; "rejection" to revoke a
	// rejection.
	Role checks.RoleName `json:"role,omitzero"`
	// Candidate is the digest of the candidate that it is about, or its first 12 digits
	// or more.
	Candidate string `json:"candidate,omitzero"`
	// Evidence is in the same way the evidence that is accepted; "" for what is there.
	Evidence string `json:"evidence,omitzero"`
	Reason   string `json:"reason,omitzero"`
}

// Unfit is the error of [Acts] that something cannot be taken, for a reason that is the
// person's to mend.
type Unfit struct{ What string }

// Error implements error.
func (u *Unfit) Error() string { return u.What }

// roled are the acts that name a role.
var roled = []checks.ActKind{checks.ActSign, checks.ActRevoke}

// act keeps what somebody does about a release. What is answered is that it is on
// record; whether it counts is judged at once, and is said with the release.
func (a *api) act(r *http.Request, who caller, t target) (reply, error) {
	asked, err := readAct(r)
	if err != nil {
		return reply{}, err
	}
	sub, err := a.mayRead(r.Context(), who, t.owner, t.repo, false)
	if err != nil {
		return reply{}, err
	}
	is, err := a.releaseIn(r.Context(), sub, t.tag)
	if err != nil {
		return reply{}, err
	}
	candidate := is.About(asked.Kind)
	switch {
	case !checks.IsCandidate(asked.Candidate, candidate):
		return reply{}, otherCandidate(candidate)
	case asked.Evidence != "" && !checks.IsCandidate(asked.Evidence, is.Evidence.Digest):
		return reply{}, &refusal{
			status: http.StatusConflict, Word: "other_evidence", Message: "The release brings something else by now.", Hint: "Look at it again, and say what you do about that.",
			Candidate: candidate,
		}
	}
	kept, err := a.Acts.ActOn(r.Context(), sub.Owner, sub.Repo, t.tag, checks.Act{
		Kind: asked.Kind, Role: asked.Role, By: who.by, Via: checks.ByCommand, Candidate: candidate, Reason: asked.Reason,
	})
	if err != nil {
		return reply{}, unkept(err, t.tag)
	}
	a.Log.Info().Str("github_repository_owner", sub.Owner).Str("github_repository_name", sub.Repo).Str("tag", t.tag).
		Str("kind", string(kept.Kind)).Str("by", kept.By.Login).Int64("entry", kept.Seq).Msg("took an act about a release")
	return reply{status: http.StatusAccepted, body: Act{Act: kept}}, nil
}

// readAct reads the body, which must be whole and nothing else.
func readAct(r *http.Request) (NewAct, error) {
	var a NewAct
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return a, &refusal{status: http.StatusUnsupportedMediaType, Word: "not_json", Message: "The body must be JSON.", Hint: "Send \"Content-Type: application/json\"."}
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(&a)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something stands behind it")
		}
	}
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return a, &refusal{status: http.StatusRequestEntityTooLarge, Word: "too_long", Message: fmt.Sprintf("The body is longer than %d bytes.", bodyLimit)}
	case err != nil:
		return a, &refusal{status: http.StatusBadRequest, Word: "not_json", Message: "The body is not what it must be: " + checks.Plain(err.Error()) + ".",
			Hint: `Send {"kind": "sign", "role": "qa", "candidate": "…"}.`}
	}
	return a, a.fault()
}

// fault is what an act lacks that can be told before anything is looked up.
func (a NewAct) fault() error {
	lacks := func(message, hint string) error {
		return &refusal{status: http.StatusUnprocessableEntity, Word: "incomplete", Message: message, Hint: hint}
	}
	switch {
	case !slices.Contains(checks.ActKinds(), a.Kind):
		return lacks(fmt.Sprintf("%q is nothing that can be done about a release.", checks.Plain(string(a.Kind))), "The kinds are "+checks.ActNames()+".")
	case slices.Contains(roled, a.Kind) && a.Role == "":
		return lacks("The role is missing.", "Say in which role: \"role\".")
	case len(a.Candidate) < checks.ShortCandidate:
		return lacks("The candidate is missing.", fmt.Sprintf("Say what it is about, by %d or more digits of its digest: \"candidate\".", checks.ShortCandidate))
	}
	return nil
}

func otherCandidate(candidate string) error {
	no := &refusal{
		status: http.StatusConflict, Word: "other_candidate", Message: "The release has another candidate by now.", Hint: "Look at it again, and say what you do about that one.",
		Candidate: candidate,
	}
	if candidate == "" {
		no.Message, no.Hint = "The release has no candidate now: its tag is gone, or what it brings is still gathered.", "Look at it again."
	}
	return no
}

// unkept is why an act was not kept.
func unkept(err error, tag string) error {
	var unfit *Unfit
	if errors.As(err, &unfit) {
		return &refusal{status: http.StatusUnprocessableEntity, Word: "unfit", Message: checks.Plain(unfit.What)}
	}
	return unknown(err, tag)
}

// unknown turns the store's word for what it has never heard of into an answer.
func unknown(err error, tag string) error {
	if errors.Is(err, store.ErrUnknown) {
		return noRelease(checks.Plain(tag))
	}
	return err
}
