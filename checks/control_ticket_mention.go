package checks

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mentionLimit is how many numbers of one pull request are looked up, so that
// nobody makes handrail ask for thousands.
const mentionLimit = 10

// How an issue is mentioned (GitHub Docs, "Autolinked references and URLs"), and
// how GitHub calls the branch that it makes for one.
var (
	mentionPattern = regexp.MustCompile(`(?i)(?:^|[^\w/.#-])(?:([a-z0-9][a-z0-9-]{0,38}/[\w.-]{1,100})?#|gh-|https?://[^/\s]+/([a-z0-9][a-z0-9-]{0,38}/[\w.-]{1,100})/issues/)([1-9]\d{0,8})\b`)
	branchPattern  = regexp.MustCompile(`(?i)(?:^|/)([1-9]\d{0,8})-[a-z]`)
)

// mentions are the issues that the texts name and that would count, as
// "owner/name#number" in lower case, those of the title first.
func (t *Ticket) mentions(pull Pull) []string {
	if !t.References {
		return nil
	}
	var out []string
	add := func(repo, number string) {
		if repo == "" {
			repo = pull.Repo.String()
		}
		n, err := strconv.Atoi(number)
		id := strings.ToLower(repo) + "#" + number
		itself := n == pull.Number && strings.EqualFold(repo, pull.Repo.String())
		if err == nil && !itself && t.countsMentioned(repo, pull) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, text := range [...]string{pull.Title, pull.Head.Name, prose(pull.Body)} {
		for _, m := range mentionPattern.FindAllStringSubmatch(text, -1) {
			add(m[1]+m[2], m[3])
		}
	}
	for _, m := range branchPattern.FindAllStringSubmatch(pull.Head.Name, -1) {
		add("", m[1])
	}
	return out[:min(len(out), mentionLimit)]
}

// countsMentioned says whether issues of a repository count that are only
// mentioned: without a list, those of this repository's owner.
func (t *Ticket) countsMentioned(repo string, pull Pull) bool {
	owner, _, _ := strings.Cut(repo, "/")
	return t.counts(repo) && (len(t.Repositories) > 0 || strings.EqualFold(owner, pull.Repo.Owner))
}

// mentioned looks at what GitHub answered about the issues that are mentioned. It
// says nothing where none is.
func (t *Ticket) mentioned(pull Pull, r Result) Result {
	unasked := ""
	for _, id := range t.mentions(pull) {
		ref, asked := pull.References[id]
		switch {
		case !asked:
			unasked = id
		case ref.PullRequest:
			r.Notes = append(r.Notes, id+" is a pull request, which is no ticket.")
		case !ref.Found:
			r.Notes = append(r.Notes, id+" is no issue that is there and that handrail may see.")
		case !t.countsMentioned(ref.Issue.Repo, pull):
			r.Notes = append(r.Notes, id+" is now in "+ref.Issue.Repo+", whose issues do not count here.")
		default:
			r.Notes, r.Summary = nil, "The issue "+ref.Issue.name()+" is named."
			r.Evidence = []Evidence{{Kind: "issue", ID: ref.Issue.name(), Text: ref.Issue.Title}}
			return r
		}
	}
	if unasked != "" {
		fault{"GitHub was not asked whether " + unasked + " is an issue", operators}.fill(&r)
	}
	return r
}
