package hub

import (
	"encoding/json"
	"time"
)

// verdictAnswer is the answer to verdict.graphql. Pointers are what GitHub's
// schema lets be null.
type verdictAnswer struct {
	rate
	Repository *repositoryAnswer        `json:"repository"`
	Floor      *floorAnswer             `json:"floor"`
	People     map[string]*peopleAnswer `json:"people"` // u0, u1, …

	teams answeredTeams
}

// answeredTeams are the teams of an answer, named by index: t0, t1, …
type answeredTeams map[string]*teamAnswer

// again is where the teams are to be decoded into, if any were asked for: their
// names by index are nothing that a struct can list, and decoding all of an
// answer by way of a map would double the work.
func (v *verdictAnswer) again() any {
	if v.teams == nil {
		return nil
	}
	return &v.teams
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *answeredTeams) UnmarshalJSON(text []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	*a = answeredTeams{}
	for name, raw := range fields {
		if !index(name, 't') {
			continue
		}
		var t *teamAnswer
		if err := json.Unmarshal(raw, &t); err != nil {
			return err
		}
		(*a)[name] = t
	}
	return nil
}

// index says whether a name is a letter and a number.
func index(name string, letter byte) bool {
	if len(name) < 2 || name[0] != letter {
		return false
	}
	for _, c := range name[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

type repositoryAnswer struct {
	ID               string     `json:"id"`
	DatabaseID       int64      `json:"databaseId"`
	Name             string     `json:"name"`
	Owner            loginField `json:"owner"`
	IsPrivate        bool       `json:"isPrivate"`
	IsArchived       bool       `json:"isArchived"`
	DefaultBranchRef *struct {
		Name string `json:"name"`
	} `json:"defaultBranchRef"`
	Label         *labelAnswer  `json:"label"`
	Security      *labelAnswer  `json:"security"`
	Head          *commitTexts  `json:"head"`
	Collaborators *peopleAnswer `json:"collaborators"`
	PullRequest   *pullAnswer   `json:"pullRequest"`
}

type loginField struct {
	Login string `json:"login"`
}

type labelAnswer struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type peopleAnswer struct {
	TotalCount int `json:"totalCount"`
	Edges      []*struct {
		Permission string      `json:"permission"`
		Node       *loginField `json:"node"`
	} `json:"edges"`
}

type teamAnswer struct {
	Team *struct {
		Members *connection[loginField] `json:"members"`
	} `json:"team"`
}

// commitTexts are files at a commit.
type commitTexts struct {
	OID     string      `json:"oid"`
	Policy  *textAnswer `json:"policy"`
	Owners0 *textAnswer `json:"owners0"`
	Owners1 *textAnswer `json:"owners1"`
	Owners2 *textAnswer `json:"owners2"`
}

type textAnswer struct {
	OID    string `json:"oid"`
	Object *struct {
		Type        string  `json:"__typename"`
		Text        *string `json:"text"`
		IsTruncated bool    `json:"isTruncated"`
		IsBinary    *bool   `json:"isBinary"`
		ByteSize    int     `json:"byteSize"`
	} `json:"object"`
}

// who is an account as GraphQL tells it; null is a deleted one.
type who struct {
	Type       string `json:"__typename"`
	Login      string `json:"login"`
	DatabaseID int64  `json:"databaseId"`
}

type pullAnswer struct {
	ID             string     `json:"id"`
	Number         int        `json:"number"`
	Title          string     `json:"title"`
	Body           string     `json:"body"`
	State          string     `json:"state"`
	IsDraft        bool       `json:"isDraft"`
	CreatedAt      time.Time  `json:"createdAt"`
	UpdatedAt      time.Time  `json:"updatedAt"`
	LastEditedAt   *time.Time `json:"lastEditedAt"`
	MergedAt       *time.Time `json:"mergedAt"`
	MergedBy       *who       `json:"mergedBy"`
	MergeCommit    *oidField  `json:"mergeCommit"`
	Author         *who       `json:"author"`
	HeadRefName    string     `json:"headRefName"`
	HeadRefOID     string     `json:"headRefOid"`
	HeadRepository *struct {
		DatabaseID int64 `json:"databaseId"`
	} `json:"headRepository"`
	ChangedFiles int    `json:"changedFiles"`
	Additions    int    `json:"additions"`
	Deletions    int    `json:"deletions"`
	BaseRefName  string `json:"baseRefName"`
	BaseRefOID   string `json:"baseRefOid"`
	Merge        *struct {
		OID     string `json:"oid"`
		Parents *struct {
			Nodes []oidField `json:"nodes"`
		} `json:"parents"`
	} `json:"potentialMergeCommit"`

	Threads *connection[threadAnswer] `json:"reviewThreads"`
	lists
}

// lists are the lists of a pull request, each a page of it.
type lists struct {
	BaseRef  *baseAnswer                  `json:"baseRef"`
	Labels   *connection[labelAnswer]     `json:"labels"`
	Commits  *connection[commitAnswer]    `json:"commits"`
	Reviews  *connection[reviewAnswer]    `json:"reviews"`
	Comments *connection[commentAnswer]   `json:"comments"`
	Requests *connection[requestedAnswer] `json:"reviewRequests"`
	Issues   *connection[issueAnswer]     `json:"closingIssuesReferences"`
	Rollup   *rollupAnswer                `json:"statusCheckRollup"`
	Timeline *connection[timelineAnswer]  `json:"timelineItems"`
}

type baseAnswer struct {
	Target        *commitTexts            `json:"target"`
	Rules         *connection[ruleAnswer] `json:"rules"`
	RefUpdateRule *struct {
		Contexts []*string `json:"requiredStatusCheckContexts"`
	} `json:"refUpdateRule"`
}

type ruleAnswer struct {
	Type       string `json:"type"`
	Parameters *struct {
		Checks []struct {
			Context       string `json:"context"`
			IntegrationID *int64 `json:"integrationId"`
		} `json:"requiredStatusChecks"`
	} `json:"parameters"`
}

type signerAnswer struct {
	Name  *string     `json:"name"`
	Email *string     `json:"email"`
	User  *loginField `json:"user"`
}

type commitAnswer struct {
	Commit *struct {
		OID             string        `json:"oid"`
		Message         string        `json:"message"`
		CommittedViaWeb bool          `json:"committedViaWeb"`
		Author          *signerAnswer `json:"author"`
		Committer       *signerAnswer `json:"committer"`
		Authors         *struct {
			TotalCount int             `json:"totalCount"`
			Nodes      []*signerAnswer `json:"nodes"`
		} `json:"authors"`
		Parents *struct {
			TotalCount int         `json:"totalCount"`
			Nodes      []*oidField `json:"nodes"`
		} `json:"parents"`
		Signature *struct {
			IsValid           bool `json:"isValid"`
			WasSignedByGitHub bool `json:"wasSignedByGitHub"`
		} `json:"signature"`
	} `json:"commit"`
}

type oidField struct {
	OID string `json:"oid"`
}

type reviewAnswer struct {
	ID           bigint     `json:"fullDatabaseId"`
	State        string     `json:"state"`
	Body         string     `json:"body"`
	SubmittedAt  *time.Time `json:"submittedAt"`
	LastEditedAt *time.Time `json:"lastEditedAt"`
	Author       *who       `json:"author"`
	Commit       *oidField  `json:"commit"`
}

type commentAnswer struct {
	ID           bigint     `json:"fullDatabaseId"`
	Body         string     `json:"body"`
	CreatedAt    time.Time  `json:"createdAt"`
	LastEditedAt *time.Time `json:"lastEditedAt"`
	Ours         bool       `json:"viewerDidAuthor"` // by the bot of this App
	Author       *who       `json:"author"`
}

type requestedAnswer struct {
	Reviewer *struct {
		Type         string      `json:"__typename"`
		Login        string      `json:"login"`
		Slug         string      `json:"slug"`
		Organization *loginField `json:"organization"`
	} `json:"requestedReviewer"`
}

type threadAnswer struct {
	Path       string      `json:"path"`
	Line       *int        `json:"line"`
	IsResolved bool        `json:"isResolved"`
	IsOutdated bool        `json:"isOutdated"`
	ResolvedBy *loginField `json:"resolvedBy"`
	Comments   *struct {
		Nodes []*struct {
			Author *who `json:"author"`
		} `json:"nodes"`
	} `json:"comments"`
}

type issueAnswer struct {
	Number     int    `json:"number"`
	Title      string `json:"title"`
	Closed     bool   `json:"closed"`
	Repository *struct {
		Name  string     `json:"name"`
		Owner loginField `json:"owner"`
	} `json:"repository"`
}

type rollupAnswer struct {
	Commit   *oidField                  `json:"commit"`
	Contexts *connection[contextAnswer] `json:"contexts"`
}

type contextAnswer struct {
	Type string `json:"__typename"`
	ID   string `json:"id"`
	// of a check-run
	DatabaseID  int64      `json:"databaseId"`
	Name        string     `json:"name"`
	Status      string     `json:"status"`
	Conclusion  *string    `json:"conclusion"`
	ExternalID  *string    `json:"externalId"`
	DetailsURL  *string    `json:"detailsUrl"`
	StartedAt   *time.Time `json:"startedAt"`
	CompletedAt *time.Time `json:"completedAt"`
	CheckSuite  *struct {
		App *struct {
			DatabaseID int64  `json:"databaseId"`
			Slug       string `json:"slug"`
		} `json:"app"`
	} `json:"checkSuite"`
	// of a commit status
	Context   string     `json:"context"`
	State     string     `json:"state"`
	TargetURL *string    `json:"targetUrl"`
	CreatedAt *time.Time `json:"createdAt"`
	Creator   *who       `json:"creator"`
}

type timelineAnswer struct {
	Type      string    `json:"__typename"`
	CreatedAt time.Time `json:"createdAt"`
	Actor     *who      `json:"actor"`
	Review    *struct {
		ID bigint `json:"fullDatabaseId"`
	} `json:"review"`
}
