package handlers_test

import (
	"bytes"
	"compress/flate"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// holds says where in the database one of the texts is, compressed or not; what
// GitHub delivered is left out.
func (r *rig) holds(texts ...string) (where []string) {
	r.t.Helper()
	db, err := sql.Open("sqlite", r.path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	values := 0
	for _, table := range column(r.t, db, `SELECT name FROM sqlite_schema WHERE type = 'table'`) {
		for _, name := range column(r.t, db, `SELECT name FROM pragma_table_info('`+table.(string)+`')`) {
			if table == "deliveries" && name == "body" {
				continue
			}
			for _, v := range column(r.t, db, fmt.Sprintf(`SELECT %q FROM %q`, name, table)) {
				values++
				raw := []byte(fmt.Sprint(v))
				if b, ok := v.([]byte); ok {
					raw = b
				}
				for _, text := range texts {
					if bytes.Contains(raw, []byte(text)) || bytes.Contains(inflated(raw), []byte(text)) {
						where = append(where, fmt.Sprintf("%s.%s", table, name))
					}
				}
			}
		}
	}
	if values < 50 {
		r.t.Errorf("the database has %d values only", values)
	}
	return where
}

func column(t *testing.T, db *sql.DB, query string) (out []any) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v any
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// inflated undoes DEFLATE, of what is some.
func inflated(b []byte) []byte {
	out, err := io.ReadAll(flate.NewReader(bytes.NewReader(b)))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return out
}

// shown is all that handrail shows on a pull request.
func (r *rig) shown(p *sim.Pull) string {
	var b strings.Builder
	for _, run := range r.repo.Runs(p.Head()) {
		fmt.Fprintf(&b, "%+v\n", run)
	}
	for _, q := range r.gh.Requests() {
		fmt.Fprintf(&b, "%+v\n", q)
	}
	return b.String() + strings.Join(p.Labels(), "\n")
}

func TestASecretInATextIsFoundAndGoesNoFurther(t *testing.T) {
	r := secured(t, sim.Options{})
	var all []string
	secret := func() string {
		all = append(all, token())
		return all[len(all)-1]
	}
	_, err := r.repo.Push(sim.Push{By: "alice", Branch: "topic", Message: "use " + secret(), Files: map[string]string{
		"a.js": "k = '" + secret() + "'\n", checks.PolicyPath: securityPolicy + "# " + secret() + "\nno: " + secret() + "\n",
	}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.repo.OpenPull(sim.NewPull{By: "alice", Head: "topic", Title: "use " + secret(), Body: "It is\n\n" + secret()})
	if err != nil {
		t.Fatal(err)
	}
	r.settle()
	p.Comment("carol", "try "+secret()).Edit("carol", "rather "+secret())
	p.CommentReview("bob", "not "+secret())
	r.settle()
	r.secures(p, unmet, "title", "description", "message of commit", "comment", "review")
	for i, s := range all {
		if where := r.holds(s); len(where) > 0 {
			t.Errorf("secret %d is in %v", i, where)
		}
		if strings.Contains(r.shown(p), s) {
			t.Errorf("secret %d is shown", i)
		}
		if strings.Contains(r.said.String(), s) {
			t.Errorf("secret %d is in the log", i)
		}
	}
	if where := r.holds("redacted: github-pat"); len(where) == 0 {
		t.Error("what was taken out is nowhere to be seen: the search finds nothing")
	}
	r.replays(p)
}

func TestAnErrorWithASecretIsShownAndKeptWithoutIt(t *testing.T) {
	r, f, p := approved(t)
	s := token()
	f.read = func(checks.Pull, []checks.Source, error) (checks.Pull, []checks.Source, error) {
		if f.writes%2 == 0 {
			panic("cannot read " + s)
		}
		return checks.Pull{}, nil, fmt.Errorf("read %w", errors.New(s))
	}
	p.Comment("carol", "hm")
	for range 4 {
		if err := r.evaluate(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.pass(20 * time.Minute)
	}
	list, err := r.store.Failing(t.Context())
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Error, "redacted: github-pat") {
		t.Fatalf("failing: %+v, %v", list, err)
	}
	if where := r.holds(s); len(where) > 0 || strings.Contains(r.shown(p), s) {
		t.Errorf("it is kept in %v, or shown", where)
	}
}

func TestAFirstTextWithASecretIsNoEditOfWhatIsRead(t *testing.T) {
	r := secured(t, sim.Options{})
	r.push("alice", "topic", map[string]string{"auth/a.js": "a\n"})
	p := r.open("topic")
	r.settle()
	r.secures(p, waiting, "auth/a.js")
	p.Comment("bob", "security +1\n\n"+token())
	r.settle()
	r.secures(p, met)
	rows, err := r.store.List(t.Context(), store.Filter{Repo: "acme/shop", Pull: p.Number, Kind: store.KindVerdict})
	if err != nil || len(rows) != 2 {
		t.Errorf("%d verdicts, %v", len(rows), err)
	}
}

func TestAPolicyOnTheBaseBranchIsJudgedAsItIsAndKeptCleanWhereThatChangesNothing(t *testing.T) {
	r := newRig(t, sim.Options{})
	remark, owners, value := token(), token(), token()
	r.policy(securityPolicy + "# " + remark + "\n")
	r.push("alice", "main", map[string]string{".github/CODEOWNERS": "* @bob # " + owners + "\n"})
	p := r.topic()
	r.settle()
	r.secures(p, met)
	if where := r.holds(remark, owners); len(where) > 0 {
		t.Errorf("a remark of the policy, or of CODEOWNERS, is in %v", where)
	}
	if where := r.holds("* @bob # [redacted: github-pat]"); len(where) == 0 {
		t.Error("nobody's owners are on record")
	}
	r.guard.Named(value)
	r.policy(strings.Replace(securityPolicy, "auth/**", value, 1))
	r.push("alice", "topic", map[string]string{value: "x\n"})
	r.settle()
	r.secures(p, unmet)
	r.replays(p)
}
