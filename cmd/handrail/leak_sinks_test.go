package main

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/sim"
)

// window is how many characters in a row of a secret are taken for a part of it.
const window = 10

// sinks is all that handrail lets out, in four ways: sent to GitHub, logged,
// stored, printed.
type sinks struct {
	mu   sync.Mutex
	text map[string]map[string]bool // way, then what
}

func newSinks() *sinks { return &sinks{text: map[string]map[string]bool{}} }

// add takes a text, and what it is when it is unpacked or written in another way.
func (s *sinks) add(way string, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text[way] == nil {
		s.text[way] = map[string]bool{}
	}
	s.text[way][string(text)] = true
	for _, other := range unpacked(text) {
		s.text[way][string(other)] = true
	}
}

func unpacked(text []byte) (all [][]byte) {
	if plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(text))); err == nil && len(plain) > 0 {
		all = append(all, plain)
	}
	if r, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
		if plain, err := io.ReadAll(r); err == nil {
			all = append(all, plain)
		}
	}
	if plain, err := base64.StdEncoding.DecodeString(string(text)); err == nil && len(plain) > 0 {
		all = append(all, plain)
	}
	if plain, err := url.QueryUnescape(string(text)); err == nil && plain != string(text) {
		all = append(all, []byte(plain))
	}
	return all
}

// watch takes everything that is sent to GitHub, but for the headers, in which
// handrail proves who it is.
func (s *sinks) watch(gh *sim.GitHub) (stop func()) {
	return gh.OnExchange(func(x sim.Exchange) {
		if x.Hook {
			s.add("sent", x.Answer) // what handrail says to a delivery
			return
		}
		s.add("sent", []byte(x.Method+" "+x.Path+"?"+x.Query))
		s.add("sent", x.RequestBody)
	})
}

// database takes every column of every table but the deliveries as they came,
// which are GitHub's own words and go after three days.
func (s *sinks) database(t testing.TB, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var tables []string
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil || len(tables) < 20 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	for _, name := range tables {
		what := "*"
		if name == "deliveries" {
			what = "guid, event, action"
		}
		s.table(t, db, "SELECT "+what+" FROM "+name)
	}
}

func (s *sinks) table(t testing.TB, db *sql.DB, query string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	cells, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for _, cell := range cells {
			switch v := cell.(type) {
			case string:
				s.add("stored", []byte(v))
			case []byte:
				s.add("stored", v)
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// leak is a part of a secret that has got out.
type leak struct{ where, way, around string }

// find looks for every part of the secrets but their beginnings, which are the
// same in all. Where each was put is said of it.
func (s *sinks) find(secrets map[string]string) (found []leak) {
	parts := map[string]string{}
	for secret, where := range secrets {
		for i := len("github_p"); i+window <= len(secret); i++ {
			parts[secret[i:i+window]] = where
		}
	}
	seen := map[leak]bool{}
	s.each(func(way, text string) {
		for i := 0; i+window <= len(text); i++ {
			where, bad := parts[text[i:i+window]]
			key := leak{where: where, way: way}
			if bad && !seen[key] {
				seen[key] = true
				found = append(found, leak{where, way, text[max(0, i-120):min(len(text), i+60)]})
			}
		}
	})
	return found
}

// scan lets handrail's own engine look at all of it. What is of a general shape
// only is left out: digests and commits have it too.
func (s *sinks) scan(engine *scan.Scanner) (found []leak) {
	s.each(func(way, text string) {
		_, secrets := engine.Scrub(text)
		for _, secret := range secrets {
			if !secret.Weak {
				found = append(found, leak{secret.Rule, way, fmt.Sprintf("line %d of %.300q", secret.Line, text)})
			}
		}
	})
	return found
}

func (s *sinks) each(f func(way, text string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for way, texts := range s.text {
		for text := range texts {
			f(way, text)
		}
	}
}

// has says in which ways a text got out.
func (s *sinks) has(part string) (ways []string) {
	s.each(func(way, text string) {
		if strings.Contains(text, part) && !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	})
	slices.Sort(ways)
	return ways
}
