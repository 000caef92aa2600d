package checks

// ReleaseWants is what the snapshot still lacks before it can be judged.
func ReleaseWants(p Policy, r Release) Wants { return Wants{} }
