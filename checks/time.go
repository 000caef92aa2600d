package checks

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Time is when a window begins or ends, always with its zone: a moment
// (2026-12-20T18:00:00+01:00), a time of the week (fri 16:00+01:00), or a time of the
// day (22:00Z, at an end up to 24:00Z). A zone is a fixed offset: it knows no summer
// time.
type Time struct {
	moment time.Time
	kind   timeKind
	day    Weekday
	minute int // of the day, where the time is
	offset int // of the zone from UTC, in minutes
}

type timeKind int

const (
	noTime timeKind = iota
	momentTime
	weekTime
	dayTime
)

// Weekday is a day of the week by its first three letters: mon, tue, wed, thu, fri,
// sat or sun.
type Weekday string

// weekdays in the order in which a week is counted here, as ISO 8601 does.
var weekdays = []Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// UnmarshalText refuses any other word.
func (d *Weekday) UnmarshalText(text []byte) error { return oneOf(d, text, weekdays...) }

// number counts from Monday, which is 0; -1 for what is no day.
func (d Weekday) number() int {
	for i, w := range weekdays {
		if w == d {
			return i
		}
	}
	return -1
}

// timeText is a time of the week or of the day; ISO 8601 lets a day end at 24:00.
var timeText = regexp.MustCompile(`^(?:([A-Za-z]+) )?([01][0-9]|2[0-4]):([0-5][0-9])(Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?$`)

// UnmarshalText reads any of the three forms.
func (e *Time) UnmarshalText(text []byte) error {
	m := timeText.FindStringSubmatch(string(text))
	if m == nil {
		var d Date
		if err := d.UnmarshalText(text); err != nil {
			return fmt.Errorf("%q is no moment or time: write one such as 2026-12-20T18:00:00Z, fri 16:00+01:00 or 22:00Z", text)
		}
		*e = Time{kind: momentTime, moment: d.Time()}
		return nil
	}
	out := Time{kind: dayTime, minute: 60*twoDigits(m[2]) + twoDigits(m[3])}
	switch {
	case m[4] == "":
		return fmt.Errorf("%q lacks its zone: write %sZ, or an offset such as %s+01:00", text, text, text)
	case out.minute > minutesOfDay:
		return fmt.Errorf("%q is no time of a day", text)
	case m[4] != "Z":
		out.offset = 60*twoDigits(m[4][1:3]) + twoDigits(m[4][4:])
	}
	if m[4][0] == '-' {
		out.offset = -out.offset
	}
	if m[1] != "" {
		out.kind = weekTime
		if err := out.day.UnmarshalText([]byte(strings.ToLower(m[1]))); err != nil {
			return err
		}
	}
	*e = out
	return nil
}

func twoDigits(s string) int { return 10*int(s[0]-'0') + int(s[1]-'0') }

// String is the time as a policy has it.
func (e Time) String() string {
	zone := "Z"
	switch h, m := abs(e.offset)/60, abs(e.offset)%60; {
	case e.offset > 0:
		zone = fmt.Sprintf("+%02d:%02d", h, m)
	case e.offset < 0:
		zone = fmt.Sprintf("-%02d:%02d", h, m)
	}
	at := fmt.Sprintf("%02d:%02d%s", e.minute/60, e.minute%60, zone)
	switch e.kind {
	case momentTime:
		return e.moment.Format(time.RFC3339)
	case weekTime:
		return string(e.day) + " " + at
	case dayTime:
		return at
	}
	return ""
}

func abs(n int) int { return max(n, -n) }
