package hub

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

func TestALimitIsWaitedForByGitHubsClock(t *testing.T) {
	for name, skew := range map[string]time.Duration{"ours is right": 0, "ours is two hours fast": -2 * time.Hour, "ours is two hours slow": 2 * time.Hour} {
		theirs := time.Now().Add(skew).Truncate(time.Second)
		h := http.Header{}
		h.Set("Date", theirs.UTC().Format(http.TimeFormat))
		h.Set("X-RateLimit-Remaining", "0")
		h.Set("X-RateLimit-Reset", strconv.FormatInt(theirs.Add(10*time.Minute).Unix(), 10))
		if wait := time.Until(retryTime(h)); wait < 9*time.Minute || wait > 11*time.Minute {
			t.Errorf("%s: waits %s, want 10 minutes", name, wait)
		}
		h.Set("X-RateLimit-Reset", strconv.FormatInt(theirs.Unix(), 10))
		if wait := time.Until(retryTime(h)); wait < 500*time.Millisecond {
			t.Errorf("%s: asks again at once: %s", name, wait)
		}
	}
}

func TestALoginThatIsAPathIsOneName(t *testing.T) {
	var asked []string
	f := &Hub{cfg: Config{AppID: 1, V3URL: "https://api.github.com", Concurrent: 1, Timeout: time.Second, Transport: http.DefaultTransport}, counts: map[Operation]int{}}
	f.wire = &wire{limit: 1 << 20, next: tripper(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.EscapedPath()+"?"+r.URL.RawQuery)
		return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})}
	c := f.newClient(0)
	c.now = f.session(f.wire)
	pull := checks.Pull{People: map[string]checks.Person{}}
	login := "x/../../collaborators/ann?y#z"
	if err := f.permissions(t.Context(), c, checks.Subject{Owner: "acme", Repo: "shop"}, &pull, []string{login}); err != nil {
		t.Fatal(err)
	}
	want := "/repos/acme/shop/collaborators/x%2F..%2F..%2Fcollaborators%2Fann%3Fy%23z/permission?"
	if len(asked) != 1 || asked[0] != want {
		t.Errorf("asked for %q, want %q", asked, want)
	}
	if p := pull.People[login]; p.Permission != "none" {
		t.Errorf("permission %q", p.Permission)
	}
}

func TestALoginThatIsAPathIsNobodys(t *testing.T) {
	for login, want := range map[string]bool{
		"ann": true, "ann-b_corp": true, "": false, "app[bot]": false,
		"x/../../collaborators/ann": false, "ann?x": false, "ann#x": false, "%61nn": false,
	} {
		if account(login) != want {
			t.Errorf("%q is an account: %v", login, !want)
		}
	}
}

type tripper func(*http.Request) (*http.Response, error)

func (t tripper) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }
