package sim

import (
	"net/http"
	"strconv"
	"time"
)

// serveBeside answers what is no part of the API: it takes no token of the
// App's, costs no budget, and fails and is logged as the API does, under the
// route's name. answer is called under the lock.
func (gh *GitHub) serveBeside(w http.ResponseWriter, r *http.Request, route string, answer func(*http.Request) answer) {
	c := &call{gh: gh, r: r, unknown: true, req: Request{At: time.Now(), Method: r.Method, Path: r.URL.Path, Route: route}}
	c.fault = gh.choose(&c.req)
	if c.fault != nil && c.fault.kind != failPartial && c.fault.kind != failShort {
		gh.failBeside(w, r, c)
		return
	}
	gh.mu.Lock()
	c.res = answer(r)
	c.req.Status = c.res.status
	gh.record(c.req)
	gh.mu.Unlock()
	for k, v := range c.res.header {
		w.Header()[k] = v
	}
	body, _ := c.res.body.([]byte)
	if c.fault != nil && c.fault.kind == failShort {
		writeShort(w, c.res.status, body)
	}
	w.Header().Set("Content-Length", itoa(len(body)))
	w.WriteHeader(c.res.status)
	_, _ = w.Write(body)
}

// writeShort sends half of an answer and cuts the connection.
func writeShort(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Length", itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler) // net/http's way to cut the connection
}

// failBeside answers as the call's failure says: there is no effect that it
// could come after.
func (gh *GitHub) failBeside(w http.ResponseWriter, r *http.Request, c *call) {
	f := c.fault
	switch f.kind {
	case failStatus:
		c.req.Status = f.status
	case failSecondary, failExhausted:
		c.req.Status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(f.wait.Seconds()))))
	}
	gh.mu.Lock()
	gh.record(c.req)
	gh.mu.Unlock()
	if c.req.Status == 0 {
		gh.breakOff(r, f)
	}
	w.WriteHeader(c.req.Status)
}
