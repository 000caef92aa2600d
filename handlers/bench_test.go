package handlers

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// BenchmarkIntake delivers bodies of 25 kB, 64 at a time, over real HTTP into a
// real database with synchronous=FULL: goal is 1,000 a second on two cores,
// client included, none lost.
func BenchmarkIntake(b *testing.B) {
	in := newIntake(b)
	var bodies []string
	recorded := synchronize(b)
	for i := range 100 {
		bodies = append(bodies, large(recorded, i))
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var next, wrong atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	before := spent()
	for range 64 {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				body := []byte(bodies[i%int64(len(bodies))])
				resp, err := client.Do(delivery(b.Context(), in.url, "pull_request", fmt.Sprint("guid-", i), body))
				if err != nil {
					wrong.Add(1)
					continue
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					wrong.Add(1)
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
	// On a machine that has other things to do this says more.
	b.ReportMetric(float64((spent()-before).Microseconds())/float64(b.N), "cpu-µs/delivery")
	if got := in.tables()["deliveries"]; wrong.Load() > 0 || !strings.HasPrefix(got, fmt.Sprintf("%d rows", b.N)) {
		b.Errorf("of %d deliveries %d were not taken, and there are %s", b.N, wrong.Load(), got)
	}
}

// spent is the processor time of this process so far.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// synchronize is a recorded pull_request body.
func synchronize(b *testing.B) string {
	b.Helper()
	for _, e := range examples(b) {
		if text := string(e.Body); e.Event == "pull_request" && strings.Contains(text, `"synchronize"`) {
			return text
		}
	}
	b.Fatal("no recorded synchronize")
	return ""
}

// large is a body of a pull request of its own, filled up to 25 kB.
func large(text string, i int) string {
	var p struct {
		Number int    `json:"number"`
		After  string `json:"after"`
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		panic(err) // GitHub's own
	}
	for _, space := range []string{"", " "} {
		text = strings.ReplaceAll(text, fmt.Sprintf(`"number":%s%d,`, space, p.Number), fmt.Sprintf(`"number":%d,`, i+1))
	}
	// A head of its own, or each would touch all the others.
	text = strings.ReplaceAll(text, p.After, fmt.Sprintf("%040x", i+1))
	fill := max(0, 25_000-len(text))
	return strings.Replace(text, "{", `{"fill":"`+strings.Repeat("lorem ipsum ", fill/12)+`",`, 1)
}
