package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/web"
)

// deed is a command by which somebody does something about a release.
type deed struct {
	kind       checks.ActKind
	use, short string
	long       string
	example    string
	role       string // what --role is for, "" for none
	reason     bool   // is needed
	done       string // what is said when it counts
}

// deeds are all of them. Which reasons are needed is release.md's to say.
var deeds = []deed{
	{
		kind: checks.ActSign, use: "sign", short: "Sign a release off, in a role", role: "the role you sign in", done: "signed",
		long: `Sign a release off, in a role that you hold. What is signed is shown first, and only
that is: if the tag is moved, a file added or the policy changed meanwhile, nothing is
signed. With --candidate it must be the one that you have looked at elsewhere.`,
		example: `  handrail release sign acme/shop v1.5.0 --role qa`,
	},
	{
		kind: checks.ActRevoke, use: "revoke", short: "Take back what you signed or rejected", role: "the role you signed in, or rejection", reason: true, done: "revoked",
		long: `Take back what you signed, as long as the release is not out, or with --role rejection
that you rejected it.`,
		example: `  handrail release revoke acme/shop v1.5.0 --role qa --reason "the export fails in Safari"`,
	},
	{
		kind: checks.ActReject, use: "reject", short: "Reject a release", reason: true, done: "rejected",
		long: `Reject a release: it is not promoted until you take it back, or another candidate takes
the place of this one.`,
		example: `  handrail release reject acme/shop v1.6.0 --reason "the export fails in Safari"`,
	},
	{
		kind: checks.ActAccept, use: "accept", short: "Accept the exceptions in what a release brings", reason: true, done: "accepted",
		long: `Accept the exceptions in what a release brings: changes that were merged while their
requirements were not met, from before handrail, or without a pull request. They are
shown first; "handrail release changes" lists them all.`,
		example: `  handrail release accept acme/shop v1.4.0 --reason "reviewed by hand, see OPS-7"`,
	},
	{
		kind: checks.ActPromote, use: "promote", short: "Promote an approved release", done: "promoted",
		long:    `Promote an approved release. If it is not approved, what is missing is said.`,
		example: `  handrail release promote acme/shop v1.4.0`,
	},
	{
		kind: checks.ActEmergency, use: "emergency", short: "Promote at once what is not approved, on record", reason: true, done: "promoted as an emergency",
		long: `Promote at once what is not approved. The policy names who may (release.emergency);
what was missing, who did it and why are on record, and somebody else must look at it
afterwards.`,
		example: `  handrail release emergency acme/shop v1.7.0 --reason "checkout is down, INC-12"`,
	},
	{
		kind: checks.ActFollowUp, use: "follow-up", short: "Say that you have looked at an emergency", reason: true, done: "followed up",
		long:    `Say that you have looked at an emergency afterwards, and what came of it (--reason).`,
		example: `  handrail release follow-up acme/shop v1.3.1 --reason "reviewed with security, nothing to undo"`,
	},
	{
		kind: checks.ActFail, use: "fail", short: "Say that a release failed", reason: true, done: "marked as failed",
		long:    `Say that a release that is out failed. It counts for the change-failure rate.`,
		example: `  handrail release fail acme/shop v1.3.0 --reason "orders are lost, INC-13"`,
	},
	{
		kind: checks.ActRollBack, use: "rollback", short: "Let an earlier release be deployed again", reason: true, done: "to be deployed again",
		long: `Let a release that was out before be deployed again: its environments are open to it
once more.`,
		example: `  handrail release rollback acme/shop v1.2.0 --reason "v1.3.0 loses orders, INC-13"`,
	},
}

func releaseActs(where *whereabouts) (out []*cobra.Command) {
	for _, d := range deeds {
		out = append(out, d.command(where))
	}
	return out
}

