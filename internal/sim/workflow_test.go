package sim_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/sim/oracle"
)

// got is an answer of what is beside the API.
type got struct {
	status   int
	location string
	body     []byte
}

// fetch gets an address as it is, with a header's name and value or none, and
// follows no redirect.
func fetch(t *testing.T, url string, header ...string) (got, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return got{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return got{res.StatusCode, res.Header.Get("Location"), body}, err
}

// where is where the archive of an artifact can be fetched.
func (c *client) where(a *sim.Artifact) string {
	c.t.Helper()
	x, err := fetch(c.t, fmt.Sprintf("%s/api/v3/repos/acme/shop/actions/artifacts/%d/zip", c.url, a.ID()), "Authorization", "Bearer "+c.token)
	if err != nil || x.status != http.StatusFound {
		c.t.Fatalf("download: %d %s %v", x.status, x.body, err)
	}
	return x.location
}

// runs of a workflow are started, or the test ends.
func workflow(t *testing.T, r *sim.Repo, n sim.NewWorkflowRun) *sim.WorkflowRun {
	t.Helper()
	if n.Workflow == "" {
		n.Workflow = ".github/workflows/ci.yml"
	}
	w, err := r.StartWorkflow(n)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestArtifactCannotBeHadWithoutItsSignature(t *testing.T) {
	c, repo, pull := shop(t)
	oracle.Watch(t, c.gh)
	w := workflow(t, repo, sim.NewWorkflowRun{Pull: pull, Started: true})
	a := w.Leave("coverage", map[string][]byte{"cover.out": []byte("mode: set\n"), "b/lcov.info": []byte("TN:\n")})
	w.Finish("success")
	at := c.where(a)
	x, err := fetch(t, at)
	if err != nil || x.status != 200 {
		t.Fatalf("archive: %d %v", x.status, err)
	}
	z, err := zip.NewReader(bytes.NewReader(x.body), int64(len(x.body)))
	if err != nil || len(z.File) != 2 || z.File[0].Name != "b/lcov.info" {
		t.Errorf("archive is %v: %v", z, err)
	}
	for name, bad := range map[string]struct {
		url, authorization string
		status             int
	}{
		"with a token":      {at, "Bearer " + c.token, 400},
		"another signature": {strings.Replace(at, "sig=", "sig=x", 1), "", 403},
		"no signature":      {at[:strings.Index(at, "?")], "", 403},
	} {
		if x, err := fetch(t, bad.url, "Authorization", bad.authorization); err != nil || x.status != bad.status {
			t.Errorf("%s: status %d, %v", name, x.status, err)
		}
	}
}
