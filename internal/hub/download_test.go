package hub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
)

// signed is what of a signed address must not come out.
const signed = "/private-path/archive?sig=PRIVATE-SIGNATURE"

// depot is a storage host: it notes what it is asked.
type depot struct {
	*httptest.Server
	mu    sync.Mutex
	heard []*http.Request
}

func newDepot(t *testing.T, secure bool, answer http.HandlerFunc) *depot {
	t.Helper()
	d := &depot{}
	d.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		d.heard = append(d.heard, r)
		d.mu.Unlock()
		answer(w, r)
	}))
	d.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		d.StartTLS()
	} else {
		d.Start()
	}
	t.Cleanup(d.Close)
	return d
}

func (d *depot) asked() []*http.Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.heard)
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

// leads makes GitHub say that artifact 80 is at an address.
func (f *forge) leads(where string) {
	f.rest[zipPath] = func(*http.Request) any {
		return reply{status: 302, header: map[string]string{"Location": where}, body: []byte("<a href=" + where + ">")}
	}
}

// elsewhere makes a hub reach a server under any public name.
func (f *forge) elsewhere(d *depot) {
	tr := d.Client().Transport.(*http.Transport).Clone()
	tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, d.Listener.Addr().String())
	}
	f.hub.storage.away = tr
}

func (f *forge) download(t *testing.T, a checks.Artifact) ([]byte, string, error) {
	t.Helper()
	var logged bytes.Buffer
	a.ID = 80
	data, err := f.hub.Download(zerolog.New(&logged).Level(zerolog.TraceLevel).WithContext(t.Context()), subject, a)
	f.guard.Add(leak.Logged, logged.Bytes())
	told(f.guard, err)
	text := logged.String()
	if err != nil {
		text += err.Error()
		for e := err; e != nil; e = errors.Unwrap(e) {
			text += e.Error()
		}
	}
	for _, secret := range []string{"PRIVATE-SIGNATURE", "private-path", secretToken} {
		if strings.Contains(text, secret) {
			t.Errorf("%s came out: %s", secret, text)
		}
	}
	return data, text, err
}

func TestAnArchiveIsFetchedWithoutTheToken(t *testing.T) {
	f := newForge(t, Config{})
	d := newDepot(t, true, says("PK..."))
	f.elsewhere(d)
	f.leads("https://example.com" + signed)
	sum := sha256.Sum256([]byte("PK..."))
	data, _, err := f.download(t, checks.Artifact{Digest: "sha256:" + hex.EncodeToString(sum[:])})
	if err != nil || string(data) != "PK..." || len(d.asked()) != 1 {
		t.Fatalf("%q, %v", data, err)
	}
	r := d.asked()[0]
	if r.URL.String() != signed || r.Host != "example.com" {
		t.Errorf("asked %s of %s", r.URL, r.Host)
	}
	for _, name := range []string{"Authorization", "Cookie", "Referer"} {
		if v := r.Header.Get(name); v != "" {
			t.Errorf("%s: %s was sent", name, v)
		}
	}
	if !strings.Contains(f.tokens[0], secretToken) {
		t.Error("GitHub was asked without the token")
	}
	counts := f.hub.Counts()
	if counts[Operation{REST, "download"}] != 1 || counts[Operation{Plain, "download"}] != 1 {
		t.Errorf("%v", counts)
	}
}

func TestTheOperatorsOwnGitHubMayHoldArchivesItself(t *testing.T) {
	f := newForge(t, Config{})
	d := newDepot(t, false, says("PK"))
	f.leads(d.URL + signed)
	if data, _, err := f.download(t, checks.Artifact{}); err != nil || string(data) != "PK" {
		t.Errorf("%q, %v", data, err)
	}
	if len(d.asked()) != 1 || d.asked()[0].Header.Get("Authorization") != "" {
		t.Errorf("%d requests, or with the token", len(d.asked()))
	}
	secure := newDepot(t, true, says("PK"))
	f.leads(secure.URL + signed) // the operator's host, but another scheme than the operator's
	if _, text, err := f.download(t, checks.Artifact{}); err == nil || !strings.Contains(text, "not public") || len(secure.asked()) > 0 {
		t.Error(err)
	}
}

