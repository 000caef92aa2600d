package checks

// Faults finds what of the section can do nothing, or can never be met.
func (r *ReleaseRules) Faults() []Fault { return nil }
