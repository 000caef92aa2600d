package hub

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// storage is where archives are fetched from: hosts that GitHub names, without
// any token, and never one in a private network that the operator did not name.
type storage struct {
	named map[string]string // scheme by host name: the operator's own GitHub
	near  http.RoundTripper // to those
	away  http.RoundTripper // to all others
}

func newStorage(cfg Config) storage {
	s := storage{named: map[string]string{}, near: cfg.Transport, away: awayTransport()}
	for _, text := range []string{cfg.WebURL, cfg.V3URL} {
		if u, err := url.Parse(text); err == nil {
			s.named[strings.ToLower(u.Hostname())] = u.Scheme
		}
	}
	return s
}

// awayTransport reaches public addresses only. It uses no proxy, also when the
// environment names one: a proxy would look up the host itself, behind the rule.
func awayTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: refusePrivate}
	return &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second, IdleConnTimeout: time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

var errPrivate = errors.New("the address is not public")

// refusePrivate is asked with the address that a name was resolved to, before
// the connection is made.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !public(at.Addr()) {
		return errPrivate
	}
	return nil
}

// notPublic are the parts of the internet's address space that are not globally
// reachable (IANA, "IPv4 and IPv6 Special-Purpose Address Registry"), or that
// reach others by a detour: 6to4 and Teredo.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

var (
	global = netip.MustParsePrefix("2000::/3")
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// public says whether an address is one of the public internet, by itself or as
// the IPv4 address that it stands for.
func public(a netip.Addr) bool {
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" || a.Is6() && !global.Contains(a) {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// choose is the transport for an address, and its host for an error's text.
func (s storage) choose(where string) (req *http.Request, by http.RoundTripper, host string, err error) {
	u, err := url.Parse(where)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, nil, "", &Error{Op: opDownload, What: "GitHub said that the archive is at an address that is none"}
	}
	host = harmless(u.Scheme + "://" + u.Host)
	req = &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{
		"User-Agent": {userAgent}, "Accept-Encoding": {"identity"}, // or else a transport would unpack, and lose count of the archive
	}}
	switch scheme, named := s.named[strings.ToLower(u.Hostname())]; {
	case named && scheme == u.Scheme:
		return req, s.near, host, nil
	case u.Scheme == "https":
		return req, s.away, host, nil
	}
	return nil, nil, "", &Error{Op: opDownload, What: "GitHub said that the archive is at " + host + ", which is not https"}
}

// fetch reads an archive from a signed address, of which no more than scheme
// and host appears in an error. It follows no redirect. What is larger than
// allowed is errTooLarge.
func (h *Hub) fetch(ctx context.Context, c *client, where string) ([]byte, error) {
	req, by, host, err := h.storage.choose(where)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	call := Call{Installation: c.id, Operation: Operation{Plain, opDownload}, Failed: true}
	defer func() {
		call.Duration = time.Since(start)
		h.tell(ctx, call)
	}()
	resp, err := by.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, storageFailure(ctx, host, err)
	}
	defer func() { _ = resp.Body.Close() }()
	call.Status = resp.StatusCode
	if resp.StatusCode != http.StatusOK {
		return nil, storageRefusal(host, resp)
	}
	data, err := readArchive(resp)
	if err != nil {
		return nil, storageFailure(ctx, host, err)
	}
	call.Failed = false
	return data, nil
}

// readArchive reads an answer whole, counting.
func readArchive(resp *http.Response) ([]byte, error) {
	switch n := resp.ContentLength; {
	case n > archiveLimit:
		return nil, errTooLarge
	case n >= 0:
		data := make([]byte, n)
		_, err := io.ReadFull(resp.Body, data)
		return data, err
	case resp.ProtoMajor < 2 && len(resp.TransferEncoding) == 0:
		return nil, errEndless
	}
	return io.ReadAll(&bounded{ReadCloser: resp.Body, left: archiveLimit})
}

// errEndless is an answer that ends where the connection does: one that was cut
// could not be told from it.
var errEndless = errors.New("the answer does not say where it ends")

// storageFailure is an error of the network's in words of ours: its own quote
// what the other side sent, and addresses.
func storageFailure(ctx context.Context, host string, err error) error {
	e := &Error{Op: opDownload, What: host + ": the connection broke"}
	_, lookup := errors.AsType[*net.DNSError](err)
	op, dial := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, errTooLarge):
		return err
	case ctx.Err() != nil:
		e.What, e.cause = host+": no answer in time", ctx.Err()
	case errors.Is(err, errPrivate):
		e.What = host + ": " + errPrivate.Error()
	case errors.Is(err, errEndless):
		e.What = host + ": " + errEndless.Error()
	case lookup:
		e.What = host + ": the name is not known"
	case dial && op.Op == "dial":
		e.What = host + ": no connection"
	}
	return e
}

// storageRefusal is an answer that is no archive. Storage that does not have it
// says so with a status; all others may be over when it is asked for anew.
func storageRefusal(host string, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusNotFound, http.StatusGone:
		return &Fault{"its content is not in GitHub's storage any more"}
	}
	e := &Error{Op: opDownload, Status: resp.StatusCode, What: host + ": the storage refused"}
	if resp.StatusCode/100 == 3 {
		e.What = host + ": redirected once more"
	}
	e.retryAt = asked(resp.Header)
	return e
}
