package handlers

import "time"

// renewEvery is when an open run is looked at again, so that the plan makes it
// anew: GitHub calls one stale that is 14 days old (REST docs, "Check runs"),
// and the plan renews it from day 13 on.
const renewEvery = 13*24*time.Hour + time.Minute

// renewal is when the oldest of our open runs is to be renewed, by the
// snapshot's clock; zero when none is open. Those that the plan makes start now.
func renewal(j Judgement) (at time.Time) {
	for _, a := range j.Plan {
		if a.Run.Name != "" && a.Run.Status != "completed" {
			at = j.Pull.At.Add(renewEvery)
		}
	}
	for _, r := range j.Pull.Runs {
		if r.Context || r.AppID == 0 || r.AppID != j.Pull.AppID || r.Status == "completed" {
			continue
		}
		// One that is past its time is in the plan, or never will be.
		if end := r.Started.Add(renewEvery); end.After(j.Pull.At) {
			at = sooner(at, end)
		}
	}
	return at
}

// sooner is the earlier of two moments, of which a zero one is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
