package sim

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

func identityJSON(s signature) m {
	return m{"name": s.name, "email": s.email, "date": date(s.at)}
}

func (r *Repo) pushCommitJSON(c *commit) m {
	who := func(s signature) m {
		out := m{"name": s.name, "email": s.email, "date": date(s.at)}
		if a := r.gh.byMail(s.email); a != nil {
			out["username"] = a.Login
		}
		return out
	}
	added, removed, modified := []string{}, []string{}, []string{}
	if len(c.parents) == 1 && r.objects.commits[c.parents[0]] != nil {
		for _, f := range r.objects.diff(r.objects.commits[c.parents[0]].tree, c.tree) {
			switch f.status {
			case "added":
				added = append(added, f.path)
			case "removed":
				removed = append(removed, f.path)
			case "renamed":
				added, removed = append(added, f.path), append(removed, f.previous)
			default:
				modified = append(modified, f.path)
			}
		}
	}
	return m{"id": c.sha, "tree_id": c.tree, "distinct": true, "message": strings.TrimRight(c.message, "\n"),
		"timestamp": date(c.committer.at), "url": r.url() + "/commit/" + c.sha, "author": who(c.author), "committer": who(c.committer),
		"added": added, "removed": removed, "modified": modified}
}

func (r *Repo) simpleCommitJSON(c *commit) m {
	return m{"id": c.sha, "tree_id": c.tree, "message": strings.TrimRight(c.message, "\n"), "timestamp": date(c.committer.at),
		"author": m{"name": c.author.name, "email": c.author.email}, "committer": m{"name": c.committer.name, "email": c.committer.email}}
}

// byMail is whose address it is; nil for nobody.
func (gh *GitHub) byMail(address string) *Account { return gh.emails[strings.ToLower(address)] }

// commitJSON is a commit as REST has it in lists.
func (r *Repo) commitJSON(c *commit) m {
	api := r.api() + "/commits/" + c.sha
	parents := []m{}
	for _, p := range c.parents {
		parents = append(parents, m{"sha": p, "url": r.api() + "/commits/" + p, "html_url": r.url() + "/commit/" + p})
	}
	verification := m{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
	if r.objects.signed[c.sha] || r.objects.keyed[c.sha] {
		verification = m{"verified": true, "reason": "valid", "signature": "simulated", "payload": c.sha, "verified_at": date(c.committer.at)}
	}
	return m{"sha": c.sha, "node_id": "C_" + c.sha, "url": api, "html_url": r.url() + "/commit/" + c.sha, "comments_url": api + "/comments",
		"author": r.gh.userOrNil(r.gh.byMail(c.author.email)), "committer": r.gh.userOrNil(r.gh.byMail(c.committer.email)), "parents": parents,
		"commit": m{"author": identityJSON(c.author), "committer": identityJSON(c.committer), "message": strings.TrimRight(c.message, "\n"),
			"tree": m{"sha": c.tree, "url": r.api() + "/git/trees/" + c.tree}, "url": r.api() + "/git/commits/" + c.sha, "comment_count": 0,
			"verification": verification}}
}

// fileJSON is a changed file as pulls/N/files and compare have it.
func (r *Repo) fileJSON(f fileDiff, head string) m {
	sha := cmp.Or(f.after.sha, f.before.sha)
	path := strings.ReplaceAll(f.path, " ", "%20")
	out := m{"sha": sha, "filename": f.path, "status": f.status, "additions": f.adds, "deletions": f.dels, "changes": f.adds + f.dels,
		"blob_url": r.url() + "/blob/" + head + "/" + path, "raw_url": r.url() + "/raw/" + head + "/" + path,
		"contents_url": r.api() + "/contents/" + path + "?ref=" + head}
	if f.previous != "" {
		out["previous_filename"] = f.previous
	}
	if f.patch != "" && r.gh.limits.shows(f) && utf8.ValidString(f.patch) {
		out["patch"] = f.patch
	}
	return out
}
