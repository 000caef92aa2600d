package scan

import (
	"errors"
	"io"
	"slices"

	"github.com/handrail-bot/handrail/checks"
)

// Count reads a SARIF report of something that is no working copy, such as a container
// image, and counts its results by [checks.SeverityWord]; one that makes no sense is
// [checks.Unrated]. tools are the names of the scanners. A run that is no scan, since its
// tool failed, is an error, as is what is no SARIF. scrub takes secrets out of what is
// told of a report; nil takes out nothing.
func Count(name string, in io.Reader, scrub func(string) string) (found map[string]int, tools []string, err error) {
	l, err := parseSARIF(name, in, nil)
	if errors.Is(err, errNotSARIF) {
		err = errors.New("it is no SARIF report")
	}
	if err != nil {
		return nil, nil, err
	}
	say := (&Reports{scrub: scrub}).speech()
	found = map[string]int{}
	for _, run := range l.runs {
		told := run.told(say)
		if told.Failed != "" {
			return nil, nil, &sarifFault{what: "the run of " + told.Tool + " is no scan: " + told.Failed}
		}
		for i := range run.results {
			f := &run.results[i]
			rule := run.ruleOf(f)
			rated := f.severityOf(rule)
			found[checks.SeverityWord(checks.Finding{Severity: int(rated.tenths), Rated: rated.rated, Level: f.levelOf(rule)})]++
		}
		if run.skipped > 0 {
			found[checks.Unrated] += run.skipped
		}
		if !slices.Contains(tools, told.Tool) {
			tools = append(tools, told.Tool)
		}
	}
	slices.Sort(tools)
	return found, tools, nil
}