func TestNoAddressInAPrivateNetworkIsReached(t *testing.T) {
	f := newForge(t, Config{})
	secure, plain := newDepot(t, true, says("PK")), newDepot(t, false, says("PK"))
	_, port, _ := net.SplitHostPort(secure.Listener.Addr().String())
	for where, want := range map[string]string{
		"https://localhost:" + port:          "not public", // a name, which is resolved first
		"https://[::1]:" + port:              "not public",
		"https://[::ffff:127.0.0.1]:" + port: "not public",
		"https://[64:ff9b::7f00:1]:" + port:  "not public",
		"https://0.0.0.0:" + port:            "not public",
		"https://169.254.169.254":            "not public",
		"http://localhost:" + port:           "not https",
		"http://example.com":                 "not https",
		"ftp://example.com":                  "not https",
		"https://user:pass@example.com":      "none",
		"//example.com":                      "not https",
		"":                                   "none",
		"https://exa mple.com":               "none",
		"https://[::1":                       "none",
		"https://no-such-host.invalid":       "the name is not known",
		"https://example.com/%zz":            "none",
	} {
		f.leads(where + signed)
		_, text, err := f.download(t, checks.Artifact{})
		if e, ok := errors.AsType[*Error](err); !ok || e.Gone() || !strings.Contains(text, want) || strings.Contains(text, "pass") {
			t.Errorf("%s: %v, want %s", where, err, want)
		}
	}
	if len(secure.asked())+len(plain.asked()) > 0 {
		t.Error("a private host was asked")
	}
}

func TestWhatStandsForAPrivateAddressIsPrivate(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "140.82.121.4": true, "2606:50c0:8000::153": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true, "100.128.0.1": true, "172.32.0.1": true,
		"0.0.0.0": false, "0.1.2.3": false, "10.1.2.3": false, "100.64.0.1": false, "100.127.255.255": false, "127.0.0.1": false, "127.9.9.9": false,
		"169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "192.0.0.8": false, "198.18.0.1": false,
		"224.0.0.1": false, "239.1.1.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::": false, "::1": false, "::127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:0:10.0.0.1": false, "fe80::1": false, "fe80::1%eth0": false,
		"fc00::1": false, "fd00:ec2::254": false, "ff02::1": false, "2001:db8::1": false, "2001:0:a00:1::": false,
		"2002:a00:1::": false, "2002:7f00:1::": false, "2002:808:808::": false, "64:ff9b::a00:1": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::a00:1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public %v, want %v", text, got, want)
		}
		err := refusePrivate("tcp", net.JoinHostPort(text, "443"), nil)
		if (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
	if public(netip.Addr{}) || refusePrivate("tcp", "example.com:443", nil) == nil {
		t.Error("what is no address is taken for a public one")
	}
}

func TestAProxyOfTheEnvironmentIsNotAskedForArchives(t *testing.T) {
	if tr := awayTransport(); tr.Proxy != nil {
		t.Error("a proxy would look up the host, behind the rule on addresses")
	}
}

func TestADownloadThatFailsIsTriedAgainAndSaysNothingOfItsAddress(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("PK"))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a broken connection":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "connection broke"},
		"cut":                      {cut, "connection broke"},
		"cut, of unknown length":   {func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); panic(http.ErrAbortHandler) }, "connection broke"},
		"of no length":             {raw("HTTP/1.0 200 OK\r\n\r\nPK"), "where it ends"},
		"not HTTP, but an echo":    {echoRaw, "connection broke"},
		"500":                      {status(500), "storage refused (status 500)"},
		"the signature is too old": {status(403), "storage refused (status 403)"},
		"a part":                   {status(206), "storage refused (status 206)"},
		"redirected once more":     {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again"+signed, http.StatusFound) }, "redirected once more"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			d := newDepot(t, false, c.answer)
			f.leads(d.URL + signed)
			_, text, err := f.download(t, checks.Artifact{})
			if e, ok := errors.AsType[*Error](err); !ok || e.Gone() || e.Limited || e.Op != "download" || !strings.Contains(text, c.want) || !strings.Contains(text, d.URL) {
				t.Errorf("%v", err)
			}
			if len(d.asked()) != 1 {
				t.Errorf("asked %d times", len(d.asked()))
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		f := newForge(t, Config{})
		d := newDepot(t, false, status(200))
		d.Close()
		f.leads(d.URL + signed)
		if _, text, _ := f.download(t, checks.Artifact{}); !strings.Contains(text, "no connection") {
			t.Error(text)
		}
	})
	t.Run("an unknown certificate", func(t *testing.T) {
		f := newForge(t, Config{})
		d := newDepot(t, true, says("PK"))
		f.elsewhere(d)
		f.leads("https://other.test" + signed)
		if _, text, err := f.download(t, checks.Artifact{}); err == nil || len(d.asked()) > 0 {
			t.Error(text)
		}
	})
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte("refused " + r.URL.String()))
	}
}

