package scan

import (
	"net/url"
	"path"
	"strings"

	"github.com/handrail-bot/handrail/internal/report"
)

// sarifPath is where a file of a report is: its path, and the directory to which
// that is relative, "" where the report names none. raw is the path as if its
// writer had not known that addresses are encoded. remote says that it is no
// file at all.
type sarifPath struct {
	path, root, raw string
	remote          bool
}

// deepestBase is how many bases one behind the other are followed: they may go
// in a circle.
const deepestBase = 10

// pathOf says where a result is; its path is "" where the file does not say.
func (r *sarifRun) pathOf(at fileRef) sarifPath {
	if n := at.artifact; at.uri == "" && n >= 0 && n < len(r.artifacts) {
		at = r.artifacts[n]
	}
	if at.uri == "" {
		return sarifPath{}
	}
	if scheme, _, ok := strings.Cut(at.uri, "://"); ok && len(scheme) > 1 && !strings.EqualFold(scheme, "file") {
		return sarifPath{path: at.uri, remote: true}
	}
	p := sarifPath{path: pathIn(at.uri), raw: report.Slashes(at.uri)}
	for range deepestBase {
		base, ok := r.bases[at.base]
		if at.base == "" || !ok || isAbsolute(p.path) || isAbsolute(p.root) {
			break
		}
		if base.uri != "" {
			p.root = path.Join(pathIn(base.uri), p.root)
		}
		at = base
	}
	if p.root != "" && !isAbsolute(p.root) {
		p.path, p.raw, p.root = path.Join(p.root, p.path), path.Join(p.root, p.raw), ""
	}
	return p
}

// pathIn is the path that an address is: of a file, or relative (RFC 8089, and
// what tools on Windows make of it).
func pathIn(uri string) string {
	uri = report.Slashes(uri)
	if rest, ok := cutScheme(uri); ok {
		uri = rest
	}
	if plain, err := url.PathUnescape(uri); err == nil {
		uri = plain
	}
	if len(uri) > 2 && uri[0] == '/' && isAbsolute(uri[1:]) && uri[2] == ':' {
		uri = uri[1:] // /C:/a
	}
	return uri
}

// cutScheme takes "file:" and an empty or local host from an address.
func cutScheme(uri string) (string, bool) {
	const scheme = "file:"
	if len(uri) < len(scheme) || !strings.EqualFold(uri[:len(scheme)], scheme) {
		return uri, false
	}
	uri = uri[len(scheme):]
	if rest, ok := strings.CutPrefix(uri, "//localhost/"); ok {
		return "/" + rest, true
	}
	if rest, ok := strings.CutPrefix(uri, "//"); ok && (strings.HasPrefix(rest, "/") || isAbsolute(rest)) {
		return rest, true
	}
	return uri, true
}

// isAbsolute says whether a path begins at the top of some file system.
func isAbsolute(p string) bool {
	return strings.HasPrefix(p, "/") || len(p) > 2 && p[1] == ':' && p[2] == '/'
}
