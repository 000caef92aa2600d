package checks

// ReleaseIssue is the tracking issue of a release as it should be.
func ReleaseIssue(p Policy, v ReleaseVerdict, r Release) IssueText {
	return IssueText{Number: r.Issue.Number}
}
