package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/internal/scan"
)

// localOptions are the flags of a check in a working copy.
type localOptions struct {
	reports []string
	base    string
	policy  string
	json    bool
}

// checkLocally judges a working copy by what can be known without GitHub: the
// policy's own text, what the security scan finds, the controls that git can tell of,
// and the coverage that local reports tell of. What is no part of the verdict goes to
// say when that is printed as JSON; how far it is goes there if it is a terminal.
func checkLocally(ctx context.Context, out, say io.Writer, o localOptions) error {
	tell := say
	if !o.json {
		say = out
	}
	w, err := readWorkCopy(ctx, ".", o.base)
	if err != nil {
		return err
	}
	c := localCheck{workCopy: w, scanner: localScanner(), say: say, tell: tell}
	if err := c.sort(o.reports); err != nil {
		return err
	}
	policy, text, err := c.policy(ctx, o.policy)
	if err != nil {
		return err
	}
	if bad := c.proposed(out, o, text); bad {
		return errNo
	}
	v, err := c.judgeSecurity(ctx, policy)
	if err != nil {
		return err
	}
	if v, err = c.addControls(ctx, v, policy); err != nil {
		return err
	}
	v, left := c.addCoverage(ctx, v, policy, o.policy)
	if left != nil && (errors.Is(left, errNo) || len(c.coverageReports) > 0) {
		return left
	}
	v = cleaned(v, c.scanner)
	if o.json {
		err = printJSON(out, v, "  ")
	} else {
		w.print(out, v, left == nil)
	}
	switch {
	case err != nil:
		return err
	case blocked(v):
		return errNo
	}
	return left
}

// localCheck is a working copy that is judged.
type localCheck struct {
	*workCopy
	scanner   *scan.Scanner
	say, tell io.Writer
	// coverageReports and findingReports are those that were named.
	coverageReports, findingReports []string
	// scans are what the security scan found, and written what of it is a secret in a
	// message, which conditions of controls may be about.
	scans   map[string]checks.Scan
	written []checks.Secret
}

// sort tells the reports of scanners from those of coverage.
func (c *localCheck) sort(reports []string) error {
	for _, file := range reports {
		sarif, err := isSARIF(file)
		if err != nil {
			return err
		}
		if sarif {
			c.findingReports = append(c.findingReports, file)
		} else {
			c.coverageReports = append(c.coverageReports, file)
		}
	}
	return nil
}

// policy is what the base branch is judged by, or else the working copy's own
// text, or the file that was named.
// Where there is none, nothing is asked for.
func (c *localCheck) policy(ctx context.Context, file string) (checks.Policy, string, error) {
	source := checks.Source{Path: checks.PolicyPath}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return checks.Policy{}, "", fmt.Errorf("read policy: %w", err)
		}
		source.Path, source.Text = file, string(text)
	} else if text, err := c.git(ctx, "show", c.tip+":"+checks.PolicyPath); err == nil {
		source.Text = string(text)
	} else if text, err := os.ReadFile(filepath.Join(c.dir, checks.PolicyPath)); err == nil {
		source.Text = string(text)
	} else {
		return checks.Policy{}, "", nil
	}
	p := config.Policy([]checks.Source{source}, config.Defaults{})
	if p.Invalid() {
		var wrong []string
		for _, q := range p.Problems {
			wrong = append(wrong, oneLine(c.clean(q.String())))
		}
		return p, "", fmt.Errorf("the policy is not valid, so that nothing passes:\n%s", strings.Join(wrong, "\n"))
	}
	return p, source.Text, nil
}

// proposed says what is wrong with a policy that the working copy changes.
func (c *localCheck) proposed(out io.Writer, o localOptions, now string) bool {
	text, err := os.ReadFile(filepath.Join(c.dir, checks.PolicyPath))
	if err != nil || string(text) == now || o.policy != "" || o.json {
		return false
	}
	return printProblems(out, checks.PolicyPath, c.clean(string(text)))
}

// clean takes secrets out of a text that is going to be shown.
func (c *localCheck) clean(text string) string {
	text, _ = c.scanner.Scrub(text)
	return text
}

// sectionOf is the settings of a section, nil where the policy does not have it.
// One that is for information only is judged here like any other.
func sectionOf[C interface {
	*checks.CoverageRules | *checks.SecurityRules
	checks.Check
}](p checks.Policy) C {
	for _, s := range p.Sections {
		for _, c := range s.Checks {
			if c, ok := c.(C); ok {
				return c
			}
		}
	}
	return nil
}
