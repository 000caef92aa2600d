package checks

import (
	"fmt"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
)

// Percent is a share in hundredths of a percent: 7950 is 79.5%.
type Percent int

// whole is all of it.
const whole Percent = 10000

var percentText = regexp.MustCompile(`^(0|[1-9][0-9]{0,2})(?:\.([0-9]{1,2}))?%$`)

// fraction is how programs write a share.
var fraction = regexp.MustCompile(`^0\.([1-9][0-9]?|0[1-9])$`)

// UnmarshalText reads "90%" or "79.5%": from 0 to 100, two decimals at most.
func (p *Percent) UnmarshalText(text []byte) error {
	m := percentText.FindStringSubmatch(string(text))
	if m == nil {
		bare := string(text) + "%"
		if m := fraction.FindStringSubmatch(string(text)); m != nil {
			return fmt.Errorf("%q lacks its percent sign: write %s%%, or %s if so little is meant", text, strings.TrimLeft((m[1] + "0")[:2], "0"), bare)
		}
		if percentText.MatchString(bare) {
			return fmt.Errorf("%q lacks its percent sign: write %s", text, bare)
		}
		return fmt.Errorf("%q is no percentage: write one such as 90%% or 79.5%%", text)
	}
	n, err := strconv.Atoi(m[1] + (m[2] + "00")[:2])
	if err != nil || Percent(n) > whole {
		return fmt.Errorf("%q is more than 100%%", text)
	}
	*p = Percent(n)
	return nil
}

// String is the share as it is shown, "79.5 %", and as a policy has it but for
// the blank.
func (p Percent) String() string { return p.number() + " %" }

// number is the share without its sign.
func (p Percent) number() string {
	text := strconv.Itoa(int(p / 100))
	if rest := p % 100; rest != 0 {
		text += "." + strings.TrimSuffix(fmt.Sprintf("%02d", rest), "0")
	}
	return text
}

// share is how much of all is covered, cut off and never rounded, so that it is
// below a minimum whenever the verdict says so. Of nothing all is covered.
func share(hit, all int64) Percent {
	if all <= 0 || hit >= all {
		return whole
	}
	hi, lo := bits.Mul64(uint64(max(hit, 0)), uint64(whole))
	q, _ := bits.Div64(hi, lo, uint64(all)) // hit < all, so that hi < all
	return Percent(q)
}

// reaches says whether hit of all is a share of at least min, exactly.
func reaches(hit, all int64, min Percent) bool {
	haveHi, haveLo := bits.Mul64(uint64(max(hit, 0)), uint64(whole))
	needHi, needLo := bits.Mul64(uint64(max(all, 0)), uint64(max(min, 0)))
	return haveHi > needHi || haveHi == needHi && haveLo >= needLo
}

// shortBy is how many more of all must be hit to reach a minimum.
func shortBy(hit, all int64, min Percent) int64 {
	if reaches(hit, all, min) {
		return 0
	}
	hi, lo := bits.Mul64(uint64(all), uint64(min))
	lo, carry := bits.Add64(lo, uint64(whole-1), 0)
	need, _ := bits.Div64(hi+carry, lo, uint64(whole)) // at most all, since min is at most whole
	return int64(need) - max(hit, 0)
}
