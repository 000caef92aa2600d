package checks

import (
	"slices"
	"strconv"
)

// Severity is from which rating on something follows, as a policy says it:
// critical, high, medium, low, none or off. They are the qualitative ratings of
// CVSS v3.1, section 5; none is everything, off is nothing. Its zero value is
// whatever the key's default is.
type Severity string

// The severities.
const (
	SeverityCritical Severity = "critical"
	SeverityHigh     Severity = "high"
	SeverityMedium   Severity = "medium"
	SeverityLow      Severity = "low"
	SeverityNone     Severity = "none"
	SeverityOff      Severity = "off"
)

// severities are the ratings, the worst first; floors are where each begins, in
// tenths.
var (
	severities = []Severity{SeverityCritical, SeverityHigh, SeverityMedium, SeverityLow, SeverityNone}
	floors     = []int{90, 70, 40, 1, 0}
)

// UnmarshalText refuses any other word.
func (s *Severity) UnmarshalText(text []byte) error {
	return oneOf(s, text, SeverityCritical, SeverityHigh, SeverityMedium, SeverityLow, SeverityNone, SeverityOff)
}

// or is the severity, or another one where it was not set.
func (s Severity) or(other Severity) Severity {
	if s == "" {
		return other
	}
	return s
}

// reached says whether a rating in tenths is this high. A word that is no
// severity is reached by everything.
func (s Severity) reached(tenths int) bool {
	if s == SeverityOff {
		return false
	}
	i := slices.Index(severities, s)
	return i < 0 || tenths >= floors[i]
}

// before says whether a severity is lower than another, so that more reaches it.
func (s Severity) before(o Severity) bool {
	all := append([]Severity{SeverityOff}, severities...)
	return slices.Index(all, s) > slices.Index(all, o)
}

// ratingOf is what a finding is rated, in tenths. Where it has no rating, the
// level error counts as high; what has neither is unknown.
func ratingOf(f *Finding) (tenths int, known bool) {
	switch {
	case f.Rated && f.Severity >= 0 && f.Severity <= 100:
		return f.Severity, true
	case f.Level == "error":
		return floors[slices.Index(severities, SeverityHigh)], true
	}
	return 0, false
}

// ratingText is a finding's rating in words: "high, 7.5", "error", "not rated".
func ratingText(f *Finding) string {
	tenths, known := ratingOf(f)
	switch {
	case !known && f.Level != "":
		return Plain(f.Level) + ", not rated"
	case !known:
		return "not rated"
	case !f.Rated || f.Severity < 0 || f.Severity > 100:
		return "error"
	}
	i := slices.IndexFunc(floors, func(floor int) bool { return tenths >= floor })
	return string(severities[i]) + ", " + strconv.Itoa(tenths/10) + "." + strconv.Itoa(tenths%10)
}

// Unrated is the word for what has no severity.
const Unrated = "unrated"

// SeverityWord is a finding's rating in one word: critical, high, medium, low or none,
// or [Unrated]. As elsewhere the level error counts as high where there is no rating.
func SeverityWord(f Finding) string {
	tenths, known := ratingOf(&f)
	if !known {
		return Unrated
	}
	return string(severities[slices.IndexFunc(floors, func(floor int) bool { return tenths >= floor })])
}
