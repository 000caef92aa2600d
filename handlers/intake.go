package handlers

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/internal/store"
)

const (
	// maxBody is the most that GitHub sends ("Webhook events and payloads":
	// payloads are capped at 25 MB).
	maxBody = 25 << 20
	// maxHeader is the most that an event's name or a delivery's id may have;
	// GitHub's are under 40.
	maxHeader = 100
)

// What became of a delivery, for metrics. All but the first three and the last
// are answered with a 4xx and leave nothing else behind.
const (
	OutcomeKept           = "kept"
	OutcomeRepeat         = "repeat"
	OutcomeFailed         = "failed" // the store could not take it; GitHub got a 5xx
	OutcomeMethod         = "method"
	OutcomeContentType    = "content_type"
	OutcomeHeaders        = "headers"
	OutcomeUnsigned       = "unsigned"
	OutcomeSHA1Only       = "sha1_only"
	OutcomeWrongSignature = "wrong_signature"
	OutcomeTooLarge       = "too_large"
	OutcomeCutShort       = "cut_short"
	OutcomeMalformed      = "malformed"
	OutcomeBusy           = "busy" // too many large bodies at once; GitHub got a 5xx
)

func outcomeOf(fresh bool) string {
	if fresh {
		return OutcomeKept
	}
	return OutcomeRepeat
}

// HookConfig is what receiving webhooks takes.
type HookConfig struct {
	AppID int64 // our own, by which echoes are told
	// API is where GitHub's REST interface is, without a slash at the end: a deployment
	// protection rule that names another place for its answer is not heeded, none is
	// while this is "".
	API    string
	Secret []byte // of the webhook; must not be empty
	Store  *store.Store
	// Count, if set, hears the outcome of every delivery.
	Count func(outcome string)
	// Installed, if set, is called after an installation got repositories: their
	// open pull requests are yet to be found.
	Installed func(installation int64)
	// Redact, if set, takes the secrets out of a text before it is kept.
	Redact func(text string) string
	Log    zerolog.Logger
	Now    func() time.Time // nil means time.Now
	// Skew, if set, is by how much GitHub's clock is ahead of Now.
	Skew func() time.Duration
}

// hook receives webhooks. It refuses what is not signed as it must be, before
// anything else looks at it; go-githubapp alone would read without a limit and
// be content with SHA-1.
type hook struct {
	secret     []byte
	count      func(outcome string)
	log        zerolog.Logger
	scheduler  *scheduler
	dispatcher http.Handler
	large      rooms // for bodies that are not small
}

// NewHook is the handler of GitHub's webhooks. It answers 2xx only for what is
// stored; a repeat is answered alike and changes nothing. It refuses to work
// without a secret.
func NewHook(c HookConfig) (http.Handler, error) {
	if len(c.Secret) == 0 {
		return nil, errors.New("the webhook secret is empty: anybody could send events")
	}
	if c.AppID <= 0 {
		return nil, errors.New("the App's id is missing: handrail would not know its own check-runs")
	}
	if c.Count == nil {
		c.Count = func(string) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Skew == nil {
		c.Skew = func() time.Duration { return 0 }
	}
	s := &scheduler{app: c.AppID, api: c.API, redact: c.Redact, rules: rules(), store: c.Store, now: c.Now, skew: c.Skew, count: c.Count, installed: c.Installed, log: c.Log}
	h := &hook{secret: c.Secret, count: c.Count, log: c.Log, scheduler: s, large: newRooms(largeBodies, largeWait)}
	names := published(slices.Sorted(maps.Keys(s.rules)))
	h.dispatcher = githubapp.NewEventDispatcher([]githubapp.EventHandler{names}, string(c.Secret),
		githubapp.WithScheduler(s), githubapp.WithErrorCallback(h.fail))
	return h, nil
}

// refusal is why a request is no delivery that is taken.
type refusal struct {
	status  int
	outcome string
	say     string // what whoever looks at GitHub's list of deliveries should do
}

// ServeHTTP takes one delivery.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	no := h.vet(r)
	if no == nil {
		var leave func()
		leave, no = h.read(w, r)
		defer leave()
	}
	if no != nil {
		h.refuse(w, *no)
		return
	}
	event := r.Header.Get("X-GitHub-Event")
	if _, known := h.scheduler.rules[event]; known {
		h.dispatcher.ServeHTTP(w, r)
		return
	}
	h.unknown(w, r, event)
}

