package hub

import "regexp"

// issueMark is what stands in the text of every tracking issue of ours: the tag, which
// holds no white space (git-check-ref-format), and the digest of what the issue says.
var issueMark = regexp.MustCompile(`<!-- handrail:release (\S+) ([0-9a-f]{12,64}) -->`)

// shownDigest is the digest in the text of a release's tracking issue; "" where the
// text has none, or another release's.
func shownDigest(body, tag string) string {
	for _, m := range issueMark.FindAllStringSubmatch(body, -1) {
		if m[1] == tag {
			return m[2]
		}
	}
	return ""
}
