package scan

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/handrail-bot/handrail/internal/report"
)

// sarifVersion is the only one that is read (OASIS, "Static Analysis Results
// Interchange Format (SARIF) Version 2.1.0").
const sarifVersion = "2.1.0"

// Limits of one SARIF file. Tools stay far below them; GitHub takes 20 runs,
// 25,000 results and rules, and 100 extensions of a tool ("SARIF support for code
// scanning").
const (
	maxResults    = 100_000
	maxRules      = 50_000
	maxArtifacts  = 100_000
	maxToolRuns   = 100
	maxExtensions = 100
	maxBases      = 1_000
	maxSourceEnd  = 10_000_000 // lines of a source file
)

// errNotSARIF says that a file is something else.
var errNotSARIF = errors.New("no SARIF")

// sarifFault says what is wrong with a SARIF file, and in which line of it.
type sarifFault struct {
	line int
	what string
}

func (e *sarifFault) Error() string {
	if e.line == 0 {
		return "SARIF: " + e.what
	}
	return fmt.Sprintf("SARIF, line %d: %s", e.line, e.what)
}

// sarifLog is what a SARIF file holds.
type sarifLog struct {
	runs    []*sarifRun
	results int // in all runs
}

// parseSARIF reads a file as it comes, so that no more of it is in memory than
// what is kept of its results; texts of source are kept as hashes under the key.
// The error is [errNotSARIF] when it is something
// else, a [*sarifFault] when it is at fault, or in's.
func parseSARIF(name string, in io.Reader, key seal) (*sarifLog, error) {
	const lookahead = 4 << 10
	b := bufio.NewReaderSize(in, lookahead)
	prefix, err := b.Peek(lookahead)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	named := namedSARIF(name)
	if report.UTF16(prefix) {
		if named || bytes.Contains(bytes.ReplaceAll(prefix, []byte{0}, nil), []byte("sarif")) {
			return nil, &sarifFault{what: "the file is in UTF-16; write it in UTF-8"}
		}
		return nil, errNotSARIF
	}
	if mark := []byte("\uFEFF"); bytes.HasPrefix(prefix, mark) {
		_, _ = b.Discard(len(mark))
	}
	d := newSARIFReader(b, key)
	l := d.log()
	if err := d.End(); err != nil {
		return nil, err
	}
	switch {
	case !named && !d.claimed():
		return nil, errNotSARIF
	case d.version != "" && d.version != sarifVersion:
		return nil, &sarifFault{what: fmt.Sprintf("it is of %s; handrail reads %s", versionNamed(d.version), sarifVersion)}
	case d.fault != nil:
		return nil, d.fault
	case d.version == "":
		return nil, &sarifFault{what: "it does not say its version; handrail reads " + sarifVersion}
	case len(l.runs) == 0:
		return nil, &sarifFault{what: "it holds no run of a tool"}
	}
	return l, nil
}

// namedSARIF says whether a file can be nothing else by its name (SARIF 2.1.0,
// 3.2): what is wrong with it is then never taken for another file's matter.
func namedSARIF(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".sarif") || strings.HasSuffix(name, ".sarif.json")
}

// claimed says whether what was read is SARIF by what it holds.
func (d *sarifReader) claimed() bool {
	return d.schema || d.runs && (d.tools || d.version == sarifVersion)
}

// log reads the document. Its properties may come in any order.
func (d *sarifReader) log() *sarifLog {
	l := &sarifLog{}
	if d.Kind() != '{' {
		d.Fail("the file holds no object")
		return l
	}
	d.members(func(key []byte) {
		switch string(key) {
		case "version":
			d.version = d.text(maxWord)
		case "$schema":
			d.schema = strings.Contains(strings.ToLower(d.text(maxURI)), "sarif")
		case "runs":
			d.runs = d.Kind() == '['
			d.items(func() { d.toolRun(l) })
		default:
			d.Skip()
		}
	})
	return l
}

func (d *sarifReader) toolRun(l *sarifLog) {
	if len(l.runs) == maxToolRuns {
		d.Fail("more than %d runs", maxToolRuns)
		return
	}
	l.runs = append(l.runs, d.run(&l.results))
}

// versionNamed is a version as it can be told: any other text may be anything.
func versionNamed(v string) string {
	if len(v) > 12 || strings.Trim(v, "0123456789.") != "" {
		return "an unknown version"
	}
	return fmt.Sprintf("version %q", v)
}
