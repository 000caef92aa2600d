package sim_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

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
	// On a connection used before, a request that is cut would be sent again.
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
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

func TestArtifactOutlivesItsTime(t *testing.T) {
	c, repo, pull := shop(t)
	w := workflow(t, repo, sim.NewWorkflowRun{Pull: pull, Started: true})
	a := w.Leave("coverage", map[string][]byte{"x": nil})
	at := c.where(a)
	c.gh.Advance(59 * time.Second)
	if x, err := fetch(t, at); err != nil || x.status != 200 {
		t.Errorf("the address is over too soon: %d, %v", x.status, err)
	}
	c.gh.Advance(2 * time.Second)
	if x, err := fetch(t, at); err != nil || x.status != 403 {
		t.Errorf("the address is good for more than a minute: %d, %v", x.status, err)
	}
	path := fmt.Sprintf("/repos/acme/shop/actions/artifacts/%d", a.ID())
	if c.must(200, "GET", path, nil).body["expired"] != false {
		t.Error("expired at once")
	}
	c.gh.Advance(90 * 24 * time.Hour)
	if c.must(200, "GET", path, nil).body["expired"] != true {
		t.Error("not expired after 90 days")
	}
	c.must(410, "GET", path+"/zip", nil)
	b := w.LeaveArchive("no zip", []byte("x"))
	b.Expire()
	c.must(410, "GET", fmt.Sprintf("/repos/acme/shop/actions/artifacts/%d/zip", b.ID()), nil)
	c.gh.SetPermission("actions", "")
	c.must(403, "GET", path, nil)
}

func TestArtifactOfAnotherRepositoryIsGiven(t *testing.T) {
	c, repo, _ := shop(t)
	a := workflow(t, repo, sim.NewWorkflowRun{}).Leave("coverage", nil)
	c.gh.Org("acme").Repo("other")
	c.must(404, "GET", fmt.Sprintf("/repos/acme/other/actions/artifacts/%d", a.ID()), nil)
	c.must(404, "GET", fmt.Sprintf("/repos/acme/other/actions/artifacts/%d/zip", a.ID()), nil)
}

func TestBlobStoreFailsOutsideThePlan(t *testing.T) {
	c, repo, pull := shop(t)
	a := workflow(t, repo, sim.NewWorkflowRun{Pull: pull}).Leave("coverage", map[string][]byte{"x": []byte("1\n")})
	at := c.where(a)
	blob := func(q sim.Request) bool { return q.Route == "GET blob" }
	for _, do := range []sim.Failure{sim.Status(503), sim.Cut(), sim.Short(), sim.Hang(time.Millisecond), sim.Secondary(time.Second)} {
		c.gh.Fail(sim.Fault{Times: 1, When: blob, Do: []sim.Failure{do}})
		if x, err := fetch(t, at); err == nil && x.status < 400 {
			t.Errorf("%v: status %d", do, x.status)
		}
	}
	if x, err := fetch(t, at); err != nil || x.status != 200 {
		t.Errorf("the failures stayed: %d, %v", x.status, err)
	}
	var seen []string
	for _, q := range c.gh.Requests() {
		if blob(q) {
			seen = append(seen, fmt.Sprint(q.Status, " ", q.Fault))
		}
		if strings.Contains(q.Path, "sig") {
			t.Errorf("the log holds a signature: %s", q.Path)
		}
	}
	if want := []string{"503 status 503", "0 cut", "200 short", "0 hang", "429 secondary limit", "200 "}; !slices.Equal(seen, want) {
		t.Errorf("log is %q, want %q", seen, want)
	}
}

func TestDownloadCannotBeLedAstray(t *testing.T) {
	c, repo, pull := shop(t)
	a := workflow(t, repo, sim.NewWorkflowRun{Pull: pull}).Leave("coverage", nil)
	c.gh.RedirectArtifacts(func(url string) string { return "http://169.254.169.254/?" + url })
	if at := c.where(a); !strings.HasPrefix(at, "http://169.254.169.254/?http://127.0.0.1:") {
		t.Errorf("leads to %s", at)
	}
	c.gh.RedirectArtifacts(nil)
	if at := c.where(a); !strings.HasPrefix(at, "http://127.0.0.1:") || strings.HasPrefix(at, c.url) {
		t.Errorf("leads to %s, not to another host", at)
	}
}

func TestArtifactsOfAnAttemptAreLost(t *testing.T) {
	c, repo, pull := shop(t)
	w := workflow(t, repo, sim.NewWorkflowRun{Pull: pull, Started: true})
	w.Leave("coverage", map[string][]byte{"x": []byte("1")})
	first := w.Leave("coverage", map[string][]byte{"x": []byte("2")}) // overwrites
	w.Finish("failure")
	w.Rerun("bob")
	w.Leave("logs", nil)
	second := w.Leave("coverage", nil)
	list := c.must(200, "GET", fmt.Sprintf("/repos/acme/shop/actions/runs/%d/artifacts?name=coverage", w.ID()), nil)
	if dig(list.body, "total_count") != 2.0 || dig(list.body, "artifacts", 0, "id") != float64(second.ID()) ||
		dig(list.body, "artifacts", 1, "id") != float64(first.ID()) {
		t.Errorf("artifacts are %v", list.body)
	}
	all := c.must(200, "GET", fmt.Sprintf("/repos/acme/shop/actions/runs/%d/artifacts?per_page=2", w.ID()), nil)
	if dig(all.body, "total_count") != 3.0 || dig(all.body, "artifacts", 2) != nil || !strings.Contains(all.header.Get("Link"), `rel="next"`) {
		t.Errorf("a page is %v, %v", all.body, all.header)
	}
}
