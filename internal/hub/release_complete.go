package hub

import (
	"context"
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// CompleteRelease fetches what is wanted of people, teams and attestations, and fills
// it into r. Everything asked for gets an entry, also when the answer is that there is
// no such thing. r's maps and slices are replaced, never changed, since others may
// share them. Teams come with the members of their child teams.
func (h *Hub) CompleteRelease(ctx context.Context, s checks.Subject, r *checks.Release, w checks.Wants) error {
	c, err := h.client(s.Installation)
	if err != nil {
		return err
	}
	about := checks.Pull{Repo: r.Repo, People: copied(r.People), Teams: copied(r.Teams)}
	if err := h.completePeople(ctx, c, s, &about, w); err != nil {
		return err
	}
	r.People, r.Teams = about.People, about.Teams
	r.Artifacts = slices.Clone(r.Artifacts)
	for _, digest := range w.Attested {
		found, denied, err := h.attested(ctx, c, s, r.Repo, digest)
		if err != nil {
			return err
		}
		for i := range r.Artifacts {
			if a := &r.Artifacts[i]; a.Digest == digest {
				a.Attested, a.AttestedRead, a.AttestedDenied = found, true, denied
			}
		}
	}
	return nil
}
