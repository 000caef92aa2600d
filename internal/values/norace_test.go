//go:build !race

package values_test

// allocated is how much reading one file may allocate in all, in bytes.
const allocated = 512 << 20
