package leak

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// Forger makes secrets that look like those of real providers, of which none is
// one. It is used by one goroutine at a time.
type Forger struct{ random *rand.Rand }

// NewForger makes a forger that makes the same secrets in the same order each time.
func NewForger() *Forger { return &Forger{rand.New(rand.NewPCG(20, 26))} }

const (
	lower = "abcdefghijklmnopqrstuvwxyz"
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digit = "0123456789"
	hexes = "0123456789abcdef"
	alnum = lower + upper + digit
)

// from is n characters of an alphabet, each as often as the others, so that it
// has the entropy that rules ask for.
func (f *Forger) from(alphabet string, n int) string {
	var b strings.Builder
	for b.Len() < n {
		for _, i := range f.random.Perm(len(alphabet)) {
			if b.Len() < n {
				b.WriteByte(alphabet[i])
			}
		}
	}
	return b.String()
}

// forms are how some providers' secrets look, by gitleaks' names of the rules.
var forms = map[string]func(*Forger) string{
	"aws-access-token":        func(f *Forger) string { return "AKIA" + f.from(upper+"234567", 16) },
	"github-pat":              func(f *Forger) string { return "ghp_" + f.from(alnum, 36) },
	"github-fine-grained-pat": func(f *Forger) string { return "github_pat_" + f.from(alnum, 82) },
	"gitlab-pat":              func(f *Forger) string { return "glpat-" + f.from(alnum, 20) },
	"npm-access-token":        func(f *Forger) string { return "npm_" + f.from(lower+digit, 36) },
	"digitalocean-pat":        func(f *Forger) string { return "dop_v1_" + f.from(hexes, 64) },
	"shopify-access-token":    func(f *Forger) string { return "shpat_" + f.from(hexes, 32) },
	"doppler-api-token":       func(f *Forger) string { return "dp.pt." + f.from(lower+digit, 43) },
	"linear-api-key":          func(f *Forger) string { return "lin_api_" + f.from(lower+digit, 40) },
	"postman-api-token":       func(f *Forger) string { return "PMAK-" + f.from(hexes, 24) + "-" + f.from(hexes, 34) },
	"stripe-access-token":     func(f *Forger) string { return "sk_live_" + f.from(alnum, 24) },
	"slack-bot-token": func(f *Forger) string {
		return fmt.Sprintf("xoxb-%s-%s-%s", f.from(digit, 12), f.from(digit, 12), f.from(alnum, 24))
	},
	"gcp-api-key":                   func(f *Forger) string { return "AIza" + f.from(alnum, 35) },
	"sendgrid-api-token":            func(f *Forger) string { return "SG." + f.from(lower+digit, 66) },
	"huggingface-access-token":      func(f *Forger) string { return "hf_" + f.from(lower, 34) },
	"pulumi-api-token":              func(f *Forger) string { return "pul-" + f.from(hexes, 40) },
	"rubygems-api-token":            func(f *Forger) string { return "rubygems_" + f.from(hexes, 48) },
	"prefect-api-token":             func(f *Forger) string { return "pnu_" + f.from(lower+digit, 36) },
	"private-key":                   func(f *Forger) string { return f.pem() },
	"atlassian-api-token":           func(f *Forger) string { return "ATATT3" + f.from(alnum, 186) },
	"grafana-service-account-token": func(f *Forger) string { return "glsa_" + f.from(alnum, 32) + "_" + f.from(hexes, 8) },
}

// pem is a private key over several lines, as OpenSSL writes one.
func (f *Forger) pem() string {
	// Put together here, so that this file holds nothing that looks like a key.
	mark := func(word string) string { return "-----" + word + " RSA PRIVATE KEY-----\n" }
	var b strings.Builder
	b.WriteString(mark("BEGIN"))
	for range 12 {
		b.WriteString(f.from(alnum+"+/", 64) + "\n")
	}
	b.WriteString(mark("END"))
	return b.String()
}

// Make is a secret that the rule finds, which must be one that is known here.
func (f *Forger) Make(rule string) string { return forms[rule](f) }

// rules are those whose secrets are one word, in order.
func rules() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(forms)), func(r string) bool { return r == "private-key" })
}
