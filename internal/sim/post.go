package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Mishaps are what may go wrong on the way to the hook: probabilities between 0
// and 1, drawn from the stand-in's seed. A lost delivery is recorded as failed,
// so that it can be asked for again.
type Mishaps struct {
	Lose, Double, Reorder, Delay float64
	MaxDelay                     time.Duration // of Delay; default 50 ms
}

// postOffice carries deliveries. It has its own lock, taken after GitHub's.
type postOffice struct {
	gh     *GitHub
	client *http.Client
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	queue   []*delivery
	busy    int // under way or delayed
	workers int
	held    bool
	mishaps Mishaps
	sent    []*delivery
	idle    chan struct{} // closed when nothing is queued or under way
}

// keptDeliveries bounds what /app/hook/deliveries can list.
const keptDeliveries = 10000

func newPostOffice(gh *GitHub) *postOffice {
	ctx, cancel := context.WithCancel(context.Background())
	idle := make(chan struct{})
	close(idle)
	return &postOffice{gh: gh, ctx: ctx, cancel: cancel, idle: idle,
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
}

// SetMishaps says what goes wrong with deliveries from now on.
func (gh *GitHub) SetMishaps(mi Mishaps) {
	gh.post.mu.Lock()
	defer gh.post.mu.Unlock()
	gh.post.mishaps = mi
}

// HoldDeliveries keeps deliveries back until it is called with false.
func (gh *GitHub) HoldDeliveries(hold bool) {
	gh.post.mu.Lock()
	defer gh.post.mu.Unlock()
	gh.post.held = hold
	gh.post.work()
}

// DropDeliveries forgets the deliveries held back; the list of deliveries has
// them as failed.
func (gh *GitHub) DropDeliveries() {
	o, now := gh.post, gh.clock()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.queue {
		lost := *d
		lost.at = now
		o.keep(&lost)
	}
	o.queue = nil
	o.settle()
}

// Settle waits until every delivery was answered or given up.
func (gh *GitHub) Settle(ctx context.Context) error {
	gh.post.mu.Lock()
	idle := gh.post.idle
	gh.post.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for deliveries: %w", ctx.Err())
	}
}

// send is called with GitHub's lock held.
func (o *postOffice) send(d *delivery) {
	roll := [4]float64{o.gh.rand.Float64(), o.gh.rand.Float64(), o.gh.rand.Float64(), o.gh.rand.Float64()}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ctx.Err() != nil {
		return
	}
	if roll[0] < o.mishaps.Lose && !d.again {
		d.at = time.Now().Add(o.gh.skew)
		o.keep(d)
		return
	}
	if o.busy == 0 && len(o.queue) == 0 {
		o.idle = make(chan struct{})
	}
	if roll[3] < o.mishaps.Delay {
		wait := o.mishaps.MaxDelay
		if wait == 0 {
			wait = 50 * time.Millisecond
		}
		o.busy++
		time.AfterFunc(time.Duration(roll[1]*float64(wait)), func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.busy--
			o.queue = append(o.queue, d)
			o.work()
		})
		return
	}
	o.queue = append(o.queue, d)
	if roll[1] < o.mishaps.Double {
		o.queue = append(o.queue, d)
	}
	if n := len(o.queue); roll[2] < o.mishaps.Reorder && n > 1 {
		i := int(roll[0] * float64(n))
		o.queue[i], o.queue[n-1] = o.queue[n-1], o.queue[i]
	}
	o.work()
}

// work starts workers; the post's lock is held.
func (o *postOffice) work() {
	for !o.held && o.workers < o.gh.opt.Workers && o.workers < len(o.queue) && o.ctx.Err() == nil {
		o.workers++
		o.wg.Add(1)
		go o.carry()
	}
}

func (o *postOffice) carry() {
	defer o.wg.Done()
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.queue) > 0 && !o.held && o.ctx.Err() == nil {
		d := o.queue[0]
		o.queue = o.queue[1:]
		o.busy++
		o.mu.Unlock()
		done := o.carryOne(d)
		o.mu.Lock()
		o.busy--
		o.keep(&done)
	}
	o.workers--
	o.settle()
}

// settle wakes those who wait for rest; the post's lock is held.
func (o *postOffice) settle() {
	if o.busy == 0 && len(o.queue) == 0 {
		select {
		case <-o.idle:
		default:
			close(o.idle)
		}
	}
}

func (o *postOffice) keep(d *delivery) {
	if o.sent = append(o.sent, d); len(o.sent) > keptDeliveries {
		o.sent = o.sent[len(o.sent)-keptDeliveries:]
	}
}

// carryOne posts one delivery and returns it with its outcome.
func (o *postOffice) carryOne(d *delivery) delivery {
	done, start := *d, time.Now()
	done.at = o.gh.clock()
	req, err := http.NewRequestWithContext(o.ctx, http.MethodPost, d.url, bytes.NewReader(d.payload))
	if err != nil {
		done.answer = err.Error()
		return done
	}
	req.Header = d.headers()
	res, err := o.client.Do(req)
	done.duration = time.Since(start)
	if err != nil {
		done.answer = err.Error()
		return done
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		done.answer = err.Error()
	}
	done.status, done.answer = res.StatusCode, string(body)
	o.gh.tell(Exchange{Hook: true, Event: d.event, Action: d.action, GUID: d.guid, RequestBody: d.payload, Status: res.StatusCode, Answer: body})
	return done
}

func (o *postOffice) close() {
	o.cancel()
	o.wg.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue = nil
	o.settle()
	o.client.CloseIdleConnections()
}
