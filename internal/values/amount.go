package values

import (
	"math/big"
	"regexp"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// amount is the number that a scalar means in a format. A number that programs
// read in different ways, such as 010 without quotes, is none.
func amount(f format, n *node) (*big.Rat, bool) {
	if n.kind != scalar || n.null {
		return nil, false
	}
	if f == compose {
		if v, is := composeBytes(n.text); is {
			return v, true
		}
		return bare(n.text)
	}
	if !n.quoted && leadingZero.MatchString(n.text) {
		return nil, false
	}
	return checks.ParseQuantity(n.text)
}

// leadingZero begins what some take for an octal number.
var leadingZero = regexp.MustCompile(`^[+-]?0[0-9]+$`)

// bare is a number without a unit.
func bare(text string) (*big.Rat, bool) {
	if strings.ContainsAny(strings.TrimRight(text, "0123456789"), "kKMGTPEmun") {
		return nil, false
	}
	return checks.ParseQuantity(text)
}

// byteText is an amount of bytes as Compose has it: 512m and 512mb are 512 MiB
// (Compose specification, "Specifying byte values"; docker/go-units, RAMInBytes).
var byteText = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?(?:([kKmMgGtTpP])[iI]?[bB]?|[bB])$`)

func composeBytes(text string) (*big.Rat, bool) {
	m := byteText.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	unit := ""
	if m[2] != "" {
		unit = strings.ToUpper(m[2]) + "i"
	}
	return checks.ParseQuantity(m[1] + unit)
}
