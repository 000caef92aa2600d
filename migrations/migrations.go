// Package migrations holds the database's shape as numbered SQL, embedded in
// the binary. A change is a new file with the next number; it only ever adds.
package migrations

import "embed"

// Files are the migrations, each named NUMBER_WORDS.sql, applied in the order
// of their numbers, each in one transaction.
//
//go:embed *.sql
var Files embed.FS
