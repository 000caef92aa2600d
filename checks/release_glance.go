package checks

import "time"

// ReleaseGlance is what a sweep sees of one tag: where it is, GitHub's release of it,
// and the jobs at its commit that wait for a protection rule of ours.
type ReleaseGlance struct {
	Tag    string
	OID    string // of the tag object, or of the commit where there is none
	Commit string // "" where it is of something else
	// Page is GitHub's release of the tag, 0 for none that is shown to us.
	Page              int64
	Draft, Prerelease bool
	Assets            int
	Updated           time.Time // of the release or its newest asset
	Gates             []Gate
}

// GateGlance is a job that waits for a protection rule of ours, and the commit that it
// is to deploy.
type GateGlance struct {
	Gate
	Commit string
}
