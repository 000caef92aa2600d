package handlers

import "fmt"

const (
	// artifactsRead is how many artifacts of one commit are downloaded at most, and
	// archivesRead how large they may be together, in bytes: all must be read before
	// the lease ends, and others wait meanwhile.
	artifactsRead = 200
	archivesRead  = 256 << 20
)

// tooMuch refuses everything when there is more than can be read.
func (r *reading) tooMuch() bool {
	var last func(why string)
	n, size := 0, int64(0)
	for _, l := range r.left {
		for _, a := range l.artifacts {
			n, size = n+1, size+a.Size
			last = func(why string) { r.problem(l.run, a, why) }
		}
	}
	narrow := "; say under " + r.kind.setting() + " which hold reports"
	switch {
	case n > artifactsRead:
		last(fmt.Sprintf("%d artifacts match, and no more than %d are read%s", n, artifactsRead, narrow))
	case size > archivesRead:
		last(fmt.Sprintf("the artifacts that match are larger than %d MiB together%s", archivesRead>>20, narrow))
	default:
		return false
	}
	return true
}
