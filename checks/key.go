package checks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// keyOf stands for a question about a pull request, by which its answer is found.
// The question holds texts, numbers and booleans only.
func keyOf(question any) string {
	text, err := json.Marshal(question)
	if err != nil {
		return "" // cannot be
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