func (d deed) command(where *whereabouts) *cobra.Command {
	var asked web.NewAct
	var role string
	var patience time.Duration
	cmd := &cobra.Command{
		Use: d.use + " OWNER/REPO TAG", Short: d.short, Long: d.long + "\n\nExit code 1 when it counts for nothing; why is said.", Example: d.example, Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			owner, repo, tag, err := named(args)
			if err != nil {
				return err
			}
			asked.Kind, asked.Role = d.kind, checks.RoleName(role)
			if err := d.whole(asked); err != nil {
				return err
			}
			c, err := where.client()
			if err != nil {
				return err
			}
			s := errand{client: c, out: cmd.OutOrStdout(), err: cmd.ErrOrStderr(), path: releasePath(owner, repo, tag), patience: patience}
			return s.do(cmd.Context(), d, asked)
		},
	}
	flags := cmd.Flags()
	if d.role != "" {
		flags.StringVar(&role, "role", "", d.role)
	}
	why := "why (it goes on record)"
	if d.reason {
		why = "why; it is needed, and goes on record"
	}
	flags.StringVar(&asked.Reason, "reason", "", why)
	flags.StringVar(&asked.Candidate, "candidate", "", "the candidate it is about, its first 12 digits or more (default: the one that is shown)")
	flags.DurationVar(&patience, "patience", 30*time.Second, "how long to wait until it is judged")
	return cmd
}

// whole says what is missing before anything is asked.
func (d deed) whole(a web.NewAct) error {
	if d.role != "" && a.Role == "" {
		return errors.New("--role: say " + d.role)
	}
	if d.reason && strings.TrimSpace(a.Reason) == "" {
		return errors.New("--reason: say why")
	}
	return nil
}

// errand is something that is done about a release.
type errand struct {
	client   *client
	out, err io.Writer
	path     string
	patience time.Duration
}

// do shows what it is about, does it, and waits until it was judged.
func (s errand) do(ctx context.Context, d deed, a web.NewAct) error {
	r, err := s.read(ctx)
	if err != nil {
		return err
	}
	candidate := r.About(a.Kind)
	if a.Candidate != "" && !checks.IsCandidate(a.Candidate, candidate) {
		fmt.Fprintf(s.out, "%s %s: the candidate is %s, not %s: look at it again\n", oneLine(r.Repo), oneLine(r.Tag), short(candidate), oneLine(a.Candidate))
		return errNo
	}
	a.Candidate = candidate
	if a.Kind == checks.ActAccept {
		a.Evidence = r.Evidence.Digest
	}
	printCandidate(s.out, r)
	var kept web.Act
	var said *no
	switch err := s.client.ask(ctx, http.MethodPost, s.path+"/acts", a, &kept); {
	case errors.As(err, &said) && (said.status == http.StatusConflict || said.status == http.StatusUnprocessableEntity):
		fmt.Fprintf(s.out, "no: %s\n", oneLine(said.Message+" "+said.Hint))
		return errNo
	case err != nil:
		return err
	}
	return s.judged(ctx, d, kept.Seq)
}

func (s errand) read(ctx context.Context) (web.Release, error) {
	var r web.Release
	err := s.client.ask(ctx, http.MethodGet, s.path, nil, &r)
	return r, err
}

// judged waits until a verdict has looked at what was done, and says what it says.
func (s errand) judged(ctx context.Context, d deed, seq int64) error {
	for give := time.Now().Add(s.patience); ; {
		r, err := s.read(ctx)
		if err != nil {
			return fmt.Errorf("it is on record as entry %d, but how it was judged could not be read: %w", seq, err)
		}
		i := slices.IndexFunc(r.Acts, func(a web.Act) bool { return a.Seq == seq && a.Judged })
		if i >= 0 {
			return s.tell(d, r, r.Acts[i])
		}
		if time.Now().After(give) {
			fmt.Fprintf(s.out, "on record as entry %d, and not judged yet: see handrail release status\n", seq)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// tell says whether an act counts, and of a promotion what is missing.
func (s errand) tell(d deed, r web.Release, a web.Act) error {
	promoted := a.Kind != checks.ActPromote || r.Decision > 0
	if a.Refused == "" && promoted {
		in := ""
		switch {
		case a.CountsIn != "":
			in = " for " + oneLine(a.CountsIn)
		case a.Kind == checks.ActSign:
			in = ", though nothing waits for it now"
		}
		fmt.Fprintf(s.out, "%s%s: entry %d of the log; the release is %s\n", d.done, in, a.Seq, oneLine(string(r.Phase)))
		return nil
	}
	if a.Refused == "" {
		fmt.Fprintf(s.out, "not promoted, but asked for: entry %d of the log\n", a.Seq)
	} else {
		fmt.Fprintf(s.out, "it counts for nothing: %s (entry %d of the log)\n", oneLine(a.Refused), a.Seq)
	}
	if !promoted {
		printMissing(s.out, r.Missing)
	}
	return errNo
}
