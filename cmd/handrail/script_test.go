package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// stageKey is where a script's stage is, forgerKey where its secrets are.
type (
	stageKey  struct{}
	forgerKey struct{}
)

// forged are the secrets of a script.
type forged struct {
	*leak.Forger
	values map[string]string // the rule, by secret
}

func (f *forged) write(rule, file string) error {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	secret := f.Make(rule)
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			f.values[line] = rule
		}
	}
	whole := strings.ReplaceAll(string(text), "SECRET", secret)
	if whole == string(text) {
		whole += "TOKEN=" + secret + "\n"
	}
	return os.WriteFile(file, []byte(whole), 0o644)
}

// TestCommandLineSaysWhatItMeansAndMeansWhatItSays runs testdata/script. Its
// own commands are:
//
//	github          starts the stage and sets its settings in the environment
//	ready           waits until the server started with "exec handrail serve &" answers
//	judged          waits until all pull requests show their verdict
//	get PATH        gets a page of the server and prints it
//	releases        gives acme/shop a policy for releases, and sets TOKEN_NAME to a token
//	                of each of its people; it comes after github
//	cut TAG...      makes drafts and tags, and waits until handrail has judged them
//	phase TAG WORD  waits until the release of acme/shop is in a phase
//	exit CODE PROGRAM ARGUMENT...  runs a program that must end with that code
//	sql FILE QUERY  writes into a database, as somebody does who may not
//	rewrite FILE PULL OLD NEW  writes another text into the first verdict of a
//	                pull request of acme/shop
//	secret RULE FILE  writes a made-up secret, of a kind that the rule finds, at
//	                the end of a file, or in the place of each SECRET in it
//	tight           fails if the last program printed any of these secrets
func TestCommandLineSaysWhatItMeansAndMeansWhatItSays(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "NO_COLOR=1")
			env.Values[stageKey{}] = new(*stage)
			env.Values[forgerKey{}] = &forged{Forger: leak.NewForger(), values: map[string]string{}}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"github": func(ts *testscript.TestScript, _ bool, _ []string) {
				s, stop, err := newStage(ts.Getenv("WORK"), freeAddress(t), sim.Options{})
				ts.Check(err)
				ts.Defer(stop)
				*ts.Value(stageKey{}).(**stage) = s
				for _, e := range s.env() {
					name, value, _ := strings.Cut(e, "=")
					ts.Setenv(name, value)
				}
			},
			"ready":  func(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(staged(ts).ready()) },
			"judged": func(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(staged(ts).judged()) },
			"releases": func(ts *testscript.TestScript, _ bool, _ []string) {
				s := staged(ts)
				ts.Check(stageReleases(s.github, s.shop))
				for _, login := range releasePeople {
					ts.Setenv("TOKEN_"+login, s.github.PersonToken(login))
				}
				ts.Setenv("HANDRAIL_PUBLIC_URL", "http://"+s.address)
			},
			"cut": func(ts *testscript.TestScript, _ bool, args []string) {
				s := staged(ts)
				database := ts.MkAbs("handrail.db")
				ts.Check(releasesKnown(database, s.shop.ID))
				for _, tag := range args {
					ts.Check(cutRelease(s.shop, tag))
				}
				for _, tag := range args {
					ts.Check(inPhase(database, tag, checks.PhaseCandidate))
				}
				ts.Check(s.rest(30 * time.Second))
			},
			"phase": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(inPhase(ts.MkAbs("handrail.db"), args[0], checks.Phase(args[1])))
			},
			"get": func(ts *testscript.TestScript, _ bool, args []string) {
				_, err := ts.Stdout().Write([]byte(staged(ts).get(args[0])))
				ts.Check(err)
			},
			"exit": func(ts *testscript.TestScript, _ bool, args []string) {
				var failed *exec.ExitError
				code, err := 0, ts.Exec(args[1], args[2:]...)
				if errors.As(err, &failed) {
					code, err = failed.ExitCode(), nil
				}
				ts.Check(err)
				if want := args[0]; strconv.Itoa(code) != want {
					ts.Fatalf("exit code %d, want %s", code, want)
				}
			},
			"rewrite": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(rewrite(ts.MkAbs(args[0]), args[1], args[2], args[3]))
			},
			"secret": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(ts.Value(forgerKey{}).(*forged).write(args[0], ts.MkAbs(args[1])))
			},
			"tight": func(ts *testscript.TestScript, _ bool, _ []string) {
				s := leak.NewSinks()
				s.Add(leak.Printed, []byte(ts.ReadFile("stdout")))
				s.Add(leak.Printed, []byte(ts.ReadFile("stderr")))
				for _, l := range s.Find(ts.Value(forgerKey{}).(*forged).values) {
					ts.Fatalf("%s is %s: %s", l.What, l.Way, l.Around)
				}
			},
			"sql": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(alter(ts.MkAbs(args[0]), strings.Join(args[1:], " ")))
			},
		},
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

// releasesKnown waits until handrail has read which tags are releases: one that is made
// before may be taken for an old one.
func releasesKnown(database string, repoID int64) error {
	s, err := store.OpenReadOnly(context.Background(), database)
	if err != nil {
		return err
	}
	defer s.Close()
	return poll("the policy for releases is not read", func() bool {
		w, known, err := s.Watching(context.Background(), repoID)
		return err == nil && known && len(w.Releases) > 0
	})
}

// inPhase waits until a release of acme/shop is in a phase.
func inPhase(database, tag string, want checks.Phase) error {
	s, err := store.OpenReadOnly(context.Background(), database)
	if err != nil {
		return err
	}
	defer s.Close()
	return poll(tag+" is not "+string(want), func() bool {
		row, err := s.ReleaseOf(context.Background(), "acme/shop", tag)
		return err == nil && row.Phase == want
	})
}

func staged(ts *testscript.TestScript) *stage {
	s := *ts.Value(stageKey{}).(**stage)
	if s == nil {
		ts.Fatalf("the script must say github first")
	}
	return s
}

func alter(database, query string, args ...any) error {
	db, err := sql.Open("sqlite", database)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(query, args...)
	return err
}

func rewrite(database, pull, old, new string) error {
	s, err := store.OpenReadOnly(context.Background(), database)
	if err != nil {
		return err
	}
	defer s.Close()
	number, err := strconv.Atoi(pull)
	if err != nil {
		return err
	}
	rows, err := s.List(context.Background(), store.Filter{Repo: "acme/shop", Pull: number, Kind: store.KindVerdict, Limit: 1})
	if err != nil || len(rows) == 0 {
		return fmt.Errorf("no verdict of acme/shop#%d: %v", number, err)
	}
	_, body, err := s.Entry(context.Background(), rows[0].Seq)
	if err != nil {
		return err
	}
	if !strings.Contains(string(body), old) {
		return fmt.Errorf("entry %d does not say %q: %s", rows[0].Seq, old, body)
	}
	if err := alter(database, "DROP TRIGGER IF EXISTS bodies_no_update"); err != nil {
		return err
	}
	return alter(database, "UPDATE entry_bodies SET encoding = 'plain', body = ? WHERE seq = ?",
		[]byte(strings.Replace(string(body), old, new, 1)), rows[0].Seq)
}

func TestWhatPeopleAreCalledCannotForgeATableOrSteerATerminal(t *testing.T) {
	hostile := "=1+1\t\n\x1b[2J\u009b\u202e\u2028x"
	rows := []store.EntryRow{{Seq: 1, Kind: store.KindDelivery, Repo: hostile, Actor: checks.Actor{Login: hostile}, Source: hostile}}
	var shown strings.Builder
	if err := table(&shown, rows); err != nil {
		t.Fatal(err)
	}
	if err := lines(&shown, rows); err != nil {
		t.Fatal(err)
	}
	printVerdict(&shown, checks.Subject{Owner: "acme", Repo: "shop", Number: 1}, handlers.Judgement{Verdict: checks.Verdict{Results: []checks.Result{
		{ID: hostile, Summary: hostile, Can: []string{hostile}, Notes: []string{hostile}},
	}}})
	if bad := strings.IndexFunc(shown.String(), func(r rune) bool { return visible(r) != r || r == '\t' }); bad >= 0 {
		t.Errorf("%q reaches the terminal", shown.String()[bad:])
	}
	// A heading and a row; one object; three lines around a heading, a row and a note.
	if n := strings.Count(shown.String(), "\n"); n != 2+1+2+2+2 {
		t.Errorf("%d lines:\n%s", n, shown.String())
	}
	var back store.EntryRow
	if err := json.Unmarshal([]byte(strings.Split(shown.String(), "\n")[2]), &back); err != nil || back.Source != hostile {
		t.Errorf("JSON came back as %q, %v", back.Source, err)
	}
}
