package checks

// HearRelease are the acts that people have spoken in the comments of the tracking
// issue, the oldest first, each bound to the candidate that was shown when it was
// written. It gives none of those that came by another way.
func HearRelease(p Policy, r Release) []Act { return nil }
