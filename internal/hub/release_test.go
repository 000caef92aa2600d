package hub

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/handrail-bot/handrail/checks"
)

// ordinaryRelease is the data of a release with an annotated tag of a tag, a draft and a
// tracking issue.
func ordinaryRelease() m {
	return m{
		"rateLimit": m{"cost": 1, "limit": 5000, "remaining": 4998, "resetAt": "2026-01-01T01:00:00Z"},
		"repository": m{
			"id": "R_1", "databaseId": repoID, "name": "shop", "owner": m{"login": "acme"}, "isPrivate": true, "isArchived": false, "hasIssuesEnabled": true,
			"label": nil, "collaborators": people("Ann", "WRITE"),
			"defaultBranchRef": m{"name": "main", "target": m{"oid": baseSHA, "policy": blobOf("b1", "version: 1\n")}, "rules": list(), "refUpdateRule": nil},
			"ref": m{"target": m{
				"__typename": "Tag", "oid": tagOID, "tagger": m{"user": user("bob")},
				"target": m{"__typename": "Tag", "oid": oldSHA, "target": m{"__typename": "Commit", "oid": headSHA, "statusCheckRollup": m{"commit": m{"oid": headSHA}, "contexts": list(
					m{"__typename": "StatusContext", "id": "SC_1", "context": "build", "state": "SUCCESS", "targetUrl": nil, "createdAt": "2026-01-01T00:02:00Z", "creator": nil},
				)}}},
			}},
			"release": m{"databaseId": 31},
			"issue": m{
				"id": "I_3", "number": 3, "state": "OPEN", "title": "Release v1.0.0", "body": "x", "viewerDidAuthor": true, "repository": m{"databaseId": repoID},
				"labels":   list(m{"id": "L_1", "name": "x"}),
				"comments": list(m{"fullDatabaseId": "6001", "body": "/promote", "createdAt": "2026-01-01T00:04:00Z", "lastEditedAt": nil, "viewerDidAuthor": false, "author": user("yan")}),
			},
		},
		"floor": nil,
	}
}

func draftBody() m {
	return m{"id": 31, "node_id": "RE_31", "tag_name": "v1.0.0", "name": "One", "draft": true, "prerelease": false, "immutable": true, "published_at": nil,
		"author": m{"login": "ann", "id": 3, "type": "User"}, "assets": []any{m{"id": 41, "name": "app.tar.gz", "size": 3, "digest": "sha256:" + hex64, "state": "uploaded", "updated_at": "2026-01-01T00:01:00Z"}}}
}

const (
	releasesPath = "/repos/acme/shop/releases/31"
	gatePath     = "/repos/acme/shop/actions/runs/70/deployment_protection_rule"
	pendingPath  = "/repos/acme/shop/actions/runs/70/pending_deployments"
)

// showsRelease makes the forge answer with a release.
func (f *forge) showsRelease(data, body m) {
	f.query = func(op string, _ m) any {
		if op == "ReleaseNow" {
			repo := data["repository"].(m)
			return m{"data": m{"repository": m{"databaseId": repoID, "ref": repo["ref"], "release": repo["release"]}}}
		}
		return m{"data": data, "errors": floorMissing()}
	}
	f.rest[releasesPath] = func(*http.Request) any { return body }
}

