package handlers

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// stalled is a large delivery that does not come to its end; its signature, like
// any stranger's, is worth nothing.
func (in *intake) stalled(ctx context.Context, done *sync.WaitGroup) {
	in.t.Helper()
	body, end := io.Pipe()
	context.AfterFunc(ctx, func() { end.CloseWithError(ctx.Err()) })
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, in.url, body)
	if err != nil {
		in.t.Fatal(err)
	}
	for k, v := range map[string]string{"Content-Type": "application/json", "X-GitHub-Event": "push", "X-GitHub-Delivery": "x", "X-Hub-Signature-256": sign("wrong", nil)} {
		r.Header.Set(k, v)
	}
	done.Go(func() {
		if resp, err := http.DefaultClient.Do(r); err == nil {
			resp.Body.Close()
		}
	})
	if _, err := end.Write(bytes.Repeat([]byte(" "), 4*smallBody)); err != nil {
		in.t.Fatal(err)
	}
}

// Strangers that send much without a signature must neither fill the memory nor
// keep GitHub's ordinary deliveries out.
func TestLargeBodiesOfStrangersAreFewAtOnce(t *testing.T) {
	in := newIntake(t)
	h := in.handler.(*hook)
	h.large.wait = 200 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	var strangers sync.WaitGroup
	for range largeBodies {
		in.stalled(ctx, &strangers)
	}
	for len(h.large.places) < largeBodies {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
	small := `{"action":"opened"}`
	in.deliver("pull_request", "small", small)
	large := `{"action":"opened"` + strings.Repeat(" ", 2*smallBody) + `}`
	if status, say := in.large(large); status != http.StatusServiceUnavailable || !strings.Contains(say, "redeliver") {
		t.Errorf("a large delivery beside %d others is answered %d %q", largeBodies, status, say)
	}
	if c := in.counted(); c[OutcomeBusy] != 1 || c[OutcomeKept] != 1 {
		t.Errorf("counted %v", c)
	}
	stop()
	strangers.Wait()
	for tries := 1; ; tries++ { // the server notices a little later that they have gone
		if status, say := in.large(large); status/100 == 2 {
			break
		} else if tries == 50 {
			t.Fatalf("a large delivery is answered %d %q when all others have gone", status, say)
		}
	}
}

func (in *intake) large(body string) (int, string) {
	in.t.Helper()
	return in.send(delivery(in.t.Context(), in.url, "pull_request", "large", []byte(body)))
}
