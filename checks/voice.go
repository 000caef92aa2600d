package checks

import "strings"

// voice is one person, or App, and what they said.
type voice struct {
	key, login string
	id         int64     // of the account; 0 when unknown
	latest     *Review   // the opinion that holds; nil when none
	form       utterance // latest, where it is an approval
	reset      moment    // the last thing that ended earlier signatures for every role
	reviewed   bool      // submitted a review of any kind
	spoken     []utterance
	misses     []miss
	edited     []string // phrases that no longer sign, since the text was edited
}

// approvals are somebody's signatures for a role: by the review form, and
// spoken; nil where there is none. voided says why one that there was is not.
func (v *voice) approvals(role *Role) (form, said *utterance, voided string) {
	var revoked moment
	for i := range v.spoken {
		u := &v.spoken[i]
		switch {
		case u.role != role.Name:
		case u.revoke:
			revoked, said = u.moment, nil
		default:
			said = u
		}
	}
	if v.form.kind != "" && role.signsByReview() {
		if form = &v.form; !revoked.at.IsZero() && form.before(revoked) {
			form, voided = nil, "took back the approval"
		}
	}
	if said != nil && !v.reset.at.IsZero() && said.before(v.reset) {
		said, voided = nil, "later asked for changes, or had a review dismissed"
	}
	return form, said, voided
}

// blocks says whether somebody's opinion is that changes are needed.
func (v *voice) blocks() bool { return v.latest != nil && v.latest.State == "CHANGES_REQUESTED" }

// rerequested says whether a review of somebody who reviewed already is asked
// for again: submitting one ends the request.
func (h *hearing) rerequested(v *voice) bool {
	if !v.reviewed {
		return false
	}
	for _, l := range h.pull.Requested {
		if strings.EqualFold(l, v.key) {
			return true
		}
	}
	return false
}

func (v *voice) sign(u utterance, edited bool) {
	if edited {
		v.edited = append(v.edited, u.line)
		return
	}
	v.spoken = append(v.spoken, u)
}
