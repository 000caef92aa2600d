package checks

import (
	"fmt"
	"time"
)

// Date is a moment as a policy has it, in ISO 8601 with its zone:
// 2026-06-30T00:00:00Z.
type Date time.Time

// UnmarshalText reads a moment as RFC 3339 writes it.
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339, string(text))
	if err == nil {
		*d = Date(t)
		return nil
	}
	if _, err := time.Parse(time.DateOnly, string(text)); err == nil {
		return fmt.Errorf("%q lacks its time and zone: write %sT00:00:00Z", text, text)
	}
	return fmt.Errorf("%q is no date: write one such as 2026-06-30T00:00:00Z", text)
}

// Time is the moment; zero if none was set.
func (d Date) Time() time.Time { return time.Time(d) }

// Compare orders moments.
func (d Date) Compare(o Date) int { return d.Time().Compare(o.Time()) }
