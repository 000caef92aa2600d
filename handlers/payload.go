package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// payload is as much of any webhook body as intake understands. One shape
// serves all events, since GitHub uses a name for one thing only, save
// "changes". A field that has another type than it should stays empty; the
// others are read all the same.
type payload struct {
	Action       string  `json:"action"`
	Installation install `json:"installation"`
	Repository   repo    `json:"repository"`
	Organization account `json:"organization"`
	Sender       account `json:"sender"`

	Number      int    `json:"number"`
	PullRequest pull   `json:"pull_request"`
	Review      review `json:"review"`
	Comment     remark `json:"comment"`
	Issue       issue  `json:"issue"`
	Label       label  `json:"label"`
	Changes     change `json:"changes"`

	CheckRun    run    `json:"check_run"`
	CheckSuite  run    `json:"check_suite"`
	WorkflowRun run    `json:"workflow_run"`
	SHA         string `json:"sha"` // of a status

	Ref     string   `json:"ref"`
	RefType string   `json:"ref_type"` // of create and delete
	Before  string   `json:"before"`
	After   string   `json:"after"`
	Forced  bool     `json:"forced"`
	Deleted bool     `json:"deleted"`
	Commits []commit `json:"commits"`
	// HeadCommit is the commit that a pushed tag is of.
	HeadCommit struct {
		ID string `json:"id"`
	} `json:"head_commit"`

	MergeGroup struct {
		HeadSHA string `json:"head_sha"`
		HeadRef string `json:"head_ref"`
	} `json:"merge_group"`

	CommitOID string `json:"commit_oid"` // of an alert of code scanning

	Release struct {
		Tag string `json:"tag_name"`
	} `json:"release"`
	// RequestedAction is the button that was pressed on a check-run.
	RequestedAction struct {
		Identifier string `json:"identifier"`
	} `json:"requested_action"`
	Deployment       deployment `json:"deployment"`
	DeploymentStatus deployment `json:"deployment_status"`
	// Environment and CallbackURL are of a deployment protection rule.
	Environment string `json:"environment"`
	CallbackURL string `json:"deployment_callback_url"`

	Team   team    `json:"team"`
	Member account `json:"member"`
	// Membership is of an organisation.
	Membership struct {
		User account `json:"user"`
	} `json:"membership"`

	Repositories        []repo `json:"repositories"`
	RepositoriesAdded   []repo `json:"repositories_added"`
	RepositoriesRemoved []repo `json:"repositories_removed"`
}

type install struct {
	ID      int64  `json:"id"`
	AppID   int64  `json:"app_id"`
	AppSlug string `json:"app_slug"`
}

type account struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
	Type  string `json:"type"`
}

func (a account) actor() checks.Actor {
	return checks.Actor{Login: a.Login, ID: a.ID, Bot: a.Type == "Bot" || strings.HasSuffix(a.Login, "[bot]")}
}

// repo is a repository, whole or as the lists in installation events have it,
// which name no owner.
type repo struct {
	ID            int64   `json:"id"`
	FullName      string  `json:"full_name"`
	Owner         account `json:"owner"`
	Private       bool    `json:"private"`
	Archived      bool    `json:"archived"`
	DefaultBranch string  `json:"default_branch"`
}

// repo says false for one that lacks its id or its name.
func (r repo) repo() (checks.Repo, bool) {
	owner, name, _ := strings.Cut(r.FullName, "/")
	out := checks.Repo{ID: r.ID, Owner: owner, Name: name, Private: r.Private, Archived: r.Archived, DefaultBranch: r.DefaultBranch}
	return out, r.ID > 0 && owner != "" && name != ""
}

type pull struct {
	Number    int    `json:"number"`
	State     string `json:"state"`
	Title     string `json:"title"`
	CreatedAt moment `json:"created_at"`
	UpdatedAt moment `json:"updated_at"`
	Head      ref    `json:"head"`
	Base      ref    `json:"base"`
}

type ref struct {
	Ref  string `json:"ref"`
	SHA  string `json:"sha"`
	Repo struct {
		ID int64 `json:"id"`
	} `json:"repo"`
}

type review struct {
	ID          int64   `json:"id"`
	Body        string  `json:"body"`
	User        account `json:"user"`
	CommitID    string  `json:"commit_id"`
	SubmittedAt moment  `json:"submitted_at"`
}

type remark struct {
	ID        int64   `json:"id"`
	Body      string  `json:"body"`
	User      account `json:"user"`
	CreatedAt moment  `json:"created_at"`
}

type issue struct {
	Number    int    `json:"number"`
	UpdatedAt moment `json:"updated_at"`
	// PullRequest is there when the issue is one.
	PullRequest *struct{} `json:"pull_request"`
}

type label struct {
	Name string `json:"name"`
}

// was is what something was before an edit.
type was struct {
	From string `json:"from"`
}

// change is what an edit changed; each field is there when it did.
type change struct {
	Body          *was      `json:"body"`
	Name          *was      `json:"name"`
	Tag           *was      `json:"tag_name"`
	DefaultBranch *struct{} `json:"default_branch"`
}

// run is a check-run, a check suite or a workflow run.
type run struct {
	ID  int64 `json:"id"`
	App struct {
		ID   int64  `json:"id"`
		Slug string `json:"slug"`
	} `json:"app"`
	Name         string `json:"name"` // of a check-run
	HeadSHA      string `json:"head_sha"`
	UpdatedAt    moment `json:"updated_at"`
	PullRequests []pull `json:"pull_requests"`
	// of a workflow run
	Attempt    int    `json:"run_attempt"`
	Event      string `json:"event"`
	HeadBranch string `json:"head_branch"`
	HeadRepo   repo   `json:"head_repository"`
}

type commit struct {
	Added    []string `json:"added"`
	Removed  []string `json:"removed"`
	Modified []string `json:"modified"`
}

// deployment is a deployment or its status.
type deployment struct {
	ID          int64  `json:"id"`
	SHA         string `json:"sha"`
	State       string `json:"state"`
	Environment string `json:"environment"`
	CreatedAt   moment `json:"created_at"`
	UpdatedAt   moment `json:"updated_at"`
}

type team struct {
	Slug    string `json:"slug"`
	Deleted bool   `json:"deleted"`
	Parent  struct {
		Slug string `json:"slug"`
	} `json:"parent"`
}

// moment is a time that is zero when it is not written as it should be: GitHub
// writes some as RFC 3339 in one event and as a number in another.
type moment struct{ time.Time }

// UnmarshalJSON never fails.
func (m *moment) UnmarshalJSON(text []byte) error {
	var t time.Time
	if err := t.UnmarshalJSON(text); err == nil && t.Year() > 1970 && t.Year() < 9999 {
		m.Time = t.UTC()
	}
	return nil
}

// errMalformed says that a signed body is not a JSON object.
var errMalformed = errors.New("the body is not a JSON object")

// readPayload reads a body. It fails only for one that is not a JSON object.
func readPayload(body []byte) (*payload, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return nil, errMalformed
	}
	var p payload
	err := json.Unmarshal(body, &p)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !odd {
		return nil, errMalformed
	}
	return &p, nil
}
