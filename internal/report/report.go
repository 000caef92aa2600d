// Package report opens what workflows leave for handrail to read, whatever it
// tells of: zip archives, documents in JSON, and the paths in them, which it finds
// among the repository's files.
//
// All of it is hostile: whoever opens a pull request writes it. Nothing is written
// to disk, what an archive says of itself is not believed, and a document is read
// value by value.
package report

import "strings"

// Slashes is a path with slashes, whatever system it comes from.
func Slashes(path string) string { return strings.ReplaceAll(path, `\`, "/") }

// UTF16 says whether a text is in UTF-16, as a Windows shell redirects it: it
// has that byte order mark, or a zero beside its first character.
func UTF16(prefix []byte) bool {
	if len(prefix) < 2 {
		return false
	}
	a, b := prefix[0], prefix[1]
	return a == 0xFF && b == 0xFE || a == 0xFE && b == 0xFF || (a == 0) != (b == 0)
}

// Brief shortens a sentence.
func Brief(s string) string {
	const most = 400
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(s, "")
}

// Clip shortens a name from a report for people.
func Clip(s string) string {
	const most = 200
	if len(s) > most {
		s = "…" + s[len(s)-most:]
	}
	return strings.ToValidUTF8(s, "�")
}
