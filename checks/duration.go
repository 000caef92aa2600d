package checks

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Duration is a length of time as a policy has it: 60m, 24h, 14d.
type Duration time.Duration

const day = 24 * time.Hour

var durationText = regexp.MustCompile(`^([1-9][0-9]{0,3})([mhd])$`)

// UnmarshalText reads a whole number, from 1 to 9999, of minutes, hours or days.
func (d *Duration) UnmarshalText(text []byte) error {
	m := durationText.FindStringSubmatch(string(text))
	if m == nil {
		if bare := string(text) + "m"; durationText.MatchString(bare) {
			return fmt.Errorf("%q lacks its unit: write %s, or h for hours, d for days", text, bare)
		}
		return fmt.Errorf("%q is no length of time: write one such as 60m, 24h or 14d", text)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return fmt.Errorf("%q is no length of time: %w", text, err)
	}
	*d = Duration(time.Duration(n) * map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": day}[m[2]])
	return nil
}

// String is the length in words, "60 minutes": in minutes up to two hours, then
// in the largest unit that leaves no rest.
func (d Duration) String() string {
	switch t := time.Duration(d); {
	case t >= 2*day && t%day == 0:
		return count(int(t/day), "day")
	case t >= 2*time.Hour && t%time.Hour == 0:
		return count(int(t/time.Hour), "hour")
	default:
		return count(int(t/time.Minute), "minute")
	}
}
