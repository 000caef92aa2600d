package sim

// typeName is the GraphQL type of a value.
func typeName(v any) string {
	switch v := v.(type) {
	case object:
		return v.kind
	case *Repo:
		return "Repository"
	case *Pull:
		return "PullRequest"
	case *mergeQueue:
		return "MergeQueue"
	case *queueEntry:
		return "MergeQueueEntry"
	case *Account:
		switch v.Kind {
		case "Bot":
			return "Bot"
		case "Organization":
			return "Organization"
		}
		return "User"
	case *Org:
		return "Organization"
	case *Team:
		return "Team"
	case *label:
		return "Label"
	case *Review:
		return "PullRequestReview"
	case *Comment:
		return "IssueComment"
	case *Thread:
		return "PullRequestReviewThread"
	case *ReviewComment:
		return "PullRequestReviewComment"
	case *Issue:
		return "Issue"
	case *CheckRun:
		return "CheckRun"
	case *WorkflowRun:
		return "WorkflowRun"
	case *suite:
		return "CheckSuite"
	case *status:
		return "StatusContext"
	case *App:
		return "App"
	case commitOf:
		return "Commit"
	case treeOf:
		return "Tree"
	case blobOf:
		return "Blob"
	case *Deployment:
		return "Deployment"
	case deployStatusOf:
		return "DeploymentStatus"
	case *Release:
		return "Release"
	case *Asset:
		return "ReleaseAsset"
	case tagOf:
		return "Tag"
	case entryOf:
		return "TreeEntry"
	case signature2:
		return "GitActor"
	case pullCommit:
		return "PullRequestCommit"
	case changedFile:
		return "PullRequestChangedFile"
	case refOf:
		return "Ref"
	case rollup:
		return "StatusCheckRollup"
	case happeningOf:
		return v.kind
	}
	return "Unknown"
}

// is says whether a type satisfies a fragment's condition: itself, or one of
// the interfaces and unions it belongs to.
func is(kind, condition string) bool {
	if kind == condition || condition == "Node" {
		return true
	}
	switch condition {
	case "Actor":
		return kind == "User" || kind == "Bot" || kind == "Organization"
	case "RequestedReviewer":
		return kind == "User" || kind == "Bot" || kind == "Team"
	case "GitObject":
		return kind == "Commit" || kind == "Tree" || kind == "Blob" || kind == "Tag"
	case "StatusCheckRollupContext":
		return kind == "CheckRun" || kind == "StatusContext"
	case "Labelable", "Closable", "Comment":
		return kind == "PullRequest" || kind == "Issue"
	case "RepositoryOwner":
		return kind == "User" || kind == "Organization"
	case "RequirableByPullRequest":
		return kind == "CheckRun" || kind == "StatusContext"
	case "GitSignature":
		return kind == "GpgSignature"
	}
	return false
}

// Git objects are of a repository when asked for, since a fork network shares
// them.
type (
	commitOf struct {
		r *Repo
		c *commit
	}
	treeOf struct {
		r   *Repo
		sha string
	}
	blobOf struct {
		r   *Repo
		sha string
	}
	entryOf struct {
		r    *Repo
		path string
		e    entry
	}
	signature2 struct {
		gh *GitHub
		s  signature
	}
	pullCommit struct {
		p *Pull
		c commitOf
	}
	changedFile struct {
		p *Pull
		f fileDiff
	}
	refOf struct {
		r    *Repo
		name string
	}
	rollup struct {
		r   *Repo
		sha string
	}
	happeningOf struct {
		p *Pull
		*happening
	}
)

// on makes a resolver of a function of one Go type.
func on[T any](f func(x *execution, v T, a args) (any, error)) resolver {
	return func(x *execution, v any, a args) (any, error) {
		t, ok := v.(T)
		if !ok {
			return nil, unprocessable(errWrongType)
		}
		return f(x, t, a)
	}
}

// get is on for what needs nothing but the value and cannot fail.
func get[T any](f func(v T) any) resolver {
	return on(func(_ *execution, v T, _ args) (any, error) { return f(v), nil })
}

// plain are fields of an object that are there as they are.
func plain(names ...string) map[string]resolver {
	all := map[string]resolver{}
	for _, n := range names {
		all[n] = func(_ *execution, v any, _ args) (any, error) {
			o, _ := v.(object)
			return o.m[n], nil
		}
	}
	return all
}

// text is null when empty.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// actor is null for a ghost.
func actor(a *Account) any {
	if a == nil || a.deleted {
		return nil
	}
	return a
}
