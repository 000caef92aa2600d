package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/store"
)

func lines(w io.Writer, rows []store.EntryRow) error {
	for _, r := range rows {
		if err := printJSON(w, r, ""); err != nil {
			return err
		}
	}
	return nil
}

func table(w io.Writer, rows []store.EntryRow) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "SEQ\tTIME (UTC)\tKIND\tSTATE\tREPOSITORY\tSUBJECT\tACTOR\tSOURCE")
	for _, r := range rows {
		fmt.Fprintln(tw, strings.Join([]string{
			strconv.FormatInt(r.Seq, 10), r.Time.UTC().Format(time.DateTime), string(r.Kind), r.State,
			checks.Plain(r.Repo), r.Subject, checks.Plain(r.Actor.Login), checks.Plain(r.Source),
		}, "\t"))
	}
	return tw.Flush()
}

func entryCSV(w io.Writer, list []store.EntryRow) error {
	rows := [][]string{{"seq", "time", "kind", "state", "repository", "subject", "actor", "actor_id", "source", "body_hash", "expunged"}}
	for _, r := range list {
		rows = append(rows, []string{
			strconv.FormatInt(r.Seq, 10), r.Time.UTC().Format(time.RFC3339), string(r.Kind), r.State, r.Repo, r.Subject, r.Actor.Login,
			strconv.FormatInt(r.Actor.ID, 10), r.Source, r.BodyHash, strconv.FormatBool(r.Expunged),
		})
	}
	return printCSV(w, rows)
}
