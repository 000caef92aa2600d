package sim

// Limits are sizes at which answers are cut; where they are 0, GitHub's own.
type Limits struct {
	// TreeEntries are how many entries a recursive tree has (100,000).
	TreeEntries int
	// PatchLines and PatchBytes are the longest patch of a file that is shown: by
	// its changed lines (20,000) and by its text (1 MB).
	PatchLines, PatchBytes int
}

// SetLimits cuts answers sooner than GitHub does; it cannot do so later.
func (gh *GitHub) SetLimits(l Limits) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	gh.limits = l
}

// shows says whether a file's patch is in answers.
func (l Limits) shows(f fileDiff) bool {
	return (l.PatchLines == 0 || f.adds+f.dels <= l.PatchLines) && (l.PatchBytes == 0 || len(f.patch) <= l.PatchBytes)
}
