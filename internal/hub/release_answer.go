package hub

import (
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// releaseAnswer is the answer to release.graphql.
type releaseAnswer struct {
	rate
	Repository *releaseRepository `json:"repository"`
	Floor      *floorAnswer       `json:"floor"`
}

type releaseRepository struct {
	ID            string        `json:"id"`
	DatabaseID    int64         `json:"databaseId"`
	Name          string        `json:"name"`
	Owner         loginField    `json:"owner"`
	IsPrivate     bool          `json:"isPrivate"`
	IsArchived    bool          `json:"isArchived"`
	HasIssues     bool          `json:"hasIssuesEnabled"`
	Label         *labelAnswer  `json:"label"`
	Collaborators *peopleAnswer `json:"collaborators"`
	Default       *struct {
		Name string `json:"name"`
		baseAnswer
	} `json:"defaultBranchRef"`
	Ref     *taggedRef `json:"ref"`
	Release *struct {
		DatabaseID int64 `json:"databaseId"`
	} `json:"release"`
	Issue *trackingAnswer `json:"issue"`
}

// taggedRef is a tag's ref.
type taggedRef struct {
	Target *taggedObject `json:"target"`
}

// taggedObject is what a tag is of: a commit, or a tag object that is of another.
type taggedObject struct {
	Type   string `json:"__typename"`
	OID    string `json:"oid"`
	Tagger *struct {
		User *who `json:"user"`
	} `json:"tagger"`
	Target *taggedObject `json:"target"`
	Rollup *rollupAnswer `json:"statusCheckRollup"`
	Suites *struct {
		Nodes []struct {
			Runs *connection[glimpsedRun] `json:"checkRuns"`
		} `json:"nodes"`
	} `json:"checkSuites"`
}

// commit is the commit that an object leads to, nil where it leads to something else.
func (o *taggedObject) commit() *taggedObject {
	for o != nil && o.Type == "Tag" {
		o = o.Target
	}
	if o == nil || o.Type != "Commit" || o.OID == "" {
		return nil
	}
	return o
}

// tag is where a tag is; Gone where there is no such.
func (r *taggedRef) tag(op, name string) (checks.Tag, error) {
	out := checks.Tag{Name: name, Gone: r == nil}
	if r == nil {
		return out, nil
	}
	if r.Target == nil || r.Target.OID == "" {
		return out, &Error{Op: op, What: "GitHub did not say where the tag is"}
	}
	out.OID, out.Annotated = r.Target.OID, r.Target.Type == "Tag"
	if t := r.Target.Tagger; t != nil {
		out.Named = t.User.actor()
	}
	if c := r.Target.commit(); c != nil {
		out.Commit = c.OID
	}
	return out, nil
}

type trackingAnswer struct {
	ID         string `json:"id"`
	Number     int    `json:"number"`
	State      string `json:"state"`
	Title      string `json:"title"`
	Body       string `json:"body"`
	Ours       bool   `json:"viewerDidAuthor"`
	Repository *struct {
		DatabaseID int64 `json:"databaseId"`
	} `json:"repository"`
	Labels   *connection[labelAnswer]   `json:"labels"`
	Comments *connection[commentAnswer] `json:"comments"`
}

// releaseBody is a release as REST tells it (docs, "Releases").
type releaseBody struct {
	ID         int64       `json:"id"`
	NodeID     string      `json:"node_id"`
	TagName    string      `json:"tag_name"`
	Name       string      `json:"name"`
	Draft      *bool       `json:"draft"`
	Prerelease *bool       `json:"prerelease"`
	Immutable  bool        `json:"immutable"`
	Published  time.Time   `json:"published_at"`
	Author     *restActor  `json:"author"`
	Assets     []assetBody `json:"assets"`
}

type assetBody struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Size    int64     `json:"size"`
	Digest  string    `json:"digest"` // null where GitHub has none
	State   string    `json:"state"`  // uploaded or open
	Updated time.Time `json:"updated_at"`
}

// restActor is an account as REST tells it.
type restActor struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
	Type  string `json:"type"` // User, Bot, Organization, Mannequin
}

// actor is the account as snapshots have it; see [who.actor].
func (a *restActor) actor() checks.Actor {
	if a == nil || a.Login == "" {
		return checks.Actor{}
	}
	w := who{Type: a.Type, Login: a.Login, DatabaseID: a.ID}
	return w.actor()
}