func TestATagOfATagIsOfTheCommitAtItsEnd(t *testing.T) {
	f := newForge(t, Config{})
	data := ordinaryRelease()
	f.showsRelease(data, draftBody())
	r, _, err := f.hub.Release(t.Context(), aRelease(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if r.Tag.OID != tagOID || r.Tag.Commit != headSHA || r.Tag.Named.Login != "bob" || len(r.Runs) != 1 || !r.Page.Immutable || len(r.Issue.Comments) != 1 {
		t.Errorf("%+v", r)
	}
	set(data, m{"__typename": "Tree", "oid": oldSHA}, "repository", "ref", "target", "target")
	if r, _, err = f.hub.Release(t.Context(), aRelease(), 3); err != nil || r.Tag.Commit != "" || r.Tag.OID != tagOID || len(r.Runs) != 0 {
		t.Errorf("a tag of no commit: %+v, %v", r.Tag, err)
	}
}

// What GitHub leaves out must never pass for nothing being there.
func TestAReleaseThatIsNotWholeIsNoRelease(t *testing.T) {
	for name, spoil := range map[string]func(data, body m){
		"no repository":               func(d, _ m) { d["repository"] = nil },
		"where the tag is":            func(d, _ m) { set(d, nil, "repository", "ref", "target") },
		"where the default branch is": func(d, _ m) { set(d, nil, "repository", "defaultBranchRef", "target") },
		"rules":                       func(d, _ m) { set(d, nil, "repository", "defaultBranchRef", "rules") },
		"some rules":                  func(d, _ m) { set(d, cut1(), "repository", "defaultBranchRef", "rules") },
		"a check": func(d, _ m) {
			set(d, list(nil), "repository", "ref", "target", "target", "target", "statusCheckRollup", "contexts")
		},
		"checks": func(d, _ m) {
			set(d, cut1(), "repository", "ref", "target", "target", "target", "statusCheckRollup", "contexts")
		},
		"a comment":                        func(d, _ m) { set(d, list(nil), "repository", "issue", "comments") },
		"which release it is":              func(d, _ m) { set(d, 0, "repository", "release", "databaseId") },
		"whether it is a draft":            func(_, b m) { delete(b, "draft") },
		"whether it is a pre-release":      func(_, b m) { b["prerelease"] = nil },
		"the release, it gives another":    func(_, b m) { b["id"] = 32 },
		"the release, it is another tag's": func(_, b m) { b["tag_name"] = "v2" },
	} {
		f := newForge(t, Config{})
		data, body := ordinaryRelease(), draftBody()
		spoil(data, body)
		f.showsRelease(data, body)
		if r, _, err := f.hub.Release(t.Context(), aRelease(), 3); err == nil {
			t.Errorf("GitHub left out %s: %+v", name, r)
		}
	}
}

// cut1 is a list that is shorter than it says, without a next page.
func cut1() m {
	l := list()
	l["totalCount"] = 1
	return l
}

func TestAFailureInsideARepositoryIsNoAnswer(t *testing.T) {
	for _, path := range [][]any{{"repository", "release"}, {"repository", "ref"}, {"repository", "issue", "comments"}, {"repository", "defaultBranchRef", "rules"}} {
		f := newForge(t, Config{})
		data := ordinaryRelease()
		set(data, nil, "repository", path[1].(string))
		f.query = func(string, m) any {
			return m{"data": data, "errors": []any{m{"type": "INTERNAL", "path": path, "message": "broke"}}}
		}
		if _, _, err := f.hub.Release(t.Context(), aRelease(), 3); err == nil {
			t.Errorf("%v was not told and passes for none", path)
		}
	}
}

func TestWhoIsNotOnTheWholeListOfCollaboratorsIsAnOutsider(t *testing.T) {
	f := newForge(t, Config{})
	f.showsRelease(ordinaryRelease(), draftBody())
	r, _, err := f.hub.Release(t.Context(), aRelease(), 3)
	if err != nil || r.People["ann"].Permission != "write" || r.People["yan"].Permission != "none" || r.People["bob"].Permission != "none" {
		t.Errorf("%v %v", r.People, err)
	}
	data := ordinaryRelease()
	few := people("Ann", "WRITE")
	few["totalCount"] = 400
	set(data, few, "repository", "collaborators")
	f.showsRelease(data, draftBody())
	if r, _, err = f.hub.Release(t.Context(), aRelease(), 3); err != nil || len(r.People) != 1 {
		t.Errorf("of a list that is cut, %v is known: %v", r.People, err)
	}
}

func TestAnAttestationThatWasNotLookedAtIsNotNone(t *testing.T) {
	f := newForge(t, Config{})
	linked := m{"repository_id": repoID, "bundle": nil, "bundle_url": "https://example.org/x"}
	f.rest["/repos/acme/shop/attestations/sha256:"+hex64] = func(*http.Request) any { return m{"attestations": []any{linked}} }
	r := judged()
	if err := f.hub.CompleteRelease(t.Context(), aRelease(), &r, checks.Wants{Attested: []string{"sha256:" + hex64}}); err != nil || !r.Artifacts[0].AttestedDenied || !r.Artifacts[0].AttestedRead {
		t.Errorf("%+v %v", r.Artifacts[0], err)
	}
}

// Whether GraphQL tells of a draft that REST does not show, nothing says.
func TestADraftThatOnlyGraphQLTellsOfIsHidden(t *testing.T) {
	for may, hidden := range map[string]bool{"read": true, "write": false} {
		f := newForge(t, Config{})
		f.mint = func(w http.ResponseWriter) bool {
			w.WriteHeader(http.StatusCreated)
			_ = json.NewEncoder(w).Encode(m{"token": secretToken, "expires_at": "2999-01-01T00:00:00Z", "permissions": m{"contents": may, "issues": may}})
			return true
		}
		f.showsRelease(ordinaryRelease(), nil)
		f.rest[releasesPath] = func(*http.Request) any { return said(404, "Not Found") }
		r, _, err := f.hub.Release(t.Context(), aRelease(), 3)
		if e, moved := errors.AsType[*Error](err); hidden != (err == nil) || hidden != r.Page.Hidden || r.Page.ID != 0 || !hidden && (!moved || !e.Moved) {
			t.Errorf("with contents: %s: %+v %v", may, r.Page, err)
		}
		if hidden && !r.Issue.Denied {
			t.Error("the issue passes for one that may be written")
		}
	}
}
