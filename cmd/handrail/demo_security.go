package main

import (
	"crypto/rand"
	"encoding/json"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
)

// securityScenes are about what ought not to be in a change, and about who must
// look at it.
func securityScenes() []scene {
	return []scene{
		{
			title: "alice commits a payment token by mistake and takes it out again in the next commit. It is still in the history.",
			act: func(t *theatre) (err error) {
				for _, c := range []struct{ message, token string }{{"Let the shop take cards", madeUpToken()}, {"Take the token out", ""}} {
					if _, err = t.repo.Push(sim.Push{By: "alice", Branch: "cards", Message: c.message, Files: map[string]string{"deploy/cards.env": "STRIPE_KEY=" + c.token + "\n"}}); err != nil {
						return err
					}
				}
				if t.pull, err = t.repo.OpenPull(sim.NewPull{By: "alice", Title: "feat: take cards", Head: "cards"}); err != nil {
					return err
				}
				return t.pass()
			},
			says: "secret",
		},
		{
			title: "alice has the token revoked and rewrites the branch. bob and quinn approve.",
			act: func(t *theatre) error {
				_, err := t.repo.Push(sim.Push{By: "alice", Branch: "cards", Message: "Let the shop take cards", Parents: []string{t.repo.Branch("main")}, Files: map[string]string{"deploy/cards.env": "STRIPE_KEY=\n"}})
				if err != nil {
					return err
				}
				if err := t.pass(); err != nil {
					return err
				}
				t.approve()
				return nil
			},
			labelled: true,
			says:     "All merge requirements are met",
		},
		{
			title: "alice changes watched code. bob and quinn approve; her own \"security +1\" does not count.",
			act: func(t *theatre) (err error) {
				if _, err = t.repo.Push(sim.Push{By: "alice", Branch: "refund", Message: "Pay back", Files: map[string]string{"shop/pay/refund.go": refundV1}}); err != nil {
					return err
				}
				if t.pull, err = t.repo.OpenPull(sim.NewPull{By: "alice", Title: "feat: refunds", Head: "refund"}); err != nil {
					return err
				}
				if err := t.run(refundProfile); err != nil {
					return err
				}
				t.approve()
				t.pull.Comment("alice", "security +1")
				return nil
			},
			reviewing: true,
			says:      "Security review",
		},
		{
			title:    "sam of acme/infosec has a look and says \"security +1\".",
			act:      func(t *theatre) error { t.pull.Comment("sam", "security +1"); return nil },
			labelled: true,
			says:     "All merge requirements are met",
		},
		{
			title: "alice changes the watched code once more. What sam has seen is not what would be merged.",
			act: func(t *theatre) error {
				if _, err := t.repo.Push(sim.Push{By: "alice", Branch: "refund", Message: "Pay back in full", Files: map[string]string{"shop/pay/refund.go": refundV2}}); err != nil {
					return err
				}
				if err := t.run(refundProfile); err != nil {
					return err
				}
				t.approve()
				return nil
			},
			reviewing: true,
			says:      "Security review",
		},
		{
			title: "A scanner finds three things: two are old, one comes with this pull request.",
			act: func(t *theatre) (err error) {
				if _, err = t.repo.Push(sim.Push{By: "alice", Branch: "export", Message: "Export orders", Files: map[string]string{"shop/export.go": exportV1}}); err != nil {
					return err
				}
				if t.pull, err = t.repo.OpenPull(sim.NewPull{By: "alice", Title: "feat: export orders", Head: "export"}); err != nil {
					return err
				}
				if err := t.run(exportProfile, injection); err != nil {
					return err
				}
				t.approve()
				return nil
			},
			says: "To do: ",
		},
		{
			title: "alice mends it. The two old findings hold up nobody.",
			act: func(t *theatre) error {
				if _, err := t.repo.Push(sim.Push{By: "alice", Branch: "export", Message: "Hand the name over as a parameter", Files: map[string]string{"shop/export.go": exportV2}}); err != nil {
					return err
				}
				if err := t.run(exportProfile); err != nil {
					return err
				}
				t.approve()
				return nil
			},
			labelled: true,
			says:     "All merge requirements are met",
		},
	}
}

// approve lets bob and quinn sign what they are asked for, a while after the last
// push.
func (t *theatre) approve() {
	t.github.Advance(5 * time.Minute)
	t.pull.Approve("bob")
	t.pull.Comment("quinn", "QA +1")
}

// madeUpToken looks like a provider's token and is none.
func madeUpToken() string { return "sk_" + "live_" + rand.Text() }

// receipt is code on main in which a scanner finds two things.
const receipt = `package shop

import (
	"crypto/md5"
	"os"
)

// Receipt writes a receipt and returns its number.
func Receipt(text string) [16]byte {
	os.WriteFile("receipt.txt", []byte(text), 0o666)
	return md5.Sum([]byte(text))
}
`

const (
	refundV1 = `package pay

// Refund pays an amount back.
func Refund(cents, paid int) int {
	if cents > paid {
		cents = paid
	}
	return cents
}
`
	refundV2 = `package pay

// Refund pays an amount back.
func Refund(cents, paid int) int {
	if cents > paid {
		cents = 0
	}
	return cents
}
`
	refundProfile = "github.com/acme/shop/shop/pay/refund.go:4.34,9.2 3 1\n"
	exportV1      = `package shop

import (
	"database/sql"
	"fmt"
)

// Orders are somebody's.
func Orders(db *sql.DB, name string) (*sql.Rows, error) {
	if name == "" {
		return nil, fmt.Errorf("whose orders?")
	}
	return db.Query("SELECT id FROM orders WHERE name = '" + name + "'")
}
`
	exportV2 = `package shop

import (
	"database/sql"
	"fmt"
)

// Orders are somebody's.
func Orders(db *sql.DB, name string) (*sql.Rows, error) {
	if name == "" {
		return nil, fmt.Errorf("whose orders?")
	}
	return db.Query("SELECT id FROM orders WHERE name = ?", name)
}
`
	exportProfile = "github.com/acme/shop/shop/export.go:9.57,14.2 3 1\n"
)

// finding is what the scanner says of one line.
type finding struct {
	rule, level, text, path string
	line                    int
	code                    string
}

// injection is what the scanner finds in exportV1.
var injection = finding{"G202", "error", "SQL string concatenation", "shop/export.go", 13, `return db.Query("SELECT id FROM orders WHERE name = '" + name + "'")`}

// findings is a report such as gosec writes: what is in receipt.go, and more.
func findings(more ...finding) []byte {
	type object = map[string]any
	var results []object
	for _, f := range append([]finding{
		{"G306", "warning", "Expect WriteFile permissions to be 0600 or less", "shop/receipt.go", 10, `os.WriteFile("receipt.txt", []byte(text), 0o666)`},
		{"G401", "error", "Use of weak cryptographic primitive", "shop/receipt.go", 11, "return md5.Sum([]byte(text))"},
	}, more...) {
		results = append(results, object{
			"ruleId": f.rule, "level": f.level, "message": object{"text": f.text},
			"locations": []object{{"physicalLocation": object{
				"artifactLocation": object{"uri": f.path, "uriBaseId": "%SRCROOT%"},
				"region":           object{"startLine": f.line, "endLine": f.line, "snippet": object{"text": f.code}},
			}}},
		})
	}
	text, err := json.Marshal(object{"version": "2.1.0", "runs": []object{{
		"tool": object{"driver": object{"name": "gosec", "semanticVersion": "2.22.0"}}, "results": results,
	}}})
	if err != nil {
		return nil // texts and numbers only: cannot be
	}
	return text
}
