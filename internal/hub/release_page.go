package hub

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opPage = "release page"
	// assetsAtOnce is how many assets stand in a release before they are listed by
	// themselves; it is the usual length of GitHub's lists, which nothing says that a
	// release's own is not cut to.
	assetsAtOnce = 30
	// assetPages is how many hundreds of assets are read. A release has at most 1,000
	// (GitHub Docs, "About releases").
	assetPages = 10
)

// page is GitHub's release of the tag. By GraphQL, drafts are found by their pending
// tag, which REST cannot; by REST, its assets have digests and it says whether it is
// immutable. Drafts are shown only to who may write contents ("List releases", REST
// docs).
func (r *releaseReading) page(ctx context.Context) (checks.ReleasePage, error) {
	hidden := r.c.lacks(contentsWrite) != ""
	found := r.answer.Repository.Release
	if found == nil {
		return checks.ReleasePage{Hidden: hidden}, nil
	}
	body, err := r.h.releaseBody(ctx, r.c, r.s, found.DatabaseID)
	if e, none := missingAt(opPage, err); none {
		if hidden {
			return checks.ReleasePage{Hidden: true}, nil
		}
		e.Moved = true // it was there a moment ago
	}
	if err != nil {
		return checks.ReleasePage{}, err
	}
	out := body.page()
	out.Hidden = hidden
	if len(out.Assets) >= assetsAtOnce {
		out.Assets, out.AssetsCut, err = r.h.assets(ctx, r.c, r.s, out.ID)
	}
	return out, err
}

// releaseBody reads a release by its number; it must be of the subject's tag.
func (h *Hub) releaseBody(ctx context.Context, c *client, s checks.Subject, id int64) (releaseBody, error) {
	var body releaseBody
	if id <= 0 {
		return body, &Error{Op: opPage, What: "GitHub did not say which release the tag has"}
	}
	if _, err := h.get(ctx, c, resource{s, opPage, fmt.Sprintf("releases/%d", id)}, nil, into(&body)); err != nil {
		return body, err
	}
	switch {
	case body.ID != id || body.Draft == nil || body.Prerelease == nil:
		return body, &Error{Op: opPage, What: "GitHub left out what a release is"}
	case body.TagName != s.Name:
		return body, &Error{Op: opPage, What: "the release is of another tag now", Moved: true}
	}
	return body, nil
}

func (b *releaseBody) page() checks.ReleasePage {
	out := checks.ReleasePage{
		ID: b.ID, NodeID: b.NodeID, Name: b.Name, Draft: *b.Draft, Prerelease: *b.Prerelease, Immutable: b.Immutable,
		Author: b.Author.actor(), Published: b.Published,
	}
	for _, a := range b.Assets {
		out.Assets = append(out.Assets, a.asset())
	}
	return out
}

func (a *assetBody) asset() checks.Asset {
	return checks.Asset{ID: a.ID, Name: a.Name, Digest: a.Digest, Size: a.Size, Updated: a.Updated, Ready: a.State == "uploaded"}
}

// assets are all assets of a release; cut says that there are more.
func (h *Hub) assets(ctx context.Context, c *client, s checks.Subject, id int64) (out []checks.Asset, cut bool, err error) {
	seen := map[int64]bool{}
	for page := 1; page != 0; {
		if page > assetPages {
			return out, true, nil
		}
		var list []assetBody
		q := url.Values{"per_page": {"100"}, "page": {strconv.Itoa(page)}}
		next, err := h.get(ctx, c, resource{s, opPage, fmt.Sprintf("releases/%d/assets", id)}, q, into(&list))
		if err != nil {
			return nil, false, err
		}
		for _, a := range list {
			if !seen[a.ID] { // one that is added moves the others on
				seen[a.ID] = true
				out = append(out, a.asset())
			}
		}
		page = next
	}
	return out, false, nil
}
