package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The parts of a release that have an address of their own.
const (
	partList     = "list"
	partOne      = ""
	partDecision = "decision"
	partChanges  = "changes"
	partActs     = "acts"
)

// target is what a request is about.
type target struct {
	owner, repo, tag string
	part             string
}

// parse reads an address, PREFIX/OWNER/REPO/TAG[/PART], as it was sent. A tag's slashes
// may stand as they are or as %2F. The last piece of the address is a part's name when
// it is one; a tag that itself ends like that is written with %2F.
func parse(escaped string) (target, error) {
	rest := strings.Trim(strings.TrimPrefix(escaped, Path), "/")
	if rest == "" {
		return target{part: partList}, nil
	}
	pieces := strings.Split(rest, "/")
	for i, p := range pieces {
		text, err := url.PathUnescape(p)
		if err != nil || text == "" {
			return target{}, noAddress()
		}
		pieces[i] = text
	}
	t := target{}
	if last := pieces[len(pieces)-1]; len(pieces) > 3 && slices.Contains([]string{partDecision, partChanges, partActs}, last) {
		t.part, pieces = last, pieces[:len(pieces)-1]
	}
	if len(pieces) < 3 || strings.Contains(pieces[0]+pieces[1], "/") {
		return target{}, noAddress()
	}
	t.owner, t.repo, t.tag = pieces[0], pieces[1], strings.Join(pieces[2:], "/")
	return t, nil
}

// takes says what is wrong with a method: acts are done, everything else is only read.
func (t target) takes(method string) error {
	allowed := []string{http.MethodGet, http.MethodHead}
	if t.part == partActs {
		allowed = []string{http.MethodPost}
	}
	if slices.Contains(allowed, method) {
		return nil
	}
	return wrongMethod(allowed)
}

func wrongMethod(allowed []string) *refusal {
	return &refusal{
		status: http.StatusMethodNotAllowed, Word: "method_not_allowed", Message: "This address does not take that method.",
		Hint: "It takes " + strings.Join(allowed, " and ") + ".", allow: strings.Join(allowed, ", "),
	}
}

func noAddress() *refusal {
	return &refusal{
		status: http.StatusNotFound, Word: "no_such_address", Message: "There is nothing at this address.",
		Hint: "Releases are at " + Path + "/OWNER/REPO/TAG, with /decision, /changes and /acts below.",
	}
}
