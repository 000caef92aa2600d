package checks

import "time"

// MissedDelivery is a webhook delivery that GitHub could not make.
type MissedDelivery struct {
	ID     int64  `json:"-"`    // GitHub's, of the newest attempt: what is asked for again
	GUID   string `json:"guid"` // the same in every attempt
	Event  string `json:"event"`
	Action string `json:"action,omitzero"`
	// At is when the newest attempt failed, by GitHub's clock, and Again that it was one
	// that somebody had asked for.
	At    time.Time `json:"failed_at"`
	Again bool      `json:"-"`
}

// DeliveryLook is what a part of GitHub's list of webhook deliveries holds.
type DeliveryLook struct {
	Missed []MissedDelivery // newest first, each GUID once
	// Newest is when the newest attempt of the part was made, by GitHub's clock; zero
	// when there is none.
	Newest time.Time
	// Next is where the list goes on; "" when there is no more to look at.
	Next string
}
