package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/config"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/store"
)

func checkCommand() *cobra.Command {
	var settings string
	var o localOptions
	cmd := &cobra.Command{
		Use:   "check [OWNER/REPO#NUMBER]",
		Short: "Judge a pull request, or the working copy before it is one",
		Long: `Judge a pull request as it is now and print what is met and what is missing.
Nothing is written, neither to GitHub nor to the record. With --policy it is a
what-if: judged by that file instead of the one on the base branch.

It needs the same settings as "serve", and uses the record (HANDRAIL_DATABASE) if
there is one: without it, who pushed and what approvals had seen is not known.

Without a pull request it judges the git working copy around it, before anything
is pushed, by what can be known there, and needs neither settings nor network:

  whether its policy file is valid;
  the section "security": secrets in what is changed and in each commit that a push
  would bring, by itself, hidden characters, watched code, what silences scanners,
  and the SARIF reports of scanners (--report, or *.sarif) by added lines. Without
  that section, or any policy, secrets and hidden characters are looked for all the
  same. A secret is never printed;
  the section "coverage", by the reports that the tests have just written;
  of the section "compliance" what git tells: size, paths, limits, freeze, sign_off,
  no_merge_commits, linear, up_to_date (against the base branch as it was last
  fetched), branch_name, the checklists that will be asked for, and the title where
  there is one commit, whose subject GitHub proposes. The others are named.

It compares with where the working copy left its base branch, and counts what is
not committed yet. Each place is named as compilers do.

Exit code 1 when something is not met that can be mended before pushing, 2 when it
could not be judged, because the pull request is not open for instance, or because
there is no coverage report. That a review, a sign-off, a ticked checklist or the end
of a freeze is needed is said and is no 1 in a working copy: it can be had only on
GitHub.`,
		Example: `  handrail check acme/shop#7
  handrail check acme/shop#7 --policy new-policy.yml
  handrail check acme/shop#7 --json
  handrail check
  handrail check --report coverage.out --report gosec.sarif
  handrail check --report api.out --report web.info --base main`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return checkLocally(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), o)
			}
			if len(o.reports) > 0 || o.base != "" {
				return errors.New("--report and --base are for a working copy, and GitHub knows both of a pull request")
			}
			s, err := parseSubject(args[0])
			if err != nil {
				return err
			}
			what, err := policySource(o.policy)
			if err != nil {
				return err
			}
			j, err := judgeNow(cmd.Context(), settings, s, what)
			if err != nil {
				return err
			}
			return printJudgement(cmd.OutOrStdout(), s, j, o.json)
		},
	}
	cmd.Flags().StringVar(&settings, "config", "", "a YAML file with settings; the environment goes before it")
	cmd.Flags().StringArrayVar(&o.reports, "report", nil, "in a working copy: a coverage or SARIF report, once for each (default: those with a usual name)")
	cmd.Flags().StringVar(&o.base, "base", "", "in a working copy: the branch or commit to compare with (default: origin's default branch, or main)")
	cmd.Flags().StringVar(&o.policy, "policy", "", "judge by this policy file instead of the base branch's")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the verdict as JSON")
	return cmd
}

var subjectForm = regexp.MustCompile(`^([A-Za-z0-9-]+)/([A-Za-z0-9._-]+)#([1-9][0-9]{0,8})$`)

func parseSubject(s string) (checks.Subject, error) {
	m := subjectForm.FindStringSubmatch(s)
	if m == nil {
		return checks.Subject{}, fmt.Errorf("%q is no pull request: write it as acme/shop#7", s)
	}
	n, err := strconv.Atoi(m[3])
	return checks.Subject{Owner: m[1], Repo: m[2], Number: n}, err
}

// policySource is a policy file as if it were on the base branch.
func policySource(file string) (*checks.Source, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	return &checks.Source{Path: file, Text: string(text)}, nil
}

func judgeNow(ctx context.Context, settings string, s checks.Subject, what *checks.Source) (handlers.Judgement, error) {
	set, err := config.Load(settings, os.Environ(), os.ReadFile)
	if err != nil {
		return handlers.Judgement{}, err
	}
	h, err := hub.New(hub.Config{V3URL: set.V3URL, V4URL: set.V4URL, WebURL: set.WebURL, AppID: set.AppID, PrivateKey: []byte(set.PrivateKey.Reveal())})
	if err != nil {
		return handlers.Judgement{}, err
	}
	var record handlers.Archive = handlers.NoRecord{}
	key := []byte(rand.Text()) // then nothing on record is to be told again
	if _, err := os.Stat(set.Database); err == nil {
		db, err := store.OpenReadOnly(ctx, set.Database)
		if err != nil {
			return handlers.Judgement{}, err
		}
		defer db.Close()
		record = handlers.Reader{Store: db}
		if known := db.Secret(findingsKey); known != nil {
			key = known
		}
	}
	found, err := h.Find(ctx, s.Owner, s.Repo, s.Number)
	if err != nil {
		return handlers.Judgement{}, ifGone(err, fmt.Sprintf("there is no repository %s/%s on %s, or App %d is not installed on it", s.Owner, s.Repo, set.WebURL, set.AppID))
	}
	scanner := scan.New(key)
	from := handlers.Sources{
		Reports: handlers.NewGatherer(h, reportReaders(scanner)), Inspector: handlers.NewInspector(h, scanner, 0),
	}
	j, err := handlers.Judge(ctx, h, record, from, set.Defaults, found, what)
	return j, ifGone(err, fmt.Sprintf("there is no pull request %s", s))
}

// ifGone puts a plain sentence in the place of GitHub's "not found".
func ifGone(err error, sentence string) error {
	var missing interface{ Gone() bool }
	if errors.As(err, &missing) && missing.Gone() {
		return errors.New(sentence)
	}
	return err
}

func printJudgement(w io.Writer, s checks.Subject, j handlers.Judgement, asJSON bool) error {
	if !j.Pull.Open {
		return fmt.Errorf("%s is not open, so there is nothing to judge", s)
	}
	if asJSON {
		if err := printJSON(w, j.Verdict, "  "); err != nil {
			return err
		}
	} else {
		printVerdict(w, s, j)
	}
	if !j.Verdict.State.Passes() {
		return errNo
	}
	return nil
}
