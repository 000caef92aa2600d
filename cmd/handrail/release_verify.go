package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/attest"
	"github.com/handrail-bot/handrail/internal/web"
)

// decisionLimit is the longest decision that is read, in bytes.
const decisionLimit = 16 << 20

func releaseVerify() *cobra.Command {
	var want attest.Expect
	var key, keyFile string
	var artifacts []string
	var maxAge time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Verify a signed decision without handrail, GitHub or a network",
		Long: `Verify the signed decision on a release, as "handrail release decision" writes it,
without handrail, GitHub or a network: the signature, the proof that the decision is
in handrail's log, and that it is about what you are about to deploy. FILE may be -
for the standard input.

The key is the log's verifier key, as "handrail release key" prints it. Keep your own
copy of it, where whoever brings the decision cannot change it.

A decision says what was decided, not what happened since: with --max-age an old one
is not taken. Exit code 1 when it does not verify or is about something else.`,
		Example: `  handrail release verify decision.json --key-file handrail.pub
  handrail release verify decision.json --key-file handrail.pub --repo acme/shop --tag v1.4.0 --environment production --max-age 720h`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			verifier, err := verifierKey(key, keyFile)
			if err != nil {
				return err
			}
			if want.Artifacts, err = digests(artifacts); err != nil {
				return err
			}
			if maxAge < 0 {
				return errors.New("--max-age: it cannot be less than nothing")
			}
			if maxAge > 0 {
				want.NotBefore = time.Now().Add(-maxAge)
			}
			text, err := readDecision(cmd.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			return verifyDecision(cmd.OutOrStdout(), text, verifier, want, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&key, "key", "", "the log's verifier key")
	flags.StringVar(&keyFile, "key-file", "", "a file that holds it")
	flags.StringVar(&want.Repo, "repo", "", "the repository it must be about, as owner/name")
	flags.StringVar(&want.Tag, "tag", "", "the tag it must be about")
	flags.StringVar(&want.Commit, "commit", "", "the commit it must be about, in full")
	flags.StringVar(&want.Environment, "environment", "", "the environment that it must let the release into")
	flags.StringArrayVar(&artifacts, "artifact", nil, "an artifact that must be in it, as NAME=sha256:HEX; may be repeated")
	flags.DurationVar(&maxAge, "max-age", 0, "how old it may be (default: any age)")
	flags.BoolVar(&asJSON, "json", false, "print the decision as JSON")
	return cmd
}

// verifierKey is the key that is named in one of two ways.
func verifierKey(key, file string) (note.Verifier, error) {
	if (key == "") == (file == "") {
		return nil, errors.New("name the log's verifier key by --key or --key-file: \"handrail release key\" prints it")
	}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("--key-file: %w", err)
		}
		key = string(text)
	}
	v, err := attest.ParseKey(key)
	if err != nil {
		return nil, fmt.Errorf("the key cannot be used: %w", err)
	}
	return v, nil
}

// digests reads NAME=ALGORITHM:HEX.
func digests(list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, a := range list {
		i := strings.LastIndexByte(a, '=')
		if i < 1 || !strings.Contains(a[i:], ":") {
			return nil, fmt.Errorf("--artifact: %q is none: write it as app.tar.gz=sha256:0f1e…", a)
		}
		if old, twice := out[a[:i]]; twice && old != a[i+1:] {
			return nil, fmt.Errorf("--artifact: %q is named with two digests", a[:i])
		}
		out[a[:i]] = a[i+1:]
	}
	return out, nil
}

func readDecision(stdin io.Reader, file string) ([]byte, error) {
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read decision: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, decisionLimit+1))
	if err != nil {
		return nil, fmt.Errorf("read decision: %w", err)
	}
	if len(text) > decisionLimit {
		return nil, fmt.Errorf("%s has more than %s: it is no decision", file, megabytes(decisionLimit))
	}
	return text, nil
}

func verifyDecision(out io.Writer, text []byte, key note.Verifier, want attest.Expect, asJSON bool) error {
	d, err := attest.Verify(text, key, want)
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintln(out, "DOES NOT VERIFY:", oneLine(line))
		}
		return errNo
	}
	if asJSON {
		return printJSON(out, d, "  ")
	}
	printDecision(out, d)
	fmt.Fprintf(out, "it verifies by the key %s\n", oneLine(attest.KeyID(key)))
	return nil
}

// printDecision says in some lines what was decided.
func printDecision(w io.Writer, d checks.Decision) {
	fmt.Fprintf(w, "%s %s: commit %.12s, candidate %.12s\n", oneLine(d.Repo), oneLine(d.Tag), d.Candidate.Commit, d.Digest)
	what := "promoted"
	if d.Emergency {
		what = "promoted as an EMERGENCY"
	}
	fmt.Fprintf(w, "%s by %s, as of %s%s\n", what, oneLine(d.By.By.Login), d.At.UTC().Format("2006-01-02 15:04"), reason(d.By.Reason))
	for _, s := range d.Signed {
		fmt.Fprintf(w, "signed: %s, %s by %s, %s\n", oneLine(s.Stage), oneLine(string(s.Role)), oneLine(s.By.Login), s.At.UTC().Format("2006-01-02 15:04"))
	}
	for _, m := range d.Missing {
		fmt.Fprintf(w, "missing: %s: %s\n", oneLine(m.ID), oneLine(m.Summary))
	}
	for _, a := range d.Candidate.Artifacts {
		fmt.Fprintf(w, "artifact: %s %s\n", oneLine(a.Name), oneLine(a.Digest))
	}
	if len(d.Environments) > 0 {
		fmt.Fprintf(w, "environments: %s\n", oneLine(strings.Join(d.Environments, ", ")))
	}
}

func reason(text string) string {
	if text == "" {
		return ""
	}
	return ": " + oneLine(text)
}

func releaseKey(where *whereabouts) *cobra.Command {
	return &cobra.Command{
		Use:   "key",
		Short: "Print the log's verifier key, by which decisions are verified",
		Long: `Print the log's verifier key, by which decisions on releases are verified. It is no
secret; but whoever verifies by it must have it from somebody they trust, and keep it.`,
		Example: `  handrail release key > handrail.pub`,
		Args:    takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			key, err := where.key(cmd.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), key)
			return err
		},
	}
}

func (w *whereabouts) key(ctx context.Context) (string, error) {
	if path, ok := w.local(); ok {
		s, err := w.record(ctx, path)
		if err != nil {
			return "", err
		}
		defer s.Close()
		if s.VerifierKey() == "" {
			return "", errors.New("the key file beside the database cannot be read")
		}
		return s.VerifierKey(), nil
	}
	base, err := w.address()
	if err != nil {
		return "", err
	}
	var got web.LogKey
	if err := newClient(base, "").ask(ctx, "GET", web.KeyPath, nil, &got); err != nil {
		return "", err
	}
	if _, err := attest.ParseKey(got.Key); err != nil {
		return "", fmt.Errorf("%s answers with something else: %w", base, err)
	}
	return got.Key, nil
}