// raw answers with bytes and closes the connection.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = conn.Write([]byte(text))
		_ = conn.Close()
	}
}

func echoRaw(w http.ResponseWriter, r *http.Request) {
	raw("no HTTP: "+r.URL.String()+"\r\n\r\n")(w, r)
}

func TestAWaitThatIsGivenUpIsSaidToBeThat(t *testing.T) {
	f := newForge(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	d := newDepot(t, false, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	f.leads(d.URL + signed)
	_, err := f.hub.Download(ctx, subject, checks.Artifact{ID: 80})
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "PRIVATE") {
		t.Error(err)
	}
}

func TestAnArchiveThatCannotBeUsedIsAFaultAndNotAskedForAgain(t *testing.T) {
	big := func(chunked bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if !chunked {
				w.Header().Set("Content-Length", "52428801")
			}
			zeros := make([]byte, 1<<20)
			for range 52 {
				if _, err := w.Write(zeros); err != nil {
					return
				}
			}
		}
	}
	for name, c := range map[string]struct {
		a      checks.Artifact
		answer http.HandlerFunc
		want   string
	}{
		"expired":                 {checks.Artifact{Expired: true}, says("PK"), "deleted it"},
		"gone from storage":       {checks.Artifact{}, status(404), "storage any more"},
		"long gone from storage":  {checks.Artifact{}, status(410), "storage any more"},
		"larger than 50 MiB":      {checks.Artifact{}, big(false), "larger than 50 MiB"},
		"endless":                 {checks.Artifact{}, big(true), "larger than 50 MiB"},
		"not what it was":         {checks.Artifact{Digest: "sha256:" + strings.Repeat("0", 64)}, says("PK"), "digest"},
		"a digest of another way": {checks.Artifact{Digest: "md5:0"}, says("PK"), "digest"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t, Config{})
			d := newDepot(t, false, c.answer)
			f.leads(d.URL + signed)
			data, text, err := f.download(t, c.a)
			if !isFault(err) || !strings.Contains(text, c.want) || data != nil {
				t.Errorf("%d bytes, %v", len(data), err)
			}
		})
	}
}

func TestAnArchiveOfExactlyTheLimitIsRead(t *testing.T) {
	f := newForge(t, Config{})
	body := strings.Repeat("x", archiveLimit)
	for _, chunked := range []bool{false, true} {
		d := newDepot(t, false, func(w http.ResponseWriter, _ *http.Request) {
			if chunked {
				w.(http.Flusher).Flush()
			}
			_, _ = w.Write([]byte(body))
		})
		f.leads(d.URL + signed)
		if data, _, err := f.download(t, checks.Artifact{}); err != nil || len(data) != archiveLimit {
			t.Errorf("%d bytes, %v", len(data), err)
		}
	}
}

func TestARenamedRepositorysArtifactIsFoundAndNoOtherRedirectTakesTheToken(t *testing.T) {
	f := newForge(t, Config{})
	d := newDepot(t, false, says("PK"))
	to := f.url + "/api/v3/repositories/99/actions/artifacts/80/zip"
	f.rest[zipPath] = func(*http.Request) any { return reply{status: 301, header: map[string]string{"Location": to}} }
	f.rest["/repositories/99/actions/artifacts/80/zip"] = func(*http.Request) any {
		return reply{status: 302, header: map[string]string{"Location": d.URL + signed}}
	}
	if data, _, err := f.download(t, checks.Artifact{}); err != nil || string(data) != "PK" {
		t.Errorf("%q, %v", data, err)
	}
	for _, to = range []string{d.URL + signed, f.url + "/api/v3" + zipPath, "https://[::1" + signed, ""} {
		if _, _, err := f.download(t, checks.Artifact{}); err == nil || isFault(err) {
			t.Errorf("redirected to %s: %v", to, err)
		}
	}
	for _, r := range d.asked() {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token went to the storage")
		}
	}
	if len(d.asked()) != 1 {
		t.Errorf("the storage was asked %d times", len(d.asked()))
	}
}
