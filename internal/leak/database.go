package leak

import (
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the database
)

// raw are the columns in which lies what others sent, as it came, since it may
// have to be read again: what GitHub delivers, for three days, and the reports that
// workflow runs send, for thirty. Nothing shows them (docs/security.md).
var raw = []string{"deliveries.body", "uploads.body"}

// fewest is how many tables there are at the least: with fewer it is another
// database that is looked at.
const fewest = 20

// Database takes every text and blob of every table of the SQLite database at
// path, but for those two columns that hold what others sent.
func (s *Sinks) Database(t testing.TB, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&_pragma=busy_timeout(5000)"}).String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables, err := columns(db)
	if err != nil {
		t.Fatalf("look at %s: %v", path, err)
	}
	for table, names := range tables {
		if len(names) == 0 {
			continue
		}
		if err := s.table(db, fmt.Sprintf("SELECT %s FROM %q", strings.Join(names, ", "), table)); err != nil {
			t.Fatalf("look at %s: %v", table, err)
		}
	}
}

// columns are those that can hold a secret, by table.
func columns(db *sql.DB) (map[string][]string, error) {
	rows, err := db.Query(`SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	tables, left := map[string][]string{}, slices.Clone(raw)
	for rows.Next() {
		var table, name, kind string
		if err := rows.Scan(&table, &name, &kind); err != nil {
			return nil, err
		}
		all := tables[table]
		if i := slices.Index(left, table+"."+name); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else if kind != "INTEGER" {
			all = append(all, fmt.Sprintf("%q", name))
		}
		tables[table] = all
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(tables) < fewest || len(left) > 0 {
		return nil, fmt.Errorf("%d tables, and no %q", len(tables), left)
	}
	return tables, nil
}

func (s *Sinks) table(db *sql.DB, query string) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	cells, into := make([]any, len(names)), make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for _, cell := range cells {
			switch v := cell.(type) {
			case string:
				s.Add(Stored, []byte(v))
			case []byte:
				s.Add(Stored, v)
			}
		}
	}
	return rows.Err()
}
