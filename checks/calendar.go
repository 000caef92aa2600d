package checks

import (
	"cmp"
	"slices"
	"time"
)

const (
	minutesOfDay  = 24 * 60
	minutesOfWeek = 7 * minutesOfDay
	week          = 7 * day
)

// stretch is a length of time: from its begin on, up to but without its end.
type stretch struct{ begin, end time.Time }

// holds says whether a moment is in it.
func (s stretch) holds(at time.Time) bool { return !at.Before(s.begin) && at.Before(s.end) }

// weekly is a part of every week, in minutes from Monday 00:00 UTC on. It may go on
// into the next week.
type weekly struct{ begin, length int }

// around is the stretch of a recurring window that holds a moment or, if none does,
// the next one. Those that touch are one.
func around(parts []weekly, at time.Time) (s stretch, now bool) {
	// Truncate counts from the year 1, whose first day was a Monday.
	monday := at.UTC().Truncate(week)
	var all []stretch
	for w := -2; w <= 2; w++ {
		start := monday.Add(time.Duration(w) * week)
		for _, p := range parts {
			begin := start.Add(time.Duration(p.begin) * time.Minute)
			all = append(all, stretch{begin, begin.Add(time.Duration(p.length) * time.Minute)})
		}
	}
	for _, s := range joined(all) {
		if s.end.After(at) {
			return s, s.holds(at)
		}
	}
	return stretch{}, false
}

// joined makes one of stretches that overlap or touch.
func joined(all []stretch) []stretch {
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Or(a.begin.Compare(b.begin), a.end.Compare(b.end)) })
	var out []stretch
	for _, s := range all {
		if n := len(out); n > 0 && !s.begin.After(out[n-1].end) {
			if s.end.After(out[n-1].end) {
				out[n-1].end = s.end
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// wholeWeek says whether some parts leave nothing of a week.
func wholeWeek(parts []weekly) bool {
	if len(parts) == 0 {
		return false
	}
	s, now := around(parts, time.Unix(0, 0))
	return now && s.end.Sub(s.begin) > 2*week
}

// inWeek is a minute counted from Monday 00:00 UTC on, as one of one week.
func inWeek(minute int) int { return (minute%minutesOfWeek + minutesOfWeek) % minutesOfWeek }
