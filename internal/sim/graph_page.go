package sim

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// connection is a list to be paged; edge adds to an edge what is not its node.
type connection struct {
	kind  string // such as "Label", of LabelConnection
	item  string // of its edges, where not kind: "Commit" of a CommitHistoryConnection
	items []any
	total int // when larger than len(items): what GitHub cut
	edge  func(item any) m
}

// connect pages a list by first/after or last/before, at most 100 as GitHub.
func (x *execution) connect(c connection, a args, f *ast.Field, path []any) any {
	first, last := a.int("first"), a.int("last")
	if first <= 0 && last <= 0 {
		x.fail(path, graphError{"MISSING_PAGINATION_BOUNDARIES", fmt.Sprintf("You must provide a `first` or `last` value to properly paginate the `%s` connection.", f.Name)})
		return nil
	}
	if max(first, last) > 100 {
		x.fail(path, graphError{"EXCESSIVE_PAGINATION", fmt.Sprintf("Requesting %d records on the `%s` connection exceeds the `first` limit of 100 records.", max(first, last), f.Name)})
		return nil
	}
	from, to := 0, len(c.items)
	if s := a.text("after"); s != "" {
		from = min(max(0, cursorAt(s)+1), to)
	}
	if s := a.text("before"); s != "" {
		to = max(from, min(to, cursorAt(s)))
	}
	if first > 0 {
		to = min(to, from+first)
	} else {
		from = max(from, to-last)
	}
	info := object{"PageInfo", m{"hasNextPage": to < len(c.items), "hasPreviousPage": from > 0, "startCursor": nil, "endCursor": nil}}
	if from < to {
		info.m["startCursor"], info.m["endCursor"] = cursor(from), cursor(to-1)
	}
	nodes, edges := []any{}, []any{}
	for i := from; i < to; i++ {
		e := m{"cursor": cursor(i), "node": c.items[i]}
		if c.edge != nil {
			for k, v := range c.edge(c.items[i]) {
				e[k] = v
			}
		}
		nodes, edges = append(nodes, c.items[i]), append(edges, object{cmp.Or(c.item, c.kind) + "Edge", e})
	}
	whole := object{c.kind + "Connection", m{"totalCount": max(c.total, len(c.items)), "pageInfo": info, "nodes": nodes, "edges": edges}}
	out := m{}
	for _, s := range x.flat(whole.kind, f.SelectionSet) {
		if s.Name == "__typename" {
			out[s.Alias] = whole.kind
			continue
		}
		p := append(slices.Clone(path), s.Alias)
		if x.fault(s.Name, s.Alias) != nil {
			x.fail(p, githubSays("Something went wrong while executing your query."))
			out[s.Alias] = nil
			continue
		}
		v, ok := whole.m[s.Name]
		if !ok {
			x.unsupported(s.Name, whole.kind)
			continue
		}
		out[s.Alias] = x.complete(v, nil, s, p)
	}
	return out
}

func cursor(i int) string {
	return base64.StdEncoding.EncodeToString([]byte("cursor:" + strconv.Itoa(i)))
}

func cursorAt(s string) int {
	raw, err := base64.StdEncoding.DecodeString(s)
	n, err2 := strconv.Atoi(strings.TrimPrefix(string(raw), "cursor:"))
	if err != nil || err2 != nil {
		return -1
	}
	return n
}

// items makes a connection's list of anything.
func items[T any](all []T) []any {
	out := make([]any, len(all))
	for i, v := range all {
		out[i] = v
	}
	return out
}