// vet looks at what comes before the body.
func (h *hook) vet(r *http.Request) *refusal {
	if r.Method != http.MethodPost {
		return &refusal{http.StatusMethodNotAllowed, OutcomeMethod, "Webhooks are sent with POST."}
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &refusal{http.StatusUnsupportedMediaType, OutcomeContentType,
			"Set the content type of the App's webhook to application/json (App settings, General, Webhook)."}
	}
	for _, name := range []string{"X-GitHub-Event", "X-GitHub-Delivery"} {
		if v := r.Header.Get(name); v == "" || len(v) > maxHeader {
			return &refusal{http.StatusBadRequest, OutcomeHeaders, "The header " + name + " is missing or too long."}
		}
	}
	if r.Header.Get("X-Hub-Signature-256") == "" {
		if r.Header.Get("X-Hub-Signature") != "" {
			return &refusal{http.StatusUnauthorized, OutcomeSHA1Only, "A SHA-1 signature is not enough: X-Hub-Signature-256 is needed."}
		}
		return &refusal{http.StatusUnauthorized, OutcomeUnsigned,
			"The delivery is not signed: set the webhook secret in the App's settings to the one handrail has."}
	}
	if r.ContentLength > maxBody {
		return tooLarge()
	}
	return nil
}

func tooLarge() *refusal {
	return &refusal{http.StatusRequestEntityTooLarge, OutcomeTooLarge, "The body is larger than the 25 MB that GitHub sends at most."}
}

// read takes the body, no more of it than GitHub would send, checks its
// signature, and puts it back for the dispatcher. leave is to be called when the
// body is not needed any more.
func (h *hook) read(w http.ResponseWriter, r *http.Request) (leave func(), no *refusal) {
	leave = func() {}
	var body bytes.Buffer
	// What a stranger declares is not what is set aside for him.
	body.Grow(int(min(max(r.ContentLength, 0), 64<<10)) + bytes.MinRead)
	from := http.MaxBytesReader(w, r.Body, maxBody)
	n, err := io.CopyN(&body, from, smallBody)
	if err == nil && n == smallBody {
		room, full := h.large.enter(r.Context())
		if full != nil {
			return leave, &refusal{http.StatusServiceUnavailable, OutcomeBusy, "Too many large deliveries at once. Please redeliver it."}
		}
		leave = room
		_, err = body.ReadFrom(from)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return leave, tooLarge()
		}
		return leave, &refusal{http.StatusBadRequest, OutcomeCutShort, "The body did not come whole."}
	}
	if !signed(h.secret, body.Bytes(), r.Header.Get("X-Hub-Signature-256")) {
		return leave, &refusal{http.StatusUnauthorized, OutcomeWrongSignature,
			"The signature does not fit: the webhook secret in the App's settings is not the one handrail has."}
	}
	r.Body = io.NopCloser(&body)
	return leave, nil
}

// signed checks a header "sha256=" and 64 hex digits in constant time.
func signed(secret, body []byte, header string) bool {
	digits, ok := strings.CutPrefix(header, "sha256=")
	if !ok {
		return false
	}
	got, err := hex.DecodeString(digits)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return hmac.Equal(got, mac.Sum(nil))
}

// unknown takes an event that GitHub had not published when this was written:
// it is kept like the others, though the dispatcher would drop it.
func (h *hook) unknown(w http.ResponseWriter, r *http.Request, event string) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = h.scheduler.Schedule(r.Context(), githubapp.Dispatch{
			EventType: event, DeliveryID: r.Header.Get("X-GitHub-Delivery"), Payload: body,
		})
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// fail answers what went wrong behind the signature.
func (h *hook) fail(w http.ResponseWriter, r *http.Request, err error) {
	var invalid githubapp.ValidationError
	switch {
	case errors.Is(err, errMalformed):
		h.refuse(w, refusal{http.StatusBadRequest, OutcomeMalformed, "The body is not a JSON object."})
	case errors.As(err, &invalid):
		h.refuse(w, refusal{http.StatusBadRequest, OutcomeHeaders, "The delivery is not one that GitHub sends."})
	default:
		h.count(OutcomeFailed)
		h.log.Error().Err(err).Str(githubapp.LogKeyEventType, r.Header.Get("X-GitHub-Event")).
			Str(githubapp.LogKeyDeliveryID, r.Header.Get("X-GitHub-Delivery")).Msg("a delivery could not be kept; GitHub can be asked for it again")
		http.Error(w, "The delivery could not be stored. Please redeliver it.", http.StatusServiceUnavailable)
	}
}

// refuse leaves no trace but a count, so that nobody can fill the log from
// outside.
func (h *hook) refuse(w http.ResponseWriter, no refusal) {
	h.count(no.outcome)
	if no.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, no.say, no.status)
}
