package checks

import (
	"fmt"
	"slices"
	"time"
)

// around is the time that a window holds, which a moment is in or before; one that
// is over has its end only.
func (win *FreezeWindow) around(at time.Time) (s stretch, now bool) {
	if win.From.kind != momentTime {
		return around(win.parts(), at)
	}
	s = stretch{win.From.moment, win.Until.moment}
	if !at.Before(s.end) {
		return stretch{end: s.end}, false
	}
	return s, s.holds(at)
}

// parts are what a recurring window takes of every week.
func (win *FreezeWindow) parts() []weekly {
	from, until := win.From, win.Until
	add := func(out []weekly, day, length int) []weekly {
		return append(out, weekly{inWeek(day*minutesOfDay + from.minute - from.offset), length})
	}
	if from.kind == weekTime {
		length := inWeek((until.day.number()-from.day.number())*minutesOfDay + until.minute - from.minute)
		if length == 0 {
			length = minutesOfWeek // as from the beginning of Monday up to the end of Sunday
		}
		return add(nil, from.day.number(), length)
	}
	length := until.minute - from.minute
	if length <= 0 {
		length += minutesOfDay
	}
	var out []weekly
	for _, d := range win.Days {
		out = add(out, d.number(), length)
	}
	return out
}

// wrong says what is wrong with the times of a window, and of which key.
func (win *FreezeWindow) wrong() (key, message string) {
	from, until := win.From, win.Until
	switch {
	case from.kind == noTime:
		return "", "A freeze needs from, when it begins."
	case until.kind == noTime:
		return "", "A freeze needs until, when it ends."
	case from.kind != until.kind:
		return ".until", fmt.Sprintf("%s and %s are not of one form: both are moments, times of the week, or times of a day.", from, until)
	case from.kind == dayTime && len(win.Days) == 0:
		return "", "Times of a day need days."
	case from.kind != dayTime && len(win.Days) > 0:
		return ".days", "Days are for times of a day: write from and until as such, 16:00Z."
	case from.kind == momentTime && !from.moment.Before(until.moment):
		return ".until", fmt.Sprintf("The freeze ends, %s, before it begins, %s.", until, from)
	case from.kind == momentTime:
		return "", ""
	case from.offset != until.offset:
		return ".until", fmt.Sprintf("%s and %s are of two zones.", from, until)
	case from.minute == minutesOfDay:
		return ".from", fmt.Sprintf("A day does not begin at its end: write 00:00 of the next instead of %s.", from)
	case from.minute == until.minute && from.day == until.day:
		return ".until", "The freeze ends when it begins; write 24:00 for the end of a day."
	}
	for i, d := range win.Days {
		if slices.Contains(win.Days[:i], d) {
			return fmt.Sprint(".days.", i), fmt.Sprintf("%s is listed twice.", d)
		}
	}
	if wholeWeek(win.parts()) {
		return ".until", "The freeze never ends."
	}
	return "", ""
}

// utcMinute is a moment as texts show it.
func utcMinute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }
