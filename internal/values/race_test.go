//go:build race

package values_test

// allocated is how much reading one file may allocate in all, in bytes. The race
// detector throws away part of what is pooled, a matcher's state of 18 KB among it.
const allocated = 2 << 30
