package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/internal/coverage"
)

// uploadLimit is the largest report that is taken, in bytes before compression
// (the limit of an entry in an artifact).
const uploadLimit = 64 << 20

func uploadCommand() *cobra.Command {
	var server, as string
	var patience time.Duration
	cmd := &cobra.Command{
		Use:   "upload [FILE...]",
		Short: "Send coverage reports to handrail from a GitHub Actions job",
		Long: `Send coverage reports to handrail from a GitHub Actions job, where it is not
enough to leave them as an artifact. Without FILE, the reports in the working copy
are found by their usual names.

The job proves what it is by an OpenID Connect token of GitHub's, and needs no
secret; its workflow must say

    permissions:
      id-token: write

The token is made for the address to which it is sent, which must be the
HANDRAIL_PUBLIC_URL of the server.

Which commit a report is for is what GitHub says of the run. Of the reports that a
run sends under one name the last counts: where several jobs send a file of the
same path, as those of a matrix do, tell them apart by --as.

A report that cannot be read is said before anything is sent. Exit code 1 when
handrail refuses a report, 2 when it could not be asked.`,
		Example: `  handrail upload coverage.out
  handrail upload --server https://handrail.example.com build/lcov.info
  handrail upload --as linux coverage.out`,
		Args: takes(0, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			u := uploader{out: cmd.OutOrStdout(), env: os.Getenv, client: &http.Client{Timeout: 5 * time.Minute}, patience: patience, as: as}
			return u.run(cmd.Context(), server, args)
		},
	}
	cmd.PersistentFlags().StringVar(&server, "server", "", "where handrail is (default: HANDRAIL_PUBLIC_URL)")
	cmd.Flags().StringVar(&as, "as", "", "put before the names of the reports, to tell those of several jobs apart")
	cmd.PersistentFlags().DurationVar(&patience, "patience", 2*time.Minute, "how long to try when handrail cannot be reached")
	send := func(cmd *cobra.Command, s shipment) error {
		u := uploader{out: cmd.OutOrStdout(), env: os.Getenv, client: &http.Client{Timeout: 5 * time.Minute}, patience: patience}
		return u.ship(cmd.Context(), server, func(uploader) ([]shipment, error) { return []shipment{s}, nil })
	}
	cmd.AddCommand(uploadArtifact(send), uploadScan(send))
	return cmd
}

// uploader sends reports from within a job.
type uploader struct {
	out      io.Writer
	env      func(string) string
	client   *http.Client
	patience time.Duration
	as       string // stands before the names of the reports; "" is nothing
}

func (u uploader) run(ctx context.Context, server string, files []string) error {
	return u.ship(ctx, server, func(u uploader) ([]shipment, error) { return u.reports(files) })
}

// ship sends what pack gives, once it is known that it can be sent.
func (u uploader) ship(ctx context.Context, server string, pack func(uploader) ([]shipment, error)) error {
	if server == "" {
		server = u.env("HANDRAIL_PUBLIC_URL")
	}
	base, err := url.Parse(server)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return errors.New("it is not known where handrail is: give --server https://…, or set HANDRAIL_PUBLIC_URL")
	}
	if u.env(tokenURL) == "" || u.env(tokenBearer) == "" {
		return errors.New("this job has no OpenID Connect token: run it in GitHub Actions, with \"permissions: {id-token: write}\" in its workflow")
	}
	all, err := pack(u)
	if err != nil {
		return err
	}
	client := *u.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	u.client = &client
	for _, s := range all {
		if err := u.send(ctx, strings.TrimSuffix(server, "/"), s); err != nil {
			return err
		}
	}
	return nil
}

// reports are coverage reports, all of which can be read.
func (u uploader) reports(files []string) (out []shipment, err error) {
	if len(files) == 0 {
		if files, err = findReports(".", reportNames); err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, noReports("name the files")
		}
	}
	for _, f := range files {
		if err := readableReport(u.out, f); err != nil {
			return nil, err
		}
		out = append(out, u.report(f))
	}
	return out, nil
}

// openReport opens a report that may be sent; it has so many bytes.
func openReport(file string) (f *os.File, size int64, err error) {
	if f, err = os.Open(file); err != nil {
		return nil, 0, fmt.Errorf("read report: %w", err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		err = fmt.Errorf("read report: %w", err)
	case info.IsDir():
		err = fmt.Errorf("%s is a directory: name the report in it", file)
	case info.Size() > uploadLimit:
		err = fmt.Errorf("%s has %s, more than the %s that are taken", file, megabytes(info.Size()), megabytes(uploadLimit))
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// readableReport says what a report is, or why it is none.
func readableReport(out io.Writer, file string) error {
	f, size, err := openReport(file)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := coverage.Parse(filepath.Base(file), f)
	if err != nil {
		fmt.Fprintln(out, oneLine(fmt.Sprintf("%s: %v", file, err)))
		return errNo
	}
	fmt.Fprintf(out, "%s: %s, %s, %s\n", oneLine(file), r.Format, plural(len(r.Files), "source file"), megabytes(size))
	return nil
}

func megabytes(n int64) string {
	if n < 100<<10 {
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// reportNames are the names that coverage tools give their reports by default.
var reportNames = []string{
	"coverage.out", "cover.out", "coverage.txt", "lcov.info", "*.lcov", "coverage.info", "coverage.xml", "cobertura*.xml", "*cobertura.xml",
	"jacoco*.xml", "clover.xml", ".resultset.json", "coverage.json", "coverage-final.json", "codecov.json",
}

// othersDirs are directories whose reports, if any, no run has just left there.
var othersDirs = []string{".git", "node_modules", "vendor", "testdata", "fixtures"}

// findReports are the files below a directory that have one of the usual names,
// other working copies in it left out, such as submodules.
func findReports(dir string, names []string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (slices.Contains(othersDirs, d.Name()) || path != dir && isWorkCopy(path)):
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		for _, n := range names {
			if ok, _ := filepath.Match(n, d.Name()); ok {
				found = append(found, path)
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for reports: %w", err)
	}
	return found, nil
}

// isWorkCopy says whether a directory is the top of a git working copy.
func isWorkCopy(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}

// noReports says that none is there, and what to do.
func noReports(advice string) error {
	return errors.New("no coverage report is here by any of the usual names (coverage.out, lcov.info, coverage.xml, …): " + advice)
}
