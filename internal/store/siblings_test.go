package store

import "testing"

func TestAPullRequestThatLeavesACommitMakesTheOthersOnItDue(t *testing.T) {
	for name, c := range map[string]struct {
		fact Fact
		due  int
	}{
		"closed":        {PullChanged{Number: 1}, 1},
		"pushed":        {HeadMoved{Number: 1, SHA: "bbbbbbb", At: at(9)}, 1},
		"only retitled": {PullChanged{Number: 1, Open: true, Title: "other"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			for n := 1; n <= 2; n++ {
				w.deliver(at(1), nil, PullChanged{Number: n, Open: true}, HeadMoved{Number: n, SHA: "aaaaaaa", At: at(1), Opened: true})
			}
			w.deliver(at(10), nil, c.fact)
			q, err := w.Queue(w.ctx, at(20))
			w.ok(err)
			if q.Depth != c.due {
				t.Errorf("%d due, want %d", q.Depth, c.due)
			}
		})
	}
}

func TestWhatIsPostponedIsNeitherAFailureNorForgotten(t *testing.T) {
	w := open(t)
	w.deliver(at(1), []Touch{{Number: 1}})
	job := w.claim(at(2))
	w.ok(w.Postpone(w.ctx, job, at(30), at(3)))
	w.idle(at(29))
	if again := w.claim(at(30)); again.Tries != 0 || len(again.Causes) != 1 {
		t.Errorf("postponed job comes back as %+v", again)
	}
}
