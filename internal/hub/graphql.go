package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// failure is one entry of a GraphQL answer's errors.
type failure struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Path    []any  `json:"path"`
}

// at is the path as "repository.pullRequest.reviews.3".
func (f failure) at() string {
	parts := make([]string, len(f.Path))
	for i, p := range f.Path {
		switch p := p.(type) {
		case string:
			parts[i] = p
		case float64:
			parts[i] = strconv.Itoa(int(p))
		}
	}
	return strings.Join(parts, ".")
}

// error is the failure as an Error of an operation.
func (f failure) error(op string) *Error {
	what := harmless(f.Message)
	if f.Type != "" {
		what = harmless(f.Type) + ": " + what
	}
	if at := f.at(); at != "" {
		what += " at " + harmless(at)
	}
	e := &Error{Op: op, Status: http.StatusOK, What: what}
	switch f.at() {
	case "repository", "repository.pullRequest", "node":
		e.gone = f.Type == notFound
	}
	return e
}

// rated is an answer that holds GraphQL's own account of its cost.
type rated interface{ cost() int }

// rate is GraphQL's account of a query; null on a server without limits.
type rate struct {
	RateLimit *struct {
		Cost int `json:"cost"`
	} `json:"rateLimit"`
}

func (r rate) cost() int {
	if r.RateLimit == nil {
		return 0
	}
	return r.RateLimit.Cost
}

// question is one GraphQL request.
type question struct {
	op       string
	text     string
	vars     map[string]any
	mutation bool
}

// ask posts a question and decodes its data into out. The failures it returns
// are GitHub's entries in errors[], which the caller must account for; an error
// is that there is no answer at all, or a limit.
func (h *Hub) ask(ctx context.Context, c *client, q question, out any) (at time.Time, fails []failure, err error) {
	body, err := json.Marshal(map[string]any{"query": q.text, "variables": q.vars})
	if err != nil {
		return at, nil, &Error{Op: q.op, What: "encode variables"}
	}
	points := 1
	if q.mutation {
		points = 5
	}
	r := request{c: c, op: Operation{GraphQL, q.op}, points: points}
	r.do = func(ctx context.Context, s *session) (int, error) {
		var e error
		at, fails, e = h.post(ctx, s, body, out)
		if e != nil {
			return 0, e
		}
		if r, ok := out.(rated); ok {
			return r.cost(), nil
		}
		return 0, nil
	}
	err = h.call(ctx, r)
	return at, fails, err
}

func (h *Hub) post(ctx context.Context, s *session, body []byte, out any) (at time.Time, fails []failure, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.cfg.V4URL, bytes.NewReader(body))
	if err != nil {
		return at, nil, &Error{What: "make request"}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	resp, err := s.http.Do(req)
	if err != nil {
		return at, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return at, nil, fmt.Errorf("answered %d", resp.StatusCode)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return at, nil, err
	}
	answer := struct {
		Data    any       `json:"data"`
		Errors  []failure `json:"errors"`
		Message string    `json:"message"`
	}{Data: out}
	if err := json.Unmarshal(text, &answer); err != nil {
		return at, nil, &Error{What: "the answer is not what the schema says: " + harmless(err.Error())}
	}
	if v, ok := out.(interface{ again() any }); ok && v.again() != nil {
		again := struct {
			Data any `json:"data"`
		}{v.again()}
		if err := json.Unmarshal(text, &again); err != nil {
			return at, nil, &Error{What: "the answer is not what the schema says: " + harmless(err.Error())}
		}
	}
	for _, f := range answer.Errors {
		if e := f.limit(); e != nil {
			return at, nil, e
		}
	}
	if answer.Data == nil && len(answer.Errors) == 0 {
		return at, nil, &Error{What: "the answer holds no data: " + harmless(answer.Message)}
	}
	at, err = http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return at, nil, &Error{What: "the answer does not say its date"}
	}
	h.skew.heard(at, h.now())
	return at.UTC(), answer.Errors, nil
}

// limit is the failure as an Error when it says that a limit is reached, which
// can come with status 200.
func (f failure) limit() *Error {
	text := strings.ToLower(f.Message)
	second := strings.Contains(text, "secondary rate limit")
	if f.Type != "RATE_LIMITED" && f.Type != "RATE_LIMIT" && !second {
		return nil
	}
	return &Error{What: harmless(f.Message), Limited: true, secondary: second}
}

// accept goes through the failures of an answer: those that ok takes are
// answers, the first of the others is the error.
func accept(op string, fails []failure, ok func(path []string, f failure) bool) error {
	for _, f := range fails {
		if !ok(strings.Split(f.at(), "."), f) {
			return f.error(op)
		}
	}
	return nil
}

// connection is a page of a GraphQL list. A null list and a null element are
// told from empty ones: they are failures, never "none".
type connection[T any] struct {
	TotalCount int  `json:"totalCount"`
	PageInfo   page `json:"pageInfo"`
	Nodes      []*T `json:"nodes"`
}

type page struct {
	HasNextPage     bool    `json:"hasNextPage"`
	EndCursor       *string `json:"endCursor"`
	HasPreviousPage bool    `json:"hasPreviousPage"`
	StartCursor     *string `json:"startCursor"`
}

// whole refuses a page that is null or holds a null.
func (c *connection[T]) whole(op, what string) error {
	if c == nil || c.Nodes == nil {
		return &Error{Op: op, Status: http.StatusOK, What: "GitHub gave no list of " + what}
	}
	for _, n := range c.Nodes {
		if n == nil {
			return &Error{Op: op, Status: http.StatusOK, What: "GitHub left something out of the list of " + what}
		}
	}
	return nil
}

// bigint is GraphQL's BigInt: a decimal in a string, or a number.
type bigint int64

// UnmarshalJSON implements json.Unmarshaler.
func (b *bigint) UnmarshalJSON(text []byte) error {
	s := strings.Trim(string(text), `"`)
	if s == "null" {
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return fmt.Errorf("decode BigInt: %.30q is not a whole number", s)
	}
	*b = bigint(n)
	return nil
}
