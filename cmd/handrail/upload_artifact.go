package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/scan"
)

func uploadArtifact(send func(*cobra.Command, shipment) error) *cobra.Command {
	var name, digest string
	cmd := &cobra.Command{
		Use:   "artifact --name NAME --digest DIGEST",
		Short: "Name a container image or file that the build of a tag has made",
		Long: `Name a container image or file that the build of a tag has made, by its digest, so
that it is part of the release. The policy must name it:

    release:
      artifacts: [{name: ghcr.io/acme/app, from: upload, workflow: image.yml}]

The job proves what it is as for "handrail upload". Its run must be on the commit
that is tagged, and have checked out that commit: a run of a pull request is not.
An artifact with another digest is another candidate, for which everybody signs
anew.

Exit code 1 when handrail refuses it, 2 when it could not be asked.`,
		Example: `  handrail upload artifact --name ghcr.io/acme/app --digest sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef`,
		Args:    takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if name == "" || digest == "" {
				return errors.New("give the image's or file's name by --name, and its digest by --digest")
			}
			query := url.Values{"name": {name}, "digest": {digest}}
			return send(cmd, shipment{name: name, to: handlers.ArtifactsPath + "?" + query.Encode()})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "of the image, without a tag, or of the file, as the policy names it")
	cmd.Flags().StringVar(&digest, "digest", "", "sha256: and 64 hexadecimal digits")
	return cmd
}

func uploadScan(send func(*cobra.Command, shipment) error) *cobra.Command {
	var digest string
	cmd := &cobra.Command{
		Use:   "scan --digest DIGEST REPORT",
		Short: "Send what a scanner found in an artifact of a release",
		Long: `Send what a scanner found in an artifact of a release: a SARIF report about the
image or file with a digest. Its results are counted by severity, and the report
itself is not kept. A stage of the policy says which severity it does not take:

    release:
      stages: [{name: production, scan: high, …}]

The job proves what it is as for "handrail upload artifact". A report that cannot be
read is said before anything is sent. Exit code 1 when handrail refuses it, 2 when it
could not be asked.`,
		Example: `  handrail upload scan --digest sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef trivy.sarif`,
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if digest == "" {
				return errors.New("give the digest of what was scanned by --digest")
			}
			if err := readableScan(cmd.OutOrStdout(), args[0]); err != nil {
				return err
			}
			query := url.Values{"name": {filepath.Base(args[0])}, "digest": {digest}}
			return send(cmd, shipment{args[0], handlers.ScansPath + "?" + query.Encode(), args[0]})
		},
	}
	cmd.Flags().StringVar(&digest, "digest", "", "of what was scanned: sha256: and 64 hexadecimal digits")
	return cmd
}

// readableScan says why a report is none.
func readableScan(out io.Writer, file string) error {
	f, _, err := openReport(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, _, err := scan.Count(filepath.Base(file), f, nil); err != nil {
		fmt.Fprintln(out, oneLine(fmt.Sprintf("%s: %v", file, err)))
		return errNo
	}
	return nil
}

// severities are how many results there are of each, the worst first.
func severities(found map[string]int) string {
	var out []string
	for _, word := range []string{"critical", "high", "medium", "low", "none", checks.Unrated} {
		if n := found[word]; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, word))
		}
	}
	if len(out) == 0 {
		return "nothing found"
	}
	return strings.Join(out, ", ")
}
