package leak_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/store"
)

// column is one of the database's, of the type that it was made with.
type column struct{ table, name, kind string }

// A guard that does not look at a column would not see what is put there.
func TestASecretIsFoundInEveryColumnOfTheDatabase(t *testing.T) {
	db, path := loose(t)
	g := leak.New()
	secrets := map[string]string{} // by column
	for table, row := range rows(t, db) {
		fill(t, db, table, row, func(c column) string {
			where := c.table + "." + c.name
			secrets[where] = g.Secret(where)
			return secrets[where]
		})
	}
	g.Database(t, path)
	for where, secret := range secrets {
		byOthers := where == "deliveries.body" || where == "uploads.body"
		if n := len(g.Find(map[string]string{secret: where})); n == 0 != byOthers {
			t.Errorf("a secret in %s is found %d times", where, n)
		}
	}
	if len(secrets) < 80 {
		t.Errorf("there are %d columns", len(secrets))
	}
	if n := len(g.Found()); n < len(secrets) {
		t.Errorf("of %d secrets %d are found", len(secrets), n)
	}
}

// loose is a database of handrail's without anything that keeps a row out.
func loose(t *testing.T) (*sql.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "handrail.db")
	s, err := store.Open(t.Context(), path, store.Options{Origin: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=ignore_check_constraints(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	var drop string
	if err := db.QueryRow(`SELECT group_concat('DROP TRIGGER ' || name, ';') FROM sqlite_schema WHERE type = 'trigger'`).Scan(&drop); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(drop); err != nil {
		t.Fatal(err)
	}
	return db, path
}

// rows are the columns of all tables.
func rows(t *testing.T, db *sql.DB) map[string][]column {
	t.Helper()
	list, err := db.Query(`SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	all := map[string][]column{}
	for list.Next() {
		var c column
		if err := list.Scan(&c.table, &c.name, &c.kind); err != nil {
			t.Fatal(err)
		}
		all[c.table] = append(all[c.table], c)
	}
	return all
}

// fill makes a row with a text in every column that takes one.
func fill(t *testing.T, db *sql.DB, table string, row []column, text func(column) string) {
	t.Helper()
	var values []any
	for _, c := range row {
		switch c.kind {
		case "INTEGER":
			values = append(values, 1)
		case "BLOB":
			values = append(values, deflated(text(c)))
		default:
			values = append(values, text(c))
		}
	}
	places := strings.TrimSuffix(strings.Repeat("?, ", len(row)), ", ")
	if _, err := db.Exec(fmt.Sprintf("INSERT OR REPLACE INTO %q VALUES (%s)", table, places), values...); err != nil {
		t.Fatalf("fill %s: %v", table, err)
	}
}
