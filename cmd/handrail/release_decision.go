package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/internal/attest"
	"github.com/handrail-bot/handrail/internal/web"
)

func releaseDecision(where *whereabouts) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "decision OWNER/REPO TAG",
		Short: "Write the signed decision on a promoted release",
		Long: `Write the signed decision on a promoted release: an in-toto statement in a DSSE
envelope, which "handrail release verify" and other verifiers of DSSE take offline.
In a job of GitHub Actions with "permissions: {id-token: write}" no token of a
person's is needed, for the job's own repository. Exit code 1 when there is none.`,
		Example: `  handrail release decision acme/shop v1.4.0 --output decision.json`,
		Args:    takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			owner, repo, tag, err := named(args)
			if err != nil {
				return err
			}
			text, err := where.decision(cmd.Context(), owner, repo, tag)
			var said *no
			if errors.As(err, &said) && said.status == http.StatusConflict {
				fmt.Fprintln(cmd.ErrOrStderr(), oneLine(said.Message))
				printMissing(cmd.ErrOrStderr(), said.Missing)
				return errNo
			}
			if err != nil {
				return err
			}
			text = append(bytes.TrimSpace(text), '\n')
			if file == "" {
				_, err = cmd.OutOrStdout().Write(text)
				return err
			}
			return os.WriteFile(file, text, 0o644)
		},
	}
	cmd.Flags().StringVarP(&file, "output", "o", "", "a file to write it to (default: the standard output)")
	return cmd
}

// decision is the signed decision, from the record or from the server. Where there is
// none, the error is a *no of status 409.
func (w *whereabouts) decision(ctx context.Context, owner, repo, tag string) ([]byte, error) {
	path, ok := w.local()
	if !ok {
		c, err := w.reader(ctx)
		if err != nil {
			return nil, err
		}
		return c.raw(ctx, http.MethodGet, releasePath(owner, repo, tag, "decision"), nil)
	}
	s, err := w.record(ctx, path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	r, err := web.Read(ctx, s, owner+"/"+repo, tag)
	if err != nil {
		return nil, unknownRelease(err, tag)
	}
	if r.Decision == 0 {
		return nil, &no{status: http.StatusConflict, Message: fmt.Sprintf("%s %s is not promoted, so there is no decision.", r.Repo, r.Tag), Missing: r.Missing}
	}
	github := cmp.Or(os.Getenv("GITHUB_WEB_URL"), "https://github.com")
	return attest.Of(ctx, s, r.Decision, strings.TrimSuffix(github, "/"))
}

// reader is a client that may read decisions: as a person or, where a job has no token
// of one, as the job.
func (w *whereabouts) reader(ctx context.Context) (*client, error) {
	c, err := w.client()
	if err == nil || w.tokenFile != "" || os.Getenv(tokenURL) == "" {
		return c, err
	}
	base, err := w.address()
	if err != nil {
		return nil, err
	}
	c = newClient(base, "")
	c.token, err = uploader{env: os.Getenv, client: c.http}.token(ctx, base)
	return c, err
}
