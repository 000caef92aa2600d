package checks_test

import (
	"testing"

	"pgregory.net/rapid"
)

// untilTried checks a law until it was tried on what it is about at least once,
// which tried counts; what is rare among random draws may be in none of a hundred.
func untilTried(t *testing.T, tried *int, law func(*rapid.T)) {
	t.Helper()
	for range 30 {
		if rapid.Check(t, law); *tried > 0 || t.Failed() {
			return
		}
	}
}
