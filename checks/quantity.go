package checks

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Quantity is a number with a unit, as Kubernetes writes them: 3, 0.5, 500m, 1Gi,
// 1.5Ti. Ki, Mi, Gi, Ti, Pi and Ei are powers of 1024, k, M, G, T, P and E powers
// of 1000, m, u and n thousandths and smaller (Kubernetes API reference,
// "Quantity"). The zero value is none.
type Quantity struct {
	text  string
	value *big.Rat
}

// UnmarshalText refuses what is no such number, or less than none.
func (q *Quantity) UnmarshalText(text []byte) error {
	s := string(text)
	if strings.HasSuffix(s, "%") {
		return fmt.Errorf("%q is a share of something, and a limit is a number: write one such as 1Gi, 500m or 3", s)
	}
	v, ok := ParseQuantity(s)
	if !ok {
		return fmt.Errorf("%q is no number with a unit: write one such as 1Gi, 500m or 3; units are Ki, Mi, Gi, Ti, Pi, Ei, k, M, G, T, P, E, m, u and n%s", s, quantityHint(s))
	}
	if v.Sign() < 0 {
		return fmt.Errorf("%q is less than none", s)
	}
	*q = Quantity{s, v}
	return nil
}

// quantityHint says what was probably meant by a unit that there is not.
func quantityHint(s string) string {
	for _, h := range [...]struct{ end, unit string }{
		{"KB", "k"}, {"kB", "k"}, {"MB", "M"}, {"GB", "G"}, {"TB", "T"}, {"KiB", "Ki"}, {"MiB", "Mi"}, {"GiB", "Gi"}, {"TiB", "Ti"},
		{"K", "k or Ki"}, {"g", "G or Gi"}, {"t", "T or Ti"},
	} {
		if strings.HasSuffix(s, h.end) {
			return fmt.Sprintf(" (for %s write %s)", h.end, h.unit)
		}
	}
	return ""
}

// String is the number as it was written; "" when there is none.
func (q Quantity) String() string { return q.text }

// Compare orders quantities; one that has no number is like every other.
func (q Quantity) Compare(o Quantity) int {
	if !q.known() || !o.known() {
		return 0
	}
	return q.value.Cmp(o.value)
}

// known says whether there is a number.
func (q Quantity) known() bool { return q.value != nil }

// write writes an amount with a unit of the kind that the quantity has, to three
// places.
func (q Quantity) write(amount *big.Rat) string {
	suffix := strings.TrimLeft(q.text, "+-.0123456789")
	units := []string{}
	switch {
	case strings.HasSuffix(suffix, "i"):
		units = []string{"Ei", "Pi", "Ti", "Gi", "Mi", "Ki"}
	case suffix == "m":
		units = []string{"", "m"}
	case len(suffix) == 1 && suffix != "u" && suffix != "n":
		units = []string{"E", "P", "T", "G", "M", "k"}
	}
	for _, u := range units {
		if _, unit := quantityUnit(u); amount.Cmp(unit) >= 0 {
			return places(new(big.Rat).Quo(amount, unit)) + u
		}
	}
	return places(amount)
}

// places is a number to three decimal places.
func places(r *big.Rat) string {
	return strings.TrimSuffix(strings.TrimRight(r.FloatString(3), "0"), ".")
}

// The bounds of a number: one beyond them is none, so that nothing that is written
// in a file takes memory by being large.
const (
	quantityDigits   = 60
	quantityExponent = 60
)

var quantityText = regexp.MustCompile(`^([+-]?)([0-9]*)(?:\.([0-9]*))?([A-Za-z]*)$|^([+-]?)([0-9]*)(?:\.([0-9]*))?[eE]([+-]?[0-9]{1,4})$`)

// ParseQuantity is the number that a text means as a Kubernetes quantity, exactly.
// ok is false for what is none, and for numbers of more than 60 digits or an
// exponent beyond 60.
func ParseQuantity(text string) (value *big.Rat, ok bool) {
	if len(text) > 2*quantityDigits+8 {
		return nil, false
	}
	m := quantityText.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	var unit *big.Rat
	known := false
	if m[8] != "" {
		m[1], m[2], m[3] = m[5], m[6], m[7]
		known, unit = exponent(m[8])
	} else {
		known, unit = quantityUnit(m[4])
	}
	if !known || len(m[2])+len(m[3]) == 0 || len(m[2]) > quantityDigits || len(m[3]) > quantityDigits {
		return nil, false
	}
	value, ok = new(big.Rat).SetString(m[1] + "0" + m[2] + "." + m[3] + "0")
	if !ok {
		return nil, false
	}
	return value.Mul(value, unit), true
}

func exponent(text string) (ok bool, unit *big.Rat) {
	n, err := strconv.Atoi(text)
	if err != nil || n > quantityExponent || n < -quantityExponent {
		return false, nil
	}
	return true, power(10, n)
}

// quantityUnit is what a suffix means.
func quantityUnit(suffix string) (ok bool, unit *big.Rat) {
	const binary, decimal = "KMGTPE", "kMGTPE"
	switch {
	case suffix == "":
		return true, big.NewRat(1, 1)
	case len(suffix) == 2 && suffix[1] == 'i' && strings.IndexByte(binary, suffix[0]) >= 0:
		return true, power(1024, 1+strings.IndexByte(binary, suffix[0]))
	case len(suffix) == 1 && strings.IndexByte(decimal, suffix[0]) >= 0:
		return true, power(1000, 1+strings.IndexByte(decimal, suffix[0]))
	case len(suffix) == 1 && strings.IndexByte("mun", suffix[0]) >= 0:
		return true, power(1000, -1-strings.IndexByte("mun", suffix[0]))
	}
	return false, nil
}

func power(base int64, n int) *big.Rat {
	p := new(big.Int).Exp(big.NewInt(base), big.NewInt(int64(max(n, -n))), nil)
	if n < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), p)
	}
	return new(big.Rat).SetInt(p)
}

// Decimal writes a number that has finitely many decimal places in full, as
// [Value] has it.
func Decimal(r *big.Rat) string {
	places, _ := r.FloatPrec()
	return r.FloatString(places)
}

// amountOf reads what [Decimal] wrote.
func amountOf(decimal string) (*big.Rat, bool) {
	if decimal == "" || len(decimal) > 4*quantityDigits || strings.ContainsAny(decimal, "eE/_xXoObBpP") {
		return nil, false
	}
	return new(big.Rat).SetString(decimal)
}
