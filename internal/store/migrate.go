package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/migrations"
)

// migration is one numbered file of package migrations.
type migration struct {
	number int
	name   string
	sql    string
}

func listMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	sort.Strings(names)
	all := make([]migration, len(names))
	for i, name := range names {
		digits, _, _ := strings.Cut(name, "_")
		n, err := strconv.Atoi(digits)
		if err != nil || n != i+1 {
			return nil, fmt.Errorf("list migrations: %s should have the number %04d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		all[i] = migration{number: n, name: name, sql: string(text)}
	}
	return all, nil
}

// migrate brings the database to the shape this binary knows. A database that
// a newer one has changed is refused: what its rows mean is not known here.
func migrate(ctx context.Context, conn *sql.Conn) error {
	all, err := listMigrations(migrations.Files)
	if err != nil {
		return err
	}
	const table = `CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL) STRICT`
	if _, err := conn.ExecContext(ctx, table); err != nil {
		return fmt.Errorf("make the table of migrations: %w", err)
	}
	have, err := shape(ctx, conn)
	if err != nil {
		return err
	}
	if have > len(all) {
		return newer(have, len(all))
	}
	for _, m := range all[have:] {
		if err := apply(ctx, conn, m); err != nil {
			return fmt.Errorf("apply migration %s: %w", m.name, err)
		}
	}
	return nil
}

func apply(ctx context.Context, conn *sql.Conn, m migration) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if _, err := tx.ExecContext(ctx, m.sql); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO schema_migrations (number, name) VALUES (?, ?)`, m.number, m.name); err != nil {
		return err
	}
	return tx.Commit()
}

// shape is the number of the last migration applied.
func shape(ctx context.Context, conn *sql.Conn) (int, error) {
	var n int
	if err := conn.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM schema_migrations`).Scan(&n); err != nil {
		return 0, fmt.Errorf("read the table of migrations: %w", err)
	}
	return n, nil
}

func newer(have, known int) error {
	return fmt.Errorf("the database has migration %d and this handrail knows %d: a newer handrail has used it; start that one, or restore the copy made before it", have, known)
}

// knownShape is the number of the last migration in this binary.
func knownShape() (int, error) {
	all, err := listMigrations(migrations.Files)
	return len(all), err
}
