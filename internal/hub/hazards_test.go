package hub

import (
	"net/http"
	"strconv"
	"testing"
	"time"
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
