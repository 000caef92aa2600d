package web

import (
	"crypto/sha256"
	"errors"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/handrail-bot/handrail/checks"
)

// remembered is for how long it is taken for granted whose a token is and what somebody
// may read. Acts are never taken for granted.
const remembered = time.Minute

// rememberedLimit bounds how much is.
const rememberedLimit = 10_000

// caller is who asks: a person, or a workflow run.
type caller struct {
	by  checks.Actor
	run checks.RunToken // of a run; RepoID is 0 for a person
}

// What GitHub's tokens look like ("Behind GitHub's new authentication token formats",
// GitHub blog): of a person's own, made by the person or, for gh, by a login; of
// servers before 3.1, forty digits.
var (
	personal = regexp.MustCompile(`^(gh[po]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}|[0-9a-f]{40})$`)
	ofARun   = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)
)

// identify finds out who asks.
func (a *api) identify(r *http.Request, t target) (caller, error) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	switch {
	case !strings.EqualFold(kind, "Bearer") || token == "":
		return caller{}, noToken("A token is needed to know who you are.")
	case strings.HasPrefix(token, "ghs_"):
		return caller{}, noToken("An installation token says which App asks, and not which person.")
	case strings.HasPrefix(token, "ghu_"), strings.HasPrefix(token, "ghr_"):
		return caller{}, noToken("A token that an App has in somebody's name is not taken: the App could sign for them.")
	case ofARun.MatchString(token) && len(token) <= 16<<10:
		return a.workflowRun(r, t, token)
	case !personal.MatchString(token):
		return caller{}, noToken("This is no token of GitHub's.")
	}
	return a.person(r, t, token)
}

func noToken(message string) *refusal {
	return &refusal{
		status: http.StatusUnauthorized, Word: "no_token", Message: message,
		Hint: "Send \"Authorization: Bearer TOKEN\" with a personal access token of yours, or what \"gh auth token\" prints.",
	}
}

// person is whose a token is.
func (a *api) person(r *http.Request, t target, token string) (caller, error) {
	by, ok := a.known.whose(token)
	if !ok || t.part == partActs {
		address := "address " + addressOf(r)
		if a.pace.spent(address, badPace) || a.pace.spent("all", allBadPace) {
			return caller{}, tooMany(time.Minute)
		}
		var err error
		if by, err = a.GitHub.Whose(r.Context(), token); err != nil {
			return caller{}, a.disowned(err, address)
		}
		a.known.tell(token, by)
	}
	if by.Bot || by.Login == "" {
		return caller{}, noToken("The token is not a person's.")
	}
	pace, most := "asks "+strings.ToLower(by.Login), float64(askPace)
	if t.part == partActs {
		pace, most = "acts "+strings.ToLower(by.Login), actPace
	}
	if after := a.pace.take(pace, most); after > 0 {
		return caller{}, tooMany(after)
	}
	return caller{by: by}, nil
}

// disowned is the answer to a token that GitHub does not take, or not now.
func (a *api) disowned(err error, address string) error {
	var refused interface{ Refused() string }
	if !errors.As(err, &refused) {
		return unasked(err, a.Now())
	}
	a.pace.take(address, badPace)
	a.pace.take("all", allBadPace)
	return noToken("GitHub does not take the token: " + strings.TrimSuffix(checks.Plain(refused.Refused()), ".") + ".")
}

// workflowRun is a run of GitHub Actions, which may read the decisions of its own
// repository and nothing else.
func (a *api) workflowRun(r *http.Request, t target, token string) (caller, error) {
	run, err := a.GitHub.Verify(r.Context(), token)
	var refused interface{ Refused() string }
	switch {
	case errors.As(err, &refused):
		return caller{}, noToken("The token is not accepted: " + strings.TrimSuffix(checks.Plain(refused.Refused()), ".") + ".")
	case err != nil:
		return caller{}, unasked(err, a.Now())
	case t.part != partDecision:
		return caller{}, &refusal{
			status: http.StatusForbidden, Word: "run_token", Message: "A workflow run may only read the decision on a release of its own repository.",
			Hint: "For anything else a person's token is needed.",
		}
	}
	if after := a.pace.take("run "+run.ID, askPace); after > 0 {
		return caller{}, tooMany(after)
	}
	return caller{run: run}, nil
}

func tooMany(after time.Duration) *refusal {
	return &refusal{
		status: http.StatusTooManyRequests, Word: "too_many", Message: "Too much is asked at once.", Hint: "Ask again later, and less often.", after: max(after, time.Second),
	}
}

// addressOf is where a request comes from; behind a proxy that is the proxy's.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// known remembers for a minute what GitHub has said. Of a token only its hash is kept.
type known struct {
	now    func() time.Time
	mu     sync.Mutex
	tokens map[[sha256.Size]byte]knownToken
	may    map[string]knownRepo
}

type knownToken struct {
	by checks.Actor
	at time.Time
}

type knownRepo struct {
	permission string
	s          checks.Subject
	at         time.Time
}

func newKnown(now func() time.Time) *known {
	return &known{now: now, tokens: map[[sha256.Size]byte]knownToken{}, may: map[string]knownRepo{}}
}

func (k *known) whose(token string) (checks.Actor, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	t, ok := k.tokens[sha256.Sum256([]byte(token))]
	return t.by, ok && k.now().Sub(t.at) < remembered
}

func (k *known) tell(token string, by checks.Actor) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.tokens) >= rememberedLimit {
		clear(k.tokens)
	}
	k.tokens[sha256.Sum256([]byte(token))] = knownToken{by, k.now()}
}

func (k *known) repo(key string) (knownRepo, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, ok := k.may[key]
	return m, ok && k.now().Sub(m.at) < remembered
}

func (k *known) tellRepo(key string, m knownRepo) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.may) >= rememberedLimit {
		clear(k.may)
	}
	m.at = k.now()
	k.may[key] = m
}
