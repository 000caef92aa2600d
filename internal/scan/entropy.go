package scan

import "math"

// entropy is Shannon's, in bits a byte: what gitleaks' thresholds are made for
// (its detect/utils.go), which counts characters; secrets are ASCII.
func entropy(text string) float64 {
	var count [256]int
	for i := range len(text) {
		count[text[i]]++
	}
	sum := 0.0
	for _, n := range count {
		if n > 0 {
			share := float64(n) / float64(len(text))
			sum -= share * math.Log2(share)
		}
	}
	return sum
}
