package sim

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

func commitFields() map[string]resolver {
	headline := func(v commitOf) string { s, _, _ := strings.Cut(v.c.message, "\n"); return s }
	return map[string]resolver{
		"id":              get(func(v commitOf) any { return "C_" + v.c.sha }),
		"oid":             get(func(v commitOf) any { return v.c.sha }),
		"abbreviatedOid":  get(func(v commitOf) any { return v.c.sha[:7] }),
		"authoredDate":    get(func(v commitOf) any { return v.c.author.at }),
		"committedDate":   get(func(v commitOf) any { return v.c.committer.at }),
		"message":         get(func(v commitOf) any { return strings.TrimRight(v.c.message, "\n") }),
		"messageHeadline": get(func(v commitOf) any { return headline(v) }),
		"messageBody": get(func(v commitOf) any {
			_, rest, _ := strings.Cut(v.c.message, "\n")
			return strings.TrimSpace(rest)
		}),
		"committedViaWeb":     get(func(v commitOf) any { return v.r.objects.signed[v.c.sha] }),
		"authoredByCommitter": get(func(v commitOf) any { return v.c.author.email == v.c.committer.email }),
		"author":              get(func(v commitOf) any { return signature2{v.r.gh, v.c.author} }),
		"committer":           get(func(v commitOf) any { return signature2{v.r.gh, v.c.committer} }),
		"authors": get(func(v commitOf) any {
			return connection{kind: "GitActor", items: items(v.r.authors(v.c))}
		}),
		"parents": get(func(v commitOf) any {
			var all []any
			for _, p := range v.c.parents {
				if c := v.r.objects.commits[p]; c != nil {
					all = append(all, commitOf{v.r, c})
				}
			}
			return connection{kind: "Commit", items: all}
		}),
		"history":     on((*execution).history),
		"deployments": on(func(x *execution, v commitOf, a args) (any, error) { return x.deploymentsOf(v.r, v.c.sha, a) }),
		"tree":        get(func(v commitOf) any { return treeOf{v.r, v.c.tree} }),
		"file": on(func(_ *execution, v commitOf, a args) (any, error) {
			e, ok := v.r.objects.at(v.c.tree, a.text("path"))
			if !ok {
				return nil, nil
			}
			return entryOf{v.r, a.text("path"), e}, nil
		}),
		"signature": get(func(v commitOf) any {
			hub := v.r.objects.signed[v.c.sha]
			if !hub && !v.r.objects.keyed[v.c.sha] {
				return nil
			}
			return object{"GpgSignature", m{"isValid": true, "state": "VALID", "verifiedAt": v.c.committer.at, "wasSignedByGitHub": hub,
				"signer": actor(bool2(hub, v.r.gh.accounts["web-flow"], v.r.gh.byMail(v.c.committer.email))), "email": v.c.committer.email, "signature": "simulated", "payload": v.c.sha}}
		}),
		"statusCheckRollup": get(func(v commitOf) any { return rollupOf(v.r, v.c.sha) }),
		"associatedPullRequests": get(func(v commitOf) any {
			return connection{kind: "PullRequest", items: items(v.r.associated(v.c.sha))}
		}),
		"checkSuites": on(func(_ *execution, v commitOf, a args) (any, error) {
			var all []*suite
			for _, s := range v.r.on(v.c.sha).suites {
				if f := a.object("filterBy"); f.int("appId") == 0 || int64(f.int("appId")) == s.app.ID {
					all = append(all, s)
				}
			}
			return connection{kind: "CheckSuite", items: items(all)}, nil
		}),
		"repository": get(func(v commitOf) any { return v.r }),
	}
}

// associated are the pull requests a commit belongs to: open ones that have it,
// merged ones that brought it.
func (r *Repo) associated(sha string) []*Pull {
	all := slices.Clone(r.brought[sha])
	r.unmerged = slices.DeleteFunc(r.unmerged, func(p *Pull) bool { return p.merged })
	for _, p := range r.unmerged {
		if p.head == sha || slices.ContainsFunc(p.comparison().commits, func(c *commit) bool { return c.sha == sha }) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(p, q *Pull) int { return p.Number - q.Number })
	return all
}

