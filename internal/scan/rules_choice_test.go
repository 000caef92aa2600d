package scan

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
)

// An allowance that is quicker than the published one, but another, would hide
// secrets or cry over names.
func TestAChoiceMatchesWhatItsExpressionDoes(t *testing.T) {
	e := publishedChoice(t)
	c := choiceOf(e)
	if c == nil || len(c.rest) != 3 {
		t.Fatal("the expression of names that are no secrets is not taken apart")
	}
	tree, err := syntax.Parse(e.String(), syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	both := map[bool]int{}
	for seed := range int64(3000) {
		s := newSampler(seed)
		var b strings.Builder
		s.write(&b, tree)
		name := b.String()
		cut := s.Intn(len(name) + 1)
		for _, text := range []string{name, "my_" + name + "=x", name[:cut], name[cut:], name[:cut] + "_" + name[cut:], strings.ToUpper(name), strings.ToLower(name)} {
			want := e.MatchString(text)
			if got := c.matches(text); got != want {
				t.Errorf("%q: %v, not %v", text, got, want)
			}
			both[want]++
		}
	}
	if both[true] < 1000 || both[false] < 1000 {
		t.Errorf("%d texts match, %d do not", both[true], both[false])
	}
}

// publishedChoice is the expression of the generic rule about names.
func publishedChoice(t *testing.T) (e *regexp.Regexp) {
	t.Helper()
	v := viper.New()
	v.SetConfigType("toml")
	var written config.ViperConfig
	if err := v.ReadConfig(strings.NewReader(config.DefaultConfig)); err != nil {
		t.Fatal(err)
	}
	if err := v.Unmarshal(&written); err != nil {
		t.Fatal(err)
	}
	set, err := written.Translate()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range set.Rules[genericRule].Allowlists {
		if a.RegexTarget == "match" {
			return a.Regexes[0]
		}
	}
	t.Fatal("the generic rule has no allowance for matches")
	return nil
}
