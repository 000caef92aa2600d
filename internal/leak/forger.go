package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// forger makes secrets that look like those of real providers, of which none is
// one. What it makes is the same each time.
type forger struct{ random *rand.Rand }

func newForger() *forger { return &forger{rand.New(rand.NewPCG(20, 26))} }

const (
	lower = "abcdefghijklmnopqrstuvwxyz"
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digit = "0123456789"
	hexes = "0123456789abcdef"
	alnum = lower + upper + digit
)

// from is n characters of an alphabet, each as often as the others, so that it
// has the entropy that rules ask for.
func (f *forger) from(alphabet string, n int) string {
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
var forms = map[string]func(*forger) string{
	"aws-access-token":        func(f *forger) string { return "AKIA" + f.from(upper+"234567", 16) },
	"github-pat":              func(f *forger) string { return "ghp_" + f.from(alnum, 36) },
	"github-fine-grained-pat": func(f *forger) string { return "github_pat_" + f.from(alnum, 82) },
	"gitlab-pat":              func(f *forger) string { return "glpat-" + f.from(alnum, 20) },
	"npm-access-token":        func(f *forger) string { return "npm_" + f.from(lower+digit, 36) },
	"digitalocean-pat":        func(f *forger) string { return "dop_v1_" + f.from(hexes, 64) },
	"shopify-access-token":    func(f *forger) string { return "shpat_" + f.from(hexes, 32) },
	"doppler-api-token":       func(f *forger) string { return "dp.pt." + f.from(lower+digit, 43) },
	"linear-api-key":          func(f *forger) string { return "lin_api_" + f.from(lower+digit, 40) },
	"postman-api-token":       func(f *forger) string { return "PMAK-" + f.from(hexes, 24) + "-" + f.from(hexes, 34) },
	"stripe-access-token":     func(f *forger) string { return "sk_live_" + f.from(alnum, 24) },
	"slack-bot-token": func(f *forger) string {
		return fmt.Sprintf("xoxb-%s-%s-%s", f.from(digit, 12), f.from(digit, 12), f.from(alnum, 24))
	},
	"gcp-api-key":                   func(f *forger) string { return "AIza" + f.from(alnum, 35) },
	"sendgrid-api-token":            func(f *forger) string { return "SG." + f.from(lower+digit, 66) },
	"huggingface-access-token":      func(f *forger) string { return "hf_" + f.from(lower, 34) },
	"pulumi-api-token":              func(f *forger) string { return "pul-" + f.from(hexes, 40) },
	"rubygems-api-token":            func(f *forger) string { return "rubygems_" + f.from(hexes, 48) },
	"prefect-api-token":             func(f *forger) string { return "pnu_" + f.from(lower+digit, 36) },
	"private-key":                   func(f *forger) string { return f.pem() },
	"atlassian-api-token":           func(f *forger) string { return "ATATT3" + f.from(alnum, 186) },
	"grafana-service-account-token": func(f *forger) string { return "glsa_" + f.from(alnum, 32) + "_" + f.from(hexes, 8) },
}

// pem is a private key over several lines, as OpenSSL writes one.
func (f *forger) pem() string {
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

// make is a secret that the rule finds.
func (f *forger) make(rule string) string { return forms[rule](f) }
