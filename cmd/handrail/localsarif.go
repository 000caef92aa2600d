package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/scan"
)

// sarifNames are the names of reports that are looked for.
var sarifNames = []string{"*.sarif", "*.sarif.json"}

// isSARIF says whether a report is one of a scanner, by its name or its beginning.
func isSARIF(file string) (bool, error) {
	if strings.HasSuffix(file, ".sarif") || strings.HasSuffix(file, ".sarif.json") {
		return true, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return false, fmt.Errorf("read report: %w", err)
	}
	defer f.Close()
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return false, nil // a directory for instance, of which is said elsewhere what is wrong
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("{")) && bytes.Contains(head, []byte(`"runs"`)) || bytes.Contains(head, []byte("sarif-schema")), nil
}

// findings reads the reports of scanners that were named, or those found by their
// usual names where the policy asks for some. It is nil, and the rules no longer
// ask for any, where none is here: GitHub then says.
func (c *localCheck) findings(ctx context.Context, rules *checks.SecurityRules) (*checks.Findings, error) {
	if rules.SARIF == nil {
		return nil, nil
	}
	files := c.findingReports
	if len(files) == 0 {
		found, err := findReports(c.dir, sarifNames)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			files = append(files, fromHere(f))
		}
	}
	if len(files) == 0 {
		fmt.Fprintln(c.say, "The policy asks for reports of scanners (SARIF), and none is here: what they find is judged on GitHub.")
		rules.SARIF = nil
		return nil, nil
	}
	r := c.scanner.Reports()
	for _, file := range files {
		data, err := readLimited(file)
		if err != nil {
			return nil, err
		}
		if err := r.Add(ctx, checks.ReportSource{Run: here, Name: file, Data: data}); err != nil {
			return nil, err
		}
	}
	return c.compared(r)
}

// compared tells the findings that are about added lines, since there is no
// report of the base branch to compare with.
func (c *localCheck) compared(r *scan.Reports) (*checks.Findings, error) {
	set, got, err := r.Done(c.tree)
	if err != nil {
		return nil, err
	}
	f, err := scan.Compare(set, nil, c.files)
	if err != nil {
		return nil, err
	}
	f.Gathering, f.Tools, f.Skipped = got.Gathering, got.Tools, got.Skipped
	for i := range f.New {
		f.New[i].AtHead = true
	}
	for _, t := range f.Tools {
		fmt.Fprintln(c.say, oneLine(c.clean(fmt.Sprintf("%s %s: %s", t.Tool, t.Version, plural(t.Results, "finding")))))
	}
	f.Read, f.Tested = true, c.head
	f.Runs, f.Uploads = localRun(c.head)
	return &f, nil
}

func readLimited(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if info.Size() > uploadLimit {
		return nil, fmt.Errorf("%s has %s, more than the %s that are taken", file, megabytes(info.Size()), megabytes(uploadLimit))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return data, nil
}

// localRun is as if one workflow had sent all reports.
func localRun(head string) ([]checks.WorkflowRun, []int64) {
	return []checks.WorkflowRun{{
		ID: here, Path: ".github/workflows/local.yml", SHA: head, HeadRepo: here, Event: "push", Status: "completed", Conclusion: "success",
	}}, []int64{here}
}