// authors are the author and those of Co-authored-by trailers.
func (r *Repo) authors(c *commit) []signature2 {
	all := []signature2{{r.gh, c.author}}
	for line := range strings.Lines(c.message) {
		const key = "co-authored-by:"
		if len(line) < len(key) || !strings.EqualFold(line[:len(key)], key) {
			continue
		}
		name, rest, ok := strings.Cut(strings.TrimSpace(line[len(key):]), " <")
		if !ok {
			continue
		}
		all = append(all, signature2{r.gh, signature{name, strings.TrimSuffix(rest, ">"), c.author.at}})
	}
	return all
}

func gitActorFields() map[string]resolver {
	return map[string]resolver{
		"name":  get(func(v signature2) any { return v.s.name }),
		"email": get(func(v signature2) any { return v.s.email }),
		"date":  get(func(v signature2) any { return v.s.at.Format(time.RFC3339) }),
		// Only people are users here; GitHub has no user for a bot's address.
		"user": get(func(v signature2) any {
			if a := v.gh.byMail(v.s.email); a != nil && a.Kind == "User" {
				return a
			}
			return nil
		}),
	}
}

func entryFields() map[string]resolver {
	return map[string]resolver{
		"mode": get(func(v entryOf) any { return modeNumber(v.e.mode) }),
		"name": get(func(v entryOf) any { return v.e.name }),
		"oid":  get(func(v entryOf) any { return v.e.sha }),
		"path": get(func(v entryOf) any { return v.path }),
		"type": get(func(v entryOf) any {
			return bool2(v.e.mode == modeTree, "tree", bool2(v.e.mode == modeSubmodule, "commit", "blob"))
		}),
		"object": get(func(v entryOf) any {
			switch v.e.mode {
			case modeTree:
				return treeOf{v.r, v.e.sha}
			case modeSubmodule:
				return nil
			}
			return blobOf{v.r, v.e.sha}
		}),
	}
}

// modeNumber is a mode as GraphQL has it: the number that git writes in octal.
func modeNumber(mode string) int {
	n := 0
	for _, d := range mode {
		n = n*8 + int(d-'0')
	}
	return n
}

func treeFields() map[string]resolver {
	return map[string]resolver{
		"id":  get(func(v treeOf) any { return "T_" + v.sha }),
		"oid": get(func(v treeOf) any { return v.sha }),
		"entries": get(func(v treeOf) any {
			all := []any{}
			for _, e := range v.r.objects.trees[v.sha] {
				all = append(all, entryOf{v.r, e.name, e})
			}
			return all
		}),
	}
}

func blobFields() map[string]resolver {
	body := func(v blobOf) []byte { return v.r.objects.blobs[v.sha] }
	// GitHub cuts text over 512,000 bytes.
	const most = 512000
	return map[string]resolver{
		"id":          get(func(v blobOf) any { return "B_" + v.sha }),
		"oid":         get(func(v blobOf) any { return v.sha }),
		"byteSize":    get(func(v blobOf) any { return len(body(v)) }),
		"isBinary":    get(func(v blobOf) any { return isBinary(body(v)) }),
		"isTruncated": get(func(v blobOf) any { return len(body(v)) > most }),
		"text": get(func(v blobOf) any {
			b := body(v)
			if isBinary(b) || !utf8.Valid(b) {
				return nil
			}
			return string(bytes.ToValidUTF8(b[:min(len(b), most)], nil))
		}),
	}
}

func fileFields() map[string]resolver {
	return map[string]resolver{
		"path":      get(func(v changedFile) any { return v.f.path }),
		"additions": get(func(v changedFile) any { return v.f.adds }),
		"deletions": get(func(v changedFile) any { return v.f.dels }),
		"changeType": get(func(v changedFile) any {
			return bool2(v.f.status == "removed", "DELETED", strings.ToUpper(v.f.status))
		}),
		"viewerViewedState": get(func(changedFile) any { return "UNVIEWED" }),
	}
}
