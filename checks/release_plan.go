package checks

// PlanRelease is what remains to be written so that GitHub shows the verdict on a
// release, and does what follows from it. It is empty when GitHub already does.
func PlanRelease(p Policy, v ReleaseVerdict, r Release) []Action { return nil }

// PlanReleaseFailure is what to write when a release could not be judged, again and
// again, for a reason that is handrail's or GitHub's. It never looks like a verdict.
func PlanReleaseFailure(r Release, why string, tries int) []Action { return nil }
