package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/handrail-bot/handrail/checks"
)

const (
	opDeliveries = "deliveries"
	opRedeliver  = "redeliver"
	// deliveryName is how long an event's name, its action or a GUID may be; GitHub's
	// are under 40.
	deliveryName = 100
)

// MissedDeliveries looks through GitHub's list of webhook deliveries ("List deliveries
// for an app webhook", REST docs), which begins with the newest, for those after a
// moment of GitHub's clock that it could not make: whose attempts were answered with
// another status than 2xx, or not at all. The first part of the list is that of cursor
// "", each other that of the Next before. A part is at most so many pages of a hundred
// attempts, one request each. Where GitHub keeps no such list, as old Enterprise Servers
// do not, the error is a [Fault].
func (h *Hub) MissedDeliveries(ctx context.Context, since time.Time, cursor string, pages int) (checks.DeliveryLook, error) {
	look := checks.DeliveryLook{Next: cursor}
	made := map[string]bool{} // of each GUID, whether an attempt was answered 2xx
	for range pages {
		list, next, err := h.deliveries(ctx, look.Next)
		if err != nil {
			return checks.DeliveryLook{}, faultIfMissing(opDeliveries, err, "GitHub keeps no list of webhook deliveries")
		}
		look.Next = next
		for _, d := range list {
			m := missed(d)
			if !m.At.After(since) {
				look.Next = ""
				continue
			}
			if m.At.After(look.Newest) {
				look.Newest = m.At
			}
			if _, newer := made[m.GUID]; !newer && sound(m) {
				look.Missed = append(look.Missed, m)
			}
			made[m.GUID] = made[m.GUID] || d.GetStatus() == "OK"
		}
		if look.Next == "" {
			break
		}
	}
	look.Missed = slices.DeleteFunc(look.Missed, func(m checks.MissedDelivery) bool { return made[m.GUID] })
	return look, nil
}

// deliveries is one page of the list.
func (h *Hub) deliveries(ctx context.Context, cursor string) (list []*github.HookDelivery, next string, err error) {
	err = h.rest(ctx, h.app, opDeliveries, func(ctx context.Context, ses *session) error {
		page, resp, err := ses.rest.Apps.ListHookDeliveries(ctx, &github.ListCursorOptions{Cursor: cursor, PerPage: 100})
		if err == nil {
			list, next = page, resp.Cursor
		}
		return err
	})
	return list, next, err
}

// missed is an attempt as it is when it failed.
func missed(d *github.HookDelivery) checks.MissedDelivery {
	return checks.MissedDelivery{
		ID: d.GetID(), GUID: d.GetGUID(), Event: d.GetEvent(), Action: d.GetAction(),
		At: d.GetDeliveredAt().UTC().Truncate(time.Millisecond), Again: d.GetRedelivery(),
	}
}

// sound says whether it can be a delivery of GitHub's, which comes with these names.
func sound(m checks.MissedDelivery) bool {
	return m.ID > 0 && m.GUID != "" && m.Event != "" && max(len(m.GUID), len(m.Event), len(m.Action)) <= deliveryName
}

// Redeliver asks GitHub to make a delivery once more ("Redeliver a delivery for an app
// webhook", REST docs). It then comes as every other does, signed and with the GUID that
// it had. What GitHub delivers no more, since it is older than three days, is a [Fault].
func (h *Hub) Redeliver(ctx context.Context, id int64) error {
	err := h.call(ctx, request{c: h.app, op: Operation{REST, opRedeliver}, points: 5, do: func(ctx context.Context, ses *session) (int, error) {
		req, err := ses.rest.NewRequest(http.MethodPost, fmt.Sprintf("app/hook/deliveries/%d/attempts", id), nil)
		if err != nil {
			return 0, &Error{What: "make request"}
		}
		resp, err := ses.rest.BareDo(ctx, req)
		if _, accepted := errors.AsType[*github.AcceptedError](err); accepted {
			return 0, nil // 202, which is what GitHub answers here
		}
		if err != nil {
			return 0, err
		}
		defer func() { _ = resp.Body.Close() }()
		_, err = io.Copy(io.Discard, resp.Body)
		return 0, err
	}})
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok || e.Limited:
	case e.Status == http.StatusBadRequest, e.Status == http.StatusNotFound, e.Status == http.StatusGone, e.Status == http.StatusUnprocessableEntity:
		return &Fault{"GitHub does not make this delivery any more"}
	}
	return err
}
