package sim

import (
	"cmp"
	"slices"
	"strings"
)

// releases are those that the token may see.
func (x *execution) releases(r *Repo, a args) (any, error) {
	if err := x.needs("contents", "read"); err != nil {
		return nil, err
	}
	all, order := r.visible(x.call.token), a.object("orderBy")
	if order.text("field") == "NAME" {
		slices.SortStableFunc(all, func(p, q *Release) int { return -cmp.Compare(p.name, q.name) })
	}
	if order.text("direction") == "ASC" || order == nil {
		slices.Reverse(all)
	}
	return connection{kind: "Release", items: items(all)}, nil
}

// release is that of a tag's name: the published one, else the newest draft.
func (x *execution) release(r *Repo, a args) (any, error) {
	if err := x.needs("contents", "read"); err != nil {
		return nil, err
	}
	var found *Release
	for _, rel := range r.visible(x.call.token) {
		if rel.tag == a.text("tagName") && (found == nil || found.draft && !rel.draft) {
			found = rel
		}
	}
	return bool2[any](found != nil, found, nil), nil
}

func (x *execution) latestRelease(r *Repo, _ args) (any, error) {
	return bool2[any](r.latest != nil, r.latest, nil), x.needs("contents", "read")
}

// user is null for who is no person.
func user(a *Account) any {
	return bool2[any](a != nil && a.Kind == "User" && !a.deleted, a, nil)
}

func releaseFields() map[string]resolver {
	return map[string]resolver{
		"id":           get(func(rel *Release) any { return rel.node() }),
		"databaseId":   get(func(rel *Release) any { return rel.ID }),
		"name":         get(func(rel *Release) any { return text(rel.name) }),
		"description":  get(func(rel *Release) any { return text(rel.body) }),
		"tagName":      get(func(rel *Release) any { return rel.tag }),
		"isDraft":      get(func(rel *Release) any { return rel.draft }),
		"isPrerelease": get(func(rel *Release) any { return rel.prerelease }),
		"isLatest":     get(func(rel *Release) any { return rel.repo.latest == rel }),
		"author":       get(func(rel *Release) any { return user(rel.author) }),
		"createdAt":    get(func(rel *Release) any { return rel.created }),
		"updatedAt":    get(func(rel *Release) any { return rel.updated }),
		"publishedAt":  get(func(rel *Release) any { return bool2[any](rel.draft, nil, rel.published) }),
		"url":          get(func(rel *Release) any { return rel.page() }),
		"resourcePath": get(func(rel *Release) any { return strings.TrimPrefix(rel.page(), rel.repo.gh.base) }),
		"repository":   get(func(rel *Release) any { return rel.repo }),
		"tag": get(func(rel *Release) any {
			return bool2[any](rel.repo.tags[rel.tag] != tag{}, refOf{rel.repo, tagsPrefix + rel.tag}, nil)
		}),
		"tagCommit": get(func(rel *Release) any {
			c := rel.repo.objects.commits[rel.repo.tags[rel.tag].sha]
			return bool2[any](c != nil, commitOf{rel.repo, c}, nil)
		}),
		"releaseAssets": on(func(_ *execution, rel *Release, a args) (any, error) {
			all := slices.DeleteFunc(slices.Clone(rel.assets), func(o *Asset) bool { return a.has("name") && o.name != a.text("name") })
			return connection{kind: "ReleaseAsset", items: items(all)}, nil
		}),
	}
}

// assetFields has what GitHub describes of an asset: no digest.
func assetFields() map[string]resolver {
	return map[string]resolver{
		"id":            get(func(a *Asset) any { return a.node() }),
		"name":          get(func(a *Asset) any { return a.name }),
		"size":          get(func(a *Asset) any { return len(a.content) }),
		"contentType":   get(func(a *Asset) any { return a.kind }),
		"downloadCount": get(func(*Asset) any { return 0 }),
		"createdAt":     get(func(a *Asset) any { return a.created }),
		"updatedAt":     get(func(a *Asset) any { return a.updated }),
		"downloadUrl":   get(func(a *Asset) any { return a.download() }),
		"url":           get(func(a *Asset) any { return a.download() }),
		"uploadedBy": get(func(a *Asset) any {
			return bool2(user(a.by) != nil, a.by, a.release.repo.gh.account("ghost"))
		}),
		"release": get(func(a *Asset) any { return a.release }),
	}
}
