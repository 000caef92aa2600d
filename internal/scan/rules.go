package scan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
)

// rule is one kind of secret.
type rule struct {
	id, title string
	source    string // the expression, as it is matched
	group     int    // which of its groups is the secret; 0 is the first that is not empty
	entropy   float64
	path      *regexp.Regexp // of the files it is for; nil is all
	keywords  []string       // gitleaks', one of which has to be near; in lower case
	fine      []allowance
	weak      bool
	// assigned says that it knows a secret by the name it is given to, not by the
	// secret's own shape; named that what the name is given to has no shape at all.
	assigned, named bool

	// At most one of the two ways is there; see [rule.aim]. Neither: only path counts.
	first, later *expression    // from where a match must begin: the text's first byte, or one byte before
	reach        int            // how long a match can be
	whole        *regexp.Regexp // where a match may be anywhere in a region
	heads        []head
}

// allowance is what a rule itself knows to be no secret.
type allowance struct {
	match     bool // else of the secret
	exprs     []*regexp.Regexp
	choices   []*choice // expressions as well
	words     []string  // in lower case
	stopwords *automaton
}

// published are gitleaks' rules as its module brings them, compiled once. What
// is in a repository has no say in them.
var published = sync.OnceValue(func() []*rule {
	rules, err := loadRules()
	if err != nil {
		panic(err) // they are part of this program
	}
	return rules
})

// loadRules reads the rules. Translate may panic.
func loadRules() (rules []*rule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("translate gitleaks' rules: %v", r)
		}
	}()
	v := viper.New()
	v.SetConfigType("toml")
	if err := v.ReadConfig(strings.NewReader(config.DefaultConfig)); err != nil {
		return nil, fmt.Errorf("read gitleaks' rules: %w", err)
	}
	var written config.ViperConfig
	if err := v.Unmarshal(&written); err != nil {
		return nil, fmt.Errorf("read gitleaks' rules: %w", err)
	}
	set, err := written.Translate()
	if err != nil {
		return nil, fmt.Errorf("translate gitleaks' rules: %w", err)
	}
	everywhere := allowances(set.Allowlists)
	for _, r := range set.GetOrderedRules() {
		one, err := newRule(r, everywhere)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.RuleID, err)
		}
		rules = append(rules, one)
	}
	return rules, nil
}

func newRule(from config.Rule, everywhere []allowance) (*rule, error) {
	r := &rule{
		id: from.RuleID, title: title(from.RuleID), group: from.SecretGroup, entropy: from.Entropy, path: from.Path,
		keywords: slices.Clone(from.Keywords), weak: general[from.RuleID],
		fine: slices.Concat(allowances(from.Allowlists), everywhere),
	}
	if len(from.RequiredRules) > 0 || from.SkipReport {
		return nil, fmt.Errorf("it depends on others, which is not known here")
	}
	if from.Regex == nil {
		return r, nil
	}
	// A name's beginning is nothing to a secret, but 50 ways to go on at each byte.
	r.source = strings.ReplaceAll(from.Regex.String(), nameStart, "")
	r.assigned = strings.Contains(r.source, operator)
	_, value, _ := strings.Cut(r.source, operator)
	r.named = r.assigned && shapeless.MatchString(value)
	return r, r.aim()
}

// How gitleaks writes a rule for what is given to a name (cmd/generate/config/utils).
const (
	nameStart = `[\w.-]{0,50}?`
	operator  = `(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)`
)

// shapeless is a value of which only length and letters are known.
var shapeless = regexp.MustCompile(`^\[[^]]*\]\{0,5\}\((?:\(\?i\))?\[[^]]*\]\{[0-9,]+\}\)`)

// allowances are the ones about the secret. What goes by paths, by commits or by
// what else is on the line is none: whoever writes a change writes these too.
func allowances(from []*config.Allowlist) (out []allowance) {
	for _, a := range from {
		if a.RegexTarget == "line" || a.MatchCondition == config.AllowlistMatchAnd {
			continue
		}
		one := allowance{match: a.RegexTarget == "match"}
		for _, e := range a.Regexes {
			if c := choiceOf(e); c != nil {
				one.choices = append(one.choices, c)
			} else {
				one.exprs = append(one.exprs, mended(e))
			}
		}
		if len(a.StopWords) > 0 {
			words := make([]string, 0, len(a.StopWords))
			for _, w := range a.StopWords {
				words = append(words, strings.ToLower(w))
			}
			slices.Sort(words)
			one.words, one.stopwords = words, newAutomaton(words)
		}
		if len(one.exprs)+len(one.choices) > 0 || one.stopwords != nil {
			out = append(out, one)
		}
	}
	return out
}

// mended holds two expressions to what they mean, the words true, false and null,
// and tokens of letters only: as they are published, a secret that has "false" in it
// is none, nor is one that begins with 24 letters.
func mended(e *regexp.Regexp) *regexp.Regexp {
	switch e.String() {
	case `(?i)^true|false|null$`:
		return regexp.MustCompile(`(?i)^(?:true|false|null)$`)
	case `s\.[A-Za-z]{24}`:
		return regexp.MustCompile(`^s\.[A-Za-z]{24}$`)
	}
	return e
}

// allows says that a rule itself knows a find to be no secret. A strong one must be
// a stop word to be none: where one only has to be in it, as it is published, a
// comment in a private key or a few letters after a token would do.
func (r *rule) allows(match, secret string) bool {
	if r.weak && (ownID.MatchString(secret) || moduleSum.MatchString(match)) {
		return true
	}
	for i := range r.fine {
		a := &r.fine[i]
		text := secret
		if a.match {
			text = match
		}
		for _, c := range a.choices {
			if c.matches(text) {
				return true
			}
		}
		for _, e := range a.exprs {
			if e.MatchString(text) {
				return true
			}
		}
		switch {
		case a.stopwords == nil:
		case r.weak && a.stopwords.in(secret), !r.weak && slices.Contains(a.words, strings.ToLower(secret)):
			return true
		}
	}
	return false
}

// What looks random beside a word such as token and is everybody's: the ids by which
// findings are shown, which people quote, and the sum of a module's version whose
// path ends in the word, as in go.sum.
var (
	ownID     = regexp.MustCompile(`^[sf]-[0-9a-f]{12}[.=-]*$`)
	moduleSum = regexp.MustCompile(` v[0-9]+\.[0-9]+\.[0-9]+(?:/go\.mod)? h1:[A-Za-z0-9+/]{43}=\s?$`)
)

// in says whether one of the words is in a text.
func (a *automaton) in(text string) bool {
	state := uint16(0)
	for i := range len(text) {
		if state = a.step(state, text[i]); len(a.ends[state]) > 0 {
			return true
		}
	}
	return false
}
