package hub

import (
	"context"
	"fmt"
	"net/http"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opReleaseNow  = "release now"
	opPublishPage = "publish release"
)

// publishPage publishes the draft, or makes the pre-release a full release. Right
// before, the tag and the release are read again: what is not what was judged is not
// published. Which release is called the latest is decided by version, not by which
// was published last.
func (p *releasing) publishPage(ctx context.Context, i int) error {
	then := p.r.Page
	switch {
	case then.ID == 0 || p.actions[i].Page != then.ID:
		return changed(opPublishPage, "it is another release that was judged")
	case !then.Draft && !then.Prerelease:
		return nil
	}
	if err := p.unchanged(ctx); err != nil {
		return err
	}
	now, err := p.pageNow(ctx)
	if err != nil {
		return err
	}
	if why := differs(then, now); why != "" {
		return changed(opPublishPage, why)
	}
	change := map[string]any{"make_latest": "legacy"}
	if then.Draft {
		change["draft"] = false
	}
	if then.Prerelease {
		change["prerelease"] = false
	}
	var body releaseBody
	err = p.write(ctx, i, http.MethodPatch, resource{p.s, opPublishPage, fmt.Sprintf("releases/%d", then.ID)}, change, &body)
	if err != nil {
		return explainWrite(err, "this App may not publish releases; grant it contents: write",
			"GitHub has no such release any more, or does not let this App publish it, which takes workflows: write where the release's commit changes workflows")
	}
	if body.ID != then.ID || body.Draft == nil || *body.Draft || body.Prerelease == nil || *body.Prerelease {
		return &Error{Op: opPublishPage, Status: http.StatusOK, What: "GitHub does not show it as published"}
	}
	return nil
}

// unchanged refuses to go on unless the tag is where it was when it was judged, and
// GitHub's release of it is the same.
func (p *releasing) unchanged(ctx context.Context) error {
	var a releaseAnswer
	vars := map[string]any{"owner": p.s.Owner, "name": p.s.Repo, "ref": "refs/tags/" + p.r.Tag.Name, "tag": p.r.Tag.Name}
	if err := p.h.askOf(ctx, p.s.Installation, question{op: opReleaseNow, text: p.h.text.releaseNow, vars: vars}, &a); err != nil {
		return err
	}
	repo := a.Repository
	switch {
	case repo == nil || repo.DatabaseID != p.r.Repo.ID:
		return anotherRepository(opReleaseNow)
	case p.r.Tag.Gone || p.r.Tag.OID == "" || repo.Ref == nil || repo.Ref.Target == nil:
		return changed(opReleaseNow, "the tag is gone")
	case repo.Ref.Target.OID != p.r.Tag.OID:
		return changed(opReleaseNow, "the tag was moved")
	}
	id := int64(0)
	if repo.Release != nil {
		id = repo.Release.DatabaseID
	}
	if id != p.r.Page.ID {
		return changed(opReleaseNow, "the tag has another release")
	}
	return nil
}

// pageNow is the release as it is at this moment.
func (p *releasing) pageNow(ctx context.Context) (checks.ReleasePage, error) {
	body, err := p.h.releaseBody(ctx, p.c, p.s, p.r.Page.ID)
	if e, none := missingAt(opPage, err); none {
		return checks.ReleasePage{}, changed(e.Op, "its release is gone")
	}
	if err != nil {
		return checks.ReleasePage{}, err
	}
	page := body.page()
	if len(page.Assets) >= assetsAtOnce {
		page.Assets, page.AssetsCut, err = p.h.assets(ctx, p.c, p.s, page.ID)
	}
	return page, err
}

// differs is how a release is another than it was, "" when it is the same: by what a
// candidate is told by, and by whether it is published.
func differs(then, now checks.ReleasePage) string {
	files := func(page checks.ReleasePage) string {
		return (&checks.Release{Page: page}).Candidate(checks.Policy{}).Digest()
	}
	switch {
	case now.Draft != then.Draft || now.Prerelease != then.Prerelease:
		return "it was published, or taken back, by somebody else"
	case files(now) != files(then) || now.AssetsCut || then.AssetsCut:
		return "its files are others"
	}
	return ""
}

// changed is that something was not done since it is not what was judged.
func changed(op, why string) *Error {
	return &Error{Op: op, Status: http.StatusOK, What: "the release has changed since it was judged (" + why + "), so this was not done", Moved: true}
}
