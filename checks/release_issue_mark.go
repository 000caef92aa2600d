package checks

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// issueMarkStart begins the line by which a tracking issue is known again.
const issueMarkStart = "<!-- handrail:release "

// markName makes a tag's name harmless within an HTML comment.
var markName = strings.NewReplacer("%", "%25", ">", "%3E", "<", "%3C", " ", "%20")

// issueMark is the first line of a tracking issue's text.
func issueMark(tag, digest string) string {
	return issueMarkStart + markName.Replace(tag) + " " + digest + " -->"
}

// issueDigest is over a tracking issue's title and text, in 32 hexadecimal digits. Line
// ends, and white space around the text, do not matter: GitHub may change those.
func issueDigest(title, body string) string {
	body = strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
	sum := sha256.Sum256(appendTexts(nil, title, body))
	return hex.EncodeToString(sum[:16])
}

// ShownIssue reads what a tracking issue shows: for the tag that it is about the digest
// of its title and text, which is "" when they are not as handrail wrote them. ok says
// that it is one of that tag at all, by its first line; anybody can write one.
func ShownIssue(tag, title, body string) (digest string, ok bool) {
	line, rest, _ := strings.Cut(strings.ReplaceAll(body, "\r\n", "\n"), "\n")
	marked, ok := strings.CutPrefix(line, issueMarkStart+markName.Replace(tag)+" ")
	if !ok {
		return "", false
	}
	digest, ok = strings.CutSuffix(marked, " -->")
	if !ok || digest != issueDigest(title, rest) {
		return "", ok
	}
	return digest, true
}
