package sim

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// ImportGit copies every object of a real git repository, reachable or not,
// with the git program; SHAs stay. Branches that the repository here does not
// have are made without telling anybody; those it has stay where they are, to
// be moved by PushCommit.
func (r *Repo) ImportGit(dir string) error {
	objects, err := git(dir, "cat-file", "--batch-all-objects", "--batch")
	if err != nil {
		return err
	}
	refs, err := git(dir, "for-each-ref", "--format=%(objectname) %(refname:short)", "refs/heads")
	if err != nil {
		return err
	}
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	if err := r.objects.read(bufio.NewReader(bytes.NewReader(objects))); err != nil {
		return fmt.Errorf("import %s: %w", dir, err)
	}
	for line := range strings.Lines(string(refs)) {
		sha, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if r.branches[name] == "" {
			r.branches[name] = sha
		}
	}
	return nil
}

// ImportBranch is ImportGit, and moves one branch to where it is in dir without
// telling anybody: the state before anything happens.
func (r *Repo) ImportBranch(dir, branch string) error {
	if err := r.ImportGit(dir); err != nil {
		return err
	}
	sha, err := git(dir, "rev-parse", "refs/heads/"+branch)
	if err != nil {
		return err
	}
	r.gh.mu.Lock()
	defer r.gh.mu.Unlock()
	r.branches[branch] = strings.TrimSpace(string(sha))
	return nil
}

func git(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}

// read takes what git cat-file --batch prints: "sha kind size", then the body
// and a newline.
func (o *objects) read(in *bufio.Reader) error {
	for {
		var sha, kind string
		var size int
		head, err := in.ReadString('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Sscanf(head, "%s %s %d", &sha, &kind, &size); err != nil {
			return fmt.Errorf("unexpected %q from git", head)
		}
		body := make([]byte, size+1)
		if _, err := io.ReadFull(in, body); err != nil {
			return err
		}
		body = body[:size]
		if got := gitSHA(kind, body); got != sha {
			return fmt.Errorf("git says %s, its content %s", sha, got)
		}
		if err := o.add(kind, body); err != nil {
			return err
		}
	}
}
